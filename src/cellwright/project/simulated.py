"""The planned network simulated: at a level of fidelity, or through the hours of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress, portion
from cellwright.errors import InputError, did_you_mean
from cellwright.files import replaced
from cellwright.project import store
from cellwright.project.project import Project

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.simulation import Day, DaySettings, MapNetwork, SimulateSettings, Simulation
    from cellwright.simulation.slots import Traffic


@dataclass(frozen=True, eq=False)
class SimulateReport:
    """A simulation of a project's plan and where its tables lie."""

    found: Simulation
    folder: Path

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for ``--json``."""
        return {
            "fidelity": self.found.fidelity,
            "carrier": self.found.carrier,
            "drops": self.found.drops,
            "seed": self.found.seed,
            "figures": self.found.figures.to_dict("records"),
            "folder": self.folder,
        }


def traffics() -> dict[str, Traffic]:
    """Return the classes of traffic by the names a command takes."""
    from cellwright.simulation import slots

    return {
        "full-buffer": slots.FullBuffer(),
        "ftp3": slots.Ftp3(),
        "camera": slots.Camera(),
        "periodic": slots.Periodic(),
        "voice": slots.Voice(),
        "fwa": slots.FixedAccess(),
    }


def simulate(
    project: Project,
    fidelity: str = "drops",
    settings: SimulateSettings | None = None,
    *,
    rat: str = "nr",
    scheduler: str = "pf",
    progress: Callable[[str, float], None] | None = None,
) -> SimulateReport:
    """Simulate a project's plan; it is planned and mapped first where that is missing or stale.

    Parameters
    ----------
    project : Project
    fidelity : {"static", "drops", "slots", "mobility"}
        How closely to look (``simulation.simulate``).
    settings : SimulateSettings, optional
        Drops, users, seed, time, traffic.
    rat : {"nr", "lte"}
        Whose cells.
    scheduler : {"pf", "rr", "max_ci", "qos"}
        Of the slot loop.
    progress : callable, optional
        Told what is done and its share.

    Returns
    -------
    SimulateReport
        Tables lie in ``exports/simulate``; finished drops are kept there, so a run that was cut
        short goes on from them with the same random numbers.

    Raises
    ------
    InputError
        Unknown level, carrier or scheduler.
    """
    from cellwright import report, simulation
    from cellwright.simulation import slots

    if fidelity not in simulation.FIDELITIES:
        hint = did_you_mean(fidelity, simulation.FIDELITIES)
        raise InputError(f'No level is named "{fidelity}". {hint}')
    _check_carrier(project, rat)
    rule = slots.SlotSettings(scheduler=scheduler)  # type: ignore[arg-type]
    settings = settings or simulation.SimulateSettings()
    project.run("coverage", progress=progress)
    folder = project.folder / "exports" / "simulate" / f"{rat}-{fidelity}"
    kept = _Kept(folder / "drops", _stamp(project, fidelity, settings, rat, scheduler))
    told: Progress | None = None if progress is None else lambda share: progress("simulate", share)
    network = map_network(project, rat, portion(told, 0.0, 0.3))
    found = simulation.simulate(
        network, fidelity, settings, slots=rule, done=kept.load(fidelity), finished=kept.keep,
        progress=portion(told, 0.3, 1.0),
    )  # fmt: skip
    report.write_tables(folder, {"figures": found.figures, "users": found.users.reset_index()})
    return SimulateReport(found, folder)


@dataclass(frozen=True, eq=False)
class DayReport:
    """A project's plan hour by hour and where its tables lie."""

    found: Day
    carrier: str
    assumptions: pd.DataFrame
    folder: Path

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for ``--json``."""
        return {
            "carrier": self.carrier,
            "hours": self.found.hours.to_dict("records"),
            "energy_kwh": float(self.found.energy_kwh.sum()),
            "assumptions": self.assumptions.to_dict("records"),
            "folder": self.folder,
        }


def day(
    project: Project,
    settings: DaySettings | None = None,
    *,
    rat: str = "nr",
    progress: Callable[[str, float], None] | None = None,
) -> DayReport:
    """Solve a project's plan for every hour of a day; it is planned and mapped first if need be.

    Parameters
    ----------
    project : Project
    settings : DaySettings, optional
        Who is where, when.
    rat : {"nr", "lte"}
        Whose cells.
    progress : callable, optional
        Told what is done and its share.

    Returns
    -------
    DayReport
        Tables ``hours``, ``cells`` (load by hour, energy) and ``assumptions`` lie in
        ``exports/day``.

    Raises
    ------
    InputError
        Unknown carrier; a map where nobody lives or works.
    """
    import pandas as pd

    from cellwright import report, simulation

    _check_carrier(project, rat)
    settings = settings or simulation.DaySettings()
    project.run("coverage", progress=progress)
    told: Progress | None = None if progress is None else lambda share: progress("day", share)
    network = map_network(project, rat, portion(told, 0.0, 0.3))
    found = simulation.through_the_day(network, settings, progress=portion(told, 0.3, 1.0))
    load = found.cells["load"].to_pandas().T
    cells = load.add_prefix("load_").assign(energy_kwh=found.energy_kwh).reset_index()
    columns = ["assumption", "value", "reason"]
    rows = [*settings.assumptions(), *network.demand.assumptions()]
    assumptions = pd.DataFrame(rows, columns=columns)
    folder = project.folder / "exports" / "day" / rat
    report.write_tables(folder, {"hours": found.hours, "cells": cells, "assumptions": assumptions})
    return DayReport(found, network.carrier.name, assumptions, folder)


def _check_carrier(project: Project, rat: str) -> None:
    if rat not in project.carriers:
        raise InputError(f'no carrier "{rat}". {did_you_mean(rat, project.carriers)}')


def map_network(project: Project, rat: str, progress: Progress | None = None) -> MapNetwork:
    """Return one carrier's planned network with its maps, as ``simulation.simulate`` takes it."""
    from cellwright.project.steps.signal import radio
    from cellwright.project.steps.speed import demand
    from cellwright.simulation import MapNetwork

    work = project.work
    made = radio(work, rat, progress)
    return MapNetwork(
        project.carriers[rat], work.sites, work.cells_on(rat), work.receivers, made["loss"],
        made["received"], work.get("coverage", rat), demand(work), project.area.streets,
        project.area.buildings,
    )  # fmt: skip


