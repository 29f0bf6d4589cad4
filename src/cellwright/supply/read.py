"""Reading parties, rules, parts and stock from TOML, CSV and XLSX, with all faults at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.network.site_columns import number, plain
from cellwright.network.site_files import ROW, read_raw
from cellwright.supply.codes import countries, currencies
from cellwright.supply.parties import Holding, Listing, Parties, Party
from cellwright.supply.rules import ACTS_ON, BASES, KINDS, METRICS, Rule, Step, Who


def read_parties(path: str | Path, faults: Faults | None = None) -> Parties:
    """Read parties from TOML (``[[party]]`` as shipped).

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: ownership loops, shares over 100 %, unknown
        countries, dates out of order.
    """
    own = Faults() if faults is None else faults
    parties = as_parties(_toml(path, "party", own), shown_path(path), own)
    if faults is None:
        own.raise_errors()
    return Parties(parties)


def read_rules(path: str | Path, faults: Faults | None = None) -> tuple[Rule, ...]:
    """Read rules from TOML (``[[rule]]`` as shipped).

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: also rules that contradict each other.
    """
    own = Faults() if faults is None else faults
    rules = as_rules(_toml(path, "rule", own), shown_path(path), own)
    contradictions(rules, own, shown_path(path))
    if faults is None:
        own.raise_errors()
    return rules


def _toml(path: str | Path, key: str, faults: Faults) -> list[dict[str, Any]]:
    try:
        return list(tomllib.loads(Path(path).read_text(encoding="utf-8-sig")).get(key, []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.error(
            "supply.unreadable", f"cannot be read as TOML: {error}.", file=shown_path(path)
        )
        return []


def as_parties(tables: Iterable[Mapping[str, Any]], file: str, faults: Faults) -> list[Party]:
    """Turn records into parties; ids given twice are left out with a fault."""
    found: dict[str, Party] = {}
    for at, table in enumerate(tables, start=1):
        name = str(table.get("party_id", ""))
        label = f'party "{name}"'
        if not name or name in found:
            what = "has no party_id" if not name else "is given twice"
            faults.error("parties.id", f"{label} {what}.", "Ids must differ.", file=file, row=at)
            continue
        country = str(table.get("country", ""))
        if country and country not in countries():
            cure = (
                'Write the United Kingdom as "GB".' if country == "UK" else "Use ISO 3166-1 codes."
            )
            faults.error(
                "parties.country",
                f'{label}: country "{country}" is unknown.',
                cure,
                file=file,
                row=at,
            )
        held = tuple(
            Holding(
                str(h.get("owner", "")), float(h.get("share", 0.0)), h.get("start"), h.get("end")
            )
            for h in table.get("owners", ())
        )
        lists = tuple(
            Listing(str(one["name"]), one.get("start"), one.get("end"))
            for one in table.get("lists", ())
        )
        spans: tuple[Holding | Listing, ...] = (*held, *lists)
        for span in spans:
            if span.start and span.end and span.end < span.start:
                faults.error(
                    "parties.dates",
                    f"{label}: {span.end} lies before {span.start}.",
                    "Swap the dates.",
                    file=file,
                    row=at,
                )
        _check_shares(label, held, file, at, faults)
        found[name] = Party(
            name,
            str(table.get("name", name)),
            tuple(table.get("aliases", ())),
            country,
            held,
            dict(table.get("attributes", {})),
            lists,
            str(table.get("source", "")),
        )
    _check_loops(found, file, faults)
    return list(found.values())


def _check_shares(
    label: str, held: tuple[Holding, ...], file: str, row: int, faults: Faults
) -> None:
    for one in held:
        if not 0.0 <= one.share <= 1.0:
            faults.error(
                "parties.share",
                f"{label}: {one.owner} holds {100 * one.share:g} %.",
                "A share lies from 0 to 1.",
                file=file,
                row=row,
            )
    for day in sorted({one.start or date.min for one in held}):
        total = sum(one.share for one in held if one.on(day))
        if total > 1.0 + 1e-6:
            when = "" if day == date.min else f" on {day.isoformat()}"
            faults.error(
                "parties.shares",
                f"{label}: shares add up to {100 * total:g} %{when}.",
                "Together at most 100 %; give from and to dates.",
                file=file,
                row=row,
            )
            return


def _check_loops(found: Mapping[str, Party], file: str, faults: Faults) -> None:
    left = {name: {h.owner for h in party.owners} & set(found) for name, party in found.items()}
    while True:
        free = {name for name, owners in left.items() if not owners & set(left)}
        if not free:
            break
        left = {name: owners for name, owners in left.items() if name not in free}
    if left:
        names = ", ".join(sorted(left))
        faults.error(
            "parties.loop",
            f"ownership runs in a circle among: {names}.",
            "Remove one share, or split it by dates in two files.",
            file=file,
        )


_RULE_KEYS = set(Rule.__dataclass_fields__)
_WORDS = ("functions", "technologies", "tags", "where")


def as_rules(tables: Iterable[Mapping[str, Any]], file: str, faults: Faults) -> tuple[Rule, ...]:
    """Turn records into rules; those with faults are left out."""
    rules: list[Rule] = []
    for at, table in enumerate(tables, start=1):
        problems = list(_rule_problems(table, {rule.rule_id for rule in rules}))
        for message, cure in problems:
            name = table.get("rule_id", f"number {at}")
            faults.error("rules.value", f'rule "{name}": {message}', cure, file=file, row=at)
        if not problems:
            rules.append(_rule(table))
    return tuple(rules)


def _rule(table: Mapping[str, Any]) -> Rule:
    values = {key: table[key] for key in _RULE_KEYS & set(table)}
    who: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in table.get("who", {}).items()
    }
    steps = tuple(
        Step(step["start"], None if step.get("limit") is None else float(step["limit"]))
        for step in table["steps"]
    )
    words = {key: tuple(table[key]) for key in _WORDS if key in table}
    return Rule(**{**values, **words, "who": Who(**who), "steps": steps})


def _rule_problems(table: Mapping[str, Any], known: set[str]) -> Iterable[tuple[str, str]]:
    for key in sorted(set(table) - _RULE_KEYS):
        yield f'there is no "{key}".', did_you_mean(key, _RULE_KEYS)
    for key in sorted(set(table.get("who", {})) - set(Who.__dataclass_fields__)):
        yield f'who has no "{key}".', did_you_mean(key, Who.__dataclass_fields__)
    if not table.get("rule_id") or table["rule_id"] in known:
        yield "rule_id is empty or given twice.", "Ids must differ."
    for key, allowed in (
        ("kind", KINDS),
        ("basis", BASES),
        ("metric", METRICS),
        ("acts_on", ACTS_ON),
    ):
        if (key == "kind" or key in table) and table.get(key) not in allowed:
            yield f'{key} is "{table.get(key)}".', did_you_mean(str(table.get(key)), allowed)
    steps = table.get("steps", [])
    days = [step.get("start") for step in steps]
    if not days or not all(isinstance(day, date) for day in days):
        yield (
            "steps need a start date each.",
            "Write steps = [{ start = 2023-01-28, limit = 0.35 }].",
        )
    elif days != sorted(set(days)):
        yield "dates of the steps are out of order.", "They must rise."
    elif isinstance(table.get("until"), date) and table["until"] < days[0]:
        yield f"until {table['until']} lies before the first step.", "Swap the dates."
    top = 1.0 if table.get("kind") in ("cap", "min-share") else float("inf")
    if any(not 0.0 <= step.get("limit", 0.0) <= top for step in steps):
        yield "a limit lies outside 0 to 1.", "Write 35 % as 0.35."
    for code in (
        *table.get("who", {}).get("countries", ()),
        *table.get("who", {}).get("made_in", ()),
    ):
        if code not in countries():
            yield f'country "{code}" is unknown.', "Use ISO 3166-1 codes."


def contradictions(rules: Iterable[Rule], faults: Faults, file: str = "") -> None:
    """Note rules that no plan can keep together: a share asked of those who may not have it."""
    every = list(rules)
    for least in (rule for rule in every if rule.kind == "min-share"):
        for most in (rule for rule in every if rule.kind in ("cap", "prohibit")):
            same = all(
                getattr(least, key) == getattr(most, key)
                for key in ("who", "functions", "technologies", "tags", "where", "basis")
            )
            days = {step.start for step in (*least.steps, *most.steps)}
            for day in sorted(days) if same else ():
                low, high = least.limit_on(day), most.limit_on(day)
                if low is not None and high is not None and low > high + 1e-9:
                    message = (
                        f'"{least.rule_id}" asks for {100 * low:g} % where '
                        f'"{most.rule_id}" allows {100 * high:g} % on {day}.'
                    )
                    faults.error("rules.contradict", message, "Drop one of the two.", file=file)
                    break


PART_COLUMNS = (
    "part",
    "product",
    "quantity",
    "value",
    "currency",
    "design",
    "fab",
    "assembly",
    "maker",
    "substitutes",
    "hs",
)
STOCK_COLUMNS = ("item", "quantity", "other_use_per_month", "arrives", "arriving")


def read_parts(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read a bill of materials from CSV (any separator, decimal commas) or XLSX (merged headers).

    Returns
    -------
    DataFrame
        Columns `PART_COLUMNS`.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: no supplier, unknown countries, no currency.
    """
    own = Faults() if faults is None else faults
    table, file = _table(path, PART_COLUMNS, ("quantity", "value"), own)
    table["quantity"] = table["quantity"].fillna(1.0)
    for record in table.to_dict("records"):
        for code, message, cure in _part_problems(record):
            own.error(code, f'part "{record["part"]}": {message}', cure, file=file, row=record[ROW])
    if faults is None:
        own.raise_errors()
    return table[list(PART_COLUMNS)]


