"""Cuts of supply, stocks and swaps: what stops, when, for how many people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.supply import PlanChain, Scenario, SwapTerms, WhatIf

_LEVELS = ("low", "typical", "high")
#: Suppliers and parts named in sentences; the tables hold all.
_NAMED = 5


def applied(case: SupplyCase, name: str) -> WhatIf:
    """Apply a scenario to a case.

    Raises
    ------
    InputError
        If there is no such scenario.
    """
    return applied_to(case, case.scenario(name))


def applied_to(case: SupplyCase, scenario: Scenario, **terms: Any) -> WhatIf:
    """Apply any scenario to a case; `terms` as ``supply.whatif`` takes them."""
    from cellwright import supply

    return supply.whatif(
        scenario, case.elements, case.phases, case.parties,
        parts=supply.plan_parts(case.parts), stock=case.stock, known=case.known,
        standing=case.rules if case.stated else (), areas=case.areas, importer=case.country,
        **terms,
    )  # fmt: skip


def whatif_answer(case: SupplyCase, name: str) -> SupplyAnswer:
    """Say what a scenario stops, when, and for how many people."""
    import pandas as pd

    found = applied(case, name)
    rules = found.rules.assign(
        sites=found.rules["sites"].map(len), elements=found.rules["elements"].map(len),
        to_change=found.rules["to_change"].map(len),
    )  # fmt: skip
    tables = {
        "phases": found.phases, "rules": rules, "cuts": found.cuts, "survive": _flat(found.survive),
        "unpatched": found.unpatched, "money": found.money,
    }  # fmt: skip
    if found.coverage is not None:
        tables["coverage"] = found.coverage.rename_axis("level").reset_index()
    shown = {
        "phases": ("phase", "due", "people", "done_typical", "late_months_typical",
                   "person_months_low", "person_months_typical", "person_months_high"),
        "rules": ("rule_id", "on", "first_break", "value", "limit", "people", "to_change"),
        "money": ("line", *_LEVELS, "note"),
    }  # fmt: skip
    return SupplyAnswer(
        "whatif", (found.sentence,), tables,
        pd.concat([case.assumptions, found.assumptions], ignore_index=True),
        {key: columns for key, columns in shown.items() if len(tables[key])}, found.note,
    )  # fmt: skip


def chain_of(case: SupplyCase) -> PlanChain:
    """Return the chain of a plan, its parts in stock as published."""
    from cellwright import supply

    return supply.plan_chain(
        case.elements, case.phases, case.parties, supply.plan_parts(case.parts), stock=case.stock,
        start=case.start,
    )  # fmt: skip


def survive_answer(case: SupplyCase, stock: Sequence[float] = ()) -> SupplyAnswer:
    """Say how long the plan goes on when a supplier, country or part is cut.

    Parameters
    ----------
    case : SupplyCase
    stock : sequence of float
        Months of every part held: one figure, or low, typical and high; default: as published,
        1, 12 and 24 months, which contradict each other.

    Raises
    ------
    InputError
        For two figures, or more than three.
    """
    import pandas as pd

    from cellwright import supply
    from cellwright.errors import InputError
    from cellwright.supply.stress import COVER_MONTHS, RECOVER_MONTHS, survive_plan

    covers = tuple(sorted(stock)) * (3 if len(stock) == 1 else 1) or COVER_MONTHS
    if len(covers) != 3 or not all(0.0 <= months < float("inf") for months in covers):
        raise InputError(
            f"--stock is {', '.join(f'{m:g}' for m in stock)}: give one number of months or three "
            "(low, typical, high), each 0 or more."
        )
    made = chain_of(case)
    low, typical, high = (supply.with_cover(made, months) for months in covers)
    table = _flat(survive_plan(made, (low, typical, high)))
    months = " / ".join(f"{m:g}" for m in covers)
    assumed = pd.DataFrame(
        [
            ("parts held", months, "months", "given" if stock else "published figures",
             "own" if stock else "seen"),
            ("time to recover", " / ".join(f"{m:g}" for m in RECOVER_MONTHS), "months", "own",
             "assumed"),
        ],
        columns=list(case.assumptions.columns),
    )  # fmt: skip
    return SupplyAnswer(
        "survive", _survival(table), {"survive": table},
        pd.concat([case.assumptions, made.assumptions, assumed], ignore_index=True),
        {"survive": ("by", "outage", "tts_months_low", "tts_months_typical", "tts_months_high",
                     "ttr_months_typical", "impact_typical", "risk_exposure", "harmless")},
    )  # fmt: skip


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(nodes=table["nodes"].map("; ".join)) if "nodes" in table else table


def _survival(table: pd.DataFrame) -> tuple[str, ...]:
    """Say which outages the plan does not outlast, the worst first."""
    short = table[~table["harmless"].astype(bool) & (table["impact_typical"] > 0.0)]
    said = []
    for by in ("supplier", "country", "part"):
        mine = short[short["by"] == by].sort_values("impact_typical", ascending=False)
        for row in mine.head(_NAMED).to_dict("records"):
            said.append(
                f"{by} {row['outage']}: the plan goes on for {row['tts_months_low']:.1f} / "
                f"{row['tts_months_typical']:.1f} / {row['tts_months_high']:.1f} months without it "
                f"(low / typical / high stock); it may need {row['ttr_months_typical']:.0f} to "
                f"recover: {row['impact_typical']:,.0f} people would wait."
            )
        if len(mine) > _NAMED:
            said.append(f"and {len(mine) - _NAMED} more of this kind.")
    return tuple(said) or ("Every single outage is outlasted at typical stock and recovery.",)


def stock_answer(
    case: SupplyCase, covers: Sequence[float] = (), holding: float = 0.015, shortage: float = 0.06
) -> SupplyAnswer:
    """Say how much cover of which part pays, as the belief at which it breaks even.

    Parameters
    ----------
    case : SupplyCase
    covers : sequence of float
        Months of stock to look at; default 6, 12, 24.
    holding, shortage : float
        Cost of a unit held or short a month, as a share of its value.
    """
    import pandas as pd

    from cellwright import supply

    months = tuple(covers) or (6.0, 12.0, 24.0)
    found = supply.plan_stock(chain_of(case), months, holding=holding, shortage=shortage)
    assumed = pd.DataFrame(
        [("cost of stock held", f"{100 * holding:g}", "% of value a month", "own", "assumed"),
         ("cost of equipment late", f"{100 * shortage:g}", "% of its value a month", "own",
          "assumed")],
        columns=list(case.assumptions.columns),
    )  # fmt: skip
    return SupplyAnswer(
        "stock", _beliefs(found),
        {"parts": found,
         "one_part": supply.stock(months, holding=holding, shortage=shortage)},
        pd.concat([case.assumptions, assumed], ignore_index=True),
        {"parts": ("node", "supplier", "ban_months", "cover_months", "value", "holding_year",
                   "belief")},
    )  # fmt: skip


#: Length of a ban that sentences speak of [months]; the table holds the others.
_BAN = 24.0


def _beliefs(table: pd.DataFrame) -> tuple[str, ...]:
    """Say for each part which cover pays against a ban of two years, at what belief."""
    from cellwright import supply

    mine = table[(table["ban_months"] == _BAN) & (table["supplier"] != "")]
    said = [
        f"{row['node']}: {supply.stock_sentence(row)}, for {row['value']:,.0f} USD of stock."
        for _, row in mine.drop_duplicates(["node", "cover_months"]).iterrows()
    ]
    return tuple(said) or ("No part with a named supplier.",)


def swap_answer(
    case: SupplyCase,
    names: Sequence[str],
    day: date | None = None,
    deadline: date | None = None,
    terms: SwapTerms | None = None,
    *,
    budget: tuple[float, float, float] | None = None,
) -> SupplyAnswer:
    """Say what replacing all equipment of some parties costs in money, months and people.

    Parameters
    ----------
    case : SupplyCase
    names : sequence of str
        Parties, with their groups.
    day : date, optional
        Day it is decided; default: the day the last phase is complete.
    deadline : date, optional
        First day on which equipment not yet swapped is switched off; default: never.
    terms : SwapTerms, optional
        Default: the shipped, assumed ones.
    budget : (whole, spent, committed), optional
        Of the roll-out [USD]; then going on, swapping and stopping stand side by side.

    Raises
    ------
    InputError
        For unknown parties, or more spent and committed than the budget holds.
    """
    from cellwright import supply
    from cellwright.project.supply.exposed import last_day

    who, when = supply.Who(parties=tuple(names)), day or last_day(case)
    for name in names:
        if name not in case.parties:
            case.parties[name]  # raises with the nearest name
    found = supply.swap_plan(
        case.elements, who, when, case.phases, case.parties, deadline=deadline, terms=terms
    )
    money, lost = found.table, found.coverage["total"]
    said = [
        f"Equipment of {', '.join(names)} at {_places(found.kit)}, decided on {when}:",
        *(
            f"  {words}: {' / '.join(f'{v:,.0f}' for v in money.loc[line])} USD"
            for line, words in (
                ("gross", "gross"), ("natural_replacement", "would have been replaced anyway"),
                ("net", "net"), ("uplift", "dearer purchases later"), ("total", "total"),
            )
        ),
        f"  it takes {' / '.join(f'{v:,.0f}' for v in money.loc['delay_months'])} months,"
        f" and {' / '.join(f'{v:,.0f}' for v in lost)} person-months of coverage are lost.",
        "  (low / typical / high)",
    ]  # fmt: skip
    ways = {} if budget is None else {"ways": _ways(budget, money)}
    return SupplyAnswer(
        "swap", tuple(said),
        {**ways, "swap": money.rename_axis("line").reset_index(),
         "coverage": found.coverage.rename_axis("level").reset_index(), "phases": found.phases,
         "kit": found.kit},
        _with_terms(case.assumptions, terms),
        {"swap": ("line", *_LEVELS), **dict.fromkeys(ways, _WAYS)},
    )  # fmt: skip


def _places(kit: pd.DataFrame) -> str:
    """Count the sites of a swap; the core is no site."""
    core = bool((kit["site_id"] == "core").any())
    return f"{len(kit) - core} sites" + " and at the core" * core


_WAYS = ("way", "stranded", "stranded_share", "to_spend_low", "to_spend_typical", "to_spend_high")


def _ways(budget: tuple[float, float, float], money: pd.DataFrame) -> pd.DataFrame:
    """Lay going on, swapping and stopping side by side."""
    from cellwright import supply

    whole, spent, committed = budget
    low, typical, high = map(float, money.loc["total", list(_LEVELS)].to_numpy(float))
    table = supply.continue_swap_stop(
        budget=whole, spent=spent, committed=committed, swap_price=(low, typical, high)
    )
    return table.reset_index()


def _with_terms(assumptions: pd.DataFrame, terms: SwapTerms | None) -> pd.DataFrame:
    """Return the assumptions with every term of a swap."""
    import pandas as pd

    from cellwright import supply
    from cellwright.supply.terms import terms_table

    use, evidence = terms or supply.SwapTerms(), "own" if terms else "assumed"
    more = terms_table(use, "swap, ", "SwapTerms", evidence)
    return pd.concat([assumptions, more], ignore_index=True)


def listed_scenarios(case: SupplyCase) -> SupplyAnswer:
    """List the scenarios, each with what it changes and where it is from."""
    import pandas as pd

    rows = [
        {"scenario": one.name, "title": one.title, "first_day": min(c["day"] for c in one.changes),
         "changes": len(one.changes), "source": one.source}
        for one in case.scenarios.values()
    ]  # fmt: skip
    said = tuple(f"{row['scenario']}: {row['title']}, from {row['first_day']}." for row in rows)
    return SupplyAnswer("scenarios", said, {"scenarios": pd.DataFrame(rows)}, case.assumptions)
