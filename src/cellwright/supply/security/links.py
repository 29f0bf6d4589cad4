"""Nodes and links of a plan as the checks take them: interfaces of 3GPP TS 38.401 and TS 23.501."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, did_you_mean
from cellwright.supply.values import flag, members, text

if TYPE_CHECKING:
    import pandas as pd

#: Interface -> the check it falls under; N6 leads out of the network and has none.
INTERFACES = {
    "N2": "S05", "N3": "S06", "Xn": "S07", "F1": "S08", "F1-C": "S08", "F1-U": "S08", "E1": "S08",
    "N4": "S09", "N9": "S09", "O&M": "S12", "N32": "S11", "N6": "",
}  # fmt: skip
PROTECTIONS = ("ipsec", "dtls", "tls", "prins", "ssh", "macsec", "none", "")
MEDIA = ("fibre", "microwave", "copper", "wireless", "")
#: Kinds of places taken as physically secured [assumed]; all others are not.
SECURED_SITES = ("core_site", "data_centre", "exchange")
#: Kinds of places anyone can walk up to [assumed].
UNGUARDED_SITES = ("street_pole", "cabinet")
#: Kind of a site of the plan -> kind of place.
SITE_TYPES = {"pole": "street_pole"}
#: Functions at a site that serve people of its own; a core serves everyone once more.
ACCESS_NODES = ("gNB", "DU", "eNB")
CORE = "core"
#: Interfaces over which traffic of users runs from a site.
USER_PLANE = ("N3", "F1-U", "F1")
_AT_SITES = {
    "integrated": (("N2", "AMF"), ("N3", "UPF"), ("O&M", "EMS")),
    "cu": (("F1-C", "CU-CP"), ("F1-U", "CU-UP"), ("O&M", "EMS")),
}
_IN_CORE = {
    "integrated": (("N4", "SMF", "UPF"),),
    "cu": (("E1", "CU-CP", "CU-UP"), ("N2", "CU-CP", "AMF"), ("N3", "CU-UP", "UPF"),
           ("N4", "SMF", "UPF")),
}  # fmt: skip


def plan_links(
    elements: pd.DataFrame,
    sites: pd.DataFrame,
    *,
    split: str = "integrated",
    neighbours: Iterable[tuple[str, str]] = (),
    media: str | Mapping[str, str] = "",
    leased: bool | Mapping[str, bool] | None = None,
    site_types: Mapping[str, str] | None = None,
    stated: pd.DataFrame | None = None,
    faults: Faults | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the links and nodes of a plan.

    Parameters
    ----------
    elements : DataFrame
        From :func:`cellwright.supply.plan_elements`; what is at no site stands at "core".
    sites : DataFrame
        ``site_id, kind`` of the plan's sites.
    split : {"integrated", "cu"}
        "cu": a DU at each site, CU-CP and CU-UP at the core.
    neighbours : iterable of (str, str)
        Sites between which Xn runs; with a CU at the core there is none between sites.
    media : str or mapping of str to str
        Medium of a site's link, one of `MEDIA`; a site with a microwave element has a microwave.
    leased : bool or mapping of str to bool, optional
        Whether a site's link is someone else's line; None: not said.
    site_types : mapping of str to str, optional
        Kind of place by site id, or by kind of site; wins over the plan's own.
    stated : DataFrame, optional
        What the user says of links, from :func:`cellwright.supply.read_links`.
    faults : Faults, optional
        Takes what `stated` says of links that do not exist; without it they are raised.

    Returns
    -------
    DataFrame
        Links: ``link_id, interface, from, to, protection, media, leased, secured, people``;
        ``protection`` is empty where nobody said.
    DataFrame
        Nodes: ``node_id, function, site_type, people`` [residents served]. All of the core's
        nodes serve everyone.

    Notes
    -----
    Core functions stand at one secured place [assumed], so that links between them are secured.

    Raises
    ------
    InputError
        If `split` is none of the two, or a row of `stated` fits no link.
    """
    import pandas as pd

    own = Faults() if faults is None else faults
    if split not in _AT_SITES:
        own.error("security.split", f'split is "{split}".', did_you_mean(split, _AT_SITES))
        own.raise_errors()
    nodes = _nodes(elements, sites, split, site_types or {})
    people = {row["node_id"]: row["people"] for row in nodes}
    rows = [
        *_site_links(elements, nodes, split, media, leased),
        *_core_links(nodes, split),
        *(_xn(one, other, people) for one, other in neighbours if split == "integrated"),
    ]
    links = pd.DataFrame(rows)
    if stated is not None:
        links = _with_stated(links, stated, own)
    if faults is None:
        own.raise_errors()
    return links, pd.DataFrame(nodes).drop(columns="maker")


