"""Every answer on one page, and a workbook for procurement: ``report/supply.html``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.project.supply import board_words
from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.ask import Asked, Listener
from cellwright.project.supply.board_tables import Found, board_sources, board_tables
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.exposed import exposure_answer, makers, protection_of
from cellwright.project.supply.hedged import frontier_answer, plan_makers
from cellwright.project.supply.names import readable
from cellwright.project.supply.replanned import replan_answer
from cellwright.project.supply.rules import check_rules
from cellwright.project.supply.secured import security_answer
from cellwright.project.supply.sourced import landed_answer, origin_answer
from cellwright.project.supply.stressed import applied, survive_answer, swap_answer
from cellwright.project.supply.varied import varied

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.project.work import Work
    from cellwright.supply import Radio, WhatIf

#: Parties that the page looks at, those behind most people.
_PARTIES = 4


@dataclass(frozen=True)
class Board:
    """Where the page and the workbook lie."""

    page: Path
    workbook: Path


@dataclass(frozen=True, eq=False)
class Content:
    """What the page shows, apart from the map's shapes: kept between runs.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``report.supply.SUPPLY_TABLES``.
    verdicts : list of (words, state)
        Sentences of the first page.
    figures : list of dict
        Key figures: ``name, value, unit, low, high, note``.
    notes : dict of str to str
        Table to a line beside it.
    """

    tables: dict[str, pd.DataFrame]
    verdicts: list[tuple[str, str]]
    figures: list[dict[str, Any]]
    notes: dict[str, str]

    def save(self, folder: Path) -> None:
        """Write the tables as CSV and the words as ``board.json``."""
        from cellwright import report
        from cellwright.project import store

        report.write_tables(folder, self.tables)
        words = {"verdicts": self.verdicts, "figures": self.figures, "notes": self.notes}
        store.write_json(folder / "board.json", {**words, "tables": list(self.tables)})

    @classmethod
    def load(cls, folder: Path) -> Content:
        """Read what `save` wrote."""
        import pandas as pd

        from cellwright.project import store

        words = store.read_json(folder / "board.json")
        tables = {
            name: pd.read_csv(
                folder / f"{name}.csv", keep_default_na=False, na_values=[""], dtype={"hs": str}
            )
            for name in words["tables"]
        }
        verdicts = [(str(line), str(state)) for line, state in words["verdicts"]]
        return cls(tables, verdicts, words["figures"], words["notes"])


def write_board(asked: Asked, *, quick: bool = False, progress: Listener | None = None) -> Board:
    """Answer everything and write the page and the workbook.

    Parameters
    ----------
    asked : Asked
    quick : bool
        Leave out what takes tens of seconds: the frontier, and a plan that keeps the rules.
    progress : callable, optional
        Told what is done and its share.

    Returns
    -------
    Board
    """
    tell = progress or (lambda title, share: None)
    work, case = asked.project.work, asked.case
    tell("Running the radio map again", 0.0)
    radio = asked.radio()
    tell("Asking about rules and supply", 0.3)
    content = board_content(work, case, radio, quick=quick)
    tell("Writing the supply page", 0.9)
    made = write_pages(work, case, content)
    tell("done", 1.0)
    return made


def board_content(work: Work, case: SupplyCase, radio: Radio, *, quick: bool = True) -> Content:
    """Answer everything the page shows; quick leaves frontier and replan out."""
    found = _answers(work, case, radio, quick)
    verdicts = [(one.words, str(one.state)) for one in board_words.verdicts(case, found)]
    figures = [vars(one) for one in board_words.figures(case, found)]
    notes = board_words.notes(case, found)
    return Content(board_tables(work, case, found), verdicts, figures, notes)


def _answers(work: Work, case: SupplyCase, radio: Radio, quick: bool) -> Found:
    who = tuple(dict.fromkeys([*plan_makers(case), *makers(case)]))[:_PARTIES]
    scenarios = tuple(applied(case, name) for name in case.scenarios)
    access = next(iter(plan_makers(case)), "")
    rules, worst = check_rules(case), max(scenarios, key=_lost, default=None)
    return Found(
        rules=rules,
        exposure=exposure_answer(case, radio, who, protection=protection_of(work)),
        survive=survive_answer(case),
        swap=swap_answer(case, (access,)) if access in case.parties else None,
        security=security_answer(work, case),
        origin=origin_answer(case),
        landed=landed_answer(case) if case.country else None,
        frontier=None if quick else frontier_answer(case),
        replan=None if quick else _replanned(case, radio, rules),
        varied=None if quick or worst is None else varied(case, worst.scenario),
        worst=worst,
    )


def _replanned(case: SupplyCase, radio: Radio, rules: SupplyAnswer) -> SupplyAnswer | None:
    """Plan anew under the rules that hold; where none is stated, the group most of which breaks."""
    from cellwright.errors import InfeasiblePlanError

    table = rules.tables["rules"]
    broken = set(table.loc[~table["complies"], "rule_id"])
    groups = [rule.group for rule in case.rules if rule.rule_id in broken]
    if not groups:
        return None
    most = max(dict.fromkeys(groups), key=groups.count)
    names = () if case.stated else (most,)
    head = "Under the rules that hold:" if case.stated else f"Under {most}:"
    try:
        found = replan_answer(case, radio, names)
    except InfeasiblePlanError as error:
        return SupplyAnswer("replan", (head, str(error)), {}, case.assumptions)
    return replace(found, sentences=(head, *found.sentences))


def _lost(found: WhatIf) -> float:
    return float(found.phases["person_months_typical"].sum())


def write_pages(work: Work, case: SupplyCase, content: Content) -> Board:
    """Write ``report/supply.html`` and ``report/procurement.xlsx``."""
    from cellwright.report.supply import KeyFigure, Verdict, write_procurement, write_supply_page

    home, cost = work.report_path.parent, work.settings.cost
    home.mkdir(exist_ok=True)
    # prices of equipment are the catalogue's own, whatever currency the plan's cost is shown in
    currency = "USD" if cost.currency == "USD" else "USD (prices of the catalogue)"
    sources, tables = board_sources(case), readable(case, content.tables)
    page = write_supply_page(
        home / "supply.html",
        title=f"{work.settings.project.name}: vendors, rules, supply and security",
        tables=tables,
        sentences=[Verdict(words, state) for words, state in content.verdicts],  # type: ignore[arg-type]
        key_figures=[KeyFigure(**one) for one in content.figures],
        assumptions=tables["assumptions"],
        sources=sources,
        boundary=_frame(work, [work.area.boundary]),
        backdrop=work.area.streets,
        areas=_areas(work, case),
        notes=content.notes,
        currency=currency,
    )
    sheets = {**tables, "sources": sources}
    return Board(page, write_procurement(home / "procurement.xlsx", sheets, currency))


def _frame(work: Work, shapes: list[Any], **columns: Any) -> Any:
    import geopandas as gpd

    return gpd.GeoDataFrame(columns, geometry=shapes, crs=work.area.crs)


def _areas(work: Work, case: SupplyCase) -> Any:
    if not case.areas:
        return None
    return _frame(work, list(case.areas.values()), name=list(case.areas))
