"""Rules that no plan can keep together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import combinations

from cellwright.errors import Faults
from cellwright.supply.codes import functions_of
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule, Who

_TINY = 1e-9


def contradictions(
    rules: Iterable[Rule],
    faults: Faults,
    file: str = "",
    parties: Parties | None = None,
    rows: Mapping[str, int] | None = None,
    seen: Collection[Rule] = (),
) -> None:
    """Note rules that no plan can keep together on some day.

    Parameters
    ----------
    rules : iterable of Rule
        All are meant to hold.
    faults : Faults
        Takes the faults, one for each pair of rules.
    file : str
        Named in the faults.
    parties : Parties, optional
        Who belongs to whom; without them two predicates meet only in the names they both give.
    rows : mapping of str to int, optional
        Rule id -> row of the file.
    seen : collection of Rule
        Pairs of these have been looked at before.

    Notes
    -----
    Found are: a least share asked of those who are capped below it or prohibited, also by
    another predicate that takes them in; least shares of strangers that add up to more than all;
    more suppliers asked for than are left. A pair that only some plans break is none.
    """
    known, every = parties or Parties(), [r for r in rules if r.acts_on == "network"]
    for first, second in combinations(every, 2):
        if first in seen and second in seen:
            continue
        for one, other in ((first, second), (second, first)):
            words = _clash(one, other, known)
            if words:
                row = (rows or {}).get(one.rule_id)
                cure = "Drop one of the two, or change its limit, dates or scope."
                faults.error("rules.contradict", words, cure, file=file, row=row)
                break


def _clash(one: Rule, other: Rule, parties: Parties) -> str:
    for day in sorted({step.start for step in (*one.steps, *other.steps)}):
        low, high = one.limit_on(day), other.limit_on(day)
        if low is None or high is None:
            continue
        found = ""
        if one.kind == "min-share" and other.kind in ("cap", "prohibit"):
            found = _under_a_cap(one, low, other, high, parties, day)
        elif one.kind == other.kind == "min-share":
            found = _too_much(one, low, other, high, parties, day)
        elif one.kind == "min-suppliers" and other.kind == "prohibit":
            found = _too_few(one, low, other, parties, day)
        if found:
            return f"{found} on {day}."
    return ""


def _under_a_cap(
    least: Rule, low: float, most: Rule, high: float, parties: Parties, day: date
) -> str:
    if least.basis == "item" or not _within(least.who, most.who, parties, day):
        return ""
    banned = most.kind == "prohibit" and high <= 0.0
    same = _same_scope(least, most) and least.metric == most.metric
    if low <= high + _TINY or not (same or (banned and _inside(least, most))):
        return ""
    allowed = "prohibits them" if banned else f"allows {100 * high:g} %"
    return f'"{least.rule_id}" asks for {100 * low:g} % where "{most.rule_id}" {allowed}'


def _too_much(one: Rule, low: float, other: Rule, more: float, parties: Parties, day: date) -> str:
    # a site with equipment of both counts for both, so that shares of sites may add up to 200 %
    countable = one.metric == other.metric and one.metric != "sites" and one.basis != "item"
    if not countable or low + more <= 1.0 + _TINY or not _same_scope(one, other):
        return ""
    if not _strangers(one.who, other.who, parties, day):
        return ""
    total = f"{100 * (low + more):g} %"
    return f'"{one.rule_id}" and "{other.rule_id}" ask for {total} together of different makers'


def _too_few(many: Rule, limit: float, ban: Rule, parties: Parties, day: date) -> str:
    who = ban.who
    if not who.other_than or who.made_in or not _inside(many, ban) or many.only_if_present:
        return ""
    left = {parties.supplier_of(name, day) for name in who.members(parties, day)}
    if len(left) >= limit:
        return ""
    return f'"{many.rule_id}" asks for {limit:g} suppliers where "{ban.rule_id}" leaves {len(left)}'


def _within(inner: Who, outer: Who, parties: Parties, day: date) -> bool:
    """Return whether whoever matches one predicate surely matches the other."""
    if inner == outer or outer.anyone:
        return True
    if inner.anyone or inner.made_in or (outer.made_in and outer.other_than):
        return False
    mine, theirs = inner.members(parties, day), outer.members(parties, day)
    if not inner.other_than:
        return mine.isdisjoint(theirs) if outer.other_than else bool(mine) and mine <= theirs
    return outer.other_than and theirs <= mine


def _strangers(one: Who, other: Who, parties: Parties, day: date) -> bool:
    """Return whether no maker can match both predicates."""
    if any(who.anyone or who.made_in for who in (one, other)) or (
        one.other_than and other.other_than
    ):
        return False
    mine, theirs = one.members(parties, day), other.members(parties, day)
    if one.other_than or other.other_than:
        inner, outer = (theirs, mine) if one.other_than else (mine, theirs)
        return inner <= outer
    return mine.isdisjoint(theirs)


def _same_scope(one: Rule, other: Rule) -> bool:
    same = all(
        sorted(getattr(one, key)) == sorted(getattr(other, key))
        for key in ("technologies", "tags", "where")
    )
    basis = one.basis == other.basis and (one.basis != "flow" or one.window == other.window)
    return same and basis and functions_of(one.functions) == functions_of(other.functions)


def _inside(inner: Rule, outer: Rule) -> bool:
    """Return whether all that one rule counts is also counted by the other."""
    wide = functions_of(outer.functions)
    if wide and not (inner.functions and functions_of(inner.functions) <= wide):
        return False
    for key in ("technologies", "tags", "where"):
        outside = set(getattr(outer, key))
        if outside and not (getattr(inner, key) and set(getattr(inner, key)) <= outside):
            return False
    return outer.basis == "stock" or _same_scope(inner, outer)
