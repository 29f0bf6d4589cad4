"""One rule object: who may not, what, where, how much, from when; and its sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from cellwright.supply.parties import Parties, Party

Kind = Literal["prohibit", "cap", "min-share", "min-suppliers", "permit"]
Basis = Literal["stock", "flow", "item"]
Metric = Literal["sites", "sectors", "traffic", "population", "premises", "value", "elements"]
KINDS = ("prohibit", "cap", "min-share", "min-suppliers", "permit")
BASES = ("stock", "flow", "item")
METRICS = ("sites", "sectors", "traffic", "population", "premises", "value", "elements")
ACTS_ON = ("network", "supply", "origin")
SEVERITIES = ("law", "advice", "scenario")
EVIDENCE = ("seen", "recalled", "own")


@dataclass(frozen=True)
class Who:
    """A predicate on the maker of an element: any of the conditions given is enough.

    Attributes
    ----------
    parties : tuple of str
        Ids, names or aliases.
    countries : tuple of str
        Countries of the seat.
    attributes : mapping
        Attribute and value; unknown attributes match nothing.
    lists : tuple of str
        Lists a party is on that day.
    made_in : tuple of str
        Countries of assembly of the element; where the element does not say, the maker's seat.
    ownership : float
        Parties held by the matching ones to this share together match too; above 1: never.
    other_than : bool
        Turns the predicate round.
    text : str
        The words of the rule; empty: made from the fields.
    """

    parties: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict, hash=False)
    lists: tuple[str, ...] = ()
    made_in: tuple[str, ...] = ()
    ownership: float = 0.5
    other_than: bool = False
    text: str = ""

    @property
    def anyone(self) -> bool:
        """Whether no condition is given: everyone matches."""
        given = (self.parties, self.countries, self.attributes, self.lists, self.made_in)
        return not any(given)

    def _itself(self, party: Party, ids: set[str], day: date) -> bool:
        facts = party.attributes
        return (
            party.party_id in ids
            or party.country in self.countries
            or any(key in facts and facts[key] == value for key, value in self.attributes.items())
            or any(listing.name in self.lists and listing.on(day) for listing in party.lists)
        )

    def members(self, parties: Parties, day: date) -> frozenset[str]:
        """Return the ids that match on a day, before `made_in` and `other_than` are looked at."""
        ids = {parties.id_of(name) for name in self.parties}
        seed = ids | {party.party_id for party in parties if self._itself(party, ids, day)}
        return (
            parties.group(seed, day, self.ownership) if self.ownership <= 1.0 else frozenset(seed)
        )

    def phrase(self, parties: Parties | None = None) -> str:
        """Return the predicate in words."""
        if self.text:
            return self.text
        if self.anyone:
            return "any supplier"
        named = [
            parties[name].name if parties and name in parties else name for name in self.parties
        ]
        bits = [" and ".join(named)] if named else []
        if self.countries:
            bits.append("suppliers seated in " + ", ".join(self.countries))
        for key, value in self.attributes.items():
            no = "" if value is True else "no " if value is False else f"{value} as "
            bits.append(f"suppliers with {no}{key.replace('_', ' ')}")
        if self.lists:
            bits.append("suppliers on the " + ", ".join(self.lists))
        if self.made_in:
            bits.append("makers in " + ", ".join(self.made_in))
        words = " or ".join(bits)
        return f"anyone but {words}" if self.other_than else words


@dataclass(frozen=True)
class Step:
    """A limit and the first day on which it binds; None lifts it."""

    start: date
    limit: float | None


@dataclass(frozen=True)
class Rule:
    """A rule as data: evaluated, compiled to rows of a programme, and said as a sentence.

    Attributes
    ----------
    rule_id, group : str
        Name, and the set of rules it belongs to.
    jurisdiction, instrument : str
        Country code or EU, and the text of law or advice.
    kind : {"prohibit", "cap", "min-share", "min-suppliers", "permit"}
        What the limit means.
    basis : {"stock", "flow", "item"}
        What runs on a day; what was installed (this year, or since the rule began); one item.
    metric : str
        What a share is counted in, one of `METRICS`.
    who : Who
        Which makers.
    functions, technologies, tags : tuple of str
        Which elements; empty: all. Functions may be parts of the network ("access").
    where : tuple of str
        Names of areas; empty: everywhere.
    steps : tuple of Step
        Dated limits, in order.
    until : date or None
        Last day of the rule.
    window : {"year", "since"}
        For flow: installs of the calendar year, or all since the limit began.
    only_if_present : bool
        Holds only where a matching maker is used at all.
    acts_on : {"network", "supply", "origin"}
        What it is about: the network, what a vendor can buy, or what an item is made of.
    permit_months : float
        Time a permit takes [months].
    announced : date or None
        Day it became known.
    source, evidence, severity, note : str
        Where it is from; "seen", "recalled" or "own"; "law", "advice" or "scenario"; remarks.
    """

    rule_id: str
    kind: Kind
    who: Who
    steps: tuple[Step, ...]
    basis: Basis = "stock"
    metric: Metric = "sites"
    group: str = ""
    jurisdiction: str = ""
    instrument: str = ""
    functions: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    until: date | None = None
    window: Literal["year", "since"] = "since"
    only_if_present: bool = False
    acts_on: Literal["network", "supply", "origin"] = "network"
    permit_months: float = 0.0
    announced: date | None = None
    source: str = ""
    evidence: str = "own"
    severity: str = "law"
    note: str = ""

    def step_on(self, day: date) -> Step | None:
        """Return the step that binds on a day, or None."""
        if self.until is not None and day > self.until:
            return None
        past = [step for step in self.steps if step.start <= day]
        return past[-1] if past and past[-1].limit is not None else None

    def limit_on(self, day: date) -> float | None:
        """Return the limit that binds on a day, or None.

        Examples
        --------
        >>> rule = Rule("x", "cap", Who(), (Step(date(2023, 1, 28), 0.35),))
        >>> rule.limit_on(date(2023, 1, 27)), rule.limit_on(date(2023, 1, 28))
        (None, 0.35)
        """
        step = self.step_on(day)
        return None if step is None else step.limit


_COUNTED = {
    "sites": "sites",
    "sectors": "sectors",
    "traffic": "traffic",
    "population": "people served",
    "premises": "premises passed",
    "value": "value",
    "elements": "equipment",
}


def sentence(rule: Rule, parties: Parties | None = None) -> str:
    """Say a rule in one sentence, with its dates and its source.

    Parameters
    ----------
    rule : Rule
        The rule.
    parties : Parties, optional
        Gives names for ids.

    Returns
    -------
    str
        Not legal advice: the rule as it is computed here.

    Examples
    --------
    >>> rule = Rule("x", "cap", Who(parties=("Acme",)), (Step(date(2023, 1, 28), 0.35),),
    ...             functions=("access",), technologies=("5G",), source="Gazette 1")
    >>> sentence(rule)
    'Acme may stand for at most 35 % of sites, of all 5G access equipment that runs, from \
2023-01-28. [Gazette 1; own record]'
    """
    steps = [_step(rule, step) for step in rule.steps]
    dates = ", then ".join(dict.fromkeys(steps)) if steps else "without a date"
    head = ", ".join(word for word in (rule.jurisdiction, rule.instrument) if word)
    until = f" until {rule.until.isoformat()}" if rule.until else ""
    if_used = " where such a supplier is used at all" if rule.only_if_present else ""
    body = f"{_body(rule, parties)}{_where(rule)}{if_used}, {dates}{until}."
    basis = f"{rule.source or 'no source'}; {rule.evidence}"
    return f"{head + ': ' if head else ''}{body} [{basis}{' record' if rule.evidence == 'own' else ''}]"  # noqa: E501


def _body(rule: Rule, parties: Parties | None) -> str:
    who, what, counted = rule.who.phrase(parties), _what(rule), _COUNTED[rule.metric]
    limit = next((step.limit for step in rule.steps if step.limit is not None), None)
    many = len({step.limit for step in rule.steps if step.limit is not None}) > 1
    share = "the share below" if many else f"{100 * (limit or 0.0):g} %"
    if rule.acts_on == "supply":
        return f"{who} may not be supplied with {what} without a licence"
    if rule.acts_on == "origin":
        return f"an item counts as controlled when more than {share} of its value is from {who}"
    if rule.kind == "prohibit":
        return f"{who} may not be used in {_what(rule, 'any')}"
    if rule.kind == "permit":
        months = f" (about {rule.permit_months:g} months)" if rule.permit_months else ""
        return f"{what} of {who} needs a permit before it is installed{months}"
    if rule.kind == "min-suppliers":
        return f"{what} must come from at least {limit or 0:g} suppliers, told apart by group"
    word = "at most" if rule.kind == "cap" else "at least"
    return f"{who} {'may' if rule.kind == 'cap' else 'must'} stand for {word} {share} of {counted}, of {what}"  # noqa: E501


def _what(rule: Rule, of: str = "all") -> str:
    technology = "+".join(rule.technologies)
    function = ", ".join(word.replace("_", " ") for word in rule.functions)
    kind = " ".join(word for word in (technology, function) if word) or "network"
    tags = f" tagged {', '.join(rule.tags)}" if rule.tags else ""
    if rule.acts_on == "supply":
        return f"{function or 'controlled'} items{tags}"
    yearly = "installed in the year" if rule.window == "year" else "newly installed"
    state = {"stock": "that runs", "flow": yearly, "item": "in one item"}[rule.basis]
    return f"{of} {kind} equipment{tags} {state}"


def _where(rule: Rule) -> str:
    return f" in {', '.join(rule.where)}" if rule.where else ""


def _step(rule: Rule, step: Step) -> str:
    if step.limit is None:
        return f"suspended from {step.start.isoformat()}"
    many = len({one.limit for one in rule.steps if one.limit is not None}) > 1
    share = f"{100 * step.limit:g} % " if many else ""
    return f"{share}from {step.start.isoformat()}"
