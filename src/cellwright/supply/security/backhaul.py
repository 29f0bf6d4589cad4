"""What protection takes of the backhaul: Mbit/s per link and the port it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cellwright.errors import InputError
from cellwright.supply.security.ipsec import IMIX, wire_factor
from cellwright.supply.security.links import USER_PLANE

if TYPE_CHECKING:
    import pandas as pd

#: Packets of users: sizes of IP packets [bytes] and their weights. Low and high are assumed: full
#: packets of downloads and video; small ones of speech and games.
MIXES: dict[str, Mapping[int, float]] = {"low": {1400: 1.0}, "typical": IMIX, "high": {200: 1.0}}
#: Ethernet ports [Mbit/s].
PORTS = {"1 GbE": 1_000.0, "10 GbE": 10_000.0, "25 GbE": 25_000.0, "100 GbE": 100_000.0}
#: Largest share of a port that the busy hour may fill [assumed].
LOAD = 0.7
LEVELS = ("low", "typical", "high")


def backhaul(
    links: pd.DataFrame,
    traffic: Mapping[str, float] | pd.Series,
    *,
    peak: Mapping[str, float] | pd.Series | None = None,
    mixes: Mapping[str, Mapping[int, float]] = MIXES,
    load: float = LOAD,
    ip: int = 4,
    nat: bool = False,
) -> pd.DataFrame:
    """Return the capacity each user-plane link needs, as it is and once it runs through IPsec.

    Parameters
    ----------
    links : DataFrame
        From :func:`plan_links`; those of `USER_PLANE` that begin at a site are counted.
    traffic : mapping of str to float
        Site -> IP traffic of users in the busy hour [Mbit/s], by the busier direction or the sum.
    peak : mapping of str to float, optional
        Site -> most that its cells can carry at once [Mbit/s]; a port must carry it, filled whole.
    mixes : mapping
        "low", "typical", "high" -> packets, as for :func:`capacity_factor`.
    load : float
        Share of a port the busy hour may fill, above 0 up to 1.
    ip, nat
        As in :func:`esp_bytes`.

    Returns
    -------
    DataFrame
        ``link_id, site_id, interface, protection, traffic_mbps``; for low, typical, high:
        ``plain_mbps_*`` and ``ipsec_mbps_*`` on the wire, ``port_now_*``, ``port_ipsec_*``;
        ``steps_up``: "no", "typical" (a larger port is needed), or "high" (with small packets
        only). ``attrs["assumptions"]`` lists what it rests on.

    Raises
    ------
    InputError
        For a load or traffic that cannot be.

    References
    ----------
    RFC 4303 (ESP), RFC 4106 (AES-GCM), 3GPP TS 33.210 (profiles).
    """
    import pandas as pd

    wrong = [f"{site} {value}" for site, value in traffic.items() if not 0.0 <= value < 1e12]
    if wrong or not 0.0 < load <= 1.0:
        raise InputError(
            f"load is {load:g} (allowed: above 0 up to 1); traffic not from 0 on: "
            f"{', '.join(wrong) or 'none'}."
        )
    factors = {
        level: (wire_factor(mixes[level]), wire_factor(mixes[level], esp=True, ip=ip, nat=nat))
        for level in LEVELS
    }
    at_sites = links[links["interface"].isin(USER_PLANE) & links["from"].isin(list(traffic.keys()))]
    rows = [
        _needs(link, float(traffic[link["from"]]), float((peak or {}).get(link["from"], 0.0)),
               factors, load)
        for link in at_sites.to_dict("records")
    ]  # fmt: skip
    result = pd.DataFrame(rows, columns=list(_COLUMNS))
    result.attrs["assumptions"] = _assumptions(mixes, load, ip, nat)
    return result


_COLUMNS = (
    "link_id", "site_id", "interface", "protection", "traffic_mbps",
    *(f"{name}_{level}" for name in ("plain_mbps", "ipsec_mbps", "port_now", "port_ipsec")
      for level in LEVELS),
    "steps_up",
)  # fmt: skip


def _needs(
    link: Mapping[Any, Any],
    busy: float,
    peak: float,
    factors: Mapping[str, tuple[float, float]],
    load: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "link_id": link["link_id"], "site_id": link["from"], "interface": link["interface"],
        "protection": link["protection"], "traffic_mbps": busy,
    }  # fmt: skip
    protected, needed = link["protection"] == "ipsec", max(busy / load, peak)
    for level, (plain, esp) in factors.items():
        row[f"plain_mbps_{level}"], row[f"ipsec_mbps_{level}"] = busy * plain, busy * esp
        row[f"port_now_{level}"] = port(needed * (esp if protected else plain))
        row[f"port_ipsec_{level}"] = port(needed * esp)
    changed = [level for level in LEVELS if row[f"port_now_{level}"] != row[f"port_ipsec_{level}"]]
    steps = "typical" if {"low", "typical"} & set(changed) else "high"
    return row | {"steps_up": steps if changed else "no"}


def port(mbps: float) -> str:
    """Return the smallest port that carries a rate; beyond the largest, several of it.

    Examples
    --------
    >>> port(999.0), port(1001.0), port(230_000.0)
    ('1 GbE', '10 GbE', '3 x 100 GbE')
    """
    for name, carries in PORTS.items():
        if mbps <= carries:
            return name
    name, carries = list(PORTS.items())[-1]
    return f"{-(-mbps // carries):.0f} x {name}"


def _assumptions(
    mixes: Mapping[str, Mapping[int, float]], load: float, ip: int, nat: bool
) -> list[dict[str, str]]:
    rows = [
        (f"packets, {level}", " ".join(f"{s} B x {w:.3g}" for s, w in mixes[level].items()), "",
         "simple IMIX 7:4:1" if mixes[level] == IMIX else "own", "assumed")
        for level in LEVELS
    ]  # fmt: skip
    outer = f"IPv{ip}{', ESP in UDP' if nat else ''}"
    rows += [
        ("share of a port that the busy hour may fill", f"{load:g}", "", "own", "assumed"),
        ("ESP in tunnel mode with AES-GCM, outer header", outer, "", "RFC 4303, RFC 4106", "seen"),
        ("packets above the MTU are not cut", "", "", "own", "assumed"),
    ]
    names = ("assumption", "value", "unit", "source", "evidence")
    return [dict(zip(names, row, strict=True)) for row in rows]
