"""What a little more power, tilt or turn of every cell would give: gradients of a whole network.

The static level over all receivers, as a smooth function of the settings of all cells; the
formulas are in :mod:`cellwright.simulation.gradients_engine`, which needs JAX and runs on a GPU
where JAX has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import jax_engine
from cellwright.coverage import cell_loads, mean_gain_db
from cellwright.coverage.power import SPREAD_DB
from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.network import Carrier
from cellwright.radio import Antenna, antenna
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.shares import link_tables
from cellwright.simulation.sharing import Sharing

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Aim = Literal["mean", "log", "percentile", "coverage", "load"]
#: Stands for "not reached" [dB]: an infinite loss has no gradient.
FAR_DB = 300.0


class Knobs(NamedTuple):
    """Settings of all cells, or gradients with respect to them; each [cell].

    Attributes
    ----------
    power_dbm : array
        Total conducted power.
    azimuth_deg : array
        Boresight, clockwise from grid north.
    mechanical_tilt_deg, electrical_tilt_deg : array
        Downtilts. Antennas given as tables have one electrical tilt: its gradient is 0.
    """

    power_dbm: Any
    azimuth_deg: Any
    mechanical_tilt_deg: Any
    electrical_tilt_deg: Any


class Scene(NamedTuple):
    """Static arrays of a network: what does not change when its knobs are turned.

    Attributes
    ----------
    loss_db : float32 [site, receiver]
        Path loss; ``FAR_DB`` where a site does not reach.
    sight : float32 [site, receiver]
        1 in line of sight, else 0.
    place_m, site_m : float32 [3, receiver], [3, site]
        East, north, height above sea level from one origin [m].
    weight : float32 [receiver]
        What a receiver counts, such as its people.
    asked_mbps : float32 [receiver]
        Downlink demand.
    cell_site : int32 [cell]
        Site of each cell.
    fixed_db, apart_db, spread_db, activity : float32 [cell]
        From total power to a resource element with fixed gains and losses; how far below the
        envelope a bystander's level lies; what the own beam loses out of sight; design load.
    rsrp_table, traffic_table : float32 [pattern, 181, 360]
        Gain of the antennas by zenith and azimuth [dBi]; one entry each where ``columns`` rule.
    pattern : int32 [cell]
        Which table a cell has.
    columns : float32 [5]
        Parametric antenna, TR 38.901 Table 7.3-1 behind a column: rows (0: tables rule), spacing
        in wavelengths, beamwidths across and up [deg], gain of the whole [dBi].
    mbps : float32 [2, SINR]
        Rate of a user alone, out of and in sight.
    noise_mw, idle, target_dbm : float32
        Noise of a resource element, always-on share of elements, RSRP aimed at.
    """

    loss_db: Any
    sight: Any
    place_m: Any
    site_m: Any
    weight: Any
    asked_mbps: Any
    cell_site: Any
    fixed_db: Any
    apart_db: Any
    spread_db: Any
    activity: Any
    rsrp_table: Any
    traffic_table: Any
    pattern: Any
    columns: Any
    mbps: Any
    noise_mw: Any
    idle: Any
    target_dbm: Any


@dataclass(frozen=True)
class Aims:
    """What is differentiated.

    Attributes
    ----------
    aim : {"mean", "log", "percentile", "coverage", "load"}
        Larger is better: mean rate [Mbit/s]; mean of its logarithm (proportional fairness over
        the map); a low percentile of it [Mbit/s]; minus the mean shortfall of RSRP below its
        target [dB]; minus the highest load.
    loads : {"design", "coupled"}
        Neighbours at their design load and the cell to oneself, or loads at their fixed point,
        differentiated too, and shared rates.
    percentile : float
        Of the weight, 0 to 100; for "percentile".
    servers : int
        Strongest cells a receiver may be served by; 1 is the strongest alone.
    softness_db : float
        How gradually service passes from one of several cells to the next [dB].
    width : float
        Smoothing: of the percentile as a share of the median rate, of the shortfall's corner
        [dB x 10], of the highest load.
    chunk : int
        Receivers worked on at a time: bounds the memory.

    Raises
    ------
    InputError
        With every value out of range.
    """

    aim: Aim = "log"
    loads: Literal["design", "coupled"] = "design"
    percentile: float = 5.0
    servers: int = 1
    softness_db: float = 3.0
    width: float = 0.1
    chunk: int = 4096

    def __post_init__(self) -> None:
        faults = Faults()
        for name, allowed in (("aim", get_args(Aim)), ("loads", ("design", "coupled"))):
            if getattr(self, name) not in allowed:
                hint = did_you_mean(getattr(self, name), allowed)
                faults.error(f"gradients.{name}", f'{name} is "{getattr(self, name)}". {hint}')
        ranges = {
            "percentile": (0.1, 99.9), "servers": (1, 64), "softness_db": (0.01, 30.0),
            "width": (1e-4, 10.0), "chunk": (1, 10_000_000),
        }  # fmt: skip
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if not least <= value <= most:
                faults.error(f"gradients.{name}", f"{name} is {value:g}; {least:g} to {most:g}.")
        if self.aim == "load" and self.loads != "coupled":
            faults.error("gradients.loads", 'aim "load" needs loads = "coupled".')
        faults.raise_errors()


def gradient_engine() -> ModuleType:
    """Return the module of the differentiable network, importing JAX on first touch.

    Raises
    ------
    MissingEngineError
        JAX is not installed.
    """
    return jax_engine("cellwright.simulation.gradients_engine", "Gradients of a network need")


def knobs(cells: pd.DataFrame) -> Knobs:
    """Return the settings of a table of cells."""
    return Knobs(*(cells[name].to_numpy(np.float32) for name in Knobs._fields))


def scene(
    loss: xr.Dataset,
    sites: pd.DataFrame,
    cells: pd.DataFrame,
    carrier: Carrier,
    receivers: xr.Dataset,
    demand: Demand | None = None,
    settings: LinkSettings | None = None,
    sharing: Sharing | None = None,
    *,
    weight: ArrayLike | None = None,
    load: ArrayLike | None = None,
    antennas: Mapping[str, Antenna] | None = None,
    columns: tuple[int, float, float, float, float] | None = None,
) -> Scene:
    """Gather the static arrays of a network.

    Parameters
    ----------
    loss : Dataset
        From ``coverage.path_loss`` for these sites and receivers.
    sites, cells : DataFrame
        As for ``coverage.received``.
    carrier : Carrier
        The carrier of the cells.
    receivers : Dataset
        As from ``geo.receivers``; a thinned one will do for a planner.
    demand, settings, sharing
        As for :func:`throughput`; rates averaged over fading are smooth and so the default.
    weight : array [receiver], optional
        What each receiver counts; default its people.
    load : float or array [cell], optional
        Design load in place of the carrier's.
    antennas : mapping of str to Antenna, optional
        Antennas of the user's own.
    columns : (rows, spacing, horizontal deg, vertical deg, gain dBi), optional
        Use this parametric antenna for all cells, in place of their tables: a column of elements
        by TR 38.901 Table 7.3-1, smooth in electrical tilt too.

    Raises
    ------
    InputError
        Data sets that do not belong together, or a weight that is nowhere above 0.
    """
    if loss.sizes["receiver"] != receivers.sizes["receiver"]:
        raise InputError("loss and receivers have different lengths.")
    demand, settings = demand or Demand(), settings or LinkSettings()
    people = demand.users(receivers)
    counted = people if weight is None else np.asarray(weight, np.float64)
    if counted.shape != people.shape or not counted.sum() > 0.0 or (counted < 0.0).any():
        raise InputError("weight must be one number of 0 or more per receiver, some above 0.")
    rows = pd.Index(sites["site_id"]).get_indexer(pd.Index(cells["site_id"]))
    if (rows < 0).any():
        raise InputError("cells stand on sites that are not given.")
    place, masts = _places(sites, receivers)
    tables, pattern, apart = _tables(cells, antennas or {}, columns)
    down = link_tables(carrier, settings, sharing or Sharing(fading="average"))[0]
    spread = carrier.element_power_dbm(0.0) - carrier.base_loss_db
    fixed = spread + carrier.user_gain_dbi - carrier.user_loss_db
    count = len(cells)
    single = np.float32
    return Scene(
        np.minimum(loss["path_loss_db"].to_numpy(), FAR_DB).astype(single),
        loss["sight"].to_numpy().astype(single),
        place, masts,
        (counted / counted.sum()).astype(single),
        (people * demand.dl_mbps_per_user).astype(single),
        rows.astype(np.int32),
        np.full(count, fixed, single),
        apart.astype(single),
        np.where(apart < -1.0, SPREAD_DB, 0.0).astype(single),
        cell_loads(load, carrier, count).astype(single),
        *tables,
        pattern.astype(np.int32),
        np.asarray(columns or (0, 0.5, 65.0, 65.0, 0.0), single),
        down.mbps.astype(single),
        single(10.0 ** (carrier.noise_dbm_per_re / 10.0)),
        single(down.frame.always_on),
        single(carrier.target_dbm),
    )  # fmt: skip


def _places(sites: pd.DataFrame, receivers: xr.Dataset) -> tuple[Singles, Singles]:
    """Return places from the middle of the receivers: single precision would lose metres."""
    x_m, y_m, ground, height = (
        receivers[name].to_numpy().astype(np.float64)
        for name in ("x_m", "y_m", "ground_amsl_m", "height_m")
    )
    place = np.array([x_m, y_m, ground + height])
    masts = np.array([sites.geometry.x, sites.geometry.y, sites["antenna_amsl_m"]], np.float64)
    middle = place.mean(axis=1, keepdims=True)
    return (place - middle).astype(np.float32), (masts - middle).astype(np.float32)


def _tables(
    cells: pd.DataFrame,
    own: Mapping[str, Antenna],
    columns: tuple[int, float, float, float, float] | None,
) -> tuple[tuple[Singles, Singles], NDArray[np.int64], Floats]:
    """Return the pattern tables of both beam sets, each cell's number, and ``apart_db``."""
    if columns is not None:
        none = np.zeros((1, 181, 360), np.float32)
        return (none, none), np.zeros(len(cells), np.int64), np.zeros(len(cells))
    keys = list(zip(cells["antenna"], cells["electrical_tilt_deg"].astype(float), strict=True))
    unique = sorted(set(keys))
    made = {name: own[name] if name in own else antenna(name) for name, _ in unique}
    rsrp = np.array([made[name].pattern(tilt, "ssb") for name, tilt in unique], np.float32)
    traffic = np.array([made[name].pattern(tilt, "traffic") for name, tilt in unique], np.float32)
    number = {key: row for row, key in enumerate(unique)}
    pattern = np.array([number[key] for key in keys], np.int64)
    apart = np.minimum([-mean_gain_db(table) for table in traffic], 0.0)
    return (rsrp, traffic), pattern, np.asarray(apart)[pattern]


