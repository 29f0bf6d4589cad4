"""The plan as the supply room sees it: equipment, whom it serves, and dated phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cellwright.project.work import Work

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

#: Where equipment stands that belongs to no site of the plan.
CORE = "core"
#: Functions of a standalone core (TS 23.501) and what connects the district to it.
CORE_FUNCTIONS = ("AMF", "SMF", "UPF", "UDM")
#: Item of the catalogue that prices the core; a plan's own bill may have none.
CORE_ITEM = "core_sa"
#: Columns of a price low, typical and high, and what the catalogue and the bill call them.
VALUES, _PRICED = ("value_low", "value", "value_high"), ("low", "typical", "high")
#: With the unit split in two, the baseband at a site is a DU, and these stand at the core.
_SPLIT = ("CU-CP", "CU-UP")


def served_by_cell(work: Work) -> pd.DataFrame:
    """Return whom each 5G cell serves.

    Returns
    -------
    DataFrame
        Index ``cell_id``: ``population`` (residents within the boundary by best server, times
        the probability of coverage), ``premises`` (buildings, by the server of most residents),
        ``traffic`` (busy hour, both ways [Mbit/s]).
    """
    from cellwright.project.steps.speed import demand

    signal, speed = work.get("coverage", "nr"), work.get("simulation", "nr")
    receivers, names = work.receivers, work.cells_on("nr")["cell_id"].to_numpy()
    server = signal["server"].to_numpy()
    people = receivers["residents"].to_numpy().astype(float) * receivers["inside"].to_numpy()
    people *= np.nan_to_num(signal["coverage_probability"].to_numpy())
    heard = server >= 0
    population = np.bincount(server[heard], people[heard], minlength=len(names))
    users = speed["users"].to_series().reindex(names).to_numpy(float)
    return pd.DataFrame(
        {
            "population": population,
            "premises": _premises(receivers["building"].to_numpy(), server, people, len(names)),
            "traffic": users * demand(work).mbps_per_user,
        },
        index=pd.Index(names, name="cell_id"),
    )


def _premises(
    building: NDArray[Any], server: NDArray[Any], people: NDArray[Any], cells: int
) -> NDArray[Any]:
    """Count the buildings with residents each cell serves."""
    home = (people > 0.0) & (server >= 0)
    table = pd.DataFrame({"b": building[home], "s": server[home], "n": people[home]})
    best = table.sort_values("n").drop_duplicates("b", keep="last")
    return np.bincount(best["s"].to_numpy(), minlength=cells).astype(float)


def dated_phases(work: Work, received: xr.Dataset) -> pd.DataFrame:
    """Put the plan's sites into phases: whoever adds most residents first.

    Parameters
    ----------
    work : Work
    received : Dataset
        What every receiver gets from every 5G cell.

    Returns
    -------
    DataFrame
        ``phase`` (from 1), ``due`` (Timestamp), ``sites`` (tuple of ids), ``quantity``
        (sites), ``people`` (residents covered for the first time). Sites that stand already are
        in no phase. Which site comes when is an assumption of ours.
    """
    settings = work.settings.supply
    order, gain = site_order(work, received)
    parts = np.array_split(np.arange(len(order)), min(settings.phases, max(1, len(order))))
    start, rows = pd.Timestamp(settings.start), []
    for number, part in enumerate(parts, start=1):
        days = round(30.4375 * settings.phase_months * number)
        rows.append({
            "phase": number,
            "due": start + pd.Timedelta(days=days),
            "sites": tuple(order[i] for i in part),
            "quantity": float(len(part)),
            "people": float(gain[part].sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def site_order(work: Work, received: xr.Dataset) -> tuple[list[str], NDArray[np.float64]]:
    """Return new sites by residents each adds to those before it, and that number."""
    from cellwright import coverage

    receivers = work.receivers
    people = receivers["residents"].to_numpy() * receivers["inside"].to_numpy()
    home = np.flatnonzero(people > 0.0)
    found = coverage.site_probability(received.isel(receiver=home), indoor_targets(work)[home])
    standing = set(work.sites.loc[work.sites["status"] == "existing", "site_id"])
    names = [str(name) for name in found["site"].to_numpy()]
    reached, weight = found.to_numpy(), people[home].astype(float)
    there = [i for i, name in enumerate(names) if name in standing]
    best = reached[there].max(axis=0) if there else np.zeros(home.size, np.float32)
    order, gain = _greedy(reached, weight, best, [i for i in range(len(names)) if i not in there])
    return [names[i] for i in order], np.array(gain)


def indoor_targets(work: Work) -> NDArray[np.float64]:
    """Return the level each receiver must reach [dBm], by where it is."""
    levels = work.settings.coverage
    outdoor = work.receivers["place"].to_numpy() == 0
    return np.where(outdoor, levels.outdoor_target_dbm, levels.indoor_target_dbm)


def _greedy(
    reached: NDArray[Any], weight: NDArray[Any], best: NDArray[Any], left: list[int]
) -> tuple[list[int], list[float]]:
    """Take the site of most new residents, again and again; gains only fall, so few are counted."""
    bound = dict.fromkeys(left, np.inf)
    order, gain = [], []
    while bound:
        while True:
            first = max(bound, key=lambda i: (bound[i], -i))
            found = float(np.maximum(reached[first] - best, 0.0) @ weight)
            others = max((value for i, value in bound.items() if i != first), default=-1.0)
            bound[first] = found
            if found >= others:
                break
        order.append(first)
        gain.append(bound.pop(first))
        best = np.maximum(best, reached[first])
    return order, gain


def elements_of_plan(work: Work, phases: pd.DataFrame) -> pd.DataFrame:
    """Return one row per piece of 5G equipment of the plan and of its core.

    Parameters
    ----------
    work : Work
    phases : DataFrame
        From `dated_phases`.

    Returns
    -------
    DataFrame
        ``supply.ELEMENT_COLUMNS``; ``assumed``: no one said who makes it; ``value_low,
        value_typical, value_high``.
    """
    from cellwright import supply

    rows = _site_rows(work, phases)
    makers = [_maker(work, row) for row in rows]
    access = dict.fromkeys(maker for row, maker in zip(rows, makers, strict=True) if _radio(row))
    core = _core_rows(work, tuple(access) or (("", True),))
    table = supply.plan_elements(pd.DataFrame([*rows, *core]))
    makers += [row.get("made", None) or _maker(work, row) for row in core]
    return table.assign(
        maker=[maker for maker, _ in makers],
        assumed=[assumed for _, assumed in makers],
        value_low=[row["value_low"] for row in [*rows, *core]],
        value_typical=table["value"],
        value_high=[row["value_high"] for row in [*rows, *core]],
    )


def _radio(row: dict[str, Any]) -> bool:
    from cellwright.supply.codes import DOMAINS

    return row["function"] in DOMAINS["access"]


def _maker(work: Work, row: dict[str, Any]) -> tuple[str, bool]:
    from cellwright.supply.vendors import maker_of

    listed = str(work.catalogue["vendor"].get(row["item"], "generic"))
    if listed != "generic":
        return listed, False
    return maker_of(row["function"], work.settings.supply.vendors)


def _site_rows(work: Work, phases: pd.DataFrame) -> list[dict[str, Any]]:
    bill, cells = work.get("rollout", "bill_of_materials"), work.cells_on("nr")
    bill = bill.assign(role=bill["item"].map(work.catalogue["role"]).fillna(""))
    bill = bill[(bill["role"] != "") & ~bill["yearly"].astype(bool)]
    served = served_by_cell(work)
    due = {
        name: (row["phase"], row["due"])
        for row in phases.to_dict("records") for name in row["sites"]
    }  # fmt: skip
    mine, by_site = dict(list(bill.groupby("site_id"))), dict(list(cells.groupby("site_id")))
    rows: list[dict[str, Any]] = []
    for site in work.sites.itertuples():
        phase, day = due.get(site.site_id, (0, pd.NaT))
        place = {
            "site_id": site.site_id, "area": "", "technologies": "5G", "tags": site.kind,
            "phase": phase, "installed": day, "x": site.geometry.x, "y": site.geometry.y,
        }  # fmt: skip
        own = by_site.get(site.site_id, cells.iloc[:0])["cell_id"]
        for line in mine.get(site.site_id, bill.iloc[:0]).to_dict("records"):
            rows += _equipment(_words(line), place, served.loc[own], work.settings.supply.split)
    return rows


def _equipment(
    line: dict[str, Any], place: dict[str, Any], served: pd.DataFrame, split: str
) -> list[dict[str, Any]]:
    """Return the elements of one line of a site's bill: one per cell, or one for the site."""
    role, pieces = line["role"], max(1, len(served)) if line["role"] == "RU" else 1
    prices = [line[f"amount_{level}_usd"] / pieces for level in _PRICED]
    value = dict(zip(VALUES, prices, strict=True))
    if role == "RU":
        each = served.assign(element_id=served.index).to_dict("records")
        return [
            {**place, **_words(one), **value, "item": line["item"], "function": role,
             "sectors": 1.0}
            for one in each
        ]  # fmt: skip
    function = "DU" if role == "gNB" and split == "cu" else role
    return [
        {**place, **_words(served.sum().to_dict()), **value, "item": line["item"],
         "element_id": f"{place['site_id']}/{line['item']}", "function": function,
         "sectors": float(len(served))}
    ]  # fmt: skip


