"""Every answer on one page, and a workbook for procurement: ``report/supply.html``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.ask import Asked, Listener
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.exposed import exposure_answer, last_day, makers, protection_of
from cellwright.project.supply.hedged import frontier_answer, plan_makers
from cellwright.project.supply.replanned import replan_answer
from cellwright.project.supply.rules import check_rules
from cellwright.project.supply.secured import security_answer
from cellwright.project.supply.sourced import landed_answer, origin_answer
from cellwright.project.supply.stressed import applied, survive_answer, swap_answer
from cellwright.project.supply.varied import varied

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.project.work import Work
    from cellwright.report.supply import KeyFigure, Verdict
    from cellwright.supply import Radio, WhatIf

_LEVELS = ("low", "typical", "high")
#: Parties that the page looks at, those behind most people.
_PARTIES = 4


@dataclass(frozen=True)
class Board:
    """Where the page and the workbook lie."""

    page: Path
    workbook: Path


@dataclass(frozen=True, eq=False)
class _Found:
    """All answers the page is made of."""

    rules: SupplyAnswer
    exposure: SupplyAnswer
    survive: SupplyAnswer
    swap: SupplyAnswer | None
    security: SupplyAnswer
    origin: SupplyAnswer
    landed: SupplyAnswer | None
    frontier: SupplyAnswer | None
    replan: SupplyAnswer | None
    varied: pd.DataFrame | None
    worst: WhatIf | None


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
    verdicts = [(one, "") if isinstance(one, str) else (one.words, one.state)
                for one in _verdicts(case, found)]  # fmt: skip
    figures = [vars(one) for one in _figures(case, found)]
    return Content(_tables(work, case, found), verdicts, figures, dict(_notes(case, found)))


def _answers(work: Work, case: SupplyCase, radio: Radio, quick: bool) -> _Found:
    who = tuple(dict.fromkeys([*plan_makers(case), *makers(case)]))[:_PARTIES]
    scenarios = tuple(applied(case, name) for name in case.scenarios)
    access = next(iter(plan_makers(case)), "")
    rules, worst = check_rules(case), max(scenarios, key=_lost, default=None)
    return _Found(
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
    page = write_supply_page(
        home / "supply.html",
        title=f"{work.settings.project.name}: vendors, rules, supply and security",
        tables=content.tables,
        sentences=[Verdict(words, state) for words, state in content.verdicts],  # type: ignore[arg-type]
        key_figures=[KeyFigure(**one) for one in content.figures],
        assumptions=content.tables["assumptions"],
        sources=_sources(case),
        boundary=_frame(work, [work.area.boundary]),
        backdrop=work.area.streets,
        areas=_areas(work, case),
        notes=content.notes,
        currency=currency,
    )
    return Board(page, write_procurement(home / "procurement.xlsx", content.tables, currency))


def _frame(work: Work, shapes: list[Any], **columns: Any) -> Any:
    import geopandas as gpd

    return gpd.GeoDataFrame(columns, geometry=shapes, crs=work.area.crs)


def _areas(work: Work, case: SupplyCase) -> Any:
    if not case.areas:
        return None
    return _frame(work, list(case.areas.values()), name=list(case.areas))


# -- tables -----------------------------------------------------------------------------------


def _tables(work: Work, case: SupplyCase, found: _Found) -> dict[str, pd.DataFrame]:
    """Return every table of the page under the names the report room knows."""
    import pandas as pd

    rules = found.rules.tables["rules"]
    tables = {
        "timeline": _timeline(case, rules),
        "breaks": rules[["rule_id", "first_break"]],
        "rules": rules[["rule_id", "sentence", "severity", "evidence"]],
        "vendors": _vendors(case),
        "sites": _sites(case, found),
        "shares": _shares(case),
        "survive": found.survive.tables["survive"],
        "exposure": _exposure(found.exposure.tables["exposure"]),
        "origin": _origin(found.origin.tables["origin"]),
        "security": found.security.tables["checks"].rename(columns={"worst": "element"}),
        "bom": _bom(work, case),
    }
    if "lost" in found.exposure.tables:
        tables["lost"] = _pixels(found.exposure.tables["lost"], found)
    if found.worst is not None:
        tables["phases"] = found.worst.phases
    if found.swap is not None:
        tables["swap"] = found.swap.tables["swap"]
    if found.replan is not None and found.replan.tables:
        tables["replan"] = found.replan.tables["makers"]
    if found.varied is not None and len(found.varied):
        tables["tornado"] = found.varied
    if found.landed is not None:
        landed = found.landed.tables["landed"]
        tables["landed"] = landed.assign(
            rate=landed["rate_typical"], duty=landed["duty_typical"],
            measures=landed["measures"].map(_listed),
        )  # fmt: skip
    if found.frontier is not None:
        tables["frontier"] = pd.concat(
            [found.frontier.tables["points"].assign(kind="cost-time"),
             found.frontier.tables["exposure"].assign(kind="cost-exposure")],
            ignore_index=True,
        )  # fmt: skip
        # harm at its highest is hundreds of times the typical one and would hide every difference
        tables["frontier"] = tables["frontier"].drop(columns=["lost_low", "lost_high"])
    tables["assumptions"] = _assumptions(found)
    return tables


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else "; ".join(map(str, value))


def _timeline(case: SupplyCase, rules: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that break over time; all of them where none does."""
    from cellwright import supply

    broken = set(rules.loc[~rules["complies"], "rule_id"])
    shown = [rule for rule in case.rules if rule.rule_id in broken] or case.rules
    table = supply.timeline(shown, case.elements, case.parties, case.areas, case.start, case.until)
    counted = {rule.rule_id for rule in shown if rule.kind == "min-suppliers"}
    metric = table["metric"].where(~table["rule_id"].isin(counted), "suppliers")
    return table.assign(metric=metric).merge(rules[["rule_id", "sentence"]], on="rule_id")


