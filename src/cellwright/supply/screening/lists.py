"""Lists of parties: the 28-column Consolidated Screening List CSV and FollowTheMoney JSON lines.

Files are read row by row, so that size does not matter: the house's reader of tables holds a file
whole. Only names, dates, countries and legal grounds are kept.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from cellwright.errors import Faults, did_you_mean, shown_path

#: Columns of the Consolidated Screening List of the United States as published in CSV.
CSL_COLUMNS = (
    "source",
    "entity_number",
    "type",
    "programs",
    "name",
    "title",
    "addresses",
    "federal_register_notice",
    "start_date",
    "end_date",
    "standard_order",
    "license_requirement",
    "license_policy",
    "call_sign",
    "vessel_type",
    "gross_tonnage",
    "gross_registered_tonnage",
    "vessel_flag",
    "vessel_owner",
    "remarks",
    "source_list_url",
    "alt_names",
    "citizenships",
    "dates_of_birth",
    "nationalities",
    "places_of_birth",
    "source_information_url",
    "ids",
)
_NEEDED = ("source", "name", "alt_names", "addresses", "start_date", "end_date")
_SHOWN_FAULTS = 50  # of one kind; the rest is counted
_NOT_PARTIES = frozenset({"vessel", "aircraft", "address", "sanction", "position", "occupancy"})
_ALIASES = ("name", "alias", "weakAlias", "previousName", "abbreviation")


@dataclass(frozen=True)
class Listed:
    """One party of a list.

    Attributes
    ----------
    name, aliases : str, tuple of str
        As the list writes them.
    list_name : str
        The list the row is from.
    countries : tuple of str
        ISO 3166-1 alpha-2, from the addresses or the record.
    start, end : date or None
        First and last day on the list; None: not said.
    key : str
        The list's own id of the party, else ``row N``.
    file, row : str, int
        Where it was read.
    legal : str
        Notice, requirement or programme named by the list.
    """

    name: str
    aliases: tuple[str, ...] = ()
    list_name: str = ""
    countries: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    key: str = ""
    file: str = ""
    row: int = 0
    legal: str = ""

    def on(self, day: date) -> bool:
        """Return whether the party stands on the list on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class _Sieve:
    """Passes the first faults of each kind on and counts the others."""

    def __init__(self, faults: Faults, file: str) -> None:
        self.faults, self.file, self.seen = faults, file, dict[str, int]()

    def error(self, code: str, message: str, cure: str, row: int | None = None) -> None:
        self.seen[code] = self.seen.get(code, 0) + 1
        if self.seen[code] <= _SHOWN_FAULTS:
            self.faults.error(code, message, cure, file=self.file, row=row)

    def close(self) -> None:
        for code, count in self.seen.items():
            if count > _SHOWN_FAULTS:
                more = count - _SHOWN_FAULTS
                self.faults.error(code, f"{more} more rows like these.", file=self.file, count=more)


