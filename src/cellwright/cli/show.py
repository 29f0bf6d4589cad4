"""How results look in a terminal: tables, fault lists, and progress with the time left."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.errors import Fault
    from cellwright.project import RunResult
    from cellwright.project.crosscheck import Crosscheck

console = Console()
notes = Console(stderr=True)


class RunProgress:
    """One bar for the whole run, on standard error, with the time left."""

    def __init__(self, silent: bool) -> None:
        self._progress = Progress(
            TextColumn("[bold]{task.description:<28}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=notes,
            expand=notes.width < 100,
            disable=silent or not notes.is_terminal,
        )
        self._plain = not silent and not notes.is_terminal
        self._said = ""
        self._task = self._progress.add_task("starting", total=1.0)

    def __enter__(self) -> RunProgress:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, title: str, share: float) -> None:
        """Show what is being done and the share of the whole run that is done, 0 to 1."""
        self._progress.update(self._task, description=title, completed=share)
        if self._plain and title != self._said:
            self._said = title
            notes.print(f"{share:>4.0%}  {title}", highlight=False)


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(
        title=title, box=None, pad_edge=False, title_justify="left", header_style="bold",
        title_style="bold", padding=(0, 1),
    )  # fmt: skip
    for name in columns:
        table.add_column(name, justify="left" if name == columns[0] else "right")
    return table


def show_faults(faults: list[Fault]) -> None:
    """Print faults, errors first, then how many of each."""
    table = _table("", "", "")
    table.show_header = False
    for column in table.columns:
        column.justify, column.overflow = "left", "fold"
    for fault in sorted(faults, key=lambda item: item.severity):
        colour = "red" if fault.severity == "error" else "yellow"
        times = f" ({fault.count:,} times)" if fault.count > 1 else ""
        place = fault.file + (f", row {fault.row}" if fault.row is not None else "")
        text = f"{fault.message}{times}" + (f" {fault.cure}" if fault.cure else "")
        said = Text(text)
        said.append("\n" + f"{place}  {fault.code}".strip(), style="dim")
        table.add_row(f"[{colour}]{fault.severity}[/]", said)
    if faults:
        console.print(table)
    errors = sum(fault.severity == "error" for fault in faults)
    console.print(_counted(errors, len(faults) - errors), highlight=False)


def _counted(errors: int, warnings: int) -> str:
    """Say how many faults there are.

    Examples
    --------
    >>> _counted(0, 1), _counted(2, 0)
    ('No errors, 1 warning.', '2 errors, no warnings.')
    """

    def many(count: int, noun: str) -> str:
        return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"

    text = f"{many(errors, 'error')}, {many(warnings, 'warning')}."
    return text[:1].upper() + text[1:]


def show_todo(todo: list[dict[str, Any]]) -> None:
    """Print which steps would run and why."""
    table = _table("step", "state", "about", "what it does")
    table.columns[-1].justify = "left"
    for step in todo:
        seconds = step["expected_s"]
        table.add_row(
            step["room"],
            step["state"],
            "-" if step["state"] == "fresh" or seconds is None else f"{seconds:.0f} s",
            step["title"],
        )
    console.print(table)


def show_run(result: RunResult) -> None:
    """Print the figures a planner asks for first, and where the page is."""
    if result.headline:
        from cellwright.project.figures import RANGES

        table = _table("", "")
        table.show_header = False
        table.columns[1].justify = "left"
        for label, value in result.headline:
            table.add_row(f"[bold]{escape(label)}[/]", escape(value))
        console.print(table, highlight=False)
        console.print(f"[dim]{RANGES}[/]", highlight=False)
    for fault in result.warnings:
        times = f" ({fault.count:,} times)" if fault.count > 1 else ""
        name = fault.file.replace("\\", "/").rpartition("/")[2]
        place = f"{name}: " if name else ""
        notes.print(f"[yellow]warning[/] {escape(place + fault.message + times)}", highlight=False)
    ran = ", ".join(f"{room} {seconds:.0f} s" for room, seconds in result.seconds.items())
    notes.print(f"[dim]ran: {ran or 'nothing, all results are fresh'}[/]", highlight=False)
    if result.report is not None:
        console.print(f"Report: {result.report}", soft_wrap=True, highlight=False)


def show_comparison(comparison: dict[str, Any]) -> None:
    """Print the 4G and 5G speeds by percentile, the ratio, and its factors."""
    for name, rows in comparison["tables"].items():
        if rows:
            _show_words(name, rows)
    console.print(comparison["sentence"], highlight=False)


def _show_words(name: str, rows: list[dict[str, Any]]) -> None:
    """Print a table of a comparison with rows, columns and figures in words."""
    rows = [_with_alone(row) for row in rows]
    if len(rows[0]) > len(rows) + 2:  # too many columns for a narrow terminal
        rows = _turned(rows)
    first, *rest = rows[0]
    table = _table("", *(_heading(one) for one in rest), title=escape(name))
    table.columns[0].overflow = "fold"
    for row in rows:
        shown = (_figure(str(row[first]) if first == "" else key, row[key]) for key in rest)
        table.add_row(_worded(str(row[first])), *shown)
    console.print(table, highlight=False)
    console.print()


def _with_alone(row: dict[str, Any]) -> dict[str, Any]:
    """Put the ratio of a user alone in the cell, all factors but load, before the load.

    Examples
    --------
    >>> _with_alone({"at": "all", "load": 2.0, "ratio": 6.0})
    {'at': 'all', 'alone': 3.0, 'load': 2.0, 'ratio': 6.0}
    """
    if "load" not in row or not row["load"]:
        return row
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name == "load":
            shown["alone"] = row["ratio"] / row["load"]
        shown[name] = value
    return shown


def _turned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn a table over: a row for each factor, a column for each place.

    Examples
    --------
    >>> _turned([{"at": "all", "load": 2.0, "ratio": 6.0}, {"at": "p5", "load": 1.0, "ratio": 5.0}])
    [{'': 'load', 'all': 2.0, 'p5': 1.0}, {'': 'ratio', 'all': 6.0, 'p5': 5.0}]
    """
    first, *names = rows[0]
    return [{"": name, **{row[first]: row[name] for row in rows}} for name in names]


