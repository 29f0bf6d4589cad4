"""What a phone hears: best server, quality and probability of coverage at every receiver.

TS 38.215 clause 5.1 (SS-RSRP, SS-RSRQ, SS-SINR), TS 36.214 clause 5.1 (RSRP, RSRQ, RS-SINR).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress
from cellwright.coverage.blocks import in_blocks
from cellwright.coverage.power import SPREAD_DB
from cellwright.coverage.quality import probability_kernel, signal_kernel
from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.units import dbm_to_w

#: A phone finds a cell down to this level over its own noise [dB] (TS 38.133 side condition
#: SSB Es/Iot >= -6 dB; TS 36.133 the same for LTE).
FINDABLE_DB = -6.0
#: Share of a cell's reference elements hit by another cell's reference signal. NR: every cell
#: sends its SSB on the same elements. LTE: the signals of one neighbour in three fall on the same
#: subcarriers (PCI modulo 3, TS 36.211 6.10.1.2), the others' meet its data.
COLLISION = {"nr": 1.0, "lte": 1.0 / 3.0}
#: Share of reference elements in the symbols RSSI is taken from. NR: slots of the measurement
#: window carry two SSBs in 8 of 14 symbols (TS 38.213 4.1). LTE: 4 of 12 subcarriers of a symbol
#: hold the signals of two ports (TS 36.214 5.1.3, TS 36.211 6.10.1.2).
REFERENCE_SHARE = {"nr": 8.0 / 14.0, "lte": 4.0 / 12.0}
#: Receivers one thread works on at a time.
BLOCK = 8192


def assumptions() -> list[tuple[str, str, str]]:
    """Return ``(name, value, reason)`` of what coverage assumes, for the report.

    Examples
    --------
    >>> [name for name, _, _ in assumptions()][0]
    'traffic beam out of sight'
    """
    return [
        (
            "traffic beam out of sight",
            f"{SPREAD_DB:g} dB",
            "assumption: scattering makes a user wider than the beam (TR 38.901 Table 7.5-6)",
        ),
        (
            "a neighbour's beams",
            "mean over the sphere 0 dB",
            "a lossless antenna averaged over its beams; the envelope is lowered to it",
        ),
        ("weakest cell found", f"{FINDABLE_DB:g} dB over noise", "TS 38.133, TS 36.133 Es/Iot"),
        (
            "LTE reference signals that collide",
            "1 in 3",
            "PCI modulo 3, TS 36.211 6.10.1.2; PCIs are not looked at",
        ),
        ("SSBs that collide", "all", "same raster position and timing in every NR cell"),
        ("shadowing of sites", "independent", "only where any site may serve"),
        (
            "SINR and speed",
            "at median levels",
            "shadowing enters the probability of coverage, not interference and speed",
        ),
    ]


def cell_loads(load: ArrayLike | None, carrier: Carrier, count: int) -> NDArray[np.float64]:
    """Return the load of each of ``count`` cells; None is the carrier's design load."""
    given = np.asarray(carrier.load if load is None else load, dtype=np.float64)
    if given.ndim > 1 or (given.ndim == 1 and given.size != count):
        raise InputError(f"load has shape {given.shape}; it must be one number or {count} of them.")
    if np.isnan(given).any() or (given < 0.0).any() or (given > 1.0).any():
        raise InputError("load must lie between 0 (idle) and 1 (full).")
    return np.broadcast_to(given, (count,)).copy()


def _result(count: int) -> dict[str, NDArray[Any]]:
    levels = ("rsrp_dbm", "sinr_db", "traffic_sinr_db", "rsrq_db")
    return {
        "server": np.empty(count, np.int32),
        **{name: np.empty(count, np.float32) for name in levels},
        "servers_within_5_db": np.empty(count, np.int16),
        "coverage_probability": np.empty(count, np.float32),
    }


