"""The commands ``cellwright supply ...`` and ``cellwright security ...``.

Every one answers one question about the plan that ``cellwright run`` made, and runs first what is
missing. Nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cellwright.project.supply import Asked, SupplyAnswer

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
Parties = Annotated[
    list[str] | None,
    typer.Option("--party", "-p", help="A party, again for more.", show_default="all makers"),
]
Vendors = Annotated[
    list[str] | None,
    typer.Option("--vendor", help="Who may make the access, again for more."),
]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day.")]
Days = Annotated[
    list[datetime] | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="A day to look at, again for more."),
]
HERE = Path()
#: Rows of a table that a terminal shows; the files hold all.
_SHOWN = 15


@supply.command()
def check(folder: Folder = HERE, rules: Rules = None, on: Days = None, json: Json = False) -> None:
    """May we build this, here, now? Every rule's value, limit, slack and first break."""
    from cellwright.project.supply import check_rules

    days = [one.date() for one in on or ()]
    _answer(folder, json, lambda asked: check_rules(asked.case, rules or (), days))


@supply.command("rules")
def list_rules(folder: Folder = HERE, rules: Rules = None, json: Json = False) -> None:
    """Say every rule there is in a sentence, with its source."""
    from cellwright.project.supply import listed_rules

    _answer(folder, json, lambda asked: listed_rules(asked.case, rules or ()))


@supply.command("scenarios")
def list_scenarios(folder: Folder = HERE, json: Json = False) -> None:
    """List the scenarios that whatif and frontier know."""
    from cellwright.project.supply import listed_scenarios

    _answer(folder, json, lambda asked: listed_scenarios(asked.case))


@supply.command()
def whatif(
    scenario: Annotated[str, typer.Argument(help="A scenario, such as entity-list-2019.")],
    folder: Folder = HERE,
    json: Json = False,
) -> None:
    """What a scenario stops, when, for how many people, and what it costs."""
    from cellwright.project.supply import whatif_answer

    _answer(folder, json, lambda asked: whatif_answer(asked.case, scenario))


@supply.command()
def exposure(
    folder: Folder = HERE,
    party: Parties = None,
    on: Day = None,
    config: Annotated[
        list[Path] | None, typer.Option(help="Configurations of the core, for ciphering.")
    ] = None,
    json: Json = False,
) -> None:
    """Who could be read, followed or cut off by whose equipment; coverage run again without it."""
    from cellwright.project.supply import exposure_answer, protection_of

    _answer(
        folder,
        json,
        lambda asked: exposure_answer(
            asked.case,
            asked.radio(),
            party or (),
            day=_day(on),
            protection=protection_of(asked.project.work, config or ()),
        ),
    )


@supply.command()
def replan(
    folder: Folder = HERE,
    rules: Rules = None,
    wanted: Annotated[
        str, typer.Option(help='"cost": cheapest for as many people; "people": most in budget.')
    ] = "cost",
    vendor: Vendors = None,
    budget_usd: Annotated[
        float | None, typer.Option(min=0.0, help="For all phases together.", show_default="none")
    ] = None,
    crews: Annotated[
        float | None, typer.Option(min=0.0, help="Sites put up in a phase.", show_default="any")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, help="Seconds for each choice.")] = 20.0,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Planned anew on this day: what runs then runs."),
    ] = None,
    each: Annotated[bool, typer.Option(help="Also price every rule alone.")] = False,
    json: Json = False,
) -> None:
    """The cheapest or best-covering plan that keeps the rules, and their price."""
    from cellwright.project.supply import ReplanTerms, replan_answer

    terms = ReplanTerms(wanted, tuple(vendor or ()), budget_usd, crews, seconds, _day(on), each)
    _answer(
        folder, json, lambda asked: replan_answer(asked.case, asked.radio(), rules or (), terms)
    )


@supply.command()
def swap(
    party: Annotated[list[str], typer.Option("--party", "-p", help="Whose equipment goes.")],
    folder: Folder = HERE,
    on: Day = None,
    deadline: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Switched off from this day.")
    ] = None,
    budget: Annotated[
        str,
        typer.Option(help="Whole,spent,committed in USD: going on, swapping, stopping compared."),
    ] = "",
    json: Json = False,
) -> None:
    """What replacing equipment costs: gross, net, later prices, months, lost coverage."""
    from cellwright.errors import InputError
    from cellwright.project.supply import swap_answer

    money = _figures("budget", budget)
    if money and len(money) != 3:
        raise InputError(f'--budget is "{budget}": give whole,spent,committed, as 600,100,30.')
    three = (money[0], money[1], money[2]) if money else None
    _answer(
        folder,
        json,
        lambda asked: swap_answer(asked.case, party, _day(on), _day(deadline), budget=three),
    )


@supply.command()
def survive(
    folder: Folder = HERE,
    stock: Annotated[
        str, typer.Option(help="Months of parts held: 12, or low,typical,high: 6,12,24.")
    ] = "",
    json: Json = False,
) -> None:
    """How long the plan goes on when a supplier, a country or a part is cut."""
    from cellwright.project.supply import survive_answer

    _answer(folder, json, lambda asked: survive_answer(asked.case, _figures("stock", stock)))


@supply.command()
def stock(
    folder: Folder = HERE,
    cover: Annotated[str, typer.Option(help="Months of stock to look at.")] = "6,12,24",
    json: Json = False,
) -> None:
    """How much cover pays, as the belief at which it breaks even."""
    from cellwright.project.supply import stock_answer

    _answer(folder, json, lambda asked: stock_answer(asked.case, _figures("cover", cover)))