def _stamp(
    project: Project, fidelity: str, settings: SimulateSettings, rat: str, scheduler: str
) -> str:
    """Name of everything a drop depends on, but for how many there are."""
    # the key of the step holds the simulation's own code, maps and demand
    parts = [fidelity, rat, scheduler, project.keys()["simulation"]]
    parts += [
        f"{f.name}={getattr(settings, f.name)}" for f in fields(settings) if f.name != "drops"
    ]
    return sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


class _Kept:
    """Finished drops in a folder; those of other settings are not touched and not read."""

    def __init__(self, home: Path, stamp: str) -> None:
        self.home, self.stamp = home, stamp

    def keep(self, number: int, made: Any) -> None:
        """Write a drop beside its place, then name it."""
        import numpy as np
        import xarray as xr

        kind = "nc" if isinstance(made, xr.Dataset) else "npz"
        with replaced(self.home / f"{self.stamp}-{number:05d}.{kind}") as beside:
            if kind == "nc":
                store.write_dataset(beside, made)
            else:
                values = {field.name: getattr(made, field.name) for field in fields(made)}
                np.savez(beside, **values)

    def load(self, fidelity: str) -> dict[int, Any]:
        """Return the drops that are there."""
        import numpy as np

        from cellwright.simulation.slots import SlotResult

        found: dict[int, Any] = {}
        for path in sorted(self.home.glob(f"{self.stamp}-*")):
            number = int(path.stem.rpartition("-")[2])
            if fidelity == "drops" and path.suffix == ".nc":
                found[number] = store.read_dataset(path)
            if fidelity == "slots" and path.suffix == ".npz":
                with np.load(path) as held:
                    values = {name: held[name] for name in held.files}
                plain = {n: v.item() if v.ndim == 0 else v for n, v in values.items()}
                found[number] = SlotResult(**plain)
        return found
