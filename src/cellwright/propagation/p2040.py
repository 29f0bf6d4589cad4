"""Building materials, ITU-R P.2040-3 (2023): permittivity, and what a wall lets through.

The table of materials is ``p2040_materials.csv`` beside this file.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.units import SPEED_OF_LIGHT_M_S

_VACUUM_F_PER_M = 8.8541878128e-12
#: A layer this many nepers thick lets nothing through; beyond it the exponentials overflow.
_OPAQUE_NEPERS = 300.0
POLARISATIONS = ("TE", "TM", "mean")


@dataclass(frozen=True)
class Fit:
    """One row of the table: permittivity a f^b and conductivity c f^d over a frequency range."""

    low_ghz: float
    high_ghz: float
    a: float
    b: float
    c: float
    d: float


@dataclass(frozen=True)
class Layer:
    """One sheet of a wall.

    Attributes
    ----------
    material : str
        A name of the table.
    thickness_m : float
        Thickness [m].
    """

    material: str
    thickness_m: float


@dataclass(frozen=True, eq=False)
class Slab:
    """Amplitudes of a wave at a wall, relative to the one that arrives.

    Attributes
    ----------
    reflection, transmission : ndarray of complex
        Coefficients of the electric field.
    in_range : ndarray of bool
        Whether the fits of all materials were made at this frequency.
    """

    reflection: NDArray[np.complex128]
    transmission: NDArray[np.complex128]
    in_range: NDArray[np.bool_]


@cache
def _table() -> dict[str, tuple[Fit, ...]]:
    file = resources.files("cellwright.propagation").joinpath("p2040_materials.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    fits: dict[str, tuple[Fit, ...]] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        name = row.pop("material")
        fits[name] = (*fits.get(name, ()), Fit(**{key: float(cell) for key, cell in row.items()}))
    return fits


def materials() -> tuple[str, ...]:
    """Return the names of all materials.

    Examples
    --------
    >>> materials()[:3]
    ('vacuum', 'concrete', 'brick')
    """
    return tuple(_table())


def _fits(material: str) -> tuple[Fit, ...]:
    if material not in _table():
        hint = did_you_mean(material, _table())
        raise InputError(f'No building material is named "{material}". {hint}')
    return _table()[material]


def permittivity(
    material: str, frequency_ghz: ArrayLike
) -> tuple[NDArray[np.complex128], NDArray[np.bool_]]:
    """Complex relative permittivity, and whether it was measured at this frequency.

    Parameters
    ----------
    material : str
        A name of :func:`materials`.
    frequency_ghz : array_like of float
        Frequency [GHz].

    Returns
    -------
    permittivity : ndarray of complex
        eta = a f^b - j sigma / (2 pi f eps0), of the row nearest in frequency.
    in_range : ndarray of bool
        False where a fit is continued.

    Raises
    ------
    InputError
        Unknown material, or a frequency of 0 or less.

    References
    ----------
    ITU-R P.2040-3 (2023), Annex 1, 2.1.4, Table 3.

    Examples
    --------
    >>> eta, inside = permittivity("concrete", 3.5)
    >>> complex(eta.round(3)), bool(inside)
    ((5.24-0.632j), True)
    """
    fits = _fits(material)
    check_limits([limit("frequency_ghz", frequency_ghz, 0.001, 450.0, "GHz")], True)
    frequency = np.asarray(frequency_ghz, dtype=np.float64)
    off = np.array([np.maximum(fit.low_ghz / frequency, frequency / fit.high_ghz) for fit in fits])
    nearest = np.argmin(off, axis=0)
    a, b, c, d = (np.array([getattr(fit, key) for fit in fits])[nearest] for key in "abcd")
    lossy = c * frequency**d / (2.0e9 * math.pi * frequency * _VACUUM_F_PER_M)
    return np.asarray(a * frequency**b - 1j * lossy), np.asarray(off.min(axis=0) <= 1.0)


def conductivity_s_per_m(material: str, frequency_ghz: ArrayLike) -> NDArray[np.float64]:
    """Conductivity of a material [S/m]; arguments as in :func:`permittivity`.

    Examples
    --------
    >>> conductivity_s_per_m("concrete", [1.0, 10.0]).round(4)
    array([0.0462, 0.2798])
    """
    eta, _ = permittivity(material, frequency_ghz)
    hertz = 1e9 * np.asarray(frequency_ghz, dtype=np.float64)
    return np.asarray(-eta.imag * 2.0 * math.pi * hertz * _VACUUM_F_PER_M)


def slab(
    layers: Layer | Sequence[Layer],
    frequency_ghz: ArrayLike,
    angle_deg: ArrayLike = 0.0,
    polarisation: str = "TE",
) -> Slab:
    """Reflection and transmission of a plane wave at a wall of one or more sheets in air.

    Parameters
    ----------
    layers : Layer or sequence of Layer
        The sheets in the order the wave meets them.
    frequency_ghz : array_like of float
        Frequency [GHz].
    angle_deg : array_like of float
        Angle of incidence from the normal [deg], 0 to below 90.
    polarisation : {"TE", "TM"}
        Electric field across the plane of incidence, or within it.

    Returns
    -------
    Slab
        Complex coefficients and the mark of range.

    Raises
    ------
    InputError
        No layer, unknown material or polarisation, thickness or angle that means nothing.

    Notes
    -----
    One characteristic matrix per sheet, multiplied; one sheet gives equations (43a) and (43b).

    References
    ----------
    ITU-R P.2040-3 (2023), Annex 1, 2.2.2.

    Examples
    --------
    >>> wall = slab(Layer("glass", 0.008), 28.0, [0.0, 45.0])
    >>> (-20.0 * np.log10(abs(wall.transmission))).round(2)
    array([3.42, 6.11])
    """
    sheets = [layers] if isinstance(layers, Layer) else list(layers)
    _check_wall(sheets, angle_deg, polarisation)
    frequency, angle = np.broadcast_arrays(
        np.asarray(frequency_ghz, dtype=np.float64), np.radians(angle_deg)
    )
    whole = np.broadcast_to(np.eye(2, dtype=np.complex128), (*frequency.shape, 2, 2))
    inside: NDArray[np.bool_] = np.ones(frequency.shape, dtype=np.bool_)
    nepers: NDArray[np.float64] = np.zeros(frequency.shape)
    for sheet in sheets:
        eta, known = permittivity(sheet.material, frequency)
        whole = whole @ _sheet_matrix(eta, sheet.thickness_m, frequency, angle, polarisation)
        size = np.abs(whole).max(axis=(-2, -1))
        whole, nepers = whole / size[..., np.newaxis, np.newaxis], nepers + np.log(size)
        inside = inside & known
    air = np.cos(angle) if polarisation == "TE" else 1.0 / np.cos(angle)
    reflection, transmission = _amplitudes(whole, air, polarisation)
    return Slab(reflection, transmission * np.exp(-nepers), inside)


def _sheet_matrix(
    eta: NDArray[np.complex128],
    thickness_m: float,
    frequency_ghz: NDArray[np.float64],
    angle: NDArray[np.float64],
    polarisation: str,
) -> NDArray[np.complex128]:
    """Return the characteristic matrix of one sheet: fields at its face from those at its back."""
    along = np.sqrt(eta - np.sin(angle) ** 2)
    along = np.where(along.imag > 0.0, -along, along)
    phase = 2.0e9 * math.pi * frequency_ghz / SPEED_OF_LIGHT_M_S * thickness_m * along
    phase = phase.real + 1j * np.maximum(phase.imag, -_OPAQUE_NEPERS)
    admittance = along if polarisation == "TE" else eta / along
    swing = 1j * np.sin(phase)
    rows = [[np.cos(phase), swing / admittance], [swing * admittance, np.cos(phase)]]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def _amplitudes(
    whole: NDArray[np.complex128], air: NDArray[np.float64], polarisation: str
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return reflection and transmission of the electric field for a wall between air and air."""
    electric = whole[..., 0, 0] + whole[..., 0, 1] * air
    magnetic = whole[..., 1, 0] + whole[..., 1, 1] * air
    total = air * electric + magnetic
    reflection = (air * electric - magnetic) / total
    # the Recommendation counts TM reflection by the magnetic field
    return (-reflection if polarisation == "TM" else reflection), 2.0 * air / total


