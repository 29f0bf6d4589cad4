"""Ours against the reference: what differs, by how much, and over how many values.

The reference data are fetched, not ours to ship: only differences leave this module. They are read
and computed by the very functions the tests use, so that page and tests cannot disagree.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from tests.propagation import conftest as tr_tables
from tests.propagation import test_hata as hata
from tests.propagation import test_p526_p676_rain as tables
from tests.propagation import test_p1411 as p1411
from tests.propagation import test_p1812 as p1812
from tests.propagation import test_p2108_p2109 as p2108
from tests.propagation import test_tr38901 as tr38901
from tests.radio import test_transport_blocks as blocks

from cellwright import radio
from cellwright.propagation import gas_db_per_km, los_probability, model, rain_coefficients
from scripts.figures.base import COLOURS, Drawing, beside, plot, render

ROOT = Path(__file__).parents[2]
#: Rounding noise below this is not worth a digit, and would differ from machine to machine.
_FLOOR = 1e-9
Section = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the overview: values compared, and the largest difference."""

    document: str
    clause: str
    reference: str
    ours: Any
    theirs: Any
    unit: str = "dB"

    @property
    def gap(self) -> Any:
        """Absolute differences."""
        return np.abs(np.subtract(self.ours, self.theirs))

    def cells(self) -> list[str]:
        """The line as the page shows it."""
        largest = float(np.max(self.gap))
        worst = f"{largest:.0f}" if self.unit == "bit" else tiny(largest)
        return [
            self.document,
            self.clause,
            self.reference,
            str(np.size(self.gap)),
            worst,
            self.unit,
        ]


def tiny(value: float) -> str:
    """One digit of a difference, or that it is below what counts."""
    if value < _FLOOR:
        return "< 1e-9"
    digits, power = f"{value:.0e}".split("e")
    return f"{digits}e{int(power)}"


def reference_folder() -> Path | None:
    """Folder of the fetched vectors, or None where they are absent."""
    given = os.environ.get("CELLWRIGHT_REFERENCE_DATA")
    path = Path(given) if given else ROOT.parent / "shared" / "data" / "reference"
    return path if (path / "p1812").is_dir() else None


# ---- P.1812 and, as its parts, P.526


def _p1812_gaps(folder: Path) -> tuple[list[str], Any, Any]:
    """Names of the runs, |difference| by run and quantity, and our loss."""
    names, gaps, losses = [], [], []
    for name, profile, log in p1812.reference_runs(folder):
        result = p1812.run(profile, log)
        names.append(name)
        gaps.append([abs(getattr(result, ours) - log[row]) for row, ours in p1812.ROWS.items()])
        losses.append(result.loss_db)
    return names, np.array(gaps), np.array(losses)


def _unit(row: str) -> str:
    """Unit of a row of the reference logs; some losses come without."""
    if "(" in row:
        return row[row.index("(") + 1 : -1]
    return "dB" if row.startswith("L") else ""


def _clause(row: str) -> str:
    """Whether a quantity is one of P.526 or of P.1812 itself."""
    parts = ("Lbulla", "Lbulls", "Ldsph", "Ld50", "Ldb")
    return "P.526-15 part" if row.startswith(parts) else "P.1812-8"


def _p1812_sections(names: list[str], gaps: Any) -> list[Section]:
    rows = list(p1812.ROWS)
    by_quantity = [
        [row.split(" (")[0], _unit(row), _clause(row), tiny(worst)]
        for row, worst in zip(rows, gaps.max(axis=0), strict=True)
    ]
    return [
        {
            "title": f"P.1812-8 by quantity, {len(names)} runs, with the parts that are P.526-15",
            "columns": ["quantity", "unit", "document", "largest difference"],
            "rows": by_quantity,
            "fold": True,
        },
        _by_run(names, gaps),
    ]


def _by_run(names: list[str], gaps: Any) -> Section:
    """Largest difference of losses and of geometry in every run."""
    rows = list(p1812.ROWS)
    losses = [i for i, row in enumerate(rows) if _unit(row).startswith("dB")]
    rest = [i for i in range(len(rows)) if i not in losses]
    loss = rows.index("Lb (dB)")
    return {
        "title": f"P.1812-8 run by run, {len(rows)} quantities each",
        "columns": ["run", "losses [dB]", "geometry [km, m, mrad, %]", "Lb [dB]"],
        "rows": [
            [name.removesuffix("_log"), *map(tiny, (gap[losses].max(), gap[rest].max(), gap[loss]))]
            for name, gap in zip(names, gaps, strict=True)
        ],
        "fold": True,
    }


