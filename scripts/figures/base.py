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
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

#: Okabe and Ito's palette: told apart with any colour vision, and by lightness on grey paper.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
#: Text stays text and ids are not random, so that files are small and the same every time.
_STYLE: Any = {
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
    axes.set(**{f"{letter}scale": "log" for letter in log})
    return axes


def _ticks(axes: Axes) -> None:
    """Tick 1, 2, 5 on a short logarithmic axis, decades on a long one where they would crowd."""
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() != "log":
            continue
        low, high = sorted(axis.get_view_interval())
        steps = (1.0,) if high > 600.0 * low else (1.0, 2.0, 5.0)
        axis.set_major_locator(LogLocator(10.0, steps, numticks=40))
        between = LogLocator(10.0, (2.0, 5.0), numticks=40)
        axis.set_minor_locator(NullLocator() if len(steps) > 1 else between)
        axis.set_minor_formatter(NullFormatter())
        # 0.01 and 20 000 read better than powers of ten
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.10g}".replace(",", " ")))


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
        for axes in sheet.axes:
            _ticks(axes)
        sheet.text(0.01, 1.065, drawing.title, fontsize=10.5, fontweight="bold")
        sheet.text(0.01, 1.015, drawing.source, fontsize=8.0, color="#555555")
        file = folder / f"{drawing.name}.{kind}"
        folder.mkdir(parents=True, exist_ok=True)
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {}
        sheet.savefig(file, metadata=metadata, bbox_inches="tight", pad_inches=0.08, dpi=110)
    if kind == "svg":
        file.write_text(_shorter(file.read_text(encoding="utf-8")), encoding="utf-8")
    return file


def _shorter(svg: str) -> str:
    """Fewer decimals: a third of the file, and the same bytes on other machines.

    A tenth of a point is finer than a screen shows.
    """
    svg = re.sub(r' d="[^"]*"', lambda path: _shorter_path(path[0]), svg)
    # words stay as they are: TR 38.901 is a name, and 0.001 may be a tick
    svg = re.sub(r' (?:x|y|transform)="[^"]*"', lambda place: _rounded(place[0], 2), svg)
    return re.sub(r"^[ \t]+|[ \t]+$", "", svg, flags=re.MULTILINE)


def _shorter_path(path: str) -> str:
    """Tenths of a point, and no letter before each point of a line: what follows M is a line."""
    path = _rounded(path, 1)
    return path if re.search("[CQ]", path) else path.replace("\nL ", "\n")


def _rounded(text: str, digits: int) -> str:
    """Round every number that carries three decimals or more."""
    return re.sub(r"-?\d+\.\d{2,}", lambda found: f"{round(float(found[0]), digits):g}", text)


def span(low: float, high: float, count: int = 160) -> Any:
    """Return points evenly spaced on a logarithmic axis."""
    return np.geomspace(low, high, count)
