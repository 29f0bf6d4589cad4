"""Serving paths: the equipment that stands between a cell's users and the network beyond.

User plane RU - DU or gNB - router - transport - CU-UP - UPF; control plane also CU-CP, AMF, SMF,
UDM; the element manager beside them (3GPP TS 23.501 4.2, TS 38.401 6.1).
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cellwright.supply.elements import running
from cellwright.supply.parties import Parties

#: Functions that make a site a radio site.
RADIO = ("RU", "DU", "gNB", "eNB")
#: Functions that manage equipment of their own make.
MANAGERS = ("EMS", "O&M")


def serving_cells(elements: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the cells that run on a day, and whom they serve.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`; one RU per cell, or where a site has none one baseband.
    day : date
        The day.

    Returns
    -------
    DataFrame
        ``cell_id, site_id, maker, population, traffic, link``; ``link`` is "f1" where the site
        has a DU and no baseband of its own (split at PDCP), else "n3".
    """
    now = elements[running(elements, day)]
    function = now["function"]
    radio_units = now[function == "RU"]
    basebands = now[function.isin(("gNB", "DU", "eNB"))]
    alone = basebands[~basebands["site_id"].isin(radio_units["site_id"])]
    cells = pd.concat([radio_units, alone]).rename(columns={"element_id": "cell_id"})
    whole = set(now.loc[function.isin(("gNB", "eNB")), "site_id"])
    split = set(now.loc[function == "DU", "site_id"]) - whole
    cells["link"] = cells["site_id"].isin(split).map({True: "f1", False: "n3"})
    names = ["cell_id", "site_id", "maker", "population", "traffic", "link"]
    return cells[names].reset_index(drop=True)


def serving_paths(elements: pd.DataFrame, parties: Parties, day: date) -> pd.DataFrame:
    """Return which equipment each cell's service depends on, on a day.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`.
    parties : Parties
        Who owns whom: an element manager manages equipment of its own group.
    day : date
        The day.

    Returns
    -------
    DataFrame
        One row per cell and element: ``cell_id, site_id, element_id, function, link, shared``
        (stands on a place without a radio).

    Notes
    -----
    A plan names no routes, so equipment on places without a radio stands in the path of every
    cell. An RU serves its own cell only. A CU stands in the path of split sites only. An element
    manager stands beside the cells of its own group; where a group has none, any of them does.
    """
    cells = serving_cells(elements, day)
    now = elements[running(elements, day)]
    local = now["site_id"].isin(now.loc[now["function"].isin(RADIO), "site_id"])
    names = ["element_id", "function", "site_id"]
    at_site = cells.merge(now.loc[local, names], on="site_id")
    own = (at_site["function"] != "RU") | (at_site["element_id"] == at_site["cell_id"])
    shared = now.loc[~local, ["element_id", "function", "maker"]]
    manages = shared["function"].isin(MANAGERS)
    beyond = cells.merge(shared.loc[~manages, ["element_id", "function"]], how="cross")
    fits = ~beyond["function"].isin(("CU-CP", "CU-UP")) | (beyond["link"] == "f1")
    beside = _managed(cells, shared[manages], parties, day)
    wanted = ["cell_id", "site_id", "element_id", "function", "link"]
    parts = [at_site.loc[own, wanted], beyond.loc[fits, wanted], beside[wanted]]
    marks = (False, True, True)
    made = [part.assign(shared=mark) for part, mark in zip(parts, marks, strict=True)]
    return pd.concat(made, ignore_index=True)


def _managed(
    cells: pd.DataFrame, managers: pd.DataFrame, parties: Parties, day: date
) -> pd.DataFrame:
    """Pair each cell with the managers of its maker's group, or with all where there is none."""
    heads = {name: parties.supplier_of(name, day) for name in managers["maker"].unique()}
    theirs = managers.assign(head=managers["maker"].map(heads))[["element_id", "function", "head"]]
    mine = {name: parties.supplier_of(name, day) for name in cells["maker"].unique()}
    pairs = cells.assign(group=cells["maker"].map(mine)).merge(theirs, how="cross")
    known = pairs["group"].isin(theirs["head"])
    return pairs[~known | (pairs["group"] == pairs["head"])]
