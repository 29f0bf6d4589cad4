"""Bills of material and stock from CSV, XLSX and TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply.bom import BOM_COLUMNS, read_bom
from cellwright.supply.codes import countries, currencies
from cellwright.supply.origin import OTHER
from cellwright.supply.read.tables import ROW, read_table
from cellwright.supply.values import day

PART_COLUMNS = (
    "part", "product", "quantity", "value", "currency", "design", "fab", "assembly", "maker",
    "substitutes", "hs", "buyer", "share", "evidence", "source",
)  # fmt: skip
EVIDENCE = ("seen", "recalled", "assumed", "own")
STOCK_COLUMNS = ("item", "quantity", "other_use_per_month", "arrives", "arriving")


def read_parts(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read a bill of materials.

    Parameters
    ----------
    path : str or Path
        CSV (any separator, decimal commas), XLSX (merged heads), TOML (``[[part]]``), or CycloneDX
        JSON: what lies inside a component is its bill, priced where ``cellwright:value`` says so.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    DataFrame
        Columns `PART_COLUMNS`; ``quantity`` is 1 where nothing is given, ``evidence`` "own". A part
        has a ``value`` with its currency, or a ``share`` of its unit (0 to 1) for each piece.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: no supplier, unknown countries, no currency.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    bom = Path(path).suffix.lower() == ".json"
    table = _inside(_read_bom(path, own, file), own, file) if bom else _table(path, own)
    table["quantity"] = table["quantity"].fillna(1.0)
    table["evidence"] = table["evidence"].replace("", "own")
    seen: dict[tuple[str, str, str], int] = {}
    for record in table.to_dict("records"):
        row = int(record[ROW])
        where = {"file": file, "row": row}
        first = seen.setdefault((record["product"], record["buyer"], record["part"]), row)
        if first != row:
            message = f'part "{record["part"]}": is there twice, first in row {first}.'
            own.error("parts.twice", message, "Add the quantities up, or rename one.", **where)
        for code, message, cure in _part_problems(record, supplied=not bom):
            own.error(code, f'part "{record["part"]}": {message}', cure, **where)
    if faults is None:
        own.raise_errors()
    return table[list(PART_COLUMNS)]


def _table(path: str | Path, faults: Faults) -> pd.DataFrame:
    figures = ("quantity", "value", "share")
    return read_table(path, PART_COLUMNS, faults, key="part", figures=figures, needed=("part",))


def _read_bom(path: str | Path, faults: Faults, file: str) -> pd.DataFrame:
    """Return a bill's components; none where it has faults, for then its places may not fit."""
    found = read_bom(path, faults)
    return found.iloc[:0] if any(one.file == file for one in faults.errors) else found


def _inside(bom: pd.DataFrame, faults: Faults, file: str) -> pd.DataFrame:
    """Return the innermost components of a bill as parts of the outermost they lie in.

    Quantities multiply on the way in. Makers that a bill leaves out stay unknown: no outage of a
    supplier reaches them.
    """
    found = {row["ref"]: row for row in bom.to_dict("records")}
    holders = set(bom["parent"])
    rows = []
    for number, (ref, item) in enumerate(found.items(), start=1):
        if ref in holders or not item["parent"]:
            continue
        pieces, outer = _count(item), found[item["parent"]]
        while outer["parent"]:
            pieces, outer = pieces * _count(outer), found[outer["parent"]]
        rows.append({
            **item, ROW: number, "part": item["name"], "quantity": pieces, "buyer": outer["maker"],
            "product": outer["sku"] or outer["function"] or outer["name"], "source": file,
        })  # fmt: skip
    if len(bom) and not rows:
        cure = "Nest parts in their component, or name them in its dependencies."
        faults.error("parts.flat", "no component lies inside another.", cure, file=file)
    table = pd.DataFrame(rows, columns=[ROW, *dict.fromkeys((*PART_COLUMNS, *BOM_COLUMNS))])
    # one item in several places of the plan brings its bill once
    table = table[~table.duplicated(list(PART_COLUMNS))]
    table = table.astype({"value": float, "quantity": float})
    unpriced = ~(table["value"] >= 0.0)
    if unpriced.any():
        faults.warn(
            "parts.unpriced", f"{int(unpriced.sum())} of {len(table)} parts have no value.",
            "They count in outages; origin and duties leave them out.", file=file,
        )  # fmt: skip
    table = table.assign(
        value=table["value"].mask(unpriced, 0.0),
        currency=table["currency"].mask(unpriced, "USD"), share=float("nan"),
    )  # fmt: skip
    words = [name for name in PART_COLUMNS if name not in ("value", "quantity", "share")]
    return table[[ROW, *PART_COLUMNS]].fillna(dict.fromkeys(words, ""))


