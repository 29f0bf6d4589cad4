"""Hardware bills of material in CycloneDX (ECMA-424) JSON, in and out, checked offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, InputError, MissingEngineError, shown_path
from cellwright.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

BOM_COLUMNS = (
    "ref", "name", "parent", "quantity", "function", "maker", "maker_country", "sku", "hs", "eccn",
    "value", "currency", "design", "fab", "assembly",
)  # fmt: skip
#: Column -> property; ``cdx:device`` is the official namespace, the others are our own.
PROPERTIES = {
    "quantity": "cdx:device:quantity",
    "function": "cdx:device:function",
    "sku": "cdx:device:sku",
    **{n: f"cellwright:{n}" for n in ("hs", "eccn", "value", "currency")},
    **{n: f"cellwright:origin:{n}" for n in ("design", "fab", "assembly")},
}
_NUMBERS = ("quantity", "value")


def write_bom(parts: pd.DataFrame, path: str | Path) -> None:
    """Write parts as a CycloneDX 1.6 hardware bill of material.

    Parameters
    ----------
    parts : DataFrame
        Columns of `BOM_COLUMNS`; ``ref`` (unique) and ``name`` are needed; ``parent`` is the ref
        of the part it is in.
    path : str or Path
        Written whole or not at all.

    Raises
    ------
    InputError
        With every fault of the table; for a path where no file can be.
    """
    faults, path = Faults(), Path(path)
    rows = _checked(parts, faults)
    faults.raise_errors()
    text = json.dumps(_document(rows), ensure_ascii=False, indent=2)
    _validate(text, "1.6", faults, shown_path(path))
    faults.raise_errors()
    if path.is_dir():
        raise InputError(f'"{path}" is a folder. Name a file in it, such as bom.cdx.json.')
    try:
        write_bytes(path, f"{text}\n".encode())
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise InputError(f'"{path.parent}" cannot be made a folder. Name another.') from None


def read_bom(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read a CycloneDX JSON file of any version from 1.2 on.

    Parameters
    ----------
    path : str or Path
        The file.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    DataFrame
        Columns `BOM_COLUMNS`, one row for each component; nested ones have their parent.

    Raises
    ------
    InputError
        With every fault and its place in the file, if `faults` is not given.
    """
    import pandas as pd

    own, file = Faults() if faults is None else faults, shown_path(path)
    rows = _rows(Path(path), own, file)
    if rows and not any(fault.file == file for fault in own.errors):
        _checked(pd.DataFrame(rows), own, file)
    if faults is None:
        own.raise_errors()
    return pd.DataFrame(rows, columns=list(BOM_COLUMNS))


def _rows(path: Path, faults: Faults, file: str) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        faults.error("bom.unreadable", f"cannot be read: {error}.", "Check the file.", file=file)
        return []
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        cure = "Export it again as CycloneDX JSON (XML is not read)."
        faults.error("bom.json", f"no JSON: {error}.", cure, file=file, row=row)
        return []
    version = document.get("specVersion") if isinstance(document, dict) else None
    if not isinstance(version, str):
        cure = 'Give "bomFormat": "CycloneDX" and "specVersion".'
        faults.error("bom.format", "this is not CycloneDX.", cure, file=file)
        return []
    before = len(faults)
    _validate(text, version, faults, file)
    if len(faults) > before:
        return []
    return _components(document, faults, file)


def _validate(text: str, version: str, faults: Faults, file: str) -> None:
    try:
        from cyclonedx.exception import CycloneDxException
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        raise MissingEngineError(
            "Bills of material are checked by cyclonedx-python-lib: pip install "
            '"cellwright[supply]".'
        ) from None

    try:
        validator = JsonStrictValidator(SchemaVersion.from_version(version))
        found: Any = validator.validate_str(text, all_errors=True)
    except (CycloneDxException, KeyError, ValueError, AttributeError) as error:
        cure = "Export it as version 1.6."
        message = f'specVersion "{version}" cannot be checked: {error}.'
        faults.error("bom.version", message, cure, file=file)
        return
    for wrong in found or ():
        place = getattr(wrong.data, "json_path", "")
        said = getattr(wrong.data, "message", str(wrong.data))[:300]
        cure = "Correct this place, or export the file again."
        faults.error("bom.schema", f"at {place}: {said}.", cure, file=file)


