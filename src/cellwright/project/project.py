"""A user's project: a folder with ``project.toml``, inputs, results and the page."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Fault, Faults, InputError, did_you_mean, shown_path
from cellwright.project import provenance, store
from cellwright.project.check import missing_files
from cellwright.project.settings import (
    InputsSection,
    Settings,
    json_schema,
    read_settings,
    settings_text,
)
from cellwright.project.steps import STEPS, Step, step_of
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.project.measured import TuneReport

TOML = "project.toml"
LAYERS = tuple(InputsSection.model_fields)
#: A listener to a run: what is being done, and the share of the whole run that is done.
RunListener = Callable[[str, float], None]


@dataclass(frozen=True)
class RunResult:
    """What a run did and found.

    Attributes
    ----------
    seconds : dict
        Wall time [s] of each step that was run; empty if all were fresh.
    kpis : dict
        The key figures (the content of ``kpis.json``), empty if the run stopped earlier.
    headline : list of (label, value)
        The figures shown first.
    warnings : tuple of Fault
        What the run survived.
    report : Path or None
        The page, if the run reached it.
    """

    seconds: dict[str, float]
    kpis: dict[str, Any]
    headline: list[tuple[str, str]]
    warnings: tuple[Fault, ...]
    report: Path | None

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain data for ``--json``."""
        return {
            "seconds": self.seconds,
            "report": self.report,
            "warnings": [fault.as_dict() for fault in self.warnings],
            "kpis": self.kpis,
        }


