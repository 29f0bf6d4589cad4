"""Every input of a project looked at before a run: files, map, sites, carriers, equipment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Fault, Faults, InputError, did_you_mean, shown_path
from cellwright.project.settings import toml_lines

if TYPE_CHECKING:
    from cellwright.geo import Area
    from cellwright.network import Carrier
    from cellwright.project.work import Work

TOML = "project.toml"
#: Where a site file alone is checked, because the map cannot be read.
_ANY_METRES = "EPSG:3857"


def check(work: Work) -> Faults:
    """Collect the faults of all inputs; one that cannot be used never hides those of another.

    Files are named relative to the project, and what stands in ``project.toml`` has its line.
    """
    faults = Faults()
    missing = missing_files(work, faults)
    _check_carriers(work, faults)
    if "equipment" in work.files and "equipment" not in missing:
        _adopt(lambda: work.catalogue, faults)
    area = _check_map(work, missing, faults)
    if "sites" in work.files and "sites" not in missing:
        _adopt(lambda: faults.extend(work.read_sites(area, crs=_sites_crs(work)).faults), faults)
    _check_measured(work, area, missing, faults)
    _check_supply(work, faults)
    return Faults([_in_project(fault, work.folder) for fault in _with_lines(faults, work.folder)])


def _check_supply(work: Work, faults: Faults) -> None:
    """Check vendors, rules, parts and links, where the project says anything of them."""
    from cellwright.project.supply.case import check_supply

    if work.settings.supply.model_fields_set:
        check_supply(work, faults)


def _check_measured(work: Work, area: Area | None, missing: set[str], faults: Faults) -> None:
    """Check the drive test, and the tunings that the carriers use."""
    from cellwright.project.measured import read

    if "measurements" in work.files and "measurements" not in missing:
        usable = area if "sites" not in missing else None
        crs = None if usable is not None else _sites_crs(work)
        _adopt(lambda: faults.extend(read(work, usable, crs).faults), faults, "inputs.measurements")
    if work.tuning_files:
        _adopt(lambda: work.tunings, faults, "coverage.tuning")


def missing_files(work: Work, faults: Faults) -> set[str]:
    """Note every input file that is named but not there, or no file; return their layers."""
    missing = set()
    for layer, path in work.files.items():
        if path.is_file():
            continue
        missing.add(layer)
        near = [item.name for item in path.parent.glob("*") if item.is_file()]
        hint = did_you_mean(path.name, near)
        what = "which is a folder, not a file" if path.is_dir() else "which is not there"
        faults.error(
            "inputs.missing",
            f'inputs.{layer} names "{shown_path(path)}", {what}.',
            hint if hint.startswith("Did") else "Put the file there, or change the name.",
            file=TOML,
        )
    return missing


def _check_map(work: Work, missing: set[str], faults: Faults) -> Area | None:
    """Check the map's layers; build it where the sites are to be laid on it."""
    from cellwright import geo

    found = Faults()
    area: Area | None = None
    try:
        if {"sites", "measurements"} & set(work.files) and not missing:
            area = geo.read_area(work.area_inputs, found)
        else:
            found = geo.check_area(work.area_inputs)
    except InputError as error:
        found.extend(_faults_of(error, "area.value"))
    # a file that is not there has been named already
    faults.extend(one for one in found if one.code.partition(".")[0] not in missing)
    return area


def _sites_crs(work: Work) -> str:
    """Return a CRS to read sites in where there is no map to lay them on."""
    import pyproj

    given = work.settings.area.crs
    try:
        return str(pyproj.CRS.from_user_input(given)) if given else _ANY_METRES
    except pyproj.exceptions.CRSError:
        return _ANY_METRES


def _check_carriers(work: Work, faults: Faults) -> None:
    """Check both carriers: values, channel, technology, path-loss models, antenna files."""
    from cellwright.network import carriers_from

    for rat, table in work.settings.carriers.model_dump().items():
        found = Faults()
        made = carriers_from({rat: table}, faults=found, file=TOML).get(rat)
        if made is not None:
            _check_technology(rat, made, found)
            _check_antenna_files(work, made, found)
        _check_models(rat, table.get("models") if made is None else made.models, found)
        faults.extend(found)


def _check_technology(rat: str, made: Carrier, faults: Faults) -> None:
    from cellwright.network import carrier, presets

    if made.rat != rat:
        fitting = ", ".join(name for name in presets() if carrier(name).rat == rat)
        faults.error(
            "carriers.rat",
            f'carrier "{rat}": by its preset or band it is {made.rat.upper()} on {made.band}, '
            f"and [carriers.{rat}] holds the {rat.upper()} carrier.",
            f"Presets that fit: {fitting}.",
            file=TOML,
        )


def _check_models(rat: str, models: Any, faults: Faults) -> None:
    from cellwright import propagation

    for kind, name in models.items() if isinstance(models, dict) else ():
        try:
            propagation.model(str(name))
        except InputError as error:
            message = f'carrier "{rat}": models.{kind}: {error}'
            faults.error("carriers.model", message, file=TOML)


def _check_antenna_files(work: Work, made: Carrier, faults: Faults) -> None:
    from cellwright.radio import antenna

    for name in sorted({made.antenna, *made.antennas.values()}):
        if not Path(name).suffix:
            continue
        path = work.antenna_path(name)
        if not path.is_file():
            message = f'carrier "{made.name}": there is no antenna file "{name}".'
            faults.error("carriers.antenna", message, "Its path starts here.", file=TOML)
            continue
        _adopt(lambda path=path: antenna(str(path)), faults, "carriers.antenna")  # type: ignore[misc]


def _adopt(read: Callable[[], object], faults: Faults, code: str = "project.value") -> None:
    """Read something, taking over its faults instead of raising."""
    try:
        read()
    except InputError as error:
        faults.extend(_faults_of(error, code))


def _faults_of(error: InputError, code: str) -> Iterable[Fault]:
    return error.faults or [Fault(code, str(error), file=TOML)]


# -- where a fault is -------------------------------------------------------------------------


def _with_lines(faults: Iterable[Fault], folder: Path) -> Iterable[Fault]:
    """Give the faults that stand in ``project.toml`` their line there."""
    lines = toml_lines((folder / TOML).read_text(encoding="utf-8-sig"))
    for fault in faults:
        if fault.file in ("", TOML) and fault.row is None:
            yield replace(fault, file=TOML, row=_line(fault, lines))
        else:
            yield fault


def _line(fault: Fault, lines: dict[tuple[str, ...], int]) -> int | None:
    """Return the line of the key that the message names, else that of its table."""
    section, _, what = fault.code.partition(".")
    words = [*re.findall(r"[\w-]+", fault.message), what]
    places = [place for place in lines if place[0].rstrip("s") == section.rstrip("s")]
    if section.startswith("carrier"):
        places = [place for place in places if place[1:2] == (words[1],)]
    named = [place for place in places if len(place) > 1 and place[-1] in words[2:]]
    named += [place for place in places if place[-1] in words]
    return lines[max(named, key=len)] if named else None


def _in_project(fault: Fault, folder: Path) -> Fault:
    """Name files as ``project.toml`` does: relative to the project."""
    prefixes = {f"{folder}/", f"{shown_path(folder)}/"} - {"./"}
    change: dict[str, Any] = {}
    for name in ("file", "message", "cure"):
        text = getattr(fault, name)
        for prefix in sorted(prefixes, key=len, reverse=True):
            text = text.replace(prefix, "")
        change[name] = text
    return replace(fault, **change)