def _vendors(case: SupplyCase) -> pd.DataFrame:
    known = case.elements.assign(maker=case.elements["maker"].replace("", "not said"))
    table = known.groupby(["maker", "function"], sort=False)["value"].agg(["size", "sum"])
    table = table.rename(columns={"size": "elements", "sum": "value"}).reset_index()
    whole = table.groupby("function")["value"].transform("sum")
    number = table.groupby("function")["elements"].transform("sum")
    # core functions without a price of their own are counted by the piece
    share = table["value"] / whole.where(whole > 0.0)
    return table.assign(value_share=share.fillna(table["elements"] / number))


def _sites(case: SupplyCase, found: _Found) -> pd.DataFrame:
    """Return the sites of the plan: offending where a rule is broken there, at risk by a cut."""
    from cellwright import supply

    days = found.rules.tables["days"]
    ids = {name for text in days["offending"] for name in str(text).split()}
    cut = set() if found.worst is None else set(found.worst.cuts["node"].str.split(" ").str[0])
    elements = case.elements
    radio = elements[elements["function"].isin(["gNB", "DU", "eNB"])]
    radio = radio.drop_duplicates("site_id")
    bad = set(elements.loc[elements["element_id"].isin(ids), "site_id"])
    status = [
        "offending" if site in bad else "at-risk" if maker in cut else "ok"
        for site, maker in zip(radio["site_id"], radio["maker"], strict=True)
    ]
    people = supply.people_at(elements).reindex(radio["site_id"]).to_numpy()
    return radio[["site_id", "x", "y", "maker"]].assign(status=status, people=people)


def _shares(case: SupplyCase) -> pd.DataFrame:
    """Return each maker's share of the sites, running and newly installed, phase by phase."""
    import pandas as pd

    from cellwright.supply.codes import DOMAINS

    access = case.elements[case.elements["function"].isin(DOMAINS["access"])]
    sites = access.drop_duplicates("site_id")
    rows = []
    for phase in case.phases.to_dict("records"):
        day = phase["due"]
        begun = sites["installed"].isna() | (sites["installed"] <= day)
        groups = {"stock": sites[begun], "flow": sites[sites["installed"] == day]}
        for basis, mine in groups.items():
            for maker, count in mine["maker"].value_counts().items():
                rows.append({"phase": phase["phase"], "day": day, "maker": maker, "basis": basis,
                             "metric": "sites", "share": count / len(mine)})  # fmt: skip
    return pd.DataFrame(rows, columns=["phase", "day", "maker", "basis", "metric", "share"])


