"""Walk users through the network: fidelity level 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress, on_all_cores
from cellwright.errors import Faults, InputError
from cellwright.simulation.mobility.kernel import (
    CAUSES,
    EVENTS,
    Knobs,
    follow,
    knobs,
    near_cells,
    weighted_power,
)
from cellwright.simulation.mobility.result import Mobility
from cellwright.simulation.mobility.settings import HandoverSettings
from cellwright.simulation.mobility.signals import MapSource, Residual, Shadowing, Source
from cellwright.simulation.mobility.walks import Walk

Floats = NDArray[np.float64]
#: A block of users holds about so many levels, user x step x cell.
_BLOCK = 4_000_000
#: Cells that never come within this of the strongest one get no fading: it would change nothing.
_NEAR_DB = 30.0


@dataclass(frozen=True, eq=False)
class _Radio:
    """What all blocks share."""

    walk: Walk
    source: Source
    shadowing: Shadowing | None
    residual: Residual | None
    weight: Floats
    offset_db: NDArray[np.float32]
    knobs: Knobs
    period_s: float
    seed: int
    #: Weighted power sum of each place of a map, where the map alone tells the level [mW].
    map_total: Floats | None

    @property
    def cells(self) -> int:
        return int(self.weight.size)

    def levels(self, users: range) -> tuple[NDArray[np.int32], Any, Floats]:
        """Row of each step, level [row, cell] [dBm] and weighted power [row] [mW] of a block."""
        x, y = self.walk.x_m[users.start : users.stop], self.walk.y_m[users.start : users.stop]
        if self.map_total is not None and isinstance(self.source, MapSource):
            return self.source.row(x, y), self.source.level_dbm, self.map_total
        level = np.asarray(self.source(x.ravel(), y.ravel()))
        if level.shape != (x.size, self.cells) or not np.isfinite(level).all():
            raise InputError(
                f"The source gave levels of shape {level.shape} for {x.size} positions and "
                f"{self.cells} cells, or values that are no numbers."
            )
        level = np.ascontiguousarray(level, np.float32)
        if self.shadowing is not None:
            each = level.reshape(len(users), self.walk.steps, self.cells)
            for place, user in enumerate(users):
                each[place] += self.shadowing.draw(self.walk, user, self.cells, self.seed)
        rows = np.arange(x.size, dtype=np.int32).reshape(x.shape)
        return rows, level, _power(level, self.weight)

    def residuals(self, rows: NDArray[np.int32], level: Any, users: range) -> NDArray[np.float32]:
        """Residual fading of a block, float32 [user, measurement, cell] [dB]; none: no users."""
        if self.residual is None:
            return np.zeros((0, 1, 1), np.float32)
        samples = -(-self.walk.steps // self.knobs.every)
        fades = np.zeros((len(users), samples, self.cells), np.float32)
        for place, user in enumerate(users):
            near = np.zeros(self.cells, np.bool_)
            near_cells(rows[place, :: self.knobs.every], level, _NEAR_DB, near)
            cells = np.flatnonzero(near)
            fades[place][:, cells] = self.residual.draw(
                self.walk, user, cells.tolist(), self.period_s, self.seed
            )
        return fades


def _power(level_dbm: NDArray[np.float32], weight: Floats) -> Floats:
    """Weighted power sum of every row [mW]."""
    total = np.empty(level_dbm.shape[0])
    weighted_power(level_dbm, weight.astype(np.float32), total)
    return total


def mobility(
    walk: Walk,
    source: Source,
    settings: HandoverSettings | None = None,
    *,
    load: ArrayLike = 0.5,
    noise_dbm: float = -125.0,
    shadowing: Shadowing | None = None,
    residual: Residual | None = None,
    cell_offset_db: ArrayLike | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Mobility:
    """Let users walk, measure, hand over and fail.

    Parameters
    ----------
    walk : Walk
        From :func:`street_walks` or :func:`straight_walks`, or made by hand.
    source : callable
        Positions x, y [m] -> RSRP [position, cell] [dBm]: :func:`map_source`,
        :func:`hexagon_source` or your own.
    settings : HandoverSettings, optional
        Event, filter, timers.
    load : float or array [cell]
        Share of its resource elements each cell fills, 0 to 1.
    noise_dbm : float
        Noise in one resource element [dBm], as the RSRP.
    shadowing : Shadowing, optional
        Added to the levels; leave out for maps that hold it.
    residual : Residual, optional
        What fading leaves in measurements; none if left out.
    cell_offset_db : array [cell, cell], optional
        Cell individual offset of each neighbour (column) while a cell serves (row) [dB].
    seed : int
        Same numbers, same fading, whatever the settings and the number of threads.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Mobility

    Raises
    ------
    InputError
        Every value that cannot be used.

    Notes
    -----
    SINR holds the levels with shadowing but without fast fading, which control channels average
    over frequency and time. Users do not change the load.

    References
    ----------
    3GPP TS 38.331 clauses 5.3.10, 5.5.3.2, 5.5.4; TS 38.133 clause 8.1; TR 36.839 V11.1.0.

    Examples
    --------
    One user passes from one mast to the next; it reports where the neighbour has been 3 dB
    stronger for the time to trigger: 575 m and 0.16 s on, at the next measurement.

    >>> x = np.linspace(0.0, 1000.0, 10_001)[None]
    >>> way = Walk(x, np.zeros_like(x), np.array([10.0]), ("car",), 0.01)
    >>> def two_masts(x_m, y_m):
    ...     return -80.0 - 0.02 * np.abs(np.stack([x_m, x_m - 1000.0], axis=1))
    >>> events = mobility(way, two_masts, HandoverSettings(l3_k=0)).events
    >>> events["event"].tolist(), float(events["x_m"].iloc[0].round(1))
    (['report', 'execute', 'complete'], 576.8)
    """
    chosen = settings or HandoverSettings()
    radio = _radio(walk, source, chosen, load, noise_dbm, shadowing, residual, cell_offset_db, seed)
    levels = walk.steps * (2 if radio.map_total is not None else radio.cells)
    fades = 0 if residual is None else walk.steps // radio.knobs.every * radio.cells
    per_user = max(levels + fades, 1)
    step = max(1, min(_BLOCK // per_user, -(-walk.users // 8)))
    blocks = [range(a, min(a + step, walk.users)) for a in range(0, walk.users, step)]
    along = _along(walk, radio.knobs.every)
    unusable = np.zeros(walk.users, np.int64)
    found: dict[int, tuple[Floats, NDArray[np.int64]]] = {}

    def work(users: range) -> None:
        part = slice(users.start, users.stop)
        rows, level, total = radio.levels(users)
        found[users.start] = follow(
            radio.knobs, users.start, rows, level, total, radio.weight,
            radio.residuals(rows, level, users),
            radio.offset_db, along["serving"][part], along["sinr_db"][part],
            along["best_sinr_db"][part], along["best"][part], unusable[part],
        )  # fmt: skip

    on_all_cores(blocks, work, progress)
    events = _events([found[block.start] for block in blocks], walk)
    return Mobility(events, _dataset(walk, along, unusable, radio.knobs), chosen)


def _radio(
    walk: Walk,
    source: Source,
    settings: HandoverSettings,
    load: ArrayLike,
    noise_dbm: float,
    shadowing: Shadowing | None,
    residual: Residual | None,
    cell_offset_db: ArrayLike | None,
    seed: int,
) -> _Radio:
    """Check all values together and put them into the kernel's shape."""
    cells = int(np.asarray(source(walk.x_m[0, :1], walk.y_m[0, :1])).shape[-1])
    faults = Faults()
    share = np.asarray(load, np.float64)
    if share.shape not in ((), (cells,)) or not ((share >= 0.0) & (share <= 1.0)).all():
        faults.error("mobility.load", f"load of {cells} cells: one number or {cells}, 0 to 1.")
    if not -200.0 <= noise_dbm <= 0.0:
        faults.error("mobility.noise_dbm", f"noise_dbm is {noise_dbm:g}; -200 to 0 dBm.")
    if settings.l1_period_s < walk.step_s - 1e-9:
        faults.error(
            "mobility.step_s",
            f"Steps of {walk.step_s:g} s are longer than l1_period_s {settings.l1_period_s:g}.",
            "Walk in shorter steps.",
        )
    offset = np.zeros((cells, cells)) if cell_offset_db is None else np.asarray(cell_offset_db)
    if offset.shape != (cells, cells) or not np.isfinite(offset).all():
        faults.error(
            "mobility.cell_offset_db", f"cell_offset_db must be {cells} x {cells} numbers."
        )
    if not (np.isfinite(walk.x_m).all() and np.isfinite(walk.y_m).all()):
        faults.error("mobility.walk", "The walk holds positions that are no numbers.")
    faults.raise_errors()
    weight = np.broadcast_to(share, (cells,)).copy()
    from_map = isinstance(source, MapSource) and shadowing is None
    total = _power(source.level_dbm, weight) if isinstance(source, MapSource) else None
    k = knobs(settings, walk.step_s, 10.0 ** (noise_dbm / 10.0))
    return _Radio(
        walk, source, shadowing, residual, weight, offset.astype(np.float32), k,
        k.every * walk.step_s, seed, total if from_map else None,
    )  # fmt: skip


