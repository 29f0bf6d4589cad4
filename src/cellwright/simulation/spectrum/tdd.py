"""TDD cells that do not agree on who speaks when: base to base and user to user.

Patterns: TS 38.213 clause 11.1, TS 36.211 clause 4.2. Two cells are synchronised when no symbol of
one is downlink while the same moment is uplink in the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError, SpectrumError
from cellwright.radio import TddPattern, tdd_pattern

Floats = NDArray[np.float64]
RateOf = Callable[[Floats], ArrayLike]
DOWN, UP, GAP = 1, -1, 0
#: Patterns must repeat together within this time [ms].
_MOST_MS = 160.0


def symbol_directions(
    patterns: Sequence[TddPattern | str], shift_ms: ArrayLike = 0.0
) -> tuple[NDArray[np.int8], float]:
    """Lay the patterns of all cells on one time line.

    Parameters
    ----------
    patterns : sequence of TddPattern or str [cell]
        Patterns; letters such as "DDDSU" mean 30 kHz and a special slot of 10:2:2.
    shift_ms : float or array [cell]
        How much later each cell's pattern starts [ms]; whole symbols of the finest spacing.

    Returns
    -------
    int8 [symbol, cell], float
        1 downlink, -1 uplink, 0 gap or flexible; and the length of a symbol [ms].

    Raises
    ------
    SpectrumError
        A pattern that does not sum; patterns that do not repeat together within 160 ms.

    Examples
    --------
    >>> line, symbol_ms = symbol_directions(["DDDSU", "DSUUU"])
    >>> line.shape, int((line[:, 0] * line[:, 1] < 0).sum())
    ((70, 2), 26)
    """
    if len(patterns) == 0:
        raise InputError("There are no TDD patterns; give one for each cell.")
    made = [tdd_pattern(p) if isinstance(p, str) else p for p in patterns]
    finest = max(p.scs_khz for p in made)
    lines = [np.repeat(_letters(p), finest // p.scs_khz) for p in made]
    length = math.lcm(*(line.size for line in lines))
    symbol_ms = 15.0 / finest / 14.0
    if length * symbol_ms > _MOST_MS + 1e-9:
        periods = ", ".join(sorted({f"{p.period_ms:g}" for p in made}))
        raise SpectrumError(f"TDD periods of {periods} ms do not meet within {_MOST_MS:g} ms.")
    shift = np.broadcast_to(np.asarray(shift_ms, np.float64), (len(made),)) / symbol_ms
    whole = np.round(shift).astype(np.int64)
    if np.abs(shift - whole).max() > 0.01:
        raise SpectrumError(
            f"shift_ms must be whole symbols of {symbol_ms:.6f} ms; {np.ravel(shift_ms)} are not."
        )
    tiled = [np.roll(np.tile(x, length // x.size), n) for x, n in zip(lines, whole, strict=True)]
    return np.stack(tiled, axis=1), symbol_ms


def _letters(pattern: TddPattern) -> NDArray[np.int8]:
    """Direction of every symbol of one period."""
    line = np.zeros((len(pattern.slots), 14), np.int8)
    for row, slot in zip(line, pattern.slots, strict=True):
        row[: slot.downlink_symbols] = DOWN
        row[14 - slot.uplink_symbols :] = UP
    return line.ravel()


def cross_link_share(
    patterns: Sequence[TddPattern | str], shift_ms: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Share of all time in which one cell (row) sends down while another (column) listens.

    Examples
    --------
    >>> float(cross_link_share(["DDDSU", "DDDSU"]).max())
    0.0
    >>> cross_link_share(["DDDSU", "DSUUU"]).round(3).tolist()
    [[0.0, 0.371], [0.0, 0.0]]
    """
    line, _ = symbol_directions(patterns, shift_ms)
    down, up = (line == DOWN).astype(np.float64), (line == UP).astype(np.float64)
    return np.asarray(down.T @ up / line.shape[0])