def _count(item: Mapping[Any, Any]) -> float:
    return float(item["quantity"]) if item["quantity"] == item["quantity"] else 1.0


def _part_problems(
    record: Mapping[Any, Any], supplied: bool = True
) -> Iterable[tuple[str, str, str]]:
    if not record["part"]:
        yield "parts.no-name", "has no name.", "Fill in part."
    if supplied and not record["maker"] and not record["substitutes"]:
        yield "parts.supplier", "has no supplier.", "Name its maker or a substitute."
    if not record["value"] >= 0.0 and record["share"] >= 0.0:
        pass  # priced by its share of the unit
    elif not record["currency"]:
        yield "parts.currency", "has a value without a currency.", 'Write "USD".'
    elif record["currency"] not in currencies():
        cure = did_you_mean(record["currency"], currencies())
        cure = cure if cure.startswith("Did") else "Use ISO 4217 codes."
        yield "parts.currency", f'currency "{record["currency"]}" is unknown.', cure
    for stage in ("design", "fab", "assembly"):
        if record[stage] and record[stage] not in (*countries(), OTHER):
            text = f'{stage} country "{record[stage]}" is unknown.'
            yield "parts.country", text, "Use ISO 3166-1 codes, or leave it empty."
    for name, top in (("quantity", float("inf")), ("value", float("inf")), ("share", 1.0)):
        if not (record[name] != record[name] or 0.0 <= record[name] <= top):
            cure = "Give a number from 0 on." if top > 1.0 else "A share lies from 0 to 1."
            yield "parts.number", f"{name} is {record[name]:g}.", cure
    if record["value"] != record["value"] and record["share"] != record["share"]:
        yield "parts.number", "has neither value nor share.", "Give one of them."
    if record["evidence"] not in EVIDENCE:
        message = f'evidence is "{record["evidence"]}".'
        yield "parts.evidence", message, did_you_mean(record["evidence"], EVIDENCE)


def read_stock(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read what lies in store and what is on its way.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or TOML (``[[stock]]``) with `STOCK_COLUMNS`; a second delivery of an item is a
        row of its own with no ``quantity``.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    DataFrame
        Columns `STOCK_COLUMNS`; figures 0 where nothing is given, ``arrives`` a date or NaT.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: negative stock, dates that are none.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    figures = ("quantity", "other_use_per_month", "arriving")
    table = read_table(path, STOCK_COLUMNS, own, key="stock", figures=figures, needed=("item",))
    table[list(figures)] = table[list(figures)].fillna(0.0)
    arrives, seen = [], set[str]()
    for record in table.to_dict("records"):
        where = {"file": file, "row": int(record[ROW])}
        problems, when = _stock_problems(record, figures)
        arrives.append(when)
        if record["item"] in seen and record["quantity"] > 0.0:
            problems.append(("stock.twice", "its quantity is there twice.", "Add them up."))
        seen.add(record["item"])
        for code, message, cure in problems:
            own.error(code, f'item "{record["item"]}": {message}', cure, **where)
    if faults is None:
        own.raise_errors()
    days = pd.to_datetime(pd.Series(arrives, index=table.index, dtype=object))
    return table.assign(arrives=days)[list(STOCK_COLUMNS)]


def _stock_problems(
    record: Mapping[Any, Any], figures: Iterable[str]
) -> tuple[list[tuple[str, str, str]], Any]:
    problems = []
    if not record["item"]:
        problems.append(("stock.no-name", "has no name.", "Fill in item."))
    for name in figures:
        if record[name] < 0.0:
            message = f"{name} is {record[name]:g}."
            problems.append(("stock.negative", message, "Give a number from 0 on."))
    try:
        when = day(record["arrives"])
    except ValueError:
        message = f'arrives is "{record["arrives"]}", which is no date.'
        problems.append(("stock.date", message, "Write 2019-06-05."))
        when = None
    if record["arriving"] > 0.0 and not record["arrives"]:
        problems.append(("stock.date", "arriving without a day.", "Fill in arrives."))
    return problems, when