def _components(document: dict[str, Any], faults: Faults, file: str) -> list[dict[str, Any]]:
    parents = {
        child: edge["ref"]
        for edge in document.get("dependencies", [])
        for child in edge.get("dependsOn", [])
    }
    root = document.get("metadata", {}).get("component", {}).get("bom-ref")
    rows = []
    for place, item, inside in _walk(document.get("components", []), None, "$.components"):
        ref = item.get("bom-ref") or place
        named = {one["name"]: one.get("value", "") for one in item.get("properties", [])}
        maker = item.get("manufacturer") or item.get("supplier") or {}
        row: dict[str, Any] = {name: named.get(key, "") for name, key in PROPERTIES.items()}
        for name in _NUMBERS:
            row[name] = _number(row[name], f"at {place}: {name}", faults, {"file": file})
        parent = inside or parents.get(ref, "")
        rows.append({
            **row, "ref": ref, "name": item["name"], "parent": "" if parent == root else parent,
            "maker": maker.get("name", ""),
            "maker_country": maker.get("address", {}).get("country", ""),
        })  # fmt: skip
    return rows


def _walk(
    items: list[Any], inside: str | None, place: str
) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    for number, item in enumerate(items):
        here = f"{place}[{number}]"
        yield here, item, inside
        ref = item.get("bom-ref") or here
        yield from _walk(item.get("components", []), ref, f"{here}.components")


def _number(value: Any, what: str, faults: Faults, where: dict[str, Any]) -> float:
    text = "" if value is None or value != value else str(value).strip()
    try:
        found = float(text.replace(",", ".")) if text else float("nan")
    except ValueError:
        found = -1.0
    if found < 0.0 or found == float("inf"):
        message = f'{what} is "{value}"; a number from 0 on is needed.'
        faults.error("bom.number", message, "Correct it.", **where)
    return found


def _checked(parts: pd.DataFrame, faults: Faults, file: str = "parts") -> list[dict[str, Any]]:
    """Return the rows as text and numbers; what is wrong is noted."""
    for name in [one for one in ("ref", "name") if one not in parts]:
        cure = f"Columns: {', '.join(BOM_COLUMNS)}."
        faults.error("bom.missing-column", f'column "{name}" is missing.', cure, file=file)
    rows: list[dict[str, Any]] = []
    for number, record in enumerate(parts.to_dict("records"), start=2):
        where = {"file": file, "row": number}
        row: dict[str, Any] = {}
        for name in BOM_COLUMNS:
            value = record.get(name, "")
            missing = value is None or value != value
            row[name] = "" if missing else str(value).strip()
            if name in _NUMBERS:
                row[name] = _number(value, name, faults, where)
        if not row["name"] or not row["ref"]:
            faults.error("bom.no-name", "ref or name is empty.", "Fill both in.", **where)
        if row["ref"] in {one["ref"] for one in rows}:
            message = f'ref "{row["ref"]}" is there twice.'
            faults.error("bom.two-refs", message, "Rename one.", **where)
        rows.append(row)
    _check_parents(rows, faults, file)
    return rows


def _check_parents(rows: list[dict[str, Any]], faults: Faults, file: str) -> None:
    parents = {row["ref"]: row["parent"] for row in rows}
    for number, row in enumerate(rows, start=2):
        seen, ref = set(), row["ref"]
        if row["parent"] and row["parent"] not in parents:
            message = f'parent "{row["parent"]}" is no ref.'
            cure = "Add that part or correct it."
            faults.error("bom.no-parent", message, cure, file=file, row=number)
        while ref and ref not in seen:
            seen.add(ref)
            ref = parents.get(ref, "")
        if ref and ref == row["ref"]:
            message = f'part "{ref}" is inside itself.'
            faults.error("bom.loop", message, "Correct a parent.", file=file, row=number)


def _document(rows: list[dict[str, Any]]) -> dict[str, Any]:
    children: dict[str, list[str]] = {}
    for row in rows:
        if row["parent"]:
            children.setdefault(row["parent"], []).append(row["ref"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [_component(row) for row in rows],
        "dependencies": [
            {"ref": row["ref"], "dependsOn": children.get(row["ref"], [])} for row in rows
        ],
    }


def _component(row: dict[str, Any]) -> dict[str, Any]:
    properties = [
        {"name": key, "value": f"{row[name]:.12g}" if name in _NUMBERS else row[name]}
        for name, key in PROPERTIES.items()
        if row[name] == row[name] and row[name] != ""
    ]
    item: dict[str, Any] = {"type": "device", "bom-ref": row["ref"], "name": row["name"]}
    if row["maker"] or row["maker_country"]:
        item["manufacturer"] = {"name": row["maker"] or "unknown"}
        if row["maker_country"]:
            item["manufacturer"]["address"] = {"country": row["maker_country"]}
    return {**item, "properties": properties} if properties else item
