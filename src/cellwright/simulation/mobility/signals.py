"""What a phone hears along its way: from a map or a formula, with shadowing and what fading leaves.

3GPP TR 38.901 7.4.4 (shadowing along a way); TS 38.215 clause 5.1.1 (RSRP is an average of power).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree
from scipy.special import j0

from cellwright.errors import InputError
from cellwright.radio import Antenna
from cellwright.simulation.mobility.hexagons import HexagonCluster
from cellwright.simulation.mobility.walks import Walk
from cellwright.units import SPEED_OF_LIGHT_M_S

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
#: Positions x, y [m] -> RSRP of every cell there, [position, cell] [dBm].
Source = Callable[[Floats, Floats], NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class MapSource:
    """RSRP of the nearest place of a map.

    Attributes
    ----------
    level_dbm : float32 [place, cell]
        RSRP of every cell at every place of the map [dBm].
    nearest : int32 [row, column]
        Place nearest to each square of a grid over the map.
    west_m, north_m, pixel_m : float
        Edges and width of the squares [m].
    """

    level_dbm: Singles
    nearest: NDArray[np.int32]
    west_m: float
    north_m: float
    pixel_m: float

    def row(self, x_m: Floats, y_m: Floats) -> NDArray[np.int32]:
        """Return the place of the map nearest to each position; the map's edge beyond it."""
        rows, columns = self.nearest.shape
        column = np.clip(((x_m - self.west_m) / self.pixel_m).astype(np.int64), 0, columns - 1)
        row = np.clip(((self.north_m - y_m) / self.pixel_m).astype(np.int64), 0, rows - 1)
        return np.asarray(self.nearest[row, column])

    def __call__(self, x_m: Floats, y_m: Floats) -> Singles:
        """Return RSRP [position, cell] at positions [dBm]."""
        return np.asarray(self.level_dbm[self.row(x_m, y_m)])


def map_source(
    x_m: ArrayLike, y_m: ArrayLike, rsrp_dbm: ArrayLike, pixel_m: float = 5.0
) -> MapSource:
    """Make a source of the rows of a coverage map.

    Parameters
    ----------
    x_m, y_m : array [receiver]
        Places of the map [m].
    rsrp_dbm : array [cell, receiver]
        As ``rsrp_dbm`` of ``coverage.received`` [dBm]; at most -200 where a cell is not heard.
    pixel_m : float
        Positions within a square of this width share their place [m].

    Returns
    -------
    MapSource

    Raises
    ------
    InputError
        Shapes that do not match, no receivers, or values that are no numbers.

    Examples
    --------
    >>> source = map_source([0.0, 100.0], [0.0, 0.0], [[-80.0, -90.0]])
    >>> source(np.array([30.0, 70.0]), np.zeros(2)).ravel().tolist()
    [-80.0, -90.0]
    """
    x, y = np.asarray(x_m, np.float64).ravel(), np.asarray(y_m, np.float64).ravel()
    level = np.atleast_2d(np.asarray(rsrp_dbm, np.float32))
    if x.size == 0 or x.size != y.size or level.shape[1] != x.size or not pixel_m > 0.0:
        raise InputError(
            f"{x.size} east, {y.size} north and RSRP of {level.shape} [cell, receiver] with pixels "
            f"of {pixel_m:g} m: give one value per receiver and a width above 0."
        )
    west, north = x.min() - pixel_m / 2.0, y.max() + pixel_m / 2.0
    columns = int((x.max() - west) / pixel_m) + 1
    rows = int((north - y.min()) / pixel_m) + 1
    east, south = np.meshgrid((np.arange(columns) + 0.5), (np.arange(rows) + 0.5))
    squares = np.column_stack([west + east.ravel() * pixel_m, north - south.ravel() * pixel_m])
    nearest = cKDTree(np.column_stack([x, y])).query(squares)[1].astype(np.int32)
    return MapSource(_levels(level.T), nearest.reshape(rows, columns), west, north, pixel_m)


def coverage_source(
    received: xr.Dataset,
    receivers: xr.Dataset,
    walk: Walk | None = None,
    level: Literal["rsrp_dbm", "traffic_dbm"] = "rsrp_dbm",
) -> MapSource:
    """Make a source of a district's coverage, outdoors.

    Parameters
    ----------
    received : Dataset
        From ``coverage.received``.
    receivers : Dataset
        As from ``geo.receivers``: ``x_m, y_m, place``; outdoor places are used.
    walk : Walk, optional
        Keep only places that this walk comes past; a large district takes much memory otherwise.
    level : {"rsrp_dbm", "traffic_dbm"}
        What the phones measure, and what the SINR is made of.

    Returns
    -------
    MapSource

    Raises
    ------
    InputError
        Data sets that do not belong together, or a map without an outdoor place.
    """
    if received.sizes["receiver"] != receivers.sizes["receiver"]:
        raise InputError("received and receivers have different lengths.")
    outdoor = np.flatnonzero(receivers["place"].to_numpy() == 0)
    x, y = (receivers[name].to_numpy()[outdoor].astype(np.float64) for name in ("x_m", "y_m"))
    pixel = float(receivers.attrs.get("pixel_m", 5.0))
    index = map_source(x, y, outdoor[None], pixel)
    if walk is not None:
        used = np.unique(index.row(walk.x_m, walk.y_m))
        nearest = np.zeros(x.size, np.int32)
        nearest[used] = np.arange(used.size)
        index = replace(index, nearest=nearest[index.nearest])
        outdoor = outdoor[used]
    rows = received[level].to_numpy()[:, outdoor].T
    return replace(index, level_dbm=_levels(rows))


