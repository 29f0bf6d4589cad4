"""Attenuation by oxygen and water vapour near the ground, ITU-R P.676-13 (2022), line by line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.p676_lines import OXYGEN, WATER


def _oxygen(f: NDArray[np.float64], dry: float, vapour: float, theta: float) -> NDArray[np.float64]:
    """Imaginary refractivity of oxygen and the dry continuum (equations (2) to (9))."""
    line, a1, a2, a3, a5, a6 = OXYGEN.T
    strength = 1e-7 * a1 * dry * theta**3 * np.exp(a2 * (1.0 - theta))
    width = 1e-4 * a3 * (dry * theta**0.8 + 1.1 * vapour * theta)
    width = np.sqrt(width**2 + 2.25e-6)  # Zeeman splitting
    mixing = 1e-4 * (a5 + a6 * theta) * (dry + vapour) * theta**0.8
    below, above = line - f, line + f
    shape = (width - mixing * below) / (below**2 + width**2)
    shape = shape + (width - mixing * above) / (above**2 + width**2)
    debye = 5.6e-4 * (dry + vapour) * theta**0.8
    slow = 6.14e-5 / (debye * (1.0 + (f[..., 0] / debye) ** 2))
    nitrogen = 1.4e-12 * dry * theta**1.5 / (1.0 + 1.9e-5 * f[..., 0] ** 1.5)
    total: NDArray[np.float64] = (strength * f / line * shape).sum(axis=-1)
    continuum: NDArray[np.float64] = f[..., 0] * dry * theta**2 * (slow + nitrogen)
    return total + continuum


def _water(f: NDArray[np.float64], dry: float, vapour: float, theta: float) -> NDArray[np.float64]:
    """Imaginary refractivity of water vapour (equations (2) to (6))."""
    line, b1, b2, b3, b4, b5, b6 = WATER.T
    strength = 0.1 * b1 * vapour * theta**3.5 * np.exp(b2 * (1.0 - theta))
    width = 1e-4 * b3 * (dry * theta**b4 + b5 * vapour * theta**b6)
    doppler = 2.1316e-12 * line**2 / theta
    width = 0.535 * width + np.sqrt(0.217 * width**2 + doppler)
    shape = width / ((line - f) ** 2 + width**2) + width / ((line + f) ** 2 + width**2)
    total: NDArray[np.float64] = (strength * f / line * shape).sum(axis=-1)
    return total


def gas_db_per_km(
    frequency_ghz: ArrayLike,
    *,
    dry_pressure_hpa: float = 1013.25,
    temperature_k: float = 288.15,
    vapour_g_m3: float = 7.5,
    beyond_range: bool = False,
) -> Estimate:
    """Specific attenuation by atmospheric gases [dB/km]; times the length for a path near ground.

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 1 to 1000.
    dry_pressure_hpa : float
        Pressure of the dry air [hPa].
    temperature_k : float
        Temperature [K].
    vapour_g_m3 : float
        Density of water vapour [g/m3].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Attenuation [dB/km].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.676-13 (2022), Annex 1, clause 1, equations (1) to (9).

    Examples
    --------
    >>> gas_db_per_km([12.0, 20.0, 60.0]).loss_db.round(4).tolist()
    [0.0182, 0.1089, 14.7783]
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 1.0, 1000.0, "GHz"),
        limit("dry_pressure_hpa", dry_pressure_hpa, 1.0, 1100.0, "hPa"),
        limit("temperature_k", temperature_k, 180.0, 340.0, "K"),
        limit("vapour_g_m3", vapour_g_m3, 0.0, 50.0, "g/m3", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    frequency = np.asarray(frequency_ghz, dtype=np.float64)
    theta = 300.0 / temperature_k
    vapour_hpa = vapour_g_m3 * temperature_k / 216.7
    spectrum = frequency[..., np.newaxis]
    imaginary = _oxygen(spectrum, dry_pressure_hpa, vapour_hpa, theta)
    imaginary = imaginary + _water(spectrum, dry_pressure_hpa, vapour_hpa, theta)
    return Estimate(np.asarray(0.182 * frequency * imaginary), inside)
