"""How a tuning looks in a terminal: what was fitted, what was refused, what it gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from cellwright.cli.show import _table, console, notes

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.project.measured import TuneReport

_FIGURES = ("mean", "mean_abs", "sd", "rmse")


def show_tuning(report: TuneReport) -> None:
    """Print the cleaning, the parameters, the errors on held-back points, the suspects."""
    _show_rules(report.rules)
    _show_parameters(report.tuned.parameters)
    for name, rows in report.tuned.errors.groupby("validation", sort=False):
        _show_errors(str(name), rows)
    for words in report.suspects["words"]:
        console.print(f"[yellow]suspect[/] {escape(words)}", highlight=False)
    if len(report.suspects):
        console.print(
            "[dim]Look at these antennas first: what is wrong with them is in the fit too. "
            "Mend the site file and tune again.[/]", highlight=False,
        )  # fmt: skip
    for text in report.tuned.notes:
        console.print(f"[dim]note: {escape(text)}[/]", highlight=False)
    for fault in report.warnings:
        notes.print(f"[yellow]warning[/] {escape(str(fault))}", highlight=False)
    console.print(f"Written: {report.folder}", soft_wrap=True, highlight=False)
    rat = "lte" if "lte" in report.tuned.tuning.carrier else "nr"
    console.print(
        "To use it, copy tuning.toml beside project.toml and write under \\[coverage]: "
        f'tuning = {{ {rat} = "tuning.toml" }}',
        highlight=False,
    )


def _show_rules(rules: pd.DataFrame) -> None:
    table = _table("cleaning", "points", "share", "what")
    table.columns[-1].justify = "left"
    for row in rules.itertuples(index=False):
        table.add_row(
            str(row.rule), f"{row.points:,}", f"{row.share:.1%}", escape(str(row.meaning))
        )
    console.print(table, highlight=False)
    console.print()


def _show_parameters(parameters: pd.DataFrame) -> None:
    table = _table("parameter", "value", "± error", "verdict")
    table.columns[-1].justify, table.columns[-1].overflow = "left", "fold"
    for row in parameters.itertuples(index=False):
        table.add_row(
            str(row.parameter), _number(row.value), _number(row.standard_error),
            escape(str(row.verdict)),
        )  # fmt: skip
    console.print(table, highlight=False)
    console.print()


def _show_errors(validation: str, rows: pd.DataFrame) -> None:
    """Print measured less predicted [dB], before and after, by group."""
    said = "not validated" if validation == "none" else f"held back {validation}"
    title = f"Measured less predicted, dB, {said}: before > after"
    table = _table("", "points", "mean", "mean abs", "sd", "rmse", title=title)
    for row in rows[rows["group"] != "cell"].to_dict("records"):
        figures = (
            f"{row[f'{name}_before_db']:.1f} > {row[f'{name}_after_db']:.1f}" for name in _FIGURES
        )
        table.add_row(escape(str(row["value"])), f"{row['points']:,}", *figures)
    console.print(table, highlight=False)
    console.print()


def _number(value: Any) -> str:
    """Write a number, or nothing where there is none.

    Examples
    --------
    >>> _number(2.345), _number(float("nan"))
    ('2.35', '')
    """
    number = float(value)
    return "" if number != number else f"{number:.2f}"
