"""Draw the figures and write the page: ``python -m scripts.figures [NAME ...] [--to FOLDER]``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scripts.figures import drawings
from scripts.figures._page import write
from scripts.figures._reference import ROOT, measure, reference_folder
from scripts.figures.base import render

PAGE = ROOT / "docs" / "validation.md"
FIGURES = ROOT / "docs" / "validation"


def draw(names: list[str], to: Path, kind: str = "svg") -> int:
    """Draw the named figures, or all, and return how many."""
    known = {drawing.name: drawing for drawing in drawings()}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"No figure is named {', '.join(unknown)}. Known: {', '.join(known)}.")
    chosen = [known[name] for name in names] or list(known.values())
    for drawing in chosen:
        render(drawing, to, kind)
    return len(chosen)


def compare(to: Path) -> None:
    """Measure differences where the reference is; elsewhere the measured ones stay as they are."""
    folder = reference_folder()
    if folder is None:
        print(
            "Reference data are absent (CELLWRIGHT_REFERENCE_DATA): differences stay as they are."
        )
        return
    text = json.dumps(measure(folder, to), indent=1)
    (to / "reference.json").write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    """Draw all and write the page, or only draw some figures into a folder to look at."""
    parser = argparse.ArgumentParser(prog="make figures", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these figures; the page is left alone")
    parser.add_argument("--to", type=Path, default=FIGURES, help="folder to draw into")
    parser.add_argument("--kind", default="svg", choices=("svg", "png"))
    given = parser.parse_args()
    count = draw(given.names, given.to, given.kind)
    if given.names or given.to != FIGURES or given.kind != "svg":
        print(f"Drawn in {given.to}: {count}")
        return
    compare(FIGURES)
    write(PAGE, FIGURES, drawings())
    print(f"Drawn in {FIGURES.name}/: {count}; written: {PAGE.name}")


if __name__ == "__main__":
    main()
