"""Measure cases and write the page: ``python -m scripts.conformance [CASE ...]``.

A module beside this one has ``CASES``, functions that measure, by name, and ``draw``, which makes
its figures in a folder. A case that is not named keeps what was measured before; reference values
are fetched, not shipped, so without them nothing is measured anew.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

import scripts.conformance as home
from scripts.figures._page import table
from scripts.figures._reference import ROOT

PAGE = ROOT / "docs" / "conformance.md"
FOLDER = ROOT / "docs" / "conformance"
Case = Callable[[], dict[str, Any]]
_COLUMNS = {
    "what": "what",
    "ours": "ours",
    "reference": "reference",
    "range": "range",
    "inside": "inside",
}
_INTRO = """\
# Conformance of the network simulation

Ours against what 3GPP's companies, recommendations and textbooks publish. Every number below was
measured by `make conformance`; the reference values are fetched, not shipped
(`CELLWRIGHT_REFERENCE_DATA`), so only what follows from them stands here. What is missed is said.
"""


def modules() -> list[ModuleType]:
    """Return the modules with cases, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(home.__path__))
    return [
        importlib.import_module(f"{home.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    ]


def cases() -> dict[str, Case]:
    """Return every case by name."""
    return {name: case for module in modules() for name, case in module.CASES.items()}


def measure(names: list[str]) -> None:
    """Measure some cases and keep what they say."""
    known = cases()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"No case is named {', '.join(unknown)}. Known: {', '.join(known)}.")
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        text = json.dumps(known[name](), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
        print(name)


def write() -> None:
    """Write the page from all that was measured."""
    parts = [_INTRO]
    for name in cases():
        file = FOLDER / f"{name}.json"
        if not file.is_file():
            parts.append(f"## {name}\n\nNot measured.\n")
            continue
        case = json.loads(file.read_text(encoding="utf-8"))
        case.setdefault("figures", sorted(found.name for found in FOLDER.glob(f"{name}*.svg")))
        parts.append(section(case))
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def section(case: dict[str, Any]) -> str:
    """One case as Markdown: source, table, what is to be said, figures."""
    parts = [f"## {case['title']}\n", f"Source: {case['source']}.\n"]
    rows = case.get("rows", [])
    if rows:
        shown = {key: head for key, head in _COLUMNS.items() if any(key in row for row in rows)}
        body = [[_text(row.get(key, "")) for key in shown] for row in rows]
        parts.append(table(list(shown.values()), body))
    if case.get("note"):
        parts.append(f"{case['note']}\n")
    for file in case.get("figures", ()):
        parts.append(f"![{case['title']}: {file}]({FOLDER.name}/{file})\n")
    return "\n".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, list):
        return " to ".join(_text(part) for part in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Measure the named cases, or all, draw, and write the page."""
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these cases; the others stay as they are")
    parser.add_argument("--page", action="store_true", help="write the page from what is there")
    given = parser.parse_args()
    if not given.page:
        measure(given.names or list(cases()))
        for module in modules():
            if not given.names or set(given.names) & set(module.CASES):
                module.draw(FOLDER)
    write()
    print(f"Written: {PAGE.name}")


if __name__ == "__main__":
    main()
