"""Coverage of both carriers on the planned sites, kept in ``results/coverage``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellwright.compute import Progress, portion
from cellwright.project import store
from cellwright.project.rasters import place_maps, write_maps
from cellwright.project.work import Work

RATS = ("nr", "lte")
#: Pairs of cell and receiver kept in memory per carrier (two levels each, 8 bytes: 0.8 GB).
MOST_KEPT = 100_000_000
#: Pairs of site and receiver kept, both carriers together (loss, sight, mark: 6 bytes, 1.2 GB).
MOST_LOSSES = 200_000_000
LAYERS = (
    "rsrp_dbm",
    "rsrq_db",
    "sinr_db",
    "server",
    "servers_within_5_db",
    "coverage_probability",
)


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Compute and keep what every receiver gets on 5G and on 4G."""
    import xarray as xr

    made, maps = {}, []
    for number, rat in enumerate(RATS):
        start = 0.45 * number
        radio(work, rat, portion(progress, start, start + 0.35))
        made[rat] = signal_of(work, rat)
        store.write_dataset(folder / f"{rat}.nc", made[rat])
        maps.append(place_maps(made[rat], work.receivers, rat, LAYERS))
        progress(start + 0.45)
    work.keep("coverage", **made)
    write_maps(folder, xr.merge(maps), work.area.crs)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read what every receiver gets."""
    return {rat: store.read_dataset(folder / f"{rat}.nc") for rat in RATS}


def radio(work: Work, rat: str, progress: Progress | None = None) -> dict[str, Any]:
    """Return path loss and received power of one carrier's cells.

    Too big to keep on disk; in memory only where both carriers have room, else made again.
    """
    if work.has("radio", rat):
        kept: dict[str, Any] = work.get("radio", rat)
        return kept
    from cellwright import coverage

    carrier, cells = work.carriers[rat], work.cells_on(rat)
    loss = path_loss(work, rat, work.sites, portion(progress, 0.0, 0.7))
    received = coverage.received(loss, work.sites, cells, carrier, work.receivers)
    made = {"loss": loss, "received": received}
    if len(cells) * work.receivers.sizes["receiver"] <= MOST_KEPT:
        work.keep("radio", **{rat: made})
    return made


def path_loss(work: Work, rat: str, sites: Any, progress: Progress | None = None) -> Any:
    """Return one carrier's path loss from the chosen sites.

    Both carriers' are found at once where memory has room: the way over a map costs more than
    what a band makes of it.
    """
    from cellwright import coverage

    kept = f"{rat} loss"
    if work.has("radio", kept):
        return work.get("radio", kept)
    settings = work.settings.coverage
    room = len(sites) * work.receivers.sizes["receiver"] * len(RATS) <= MOST_LOSSES
    rats = [rat, *(other for other in RATS if room and other != rat)]
    made = coverage.path_losses(
        work.area,
        sites,
        [work.carriers[name] for name in rats],
        work.receivers,
        entry=settings.entry_loss,
        reach_m=settings.reach_m,
        tunings=[work.tunings.get(name) for name in rats],
        progress=progress,
    )
    if room:
        work.keep("radio", **{f"{name} loss": loss for name, loss in zip(rats, made, strict=True)})
    return made[0]


def signal_of(work: Work, rat: str) -> Any:
    """Return level, quality and server of one carrier at every receiver."""
    import numpy as np

    from cellwright import coverage

    levels = work.settings.coverage
    outdoor = work.receivers["place"].to_numpy() == 0
    target_dbm = np.where(outdoor, levels.outdoor_target_dbm, levels.indoor_target_dbm)
    return coverage.signal(radio(work, rat)["received"], work.carriers[rat], target_dbm=target_dbm)