def signal(
    received: xr.Dataset,
    carrier: Carrier,
    load: ArrayLike | None = None,
    target_dbm: ArrayLike | None = None,
    *,
    servers: Literal["best", "any"] = "best",
    progress: Progress | None = None,
) -> xr.Dataset:
    """Best server, levels, quality and probability of coverage at every receiver.

    Parameters
    ----------
    received : Dataset
        From :func:`received`, with both beam sets.
    carrier : Carrier
        Gives noise and, where not given here, load and target.
    load : float or array of float [cell], optional
        Share of resource elements in use, 0 to 1; default the carrier's design load.
    target_dbm : float or array of float [receiver], optional
        RSRP to reach; default the carrier's.
    servers : {"best", "any"}
        Whose RSRP must reach the target: the best server's, or that of any site, each through its
        best cell and with shadowing of its own: 1 - prod(1 - p).
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dim ``receiver``: ``server`` (int32: row in ``cell``, -1 where even the best is more than
        6 dB below the phone's noise), ``rsrp_dbm``, ``rsrq_db``, ``sinr_db`` (SS-SINR or
        RS-SINR), ``traffic_sinr_db`` (through traffic beams, neighbours at their load; all
        float32, NaN where no cell reaches), ``servers_within_5_db`` (int16, the server
        included), ``coverage_probability`` (0 to 1).

    Raises
    ------
    InputError
        A load outside 0 to 1 or of the wrong length; a beam set that is missing.

    Notes
    -----
    Interference is summed in milliwatts per resource element. A neighbour's traffic beam points at
    its own users: a bystander gets its level averaged over the beams, ``apart_db`` below the
    envelope. The own beam loses ``spread_db`` out of sight. RSRQ = N x RSRP / RSSI;
    both are taken over the same resource blocks, so N cancels.
    """
    missing = [name for name in ("rsrp_dbm", "traffic_dbm") if name not in received]
    if missing:
        raise InputError(f"received lacks {', '.join(missing)}: ask for both beam sets.")
    rsrp, traffic = received["rsrp_dbm"].to_numpy(), received["traffic_dbm"].to_numpy()
    cells, count = rsrp.shape
    loads = cell_loads(load, carrier, cells)
    apart = 10.0 ** (received["apart_db"].to_numpy().astype(float) / 10.0)
    spread = 10.0 ** (received["spread_db"].to_numpy().astype(float) / 10.0)
    noise_dbm = carrier.noise_dbm_per_re
    noise_mw = float(dbm_to_w(noise_dbm)) * 1000.0
    floor_dbm = noise_dbm + FINDABLE_DB
    target = _targets(carrier.target_dbm if target_dbm is None else target_dbm, count)
    out = _result(count)
    site, sight, sigma, place = (
        received[name].to_numpy() for name in ("site_of_cell", "sight", "sigma_db", "place")
    )

    def fill(start: int, stop: int) -> None:
        signal_kernel(
            rsrp, traffic, loads, apart, spread, site, sight, noise_mw, COLLISION[carrier.rat],
            REFERENCE_SHARE[carrier.rat], floor_dbm, start, stop, out["server"], out["rsrp_dbm"],
            out["sinr_db"], out["traffic_sinr_db"], out["rsrq_db"], out["servers_within_5_db"],
        )  # fmt: skip
        probability_kernel(
            rsrp, out["server"], site, sight, sigma, place, target, servers == "any", start, stop,
            out["coverage_probability"],
        )  # fmt: skip

    in_blocks(fill, count, BLOCK, progress)
    out["server"][~(out["rsrp_dbm"] >= floor_dbm)] = -1
    return _dataset(out, received, servers)


def _targets(target_dbm: ArrayLike, count: int) -> NDArray[np.float64]:
    """Return the target of each receiver."""
    given = np.asarray(target_dbm, dtype=np.float64)
    if given.shape not in ((), (count,)) or not np.isfinite(given).all():
        raise InputError(f"target_dbm must be one finite level or {count} of them.")
    return np.broadcast_to(given, (count,)).copy()


def _dataset(out: dict[str, NDArray[Any]], received: xr.Dataset, servers: str) -> xr.Dataset:
    units = {"_dbm": "dBm", "_db": "dB"}
    variables = {}
    for name, values in out.items():
        unit = next((u for end, u in units.items() if name.endswith(end)), "")
        variables[name] = ("receiver", values, {"units": unit} if unit else {})
    variables["servers_within_5_db"][2]["units"] = "cells"
    return xr.Dataset(
        variables,
        coords={"cell": received["cell"]},
        attrs={**received.attrs, "servers": servers},
    )
