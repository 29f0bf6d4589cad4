"""The levels of fidelity: each takes a task and gives a simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.compute import Progress
from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.propagation import model
from cellwright.radio import antenna
from cellwright.simulation.comparison import weighted_percentiles
from cellwright.simulation.confidence import over_drops
from cellwright.simulation.drop import Drop
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.map_drops import DropSettings, map_drops
from cellwright.simulation.mobility import (
    Mobility,
    Residual,
    Shadowing,
    coverage_source,
    hexagon_cluster,
    hexagon_source,
    mobility,
    straight_walks,
    street_network,
    street_walks,
)
from cellwright.simulation.scenarios import Scenario
from cellwright.simulation.served import Served
from cellwright.simulation.shares import link_tables
from cellwright.simulation.sharing import Sharing
from cellwright.simulation.slots import SlotResult, plan_of_drop, run
from cellwright.simulation.task import Fidelity, MapNetwork, Simulation, Task
from cellwright.simulation.throughput import throughput

Floats = NDArray[np.float64]
#: Percentiles of the users that are told.
PERCENTILES = (5, 50, 95)


def _figures(by_drop: Sequence[Floats], name: str, unit: str) -> list[tuple[Any, ...]]:
    """Percentiles and the mean of the users of each drop, with their interval over drops."""
    ranked = {
        f"{name}_p{p}": [float(np.percentile(one, p)) for one in by_drop] for p in PERCENTILES
    }
    ranked[f"{name}_mean"] = [float(one.mean()) for one in by_drop]
    return [(key, unit, *over_drops(values)) for key, values in ranked.items()]


def _element_dbm(layer: Carrier, user_gain_dbi: float | None = None) -> float:
    """Power of a resource element with the fixed gains and losses of both ends [dBm]."""
    gain = layer.user_gain_dbi if user_gain_dbi is None else user_gain_dbi
    fixed = gain - layer.user_loss_db - layer.base_loss_db
    return layer.element_power_dbm(layer.power_dbm) + fixed


def equal_shares(
    one: Drop, layer: Carrier, link: LinkSettings | None = None, sharing: Sharing | None = None
) -> pd.DataFrame:
    """Speeds of full-buffer users of a drop that share their cell's time equally.

    Parameters
    ----------
    one : Drop
    layer : Carrier
        Its bandwidth, powers, noise, fixed gains and losses of both ends, and link.
    link, sharing : optional
        Assumptions; of ``sharing`` the fading.

    Returns
    -------
    DataFrame
        ``user, cell, sinr_db, alone_mbps, dl_mbps, sight``; every cell full.
    """
    server = one.serving()
    layer = one.budget(layer)
    level = one.gain_db + np.float32(_element_dbm(layer))
    own = level[server, np.arange(one.users)]
    sight = one.sight[one.cell_site[server], np.arange(one.users)].astype(np.uint8)
    other = np.power(10.0, level / 10.0)
    other[server, np.arange(one.users)] = 0.0
    served = Served(
        np.arange(one.users), server, sight, own, other, own.astype(np.float64),
        np.zeros(one.cells),
    )  # fmt: skip
    sinr = served.sinr_db(np.ones(one.cells), 10.0 ** (layer.noise_dbm_per_re / 10.0))
    table = link_tables(layer, link or LinkSettings(), sharing or Sharing())[0]
    alone = table.rate(sinr, sight)
    crowd = np.bincount(server, minlength=one.cells)
    return pd.DataFrame(
        {
            "user": np.arange(one.users), "cell": server, "sinr_db": sinr, "alone_mbps": alone,
            "dl_mbps": alone / crowd[server], "sight": sight.astype(bool),
        }
    )  # fmt: skip


def scenario_shares(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """A scenario's drops, every user with its expected share."""
    drops = 1 if fidelity == "static" else task.settings.drops
    for number in range(drops):
        if number not in task.known:
            drawn = task.drop(number)
            task.known[number] = equal_shares(drawn, task.carrier, task.link, task.sharing)
            if task.finished is not None:
                task.finished(number, task.known[number])
        if progress is not None:
            progress((number + 1) / drops)
    tables = [task.known[number].assign(drop=number) for number in range(drops)]
    speed = [table["dl_mbps"].to_numpy() for table in tables]
    figures = _figures(speed, "dl_mbps", "Mbit/s")
    figures += _figures([table["sinr_db"].to_numpy() for table in tables], "sinr_db", "dB")
    # a cell without a user carries nothing, and counts
    hertz = task.carrier.bandwidth_mhz * task.drop(0).cells
    whole = [float(one.sum()) / hertz for one in speed]
    figures.append(("cell_spectral_efficiency", "bit/s/Hz", *over_drops(whole)))
    users = pd.concat(tables, ignore_index=True)
    return task.made(fidelity, figures, users, tables)


