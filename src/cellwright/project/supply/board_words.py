"""The words of the supply page: what a board reads first, its key figures, notes beside figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.board_tables import LEVELS, Found, cut_off_by
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.exposed import last_day
from cellwright.project.supply.names import named, named_within

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.report.supply import KeyFigure, Verdict
    from cellwright.supply import WhatIf


def verdicts(case: SupplyCase, found: Found) -> list[Verdict]:
    """Return the sentences of the first page, most important first."""
    from cellwright.report.supply import Verdict

    rules, said = found.rules.tables["rules"], list[Verdict]()
    broken = rules[~rules["complies"]].sort_values("first_break")
    whose = (
        "rules that hold here" if case.stated else "rules of the library (none is stated to hold)"
    )
    if len(broken):
        first = broken.iloc[0]
        said.append(Verdict(
            f"{len(broken)} of {len(rules)} {whose} are indicated as broken up to {case.until}; "
            f"first {_titled(case, first['rule_id'])}, from {first['first_break'].date()}.",
            "breaks" if case.stated else "watch",
        ))  # fmt: skip
    else:
        said.append(
            Verdict(f"No breach of {len(rules)} {whose} is indicated up to {case.until}.", "holds")
        )
    if found.worst is not None:
        said.append(_worst(found.worst))
    said += [Verdict(line, "watch") for line in _exposed(case, found)]
    said.append(_secured(found.security.tables["checks"]))
    if found.frontier is not None:
        hedges = found.frontier.tables["hedges"].head(2).to_dict("records")
        said += [Verdict(_hedge(case, row)) for row in hedges]
    return said


def _titled(case: SupplyCase, rule_id: str) -> str:
    rule = next(one for one in case.rules if one.rule_id == rule_id)
    words = ", ".join(word for word in (rule.jurisdiction, rule.instrument) if word)
    return f"{words} ({rule_id})" if words else rule_id


def _worst(found: WhatIf) -> Verdict:
    """Say what becomes of the phases in a scenario; the section of the phases says all."""
    from cellwright import supply
    from cellwright.report.supply import Verdict
    from cellwright.supply.stress import at_level

    typical, high = (float(found.phases[f"person_months_{at}"].sum()) for at in LEVELS[1:])
    if not high > 0.0:
        return Verdict(found.sentence, "holds")
    level = "typical" if typical > 0.0 else "high"
    said = supply.phases_sentence(at_level(found.phases, level))
    how = "typically" if level == "typical" else "typically no phase is late; at worst"
    return Verdict(
        f"{found.scenario.title} (scenario): {how} {said}.",
        "breaks" if level == "typical" else "watch",
    )


def _exposed(case: SupplyCase, found: Found) -> list[str]:
    from cellwright.report.numbers import rounded

    table, party = found.exposure.tables["exposure"], cut_off_by(found)
    cut = table[(table["ability"] == "availability") & ~table["protected"]]
    rows = cut[cut["party"] == party]
    if rows.empty:
        return []
    people, lost = float(rows["people"].iloc[0]), float(rows["people_lost"].iloc[0])
    kept = rounded(float(round(max(0.0, people - lost))))
    return [
        f"Equipment of {named(case, party)} could cut off the {rounded(people)} people it serves; "
        f"{'none' if kept == '0' else kept} of them would keep a signal from other cells."
    ]


def _secured(checks: pd.DataFrame) -> Verdict:
    """Say how many grave checks are open, and how many only because the input is silent."""
    from cellwright.report.numbers import rounded
    from cellwright.report.supply import Verdict

    grave = checks[checks["severity"] == "high"].sort_values("people", ascending=False)
    if grave.empty:
        return Verdict("No security check of high severity is open.", "holds")
    silent = int((grave["status"] != "flagged").sum())
    first = grave.iloc[0]
    return Verdict(
        f"Security checks of high severity that are open: {len(grave)}, of which {silent} because "
        f"the input does not say how it is protected; most people ({rounded(first['people'])}) "
        f"behind {first['check_id']} (looks for: {first['weakness']}).",
        "watch",
    )


def _hedge(case: SupplyCase, row: Mapping[Any, Any]) -> str:
    """Say what a hedge costs and saves, its parties by name."""
    from cellwright.report.numbers import rounded

    words = named_within(case, row["words"])
    low, typical, high = (rounded(float(row[f"cost_{level}"]), 2) for level in LEVELS)
    saved = rounded(float(row["saved_typical"]), 2)
    return (
        f"Hedge: {words}. Typically {typical} USD more than the plan ({low} to {high}), "
        f"{saved} person-months saved in the worst scenario."
    )


def figures(case: SupplyCase, found: Found) -> list[KeyFigure]:
    """Return the key figures of the first page."""
    from cellwright import supply
    from cellwright.report.numbers import percent, rounded, span
    from cellwright.report.supply import KeyFigure

    people = float(supply.people_at(case.elements).sum())
    figures = [KeyFigure("People served", people, "persons", note=f"complete on {last_day(case)}")]
    if found.worst is not None:
        low, typical, high = (
            float(found.worst.phases[f"person_months_{level}"].sum()) for level in LEVELS
        )
        figures.append(KeyFigure(
            "Lost in the worst scenario", rounded(typical, 2), "person-months",
            note=f"{span(low, high)}; {found.worst.scenario.title}",
        ))  # fmt: skip
    table = found.survive.tables["survive"]
    short = table[~table["harmless"].astype(bool)]
    figures.append(KeyFigure(
        "Outages not outlasted", f"{len(short)} of {len(table)}", "",
        note="suppliers, countries, parts; typical stock and recovery",
    ))  # fmt: skip
    if found.swap is not None:
        lines = found.swap.tables["swap"]
        low, typical, high = (float(lines.loc[lines["line"] == "total", n].iloc[0]) for n in LEVELS)
        figures.append(KeyFigure(
            "Swap of the access", typical, "USD", low, high, "net of natural replacement",
        ))  # fmt: skip
    checks = found.security.tables["checks"]
    graver = int((checks["severity"] == "high").sum())
    figures.append(KeyFigure(
        "Security checks open", float(graver), "of high severity", note="by 3GPP TS 33.501",
    ))  # fmt: skip
    known = found.origin.tables["origin"].attrs.get("known", {})
    if known:
        figures.append(KeyFigure(
            "Value of known assembly", percent(known.get("assembly", 0.0)),
            note="the rest is of unknown origin",
        ))  # fmt: skip
    return figures


def notes(case: SupplyCase, found: Found) -> dict[str, str]:
    """Return lines that stand beside figures, by table."""
    notes = {}
    if found.worst is not None:
        source = found.worst.scenario.source
        told = named_within(case, found.worst.sentence)
        notes["phases"] = f"{told} Source of the scenario: {source}."
    if not case.stated:
        notes["timeline"] = "The project does not say which rules hold; these are the library's."
    if found.swap is not None:
        head, *_, months, _ = found.swap.sentences
        notes["swap"] = named_within(case, f"{head.rstrip(':')}; {months.strip()}")
    if party := cut_off_by(found):
        notes["lost"] = (
            f"Shaded pixels lose coverage without the equipment of {named(case, party)}."
        )
    notes["origin"] = _grounds(found.origin.tables["origin"])
    if found.landed is None:
        notes["landed"] = "duties hang on the importing country; name it as country in [supply]."
    if found.replan is not None:
        notes["replan"] = " ".join(found.replan.sentences)
    if found.frontier is not None:
        notes["frontier"] = (
            "Cost is what is added to the plan as it is. Where nothing in the data tells makers "
            "apart, any of them is meant."
        )
    return notes


def _grounds(origin: pd.DataFrame) -> str:
    """Say how much of the origin that counts as known is only assumed."""
    from cellwright.report.numbers import percent

    known = origin[origin["country"] != "unknown"]
    said = []
    for stage, whole in origin.groupby("stage", sort=False)["value"].sum().items():
        mine = known[known["stage"] == stage]
        assumed = float(mine.loc[mine["evidence"] == "assumed", "value"].sum())
        sourced = float(mine["value"].sum()) - assumed
        said.append(
            f"{stage}: {percent(sourced / whole)} of value from a source, "
            f"{percent(assumed / whole)} assumed"
        )
    return f"Known origin by stage: {'; '.join(said)}."