def _nodes(
    elements: pd.DataFrame, sites: pd.DataFrame, split: str, types: Mapping[str, str]
) -> list[dict[str, Any]]:
    import pandas as pd

    from cellwright.supply.elements import amounts

    none = pd.Series(False, index=elements.index)
    served = amounts(elements, "population", none)["total"]
    function, found = ("DU" if split == "cu" else "gNB"), list[dict[str, Any]]()
    makers = elements.drop_duplicates(["site_id", "function"]).set_index(["site_id", "function"])
    for site, kind in zip(sites["site_id"].astype(str), sites["kind"].astype(str), strict=True):
        place = types.get(site) or types.get(kind) or SITE_TYPES.get(kind, kind)
        made = str(makers["maker"].get((site, function), ""))
        found.append({
            "node_id": site, "function": function, "site_type": place,
            "people": float(served.get(site, 0.0)), "maker": made,
        })  # fmt: skip
    return found + list(_core_nodes(elements, split, sum(row["people"] for row in found)))


def _core_nodes(elements: pd.DataFrame, split: str, everyone: float) -> Iterator[dict[str, Any]]:
    """Yield nodes of the core: the plan's own, and those that a link needs and nobody listed."""
    needed = {end for _, *ends in _IN_CORE[split] for end in ends}
    needed |= {end for _, end in _AT_SITES[split]}
    for function in sorted(needed):
        listed = elements[(elements["function"] == function) & (elements["site_id"] == CORE)]
        rows = listed[["element_id", "maker"]].to_dict("records")
        for row in rows or [{"element_id": f"{CORE}/{function}", "maker": ""}]:
            yield {
                "node_id": str(row["element_id"]), "function": function, "site_type": "core_site",
                "people": everyone, "maker": str(row["maker"]),
            }  # fmt: skip


def _site_links(
    elements: pd.DataFrame,
    nodes: list[dict[str, Any]],
    split: str,
    media: str | Mapping[str, str],
    leased: bool | Mapping[str, bool] | None,
) -> Iterator[dict[str, Any]]:
    by_radio = set(elements.loc[elements["function"] == "microwave", "site_id"])
    for node in (one for one in nodes if one["function"] in ACCESS_NODES):
        site = node["node_id"]
        medium = media if isinstance(media, str) else media.get(site, "")
        line = leased.get(site) if isinstance(leased, Mapping) else leased
        for interface, end in _AT_SITES[split]:
            yield _link(interface, site, _nearest(nodes, end, node["maker"]), node["people"]) | {
                "media": medium or ("microwave" if site in by_radio else ""), "leased": line,
            }  # fmt: skip


def _nearest(nodes: list[dict[str, Any]], function: str, maker: str) -> str:
    """Return a node of the core; of several element managers the one of the same maker."""
    ends = [node for node in nodes if node["function"] == function]
    same = [node for node in ends if maker and node["maker"] == maker]
    return str((same or ends)[0]["node_id"])


def _core_links(nodes: list[dict[str, Any]], split: str) -> Iterator[dict[str, Any]]:
    everyone = max(node["people"] for node in nodes if node["site_type"] == "core_site")
    for interface, one, other in _IN_CORE[split]:
        first, second = (_nearest(nodes, function, "") for function in (one, other))
        yield _link(interface, first, second, everyone) | {"secured": True}


