"""A network's SINR that follows a change of one sector without counting the others again.

The part of a link that antennas do not touch is kept in linear terms, one row of users a site. A
sector's row is plain arithmetic from there. Rows are summed in blocks of about the root of their
number and blocks over all: a change works out its row, its block and the total anew, from the same
numbers in the same order as a full count, so the two agree to the last bit and nothing drifts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.simulation.drop import Drop
from cellwright.simulation.scenarios.column import Column, row_kernel, unit_vectors
from cellwright.simulation.scenarios.geometry import Geometry
from cellwright.simulation.scenarios.swift import decibels, power_ratio

Array = NDArray[Any]


@njit(cache=True, nogil=True)
def static_kernel(
    azimuth_deg: Array, zenith_deg: Array, loss_db: Array, fixed_db: float, static: Array
) -> None:
    """Fill ``static`` [site, 4, user]: unit vector, and the link without its antenna."""
    for s in range(loss_db.shape[0]):
        unit_vectors(azimuth_deg[s], zenith_deg[s], static[s])
        for u in range(loss_db.shape[1]):
            static[s, 3, u] = 10.0 ** ((fixed_db - loss_db[s, u]) / 10.0)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def rows_kernel(
    column: Array,
    static: Array,
    cell_site: Array,
    setting: Array,
    first: int,
    last: int,
    block: Array,
) -> None:
    """Fill the rows of cells ``first`` to ``last``, received power [mW], in their block."""
    start = first - first % block.shape[0]
    room = np.empty((4, block.shape[1]), np.float32)
    lost, factor, work = room[0], room[1], room[2:]
    for c in range(first, last):
        s, row = cell_site[c], block[c - start]
        power = np.float32(10.0 ** (setting[c, 3] / 10.0))
        row_kernel(
            column, static[s], setting[c, 0], setting[c, 1], setting[c, 2], lost, factor, work
        )
        for u in range(row.shape[0]):
            row[u] = power * static[s, 3, u] * power_ratio(lost[u]) * factor[u]


@njit(cache=True, nogil=True)
def block_kernel(
    block: Array, start: int, rows: int, total: Array, best: Array, who: Array
) -> None:
    """Sum a block's rows and find the strongest of each user."""
    users = total.shape[0]
    for u in range(users):
        total[u], best[u], who[u] = block[0, u], block[0, u], start
    for c in range(1, rows):
        cell = np.int32(start + c)
        for u in range(users):
            level = block[c, u]
            total[u] += level
            more = level > best[u]
            best[u] = level if more else best[u]
            who[u] = cell if more else who[u]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def whole_kernel(
    totals: Array,
    bests: Array,
    whos: Array,
    noise_mw: float,
    power_dbm: Array,
    serving: Array,
    coupling_db: Array,
    sinr_db: Array,
    sir_db: Array,
) -> None:
    """Bring the blocks together: serving cell, coupling gain, SINR and SIR of every user."""
    users = serving.shape[0]
    total, best = totals[0].copy(), bests[0].copy()
    serving[:] = whos[0]
    for b in range(1, totals.shape[0]):
        for u in range(users):
            total[u] += totals[b, u]
            more = bests[b, u] > best[u]
            best[u] = bests[b, u] if more else best[u]
            serving[u] = whos[b, u] if more else serving[u]
    for u in range(users):
        other = max(total[u] - float(best[u]), 0.0)
        own = decibels(best[u])
        lost = own == -math.inf  # no cell reaches the user
        coupling_db[u] = own
        sinr_db[u] = own - decibels(np.float32(other + noise_mw))
        sir_db[u] = own if lost else own - decibels(np.float32(other))
    for u in range(users):
        if coupling_db[u] > -math.inf:
            coupling_db[u] -= np.float32(power_dbm[serving[u]])