@dataclass(frozen=True)
class Project:
    """A project folder, opened. Nothing is computed until it is asked for.

    Attributes
    ----------
    folder : Path
        Where ``project.toml`` lies.
    settings : Settings
        Its content.
    """

    folder: Path
    settings: Settings
    _work: dict[str, Work] = field(default_factory=dict, repr=False, compare=False)

    @property
    def results(self) -> Path:
        """Folder of results, one folder per room; may be deleted at any time."""
        return self.folder / "results"

    @property
    def report_path(self) -> Path:
        """The page."""
        return self.folder / "report" / "index.html"

    def input_files(self) -> dict[str, Path]:
        """Return the input files named in ``project.toml``, by layer."""
        layers = self.settings.inputs.layers
        return {name: self.folder / layer.file for name, layer in layers.items()}

    # -- looking ------------------------------------------------------------------------------

    def check(self) -> Faults:
        """Look at every input and collect all faults, without computing anything.

        Returns
        -------
        Faults
            Errors stop a run, warnings do not.
        """
        return self.work.check()

    @property
    def work(self) -> Work:
        """What this project's steps share: settings, paths and results, loaded on first touch."""
        if "work" not in self._work:
            self._work["work"] = Work(
                self.folder,
                self.results,
                self.report_path,
                self.settings,
                self.input_files(),
                load=lambda work, room: step_of(room).load(work, self.results / room),
            )
        return self._work["work"]

    @property
    def area(self) -> Any:
        """The district's map (:class:`cellwright.geo.Area`), from the results or made now."""
        return self._have("geo", "area")

    @property
    def sites(self) -> Any:
        """The chosen sites (GeoDataFrame)."""
        return self._have("planning", "sites")

    @property
    def cells(self) -> Any:
        """The planned cells (DataFrame) of both carriers."""
        return self._have("planning", "cells")

    @property
    def carriers(self) -> Any:
        """The carriers by name, ``nr`` and ``lte``."""
        return self.work.carriers

    def _have(self, room: str, name: str) -> Any:
        self.run(room)
        return getattr(self.work, name)

    # -- running ------------------------------------------------------------------------------

    def _input_hashes(self) -> dict[str, str]:
        """Hash every input file; all faults of the inputs are told if one is not there."""
        if missing_files(self.work, Faults()):
            self.check().raise_errors()
        return provenance.input_hashes(self.folder, self.input_files())

    def keys(self, hashes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what each step's result must have been made from, as one hash per step.

        Parameters
        ----------
        hashes : mapping of str to str, optional
            Hash of each input file, where they are known already.
        """
        hashes = self._input_hashes() if hashes is None else hashes
        # where they lie counts too: kept cells name them by their whole path
        antennas = {str(path): provenance.file_hash(path) for path in self.work.antenna_files}
        tunings = {
            rat: provenance.file_hash(path)
            for rat, path in self.work.tuning_files.items() if path.is_file()
        }  # fmt: skip
        supplied = {
            name: provenance.file_hash(path)
            for name, path in self.work.supply_files.items() if path.is_file()
        }  # fmt: skip
        keys: dict[str, str] = {}
        for step in STEPS:
            mine = {name: hashes[name] for name in hashes if self._belongs(name, step)}
            keys[step.room] = provenance.data_hash(
                {
                    "settings": self._settings_of(step),
                    "inputs": mine,
                    "antennas": antennas if "carriers" in step.settings else {},
                    "tunings": tunings if "coverage" in step.settings else {},
                    "supplied": supplied if "supply" in step.settings else {},
                    "code": provenance.code_hash(*step.code, "project"),
                    "versions": provenance.versions(),
                    "after": [keys[room] for room in step.after],
                }
            )
        return keys

    def _belongs(self, name: str, step: Step) -> bool:
        files = self.input_files()
        stems = {files[layer].with_suffix("") for layer in step.inputs if layer in files}
        return (self.folder / name).with_suffix("") in stems

    def _settings_of(self, step: Step) -> dict[str, Any]:
        data = self.settings.model_dump(mode="json")
        return {section: data[section] for section in step.settings}

    def fresh(self, keys: Mapping[str, str]) -> set[str]:
        """Return the rooms whose results are there and were made from what is there now."""
        return {
            room for room, key in keys.items()
            if self._made_from(room).get("key") == key and self._whole(room)
        }  # fmt: skip

    def _whole(self, room: str) -> bool:
        """Tell whether every file of a step is there as it was written; people tidy up."""
        files = self._made_from(room).get("files", {})
        there = store.sizes(self.results / room)
        page = room != "report" or self.report_path.is_file()
        return page and all(there.get(name) == size for name, size in files.items())

    def _made_from(self, room: str) -> dict[str, Any]:
        made = store.read_json(self.results / room / store.MADE_FROM)
        return made if isinstance(made, dict) else {}

    def todo(self, until: str | None = None) -> list[dict[str, Any]]:
        """Say which steps a run would do.

        Returns
        -------
        list of dict
            Per step: room, title, state (``fresh|stale|missing``), expected seconds.
        """
        store.recover_unless_busy(self.results)
        fresh = self.fresh(self.keys())
        return [
            {
                "room": step.room,
                "title": step.title,
                "state": self._state(step.room, fresh),
                "expected_s": self._expected(step),
            }
            for step in _steps_until(until)
        ]

    def _state(self, room: str, fresh: set[str]) -> str:
        if room in fresh:
            return "fresh"
        return "stale" if self._made_from(room) else "missing"

    def _expected(self, step: Step) -> float:
        return float(self._made_from(step.room).get("seconds", step.expected_s))

    def run(
        self,
        until: str | None = None,
        *,
        progress: RunListener | None = None,
        again: Iterable[str] = (),
    ) -> RunResult:
        """Run the steps whose results are missing or stale; keep each as soon as it is whole.

        Parameters
        ----------
        until : str, optional
            Last room to run: ``geo | planning | coverage | simulation | rollout | report``.
        progress : callable, optional
            Called with what is being done and the share of the run that is done.
        again : iterable of str
            Rooms to run even if fresh.

        Returns
        -------
        RunResult

        Raises
        ------
        InputError
            With every fault of the inputs.
        InfeasiblePlanError
            If the goal cannot be reached.
        """
        steps = _steps_until(until)
        with store.locked(self.results):
            store.recover(self.results)
            hashes = self._input_hashes()
            keys = self.keys(hashes)
            fresh = self.fresh(keys) - set(again)
            stale = [step for step in steps if step.room not in fresh]
            warnings = self._checked(stale)
            seconds = self._run_steps(stale, keys, hashes, progress)
        return self._result(steps, seconds, warnings)

    def _checked(self, stale: list[Step]) -> tuple[Fault, ...]:
        """Check inputs before the first step that reads them."""
        if not any(step.inputs for step in stale):
            return ()
        faults = self.check()
        faults.raise_errors()
        return tuple(faults)

    def _run_steps(
        self,
        stale: list[Step],
        keys: Mapping[str, str],
        hashes: Mapping[str, str],
        progress: RunListener | None,
    ) -> dict[str, float]:
        total = sum(self._expected(step) for step in stale) or 1.0
        before, seconds = 0.0, {}
        for step in stale:
            share = self._expected(step) / total

            def listen(done: float, start: float = before, share: float = share,
                       title: str = step.title) -> None:  # fmt: skip
                if progress is not None:
                    progress(title, min(1.0, start + share * done))

            listen(0.0)
            seconds[step.room] = self._run_step(step, keys[step.room], hashes, listen)
            before += share
        if progress is not None and stale:
            progress("done", 1.0)
        return seconds

    def _run_step(
        self,
        step: Step,
        key: str,
        hashes: Mapping[str, str],
        progress: Callable[[float], None],
    ) -> float:
        start = time.perf_counter()
        self.work.forget(step.room)
        with store.whole_folder(self.results / step.room) as folder:
            step.make(self.work, folder, progress)
            seconds = round(time.perf_counter() - start, 2)
            made = self._provenance(step, key, hashes, seconds) | {"files": store.sizes(folder)}
            store.write_json(folder / store.MADE_FROM, made)
        return seconds

    def _provenance(
        self, step: Step, key: str, hashes: Mapping[str, str], seconds: float
    ) -> dict[str, Any]:
        return {
            "room": step.room,
            "key": key,
            "inputs": {name: hashes[name] for name in hashes if self._belongs(name, step)},
            "settings": self._settings_of(step),
            "after": list(step.after),
            "versions": provenance.versions(),
            "code": provenance.code_hash(*step.code, "project"),
            "seed": self.settings.project.seed,
            "seconds": seconds,
        }

    def _result(
        self, steps: list[Step], seconds: dict[str, float], warnings: tuple[Fault, ...]
    ) -> RunResult:
        reached = steps[-1].room == "report"
        kpis = store.read_json(self.results / "report" / "kpis.json") if reached else None
        headline = [(str(label), str(value)) for label, value in (kpis or {}).get("headline", [])]
        return RunResult(
            seconds, kpis or {}, headline, warnings, self.report_path if reached else None
        )

    # -- asking -------------------------------------------------------------------------------

    def compare(self) -> dict[str, Any]:
        """Return 5G beside 4G: tables by percentile, the factors of the ratio, one sentence."""
        self.run("simulation")
        result: dict[str, Any] = store.read_json(self.results / "simulation" / "comparison.json")
        return result

    def tune(self, carrier: str | None = None, progress: RunListener | None = None) -> TuneReport:
        """Tune the model of one carrier to the project's drive test.

        Parameters
        ----------
        carrier : str, optional
            "nr" or "lte"; default: as ``inputs.measurements`` says, else "nr".
        progress : callable, optional
            Called with what is being done and the share that is done.

        Returns
        -------
        TuneReport
            Also written to ``results/measurement``.

        Raises
        ------
        InputError
            With every fault of the measurements.
        """
        from cellwright.project.measured import tune

        self.run("geo", progress=progress)
        with store.locked(self.results):
            return tune(
                self.work, carrier,
                None if progress is None else lambda share: progress("Tuning", share),
            )  # fmt: skip

    def sources(self) -> pd.DataFrame:
        """Return the standards, papers and data behind every number of this project.

        Returns
        -------
        DataFrame
            Columns ``room, subject, document, edition, clause``.
        """
        from cellwright.project.references import sources

        return sources(self.work)


def _steps_until(until: str | None) -> list[Step]:
    rooms = [step.room for step in STEPS]
    if until is None:
        return list(STEPS)
    if until not in rooms:
        raise InputError(f'There is no step "{until}". {did_you_mean(until, rooms)}')
    return list(STEPS[: rooms.index(until) + 1])


def open(folder: Path | str) -> Project:
    """Open a project folder.

    Parameters
    ----------
    folder : path
        Folder that holds ``project.toml``.

    Returns
    -------
    Project

    Raises
    ------
    InputError
        If there is no ``project.toml``, or with every fault in it.
    """
    folder = Path(folder).resolve()
    path = folder / TOML
    if not path.is_file():
        raise InputError(
            f"{shown_path(folder)} has no {TOML}. "
            f"Make a project: cellwright new {shown_path(folder)} --district nantes"
        )
    faults = Faults()
    settings = read_settings(path, faults)
    faults.raise_errors()
    assert settings is not None
    return Project(folder, settings)


def new(
    folder: Path | str,
    *,
    district: str | None = None,
    inputs: Mapping[str, Path | str] | None = None,
    crs: str | None = None,
    name: str | None = None,
) -> Project:
    """Make a project folder from a shipped district or from the user's own files (copied).

    Parameters
    ----------
    folder : path
        Folder to make; must not exist or be empty.
    district : str, optional
        A shipped district, for example ``nantes``.
    inputs : mapping of layer to path, optional
        Own files: ``buildings`` (needed), ``terrain, surface, streets, population, boundary,
        sites, equipment``; they win over the district's.
    crs : str, optional
        Projected CRS in metres.
    name : str, optional
        Name on the page.

    Returns
    -------
    Project

    Raises
    ------
    InputError
        With every file that is not there.
    """
    folder = Path(folder).resolve()
    given = {layer: Path(path) for layer, path in (inputs or {}).items()}
    _check_new(folder, district, given)
    values: dict[str, Any] = {"project": {"name": name or folder.name}, "area": {}, "inputs": {}}
    if district is not None:
        values = _shipped_values(district, given, name)
    if crs:
        values["area"]["crs"] = crs
    files = values.pop("files", {}) | given
    with store.whole_folder(folder) as part:
        (part / "inputs").mkdir()
        for layer, path in files.items():
            name_in = f"inputs/{_copy(path, part / 'inputs').name}"
            how = values["inputs"].get(layer)
            values["inputs"][layer] = {"file": name_in, **how} if how else name_in
        store.write_text(
            part / TOML, "#:schema ./.cellwright/schema.json\n" + settings_text(values)
        )
        store.write_json(part / ".cellwright" / "schema.json", json_schema())
        store.write_text(part / ".gitignore", "results/\nreport/\n.cellwright/\n")
    return open(folder)


def _check_new(folder: Path, district: str | None, given: Mapping[str, Path]) -> None:
    faults = Faults()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        faults.error(
            "new.folder", f"{shown_path(folder)} is not empty.", "Name a folder that is not there."
        )
    for layer, path in given.items():
        if layer not in LAYERS:
            faults.error("new.layer", f'"{layer}" is not a layer.', did_you_mean(layer, LAYERS))
        elif not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "is not there"
            near = [item.name for item in path.parent.glob("*") if item.is_file()]
            hint = did_you_mean(path.name, near)
            cure = hint if hint.startswith("Did") else "Give the path of a file."
            faults.error("new.file", f"{shown_path(path)} ({layer}) {what}.", cure)
    if district is None and "buildings" not in given:
        faults.error(
            "new.nothing",
            "A project needs a map.",
            "Give --district nantes, or your own --buildings FILE.",
        )
    faults.raise_errors()


def _shipped_values(district: str, given: Mapping[str, Path], name: str | None) -> dict[str, Any]:
    """Return settings and files of a shipped district, less the layers the user replaces."""
    from cellwright import geo

    shipped = geo.read_district(geo.shipped_district(district))
    layers = {role: shipped.source(role) for role in geo.ROLES if role not in given}
    sources = {role: source for role, source in layers.items() if source is not None}
    layers_toml = {
        role: {
            key: value
            for key in ("columns", "attribution", "layer", "crs", "encoding")
            if (value := getattr(source, key))
        }
        for role, source in sources.items()
    }
    return {
        "project": {"name": name or shipped.name},
        "area": {"crs": shipped.crs} if shipped.crs else {},
        "inputs": layers_toml,
        "files": {role: Path(source.path) for role, source in sources.items()},
    }


def _copy(path: Path, folder: Path) -> Path:
    """Copy a file, and what belongs to a Shapefile, into the project's inputs."""
    parts = path.parent.glob(f"{path.stem}.*") if path.suffix.lower() == ".shp" else [path]
    for part in parts:
        shutil.copy2(part, folder / part.name)
    return folder / path.name
