"""Dated phases under cuts of supply: which is met, which is late, who waits how long."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import pandas as pd

from cellwright.errors import InputError, did_you_mean
from cellwright.supply.stress.chain import Chain, roots_of
from cellwright.supply.stress.timeline import DAYS_PER_MONTH, Cut, Floats, Timeline

LEVELS = ("low", "typical", "high")
_LATE = 1e-6


def months_from(start: date, day: date) -> float:
    """Return the months from one day to another [months of 30.4375 days]."""
    return (pd.Timestamp(day) - pd.Timestamp(start)).days / DAYS_PER_MONTH


def phases_met(
    chain: Chain,
    phases: pd.DataFrame,
    cut: Collection[str],
    start: date,
    recover_months: float,
    root: str | None = None,
) -> pd.DataFrame:
    """Tell which dated phases are complete and which wait, when supply is cut for a time.

    Parameters
    ----------
    chain : Chain
        Stocks are those of the day the cut begins; ``demand`` is not used.
    phases : DataFrame
        ``phase, due`` (date), ``quantity`` (units of the root in it), ``people``; in order. Phases
        due before the cut are complete.
    cut : collection of str
        Nodes that get no supply.
    start : date
        First day of the cut.
    recover_months : float
        Months until supply is back.
    root : str, optional
        Node that phases are counted in; default: the one that is no child.

    Returns
    -------
    DataFrame
        As `phase_table`.

    Examples
    --------
    >>> from cellwright.supply import chain
    >>> nodes = pd.DataFrame({"node": ["site", "chip"], "stock": [0.0, 20.0]})
    >>> edges = pd.DataFrame({"parent": ["site"], "child": ["chip"], "quantity": [1.0]})
    >>> phases = pd.DataFrame({"phase": [1, 2], "due": pd.to_datetime(["2019-09-01", "2019-12-01"]),
    ...                        "quantity": [10, 20], "people": [5e3, 8e3]})
    >>> phases_sentence(phases_met(chain(nodes, edges), phases, ["chip"], date(2019, 6, 1), 12))
    'the pilot completes phase 1 of 2; first missed: phase 2, 2019-12; 8,000 people wait 6.0 months'
    """
    top = root or roots_of(chain)[0]
    wanted = phases.assign(root=top, due=[months_from(start, day) for day in phases["due"]])
    wanted["people"] = phases.get("people", 0.0)
    cuts = [Cut(tuple(cut), 0.0, recover_months)]
    timeline = Timeline(chain, wanted, [recover_months])
    return phase_table(timeline, cuts, phases)


def phase_table(
    timeline: Timeline,
    cuts: Collection[Cut],
    phases: pd.DataFrame,
    stock: pd.Series | None = None,
) -> pd.DataFrame:
    """Run a roll-out under cuts and tell what becomes of each phase.

    Parameters
    ----------
    timeline : Timeline
        Its ``wanted`` must have a column ``phase``.
    cuts : collection of Cut
        What is cut, when.
    phases : DataFrame
        ``phase, due, people``, in order.
    stock : Series, optional
        Stock of each node on the first day.

    Returns
    -------
    DataFrame
        ``phase, due, done`` (NaT: not within the study), ``late_months, people, waiting`` (people
        whose service is late), ``person_months, met``.

    Notes
    -----
    The people of a root wait until the last root of their phase is up. A root without people of
    its own, such as a core, keeps all people waiting.
    """
    late = _late(timeline, timeline.run(cuts, stock))
    rows = []
    for phase in phases.to_dict("records"):
        mine = late[late["phase"] == phase["phase"]]
        late_months = float(mine["late"].max()) if len(mine) else 0.0
        counted = mine[mine["people"] > 0.0]
        waiting = counted["people"].where(counted["late"] > 0.0, 0.0).sum()
        weighted = counted["people"] * counted["late"]
        due = pd.Timestamp(phase["due"])
        whole = math.isfinite(late_months)
        rows.append(
            {
                "phase": phase["phase"],
                "due": due,
                "done": due + pd.Timedelta(days=round(late_months * DAYS_PER_MONTH))
                if whole
                else pd.NaT,
                "late_months": late_months,
                "people": float(phase.get("people", 0.0)),
                "waiting": float(waiting),
                "person_months": float(weighted.sum()),
                "met": late_months <= 0.0,
            }
        )
    return pd.DataFrame(rows)


def _late(timeline: Timeline, built: Floats) -> pd.DataFrame:
    """Return ``phase, people, late``: months each root of each phase is late."""
    wanted = timeline.wanted
    ahead = wanted.assign(quantity=wanted["quantity"].where(wanted["due"] >= 0.0, 0.0))
    needed = ahead.groupby("root")["quantity"].cumsum()
    people = wanted.groupby("root")["people"].sum()
    common = [root for root in timeline.roots if people[root] <= 0.0]
    rows = []
    for phase, root, due, people, number in zip(
        wanted["phase"], wanted["root"], wanted["due"].astype(float), wanted["people"], needed,
        strict=True,
    ):  # fmt: skip
        asked = [(str(root), float(number))]
        for other in common:
            mine = ahead[(ahead["root"] == other) & (ahead["due"] <= due)]
            asked.append((other, float(mine["quantity"].sum())))
        waits = [timeline.reached(built, name, n) - due for name, n in asked if n > 0.0]
        late = max(0.0, *waits) if due >= 0.0 and waits else 0.0
        rows.append((phase, float(people), late if late > _LATE else 0.0))
    return pd.DataFrame(rows, columns=["phase", "people", "late"])


def phases_ranges(
    timeline: Timeline,
    cuts: Mapping[str, Collection[Cut]],
    phases: pd.DataFrame,
    stocks: Mapping[str, pd.Series] | None = None,
) -> pd.DataFrame:
    """Tell what becomes of each phase at three levels of harm.

    Parameters
    ----------
    timeline : Timeline
        With the edges of all cuts among its ends.
    cuts, stocks : mapping of level to cuts, to stock of each node
        Levels ``low, typical, high`` of what is lost: low has short cuts and much stock.
    phases : DataFrame
        ``phase, due, people``, in order.

    Returns
    -------
    DataFrame
        ``phase, due, people`` and ``done, late_months, waiting, person_months, met`` with
        ``_low, _typical, _high``.
    """
    out = phases[["phase", "due", "people"]].reset_index(drop=True)
    for level in LEVELS:
        found = phase_table(timeline, cuts[level], phases, (stocks or {}).get(level))
        for name in ("done", "late_months", "waiting", "person_months", "met"):
            out[f"{name}_{level}"] = found[name]
    return out


def at_level(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return one level of `phases_ranges` in the form of `phase_table`."""
    if level not in LEVELS:
        raise InputError(f'there is no level "{level}". {did_you_mean(level, LEVELS)}')
    end = f"_{level}"
    names = {f"{name}{end}": name for name in ("done", "late_months", "waiting")}
    names |= {f"{name}{end}": name for name in ("person_months", "met")}
    return table[["phase", "due", "people", *names]].rename(columns=names)