def _worded(name: str) -> str:
    """Say the name of a row; its unit in brackets."""
    from cellwright.report import is_share, title, unit_of, vocabulary

    if name not in vocabulary():
        return escape(name[:1].upper() + name[1:])
    unit = "" if is_share(name) else unit_of(name)
    return escape(f"{title(name)} [{unit}]" if unit else title(name))


def _heading(name: str) -> str:
    from cellwright.report import title

    return "Everyone" if name == "all" else escape(title(name))


def show_sources(table: pd.DataFrame) -> None:
    """Print what every number of a run rests on: a block for each part, wrapped to the terminal."""
    from cellwright.project.tables import ROOMS

    for room, rows in table.fillna("").groupby("room", sort=False):
        shown = _table("what", "document, edition, clause", title=ROOMS.get(str(room), str(room)))
        shown.show_header = False
        for column, ratio in zip(shown.columns, (2, 3), strict=True):
            column.justify, column.overflow, column.ratio = "left", "fold", ratio
        shown.expand = console.width < 110
        for row in rows.itertuples(index=False):
            parts = [str(part) for part in (row.document, row.edition, row.clause) if str(part)]
            shown.add_row(escape(str(row.subject)), escape(", ".join(parts)))
        console.print(shown, highlight=False)
        console.print()


def _figure(name: str, value: Any) -> str:
    from cellwright.report import is_share, percent, rounded

    if not isinstance(value, (int, float)):
        return escape(str(value))
    return percent(float(value)) if is_share(name) else rounded(float(value))


def show_crosscheck(made: Crosscheck) -> None:
    """Print how much of the map a ray tracer fills, and how far it is from ours."""
    title = f"Ray tracing less our path loss, outdoors, site {escape(made.site)}"
    names = ("", "distance m", "pixels", "filled", "median dB", "mean dB", "rms dB")
    table = _table(*names, title=title)
    for sight, low, high, pixels, share, *apart in made.table.itertuples(index=False):
        reach = f"{low:.0f}+" if high == float("inf") else f"{low:.0f}-{high:.0f}"
        figures = ("-" if value != value else f"{value:+.1f}" for value in apart[:2])
        rms = "-" if apart[2] != apart[2] else f"{apart[2]:.1f}"
        table.add_row(sight, reach, f"{pixels:,}", f"{share:.0%}", *figures, rms)
    console.print(table, highlight=False)
    words = f"The tracer took {made.seconds:.0f} s."
    if made.lifted_m > 0.0:
        words += f" Its antenna stands {made.lifted_m:.1f} m higher, clear of the flat roof."
    console.print(words, highlight=False)
    for name, path in made.files.items():
        console.print(f"[dim]{name}: {path}[/]", soft_wrap=True, highlight=False)