def _xn(one: str, other: str, people: Mapping[str, float]) -> dict[str, Any]:
    first, second = sorted((str(one), str(other)))
    return _link("Xn", first, second, min(people.get(first, 0.0), people.get(second, 0.0)))


def _link(interface: str, start: str, end: str, people: float) -> dict[str, Any]:
    return {
        "link_id": f"{interface} {start} > {end}", "interface": interface, "from": start, "to": end,
        "protection": "", "media": "", "leased": None, "secured": False, "people": people,
    }  # fmt: skip


def _with_stated(links: pd.DataFrame, stated: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Lay the user's words over the links: a row's empty cells change nothing."""
    out = links.astype({"leased": object, "secured": object})
    for record in stated.to_dict("records"):
        row = {str(key): value for key, value in record.items()}
        fits = out["link_id"].eq(row["link_id"]) if row["link_id"] else out["link_id"].notna()
        if row["interface"]:
            fits &= out["interface"].eq(row["interface"])
        for end in ("from", "to"):
            if row[end]:
                fits &= out["from"].eq(row[end]) | out["to"].eq(row[end])
        if not fits.any():
            words = ", ".join(
                f"{k} {row[k]}" for k in ("link_id", "interface", "from", "to") if row[k]
            )
            where = {"file": "links", "row": row.get("row")}
            cure = did_you_mean(row["link_id"], out["link_id"]) if row["link_id"] else "Check ends."
            faults.error("links.no-link", f"the plan has no link with {words}.", cure, **where)
        for name in ("protection", "media"):
            if row[name]:
                out.loc[fits, name] = row[name].lower()
        for name in ("leased", "secured"):
            if row[name]:
                out.loc[fits, name] = flag(row[name])
    return out


def link_problems(
    record: Mapping[Any, Any], known: Collection[str] | None = None
) -> list[tuple[str, str]]:
    """Return what is wrong with what a user says of a link, each with its cure."""
    problems = []
    row = {str(key): text(value) for key, value in record.items()}
    if not any(row[name] for name in ("link_id", "interface", "from", "to")):
        problems.append(("names no link.", "Fill in link_id, interface, from or to."))
    for name in members(row["interface"]):
        if name not in INTERFACES:
            problems.append((f'interface is "{name}".', did_you_mean(name, INTERFACES)))
    for name, allowed in (("protection", PROTECTIONS), ("media", MEDIA)):
        if row[name].lower() not in allowed:
            problems.append((f'{name} is "{row[name]}".', did_you_mean(row[name], allowed)))
    for name in ("leased", "secured"):
        if row[name] and flag(row[name]) is None:
            problems.append((f'{name} is "{row[name]}".', "Write yes or no."))
    for end in ("from", "to"):
        if row[end] and known is not None and row[end] not in known:
            problems.append((f'{end} is "{row[end]}".', did_you_mean(row[end], known)))
    return problems


def phrase(link: Mapping[str, Any], node: Mapping[str, Any], people: float) -> str:
    """Say what runs over which kind of link to what kind of place, and whom it serves.

    Examples
    --------
    >>> phrase({"interface": "N3", "protection": "none", "media": "microwave", "leased": True},
    ...        {"function": "DU", "site_type": "street_pole", "node_id": "K1"}, 4100)
    'unprotected N3 over a leased microwave link to an unguarded street-pole DU (K1) serving 4,100 \
people'
    """
    stated, name = text(link.get("protection")), link["interface"]
    usual = f"{name} with {stated} only"
    head = {"none": f"unprotected {name}", "": f"{name} of unstated protection"}.get(stated, usual)
    line = {True: "a leased", False: "an own"}.get(flag(link.get("leased")), "a")  # type: ignore[arg-type]
    medium = f"{text(link.get('media'))} " if text(link.get("media")) else ""
    kind = str(node["site_type"])
    guard = "an unguarded" if kind in UNGUARDED_SITES else "a"
    place = f"{kind.replace('_', '-')} {node['function']} ({node['node_id']})"
    served = f"serving {people:,.0f} people"
    return f"{head} over {line} {medium}link to {guard} {place} {served}"