def tdd_sinr(
    gain_db: ArrayLike,
    serving: ArrayLike,
    patterns: Sequence[TddPattern | str],
    base_power_dbm: ArrayLike,
    user_power_dbm: ArrayLike,
    base_base_gain_db: ArrayLike,
    user_user_gain_db: ArrayLike,
    *,
    noise_dbm: float,
    base_noise_dbm: float,
    load: ArrayLike = 1.0,
    uplink_load: ArrayLike = 1.0,
    acir_db: ArrayLike = 0.0,
    shift_ms: ArrayLike = 0.0,
) -> xr.Dataset:
    """SINR of every user in every moment of the patterns, both ways.

    Parameters
    ----------
    gain_db : array [cell, user]
        Coupling gain between cells and users [dB], negative.
    serving : int array [user]
        Cell of each user.
    patterns, shift_ms
        As for :func:`symbol_directions`, by cell.
    base_power_dbm, user_power_dbm : float or array [cell], [user]
        Transmit power in the bandwidth of ``noise_dbm`` [dBm].
    base_base_gain_db : array [cell, cell]
        Coupling gain between cells [dB]; the diagonal is not used.
    user_user_gain_db : array [user, user]
        Coupling gain between users [dB]; the diagonal is not used.
    noise_dbm, base_noise_dbm : float
        Noise of a phone and of a base station in that bandwidth [dBm].
    load, uplink_load : float or array [cell]
        Share of its resources a cell uses while it sends down, and while its users send up.
    acir_db : float or array [cell, cell]
        Adjacent channel interference ratio between cells [dB]: 0 on one channel; see
        :func:`adjacent_channel_ratio_db` for neighbours in frequency.

    Returns
    -------
    Dataset
        Dims ``moment`` (symbols in which all cells have the same directions), ``cell``, ``user``:
        ``share`` of the time, ``direction`` [moment, cell], ``dl_sinr_db`` and ``ul_sinr_db``
        [moment, user] (-inf while the cell does not send that way), ``dl_alone_db`` and
        ``ul_alone_db`` (the same without cross-links), ``serving``.

    Raises
    ------
    InputError
        Shapes that do not match, users of cells that do not exist, values that are no numbers.
    SpectrumError
        As :func:`symbol_directions`.

    Notes
    -----
    While a cell's users send up, one of them at a time is heard by others: the mean of their
    powers stands for it. Moments of gap or flexible symbols carry nothing.
    """
    given = _checked(
        gain_db, serving, patterns, base_power_dbm, user_power_dbm, base_base_gain_db,
        user_user_gain_db, load, uplink_load, acir_db,
    )  # fmt: skip
    line, _ = symbol_directions(patterns, shift_ms)
    moments, counts = np.unique(line, axis=0, return_counts=True)
    links = _Links(given, 10.0 ** (noise_dbm / 10.0), 10.0 ** (base_noise_dbm / 10.0))
    rows = [links.at(directions) for directions in moments]
    names = ("dl_sinr_db", "ul_sinr_db", "dl_alone_db", "ul_alone_db")
    with np.errstate(divide="ignore"):
        stacked = {
            name: (("moment", "user"), 10.0 * np.log10(np.stack(values)), {"units": "dB"})
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        }
    return xr.Dataset(
        {
            **stacked,
            "share": ("moment", counts / line.shape[0]),
            "direction": (("moment", "cell"), moments),
            "serving": ("user", given["serving"]),
        }
    )