def _check_wall(sheets: list[Layer], angle_deg: ArrayLike, polarisation: str) -> None:
    if not sheets:
        raise InputError("The wall has no layer. Give at least one Layer.")
    if polarisation not in POLARISATIONS[:2]:
        hint = did_you_mean(polarisation, POLARISATIONS[:2])
        raise InputError(f'No polarisation is named "{polarisation}". {hint}')
    limits = [
        limit("thickness_m", [s.thickness_m for s in sheets], 0.0, 10.0, "m", -1e-12, 10.0),
        limit("angle_deg", angle_deg, 0.0, 90.0, "deg", -1e-9, 90.0),
    ]
    check_limits(limits, True)


def wall_loss_db(
    layers: Layer | Sequence[Layer],
    frequency_ghz: ArrayLike,
    angle_deg: ArrayLike = 0.0,
    *,
    polarisation: str = "mean",
    beyond_range: bool = False,
) -> Estimate:
    """Loss of a wave that passes a wall [dB].

    Parameters
    ----------
    layers : Layer or sequence of Layer
        The sheets in the order the wave meets them.
    frequency_ghz : array_like of float
        Frequency [GHz]; the range of the materials.
    angle_deg : array_like of float
        Angle of incidence from the normal [deg], 0 to below 90.
    polarisation : {"mean", "TE", "TM"}
        ``"mean"``: half the power in either.
    beyond_range : bool
        Continue the fits of the materials outside their ranges and mark it.

    Returns
    -------
    Estimate
        Loss [dB]; standing waves within the sheets make it ripple with frequency.

    Raises
    ------
    InputError
        As :func:`slab`, and a frequency outside the materials' ranges unless asked.

    References
    ----------
    ITU-R P.2040-3 (2023), Annex 1, 2.2.2.

    Examples
    --------
    >>> wall_loss_db(Layer("concrete", 0.2), 3.5).loss_db.round(1).tolist()
    19.0
    """
    if polarisation not in POLARISATIONS:
        hint = did_you_mean(polarisation, POLARISATIONS)
        raise InputError(f'No polarisation is named "{polarisation}". {hint}')
    kinds = POLARISATIONS[:2] if polarisation == "mean" else (polarisation,)
    walls = [slab(layers, frequency_ghz, angle_deg, kind) for kind in kinds]
    inside = walls[0].in_range
    if not (inside.all() or beyond_range):
        raise InputError(
            f"frequency_ghz lies outside the fit of a material ({int((~inside).sum())} of "
            f"{inside.size} values). Correct it, or pass beyond_range=True to compute and mark it."
        )
    power = np.mean([np.abs(wall.transmission) ** 2 for wall in walls], axis=0)
    return Estimate(np.asarray(-10.0 * np.log10(np.maximum(power, 1e-300))), inside)
