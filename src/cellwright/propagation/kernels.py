"""The shelf's formulas behind one door each: by number, for kernels and for arrays."""

from __future__ import annotations

import numpy as np
from numba import njit, vectorize

from cellwright.propagation import extended_hata, hata, tr38901
from cellwright.propagation import los_probability as odds
from cellwright.propagation.free_space import free_space_loss

#: Numbers of the models; a number once given stays, results on disk may carry it.
FREE_SPACE, UMA, UMI, RMA, SMA, INH_MIXED, INH_OPEN = range(7)
UMA_OPTIONAL, UMI_OPTIONAL, INH_OPTIONAL = range(7, 10)
COST231, COST231_METROPOLITAN, HATA, HATA_LARGE_CITY, HATA_SUBURBAN = range(10, 15)
#: Worked out over the map; here only their part in free space.
URBAN, P1812 = range(15, 17)
EXTENDED_HATA, EXTENDED_HATA_SUBURBAN, EXTENDED_HATA_OPEN = range(20, 23)


@njit(cache=True)
def loss_kernel(
    number: int,
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of the model with this ``Model.number``; for use inside other kernels.

    A number, not a function, is passed because Numba compiles a caller anew, and caches it apart,
    for every function handed to it; a chain of ``if`` costs about a nanosecond.

    Parameters
    ----------
    number : int
        ``Model.number``.
    distance_2d_m, frequency_ghz : float
        Distance on the map [m] and carrier [GHz].
    base_height_m, user_height_m : float
        Antenna heights above ground [m].
    sight : bool
        In line of sight or not; models that do not ask ignore it.

    Returns
    -------
    float
        Path loss between isotropic antennas [dB]; NaN for a number nobody has.

    Examples
    --------
    >>> round(loss_kernel(UMI, 100.0, 3.5, 10.0, 1.5, True), 3)
    85.314
    """
    d, f, b, u = distance_2d_m, frequency_ghz, base_height_m, user_height_m
    if number == UMA:
        return tr38901.uma_loss(d, f, b, u, sight)
    if number == UMI:
        return tr38901.umi_loss(d, f, b, u, sight)
    if number == RMA:
        return tr38901.rma_loss(d, f, b, u, sight)
    if number == SMA:
        return tr38901.sma_loss(d, f, b, u, sight)
    if number in (INH_MIXED, INH_OPEN):
        return tr38901.inh_loss(d, f, b, u, sight)
    if number == COST231:
        return hata.cost231_loss(d, f, b, u, sight)
    if number == COST231_METROPOLITAN:
        return hata.cost231_metropolitan_loss(d, f, b, u, sight)
    if number == HATA:
        return hata.hata_loss(d, f, b, u, sight)
    if number == HATA_LARGE_CITY:
        return hata.hata_large_city_loss(d, f, b, u, sight)
    if number == HATA_SUBURBAN:
        return hata.hata_suburban_loss(d, f, b, u, sight)
    if number == UMA_OPTIONAL:
        return tr38901.uma_optional_loss(d, f, b, u, sight)
    if number == UMI_OPTIONAL:
        return tr38901.umi_optional_loss(d, f, b, u, sight)
    if number == INH_OPTIONAL:
        return tr38901.inh_optional_loss(d, f, b, u, sight)
    if number in (FREE_SPACE, URBAN, P1812):
        return free_space_loss(d, f, b, u, sight)
    if number == EXTENDED_HATA:
        return extended_hata.extended_hata_urban_loss(d, f, b, u, sight)
    if number == EXTENDED_HATA_SUBURBAN:
        return extended_hata.extended_hata_suburban_loss(d, f, b, u, sight)
    if number == EXTENDED_HATA_OPEN:
        return extended_hata.extended_hata_open_loss(d, f, b, u, sight)
    return np.nan


@njit(cache=True)
def sight_odds_kernel(
    number: int,
    distance_2d_m: float,
    user_height_m: float,
    base_height_m: float,
    vegetation: float,
) -> float:
    """Probability of line of sight of a model (TR 38.901 Table 7.4.2-1); NaN if it has none."""
    if number in (UMA, UMA_OPTIONAL):
        return odds.uma_sight(distance_2d_m, user_height_m)
    if number in (UMI, UMI_OPTIONAL):
        return odds.umi_sight(distance_2d_m)
    if number == RMA:
        return odds.rma_sight(distance_2d_m)
    if number == SMA:
        return odds.sma_sight(distance_2d_m, user_height_m, base_height_m, vegetation)
    if number in (INH_MIXED, INH_OPTIONAL):
        return odds.mixed_office_sight(distance_2d_m)
    if number == INH_OPEN:
        return odds.open_office_sight(distance_2d_m)
    return np.nan


# The array forms have names of their own: a ufunc cached under its kernel's name would be taken for
# the kernel by the next process.
@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def loss_array(number: int, d: float, f: float, base: float, user: float, sight: bool) -> float:
    """Array form of :func:`loss_kernel`."""
    return loss_kernel(number, d, f, base, user, sight)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def sight_odds_array(number: int, d: float, user: float, base: float, vegetation: float) -> float:
    """Array form of :func:`sight_odds_kernel`."""
    return sight_odds_kernel(number, d, user, base, vegetation)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def rural_turn_array(f: float, base: float, user: float) -> float:
    """Break point distance of RMa and SMa [m], array form."""
    return tr38901.rural_break_point_m(f, base, user)