def read_list(path: str | Path, faults: Faults | None = None) -> list[Listed]:
    """Read a list of parties.

    Parameters
    ----------
    path : str or Path
        CSV in the official 28 columns (comma, semicolon or tab), or FollowTheMoney JSON lines
        (``.json``, ``.jsonl``, ``.ndjson``, ``.ftm``).
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    list of Listed
        Vessels, aircraft and addresses are left out.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    own = Faults() if faults is None else faults
    path, found = Path(path), list[Listed]()
    sieve = _Sieve(own, shown_path(path))
    if not path.is_file():
        what = "this is a folder." if path.is_dir() else "there is no such file."
        sieve.error("list.no-file", what, "Check the path.")
    elif path.stat().st_size == 0:
        sieve.error("list.empty", "the file is empty.", "Download the list again.")
    else:
        found = _read(path, sieve)
        if not found and not sieve.seen:
            sieve.error("list.empty", "the file lists no party.", "Download the list again.")
    sieve.close()
    if faults is None:
        own.raise_errors()
    return found


def _read(path: Path, sieve: _Sieve) -> list[Listed]:
    as_lines = path.suffix.lower() in (".json", ".jsonl", ".ndjson", ".ftm")
    reader: Callable[[TextIO, _Sieve], Iterable[Listed]] = _read_ftm if as_lines else _read_csl
    found: list[Listed] = []
    try:
        with path.open("rb") as first:
            wide = first.read(2) in (b"\xff\xfe", b"\xfe\xff")
        with path.open(encoding="utf-16" if wide else "utf-8-sig", newline="") as file:
            found.extend(reader(file, sieve))
    except UnicodeError as error:
        near = f" after row {found[-1].row}" if found else ""
        message = f"the text{near} is not {'UTF-16' if wide else 'UTF-8'}: {error}."
        sieve.error("list.encoding", message, "Download the list again, or save it as UTF-8.")
    except csv.Error as error:
        sieve.error("list.unreadable", f"not a table: {error}.", "Download the list again.")
    return found


def _read_csl(file: TextIO, sieve: _Sieve) -> Iterator[Listed]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    first = file.readline()
    marks = {mark: first.count(mark) for mark in ",;\t"}
    separator = max(marks, key=marks.__getitem__)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=separator), [])]
    absent = [name for name in _NEEDED if name not in header]
    for name in absent:
        cure = f"Use the official file of {len(CSL_COLUMNS)} columns. {did_you_mean(name, header)}"
        sieve.error("list.missing-column", f'column "{name}" is missing.', cure, 1)
    if absent:
        return
    reader = csv.reader(file, delimiter=separator)
    for fields in reader:
        row = reader.line_num + 1
        if not any(fields):
            continue
        if len(fields) != len(header):
            message = f"the row has {len(fields)} fields, the header {len(header)}."
            cure = "Quote text that holds the separator, or download the list again."
            sieve.error("list.row-length", message, cure, row)
            continue
        listed = _csl_row(dict(zip(header, fields, strict=True)), row, sieve)
        if listed is not None:
            yield listed


def _csl_row(record: dict[str, str], row: int, sieve: _Sieve) -> Listed | None:
    if record.get("type", "").strip().lower() in _NOT_PARTIES:
        return None
    name = record["name"].strip()
    if not name:
        sieve.error("list.no-name", "name is empty.", "Fill it in or remove the row.", row)
        return None
    start, end = _dates(record["start_date"], record["end_date"], row, sieve)
    legal = "; ".join(
        text.strip()
        for key in ("federal_register_notice", "license_requirement", "programs")
        if (text := record.get(key, "")).strip()
    )
    return Listed(
        name,
        tuple(_split_names(record["alt_names"])),
        record["source"].strip(),
        tuple(_address_countries(record["addresses"])),
        start,
        end,
        record.get("entity_number", "").strip() or f"row {row}",
        sieve.file,
        row,
        legal,
    )


def _split_names(text: str) -> Iterator[str]:
    for part in text.split(";"):
        name = re.sub(r"^and\s+", "", part.strip()).strip(" .") if part.strip() else ""
        if name:
            yield name


def _address_countries(text: str) -> list[str]:
    ends = (address.strip().rsplit(",", 1)[-1].strip() for address in text.split(";"))
    return sorted({end for end in ends if re.fullmatch("[A-Z]{2}", end)})


def _dates(start: str, end: str, row: int, sieve: _Sieve) -> tuple[date | None, date | None]:
    read = []
    for name, text in (("start_date", start.strip()), ("end_date", end.strip())):
        try:
            read.append(_date(text))
        except ValueError:
            message = f'{name} is "{text}", which is no date.'
            sieve.error("list.date", message, "Write it as 2019-05-16.", row)
            read.append(None)
    if read[0] and read[1] and read[1] < read[0]:
        message = f"end_date {read[1]} lies before start_date {read[0]}."
        sieve.error("list.date-order", message, "Swap or correct them.", row)
    return read[0], read[1]


def _date(text: str) -> date | None:
    """Read a date; where FollowTheMoney gives only a year or a month, its first day."""
    if not text:
        return None
    return date.fromisoformat({4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text[:10]))


def _read_ftm(file: TextIO, sieve: _Sieve) -> Iterator[Listed]:
    for row, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            cure = "Each line must be one JSON record; download the list again."
            sieve.error("list.json", f"the line is no JSON: {error}.", cure, row)
            continue
        listed = _ftm_record(record, row, sieve)
        if listed is not None:
            yield listed


def _ftm_record(record: Any, row: int, sieve: _Sieve) -> Listed | None:
    values = record.get("properties") if isinstance(record, dict) else None
    if not isinstance(values, dict) or "schema" not in record:
        message = 'the record has no "schema" and "properties".'
        sieve.error("list.ftm", message, "Give FollowTheMoney entities, one a line.", row)
        return None
    values = {key: v if isinstance(v, list) else [v] for key, v in values.items()}
    names = [str(n) for key in _ALIASES for n in values.get(key, []) if n]
    if str(record["schema"]).lower() in _NOT_PARTIES or not any(values.get("name", [])):
        return None
    first = [str((values.get(key) or [""])[0] or "") for key in ("startDate", "endDate")]
    start, end = _dates(first[0], first[1], row, sieve)
    name = str(record.get("caption") or names[0])
    countries = {
        str(code).upper()[:2]
        for key in ("country", "jurisdiction", "mainCountry")
        for code in values.get(key, [])
    }
    return Listed(
        name,
        tuple(dict.fromkeys(n for n in names if n != name)),
        ", ".join(map(str, record.get("datasets", []))),
        tuple(sorted(countries)),
        start,
        end,
        str(record.get("id", f"row {row}")),
        sieve.file,
        row,
        "; ".join(map(str, values.get("topics", []) + values.get("program", []))),
    )
