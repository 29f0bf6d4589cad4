"""How results look in a terminal: tables, fault lists, and progress with the time left."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.errors import Fault
    from cellwright.project import RunResult

console = Console()
notes = Console(stderr=True)


class RunProgress:
    """One bar for the whole run, on standard error, with the time left."""

    def __init__(self, silent: bool) -> None:
        self._progress = Progress(
            TextColumn("[bold]{task.description:<34}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=notes,
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
    table = Table(title=title, box=None, pad_edge=False, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, justify="left" if name == columns[0] else "right")
    return table


def show_faults(faults: list[Fault]) -> None:
    """Print faults, errors first, then how many of each."""
    for fault in sorted(faults, key=lambda item: item.severity):
        colour = "red" if fault.severity == "error" else "yellow"
        times = f" ({fault.count} times)" if fault.count > 1 else ""
        console.print(
            f"[{colour}]{fault.severity}[/] {escape(str(fault))}{times} [dim]{fault.code}[/]",
            soft_wrap=True,
        )
    errors = sum(fault.severity == "error" for fault in faults)
    console.print(f"{errors} errors, {len(faults) - errors} warnings.")


def show_todo(todo: list[dict[str, Any]]) -> None:
    """Print which steps would run and why."""
    table = _table("step", "state", "about", "what it does")
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
    table = _table("", "")
    for label, value in result.headline:
        table.add_row(label, value)
    console.print(table)
    for fault in result.warnings:
        notes.print(f"[yellow]warning[/] {escape(str(fault))}", soft_wrap=True)
    ran = ", ".join(f"{room} {seconds:.1f} s" for room, seconds in result.seconds.items())
    notes.print(f"[dim]ran: {ran or 'nothing, all results are fresh'}[/]", soft_wrap=True)
    if result.report is not None:
        console.print(f"Report: {result.report}", soft_wrap=True, highlight=False)


def show_comparison(comparison: dict[str, Any]) -> None:
    """Print the 4G and 5G speeds by percentile, the ratio, and its factors."""
    for name, rows in comparison["tables"].items():
        if not rows:
            continue
        table = _table(*rows[0], title=name)
        for row in rows:
            table.add_row(*(_figure(value) for value in row.values()))
        console.print(table)
        console.print()
    console.print(comparison["sentence"], soft_wrap=True)


def show_sources(table: pd.DataFrame) -> None:
    """Print what every number of a run rests on."""
    shown = _table(*table.columns)
    for column in shown.columns:
        column.justify = "left"
    for row in table.itertuples(index=False):
        shown.add_row(*(escape(str(value)) for value in row))
    console.print(shown)


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)
