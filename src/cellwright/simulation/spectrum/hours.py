"""The network through the day: any load solver, hour by hour, and the energy it takes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress
from cellwright.errors import InputError, did_you_mean

Floats = NDArray[np.float64]
HOURS = 24


@cache
def _profiles() -> dict[str, tuple[float, ...]]:
    file = resources.files("cellwright.simulation.spectrum").joinpath("data", "day_profiles.csv")
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    rows = list(csv.DictReader(lines))
    return {name: tuple(float(row[name]) for row in rows) for name in rows[0] if name != "hour"}


def day_profile(mix: str | Mapping[str, float] = "residential") -> Floats:
    """Return the share of a day's traffic in each hour, 24 values that sum to 1 (assumption).

    Parameters
    ----------
    mix : str or mapping of str to float
        ``"residential"``, ``"business"``, or how much of each.

    Raises
    ------
    InputError
        A name that the file does not have, or shares that are no shares.

    Examples
    --------
    >>> home = day_profile()
    >>> round(float(home.sum()), 12), int(home.argmax())
    (1.0, 21)
    >>> int(day_profile({"residential": 0.2, "business": 0.8}).argmax())
    16
    """
    wanted = {mix: 1.0} if isinstance(mix, str) else dict(mix)
    known = _profiles()
    for name in wanted:
        if name not in known:
            raise InputError(f'There is no profile "{name}". {did_you_mean(name, known)}')
    total = sum(wanted.values())
    if not total > 0.0 or min(wanted.values()) < 0.0:
        raise InputError(f"The mix {wanted} must hold shares of at least 0, not all 0.")
    each = [share / total * np.array(known[name]) for name, share in wanted.items()]
    mixed = np.sum(each, axis=0)
    return np.asarray(mixed / mixed.sum())


def hourly(
    solve: Callable[[float], xr.Dataset],
    profile: ArrayLike | None = None,
    *,
    keep: Sequence[str] = ("load", "wanted_load", "ul_load", "dl_mbps", "ul_mbps"),
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a load solver for every hour of a day.

    Parameters
    ----------
    solve : callable
        Demand as a ratio to the busy hour's -> Dataset of that hour, such as a call of
        ``simulation.throughput`` with its demand scaled.
    profile : array [24], optional
        Share of a day's traffic in each hour; only ratios count. :func:`day_profile` if left out.
    keep : sequence of str
        Variables to keep, of those the solver gives.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        The kept variables with a dim ``hour`` in front, and ``demand`` [hour] (1 in the busy hour).

    Raises
    ------
    InputError
        A profile that has not 24 values of at least 0; a solver that gives none of ``keep``.

    Examples
    --------
    >>> day = hourly(lambda demand: xr.Dataset({"load": ("cell", [0.8 * demand])}))
    >>> float(day["load"].max().round(6)), day.sizes["hour"]
    (0.8, 24)
    """
    shares = day_profile() if profile is None else np.asarray(profile, np.float64)
    if shares.shape != (HOURS,) or not (shares >= 0.0).all() or not 0.0 < shares.sum() < np.inf:
        raise InputError(
            f"A profile of shape {shares.shape}: 24 values of at least 0 are needed, not all 0."
        )
    demand = shares / shares.max()
    made: dict[float, xr.Dataset] = {}
    days: list[xr.Dataset] = []
    for hour, scale in enumerate(demand.tolist()):
        if scale not in made:
            result = solve(scale)
            names = [name for name in keep if name in result]
            if not names:
                raise InputError(
                    f"The solver gave {sorted(map(str, result))}; none of keep: {list(keep)}."
                )
            made[scale] = result[names]
        days.append(made[scale])
        if progress is not None:
            progress((hour + 1) / HOURS)
    whole = xr.concat(days, pd.RangeIndex(HOURS, name="hour"))
    return whole.assign(demand=("hour", demand))


def energy_kwh(
    load: ArrayLike, idle_w: ArrayLike, full_w: ArrayLike, sleep_w: ArrayLike | None = None
) -> Floats:
    """Energy each cell takes in a day.

    Parameters
    ----------
    load : array [24, cell]
        Load of the cells by hour, 0 to 1.
    idle_w, full_w : float or array [cell]
        Power taken without load and at full load [W]; between them it grows in a straight line.
    sleep_w : float or array [cell], optional
        Power taken in an hour without any load, if a cell can sleep [W].

    Returns
    -------
    float64 [cell]
        Energy [kWh].

    Raises
    ------
    InputError
        Loads outside 0 to 1, another shape, or powers that do not grow.

    References
    ----------
    G. Auer et al., "How much energy is needed to run a wireless network?", IEEE Wireless
    Communications 18(5), 2011: power grows linearly with load.

    Examples
    --------
    >>> energy_kwh(np.full((24, 1), 0.5), 500.0, 1000.0).tolist()
    [18.0]
    """
    busy = np.asarray(load, np.float64)
    if busy.ndim != 2 or busy.shape[0] != HOURS or not ((busy >= 0.0) & (busy <= 1.0)).all():
        raise InputError(f"load of shape {busy.shape}: [24, cell] with values of 0 to 1.")
    idle, full = np.asarray(idle_w, np.float64), np.asarray(full_w, np.float64)
    if not ((idle >= 0.0) & (full >= idle)).all():
        raise InputError("idle_w must be at least 0 W and full_w at least idle_w.")
    power = idle + (full - idle) * busy
    if sleep_w is not None:
        power = np.where(busy > 0.0, power, np.minimum(np.asarray(sleep_w, np.float64), power))
    return np.asarray(power.sum(axis=0) / 1000.0)
