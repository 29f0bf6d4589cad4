"""The sixteen checks, evaluated on links, nodes and settings; ranked by people affected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, did_you_mean
from cellwright.supply.security.links import (
    ACCESS_NODES,
    INTERFACES,
    PROTECTIONS,
    SECURED_SITES,
    phrase,
)

if TYPE_CHECKING:
    import pandas as pd

FINDING_COLUMNS = (
    "check_id", "severity", "element", "status", "finding", "people", "clause", "cure", "evidence",
    "weakness", "place",
)  # fmt: skip
GROUP_COLUMNS = (
    "check_id", "severity", "status", "weakness", "count", "people", "finding", "worst", "clause",
    "cure", "evidence",
)  # fmt: skip
NOTE = "Indications by clause; many protections are the operator's decision. Not legal advice."
_PROTECTED = {
    "S05": {"ipsec", "dtls"}, "S06": {"ipsec"}, "S07": {"ipsec", "dtls"}, "S08": {"ipsec", "dtls"},
    "S09": {"ipsec"}, "S11": {"tls", "prins"}, "S12": {"ipsec", "tls", "ssh"},
}  # fmt: skip
_RANK = {"high": 0, "medium": 1, "low": 2}


def checks() -> pd.DataFrame:
    """Return the checks with clause, cure and evidence.

    Examples
    --------
    >>> len(checks())
    16
    """
    import pandas as pd

    return pd.read_csv(Path(__file__).with_name("data") / "checks.csv", dtype=str)


def evaluate(
    links: pd.DataFrame,
    nodes: pd.DataFrame,
    settings: pd.DataFrame | None = None,
    *,
    emergency_duty: bool = False,
) -> pd.DataFrame:
    """Evaluate the checks.

    Parameters
    ----------
    links : DataFrame
        ``link_id, interface, from, to, protection``; optionally ``people``, ``media``, ``leased``
        and ``secured`` (True where the whole path is physically secured). Interfaces as in
        `INTERFACES`; see :func:`plan_links`.
    nodes : DataFrame
        ``node_id, function, site_type, people``; optionally ``scas`` (the evidence) and ``seg``
        (True: a security gateway stands here). ``people`` [persons] is what the node serves: of
        everyone, a part at an access node, and all at a core node.
    settings : DataFrame, optional
        As :func:`cellwright.supply.security.read_configs` returns it.
    emergency_duty : bool
        Unauthenticated emergency calls are a duty here, so that NIA0 is no finding.

    Returns
    -------
    DataFrame
        Columns `FINDING_COLUMNS`, most people first. ``status`` is "flagged", or "not stated" where
        the input does not say. ``place`` is the node whose people are counted; empty: all of the
        network's. ``attrs["not_checked"]`` names checks without input, ``attrs["people"]`` is how
        many the network serves. ``finding`` is the sentence, ``weakness`` what the check is about.

    Raises
    ------
    InputError
        With every fault of links and nodes.
    """
    import pandas as pd

    faults = Faults()
    plan_nodes, plan_links = _nodes(nodes, faults), _links(links, nodes, faults)
    faults.raise_errors()
    people = {str(key): float(row["people"]) for key, row in plan_nodes.items()}
    everyone = _everyone(plan_nodes, people)
    said = [] if settings is None else settings.to_dict("records")
    found = [
        *_of_links(plan_links, plan_nodes, people),
        *_gateways(plan_links, plan_nodes, people),
        *_of_settings(
            [{str(k): v for k, v in row.items()} for row in said], people, everyone, emergency_duty
        ),
        *_assurance(plan_nodes, people, "scas" in nodes),
    ]
    table = checks().set_index("check_id")
    rows = [_finding(table.loc[one[0]], plan_nodes, everyone, *one) for one in found]
    rows.sort(key=_order)
    result = pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
    ready = _ready(plan_links, said, "scas" in nodes)
    result.attrs["not_checked"] = [name for name in table.index if name not in ready]
    result.attrs["note"], result.attrs["people"] = NOTE, everyone
    return result


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    """Put most people first, then the graver, then what is known before what nobody said."""
    unsaid = row["status"] != "flagged"
    return -row["people"], _RANK[row["severity"]], unsaid, row["check_id"]


def _everyone(nodes: dict[str, dict[str, Any]], people: dict[str, float]) -> float:
    """Return the people of the network: access nodes share them out, core nodes repeat them."""
    shared = [people[key] for key, node in nodes.items() if node["function"] in ACCESS_NODES]
    return max([sum(shared), *people.values()], default=0.0)


def grouped(findings: pd.DataFrame, worst: int = 5) -> pd.DataFrame:
    """Return one row for each check and status, with everyone counted once.

    Parameters
    ----------
    findings : DataFrame
        From :func:`evaluate`.
    worst : int
        Elements named, those of most people.

    Returns
    -------
    DataFrame
        ``check_id, severity, status, weakness, count`` (findings), ``people`` (different people
        affected), ``finding`` (of most people), ``worst`` (element ids), ``clause``, ``cure``,
        ``evidence``.
    """
    import pandas as pd

    rows = []
    for (check_id, status), part in findings.groupby(["check_id", "status"], sort=False):
        first = part.iloc[0]
        rows.append({
            "check_id": check_id, "severity": first["severity"], "status": status,
            "count": len(part), "people": _different(part, findings.attrs["people"]),
            "finding": first["finding"], "worst": "; ".join(part["element"].head(worst)),
            **{name: first[name] for name in ("weakness", "clause", "cure", "evidence")},
        })  # fmt: skip
    rows.sort(key=_order)
    result = pd.DataFrame(rows, columns=list(GROUP_COLUMNS))
    result.attrs |= findings.attrs
    return result


def _different(part: pd.DataFrame, everyone: float) -> float:
    """Return how many different people findings touch: those of a place are counted once."""
    if (part["place"] == "").any():
        return float(part["people"].max())
    return min(everyone, float(part.groupby("place")["people"].max().sum()))


def _finding(
    check: Any,
    nodes: dict[str, dict[str, Any]],
    everyone: float,
    check_id: str,
    element: str,
    people: float,
    words: str,
    status: str,
    place: str,
) -> dict[str, Any]:
    local = place in nodes and nodes[place]["function"] in ACCESS_NODES
    return {
        "place": place if local or 0.0 < people < everyone else "",
        "check_id": check_id,
        "severity": check["severity"],
        "element": element,
        "status": status,
        "weakness": check["finding"],
        "finding": words,
        "people": people,
        "clause": check["clause"],
        "cure": check["cure"],
        "evidence": check["evidence"],
    }


def _nodes(nodes: pd.DataFrame, faults: Faults) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    absent = [n for n in ("node_id", "function", "site_type", "people") if n not in nodes]
    for name in absent:
        faults.error("security.missing-column", f'column "{name}" is missing.', file="nodes")
    for number, record in enumerate([] if absent else nodes.to_dict("records"), start=2):
        where = {"file": "nodes", "row": number}
        key = str(record["node_id"])
        if key in table:
            faults.error("security.two-nodes", f'"{key}" is there twice.', "Rename one.", **where)
        if not _count(record["people"]):
            message = f'people is "{record["people"]}"; a number from 0 on is needed.'
            faults.error("security.people", message, "Give persons served.", **where)
        table[key] = {str(k): v for k, v in record.items()}
    return table


def _count(value: Any) -> bool:
    try:
        return 0.0 <= float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def _links(links: pd.DataFrame, nodes: pd.DataFrame, faults: Faults) -> list[dict[str, Any]]:
    names = ("link_id", "interface", "from", "to", "protection")
    absent = [name for name in names if name not in links]
    for name in absent:
        faults.error("security.missing-column", f'column "{name}" is missing.', file="links")
    known = set(map(str, nodes["node_id"])) if "node_id" in nodes else set()
    rows = []
    for number, record in enumerate([] if absent else links.to_dict("records"), start=2):
        where = {"file": "links", "row": number}
        row = {str(k): v for k, v in record.items()}
        value = row["protection"]
        row["protection"] = "" if value is None or value != value else str(value).strip().lower()
        for name, allowed in (("interface", INTERFACES), ("protection", PROTECTIONS)):
            if row[name] not in allowed:
                message = f'{name} is "{row[name]}".'
                faults.error(f"security.{name}", message, did_you_mean(row[name], allowed), **where)
        for end in ("from", "to"):
            row[end] = str(row[end])
            if row[end] not in known:
                cure = did_you_mean(row[end], known) if known else "Add nodes."
                faults.error("security.no-node", f'{end} is "{row[end]}".', cure, **where)
        given = row.get("people")
        if given is not None and given == given and not _count(given):
            message = f'people is "{given}"; a number from 0 on is needed.'
            faults.error("security.people", message, "Give persons served.", **where)
        rows.append(row)
    return rows


def _people(
    link: dict[str, Any], nodes: dict[str, dict[str, Any]], people: dict[str, float]
) -> float:
    """Return persons behind a link: as given, else those of its place."""
    given = link.get("people")
    if given is not None and given == given:
        return float(given)
    return people[_place(link, nodes, people)]


def _place(link: dict[str, Any], nodes: dict[str, dict[str, Any]], people: dict[str, float]) -> str:
    """Return the end of a link whose people it carries.

    That of the access side, even one that serves nobody; of two alike the one with fewer people,
    but not none.
    """
    ends: list[str] = [link["from"], link["to"]]
    access = [end for end in ends if nodes[end]["function"] in ACCESS_NODES]
    return min(access or ends, key=lambda end: (people[end] <= 0.0, people[end]))


def _secured(link: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> bool:
    stated = link.get("secured")
    if stated is not None and stated == stated:
        return str(stated).strip().lower() in ("true", "1", "1.0", "yes")
    return link["from"] == link["to"] and nodes[link["from"]]["site_type"] in SECURED_SITES


Found = Iterator[tuple[str, str, float, str, str, str]]


def _of_links(
    links: list[dict[str, Any]], nodes: dict[str, dict[str, Any]], people: dict[str, float]
) -> Found:
    for link in links:
        check = INTERFACES[link["interface"]]
        if not check or link["protection"] in _PROTECTED[check] or _secured(link, nodes):
            continue
        place, count = _place(link, nodes, people), _people(link, nodes, people)
        words = phrase(link, nodes[place], count)
        status = "flagged" if link["protection"] else "not stated"
        yield check, str(link["link_id"]), count, words, status, place


def _gateways(
    links: list[dict[str, Any]], nodes: dict[str, dict[str, Any]], people: dict[str, float]
) -> Found:
    """Yield links from an unsecured to a secured place without a gateway at either end.

    One through IPsec has its two ends of the tunnel, whatever they are called.
    """
    for link in links:
        open_ = link["interface"] in ("N2", "N3") and link["protection"] != "ipsec"
        if not open_ or _secured(link, nodes):
            continue
        ends = [nodes[link[end]] for end in ("from", "to")]
        inside = [end["site_type"] in SECURED_SITES for end in ends]
        if any(inside) and not all(inside) and not any(end.get("seg") is True for end in ends):
            words = f"no security gateway on {link['link_id']} at the edge of the core"
            status = "flagged" if all("seg" in end for end in ends) else "not stated"
            yield (
                "S14", str(link["link_id"]), _people(link, nodes, people), words, status,
                _place(link, nodes, people),
            )  # fmt: skip


def _of_settings(
    said: list[dict[str, Any]], people: dict[str, float], everyone: float, duty: bool
) -> Found:
    for row in said:
        words = str(row["value"]).split()
        check = _setting_check(str(row["setting"]), words, duty)
        if check:
            element = str(row["element"])
            text = (
                f'{row["setting"].replace("_", " ")} is "{" ".join(words) or "none"}" in {element}'
            )
            known = element if element in people else ""
            yield check, element, people.get(element, everyone), text, "flagged", known


def _setting_check(setting: str, words: list[str], duty: bool) -> str:
    """Return the check that a setting fails, or nothing."""
    bad = {
        "suci_schemes": ("S01", not words or "0" in words),
        "ciphering_order": ("S02", bool(words) and words[0] == "NEA0"),
        "integrity_order": ("S04", "NIA0" in words and not duty),
        "up_confidentiality": ("S02", "not-needed" in words),
        "up_integrity": ("S03", "not-needed" in words),
        "sbi": ("S10", words != ["mutual-tls"]),
        "n32": ("S11", not {"tls", "prins"} & set(words)),
        "certificate_enrolment": ("S13", words != ["yes"]),
        "management_path": ("S15", words != ["out-of-band"]),
        "protocols": ("S15", bool({"telnet", "snmpv1", "snmpv2c", "http", "ftp"} & set(words))),
    }
    check, fails = bad.get(setting, ("", False))
    return check if fails else ""


def _assurance(nodes: dict[str, dict[str, Any]], people: dict[str, float], given: bool) -> Found:
    for key, node in nodes.items():
        value = node.get("scas")
        if given and (value is None or value != value or not str(value).strip()):
            yield (
                "S16",
                key,
                people[key],
                f"{node['function']} at {key} without evidence",
                "not stated",
                key,
            )


def _ready(links: list[dict[str, Any]], said: list[Any], scas: bool) -> set[str]:
    """Return the checks for which there was input."""
    setting_checks = {
        "suci_schemes": "S01", "ciphering_order": "S02", "up_confidentiality": "S02",
        "up_integrity": "S03", "integrity_order": "S04", "sbi": "S10", "n32": "S11",
        "certificate_enrolment": "S13", "management_path": "S15", "protocols": "S15",
    }  # fmt: skip
    ready = {INTERFACES[link["interface"]] for link in links}
    ready |= {"S14" for link in links if link["interface"] in ("N2", "N3")}
    ready |= {setting_checks.get(str(row["setting"]), "") for row in said}
    return ready | ({"S16"} if scas else set())
