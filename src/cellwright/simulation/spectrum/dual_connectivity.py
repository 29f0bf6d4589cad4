"""NR with LTE as anchor (EN-DC, option 3x) and NR alone: who gets what where.

3GPP TS 37.340 clause 4.1.2 (EN-DC: the LTE base station holds the control plane), TS 38.213 clause
7.6.1 (one phone's power for two uplinks).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError

Floats = NDArray[np.float64]
Sharing = Literal["dynamic", "semi-static", "time-division"]
#: What a place can have; values of ``service``.
SERVICES = ("none", "lte-only", "nsa-only", "sa-only", "both")


def non_standalone(
    lte: xr.Dataset,
    nr: xr.Dataset,
    *,
    min_dl_mbps: float = 0.0,
    min_ul_mbps: float = 0.0,
    nr_control_snr_db: float = -15.0,
    bearer: Literal["split", "nr"] = "split",
    uplink: Literal["lte", "nr", "split"] = "nr",
    nr_backoff_db: ArrayLike = 0.0,
    nr_ul_rate_of: Callable[[Floats], ArrayLike] | None = None,
) -> xr.Dataset:
    """Put NR beside its LTE anchor, and compare with NR that stands alone.

    Parameters
    ----------
    lte, nr : Dataset
        Results of ``simulation.throughput`` on the same receivers.
    min_dl_mbps, min_ul_mbps : float
        A carrier works both ways where its peak rates exceed these [Mbit/s].
    nr_control_snr_db : float
        With an anchor, NR needs only its uplink control: SNR over the whole carrier from which on
        that gets through [dB] (assumption: control in one block of some tens).
    bearer : {"split", "nr"}
        Downlink: over both legs at once, or over NR alone where there is NR.
    uplink : {"lte", "nr", "split"}
        Data over the anchor, over NR where NR works both ways, or over both at once.
    nr_backoff_db : float or array [receiver]
        NR's uplink power given up to the anchor [dB], see :func:`share_power`; infinite where NR
        is dropped, which then has no NR at all: its downlink needs acknowledging.
    nr_ul_rate_of : callable, optional
        NR uplink SNR [dB] -> peak rate [Mbit/s]; needed if there is a backoff.

    Returns
    -------
    Dataset
        Dim ``receiver``: ``nsa_dl_mbps, nsa_ul_mbps, sa_dl_mbps, sa_ul_mbps`` (0 where there is no
        service), ``nsa_nr`` and ``sa_nr`` (bool: gets NR), ``service`` (int8, see ``SERVICES``).

    Raises
    ------
    InputError
        Receivers that do not match, a backoff below 0, or one without a rate function.

    Examples
    --------
    >>> def rows(dl, ul, snr):
    ...     return xr.Dataset({**{n: ("receiver", dl) for n in ("dl_mbps", "dl_peak_mbps")},
    ...                        **{n: ("receiver", ul) for n in ("ul_mbps", "ul_peak_mbps")},
    ...                        "ul_sinr_db": ("receiver", snr)})
    >>> lte = rows([20.0, 20.0, 0.0], [5.0, 5.0, 0.0], [9.0, 9.0, -99.0])
    >>> nr = rows([90.0, 30.0, 60.0], [9.0, 0.0, 9.0], [5.0, -14.0, 5.0])
    >>> got = non_standalone(lte, nr)
    >>> got["nsa_dl_mbps"].values.tolist(), [SERVICES[n] for n in got["service"].values]
    ([110.0, 50.0, 0.0], ['both', 'nsa-only', 'sa-only'])
    """
    backoff = _checked(lte, nr, bearer, uplink, nr_backoff_db, nr_ul_rate_of)
    old = {name: lte[name].to_numpy().astype(np.float64) for name in _NAMES}
    new = {name: nr[name].to_numpy().astype(np.float64) for name in _NAMES}
    snr = np.nan_to_num(new["ul_sinr_db"], nan=-np.inf)
    anchor = (old["dl_peak_mbps"] > min_dl_mbps) & (old["ul_peak_mbps"] > min_ul_mbps)
    down = new["dl_peak_mbps"] > min_dl_mbps
    alone = down & (new["ul_peak_mbps"] > min_ul_mbps)
    joined = anchor & down & (snr - backoff >= nr_control_snr_db)
    weaker, peak = _weaker(new, snr, backoff, nr_ul_rate_of)
    sends = joined & (peak > min_ul_mbps)
    up = {
        "lte": old["ul_mbps"],
        "nr": np.where(sends, weaker, old["ul_mbps"]),
        "split": old["ul_mbps"] + np.where(sends, weaker, 0.0),
    }[uplink]
    both_legs = joined if bearer == "split" else np.zeros_like(joined)
    dl = np.where(joined, new["dl_mbps"], 0.0)
    dl += np.where(anchor & (both_legs | ~joined), old["dl_mbps"], 0.0)
    service = np.select([joined & alone, joined, alone, anchor], [4, 2, 3, 1], 0)
    variables: dict[str, Any] = {
        "nsa_dl_mbps": dl,
        "nsa_ul_mbps": np.where(anchor, up, 0.0),
        "sa_dl_mbps": np.where(alone, new["dl_mbps"], 0.0),
        "sa_ul_mbps": np.where(alone, new["ul_mbps"], 0.0),
        "nsa_nr": joined,
        "sa_nr": alone,
        "service": service.astype(np.int8),
    }
    return xr.Dataset({name: ("receiver", values) for name, values in variables.items()})


_NAMES = ("dl_mbps", "ul_mbps", "dl_peak_mbps", "ul_peak_mbps", "ul_sinr_db")


def _checked(
    lte: xr.Dataset, nr: xr.Dataset, bearer: str, uplink: str, nr_backoff_db: ArrayLike,
    nr_ul_rate_of: Callable[[Floats], ArrayLike] | None,
) -> Floats:  # fmt: skip
    """Collect every fault; return the backoff [receiver]."""
    faults, count = Faults(), lte.sizes["receiver"]
    if count != nr.sizes["receiver"]:
        faults.error(
            "endc.receivers",
            f"LTE has {count} receivers and NR {nr.sizes['receiver']}: not one map.",
        )
    for name, data in (("LTE", lte), ("NR", nr)):
        missing = [column for column in _NAMES if column not in data]
        if missing:
            faults.error("endc.columns", f"{name} lacks {', '.join(missing)}.")
    if bearer not in ("split", "nr") or uplink not in ("lte", "nr", "split"):
        faults.error(
            "endc.bearer", f'bearer "{bearer}" is split or nr; uplink "{uplink}" lte, nr or split.'
        )
    backoff = np.asarray(nr_backoff_db, np.float64)
    if backoff.shape not in ((), (count,)) or not (backoff >= 0.0).all():
        faults.error("endc.backoff", f"nr_backoff_db: one value or {count}, at least 0 dB.")
    elif (backoff > 0.0).any() and nr_ul_rate_of is None:
        faults.error("endc.rate", "A backoff needs nr_ul_rate_of to turn it into Mbit/s.")
    faults.raise_errors()
    return np.broadcast_to(backoff, (count,))


def _weaker(
    new: dict[str, Floats], snr: Floats, backoff: Floats,
    nr_ul_rate_of: Callable[[Floats], ArrayLike] | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """NR uplink after the backoff [Mbit/s]: mean, scaled as its peak, and peak."""
    if nr_ul_rate_of is None or not (backoff > 0.0).any():
        return new["ul_mbps"], new["ul_peak_mbps"]
    level = np.maximum(snr, -200.0)
    whole = np.asarray(nr_ul_rate_of(level), np.float64)
    less = np.asarray(nr_ul_rate_of(level - backoff), np.float64)
    kept = np.divide(less, whole, out=np.zeros_like(whole), where=whole > 0.0)
    return new["ul_mbps"] * kept, new["ul_peak_mbps"] * kept


def share_power(
    lte_dbm: ArrayLike,
    nr_dbm: ArrayLike,
    total_dbm: float = 23.0,
    sharing: Sharing = "dynamic",
    *,
    lte_most_dbm: float = 20.0,
    nr_most_dbm: float = 20.0,
    scale_db: float = 6.0,
) -> xr.Dataset:
    """Share one phone's power between its LTE and NR uplinks.

    Parameters
    ----------
    lte_dbm, nr_dbm : array
        Powers that each uplink wants by its own power control [dBm].
    total_dbm : float
        Most power of the phone over both [dBm].
    sharing : {"dynamic", "semi-static", "time-division"}
        NR gives way when both together are too strong, and is dropped if it had to by more than
        ``scale_db``; each has a fixed limit of its own; or they take turns, each with all power.
    lte_most_dbm, nr_most_dbm : float
        Limits of semi-static sharing (p-MaxEUTRA, p-NR-FR1); they must fit the total [dBm].
    scale_db : float
        xScale [dB]: 0 or 6.

    Returns
    -------
    Dataset
        ``lte_dbm``, ``nr_dbm`` (-inf where dropped), ``nr_backoff_db`` (infinite where dropped),
        ``nr_dropped``; in the shape given, dims ``receiver`` if it has one.

    Raises
    ------
    InputError
        Limits that do not fit the total, or a scale 3GPP does not have.

    References
    ----------
    3GPP TS 38.213 clause 7.6.1: LTE keeps its power; NR is reduced, or dropped beyond X_SCALE.

    Examples
    --------
    >>> shared = share_power([20.0, 22.9], [20.0, 23.0])
    >>> shared["nr_dbm"].values.round(2).tolist(), shared["nr_dropped"].values.tolist()
    ([19.98, -inf], [False, True])
    """
    old, new = np.broadcast_arrays(np.asarray(lte_dbm, np.float64), np.asarray(nr_dbm, np.float64))
    if sharing not in ("dynamic", "semi-static", "time-division") or scale_db not in (0.0, 6.0):
        raise InputError(
            f'sharing "{sharing}" with scale_db {scale_db:g}: dynamic, semi-static or '
            "time-division, and 0 or 6 dB."
        )
    budget = 10.0 ** (total_dbm / 10.0)
    if sharing == "semi-static":
        sum_mw = 10.0 ** (lte_most_dbm / 10.0) + 10.0 ** (nr_most_dbm / 10.0)
        if sum_mw > budget * 1.01:
            raise InputError(
                f"Limits of {lte_most_dbm:g} and {nr_most_dbm:g} dBm sum to "
                f"{10.0 * np.log10(sum_mw):.1f} dBm; the phone has {total_dbm:g} dBm."
            )
        kept, given = np.minimum(old, lte_most_dbm), np.minimum(new, nr_most_dbm)
        dropped = np.zeros(new.shape, np.bool_)
    elif sharing == "time-division":
        kept, given = np.minimum(old, total_dbm), np.minimum(new, total_dbm)
        dropped = np.zeros(new.shape, np.bool_)
    else:
        kept, wanted = np.minimum(old, total_dbm), np.minimum(new, total_dbm)
        left = np.maximum(budget - 10.0 ** (kept / 10.0), 0.0)
        with np.errstate(divide="ignore"):
            given = np.minimum(wanted, 10.0 * np.log10(left))
        dropped = wanted - given > scale_db + 1e-9
        given = np.where(dropped, -np.inf, given)
    backoff = new - given
    dims = ("receiver",)[: old.ndim]
    return xr.Dataset(
        {
            "lte_dbm": (dims, kept),
            "nr_dbm": (dims, given),
            "nr_backoff_db": (dims, backoff),
            "nr_dropped": (dims, dropped),
        }
    )
