"""How far apart, in decibels, megahertz or metres, TDD neighbours must be."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cellwright.errors import InputError
from cellwright.radio import TddPattern
from cellwright.simulation.spectrum.tdd import DOWN, GAP, UP, symbol_directions
from cellwright.units import SPEED_OF_LIGHT_M_S


def adjacent_channel_ratio_db(leakage_db: float, selectivity_db: float) -> float:
    """Adjacent channel interference ratio of a sender's leakage and a receiver's selectivity [dB].

    References
    ----------
    3GPP TR 36.942 clause 3.1: ACIR = 1 / (1 / ACLR + 1 / ACS).

    Examples
    --------
    >>> round(adjacent_channel_ratio_db(45.0, 45.0), 2)
    41.99
    """
    return float(-10.0 * np.log10(10.0 ** (-leakage_db / 10.0) + 10.0 ** (-selectivity_db / 10.0)))


def isolation_needed_db(power_dbm: float, noise_dbm: float, desense_db: float = 1.0) -> float:
    """Coupling loss that keeps a neighbour's power from raising the noise by more than so much.

    Parameters
    ----------
    power_dbm, noise_dbm : float
        Power of the neighbour and noise of the receiver, in one bandwidth [dBm].
    desense_db : float
        Allowed rise of the noise [dB]; 1 dB is an interference of -5.9 dB over noise.

    Returns
    -------
    float
        Loss between the two antenna ports [dB], antennas and channel filters included.

    Raises
    ------
    InputError
        A rise that is not positive.

    Examples
    --------
    53 dBm against the noise of a base station over 100 MHz:

    >>> round(isolation_needed_db(53.0, -174.0 + 80.0 + 5.0), 1)
    147.9
    """
    if not desense_db > 0.0:
        raise InputError(f"desense_db is {desense_db:g}; it must be above 0 dB.")
    return float(power_dbm - noise_dbm - 10.0 * np.log10(10.0 ** (desense_db / 10.0) - 1.0))


def separation_m(
    isolation_db: float, loss_db: Callable[[float], float], most_m: float = 200_000.0
) -> float:
    """Distance from which on a path loss gives the isolation [m].

    Parameters
    ----------
    isolation_db : float
        Loss that is needed, less antenna gains towards each other and ACIR [dB].
    loss_db : callable
        Distance [m] -> path loss [dB], growing.
    most_m : float
        Farthest distance looked at [m].

    Returns
    -------
    float
        Distance [m]; 1 if it is enough already there.

    Raises
    ------
    InputError
        The loss is too low even at ``most_m``.

    Examples
    --------
    >>> round(separation_m(120.0, lambda d: 43.3 + 20.0 * np.log10(d)))
    6839
    """
    low, high = 1.0, float(most_m)
    if loss_db(high) < isolation_db:
        raise InputError(
            f"{isolation_db:g} dB are not reached within {most_m:g} m ({loss_db(high):.1f} dB "
            "there): synchronise the patterns, or add filters or a guard band."
        )
    if loss_db(low) >= isolation_db:
        return low
    while high - low > 0.01:
        middle = (low + high) / 2.0
        low, high = (low, middle) if loss_db(middle) >= isolation_db else (middle, high)
    return high


def guard_reach_m(pattern: TddPattern | str) -> float:
    """Distance from which downlink arrives after the gap, into uplink symbols, in spite of clocks.

    Parameters
    ----------
    pattern : TddPattern or str
        The shortest gap between downlink and uplink counts.

    Returns
    -------
    float
        Distance [m]; 0 if there is no gap, infinite if the pattern has one direction only.

    Examples
    --------
    Two symbols at 30 kHz are 71.4 microseconds:

    >>> round(guard_reach_m("DDDSU") / 1000.0, 1)
    21.4
    """
    line, symbol_ms = symbol_directions([pattern])
    used = np.flatnonzero(line[:, 0] != GAP)
    if used.size == 0 or not ((line == DOWN).any() and (line == UP).any()):
        return math.inf
    after = np.r_[used[1:], used[0] + line.shape[0]]
    turn = (line[used, 0] == DOWN) & (line[after % line.shape[0], 0] == UP)
    gap = (after - used - 1)[turn].min()
    return float(gap * symbol_ms * 1e-3 * SPEED_OF_LIGHT_M_S)
