"""Security of the plan by clause: its links, the core's settings, and what protection costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cellwright.errors import Faults
from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd

#: Neighbours of a site that Xn is taken to run to.
NEAREST = 3
#: Findings named in sentences; the tables hold all.
_NAMED = 5


def neighbours(sites: pd.DataFrame) -> set[tuple[str, str]]:
    """Return pairs of sites: each with the three nearest to it (assumed to have Xn)."""
    import numpy as np
    from scipy.spatial import KDTree

    if len(sites) < 2:
        return set()
    place = np.column_stack([sites.geometry.x, sites.geometry.y])
    _, near = KDTree(place).query(place, k=min(NEAREST + 1, len(sites)))
    names = sites["site_id"].astype(str).to_numpy()
    return {
        (min(names[i], names[j]), max(names[i], names[j]))
        for i, row in enumerate(near) for j in row if i != j
    }  # fmt: skip


def security_answer(
    work: Work, case: SupplyCase, configs: Sequence[Path] = (), emergency_duty: bool = False
) -> SupplyAnswer:
    """Check the plan's links and the core's settings against TS 33.501.

    Parameters
    ----------
    work : Work
        Sites of the plan, and the files that ``[supply]`` names.
    case : SupplyCase
    configs : sequence of Path
        Configurations besides those of ``[supply] configs``.
    emergency_duty : bool
        Unauthenticated emergency calls are a duty here, so that NIA0 is no finding.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    import pandas as pd

    from cellwright import supply
    from cellwright.supply import security

    faults, files = Faults(), work.supply_files
    stated = supply.read_links(files["links"], faults) if "links" in files else None
    paths = [path for name, path in files.items() if name.startswith("configs")]
    settings = security.read_configs([*paths, *configs], faults) if paths or configs else None
    faults.raise_errors()
    links, nodes = security.plan_links(
        case.elements, work.sites, split=work.settings.supply.split,
        neighbours=neighbours(work.sites), stated=stated,
    )  # fmt: skip
    found = security.evaluate(links, nodes, settings, emergency_duty=emergency_duty)
    groups = security.grouped(found)
    radio = case.elements[case.elements["function"] == "RU"]
    needed = security.backhaul(links, radio.groupby("site_id")["traffic"].sum())
    assumed = [
        case.assumptions, pd.DataFrame(needed.attrs["assumptions"]),
        _assumed(stated, paths, configs),
    ]  # fmt: skip
    return SupplyAnswer(
        "security", _sentences(groups, found, needed),
        {"checks": groups, "findings": found, "backhaul": needed, "links": links},
        pd.concat(assumed, ignore_index=True),
        {"checks": ("check_id", "severity", "status", "count", "people", "clause")},
        str(found.attrs["note"]),
    )  # fmt: skip


def _assumed(
    stated: pd.DataFrame | None, paths: Sequence[Path], given: Sequence[Path]
) -> pd.DataFrame:
    import pandas as pd

    rows = [("Xn runs to the nearest sites", str(NEAREST), "sites", "own", "assumed")]
    if stated is None:
        rows.append(("protection of links", "not stated", "", "[supply] links", "assumed"))
    if not paths and not given:
        rows.append(("settings of the core", "not given", "", "[supply] configs", "assumed"))
    return pd.DataFrame(rows, columns=["assumption", "value", "unit", "source", "evidence"])


def _sentences(groups: pd.DataFrame, found: pd.DataFrame, needed: pd.DataFrame) -> tuple[str, ...]:
    said = [
        f"{row['check_id']} ({row['severity']}, {row['status']}): {row['finding']}; "
        f"{row['count']:,} times, {row['people']:,.0f} people [{row['clause']}]."
        for row in groups.head(_NAMED).to_dict("records")
    ]
    if len(groups) > _NAMED:
        said.append(f"and {len(groups) - _NAMED} more kinds of finding.")
    left = found.attrs.get("not_checked", [])
    if left:
        said.append(f"Not looked at for want of input: {', '.join(left)}.")
    if len(needed):
        plain, cipher = (needed[f"{kind}_mbps_typical"].sum() for kind in ("plain", "ipsec"))
        up = int((needed["steps_up"] != "no").sum())
        said.append(
            f"IPsec on the user plane turns {plain:,.0f} Mbit/s of backhaul into {cipher:,.0f} in "
            f"the busy hour; {up} of {len(needed)} links would need a larger port."
        )
    return tuple(said) or ("No finding.",)