def _levels(rows: NDArray[np.floating]) -> Singles:
    """Levels as the kernel takes them: -200 dBm stands for nothing heard."""
    level = np.ascontiguousarray(rows, np.float32)
    level = np.where(np.isneginf(level), np.float32(-200.0), level)
    if not np.isfinite(level).all():
        raise InputError("Levels hold NaN or infinite values; use -200 where nothing is heard.")
    return level


def hexagon_source(
    cluster: HexagonCluster,
    loss_db: Callable[[Floats], Floats],
    power_dbm: float,
    antenna: Antenna | None = None,
    azimuths_deg: tuple[float, ...] = (30.0, 150.0, 270.0),
    height_m: float = 30.5,
    tilt_deg: float = 0.0,
) -> Source:
    """Make a source of a hexagonal cluster, wrapped around.

    Parameters
    ----------
    cluster : HexagonCluster
        Sites.
    loss_db : callable
        Path loss at horizontal distances [m] -> [dB].
    power_dbm : float
        Power of the reference signal, without antenna [dBm].
    antenna : Antenna, optional
        Antenna of each sector; without one a site is a single cell that sends all around.
    azimuths_deg : tuple of float
        Boresights of the sectors of a site, clockwise from north [deg].
    height_m : float
        Height of the antennas over the phone, for the angle downwards [m].
    tilt_deg : float
        Electrical downtilt [deg].

    Returns
    -------
    callable
        Positions x, y [m] -> RSRP [position, cell] [dBm]; cells of a site stand side by side.

    Examples
    --------
    >>> from cellwright.simulation.mobility import hexagon_cluster
    >>> source = hexagon_source(hexagon_cluster(7, 500.0), lambda d: 128.1 + 37.6 * np.log10(
    ...     np.maximum(d, 35.0) / 1000.0), 43.0)
    >>> source(np.array([100.0]), np.array([0.0])).round(1)[0, :2].tolist()
    [-47.5, -76.8]
    """

    pattern = None if antenna is None else antenna.pattern(tilt_deg)

    def levels(x_m: Floats, y_m: Floats) -> Floats:
        east, north = cluster.offset(x_m, y_m)
        distance = np.hypot(east, north)
        omni = power_dbm - loss_db(distance)
        if pattern is None:
            return np.asarray(omni)
        azimuth = np.rad2deg(np.arctan2(east, north))
        zenith = 90.0 + np.rad2deg(np.arctan2(height_m, np.maximum(distance, 1.0)))
        row = np.rint(zenith).astype(np.intp)
        turned = [
            np.rint(azimuth - boresight + 180.0).astype(np.intp) for boresight in azimuths_deg
        ]
        gain = np.stack([pattern[row, column % 360] for column in turned], axis=2)
        return np.asarray((omni[:, :, None] + gain).reshape(omni.shape[0], -1))

    return levels


@dataclass(frozen=True)
class Shadowing:
    """Shadow fading along every way, for signals of a formula: a map has its own.

    Attributes
    ----------
    sigma_db, correlation_m : float
        Standard deviation [dB] and the distance over which it decorrelates to 1/e [m].
    cells_per_site : int
        So many cells in a row are one site, and share its shadow.
    between_sites : float
        Correlation of two sites' shadows, 0 to 1.

    Raises
    ------
    InputError
        Values that mean nothing.

    References
    ----------
    3GPP TR 38.901 V19.4.0 clause 7.4.4, equation (7.4-5): exp(-distance / d_cor), which for one
    user at constant speed is a first-order autoregression. Users do not share shadows.
    """

    sigma_db: float
    correlation_m: float
    cells_per_site: int = 1
    between_sites: float = 0.0

    def __post_init__(self) -> None:
        sound = self.sigma_db >= 0.0 and self.correlation_m > 0.0 and self.cells_per_site >= 1
        if not (sound and 0.0 <= self.between_sites <= 1.0):
            raise InputError(
                f"Shadowing of {self.sigma_db:g} dB over {self.correlation_m:g} m, "
                f"{self.cells_per_site} cells per site, {self.between_sites:g} between sites: at "
                "least 0 dB, more than 0 m, at least 1 cell, and a correlation of 0 to 1."
            )

    def draw(self, walk: Walk, user: int, cells: int, seed: int) -> Singles:
        """Draw one user's shadow fading, float32 [step, cell] [dB], added to the level."""
        site = np.arange(cells) // self.cells_per_site
        # number 0 is what all sites share
        noise = _normal(seed, user, range(int(site[-1]) + 2), walk.steps, 2)
        stride = walk.speed_m_s[user] * walk.step_s
        _autoregression(noise, np.exp(-stride / self.correlation_m))
        own, common = noise[:, 1:], noise[:, :1]
        own *= np.float32(self.sigma_db * np.sqrt(1.0 - self.between_sites))
        own += np.float32(self.sigma_db * np.sqrt(self.between_sites)) * common
        return np.asarray(own[:, site])