@dataclass(frozen=True, eq=False)
class _Static:
    """What no sector's setting touches."""

    column: Array
    static: Array
    drop: Drop
    noise_mw: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """SINR and best server of all users, and the means to change one sector quickly.

    Made by :func:`evaluation`; every change returns a new evaluation that shares with the old one
    all that did not change, so a search may keep as many as it likes.

    Attributes
    ----------
    azimuth_deg, downtilt_deg, mechanical_tilt_deg, power_dbm : float64 [cell]
        Settings of the cells: clockwise from north; electrical and mechanical tilt, positive
        downwards [deg]; power [dBm].
    geometry : Geometry
        What users hear, all cells sending.
    """

    setting: Array
    geometry: Geometry
    _static: _Static
    _blocks: tuple[Array, ...]
    _sums: tuple[Array, Array, Array]

    @property
    def azimuth_deg(self) -> Array:
        """Boresights, clockwise from north [deg], float64 [cell]."""
        return np.asarray(self.setting[:, 0])

    @property
    def downtilt_deg(self) -> Array:
        """Electrical downtilts [deg], float64 [cell]."""
        return np.asarray(self.setting[:, 1])

    @property
    def mechanical_tilt_deg(self) -> Array:
        """Mechanical downtilts [deg], float64 [cell]."""
        return np.asarray(self.setting[:, 2])

    @property
    def power_dbm(self) -> Array:
        """Powers [dBm], float64 [cell]; minus infinity is a cell switched off."""
        return np.asarray(self.setting[:, 3])

    @property
    def received_mw(self) -> NDArray[np.float32]:
        """Power of every cell at every user [mW], float32 [cell, user]."""
        return np.concatenate(self._blocks)[: self.setting.shape[0]]

    @property
    def drop(self) -> Drop:
        """The drop with these settings: the same users and losses, other gains.

        Examples
        --------
        >>> from cellwright.simulation.scenarios import drop, evaluation, scenario
        >>> umi = scenario("umi-6ghz")
        >>> made = drop(umi, seed=1)
        >>> before = evaluation(made, umi.column, power_dbm=44.0, noise_dbm=umi.noise_dbm)
        >>> float(before.changed(20, downtilt_deg=6.0).drop.downtilt_deg[20])
        6.0
        """
        with np.errstate(divide="ignore"):
            level = 10.0 * np.log10(self.received_mw.astype(np.float64))
        off = np.isneginf(self.power_dbm)
        gain = level - np.where(off, 0.0, self.power_dbm)[:, None]
        return replace(
            self._static.drop,
            azimuth_deg=self.azimuth_deg.copy(),
            downtilt_deg=self.downtilt_deg + self.mechanical_tilt_deg,
            gain_db=gain.astype(np.float32),
        )

    def changed(
        self,
        cell: int,
        *,
        azimuth_deg: float | None = None,
        downtilt_deg: float | None = None,
        mechanical_tilt_deg: float | None = None,
        power_dbm: float | None = None,
    ) -> Evaluation:
        """Return the evaluation with one cell's settings changed; what is None stays.

        Parameters
        ----------
        cell : int
            Which cell.
        azimuth_deg, downtilt_deg, mechanical_tilt_deg : float, optional
            Boresight clockwise from north; electrical and mechanical tilt, -90 to 90 [deg].
        power_dbm : float, optional
            Power [dBm]; minus infinity switches the cell off.

        Raises
        ------
        InputError
            A cell that there is not, and values out of range, all at once.

        Examples
        --------
        >>> from cellwright.simulation.scenarios import drop, evaluation, scenario
        >>> umi = scenario("umi-6ghz")
        >>> made = drop(umi, seed=1)
        >>> before = evaluation(made, umi.column, power_dbm=44.0, noise_dbm=umi.noise_dbm)
        >>> after = before.changed(20, downtilt_deg=6.0)
        >>> float(before.downtilt_deg[20]), float(after.downtilt_deg[20])
        (12.0, 6.0)
        """
        given = (azimuth_deg, downtilt_deg, mechanical_tilt_deg, power_dbm)
        if not 0 <= cell < self.setting.shape[0]:
            raise InputError(
                f"there is no cell {cell}: cells are 0 to {self.setting.shape[0] - 1}."
            )
        setting = self.setting.copy()
        for column, value in enumerate(given):
            if value is not None:
                setting[cell, column] = value
        _check(setting[cell : cell + 1])
        setting[cell, 0] %= 360.0
        return self._recounted(setting, cell, cell + 1)

    def all_changed(
        self,
        *,
        azimuth_deg: ArrayLike | None = None,
        downtilt_deg: ArrayLike | None = None,
        mechanical_tilt_deg: ArrayLike | None = None,
        power_dbm: ArrayLike | None = None,
    ) -> Evaluation:
        """Return the evaluation with settings of all cells changed, each a number or [cell].

        Raises
        ------
        InputError
            Values out of range, all at once.
        """
        setting = self.setting.copy()
        given = (azimuth_deg, downtilt_deg, mechanical_tilt_deg, power_dbm)
        for column, value in enumerate(given):
            if value is not None:
                setting[:, column] = value
        _check(setting)
        setting[:, 0] %= 360.0
        return self._recounted(setting, 0, setting.shape[0])

    def _recounted(self, setting: Array, first: int, last: int) -> Evaluation:
        """Work out the rows of some cells, their blocks and the total."""
        kept, cells = self._static, setting.shape[0]
        size = self._blocks[0].shape[0]
        whole = last - first == cells
        blocks = list(self._blocks)
        total, best, who = (np.empty_like(a) if whole else a.copy() for a in self._sums)
        for number in range(first // size, -(-last // size)):
            start = number * size
            block = np.empty_like(blocks[number]) if whole else blocks[number].copy()
            rows = (max(first, start), min(last, start + size))
            rows_kernel(kept.column, kept.static, kept.drop.cell_site, setting, *rows, block)
            count = min(size, cells - start)
            block_kernel(block, start, count, total[number], best[number], who[number])
            blocks[number] = block
        geometry = _whole((total, best, who), kept.noise_mw, setting)
        return replace(
            self,
            setting=setting,
            geometry=geometry,
            _blocks=tuple(blocks),
            _sums=(total, best, who),
        )


def _whole(sums: tuple[Array, Array, Array], noise_mw: float, setting: Array) -> Geometry:
    users = sums[0].shape[1]
    serving = np.empty(users, np.int32)
    coupling, sinr, sir = (np.empty(users, np.float32) for _ in range(3))
    power = np.ascontiguousarray(setting[:, 3])
    whole_kernel(*sums, noise_mw, power, serving, coupling, sinr, sir)
    return Geometry(serving, coupling, sinr, sir)


_RANGES = (
    ("azimuth_deg", -1e6, 1e6),
    ("downtilt_deg", -90.0, 90.0),
    ("mechanical_tilt_deg", -90.0, 90.0),
    ("power_dbm", -math.inf, 90.0),
)
_LOW, _HIGH = np.array([row[1:] for row in _RANGES]).T


def _check(setting: Array) -> None:
    """Raise with every value out of range; a NaN is out of any."""
    bad = ~((setting >= _LOW) & (setting <= _HIGH))
    if not bad.any():
        return
    faults = Faults()
    for row, column in zip(*np.nonzero(bad), strict=True):
        name, least, most = _RANGES[column]
        faults.error(
            f"evaluation.{name}",
            f"{name} is {setting[row, column]:g}; {least:g} to {most:g} are allowed.",
        )
    faults.raise_errors()


def evaluation(
    drop: Drop,
    column: Column,
    *,
    power_dbm: ArrayLike,
    noise_dbm: float,
    user_gain_dbi: float = 0.0,
    mechanical_tilt_deg: ArrayLike = 0.0,
) -> Evaluation:
    """Prepare a drop for quick changes.

    Parameters
    ----------
    drop : Drop
        Gives losses, directions and the cells' sites, azimuths and tilts.
    column : Column
        Antenna of every cell.
    power_dbm : float or array [cell]
        Power [dBm].
    noise_dbm : float
        Noise of the users' receivers over the same bandwidth [dBm].
    user_gain_dbi : float
        Of the users' antennas [dBi].
    mechanical_tilt_deg : float or array [cell]
        Part of the drop's ``downtilt_deg`` that is mechanical [deg].

    Raises
    ------
    InputError
        Values out of range.

    Notes
    -----
    Gains are single precision: within 0.001 dB of ``drop.gain_db``, and 0.1 dB in the flanks of
    nulls, which end 40 dB below one element.
    """
    cells, users = drop.cells, drop.users
    mechanical = np.broadcast_to(np.asarray(mechanical_tilt_deg, np.float64), (cells,))
    setting = np.empty((cells, 4))
    setting[:, 0] = drop.azimuth_deg % 360.0
    setting[:, 1], setting[:, 2] = drop.downtilt_deg - mechanical, mechanical
    setting[:, 3] = power_dbm
    _check(setting)
    row = column.row()
    static = np.empty((drop.site_m.shape[0], 4, users), np.float32)
    static_kernel(
        drop.departure_azimuth_deg, drop.departure_zenith_deg, drop.loss_db,
        column.gain_dbi + float(user_gain_dbi), static,
    )  # fmt: skip
    kept = _Static(row, static, drop, 10.0 ** (noise_dbm / 10.0))
    size = max(1, math.isqrt(cells - 1) + 1)
    count = -(-cells // size)
    blocks = tuple(np.zeros((size, users), np.float32) for _ in range(count))
    sums = (
        np.empty((count, users)),
        np.empty((count, users), np.float32),
        np.empty((count, users), np.int32),
    )
    empty = np.empty(0, np.float32)
    none = Geometry(np.empty(0, np.int32), empty, empty, empty)
    return Evaluation(setting, none, kept, blocks, sums)._recounted(setting, 0, cells)