def _exposure(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for a party and ability: without protection, and who is left with it."""
    bare = table[~table["protected"]]
    kept = table.loc[table["protected"], ["party", "ability", "people"]]
    kept = kept.rename(columns={"people": "people_protected"})
    out = bare.merge(kept, on=["party", "ability"])
    return out.drop(columns=["protected", "people_partly"])


def _origin(table: pd.DataFrame) -> pd.DataFrame:
    """Return value by function, stage and country, the unknown as the page writes it."""
    product = table.assign(
        product=table["function"], country=table["country"].replace("unknown", "")
    )
    out = product.groupby(["product", "stage", "country"], sort=False)["value"].sum().reset_index()
    whole = out.groupby(["product", "stage"])["value"].transform("sum")
    return out.assign(share=out["value"] / whole)


def _pixels(lost: pd.DataFrame, found: _Found) -> pd.DataFrame:
    """Return pixels without coverage when the party behind most lost people is cut off."""
    table = found.exposure.tables["exposure"]
    cut = table[table["ability"] == "availability"].dropna(subset="people_lost")
    worst = cut.sort_values("people_lost", ascending=False, kind="stable")["party"]
    first = worst.iloc[0] if len(worst) else ""
    return lost.loc[lost["party"] == first, ["x", "y", "people", "pixel_m"]]


def _bom(work: Work, case: SupplyCase) -> pd.DataFrame:
    from cellwright.supply.bills import hs_of, kinds

    table, catalogue = kinds(case.elements), work.catalogue
    known = table["item"].isin(catalogue.index)
    table = table[known | (table["value"] > 0.0)].assign(
        hs=table["function"].map(hs_of), origin=table["made_in"]
    )
    listed = catalogue.reindex(table["item"])
    single = table["value"].to_numpy()
    for level in _LEVELS:
        ratio = (listed[f"price_{level}"] / listed["price_typical"]).fillna(1.0)
        table[f"price_{level}"] = single * ratio.to_numpy()
    weeks = listed["lead_time_weeks_typical"].to_numpy(float)
    table = table.assign(
        lead_months=weeks * 7.0 / 30.4375, maker=table["maker"].replace("", "open")
    )
    return table.drop(columns=["made_in", "value", "total"])


def _assumptions(found: _Found) -> pd.DataFrame:
    """Return every assumption once."""
    import pandas as pd

    answers = (found.rules, found.exposure, found.survive, found.swap, found.security,
               found.frontier)  # fmt: skip
    tables = [answer.assumptions for answer in answers if answer is not None]
    if found.worst is not None:
        tables.append(found.worst.assumptions)
    every = pd.concat(tables, ignore_index=True).astype(str)
    return every.drop_duplicates(["assumption", "value"], ignore_index=True)


def _sources(case: SupplyCase) -> pd.DataFrame:
    """Return where rules, scenarios and parties are from."""
    import pandas as pd

    rows = [(rule.source, rule.instrument, rule.rule_id) for rule in case.rules if rule.source]
    rows += [(one.source, "scenario", one.name) for one in case.scenarios.values() if one.source]
    rows += [
        (party.source, "party", party.party_id) for party in case.parties
        if party.source and party.party_id in set(case.elements["maker"])
    ]  # fmt: skip
    rows += [("3GPP TS 33.501", "V20.0.0", "5.2.5, 5.3, 6.12.2, 9.2-9.9, 13.1-13.2")]
    return pd.DataFrame(rows, columns=["document", "edition", "clause"])


# -- first page -------------------------------------------------------------------------------


def _verdicts(case: SupplyCase, found: _Found) -> list[Verdict | str]:
    from cellwright.report.supply import Verdict

    rules, said = found.rules.tables["rules"], list[Verdict | str]()
    broken = rules[~rules["complies"]].sort_values("first_break")
    whose = (
        "rules that hold here" if case.stated else "rules of the library (none is stated to hold)"
    )
    if len(broken):
        first = broken.iloc[0]
        said.append(Verdict(
            f"{len(broken)} of {len(rules)} {whose} are indicated as broken up to {case.until}; "
            f"first {first['rule_id']}, from {first['first_break'].date()}.",
            "breaks" if case.stated else "watch",
        ))  # fmt: skip
    else:
        said.append(Verdict(f"All {len(rules)} {whose} are kept up to {case.until}.", "holds"))
    if found.worst is not None:
        lost = _lost(found.worst) > 0.0
        said.append(Verdict(found.worst.sentence, "breaks" if lost else "holds"))
    said += [Verdict(line, "watch") for line in _exposed(found)]
    said.append(Verdict(found.security.sentences[0], "watch"))
    if found.frontier is not None:
        said += [Verdict(line, "") for line in found.frontier.sentences[1:3]]
    return said


def _exposed(found: _Found) -> list[str]:
    table = found.exposure.tables["exposure"]
    cut = table[(table["ability"] == "availability") & ~table["protected"]]
    if cut.empty:
        return []
    first = cut.sort_values("people", ascending=False, kind="stable").iloc[0]
    kept = max(0.0, float(first["people"] - first.get("people_lost", first["people"])))
    return [
        f"Equipment of {first['party']} could cut off {first['people']:,.0f} people; {kept:,.0f} "
        "of them would keep a signal from other cells."
    ]


def _figures(case: SupplyCase, found: _Found) -> list[KeyFigure]:
    from cellwright import supply
    from cellwright.report.supply import KeyFigure

    people = float(supply.people_at(case.elements).sum())
    figures = [KeyFigure("People served", people, "persons", note=f"complete on {last_day(case)}")]
    if found.worst is not None:
        low, typical, high = (
            float(found.worst.phases[f"person_months_{level}"].sum()) for level in _LEVELS
        )
        figures.append(KeyFigure(
            "Worst scenario", f"{typical:,.0f}", "person-months",
            note=f"{low:,.0f} to {high:,.0f}; {found.worst.scenario.title}",
        ))  # fmt: skip
    table = found.survive.tables["survive"]
    short = table[~table["harmless"].astype(bool)]
    figures.append(KeyFigure(
        "Outages not outlasted", f"{len(short)} of {len(table)}", "",
        note="suppliers, countries, parts; typical stock and recovery",
    ))  # fmt: skip
    if found.swap is not None:
        lines = found.swap.tables["swap"]
        low, typical, high = (
            float(lines.loc[lines["line"] == "total", n].iloc[0]) for n in _LEVELS
        )
        figures.append(KeyFigure(
            "Swap of the access", typical, "USD", low, high, "net of natural replacement",
        ))  # fmt: skip
    checks = found.security.tables["checks"]
    graver = int((checks["severity"] == "high").sum())
    figures.append(KeyFigure(
        "Security, graver kinds", float(graver), "findings", note="by TS 33.501, high severity",
    ))  # fmt: skip
    known = found.origin.tables["origin"].attrs.get("known", {})
    if known:
        figures.append(KeyFigure(
            "Value of known assembly", 100.0 * known.get("assembly", 0.0), "%",
            note="the rest is unknown",
        ))  # fmt: skip
    return figures


def _notes(case: SupplyCase, found: _Found) -> Mapping[str, str]:
    notes = {}
    if found.worst is not None:
        source = found.worst.scenario.source
        notes["phases"] = f"Scenario: {found.worst.scenario.title}, {source}."
    if not case.stated:
        notes["timeline"] = "The project does not say which rules hold; these are the library's."
    if found.swap is not None:
        notes["swap"] = found.swap.sentences[0]
    if found.replan is not None:
        notes["replan"] = " ".join(found.replan.sentences)
    if found.frontier is not None:
        notes["frontier"] = "Cost is what is added to the plan as it is."
    return notes
