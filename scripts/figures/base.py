"""What all figures share: how one is declared, its colours and frame, and how it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

#: Okabe and Ito's palette: told apart with any colour vision, and by lightness on grey paper.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
#: Text stays text and ids are not random, so that files are small and the same every time.
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cellwright",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.6,
}
_SIZE_IN = (6.6, 3.7)
Draw = Callable[[Figure], None]


@dataclass(frozen=True)
class Drawing:
    """One figure: its file name, what it shows and whose formula that is."""

    name: str
    title: str
    document: str
    clause: str
    draw: Draw
    model: str = ""

    @property
    def source(self) -> str:
        """Document, edition and clause in one line."""
        return f"{self.document}, {self.clause}"


FIGURES: dict[str, Drawing] = {}


def figure(name: str, title: str, document: str, clause: str) -> Callable[[Draw], Draw]:
    """Declare a figure: decorates a function that draws into an empty matplotlib figure."""

    def note(draw: Draw) -> Draw:
        FIGURES[name] = Drawing(name, title, document, clause, draw)
        return draw

    return note


def plot(sheet: Figure, x: str, y: str, place: Any = 111, *, log: str = "") -> Axes:
    """Return axes with named units; ``log`` names the logarithmic ones, such as "x" or "xy"."""
    axes = sheet.add_subplot(place)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    for letter, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if letter in log:
            axes.set(**{f"{letter}scale": "log"})
            axis.set_major_locator(LogLocator(10.0, (1.0, 2.0, 5.0), numticks=30))
            # 0.01 and 20 000 read better than powers of ten
            axis.set_major_formatter(ScalarFormatter(useOffset=False))
            axis.get_major_formatter().set_scientific(False)
            axis.set_minor_formatter(NullFormatter())
    return axes


def sparse(axes: Axes, *letters: str) -> None:
    """Tick decades only, where 1, 2, 5 would crowd."""
    for letter in letters:
        axis = axes.xaxis if letter == "x" else axes.yaxis
        axis.set_major_locator(LogLocator(10.0, numticks=30))


def curves(axes: Axes, x: Any, rows: Sequence[tuple[str, Any]], **style: Any) -> None:
    """Draw one named line per row, in the colours of the palette."""
    for index, (label, y) in enumerate(rows):
        axes.plot(x, y, color=COLOURS[index % len(COLOURS)], label=label, **style)


def beside(
    axes: Axes, title: str = "", keys: Sequence[Any] = (), names: Sequence[str] = ()
) -> None:
    """Put the legend outside on the right, where no curve can run under it."""
    if not keys:
        keys, names = axes.get_legend_handles_labels()
    box = axes.legend(keys, names, title=title, loc="upper left", bbox_to_anchor=(1.01, 1.02))
    box.get_title().set_fontsize(8.0)
    box.set_alignment("left")


def render(drawing: Drawing, folder: Path, kind: str = "svg") -> Path:
    """Draw one figure into a folder and return its file."""
    with rc_context(_STYLE):
        sheet = Figure(figsize=_SIZE_IN, layout="constrained")
        drawing.draw(sheet)
        sheet.suptitle(drawing.title, x=0.01, ha="left", fontsize=10.5, fontweight="bold")
        sheet.text(0.01, -0.01, drawing.source, fontsize=7.5, color="#555555", va="top")
        file = folder / f"{drawing.name}.{kind}"
        folder.mkdir(parents=True, exist_ok=True)
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {}
        sheet.savefig(file, metadata=metadata, bbox_inches="tight", pad_inches=0.08, dpi=110)
    if kind == "svg":
        file.write_text(_shorter(file.read_text(encoding="utf-8")), encoding="utf-8")
    return file


def _shorter(svg: str) -> str:
    """Two decimals are a hundredth of a point; they halve the file and steady it across machines.

    White paper stays: a transparent figure could not be read on a dark page.
    """
    svg = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", svg)
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def span(low: float, high: float, count: int = 160) -> Any:
    """Return points evenly spaced on a logarithmic axis."""
    return np.geomspace(low, high, count)
