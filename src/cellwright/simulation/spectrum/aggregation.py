"""Carrier aggregation: which carriers a phone may join, and what they give together.

3GPP TS 38.300 clause 6.7 and TS 36.300 clause 7.5: a primary cell for control and uplink, secondary
cells beside it. Which bands go together is for the caller to say (TS 38.101-1 clause 5.5A lists
them); a permitted set permits all its parts (fallback combinations).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import Faults, did_you_mean

Floats = NDArray[np.float64]
Primary = Literal["order", "strongest", "fastest"]
_RATES = ("dl_mbps", "ul_mbps", "dl_peak_mbps", "ul_peak_mbps")


def carrier_aggregation(
    carriers: Mapping[str, xr.Dataset],
    permitted: Sequence[Collection[str]] | None = None,
    *,
    primary: Primary = "order",
    most_carriers: int = 5,
    most_uplink: int = 1,
    secondary_sinr_db: float = -6.0,
) -> xr.Dataset:
    """Add the carriers of every user.

    Parameters
    ----------
    carriers : mapping of str to Dataset
        By carrier name: results of ``simulation.throughput`` on the same receivers, each with its
        own SINR and load. In order of preference as primary.
    permitted : sequence of collections of str, optional
        Sets of carriers that go together; without it all do. One carrier alone always may.
    primary : {"order", "strongest", "fastest"}
        Which carrier, of those that serve both ways, becomes primary: the first, that of the best
        SINR, or of the best rate.
    most_carriers, most_uplink : int
        Carriers a phone can receive and send on; with one uplink carrier it is the primary's.
    secondary_sinr_db : float
        A secondary carrier is added from this downlink SINR on [dB].

    Returns
    -------
    Dataset
        Dims ``carrier``, ``receiver``: ``dl_mbps, ul_mbps, dl_peak_mbps, ul_peak_mbps``,
        ``primary`` (int8, number of the carrier, -1 where none serves), ``used`` and
        ``used_uplink`` (bool [carrier, receiver]), ``carriers_used``.

    Raises
    ------
    InputError
        No carriers, receivers that do not match, sets with unknown names, counts below 1.

    Notes
    -----
    Of all permitted sets that hold the primary the one with the highest downlink rate is taken;
    the rates of a carrier are those under its own load, so that they add.

    Examples
    --------
    >>> def flat(mbps):
    ...     names = ("dl_mbps", "ul_mbps", "dl_peak_mbps", "ul_peak_mbps", "dl_sinr_db")
    ...     return xr.Dataset({name: ("receiver", [mbps, mbps]) for name in names})
    >>> both = carrier_aggregation({"b3": flat(10.0), "n78": flat(90.0)})
    >>> both["dl_mbps"].values.tolist(), both["ul_mbps"].values.tolist()
    ([100.0, 100.0], [10.0, 10.0])
    """
    names = list(carriers)
    sets = _permitted(carriers, permitted, most_carriers, most_uplink, primary)
    values = {
        name: np.stack([carriers[each][name].to_numpy() for each in names]).astype(np.float64)
        for name in (*_RATES, "dl_sinr_db")
    }
    sinr = np.nan_to_num(values["dl_sinr_db"], nan=-np.inf)
    serves = values["dl_peak_mbps"] > 0.0
    chief = _primary(serves & (values["ul_peak_mbps"] > 0.0), sinr, values["dl_mbps"], primary)
    number = np.arange(len(names))[:, None]
    joins = (serves & (sinr >= secondary_sinr_db)) | (number == chief)
    used = _best_set(sets, joins, chief, values["dl_mbps"], most_carriers)
    sends = _uplinks(used, chief, values["ul_mbps"], most_uplink)
    result: dict[str, Any] = {
        name: ("receiver", (values[name] * (sends if name[0] == "u" else used)).sum(axis=0))
        for name in _RATES
    }
    return xr.Dataset(
        {
            **result,
            "primary": ("receiver", chief.astype(np.int8)),
            "used": (("carrier", "receiver"), used),
            "used_uplink": (("carrier", "receiver"), sends),
            "carriers_used": ("receiver", used.sum(axis=0).astype(np.int8)),
        },
        coords={"carrier": names},
    )


def _permitted(
    carriers: Mapping[str, xr.Dataset], permitted: Sequence[Collection[str]] | None,
    most: int, most_uplink: int, primary: str,
) -> list[tuple[int, ...]]:  # fmt: skip
    """All sets a phone may use, as numbers of carriers; every fault at once."""
    names, faults = list(carriers), Faults()
    if not 1 <= len(names) <= 12:
        faults.error("aggregation.carriers", f"{len(names)} carriers; 1 to 12 are allowed.")
    if min(most, most_uplink) < 1:
        faults.error("aggregation.most", f"most_carriers {most}, most_uplink {most_uplink}: >= 1.")
    if primary not in ("order", "strongest", "fastest"):
        faults.error("aggregation.primary", f'primary is "{primary}"; order, strongest, fastest.')
    if len({data.sizes["receiver"] for data in carriers.values()}) > 1:
        sizes = {name: data.sizes["receiver"] for name, data in carriers.items()}
        faults.error("aggregation.receivers", f"Receivers differ between carriers: {sizes}.")
    for name, data in carriers.items():
        missing = [v for v in (*_RATES, "dl_sinr_db") if v not in data]
        if missing:
            faults.error("aggregation.columns", f'Carrier "{name}" lacks {", ".join(missing)}.')
    for group in permitted or ():
        for name in set(group) - set(names):
            hint = did_you_mean(name, names)
            faults.error(
                "aggregation.permitted", f'Set {sorted(group)}: no carrier "{name}".', hint
            )
    faults.raise_errors()
    whole = [set(names)] if permitted is None else [set(group) for group in permitted]
    numbers = range(len(names))
    return [
        chosen
        for size in range(1, min(most, len(names)) + 1)
        for chosen in combinations(numbers, size)
        if size == 1 or any({names[n] for n in chosen} <= group for group in whole)
    ]


def _primary(able: NDArray[np.bool_], sinr: Floats, rate: Floats, rule: str) -> NDArray[np.int64]:
    """Number of the primary carrier, -1 where none serves both ways."""
    order = -np.arange(able.shape[0], dtype=np.float64)[:, None] + np.zeros(able.shape)
    merit = np.where(able, {"order": order, "strongest": sinr, "fastest": rate}[rule], -np.inf)
    return np.where(able.any(axis=0), np.argmax(merit, axis=0), -1)


def _best_set(
    sets: list[tuple[int, ...]], joins: NDArray[np.bool_], chief: NDArray[np.int64],
    rate: Floats, most: int,
) -> NDArray[np.bool_]:  # fmt: skip
    """Carriers used [carrier, receiver]: the permitted set around the primary that gives most."""
    best = np.full(chief.size, -np.inf)
    used = np.zeros(joins.shape, np.bool_)
    for chosen in sets:
        members = np.zeros(joins.shape[0], np.bool_)
        members[list(chosen)] = True
        mine = joins & members[:, None]
        total = (rate * mine).sum(axis=0)
        better = (members[np.maximum(chief, 0)] & (chief >= 0)) & (total > best)
        best[better] = total[better]
        used[:, better] = mine[:, better]
    return used


def _uplinks(
    used: NDArray[np.bool_], chief: NDArray[np.int64], rate: Floats, most: int
) -> NDArray[np.bool_]:
    """Carriers sent on: the primary, and beside it those with the best uplink."""
    number = np.arange(used.shape[0])[:, None]
    merit = np.where(used, rate, -1.0)
    merit = np.where(number == chief, np.inf, merit)
    rank = np.argsort(np.argsort(-merit, axis=0, kind="stable"), axis=0)
    return np.asarray(used & (rank < most))