def _along(walk: Walk, every: int) -> dict[str, NDArray[Any]]:
    shape = (walk.users, -(-walk.steps // every))
    return {
        "serving": np.empty(shape, np.int16),
        "sinr_db": np.empty(shape, np.float32),
        "best": np.empty(shape, np.int16),
        "best_sinr_db": np.empty(shape, np.float32),
    }


def _events(found: list[tuple[Floats, NDArray[np.int64]]], walk: Walk) -> pd.DataFrame:
    """One row per event; a report between two steps stands where the earlier step was."""
    times = np.concatenate([when for when, _ in found])
    user, kind, source, target, cause, step = np.concatenate([what for _, what in found]).T
    keep = times < walk.duration_s
    return pd.DataFrame(
        {
            "t_s": np.round(times, 9),
            "user": user,
            "event": np.array(EVENTS, object)[kind],
            "source": source,
            "target": target,
            "cause": np.array(CAUSES, object)[cause],
            "x_m": walk.x_m[user, step],
            "y_m": walk.y_m[user, step],
        }
    )[keep].reset_index(drop=True)


def _dataset(
    walk: Walk, along: dict[str, NDArray[Any]], unusable: NDArray[np.int64], k: Knobs
) -> xr.Dataset:
    variables: dict[str, Any] = {
        name: (("user", "sample"), values, {"units": "dB"} if name.endswith("_db") else {})
        for name, values in along.items()
    }
    variables |= {
        "speed_m_s": ("user", walk.speed_m_s, {"units": "m/s"}),
        "speed_class": ("user", np.array(walk.speed_class, object)),
        "unusable_s": ("user", unusable * walk.step_s, {"units": "s"}),
        "t_s": ("sample", np.arange(along["serving"].shape[1]) * k.every * walk.step_s),
    }
    return xr.Dataset(variables, attrs={"duration_s": walk.duration_s, "step_s": walk.step_s})
