"""Decibels, watts and the few physical constants every room shares (ITU-R V.574-5, SI 2019)."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

SPEED_OF_LIGHT_M_S = 299_792_458.0
BOLTZMANN_J_K = 1.380_649e-23
STANDARD_TEMPERATURE_K = 290.0
#: A half-wave dipole has this much gain over an isotropic radiator (ITU-R BS.561).
DIPOLE_GAIN_DBI = 2.15


@overload
def db_to_linear(value_db: float) -> float: ...
@overload
def db_to_linear(value_db: ArrayLike) -> NDArray[Any]: ...
def db_to_linear(value_db: Any) -> Any:
    """Turn decibels into a power ratio.

    Parameters
    ----------
    value_db : float or array
        Level [dB].

    Returns
    -------
    float or array
        Power ratio, same shape.

    Examples
    --------
    >>> db_to_linear(20.0)
    100.0
    """
    result = np.power(10.0, np.asarray(value_db) / 10.0)
    return float(result) if np.ndim(value_db) == 0 else result


@overload
def linear_to_db(ratio: float) -> float: ...
@overload
def linear_to_db(ratio: ArrayLike) -> NDArray[Any]: ...
def linear_to_db(ratio: Any) -> Any:
    """Turn a power ratio into decibels; zero gives minus infinity without a warning.

    Parameters
    ----------
    ratio : float or array
        Power ratio, 0 or more.

    Returns
    -------
    float or array
        Level [dB], same shape.

    Examples
    --------
    >>> linear_to_db(100.0)
    20.0
    """
    with np.errstate(divide="ignore"):
        result = 10.0 * np.log10(np.asarray(ratio))
    return float(result) if np.ndim(ratio) == 0 else result


def dbm_to_w(power_dbm: Any) -> Any:
    """Turn dBm into watts (scalar or array).

    Examples
    --------
    >>> dbm_to_w(30.0)
    1.0
    """
    return db_to_linear(power_dbm - 30.0)


def w_to_dbm(power_w: Any) -> Any:
    """Turn watts into dBm (scalar or array).

    Examples
    --------
    >>> w_to_dbm(40.0)  # doctest: +ELLIPSIS
    46.02...
    """
    return linear_to_db(power_w) + 30.0


def dbd_to_dbi(gain_dbd: Any) -> Any:
    """Turn gain over a half-wave dipole [dBd] into gain over an isotropic radiator [dBi]."""
    return gain_dbd + DIPOLE_GAIN_DBI


def thermal_noise_dbm(
    bandwidth_hz: float,
    noise_figure_db: float = 0.0,
    temperature_k: float = STANDARD_TEMPERATURE_K,
) -> float:
    """Thermal noise power kTB behind a receiver's noise figure.

    Parameters
    ----------
    bandwidth_hz : float
        Noise bandwidth [Hz].
    noise_figure_db : float
        Receiver noise figure [dB].
    temperature_k : float
        Temperature [K].

    Returns
    -------
    float
        Noise power [dBm].

    Examples
    --------
    >>> round(thermal_noise_dbm(1.0), 2)
    -173.98
    """
    noise_w = BOLTZMANN_J_K * temperature_k * bandwidth_hz
    return float(w_to_dbm(noise_w)) + noise_figure_db
