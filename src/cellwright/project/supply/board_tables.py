"""The tables that the supply page and the workbook for procurement are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.project.work import Work
    from cellwright.supply import Rule, WhatIf

LEVELS = ("low", "typical", "high")
#: Maker of equipment that nobody named.
NOT_STATED = "not stated"
#: Answer -> tables of the page that it fills, and that its assumptions bear on.
_FILLS = {
    "rules": "timeline breaks rules vendors sites shares", "exposure": "exposure lost",
    "survive": "survive", "swap": "swap", "security": "security", "frontier": "frontier",
    "replan": "replan", "origin": "origin bom", "landed": "landed",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
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


def board_tables(work: Work, case: SupplyCase, found: Found) -> dict[str, pd.DataFrame]:
    """Return every table of the page under the names the report room knows."""
    import pandas as pd

    from cellwright.report.supply import described

    rules = found.rules.tables["rules"]
    tables = {
        "timeline": timeline_of(case, rules),
        "breaks": rules[["rule_id", "first_break"]],
        "rules": rules[["rule_id", "sentence", "severity", "evidence"]],
        "vendors": _vendors(case),
        "sites": _sites(case, found),
        "shares": _shares(case),
        "survive": described("survive", found.survive.tables["survive"]),
        "exposure": _exposure(found.exposure.tables["exposure"]),
        "origin": _origin(found.origin.tables["origin"]),
        "security": found.security.tables["checks"].rename(columns={"worst": "element"}),
        "bom": _bom(work, case),
    }
    if "lost" in found.exposure.tables:
        tables["lost"] = _pixels(found.exposure.tables["lost"], found)
    if found.worst is not None:
        begun = [pd.Timestamp(case.start), *found.worst.phases["due"].iloc[:-1]]
        tables["phases"] = described("phases", found.worst.phases.assign(begun=begun))
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
        tables["frontier"] = described("frontier", tables["frontier"])
        # harm at its highest is hundreds of times the typical one and would hide every difference
        tables["frontier"] = tables["frontier"].drop(columns=["lost_low", "lost_high"])
    tables["assumptions"] = _assumptions(found)
    return tables


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else "; ".join(map(str, value))


def timeline_of(case: SupplyCase, rules: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that break over time; all of them where none does."""
    from cellwright import supply

    broken = set(rules.loc[~rules["complies"], "rule_id"])
    shown = [rule for rule in case.rules if rule.rule_id in broken] or case.rules
    table = supply.timeline(shown, case.elements, case.parties, case.areas, case.start, case.until)
    counted = {rule.rule_id for rule in shown if rule.kind == "min-suppliers"}
    metric = table["metric"].where(~table["rule_id"].isin(counted), "suppliers")
    counts = table["rule_id"].map({rule.rule_id: _counts(rule) for rule in shown})
    table = table.assign(metric=metric, counts=counts)
    return table.merge(rules[["rule_id", "sentence"]], on="rule_id")


def _counts(rule: Rule) -> str:
    """Say what a rule counts; what is installed adds up and never falls with the years."""
    what = {"min-suppliers": "number of suppliers", "permit": "elements without permit"}
    noun = what.get(rule.kind, f"share of {rule.metric}")
    if rule.basis != "flow":
        return f"{noun}, in use"
    if rule.window == "year":
        return f"{noun}, newly installed within the year"
    if len(rule.steps) == 1:
        return f"{noun}, installed since {rule.steps[0].start}"
    return f"{noun}, installed since the limit changed"


def _vendors(case: SupplyCase) -> pd.DataFrame:
    known = case.elements.assign(maker=case.elements["maker"].replace("", NOT_STATED))
    table = known.groupby(["maker", "function"], sort=False)["value"].agg(["size", "sum"])
    table = table.rename(columns={"size": "elements", "sum": "value"}).reset_index()
    whole = table.groupby("function")["value"].transform("sum")
    number = table.groupby("function")["elements"].transform("sum")
    # core functions without a price of their own are counted by the piece
    share = table["value"] / whole.where(whole > 0.0)
    return table.assign(value_share=share.fillna(table["elements"] / number))