def _part_problems(record: Mapping[Any, Any]) -> Iterable[tuple[str, str, str]]:
    if not record["maker"] and not record["substitutes"]:
        yield "parts.supplier", "has no supplier.", "Name its maker or a substitute."
    if not record["currency"]:
        yield "parts.currency", "has a value without a currency.", 'Write "USD".'
    elif record["currency"] not in currencies():
        yield (
            "parts.currency",
            f'currency "{record["currency"]}" is unknown.',
            "Use ISO 4217 codes.",
        )
    for stage in ("design", "fab", "assembly"):
        if record[stage] and record[stage] not in countries():
            text = f'{stage} country "{record[stage]}" is unknown.'
            yield "parts.country", text, "Use ISO 3166-1 codes, or leave it empty."
    for name in ("quantity", "value"):
        if not record[name] >= 0.0:
            yield "parts.number", f"{name} is missing or negative.", ""


def read_stock(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read stock: ``item, quantity, other_use_per_month, arrives, arriving``.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: negative stock, dates that are none.
    """
    own = Faults() if faults is None else faults
    figures = ("quantity", "other_use_per_month", "arriving")
    table, file = _table(path, STOCK_COLUMNS, figures, own)
    table[list(figures)] = table[list(figures)].fillna(0.0)
    for record in table.to_dict("records"):
        for name in figures:
            if record[name] < 0.0:
                own.error(
                    "stock.negative",
                    f'item "{record["item"]}": {name} is {record[name]:g}.',
                    "Stock is 0 or more.",
                    file=file,
                    row=record[ROW],
                )
    arrives = pd.to_datetime(table["arrives"].replace("", None), errors="coerce")
    for row in table.loc[arrives.isna() & (table["arrives"] != ""), ROW]:
        own.error("stock.date", "arrives is no date.", "Write 2019-06-05.", file=file, row=row)
    if faults is None:
        own.raise_errors()
    return table.assign(arrives=arrives)[list(STOCK_COLUMNS)]


def _table(
    path: str | Path, columns: tuple[str, ...], figures: tuple[str, ...], faults: Faults
) -> tuple[pd.DataFrame, str]:
    file, found = shown_path(path), Faults()
    if Path(path).suffix.lower() == ".xlsx" and Path(path).is_file():
        raw = _sheet(Path(path), file, found)
    else:
        raw, _ = read_raw(Path(path), None, found)
    faults.extend(found)
    raw = raw.rename(columns={name: _column(name, columns) for name in raw.columns if name != ROW})
    for name in raw.columns:
        if name not in (*columns, ROW):
            faults.warn(
                "supply.unknown-column",
                f'column "{name}" is left out.',
                did_you_mean(name, columns),
                file=file,
                row=1,
            )
    table = raw.loc[:, ~raw.columns.duplicated()].reindex(columns=[ROW, *columns]).astype(object)
    for name in columns:
        if name in figures:
            read = [None if pd.isna(v) else number(v) for v in table[name]]
            for row, given, value in zip(table[ROW], table[name], read, strict=True):
                if value is None and not pd.isna(given):
                    faults.error(
                        "supply.number",
                        f'{name} is "{given}", which is no number.',
                        file=file,
                        row=int(row),
                    )
            table[name] = pd.Series(read, index=table.index, dtype=float)
        else:
            words = table[name].map(lambda v: v.date() if isinstance(v, datetime) else v)
            table[name] = words.fillna("").astype(str).str.strip()
    return table, file


def _column(name: str, columns: tuple[str, ...]) -> str:
    """Return our column for a heading; "origin_design" of a merged head is ``design``."""
    word = plain(str(name))
    tail = word.rsplit("_", 1)[-1]
    return word if word in columns or tail not in columns else tail


def _sheet(path: Path, file: str, faults: Faults) -> pd.DataFrame:
    """Read a sheet; merged cells across the head join the row below to their own words."""
    import openpyxl

    page = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    wide = [
        area
        for area in page.merged_cells.ranges
        if area.min_row == 1 and area.max_col > area.min_col
    ]
    for area in wide:
        for column in range(area.min_col, area.max_col + 1):
            rows[0][column - 1] = rows[0][area.min_col - 1]
    head, first = rows[0] if rows else [], 1
    if wide:
        first = 2
        head = [
            " ".join(str(word) for word in pair if word is not None)
            for pair in zip(rows[0], rows[1], strict=True)
        ]
    body = [
        [at, *row]
        for at, row in enumerate(rows[first:], start=first + 1)
        if any(value is not None for value in row)
    ]
    if not body:
        faults.error("supply.empty", "the sheet holds no rows.", "Add rows.", file=file)
    return pd.DataFrame(body, columns=[ROW, *(str(word or "") for word in head)], dtype=object)