def objective(scene_: Scene, at: Knobs, aims: Aims | None = None) -> float:
    """Return what the network is worth with these knobs; see :class:`Aims`."""
    return float(gradient_engine().value(scene_, at, aims or Aims()))


def gradient(scene_: Scene, at: Knobs, aims: Aims | None = None) -> tuple[float, Knobs]:
    """Return what the network is worth, and its derivative by every knob of every cell.

    Parameters
    ----------
    scene_ : Scene
        From :func:`scene`.
    at : Knobs
        Settings, as from :func:`knobs`.
    aims : Aims, optional
        What is differentiated.

    Returns
    -------
    value : float
    by : Knobs
        Per dB of power and degree of turn and tilt, float64 [cell].

    Raises
    ------
    MissingEngineError
        JAX is not installed.
    InputError
        Knobs of another number of cells, or not finite.

    Notes
    -----
    Reverse mode: all derivatives cost a few evaluations. Chunks of receivers are worked out again
    on the way back, so memory is that of one chunk. The serving cells of a receiver change in
    steps; with one server that step is not differentiated, several with ``softness_db`` are.
    Coupled loads are differentiated through their fixed point by the implicit function theorem.
    """
    count = scene_.cell_site.shape[0]
    for name, values in zip(Knobs._fields, at, strict=True):
        if np.shape(values) != (count,) or not np.isfinite(np.asarray(values)).all():
            raise InputError(f"{name} must be {count} finite numbers, one per cell.")
    value, by = gradient_engine().value_and_gradient(scene_, at, aims or Aims())
    return float(value), Knobs(*(np.asarray(one, np.float64) for one in by))