def _words(record: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in record.items()}


def _core_rows(work: Work, access: tuple[tuple[str, bool], ...]) -> list[dict[str, Any]]:
    """Return core, aggregation and management: they serve everyone, and are there from the start.

    Each maker of radio equipment brings its own element management, unless the user says who
    manages.
    """
    everyone = _words(served_by_cell(work).sum().to_dict())
    middle = work.area.boundary.centroid
    split = _SPLIT if work.settings.supply.split == "cu" else ()
    from cellwright.network import prices_of

    item = prices_of(work.catalogue, CORE_ITEM)
    price = {
        name: float(item[f"price_{level}"]) / len(CORE_FUNCTIONS)
        for name, level in zip(VALUES, _PRICED, strict=True)
    }
    free = dict.fromkeys(VALUES, 0.0)
    place = {
        "site_id": CORE, "area": "", "tags": CORE, "technologies": "5G", "phase": 0,
        "installed": pd.Timestamp(work.settings.supply.start), "sectors": 0.0,
        "x": middle.x, "y": middle.y,
    }  # fmt: skip
    rows: list[dict[str, Any]] = [
        {**place, **everyone, "element_id": f"{CORE}/{name}", "function": name,
         "item": CORE_ITEM if name in CORE_FUNCTIONS else "",
         **(price if name in CORE_FUNCTIONS else free)}
        for name in (*CORE_FUNCTIONS, *split, "transport")
    ]  # fmt: skip
    given = work.settings.supply.vendors
    systems = access if not {"EMS", "management"} & set(given) else (None,)
    for number, made in enumerate(systems, start=1):
        rows.append({**place, **everyone, **free, "element_id": f"{CORE}/EMS-{number}",
                     "item": "", "function": "EMS", "made": made})  # fmt: skip
    return rows
