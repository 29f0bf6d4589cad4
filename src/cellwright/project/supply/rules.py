"""May we build this, here, now: the plan against rules, date by date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.supply import Check, Rule

#: Rules that say something about a network; the others are about what vendors may buy, or parts.
NETWORK = "network"
_SHOWN = ("rule_id", "first_break", "value", "limit", "offending", "people", "changes", "severity")


def check_rules(
    case: SupplyCase, names: Sequence[str] = (), dates: Sequence[date] = ()
) -> SupplyAnswer:
    """Hold the plan against rules.

    Parameters
    ----------
    case : SupplyCase
    names : sequence of str
        Rules or groups; default: those that hold for the project.
    dates : sequence of date
        Days to report; default: every day on which a limit begins within the study, and its end.

    Returns
    -------
    SupplyAnswer
        Tables ``rules`` (one row each: worst day) and ``days`` (every rule and day).
    """
    import pandas as pd

    from cellwright import supply

    rules = tuple(r for r in case.rules_named(tuple(names)) if r.acts_on == NETWORK)
    found = [
        supply.check(
            case.elements, case.parties, (rule,), dates or turning_days(case, rule), case.areas
        )
        for rule in rules
    ]  # fmt: skip
    summary = summarised(case, found, rules)
    last = max(dates, default=case.until)
    joint = _joint(case, rules, last) if names or case.stated else ()
    days = pd.DataFrame([row for one in found for row in one.table.to_dict("records")])
    return SupplyAnswer(
        "check", (*_sentences(case, summary, bool(names), last), *_absent(case, rules), *joint),
        {"rules": summary, "days": _plain(days)}, case.assumptions, {"rules": _SHOWN},
    )  # fmt: skip


def turning_days(case: SupplyCase, rule: Rule) -> list[date]:
    """Return the days of the study on which a limit of a rule begins, and the last day."""
    days = {step.start for step in rule.steps if case.start <= step.start <= case.until}
    return sorted(days | {case.until})


def summarised(case: SupplyCase, found: Sequence[Check], rules: Sequence[Rule]) -> pd.DataFrame:
    """Return one row a rule: first break, and how it stands on the day it is broken worst.

    Returns
    -------
    DataFrame
        ``rule_id, complies, first_break, day, value, limit, offending`` (number of elements),
        ``people`` (served by them), ``changes`` (units to change at least), ``severity,
        evidence, sentence``.
    """
    import pandas as pd

    from cellwright.supply.elements import people_of

    rows = []
    for rule, one in zip(rules, found, strict=True):
        # of days that break a share alike, the one that takes most to mend
        order = one.table.sort_values(["slack", "changes"], ascending=[True, False], kind="stable")
        worst = order.to_dict("records")[0]
        first = one.breaks["first_break"].iloc[0]
        rows.append({
            "rule_id": rule.rule_id,
            "complies": bool(pd.isna(first)),
            "first_break": first,
            "day": worst["day"],
            "value": worst["value"],
            "limit": worst["limit"],
            "offending": len(worst["offending"]),
            "people": people_of(case.elements, worst["offending"]),
            "changes": worst["changes"],
            "severity": rule.severity,
            "evidence": rule.evidence,
            "sentence": worst["sentence"],
        })  # fmt: skip
    return pd.DataFrame(rows)


def listed_rules(case: SupplyCase, names: Sequence[str] = ()) -> SupplyAnswer:
    """Say rules as sentences, each with its source; default: all there are."""
    import pandas as pd

    from cellwright import supply

    rules = case.rules_named(tuple(names)) if names else case.known
    rows = [
        {"rule_id": rule.rule_id, "group": rule.group, "kind": rule.kind, "basis": rule.basis,
         "metric": rule.metric, "severity": rule.severity, "evidence": rule.evidence,
         "sentence": supply.sentence(rule, case.parties)}
        for rule in rules
    ]  # fmt: skip
    said = tuple(f"{row['rule_id']}: {row['sentence']}" for row in rows)
    return SupplyAnswer("rules", said, {"rules": pd.DataFrame(rows)}, case.assumptions)


def _absent(case: SupplyCase, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Say which rules find nothing in the plan that they are about: kept, but for that reason."""
    from cellwright.supply.elements import in_scope

    none = [rule for rule in rules if not in_scope(rule, case.elements, case.areas).any()]
    if not none:
        return ()
    drawn = {*case.areas, *case.elements["area"].str.split(";").explode().str.strip()}
    zones = sorted({name for rule in none for name in rule.where if name not in drawn})
    cure = f" No zone is named {' or '.join(zones)}: see [supply] areas." if zones else ""
    names = ", ".join(rule.rule_id for rule in none)
    return (f"Kept because nothing in this plan is what they are about: {names}.{cure}",)


def _joint(case: SupplyCase, rules: Sequence[Rule], last: date) -> tuple[str, ...]:
    """Say how few sites must change their maker for all rules to hold at once in the end."""
    from cellwright import supply

    found = supply.least_changes(rules, case.elements, last, case.parties, case.areas)
    if found is None:
        return (f"No change of makers keeps all of them together on {last}.",)
    if not found.sites:
        return ()
    few = ", ".join(found.sites[:_NAMED]) + (" ..." if len(found.sites) > _NAMED else "")
    return (
        f"All of them together on {last}: makers must change at {len(found.sites)} sites at "
        f"least ({few}).",
    )


#: Sites named in a sentence.
_NAMED = 8


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a check's table with lists as text and without the sentences."""
    out = table.drop(columns="sentence").reset_index(drop=True)
    for name in [one for one in ("offending", "change") if one in out]:
        out[name] = out[name].map(lambda ids: " ".join(map(str, ids)))
    return out


def _sentences(case: SupplyCase, summary: pd.DataFrame, named: bool, last: date) -> tuple[str, ...]:
    broken = summary[~summary["complies"]]
    if summary.empty:
        return ("None of these rules is about the equipment of a network.",)
    said = []
    if not case.stated and not named:
        said.append(
            "The project does not say which rules hold ([supply] rules), so the whole library is "
            "looked at: most of it is not the law where this network stands."
        )
    head = f"{len(summary) - len(broken)} of {len(summary)} rules are kept up to {last}."
    said.append(head)
    for row in broken.sort_values("first_break").to_dict("records"):
        change = row["changes"]
        cure = (
            "no change of makers would mend it" if change != change
            else f"at least {change:,.0f} to change"
        )  # fmt: skip
        said.append(
            f"{row['rule_id']}: broken from {row['first_break'].date()}; {row['offending']:,} "
            f"elements that serve {row['people']:,.0f} people; {cure}."
        )
    return tuple(said)