def _draw_quantities(sheet: Figure, gaps: Any) -> None:
    """One mark per quantity: its largest difference over all runs."""
    axes = plot(sheet, "", "Largest difference", log="y")
    rows = list(p1812.ROWS)
    worst = np.maximum(gaps.max(axis=0), 1e-12)
    units = [_unit(row) or "1" for row in rows]
    for colour, unit in zip(COLOURS, dict.fromkeys(units), strict=False):
        at = [i for i, other in enumerate(units) if other == unit]
        axes.plot(at, worst[at], "o", markersize=4.0, color=colour, label=unit)
    axes.set_xticks(
        range(len(rows)), [row.split(" (")[0] for row in rows], rotation=90, fontsize=6.5
    )
    axes.axhline(0.01, color="#000000", linewidth=0.8, linestyle="--", label="asked: 0.01 dB")
    axes.set_ylim(5e-13, 0.1)
    beside(axes, "unit")


# ---- statistical and short-range methods


def _p1411(folder: Path) -> Iterable[Row]:
    with (folder / "p1411" / "crc_covlib_p1411_12.csv").open() as stream:
        given = list(csv.DictReader(stream))
    for section in dict.fromkeys(row["section"] for row in given):
        here = [row for row in given if row["section"] == section]
        inputs = [dict(pair.split("=") for pair in row["inputs"].split(";")) for row in here]
        ours = [float(p1411.compute(section, each).loss_db) for each in inputs]
        theirs = [float(row["loss_dB"]) for row in here]
        clause = section
        for mark, bound in p1411.BOUND.items():
            clause = clause.replace(f" UHF{mark}", f", {bound}")
        yield Row("P.1411-12", clause, "crc-covlib 4.6.2", ours, theirs)


def _p2108(folder: Path) -> Iterable[Row]:
    given = p2108.rows(folder)
    for section in sorted({section for section, _, _ in given}):
        here = [(inputs, loss) for name, inputs, loss in given if name == section]
        ours = [float(p2108.compute(section, inputs).loss_db) for inputs, _ in here]
        document, _, clause = section.partition(" ")
        yield Row(document, clause, "crc-covlib 4.6.2", ours, [loss for _, loss in here])


# ---- TR 38.901, Hata, gases, rain


def _table() -> Any:
    import tr3gpp

    section = tr3gpp.tr38901.section("7.4")
    section.read, section.parts, section.cases = tr_tables.read, tr_tables.parts, tr_tables.cases
    return section


def _losses(table: Any, name: str) -> Callable[..., Any]:
    """The table's losses in and out of sight for one of our models."""
    if name in ("uma", "umi"):
        scenario = {"uma": "UMa", "umi": "UMi-StreetCanyon"}[name]
        return lambda *link: tr38901.urban(table, scenario, *link)
    if name in ("rma", "sma"):
        scenario, clutter = {"rma": ("RMa", (5.0, 20.0)), "sma": ("SMa", (10.0, 10.0))}[name]
        return lambda *link: tr38901.rural(table, scenario, *link, *clutter)  # type: ignore[call-arg]
    if name in tr38901.OPTIONAL:
        return lambda *link: [tr38901.optional(table, name, *link)]
    return lambda *link: tr38901.indoor(table, *link)


def _tr38901() -> Iterable[Row]:
    table = _table()
    for name in (*tr38901.ODDS, *tr38901.OPTIONAL):
        links = [
            link for link in tr38901.draws(name) if math.hypot(link[0], link[2] - link[3]) >= 1
        ]
        theirs = np.array([_losses(table, name)(*link) for link in links])
        sight = [True, False][-theirs.shape[1] :]
        ours = [model(name).loss_db(*link, sight) for link in links]
        yield Row("TR 38.901 V19.4.0", f"7.4.1, {name}", "tr3gpp 19.4.0", ours, theirs)
    for name in tr38901.ODDS:
        links = tr38901.draws(name)
        chances = [tr38901.odds(table, name, d, u, b, 0.1) for d, _, b, u in links]
        chance = [float(los_probability(name, d, u, b)) for d, _, b, u in links]
        yield Row("TR 38.901 V19.4.0", f"7.4.2, {name}", "tr3gpp 19.4.0", chance, chances, "1")


def _hata() -> Iterable[Row]:
    rng = np.random.default_rng(1980)
    names = [f"cost231-hata{kind}" for kind in ("", "-metropolitan")]
    names += [f"okumura-hata{kind}" for kind in ("", "-large-city", "-suburban")]
    for name in names:
        entry = model(name)
        ranges = (entry.frequency_ghz, entry.base_height_m, entry.user_height_m, entry.distance_m)
        links = np.column_stack([rng.uniform(*limits, 200) for limits in ranges])
        ours = [float(entry.loss_db(d, f, b, u)) for f, b, u, d in links]
        theirs = [hata.written_out(1000.0 * f, b, u, d / 1000.0, name) for f, b, u, d in links]
        document = "COST 231" if name.startswith("cost") else "Hata 1980"
        yield Row(document, name, "formula as printed", ours, theirs)


