"""The validation page: tables and figures from what was measured, nothing typed by hand."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from cellwright.propagation import models
from scripts.figures.base import Drawing
from scripts.figures.shelf import source

#: Sections that benchmarks feed: heading -> the file they write beside the figures.
FED = {
    "Radial sweep against the plain form": "sweep.json",
    "Urban path": "urban.json",
    "Measurements": "measurements.json",
    "Speed": "speed.json",
}
_INTRO = """\
# Validation

Ours against the reference, and the figure of every standard as Cellwright draws it. `make figures`
writes this page: every number below was measured by the program, none is typed by hand.
"""
_REFERENCE = """\
## Ours against the reference

The reference values are fetched, not shipped (`CELLWRIGHT_REFERENCE_DATA`); only differences stand
here. A difference below 1e-9 is rounding and shown as such. ITU-R's runs are printed with ten
digits, crc-covlib's losses with six decimals and its lengths with six digits: what is seen below
1e-3 dB is their printing. Propagation is asked to agree within 0.01 dB. (*) The file of LTE sizes
departs from TS 36.213 in one value (88 for 328 bit, a size for voice); the standard's is taken.
"""
_NOT_CLAIMED = """\
## Not claimed

ITU-R P.452-18 and P.1546-6: not implemented.
"""


def write(page: Path, folder: Path, drawings: list[Drawing]) -> None:
    """Write the page from the figures and the measured files in a folder."""
    parts = [_INTRO, _REFERENCE]
    sections = read(folder / "reference.json")
    parts += [block(each, folder) for each in sections] if sections else ["Not measured.\n"]
    for heading, name in FED.items():
        fed = read(folder / name)
        text = "\n".join(block(each, folder) for each in fed) if fed else "Not measured.\n"
        parts.append(f"## {heading}\n\n{text}")
    parts += [_NOT_CLAIMED, _models(folder), _figures(folder, drawings)]
    page.write_text("\n".join(parts), encoding="utf-8")


def read(file: Path) -> list[dict[str, Any]]:
    """Return the sections of a measured file; none where it is absent.

    A file holds one section or a list of them: ``title``, ``text``, ``columns`` with ``rows``,
    ``figures`` as pairs of file and caption, ``fold`` to hide a long table; all optional.
    """
    if not file.is_file():
        return []
    content = json.loads(file.read_text(encoding="utf-8"))
    return content if isinstance(content, list) else [content]


def block(section: dict[str, Any], folder: Path) -> str:
    """One section as Markdown."""
    parts = [f"{section['text']}\n"] if section.get("text") else []
    if section.get("columns"):
        parts.append(table(section["columns"], section["rows"]))
    parts += [_image(folder.name, file, caption) for file, caption in section.get("figures", ())]
    body, title = "\n".join(parts), section.get("title", "")
    if section.get("fold"):
        return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"
    return f"### {title}\n\n{body}" if title else body


def table(columns: list[str], rows: list[list[Any]]) -> str:
    """One table as Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(_cell(value) for value in line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", r"\|")


def _image(folder: str, file: str, caption: str) -> str:
    return f"![{caption}]({folder}/{file})\n"


def _models(folder: Path) -> str:
    """Every registered model with its source, its range and its figure."""
    rows = [
        [
            f"[`{entry.name}`]({folder.name}/model-{entry.name}.svg)",
            entry.title,
            f"{source(entry)}, {entry.clause}",
            f"{entry.frequency_ghz[0]:g} to {entry.frequency_ghz[1]:g} GHz",
            f"{entry.distance_m[0]:g} to {entry.distance_m[1]:g} m",
        ]
        for entry in models()
    ]
    columns = ["model", "what it is", "source", "frequency", "distance"]
    return f"## Registered models\n\n{table(columns, rows)}"


def _figures(folder: Path, drawings: list[Drawing]) -> str:
    """All figures, document by document."""
    parts = ["## Figures\n"]
    for document, group in groupby(drawings, key=lambda drawing: drawing.document):
        parts.append(f"### {document}\n")
        parts += [_image(folder.name, f"{each.name}.svg", each.title) for each in group]
    return "\n".join(parts)
