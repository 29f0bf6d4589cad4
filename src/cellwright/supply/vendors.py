"""Who makes what: from the user's words, function by function, else from the shipped example."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from cellwright.errors import Faults, did_you_mean
from cellwright.supply.codes import DOMAINS, FUNCTIONS, load
from cellwright.supply.parties import Parties


@lru_cache(maxsize=1)
def example_vendors() -> tuple[dict[str, str], str]:
    """Return the example's makers by part of the network, and where it is from.

    Examples
    --------
    >>> sorted(example_vendors()[0])[:2]
    ['access', 'core']
    """
    table = load("example_vendors.toml")
    return dict(table["vendors"]), str(table["source"])


def maker_of(function: str, given: Mapping[str, str]) -> tuple[str, bool]:
    """Return who makes equipment of a function, and whether that is assumed.

    Parameters
    ----------
    function : str
        Function, such as "RU".
    given : mapping of str to str
        Maker by function or part of the network; a function goes before its part.

    Examples
    --------
    >>> maker_of("RU", {"access": "ericsson"}), maker_of("AMF", {"access": "ericsson"})[1]
    (('ericsson', False), True)
    """
    domain = next((name for name, inside in DOMAINS.items() if function in inside), "")
    for key in (function, domain):
        if key in given:
            return given[key], False
    return example_vendors()[0].get(domain, ""), True


def check_vendors(given: Mapping[str, str], parties: Parties, faults: Faults, file: str) -> None:
    """Note functions that do not exist and makers that are no known party."""
    words = (*DOMAINS, *FUNCTIONS)
    names = [party.party_id for party in parties]
    for key, maker in given.items():
        if key not in words:
            message = f'vendors names "{key}", which is no function.'
            faults.error("supply.vendors", message, did_you_mean(key, words), file=file)
        if maker and maker not in parties:
            message = f'vendors: {key} is from "{maker}", which is no known party.'
            cure = f"{did_you_mean(maker, names)} Or add it to your own list of parties."
            faults.error("supply.vendors", message, cure, file=file)
