"""Whose equipment could read, follow or cut off whom, with the radio map run again without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress
from cellwright.errors import InputError, did_you_mean
from cellwright.project.supply.answers import NOTE, SupplyAnswer
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.elements import indoor_targets
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from cellwright.supply import Exposure, Protection, Radio

_ABLE = {
    "content": "read user traffic in the clear",
    "identity_control": "follow identities or change control",
    "availability": "cut service off",
}
_SHOWN = ("party", "ability", "protected", "people", "people_share", "traffic_share", "sites")


def radio_of(
    work: Work, received: xr.Dataset | None = None, progress: Progress | None = None
) -> Radio:
    """Return what every receiver gets on 5G, for coverage to be found again without some cells.

    Parameters
    ----------
    work : Work
    received : Dataset, optional
        From the coverage room, where it is at hand; else it is made.
    progress : callable, optional
        Told the share done.
    """
    from cellwright.project.steps.signal import radio
    from cellwright.supply import Radio

    if received is None:
        received = radio(work, "nr", progress)["received"]
    return Radio(
        received, work.receivers, work.carriers["nr"],
        indoor_targets(work), work.settings.coverage.probability,
        signal=work.get("coverage", "nr"),
    )  # fmt: skip


def protection_of(work: Work, configs: Sequence[Path] = ()) -> Protection:
    """Return what ciphers the links, as the project's links and configurations say.

    A kind of interface counts as protected where every row the user wrote of it says so; what
    nobody says keeps its assumed default.
    """
    from cellwright import supply
    from cellwright.supply import security

    files, given = work.supply_files, dict[str, bool]()
    if "links" in files:
        links = supply.read_links(files["links"])
        for interface, field in (("N3", "ipsec_n3"), ("N2", "ipsec_n2"), ("F1", "ipsec_f1")):
            mine = links[links["interface"].str.startswith(interface)]
            if len(mine):
                given[field] = bool((mine["protection"].str.lower() == "ipsec").all())
    paths = [*(path for name, path in files.items() if name.startswith("configs")), *configs]
    if paths:
        said = security.read_configs(paths)
        orders = said.loc[said["setting"] == "ciphering_order", "value"].astype(str)
        if len(orders):
            given["ciphering"] = not orders.str.split().str[0].eq("NEA0").any()
    return supply.Protection(**given, given=frozenset(given))


def last_day(case: SupplyCase) -> date:
    """Return the day on which the last phase is complete."""
    due = case.phases["due"].max() if len(case.phases) else None
    return case.start if due is None else due.date()


def makers(case: SupplyCase) -> tuple[str, ...]:
    """Return who makes equipment of the plan, most residents first."""
    known = case.elements[case.elements["maker"] != ""]
    order = known.groupby("maker")["population"].max().sort_values(ascending=False, kind="stable")
    return tuple(str(name) for name in order.index)


def exposure_answer(
    case: SupplyCase,
    radio: Radio | None,
    names: Sequence[str] = (),
    *,
    day: date | None = None,
    protection: Protection | None = None,
) -> SupplyAnswer:
    """Say what equipment of each party could do, and to how many.

    Parameters
    ----------
    case : SupplyCase
    radio : Radio or None
        From `radio_of`; None leaves availability without the coverage that neighbours give.
    names : sequence of str
        Parties, each looked at by itself with its group; default: every maker in the plan.
    day : date, optional
        Default: the day the last phase is complete.
    protection : Protection, optional
        What ciphers the links; default: assumed.

    Returns
    -------
    SupplyAnswer
        Tables ``exposure`` (party, ability, protected, people, traffic and sites with shares, and
        ``people_lost_naive, people_lost`` where service is cut off), ``equipment`` (why), ``sites``
        and ``lost`` (receivers without coverage, for a map).

    Raises
    ------
    InputError
        For a name that no maker in the plan has.
    """
    import pandas as pd

    from cellwright import supply

    known = makers(case)
    for name in names:
        if name not in case.parties and name not in known:
            raise InputError(f'there is no party "{name}". {did_you_mean(name, known)}')
    when = day or last_day(case)
    given = protection or supply.Protection()
    found = {
        name: supply.exposure(
            case.elements, (name,), case.parties, when, protection=given, radio=radio
        )
        for name in names or known
    }
    rows = [row for name, one in found.items() for row in _rows(name, one)]
    equipment = [one.functions.assign(party=name) for name, one in found.items()]
    sites = [one.outage.sites.assign(party=name) for name, one in found.items() if one.outage]
    lost = [_lost(radio, one).assign(party=name) for name, one in found.items() if one.outage]
    table = pd.DataFrame(rows)
    return SupplyAnswer(
        "exposure",
        tuple(line for name, one in found.items() for line in _sentences(name, table, one, when)),
        {
            "exposure": table,
            "equipment": pd.concat(equipment, ignore_index=True),
            **({"sites": pd.concat(sites, ignore_index=True)} if sites else {}),
            **({"lost": pd.concat(lost, ignore_index=True)} if lost else {}),
        },
        pd.concat([case.assumptions, given.table()], ignore_index=True),
        {"exposure": _SHOWN},
        next(iter(found.values())).note if found else NOTE,
    )


def _rows(party: str, found: Exposure) -> list[dict[str, Any]]:
    rows = []
    for (ability, protected), part in found.table.groupby(["ability", "protected"], sort=False):
        mine = part.set_index("measure")
        row = {
            "party": party, "ability": ability, "protected": protected,
            "people": mine.loc["people", "exposed"], "people_share": mine.loc["people", "share"],
            "people_partly": mine.loc["people", "partly"],
            "traffic_share": mine.loc["traffic", "share"], "sites": mine.loc["sites", "exposed"],
        }  # fmt: skip
        if ability == "availability" and found.outage is not None:
            row["people_lost_naive"] = found.outage.people_lost_naive
            row["people_lost"] = found.outage.people_lost
        rows.append(row)
    return rows


#: Squares of a map of lost coverage, at most; the pixel grows until they suffice.
MOST_SQUARES = 20_000


def _lost(radio: Radio | None, found: Exposure) -> pd.DataFrame:
    """Return where coverage is lost: squares with the residents in them.

    Returns
    -------
    DataFrame
        ``x, y`` (middle of a square), ``people``, ``pixel_m`` (edge of the squares).
    """
    import numpy as np
    import pandas as pd

    columns = ["x", "y", "people", "pixel_m"]
    if radio is None or found.outage is None or not found.outage.lost.any():
        return pd.DataFrame(columns=columns)
    here = np.flatnonzero(found.outage.lost)
    receivers, pixel_m = radio.receivers, float(radio.receivers.attrs["pixel_m"])
    x, y = receivers["x_m"].to_numpy()[here], receivers["y_m"].to_numpy()[here]
    while True:
        column, row = ((v - v.min()) // pixel_m for v in (x, y))
        table = pd.DataFrame({"column": column, "row": row, "people": radio.people[here]})
        squares = table.groupby(["column", "row"], sort=False)["people"].sum().reset_index()
        if len(squares) <= MOST_SQUARES:
            break
        pixel_m *= 2.0
    squares["x"] = x.min() + (squares["column"] + 0.5) * pixel_m
    squares["y"] = y.min() + (squares["row"] + 0.5) * pixel_m
    return squares.assign(pixel_m=pixel_m)[columns]


def _sentences(party: str, table: pd.DataFrame, found: Exposure, day: date) -> list[str]:
    mine = table[table["party"] == party].to_dict("records")
    rows = {(row["ability"], row["protected"]): row for row in mine}
    said = [f"{party} ({', '.join(found.parties) or 'no equipment'}) on {day}:"]
    for ability, words in _ABLE.items():
        bare, kept = rows[ability, False], rows[ability, True]
        line = f"  could {words}: {bare['people']:,.0f} people ({bare['people_share']:.0%})"
        if ability != "availability":
            line += f", {kept['people']:,.0f} with the ciphering in use"
        if found.outage is not None and ability == "availability":
            left = found.outage.people_lost
            line += (
                f"; coverage run again without that equipment: {left:,.0f} lose the signal, "
                f"{max(0.0, found.outage.people_lost_naive - left):,.0f} are taken over by others"
            )
        said.append(line + ".")
    return said
