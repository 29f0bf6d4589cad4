"""The beamforming antenna of ITU-R M.2101-0, Table 4, for one beam, as written there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.radio.antenna_elements import element_gain_dbi
from cellwright.radio.antenna_panels import Element


def m2101_gain_dbi(
    zenith_deg: ArrayLike,
    azimuth_deg: ArrayLike,
    rows: int,
    columns: int,
    row_spacing: float = 0.5,
    column_spacing: float = 0.5,
    scan_azimuth_deg: float = 0.0,
    downtilt_deg: float = 0.0,
    element: Element | None = None,
) -> NDArray[np.float64]:
    """Gain of one beam of an array: element gain plus array gain.

    Parameters
    ----------
    zenith_deg, azimuth_deg : float or array
        Direction [deg]; azimuth from boresight. They broadcast.
    rows, columns : int
        N_V and N_H.
    row_spacing, column_spacing : float
        d_V and d_H over the wavelength.
    scan_azimuth_deg, downtilt_deg : float
        Beam direction phi_scan and theta_etilt [deg], down positive.
    element : Element, optional
        Element pattern; the default is TR 38.901's.

    Returns
    -------
    ndarray
        Composite gain [dBi].

    Notes
    -----
    A_A = A_E + 10 log10 |sum over m, n of w v|^2. The sum is not normalised: an array with less
    than half a wavelength between elements can come out above its directivity;
    :class:`~cellwright.radio.Panel` corrects that.

    References
    ----------
    ITU-R M.2101-0 (2017), clause 5, Tables 3 and 4.

    Examples
    --------
    >>> round(float(m2101_gain_dbi(96.0, 0.0, 8, 8, downtilt_deg=6.0)), 3)
    25.96
    """
    single = element or Element()
    zenith, azimuth = np.asarray(zenith_deg, float), np.asarray(azimuth_deg, float)
    own = element_gain_dbi(
        zenith,
        azimuth,
        single.gain_dbi,
        single.horizontal_beamwidth_deg,
        single.vertical_beamwidth_deg,
        single.front_to_back_db,
        single.side_lobe_db,
    )
    theta, phi = np.radians(zenith), np.radians(azimuth)
    tilt, scan = np.radians(downtilt_deg), np.radians(scan_azimuth_deg)
    up = row_spacing * (np.cos(theta) + np.sin(tilt))
    across = column_spacing * (np.sin(theta) * np.sin(phi) - np.cos(tilt) * np.sin(scan))
    power = _line(up, rows) * _line(across, columns) / (rows * columns)
    return np.asarray(own + 10.0 * np.log10(np.maximum(power, 1e-12)))


def _line(turns: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the squared sum of ``count`` phasors, each ``turns`` further than the one before."""
    phases = np.multiply.outer(turns, 2j * np.pi * np.arange(count))
    return np.asarray(np.abs(np.exp(phases).sum(axis=-1)) ** 2)
