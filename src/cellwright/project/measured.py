"""Tuning a project's model by its drive tests: ``results/measurement``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cellwright.compute import Progress, portion
from cellwright.errors import Fault, InputError, did_you_mean
from cellwright.project import provenance, store
from cellwright.project.work import Work

if TYPE_CHECKING:
    from cellwright.measurement import MeasurementFile, Setup, Tuned

FOLDER = "measurement"


@dataclass(frozen=True)
class TuneReport:
    """What a tuning found, and where it was written.

    Attributes
    ----------
    tuned : Tuned
        The tuning and its evidence.
    rules : DataFrame
        How many points each rule of cleaning took.
    suspects : DataFrame
        Antennas that may not be as the site file says.
    warnings : tuple of Fault
        What the reading survived.
    folder : Path
        ``results/measurement``: ``tuning.toml``, ``report.csv``, ``residuals.gpkg``.
    """

    tuned: Tuned
    rules: pd.DataFrame
    suspects: pd.DataFrame
    warnings: tuple[Fault, ...]
    folder: Path

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for ``--json``."""
        return {
            "tuning": str(self.folder / "tuning.toml"),
            "parameters": self.tuned.parameters.to_dict("records"),
            "errors": self.tuned.errors.to_dict("records"),
            "rules": self.rules.to_dict("records"),
            "suspects": self.suspects.to_dict("records"),
            "notes": list(self.tuned.notes),
            "warnings": [fault.as_dict() for fault in self.warnings],
        }


def read(work: Work, area: Any, crs: Any = None, rat: str | None = None) -> MeasurementFile:
    """Read the project's measurements as ``project.toml`` says.

    Parameters
    ----------
    work : Work
        The project.
    area : Area or None
        The map.
    crs : anything pyproj reads, optional
        Projected CRS, where there is no map.
    rat : str, optional
        The carrier measured; default: as the settings say, else "nr".

    Raises
    ------
    InputError
        The project names no measurements.
    """
    from cellwright import measurement

    layer = work.settings.inputs.measurements
    if layer is None:
        raise InputError(
            "the project names no measurements. Write under [inputs]: "
            'measurements = { file = "inputs/drive.csv" }'
        )
    cells = None
    if area is not None and "sites" in work.files:
        cells = standing(work, area, _carrier(work, rat))[1]
    return measurement.read_measurements(
        work.folder / layer.file,
        crs,
        area=area,
        cells=cells,
        mapping=layer.columns or None,
        preset=layer.preset,
        cell_id=layer.cell_id,
        track=None if layer.track is None else work.folder / layer.track,
        source_crs=layer.crs,
        encoding=layer.encoding,
    )


def standing(work: Work, area: Any, rat: str = "nr") -> tuple[Any, Any]:
    """Return the sites that stand and their cells on one carrier: those that can be measured.

    Existing sites where any is marked so, else all of the file.
    """
    from cellwright import network

    found = work.read_sites(area)
    found.faults.raise_errors()
    on_air = found.sites["status"] == "existing"
    sites = (found.sites[on_air] if on_air.any() else found.sites).reset_index(drop=True)
    return sites, network.cells_from_sectors(found.sectors, sites, work.carriers[rat])


def tune(work: Work, rat: str | None = None, progress: Progress | None = None) -> TuneReport:
    """Read, clean, predict, tune, suspect; write ``results/measurement``.

    Parameters
    ----------
    work : Work
        The project; its map must be made.
    rat : str, optional
        The carrier measured: "nr" or "lte"; default: as ``inputs.measurements`` says, else "nr".
    progress : callable, optional
        Told the share done.

    Raises
    ------
    InputError
        No measurements, no sites, or every fault of the file.
    """
    from cellwright import measurement

    tell: Progress = progress or (lambda share: None)
    rat = _carrier(work, rat)
    found = read(work, work.area, rat=rat)
    found.faults.raise_errors()
    setup, total = _setup(work, rat), len(found.points)
    cleaned = measurement.clean(found.points, work.area, setup.carrier.frequency_ghz)
    cleaned = measurement.of_known_cells(cleaned, setup, total)
    beside = measurement.predict(setup, cleaned.points, progress=portion(tell, 0.0, 0.2))
    beside, strange = measurement.drop_strangers(beside, setup, total)
    rules = pd.concat([cleaned.rules, strange], ignore_index=True)
    if beside.points.empty:
        some = rules[rules["points"] > 0].to_dict("records")
        taken = "; ".join(f"{row['rule']}: {row['points']}" for row in some)
        raise InputError(f"no point of the {total} read is left to tune by. Taken: {taken}.")
    assert work.settings.inputs.measurements is not None
    source = work.settings.inputs.measurements.file
    tuned = measurement.tune(beside.points, carrier=setup.carrier.name, source=source)
    tell(0.7)
    suspected = measurement.suspects(setup, beside, tuned.tuning)
    report = TuneReport(tuned, rules, suspected, tuple(found.faults), work.results / FOLDER)
    _write(work, report, setup)
    tell(1.0)
    return report


def _carrier(work: Work, rat: str | None) -> str:
    layer = work.settings.inputs.measurements
    name = rat or (layer.carrier if layer is not None else None) or "nr"
    if name not in work.carriers:
        raise InputError(f'carrier is "{name}". {did_you_mean(name, work.carriers)}')
    return name


def _setup(work: Work, rat: str) -> Setup:
    """Return the network that was measured, on the project's map."""
    from cellwright.measurement import Setup

    if "sites" not in work.files:
        raise InputError(
            "tuning needs the sites that were measured: name them as inputs.sites in project.toml."
        )
    sites, cells = standing(work, work.area, rat)
    levels = work.settings.coverage
    return Setup(work.area, sites, cells, work.carriers[rat], levels.entry_loss, levels.reach_m)


def _write(work: Work, report: TuneReport, setup: Setup) -> None:
    """Write the tuning, the report and the points, whole or not at all."""
    from cellwright.propagation import write_tuning

    with store.whole_folder(report.folder) as folder:
        write_tuning(report.tuned.tuning, folder / "tuning.toml")
        report.tuned.errors.to_csv(folder / "report.csv", index=False)
        report.tuned.parameters.to_csv(folder / "parameters.csv", index=False)
        report.rules.to_csv(folder / "rules.csv", index=False)
        report.suspects.to_csv(folder / "suspects.csv", index=False)
        store.write_shapes(folder / "residuals.gpkg", _shapes(report, work.area.crs), "residuals")
        store.write_json(folder / store.MADE_FROM, _made_from(work, setup))


def _shapes(report: TuneReport, crs: Any) -> Any:
    """Return the points with their residuals as shapes."""
    import geopandas as gpd

    from cellwright.propagation import CLUTTER

    points = report.tuned.points
    table = points.assign(
        clutter=[CLUTTER[int(number)] for number in points["clutter"]],
        time=points["time"].astype(str).replace("NaT", ""),
    ).drop(columns=["cell", "x_m", "y_m"])
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(points["x_m"], points["y_m"]), crs=crs
    )


def _made_from(work: Work, setup: Setup) -> dict[str, Any]:
    """Say what the tuning was made from."""
    layer = work.settings.inputs.measurements
    track = {"track": work.folder / layer.track} if layer is not None and layer.track else {}
    return {
        "room": FOLDER,
        "inputs": provenance.input_hashes(work.folder, work.files | track),
        "settings": work.settings.model_dump(mode="json"),
        "carrier": setup.carrier.name,
        "versions": provenance.versions(),
        "code": provenance.code_hash(
            "radio", "geo", "propagation", "network", "coverage", FOLDER, "project"
        ),
    }