def _sites(case: SupplyCase, found: Found) -> pd.DataFrame:
    """Return the sites of the plan: offending where a rule is broken there, at risk by a cut."""
    from cellwright import supply

    days = found.rules.tables["days"]
    ids = {name for text in days["offending"] for name in str(text).split()}
    cut = set() if found.worst is None else set(found.worst.cuts["node"].str.split(" ").str[0])
    elements = case.elements
    radio = elements[elements["function"].isin(["gNB", "DU", "eNB"])]
    radio = radio.drop_duplicates("site_id")
    bad = set(elements.loc[elements["element_id"].isin(ids), "site_id"])
    words = {(False, False): "ok", (True, False): "offending", (False, True): "at-risk",
             (True, True): "both"}  # fmt: skip
    status = [
        words[site in bad, maker in cut]
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


def cut_off_by(found: Found) -> str:
    """Return the party whose silence takes the signal from most people; empty: none."""
    table = found.exposure.tables["exposure"]
    cut = table[table["ability"] == "availability"].dropna(subset="people_lost")
    worst = cut.sort_values("people_lost", ascending=False, kind="stable")["party"]
    return str(worst.iloc[0]) if len(worst) else ""


def _pixels(lost: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Return pixels without coverage when the party behind most lost people is cut off."""
    mine: pd.DataFrame = lost[lost["party"] == cut_off_by(found)]
    return mine[["x", "y", "people", "pixel_m"]]


def _bom(work: Work, case: SupplyCase) -> pd.DataFrame:
    from cellwright.supply.bills import hs_of, kinds

    table, catalogue = kinds(case.elements), work.catalogue
    known = table["item"].isin(catalogue.index)
    table = table[known | (table["value"] > 0.0)].assign(
        hs=table["function"].map(hs_of), origin=table["made_in"].replace("", "unknown")
    )
    listed = catalogue.reindex(table["item"])
    single = table["value"].to_numpy()
    for level in LEVELS:
        ratio = (listed[f"price_{level}"] / listed["price_typical"]).fillna(1.0)
        table[f"price_{level}"] = single * ratio.to_numpy()
    weeks = listed["lead_time_weeks_typical"].to_numpy(float)
    table = table.assign(
        lead_months=weeks * 7.0 / 30.4375, maker=table["maker"].replace("", NOT_STATED)
    )
    return table.drop(columns=["made_in", "value", "total"])


def _assumptions(found: Found) -> pd.DataFrame:
    """Return every assumption once, ``about``: the tables of the page that it bears on."""
    import pandas as pd

    answers = {name: getattr(found, name) for name in _FILLS}
    rest = {_FILLS[name]: one.assumptions for name, one in answers.items() if one is not None}
    if found.worst is not None:
        rest["phases tornado"] = found.worst.assumptions
    every = pd.concat([table.assign(about=about) for about, table in rest.items()]).astype(str)
    key = ["assumption", "value"]
    about = every.groupby(key, sort=False)["about"].agg(lambda all_: " ".join(dict.fromkeys(all_)))
    once: pd.DataFrame = every.drop(columns="about").drop_duplicates(key)
    return once.merge(about.reset_index(), on=key)


def board_sources(case: SupplyCase) -> pd.DataFrame:
    """Return where rules, scenarios and parties are from."""
    import pandas as pd

    rows = [(rule.source, rule.instrument, rule.rule_id) for rule in case.rules if rule.source]
    rows += [(one.source, "scenario", one.name) for one in case.scenarios.values() if one.source]
    rows += [
        (party.source, "party", party.name) for party in case.parties
        if party.source and party.party_id in set(case.elements["maker"])
    ]  # fmt: skip
    rows += [("3GPP TS 33.501", "V20.0.0", "5.2.5, 5.3, 6.12.2, 9.2-9.9, 13.1-13.2")]
    return pd.DataFrame(rows, columns=["document", "edition", "clause"])