def _gas_and_rain() -> Iterable[Row]:
    frequency, dry, wet = tables.GAS_EXAMPLES
    ours = gas_db_per_km(frequency).loss_db
    yield Row("P.676-13", "Annex 1, clause 1", "ITU-R examples", ours, dry + wet, "dB/km")
    given = tables.RAIN_TABLE_5
    for tilt, first, way in ((0.0, 1, "horizontal"), (90.0, 3, "vertical")):
        k, alpha = rain_coefficients(given[:, 0], tilt_deg=tilt)
        # k spans five decades: its difference is of interest in parts of itself
        share = k / given[:, first]
        yield Row(
            "P.838-3", f"k, {way}", "Table 5, four digits", share, np.ones_like(share), "of k"
        )
        yield Row("P.838-3", f"alpha, {way}", "Table 5", alpha, given[:, first + 1], "1")


# ---- transport blocks


def _lte(folder: Path) -> Row:
    with (folder / "system" / "lte_tbs_36213_7.1.7.2.1-1.csv").open() as stream:
        given = list(csv.DictReader(stream))
    ours = [radio.lte_transport_block_size(np.arange(27), int(row["n_prb"])) for row in given]
    theirs = np.array([[int(row[f"I_TBS_{i}"]) for i in range(27)] for row in given])
    for (index, count), (smoothed, standard) in blocks.SMOOTHED.items():
        if theirs[count - 1, index] == smoothed:  # the file departs from the standard there
            theirs[count - 1, index] = standard
    return Row("TS 36.213", "Table 7.1.7.2.1-1", "the table (*)", ours, theirs, "bit")


def _nr(folder: Path) -> Row:
    with (folder / "system" / "nr_tbs_vectors_38214.csv").open() as stream:
        given = list(csv.DictReader(stream))

    def column(name: str, kind: type = int) -> Any:
        return np.array([kind(row[name]) for row in given])

    sizes = radio.nr_transport_block_size(
        column("n_prb"),
        np.array([blocks.ORDERS[row["modulation"]] for row in given]),
        column("target_rate_x1024", float) / 1024.0,
        column("layers"),
        column("n_sh_symb"),
        column("n_dmrs_prb"),
        column("n_oh"),
        column("tb_scaling", float),
    )
    return Row("TS 38.214", "5.1.3.2", "srsRAN unit tests", sizes, column("tbs_bits"), "bit")


# ---- all of it


def _draw_values(sheet: Figure, rows: list[Row]) -> None:
    """Each value compared: its loss and its difference."""
    axes = plot(sheet, "Loss, ours [dB]", "Difference [dB]", log="y")
    for colour, document in zip(COLOURS, dict.fromkeys(row.document for row in rows), strict=False):
        here = [row for row in rows if row.document == document]
        x = np.concatenate([np.ravel(row.ours) for row in here])
        y = np.concatenate([np.ravel(row.gap) for row in here])
        style: dict[str, Any] = {
            "markersize": 3.0,
            "alpha": 0.7,
            "color": colour,
            "label": document,
        }
        axes.plot(x, np.maximum(y, 1e-12), "o", **style)
    axes.axhline(0.01, color="#000000", linewidth=0.8, linestyle="--", label="asked: 0.01 dB")
    axes.set_ylim(5e-13, 0.1)
    beside(axes)


def measure(folder: Path, to: Path) -> list[Section]:
    """Compare all, draw the differences into a folder and return the tables."""
    names, gaps, losses = _p1812_gaps(folder)
    at = list(p1812.ROWS).index("Lb (dB)")
    whole = Row("P.1812-8", "Lb", "ITU-R SG 3 runs", losses, losses + gaps[:, at])
    short = [*_p1411(folder), *_p2108(folder)]
    rows = [whole, _p526_row(gaps), *short, *_tr38901(), *_hata(), *_gas_and_rain()]
    rows += [_nr(folder), _lte(folder)]
    overview: Section = {
        "title": "Overview",
        "columns": [
            "document",
            "clause or model",
            "reference",
            "values",
            "largest difference",
            "unit",
        ],
        "rows": [row.cells() for row in rows],
        "figures": _draw(gaps, [whole, *short], to),
    }
    return [overview, *_p1812_sections(names, gaps)]


def _p526_row(gaps: Any) -> Row:
    """All diffraction parts of all runs in one line."""
    parts = [i for i, row in enumerate(p1812.ROWS) if _clause(row).startswith("P.526")]
    gap = gaps[:, parts]
    return Row("P.526-15", "Lbulla, Lbulls, Ldsph, Ld", "ITU-R SG 3 runs", gap, np.zeros_like(gap))


def _draw(gaps: Any, rows: list[Row], to: Path) -> list[list[str]]:
    """Draw both plots of differences and return their files with captions."""
    runs = len(gaps)
    drawings = (
        Drawing(
            "difference-p1812",
            f"P.1812-8 and its P.526 parts: largest difference over {runs} runs",
            "Reference: ITU-R Study Group 3 validation set",
            "given with ten digits",
            lambda sheet: _draw_quantities(sheet, gaps),
        ),
        Drawing(
            "difference-values",
            "Every loss compared",
            "References: ITU-R Study Group 3; crc-covlib 4.6.2",
            "given with six decimals",
            lambda sheet: _draw_values(sheet, rows),
        ),
    )
    return [[render(drawing, to).name, drawing.title] for drawing in drawings]
