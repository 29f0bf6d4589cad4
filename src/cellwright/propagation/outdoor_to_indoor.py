"""Loss on entering a building or a car, 3GPP TR 38.901 V19.4.0, clause 7.4.3."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean

NONE, LOW, HIGH, LOW_A, HIGH_REL_18, BELOW_6_GHZ, CAR, CAR_METALLIZED = range(8)

#: How a user is covered: name in settings -> number for :func:`entry_loss_kernel`.
#: ``high-rel-18``: the high-loss wall with the coated glass of V14 to V18, 23 + 0.3 f.
#: ``below-6-ghz``: one fixed wall of 20 dB, Table 7.4.3-3.
ENTRY_KINDS: Mapping[str, int] = MappingProxyType(
    {
        "none": NONE,
        "low": LOW,
        "high": HIGH,
        "low-a": LOW_A,
        "high-rel-18": HIGH_REL_18,
        "below-6-ghz": BELOW_6_GHZ,
        "car": CAR,
        "car-metallized": CAR_METALLIZED,
    }
)
#: Shadowing of users indoors by scenario [dB] (TR 38.901 V19.4.0, Table 7.5-6, O2I).
_INDOOR_SHADOWING_DB = {
    "uma": 7.0, "umi": 7.0, "rma": 8.0, "sma": 8.0, "urban": 7.0, "p1812": 7.0,
}  # fmt: skip
_SIGMA_DB = {
    NONE: 0.0,
    LOW: 4.4,
    HIGH: 6.5,
    LOW_A: 4.4,
    HIGH_REL_18: 6.5,
    BELOW_6_GHZ: 0.0,
    CAR: 5.0,
    CAR_METALLIZED: 5.0,
}
#: Table 7.4.3-1: loss [dB] = first + second x frequency [GHz].
MATERIALS_DB: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "standard multi-pane glass": (2.0, 0.2),
        "IRR glass": (25.4, 0.11),
        "IRR glass, V14 to V18": (23.0, 0.3),
        "concrete": (5.0, 4.0),
        "plywood": (1.03, 0.17),
        "wood": (4.85, 0.12),
    }
)
_GLASS = MATERIALS_DB["standard multi-pane glass"]
_COATED = MATERIALS_DB["IRR glass"]
_COATED_REL_18 = MATERIALS_DB["IRR glass, V14 to V18"]
_CONCRETE = MATERIALS_DB["concrete"]
_PLYWOOD = MATERIALS_DB["plywood"]
_INSIDE_DB_PER_M = 0.5
_OBLIQUE_DB = 5.0


@njit(cache=True)
def _wall(
    frequency_ghz: float,
    share: float,
    window: tuple[float, float],
    solid: tuple[float, float],
) -> float:
    """Loss of an outer wall, a share of which is window: equation (7.4-3) [dB]."""
    through = share * 10.0 ** (-(window[0] + window[1] * frequency_ghz) / 10.0)
    through += (1.0 - share) * 10.0 ** (-(solid[0] + solid[1] * frequency_ghz) / 10.0)
    return _OBLIQUE_DB - 10.0 * math.log10(through)


@njit(cache=True)
def entry_loss_kernel(kind: int, frequency_ghz: float, indoor_distance_m: float) -> float:
    """Mean loss on entering [dB]: outer wall and 0.5 dB per metre inside, or a car's body.

    Parameters
    ----------
    kind : int
        A number of ``ENTRY_KINDS``.
    frequency_ghz : float
        Carrier [GHz].
    indoor_distance_m : float
        Depth inside the building, d2D-in [m].

    Returns
    -------
    float
        Loss [dB]; NaN for a number nobody has.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.4.3-2, Table 7.4.3-3, clause 7.4.3.2.
    """
    if kind == NONE:
        return 0.0
    if kind == CAR:
        return 9.0
    if kind == CAR_METALLIZED:
        return 20.0
    inside = _INSIDE_DB_PER_M * indoor_distance_m
    if kind == LOW:
        return _wall(frequency_ghz, 0.3, _GLASS, _CONCRETE) + inside
    if kind == HIGH:
        return _wall(frequency_ghz, 0.7, _COATED, _CONCRETE) + inside
    if kind == LOW_A:
        return _wall(frequency_ghz, 0.3, _GLASS, _PLYWOOD) + inside
    if kind == HIGH_REL_18:
        return _wall(frequency_ghz, 0.7, _COATED_REL_18, _CONCRETE) + inside
    if kind == BELOW_6_GHZ:
        return 20.0 + inside
    return np.nan


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _entry_loss_array(kind: int, frequency_ghz: float, indoor_distance_m: float) -> float:
    return entry_loss_kernel(kind, frequency_ghz, indoor_distance_m)


def _number(kind: str) -> int:
    if kind not in ENTRY_KINDS:
        hint = did_you_mean(kind, ENTRY_KINDS)
        raise InputError(f'No way of entering is named "{kind}". {hint}')
    return ENTRY_KINDS[kind]


def entry_loss_db(
    frequency_ghz: ArrayLike, kind: str, indoor_distance_m: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Mean loss on entering a building or a car [dB], added to the outdoor path loss.

    Parameters
    ----------
    frequency_ghz : array_like of float
        Carrier [GHz].
    kind : str
        A name of ``ENTRY_KINDS``: ``"low"``, ``"high"``, ``"car"``, ``"none"``, ...
    indoor_distance_m : array_like of float
        Depth inside the building [m]; broadcasts.

    Returns
    -------
    ndarray
        Loss [dB].

    Raises
    ------
    InputError
        Unknown kind.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.4.3, equations (7.4-2) to (7.4-4).

    Examples
    --------
    >>> float(entry_loss_db(3.5, "low", 10.0).round(2))
    17.7
    >>> float(entry_loss_db(3.5, "high").round(2))
    27.5
    """
    loss: NDArray[np.float64] = _entry_loss_array(
        _number(kind),
        np.asarray(frequency_ghz, dtype=np.float64),
        np.asarray(indoor_distance_m, dtype=np.float64),
    )
    return loss


def entry_sigma_db(kind: str) -> float:
    """Return the standard deviation of the loss on entering, sigma_P [dB].

    Examples
    --------
    >>> entry_sigma_db("high")
    6.5
    """
    return _SIGMA_DB[_number(kind)]


def indoor_shadowing_sigma_db(model_name: str, outdoor_sigma_db: float) -> float:
    """Return the standard deviation of shadowing on the way to a user indoors [dB].

    Parameters
    ----------
    model_name : str
        Outdoor path-loss model.
    outdoor_sigma_db : float
        What is used where the source gives no value for users indoors [dB].

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.5-6, row "shadow fading", columns O2I.

    Examples
    --------
    >>> indoor_shadowing_sigma_db("uma", 6.0), indoor_shadowing_sigma_db("cost231-hata", 8.0)
    (7.0, 8.0)
    """
    return _INDOOR_SHADOWING_DB.get(model_name.removesuffix("-optional"), outdoor_sigma_db)