def _checked(
    gain_db: ArrayLike, serving: ArrayLike, patterns: Sequence[TddPattern | str],
    base_power_dbm: ArrayLike, user_power_dbm: ArrayLike, base_base: ArrayLike,
    user_user: ArrayLike, load: ArrayLike, uplink_load: ArrayLike, acir_db: ArrayLike,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    """Bring everything to whole shapes in ratios and milliwatts; collect every fault."""
    gain = np.atleast_2d(np.asarray(gain_db, np.float64))
    cells, users = gain.shape
    wanted: dict[str, tuple[ArrayLike, tuple[int, ...]]] = {
        "base_power_dbm": (base_power_dbm, (cells,)),
        "user_power_dbm": (user_power_dbm, (users,)),
        "base_base_gain_db": (base_base, (cells, cells)),
        "user_user_gain_db": (user_user, (users, users)),
        "load": (load, (cells,)),
        "uplink_load": (uplink_load, (cells,)),
        "acir_db": (acir_db, (cells, cells)),
        "serving": (serving, (users,)),
    }
    faults, whole = Faults(), {"gain_db": gain}
    if len(patterns) != cells:
        faults.error("tdd.patterns", f"{len(patterns)} patterns for {cells} cells.")
    for name, (value, shape) in wanted.items():
        try:
            whole[name] = np.broadcast_to(np.asarray(value, np.float64), shape).copy()
        except ValueError:
            faults.error(f"tdd.{name}", f"{name} is {np.shape(value)}; {shape} is needed.")
    for name, values in whole.items():
        if name.endswith("base_gain_db") or name.endswith("user_gain_db"):
            np.fill_diagonal(values, -np.inf)
        if np.isnan(values).any() or np.isposinf(values).any():
            faults.error(f"tdd.{name}", f"{name} holds NaN or infinite values.")
        if name.endswith("load") and not ((values >= 0.0) & (values <= 1.0)).all():
            faults.error(f"tdd.{name}", f"{name} must lie in 0 to 1.")
    if "serving" in whole and not np.isin(whole["serving"], np.arange(cells)).all():
        faults.error("tdd.serving", f"serving names cells outside 0 to {cells - 1}.")
    faults.raise_errors()
    whole["serving"] = whole["serving"].astype(np.int64)
    return whole


class _Links:
    """Powers between everybody [mW], ready for any set of directions."""

    def __init__(self, given: dict[str, NDArray[Any]], noise_mw: float, base_noise_mw: float):
        self.serving, self.noise, self.base_noise = given["serving"], noise_mw, base_noise_mw
        cells, users = given["gain_db"].shape
        own = np.arange(users)
        gain = 10.0 ** (given["gain_db"] / 10.0)
        base_mw = 10.0 ** (given["base_power_dbm"] / 10.0)
        user_mw = 10.0 ** (given["user_power_dbm"] / 10.0)
        apart = 10.0 ** (-given["acir_db"] / 10.0)
        self.down_own = base_mw[self.serving] * gain[self.serving, own]
        self.up_own = user_mw * gain[self.serving, own]
        others = np.arange(cells)[:, None] != self.serving[None, :]
        # what a user hears of each cell; acir by (cell, own cell)
        heard = base_mw[:, None] * gain * apart[:, self.serving]
        self.base_to_user = heard * others * given["load"][:, None]
        # one user of each cell sends at a time: the mean over the cell's users
        member = np.zeros((cells, users))
        member[self.serving, own] = 1.0
        member /= np.maximum(member.sum(axis=1, keepdims=True), 1.0)
        up = given["uplink_load"][:, None]
        sent = member * user_mw[None, :] * up
        self.user_to_base = (sent @ gain.T) * apart * (1.0 - np.eye(cells))
        between = 10.0 ** (given["user_user_gain_db"] / 10.0)
        self.user_to_user = (sent @ between) * apart[:, self.serving] * others
        masts = 10.0 ** (given["base_base_gain_db"] / 10.0)
        self.base_to_base = base_mw[:, None] * masts * apart * given["load"][:, None]

    def at(self, direction: NDArray[np.int8]) -> tuple[Floats, Floats, Floats, Floats]:
        """SINR down and up, then both without cross-links, as power ratios [user]."""
        down, up = (direction == DOWN).astype(np.float64), (direction == UP).astype(np.float64)
        goes_down, goes_up = down[self.serving], up[self.serving]
        alike_down = self.noise + down @ self.base_to_user
        alike_up = (self.base_noise + up @ self.user_to_base)[self.serving]
        cross_down = up @ self.user_to_user
        cross_up = (down @ self.base_to_base)[self.serving]
        return (
            goes_down * self.down_own / (alike_down + cross_down),
            goes_up * self.up_own / (alike_up + cross_up),
            goes_down * self.down_own / alike_down,
            goes_up * self.up_own / alike_up,
        )


def tdd_rates(sinr: xr.Dataset, dl_rate_of: RateOf, ul_rate_of: RateOf) -> xr.Dataset:
    """Throughput of every user under the patterns, and what cross-links cost.

    Parameters
    ----------
    sinr : Dataset
        From :func:`tdd_sinr`.
    dl_rate_of, ul_rate_of : callable
        SINR [dB] -> rate [Mbit/s] if every symbol went that way.

    Returns
    -------
    Dataset
        Dim ``user``: ``dl_mbps, ul_mbps``, ``dl_alone_mbps, ul_alone_mbps`` (the same patterns
        without cross-links) and ``dl_loss, ul_loss`` (shares lost, 0 where there was nothing).
    """
    share = sinr["share"].to_numpy()
    rates: dict[str, Floats] = {}
    for way, rate_of in (("dl", dl_rate_of), ("ul", ul_rate_of)):
        for name, source in ((f"{way}_mbps", "sinr"), (f"{way}_alone_mbps", "alone")):
            level = sinr[f"{way}_{source}_db"].to_numpy()
            rate = np.zeros(level.shape)
            rate[level > -np.inf] = rate_of(level[level > -np.inf])
            rates[name] = share @ rate
        alone, got = rates[f"{way}_alone_mbps"], rates[f"{way}_mbps"]
        lost = np.divide(alone - got, alone, out=np.zeros_like(alone), where=alone > 0.0)
        rates[f"{way}_loss"] = np.maximum(lost, 0.0)
    return xr.Dataset({name: ("user", values) for name, values in rates.items()})