@supply.command()
def frontier(
    folder: Folder = HERE,
    scenario: Annotated[
        list[str] | None, typer.Option(help="What may happen, again for more.", show_default="all")
    ] = None,
    vendor: Vendors = None,
    party: Parties = None,
    points: Annotated[int, typer.Option(min=2, max=50, help="Of each frontier.")] = 10,
    json: Json = False,
) -> None:
    """What fewer lost person-months, and less exposure, cost; the cheapest hedges by name."""
    from cellwright.project.supply import frontier_answer

    _answer(
        folder,
        json,
        lambda asked: frontier_answer(
            asked.case, scenario or (), vendor or (), party or (), points
        ),
    )


@supply.command("landed-cost")
def landed_cost(
    folder: Folder = HERE,
    importer: Annotated[
        str, typer.Option(help="Country it is brought into.", show_default="[supply] country")
    ] = "",
    on: Day = None,
    scenario: Annotated[str, typer.Option(help="Whose duties come on top.")] = "",
    json: Json = False,
) -> None:
    """What duties add to the plan, by HS code, origin, importer and date."""
    from cellwright.project.supply import landed_answer

    _answer(folder, json, lambda asked: landed_answer(asked.case, importer, _day(on), scenario))


@supply.command()
def origin(
    folder: Folder = HERE,
    country: Annotated[str, typer.Option(help="Whose content the line is drawn for.")] = "US",
    json: Json = False,
) -> None:
    """Where the plan's value is from, by country and stage; the unknown share printed."""
    from cellwright.project.supply import origin_answer

    _answer(folder, json, lambda asked: origin_answer(asked.case, country))


@supply.command()
def bom(
    folder: Folder = HERE,
    out: Annotated[
        Path | None, typer.Option(help="CycloneDX file to write.", show_default="bom.cdx.json")
    ] = None,
    json: Json = False,
) -> None:
    """The plan as a hardware bill of material, also as CycloneDX 1.6."""
    from cellwright.project.supply import bom_answer

    file = out or folder / "exports" / "supply" / "bom" / "bom.cdx.json"
    _answer(folder, json, lambda asked: bom_answer(asked.case, file))


@supply.command()
def screen(
    suppliers: Annotated[Path, typer.Argument(help="CSV or XLSX of names.")],
    listed: Annotated[Path, typer.Option("--list", help="Consolidated list: CSV or FtM JSON.")],
    ownership: Annotated[Path | None, typer.Option(help="CSV: who holds whom.")] = None,
    on: Day = None,
    threshold: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Least likeness.", show_default="0.7")
    ] = None,
    json: Json = False,
) -> None:
    """Possible matches of suppliers with a list, by name, alias and ownership, with evidence."""
    from cellwright.project.supply import screen_answer

    _show(screen_answer(suppliers, listed, ownership, _day(on), threshold), None, json)


@supply.command()
def report(
    folder: Folder = HERE,
    quick: Annotated[bool, typer.Option(help="Without replan and frontier.")] = False,
    json: Json = False,
) -> None:
    """Answer everything and write report/supply.html and the workbook for procurement."""
    from cellwright.cli.show import RunProgress
    from cellwright.project.supply import write_board

    with RunProgress(json) as progress:
        made = write_board(_ask(folder, progress), quick=quick, progress=progress)
    if json:
        _write_json({"page": made.page, "workbook": made.workbook})
    else:
        typer.echo(f"{made.page}\n{made.workbook}")


@security.command("check")
def check_security(
    folder: Folder = HERE,
    config: Annotated[
        list[Path] | None, typer.Option(help="Open5GS or free5GC YAML, or CSV of settings.")
    ] = None,
    emergency_duty: Annotated[
        bool, typer.Option(help="Unauthenticated emergency calls are a duty.")
    ] = False,
    json: Json = False,
) -> None:
    """Check links, settings and evidence against TS 33.501, most people first."""
    from cellwright.project.supply import security_answer

    _answer(
        folder,
        json,
        lambda asked: security_answer(asked.project.work, asked.case, config or (), emergency_duty),
    )


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def _figures(name: str, given: str) -> tuple[float, ...]:
    """Read figures with commas between.

    Examples
    --------
    >>> _figures("stock", "6, 12,24"), _figures("stock", "")
    ((6.0, 12.0, 24.0), ())
    """
    from cellwright.errors import InputError

    try:
        return tuple(float(word) for word in given.split(",") if word.strip())
    except ValueError:
        raise InputError(f'--{name} is "{given}": give numbers with commas, as 6,12,24.') from None


def _ask(folder: Path, progress: Callable[[str, float], None]) -> Asked:
    from cellwright import project
    from cellwright.project.supply import asked_of

    return asked_of(project.open(folder), progress)


def _answer(folder: Path, as_json: bool, ask: Callable[[Asked], SupplyAnswer]) -> None:
    """Ask a question of a project; print the answer and write its tables."""
    from cellwright.cli.show import RunProgress

    with RunProgress(as_json) as progress:
        asked = _ask(folder, progress)
        found = ask(asked)
    home = found.write(asked.project.folder / "exports" / "supply" / found.question)
    _show(found, home, as_json)


def _show(found: SupplyAnswer, home: Path | None, as_json: bool) -> None:
    if as_json:
        _write_json({**found.as_dict(), "folder": home})
    else:
        show_answer(found, home)


def _write_json(data: Any) -> None:
    import json

    from cellwright.project import plain

    typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def show_answer(found: SupplyAnswer, home: Path | None) -> None:
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
    if home is not None:
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
