"""How Longley-Rice (ITM 1.2.2) varies in time, from place to place, from case to case.

The climates' constants are ``itm_climates.csv`` beside this file.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.itm_profile import DELTA_H, DISTANCE, EFFECTIVE
from cellwright.propagation.itm_terms import roughness
from cellwright.propagation.normal import inverse_tail

#: What varies with what: one percentage for all, time and the rest, time with place, all apart.
SINGLE, ACCIDENTAL, MOBILE, BROADCAST = "single message", "accidental", "mobile", "broadcast"
MODES = (SINGLE, ACCIDENTAL, MOBILE, BROADCAST)
_NINE_MM = 9e6


@dataclass(frozen=True)
class Share:
    """What is asked of the quantiles.

    Attributes
    ----------
    time_percent, location_percent, situation_percent : float
        Shares for which the loss is not exceeded [%].
    mode : str
        One of ``MODES``.
    places_vary : bool
        Add the spread of places; not for a path whose profile is known.
    """

    time_percent: float
    location_percent: float
    situation_percent: float
    mode: str
    places_vary: bool


@cache
def _climates() -> dict[str, dict[str, float]]:
    file = resources.files("cellwright.propagation").joinpath("itm_climates.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row.pop("climate"): {k: float(v) for k, v in row.items()} for row in rows}


def climates() -> tuple[str, ...]:
    """Return the names of the climates.

    Examples
    --------
    >>> climates()[4]
    'continental temperate'
    """
    return tuple(_climates())


def climate_constants(climate: str) -> dict[str, float]:
    """Return the constants of a climate by column name of the table.

    Raises
    ------
    InputError
        Unknown climate.
    """
    if climate not in _climates():
        raise InputError(f'No climate is named "{climate}". {did_you_mean(climate, _climates())}')
    return _climates()[climate]


def _curve(constants: dict[str, float], kind: str, distance_m: float) -> float:
    """Value of one of a climate's curves at an effective distance [dB] (5.5 to 5.7)."""
    km = distance_m / 1000.0
    c1, c2, x1, x2, x3 = (constants[f"{kind}_{key}"] for key in ("c1", "c2", "x1", "x2", "x3"))
    near = (km / x1) ** 2
    return (c1 + c2 / (1.0 + ((km - x2) / x3) ** 2)) * near / (1.0 + near)


def _effective_distance(wave: float, summary: tuple[float, ...]) -> float:
    """Return the distance the climates' curves are read at [m] (5.3)."""
    reach: float = sum(math.sqrt(2.0 * _NINE_MM * summary[EFFECTIVE + j]) for j in range(2))
    reach += (575.7e12 / wave) ** (1.0 / 3.0)
    distance = summary[DISTANCE]
    return 130e3 * distance / reach if distance < reach else 130e3 + distance - reach


def _time_spread(
    constants: dict[str, float], distance_m: float, wave: float, deviate: float
) -> float:
    """Standard deviation in time on this side of the median [dB] (5.6 to 5.8)."""
    octave = math.log(0.133 * wave)
    side = "m" if deviate < 0.0 else "p"
    f1, f2, f3 = (constants[f"{side}_f{i}"] for i in (1, 2, 3))
    sigma = _curve(constants, side, distance_m) * (f1 + f2 / ((f3 * octave) ** 2 + 1.0))
    steep, turn = constants["c_d"], constants["z_d"]
    if deviate <= turn:
        return sigma
    return sigma * (steep + (1.0 - steep) * turn / deviate)


def quantile(
    reference_db: float,
    wave: float,
    summary: tuple[float, ...],
    climate: str,
    share: Share,
) -> float:
    """Attenuation in excess of free space not exceeded for the shares asked [dB] (5.1, 5.11).

    Parameters
    ----------
    reference_db : float
        Reference attenuation [dB].
    wave : float
        Wave number [1/m].
    summary : tuple of float
        Summary of the profile.
    climate : str
        A name of :func:`climates`.
    share : Share
        What is asked.

    Returns
    -------
    float
        Attenuation [dB]; below free space it is drawn towards it.
    """
    constants = climate_constants(climate)
    time, place, case = _deviates(share)
    distance = _effective_distance(wave, summary)
    in_time = _time_spread(constants, distance, wave, time)
    rough = roughness(summary[DISTANCE], summary[DELTA_H]) * wave
    in_place = 10.0 * rough / (rough + 13.0) if share.places_vary else 0.0
    rest = (5.0 + 3.0 * math.exp(-distance / 100e3)) ** 2
    rest += (in_time * time) ** 2 / (7.8 + case**2) + (in_place * place) ** 2 / (24.0 + case**2)
    known = 0.0
    if share.mode == SINGLE:
        rest += in_time**2 + in_place**2
    elif share.mode == ACCIDENTAL:
        known, rest = in_time * time, rest + in_place**2
    elif share.mode == MOBILE:
        known = math.hypot(in_time, in_place) * time
    else:
        known = in_time * time + in_place * place
    loss = reference_db - _curve(constants, "v", distance) - known - math.sqrt(rest) * case
    return loss if loss >= 0.0 else loss * (29.0 - loss) / (29.0 - 10.0 * loss)


def _deviates(share: Share) -> tuple[float, float, float]:
    """Return how many sigmas the shares of time, places and cases lie above their medians."""
    time, place, case = (
        inverse_tail(percent / 100.0)
        for percent in (share.time_percent, share.location_percent, share.situation_percent)
    )
    if share.mode == SINGLE:
        return case, case, case
    if share.mode == ACCIDENTAL:
        return time, case, case
    return (time, time, case) if share.mode == MOBILE else (time, place, case)