def map_expected(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """Every receiver of a map at the loads of all."""
    what: MapNetwork = task.what
    made = throughput(
        what.received, what.signal, task.carrier, what.receivers, what.demand, task.link,
        task.sharing, progress=progress,
    )  # fmt: skip
    crowd = made["users_here"].to_numpy().astype(float)
    here = np.flatnonzero((crowd > 0.0) & what.receivers["inside"].to_numpy())
    if not here.size:
        raise InputError("No user stands inside the boundary. Give residents, or a boundary.")
    speed = made["dl_mbps"].to_numpy()[here].astype(float)
    ranks = weighted_percentiles(speed, crowd[here], PERCENTILES)
    figures: list[tuple[Any, ...]] = [
        (f"dl_mbps_p{p}", "Mbit/s", *[value] * 3)
        for p, value in zip(PERCENTILES, ranks, strict=True)
    ]
    mean = float(np.average(speed, weights=crowd[here]))
    figures.append(("dl_mbps_mean", "Mbit/s", mean, mean, mean))
    load = float(made["load"].mean())
    figures.append(("cell_load_mean", "", load, load, load))
    users = pd.DataFrame(
        {
            "drop": 0, "user": here, "cell": what.signal["server"].to_numpy()[here],
            "dl_mbps": speed, "ul_mbps": made["ul_mbps"].to_numpy()[here], "people": crowd[here],
        }
    )  # fmt: skip
    return task.made(fidelity, figures, users, made)


def map_shares(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """Users and shadows drawn on a map, loads solved for in every drop."""
    what, settings = task.what, task.settings
    how = DropSettings(drops=settings.drops, users=settings.users, seed=settings.seed)
    made = map_drops(
        what.received, task.carrier, what.receivers, what.demand, task.link, task.sharing, how,
        done=task.known, finished=task.finished, progress=progress,
    )  # fmt: skip
    names = {"dl_mbps": "Mbit/s", "ul_mbps": "Mbit/s"}
    figures = [
        row for name, unit in names.items()
        for row in _figures(list(made[name].to_numpy().astype(float)), name, unit)
    ]  # fmt: skip
    figures.append(("cell_load_mean", "", *over_drops(made["load"].mean("cell").to_numpy())))
    columns = ["receiver", "server", "dl_mbps", "ul_mbps", "inside"]
    users = made[columns].to_dataframe().reset_index().rename(columns={"server": "cell"})
    return task.made(fidelity, figures, users, made)


def slot_loop(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """The slot loop over drops."""
    settings = task.settings

    def plan(number: int) -> Any:
        return plan_of_drop(
            task.drop(number), task.carrier, settings.traffic, direction=settings.direction,
            settings=task.slots, link=task.link,
        )  # fmt: skip

    results: list[SlotResult] = []
    for number, result in run(
        plan, settings.drops, settings.seed, seconds=settings.seconds, warmup_s=settings.warmup_s,
        done=task.known,
    ):  # fmt: skip
        results.append(result)
        if task.finished is not None and number not in task.known:
            task.finished(number, result)
        if progress is not None:
            progress((number + 1) / settings.drops)
    figures = _figures([one.user_mbps for one in results], "mbps", "Mbit/s")
    told: dict[str, tuple[str, Callable[[SlotResult], float]]] = {
        "cell_spectral_efficiency": ("bit/s/Hz", lambda r: float(r.spectral_efficiency.mean())),
        "cell_load_mean": ("", lambda r: float(r.cell_load.mean())),
        "users_out_of_range": ("", lambda r: float(r.out_of_range.mean())),
        "first_block_error": ("", lambda r: r.block_error),
        "latency_p50": ("ms", lambda r: r.delay_ms(50.0)),
        "latency_p99": ("ms", lambda r: r.delay_ms(99.0)),
        "energy": ("J/Mbit", lambda r: r.energy_j_per_bit() * 1e6),
    }
    if not any(one.delivered.any() for one in results):  # full buffers have no packets to be late
        told = {name: both for name, both in told.items() if not name.startswith("latency")}
    if not any(one.batch_bits.any() for one in results):  # and without bits none has an energy
        del told["energy"]
    for name, (unit, value) in told.items():
        figures.append((name, unit, *over_drops([value(one) for one in results])))
    users = pd.concat(
        [
            pd.DataFrame({"drop": number, "user": np.arange(one.serving.size),
                          "cell": one.serving, "mbps": one.user_mbps,
                          "out_of_range": one.out_of_range})
            for number, one in enumerate(results)
        ],
        ignore_index=True,
    )  # fmt: skip
    return task.made(fidelity, figures, users, results)


def hexagon_walks(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """Straight walks across a hexagonal scenario."""
    what: Scenario = task.what
    if what.layout != "hexagonal":
        raise InputError(
            f'Walks cross hexagonal layouts; "{what.name}" has layout "{what.layout}".'
        )
    cluster = hexagon_cluster(isd_m=what.distance_m)
    walk = straight_walks(
        cluster, task.settings.users, task.settings.seconds, seed=task.settings.seed
    )
    layer = task.carrier
    source = hexagon_source(
        cluster, lambda far: street_level_db(what, far),
        _element_dbm(layer, what.user_gain_dbi or None),
        antenna(layer.antenna_for("tower")), what.azimuth_deg, what.base_height_m - 1.5,
        what.downtilt_deg,
    )  # fmt: skip
    shadow = Shadowing(sigma_db=6.0, correlation_m=50.0, cells_per_site=3)
    residual = Residual(task.carrier.frequency_ghz)
    found = mobility(
        walk, source, task.handover, noise_dbm=task.carrier.noise_dbm_per_re, shadowing=shadow,
        residual=residual, seed=task.settings.seed, progress=progress,
    )  # fmt: skip
    return task.made(fidelity, _walked(found), found.per_user(), found)


def street_level_db(scenario: Scenario, far_m: Floats) -> Floats:
    """Median loss out of sight [dB] of TR 38.901's macro or micro cell to a phone in the street."""
    entry = model("umi" if scenario.model.startswith("umi") else "uma")
    far = np.maximum(far_m, 10.0)
    return entry.loss_db(far, scenario.frequency_ghz, scenario.base_height_m, 1.5, False)


def map_walks(task: Task, fidelity: Fidelity, progress: Progress | None) -> Simulation:
    """Walks and drives along the streets of a map."""
    what: MapNetwork = task.what
    if what.streets is None or not len(what.streets):
        raise InputError("Users walk along streets, and the network has none. Give streets.")
    walk = street_walks(
        street_network(what.streets), task.settings.users, task.settings.seconds,
        seed=task.settings.seed,
    )  # fmt: skip
    source = coverage_source(what.received, what.receivers, walk)
    found = mobility(
        walk, source, task.handover, noise_dbm=task.carrier.noise_dbm_per_re,
        residual=Residual(task.carrier.frequency_ghz), seed=task.settings.seed, progress=progress,
    )  # fmt: skip
    return task.made(fidelity, _walked(found), found.per_user(), found)


def _walked(found: Mobility) -> list[tuple[Any, ...]]:
    """Rates of handovers and failures with their intervals."""
    told = found.summary()
    return [
        (row["figure"], row["unit"], row["value"], row["low"], row["high"])
        for row in told.reset_index().to_dict("records")
    ]  # fmt: skip