def first_missed(table: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first phase of `phases_met` that is late, or None."""
    late = table[~table["met"].astype(bool)]
    return None if late.empty else dict(late.iloc[0])


def phases_sentence(table: pd.DataFrame) -> str:
    """Say what becomes of the phases: which completes, the first missed, how many wait how long.

    Parameters
    ----------
    table : DataFrame
        From `phase_table`.
    """
    missed = first_missed(table)
    if missed is None:
        return f"the pilot completes all {len(table)} phases on time"
    before = int((table["phase"] == missed["phase"]).to_numpy().argmax())
    done = "no phase" if before == 0 else f"phase {table['phase'].iloc[before - 1]}"
    due = pd.Timestamp(missed["due"])
    head = (
        f"the pilot completes {done} of {len(table)}; "
        f"first missed: phase {missed['phase']}, {due:%Y-%m}"
    )
    waiting, lost = float(table["waiting"].sum()), float(table["person_months"].sum())
    if waiting <= 0.0:
        return head
    if not math.isfinite(lost):
        return f"{head}; {waiting:,.0f} people wait beyond the end of the study"
    late = table.loc[table["waiting"] > 0.0, "late_months"]
    mean = f"{lost / waiting:.1f} months"
    how = mean if len(late) == 1 else f"{mean} on average, at most {late.max():.1f}"
    return f"{head}; {waiting:,.0f} people wait {how}"