def _normal(seed: int, user: int, columns: Sequence[int], rows: int, purpose: int) -> Singles:
    """Draw standard normal values [row, column], each column from its own number."""
    drawn = np.empty((len(columns), rows), np.float32)
    bits = np.random.Philox(key=[seed, user])
    source, state = np.random.Generator(bits), bits.state
    counter: Any = state["state"]["counter"]
    for place, column in enumerate(columns):
        # setting the counter is cheaper than a generator for each column
        counter[:] = (0, 0, column, purpose)
        bits.state = state
        source.standard_normal(dtype=np.float32, out=drawn[place])
    return np.ascontiguousarray(drawn.T)


@njit(cache=True, nogil=True)
def _autoregression(noise: Singles, keep: float) -> None:
    """Make standard normal values follow their past along axis 0, each ``keep`` like the last."""
    old, new = np.float32(keep), np.float32(math.sqrt(1.0 - keep * keep))
    for row in range(1, noise.shape[0]):
        for column in range(noise.shape[1]):
            noise[row, column] = old * noise[row - 1, column] + new * noise[row, column]


@njit(cache=True, nogil=True)
def _fade(normal: Singles, degrees: float) -> None:
    """Turn standard normal values into the level of a mean of so many fades [dB]."""
    middle = np.float32(1.0 - 1.0 / (9.0 * degrees))
    spread = np.float32(1.0 / (3.0 * math.sqrt(degrees)))
    neper = np.float32(30.0 / math.log(10.0))
    flat = normal.reshape(-1)
    for n in range(flat.size):
        flat[n] = neper * math.log(max(middle + spread * flat[n], np.float32(0.05)))


@dataclass(frozen=True)
class Residual:
    """What fast fading leaves in a measurement after the averaging of layer 1.

    Attributes
    ----------
    frequency_ghz : float
        Carrier frequency.
    samples : int
        Samples of the reference signal in one measurement.
    spacing_s : float
        Time between them [s]: the period of the SSB.
    diversity : float
        Independent fades in one sample: over its bandwidth and receive antennas.
    error_db : float
        Standard deviation of what the phone itself adds [dB].

    Notes
    -----
    Rayleigh fading with Jakes' correlation: powers ``t`` apart correlate with J0(2 pi f_d t)^2.
    A mean over the samples is nearly a gamma variable of as many degrees as the samples are worth
    independent ones; it is drawn by Wilson and Hilferty's cube, and follows its own past as
    windows that overlap do. A standing user's fade stays as it is.

    Examples
    --------
    >>> still, fast = Residual(3.5).worth(0.0), Residual(3.5).worth(30.0)
    >>> round(still[0], 2), still[1] > fast[1], fast[0] > 10.0
    (4.0, True, True)
    """

    frequency_ghz: float
    samples: int = 5
    spacing_s: float = 0.04
    diversity: float = 4.0
    error_db: float = 0.0

    def __post_init__(self) -> None:
        if self.samples < 1 or not self.spacing_s > 0.0 or not self.diversity >= 1.0:
            raise InputError(
                f"{self.samples} samples {self.spacing_s:g} s apart with diversity "
                f"{self.diversity:g}: at least 1, above 0 s and at least 1."
            )
        if not self.frequency_ghz > 0.0 or not self.error_db >= 0.0:
            raise InputError(
                f"frequency_ghz {self.frequency_ghz:g} and error_db {self.error_db:g}: "
                "above 0 GHz and at least 0 dB."
            )

    def worth(self, speed_m_s: float, apart_s: float = 0.04) -> tuple[float, float]:
        """Independent fades in one measurement; correlation of two, ``apart_s`` apart."""
        doppler = speed_m_s * self.frequency_ghz * 1e9 / SPEED_OF_LIGHT_M_S
        number = np.arange(self.samples)
        lag = (number[:, None] - number[None, :]) * self.spacing_s

        def mean(shift_s: float) -> float:
            return float(np.mean(j0(2.0 * np.pi * doppler * (lag + shift_s)) ** 2))

        return self.diversity / mean(0.0), mean(apart_s) / mean(0.0)

    def draw(
        self, walk: Walk, user: int, cells: Sequence[int], period_s: float, seed: int
    ) -> Singles:
        """Draw one user's residuals towards some cells, float32 [measurement, cell] [dB].

        A cell's draws depend on its number, the user's and the seed alone.
        """
        every = max(1, round(period_s / walk.step_s))
        count = -(-walk.steps // every)
        degrees, keep = self.worth(float(walk.speed_m_s[user]), period_s)
        fade = _normal(seed, user, cells, count, 0)
        # a standing user's next measurement is the same: rounding may say a little more
        _autoregression(fade, min(keep, 1.0))
        _fade(fade, degrees)
        if self.error_db > 0.0:
            fade += np.float32(self.error_db) * _normal(seed, user, cells, count, 1)
        return fade
