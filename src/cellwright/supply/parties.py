"""Who makes, owns and is listed: parties, and shares that add up over chains and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cellwright.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Holding:
    """A share of one party held by another.

    Attributes
    ----------
    owner : str
        Party id of the holder.
    share : float
        0 to 1.
    start, end : date or None
        First and last day it is held; None: always.
    """

    owner: str
    share: float
    start: date | None = None
    end: date | None = None

    def on(self, day: date) -> bool:
        """Return whether the share is held on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Listing:
    """A party's place on a list of a state, with its first and last day."""

    name: str
    start: date | None = None
    end: date | None = None

    def on(self, day: date) -> bool:
        """Return whether the party is listed on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Party:
    """A maker, supplier, operator or state.

    Attributes
    ----------
    party_id : str
        Short name used in all tables.
    name : str
        Full name.
    aliases : tuple of str
        Other names, native script included.
    country : str
        ISO 3166-1 alpha-2 code of the seat; empty: unknown.
    owners : tuple of Holding
        Who holds how much and when.
    attributes : mapping
        Facts that rules ask for, such as ``extrajudicial = True``; one that is absent is unknown
        and matches nothing.
    lists : tuple of Listing
        Lists it is on.
    source : str
        Where this is from.
    """

    party_id: str
    name: str
    aliases: tuple[str, ...] = ()
    country: str = ""
    owners: tuple[Holding, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict, hash=False)
    lists: tuple[Listing, ...] = ()
    source: str = ""


class Parties:
    """All parties of a study, found by id, name or alias.

    Parameters
    ----------
    parties : iterable of Party
        Ids must be unique.

    Raises
    ------
    InputError
        For an id that is given twice.

    Examples
    --------
    >>> b = Party("b", "B", owners=(Holding("a", 0.3), Holding("c", 0.25)))
    >>> c = Party("c", "C", owners=(Holding("a", 0.6),))
    >>> group = Parties([Party("a", "A"), b, c])
    >>> group.held("b", {"a"}, date(2020, 1, 1))
    0.55
    >>> sorted(group.group({"a"}, date(2020, 1, 1)))
    ['a', 'b', 'c']
    """

    def __init__(self, parties: Iterable[Party] = ()) -> None:
        self._parties: dict[str, Party] = {}
        for party in parties:
            if party.party_id in self._parties:
                raise InputError(f'party "{party.party_id}" is given twice; ids must differ.')
            self._parties[party.party_id] = party
        names = {
            name.casefold(): party.party_id
            for party in self._parties.values()
            for name in (party.name, *party.aliases)
        }
        self._names = names | {key.casefold(): key for key in self._parties}

    def __iter__(self) -> Iterator[Party]:
        return iter(self._parties.values())

    def __len__(self) -> int:
        return len(self._parties)

    def __contains__(self, name: object) -> bool:
        return str(name).strip().casefold() in self._names

    def __getitem__(self, name: str) -> Party:
        key = self._names.get(str(name).strip().casefold())
        if key is None:
            cure = did_you_mean(name, self._names)
            raise InputError(f'there is no party "{name}". {cure}')
        return self._parties[key]

    def id_of(self, name: str) -> str:
        """Return the id behind a name or alias; an unknown name stands for itself."""
        text = str(name).strip()
        return self._names.get(text.casefold(), text)

    def group(self, holders: Iterable[str], day: date, share: float = 0.5) -> frozenset[str]:
        """Return the holders and everyone they hold together, chain by chain.

        A party belongs to the group when members of the group together hold at least `share` of
        it; the whole share of a member counts on down the chain.

        Parameters
        ----------
        holders : iterable of str
            Ids, names or aliases.
        day : date
            Day on which shares are looked up.
        share : float
            Least share, 0 to 1.

        References
        ----------
        90 FR 47201 (BIS Affiliates Rule, 2025): aggregate of 50 % and more, indirect included.
        """
        found = {self.id_of(name) for name in holders}
        while True:
            more = {
                party.party_id
                for party in self
                if party.party_id not in found
                and self._direct(party, found, day) >= share - 1e-9
                and any(held.owner in found for held in self._held(party, day))
            }
            if not more:
                return frozenset(found)
            found |= more

    def held(self, name: str, holders: Iterable[str], day: date, share: float = 0.5) -> float:
        """Return the share of a party that holders and their group hold together, 0 to 1."""
        members = self.group(holders, day, share)
        if self.id_of(name) not in self._parties:
            return 0.0
        return round(self._direct(self[name], set(members), day), 9)

    def economic(self, name: str, holder: str, day: date) -> float:
        """Return the share of a party a holder owns through all chains, shares multiplied."""
        held, goal = 0.0, self.id_of(holder)
        paths = [(self.id_of(name), 1.0, 0)]
        while paths:
            at, share, depth = paths.pop()
            if at not in self._parties or depth > len(self._parties):
                continue
            for holding in self._held(self._parties[at], day):
                if holding.owner == goal:
                    held += share * holding.share
                paths.append((holding.owner, share * holding.share, depth + 1))
        return held

    def supplier_of(self, name: str, day: date) -> str:
        """Return the head of the group a party belongs to: whoever holds half of it, and so on."""
        at, seen = self.id_of(name), set[str]()
        while at in self._parties and at not in seen:
            seen.add(at)
            heads = [held.owner for held in self._held(self._parties[at], day) if held.share >= 0.5]
            heads = [head for head in heads if self._is_firm(head)]
            if not heads:
                break
            at = sorted(heads)[0]
        return at

    def _is_firm(self, name: str) -> bool:
        party = self._parties.get(name)
        return party is not None and not party.attributes.get("state", False)

    def turns(self) -> set[date]:
        """Return every day on which a share or a listing begins or the day after it ends."""
        from datetime import timedelta

        days: set[date] = set()
        for party in self:
            spans: tuple[Holding | Listing, ...] = (*party.owners, *party.lists)
            for span in spans:
                if span.start is not None:
                    days.add(span.start)
                if span.end is not None and span.end < date.max:
                    days.add(span.end + timedelta(days=1))
        return days

    def _held(self, party: Party, day: date) -> list[Holding]:
        return [
            Holding(self.id_of(held.owner), held.share, held.start, held.end)
            for held in party.owners
            if held.on(day)
        ]

    def _direct(self, party: Party, holders: set[str], day: date) -> float:
        return sum(held.share for held in self._held(party, day) if held.owner in holders)
