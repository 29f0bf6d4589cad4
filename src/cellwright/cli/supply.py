"""The commands ``cellwright supply ...`` and ``cellwright security ...``.

Every one answers one question about the plan that ``cellwright run`` made, and runs first what is
missing. Nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cellwright.project.supply import SupplyAnswer, SupplyCase

supply = typer.Typer(
    no_args_is_help=True,
    help="Vendors, rules and parts: what a ban, a cut or a tariff does to the plan.",
    epilog="Indications computed from the data given; nothing here is legal advice.",
)
security = typer.Typer(no_args_is_help=True, help="Security of the plan by TS 33.501 clauses.")

Folder = Annotated[Path, typer.Argument(help="The project's folder.", show_default="this folder")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rules", "-r", help="A rule or group, again for more.", show_default="[supply]"),
]
HERE = Path()
#: Rows of a table that a terminal shows; the files hold all.
_SHOWN = 15


@supply.command()
def check(
    folder: Folder = HERE,
    rules: Rules = None,
    on: Annotated[
        list[datetime] | None, typer.Option(help="A day to look at.", formats=["%Y-%m-%d"])
    ] = None,
    json: Json = False,
) -> None:
    """May we build this, here, now? Every rule's value, limit, slack and first break."""
    from cellwright.project.supply import check_rules

    days = [one.date() for one in on or ()]
    _answer(folder, json, lambda case: check_rules(case, rules or (), days))


@supply.command("rules")
def list_rules(folder: Folder = HERE, rules: Rules = None, json: Json = False) -> None:
    """Say every rule there is in a sentence, with its source."""
    from cellwright.project.supply import listed_rules

    _answer(folder, json, lambda case: listed_rules(case, rules or ()))


def _answer(folder: Path, as_json: bool, ask: Callable[[SupplyCase], SupplyAnswer]) -> None:
    """Ask a question of a project's case; print the answer and write its tables."""
    from cellwright import project
    from cellwright.cli.show import RunProgress
    from cellwright.project.supply import case_of

    opened = project.open(folder)
    with RunProgress(as_json) as progress:
        case = case_of(opened, progress)
    found = ask(case)
    home = found.write(opened.folder / "exports" / "supply" / found.question)
    if as_json:
        _write_json({**found.as_dict(), "folder": home})
    else:
        show_answer(found, home)


def _write_json(data: Any) -> None:
    import json

    from cellwright.project import plain

    typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def show_answer(found: SupplyAnswer, home: Path) -> None:
    """Print the sentences, the first rows of what there is room for, and where the files lie."""
    from rich.markup import escape

    from cellwright.cli.show import console

    for line in found.sentences:
        console.print(escape(line), highlight=False)
    for name, columns in found.shown.items():
        table = found.tables[name]
        console.print()
        console.print(_shown(name, table[list(columns)]), highlight=False)
        if len(table) > _SHOWN:
            console.print(f"and {len(table) - _SHOWN} more rows in {name}.csv", highlight=False)
    guessed = len(found.assumptions)
    console.print()
    if guessed:
        console.print(f"{guessed} assumptions: see assumptions.csv.", highlight=False)
    console.print(escape(found.note), highlight=False)
    console.print(f"Written: {home}", soft_wrap=True, highlight=False)


def _shown(name: str, table: Any) -> Any:
    from rich.markup import escape

    from cellwright.cli.show import _table
    from cellwright.report import title

    made = _table(*(title(column) for column in table.columns), title=title(name))
    for row in table.head(_SHOWN).to_dict("records"):
        made.add_row(*(escape(_word(value)) for value in row.values()))
    return made


def _word(value: Any) -> str:
    """Write a value of any table in few letters.

    Examples
    --------
    >>> _word(True), _word(float("nan")), _word(0.123456), _word(1234567.0)
    ('yes', '-', '0.123', '1,234,567')
    """
    import pandas as pd

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return "-"
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            return "without end"
        return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
