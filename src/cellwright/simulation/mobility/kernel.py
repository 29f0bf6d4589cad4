"""One phone after another along its way: filter, event, command, execution, failure.

Order within a step: a running execution or re-establishment ends; the serving link is judged; a
command arrives; and at measurement instants the filter moves on and the event is looked at.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.mobility.settings import HandoverSettings

Floats = NDArray[np.float64]
#: Rows of the event table.
REPORT, EXECUTE, COMPLETE, FAILURE, RETURN = 0, 1, 2, 3, 4
EVENTS = ("report", "execute", "complete", "failure", "return")
#: Why a connection failed, by the states of TR 36.839 5.2.1: link lost before the event's entering
#: condition (1), link lost or command lost after it (2), target not reached (3).
LOST_IN_1, LOST_IN_2, COMMAND_LOST, TARGET_MISSED = 1, 2, 3, 4
CAUSES = ("", "link-lost", "link-lost-in-handover", "command-lost", "target-missed")
_CONNECTED, _EXECUTING, _AWAY = 0, 1, 2
_SLACK = 1e-9
_NEVER = math.inf
_NEPER = math.log(10.0) / 10.0


class Knobs(NamedTuple):
    """Settings as the kernel takes them: times [s], power ratios, counts of steps."""

    step_s: float
    every: int
    indicate: int
    filter_share: float
    a5: bool
    margin_db: float
    hysteresis_db: float
    serving_dbm: float
    neighbour_dbm: float
    a2_dbm: float
    ttt_s: float
    prepare_s: float
    execute_s: float
    away_s: float
    qout: float
    qin: float
    out_share: float
    in_share: float
    holdoff_s: float
    n310: int
    n311: int
    t310_s: float
    t304_s: float
    waits: bool
    noise_mw: float


def knobs(settings: HandoverSettings, step_s: float, noise_mw: float) -> Knobs:
    """Turn settings into what the kernel takes."""
    s = settings
    return Knobs(
        step_s, max(1, round(s.l1_period_s / step_s)), max(1, round(s.indication_s / step_s)),
        s.filter_share(), s.event == "a5", s.offset_db + s.hysteresis_db, s.hysteresis_db,
        s.a5_serving_dbm, s.a5_neighbour_dbm, _NEVER if s.a2_dbm is None else s.a2_dbm,
        s.ttt_s, s.prepare_s, s.execute_s, s.reestablish_s,
        10.0 ** (s.qout_db / 10.0), 10.0 ** (s.qin_db / 10.0),
        1.0 - math.exp(-step_s / s.qout_window_s), 1.0 - math.exp(-step_s / s.qin_window_s),
        s.holdoff_s, s.n310, s.n311, s.t310_s, 0.0 if s.t304_s is None else s.t304_s,
        s.command == "waits", noise_mw,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _ratio(level_dbm: float, weight: float, total_mw: float, noise_mw: float) -> float:
    """SINR of one cell out of the weighted sum of all, as a power ratio."""
    own = math.exp(level_dbm * _NEPER)
    return own / (max(total_mw - weight * own, 0.0) + noise_mw)


@njit(cache=True, nogil=True)
def _powers(
    level_dbm: Any, scale: NDArray[np.float32], bits: NDArray[np.int32], power: NDArray[np.float32]
) -> None:
    """Turn levels [dBm] into ``power`` times ``scale`` [mW]; ``bits`` is ``scale``'s memory."""
    for cell in range(level_dbm.size):
        level = max(level_dbm[cell], np.float32(-370.0))
        whole = np.int32(level * np.float32(0.33219281) + np.float32(256.5)) - np.int32(256)
        # 10 log10(2) in two parts, the first so short that its product with ``whole`` is exact
        rest = level - np.float32(whole) * np.float32(3.0107421875)
        rest += np.float32(whole) * np.float32(0.000442230860188)
        f = rest * np.float32(0.33219280948873623)
        bits[cell] = (whole + np.int32(127)) << np.int32(23)
        p = np.float32(1.5252733804059838e-05)
        p = p * f + np.float32(0.00015403530393381606)
        p = p * f + np.float32(0.0013333558146428443)
        p = p * f + np.float32(0.009618129107628477)
        p = p * f + np.float32(0.055504108664821576)
        p = p * f + np.float32(0.24022650695910072)
        p = p * f + np.float32(0.6931471805599453)
        power[cell] = p * f + np.float32(1.0)


@njit(cache=True, nogil=True, fastmath=True)
def _sum(power: Any, scale: Any, weight: Any) -> float:
    total = 0.0
    for cell in range(power.size):
        total += power[cell] * scale[cell] * weight[cell]
    return total


@njit(cache=True, nogil=True)
def weighted_power(
    level_dbm: NDArray[np.float32], weight: NDArray[np.float32], total_mw: Floats
) -> None:
    """Sum all cells' power times their weights [mW], row by row.

    Parameters
    ----------
    level_dbm : float32 [row, cell]
        Levels, up to 380 dBm; below -370 dBm they count as -370.
    weight : float32 [cell]
        Weights.
    total_mw : float64 [row]
        Filled in, to 4e-7 of itself.

    Notes
    -----
    10^(x/10) as a power of two: the whole part goes into the exponent's bits, the rest through
    Taylor's polynomial of 2^f to f^7 on -1/2 to 1/2, so that the loop runs on whole vectors.
    """
    cells = level_dbm.shape[1]
    bits = np.empty(cells, np.int32)
    scale, power = bits.view(np.float32), np.empty(cells, np.float32)
    for row in range(level_dbm.shape[0]):
        _powers(level_dbm[row], scale, bits, power)
        total_mw[row] = _sum(power, scale, weight)


@njit(cache=True, nogil=True)
def near_cells(rows: Any, level: Any, within_db: float, near: NDArray[np.bool_]) -> None:
    """Mark the cells that come within ``within_db`` of the strongest one in any of the rows."""
    last = -1
    for row in rows:
        if row == last:
            continue
        last = row
        limit = np.float32(level[row, _strongest(level[row])] - within_db)
        for cell in range(near.size):
            near[cell] |= level[row, cell] >= limit


@njit(cache=True, nogil=True)
def _strongest(level: Any) -> int:
    best = 0
    for cell in range(1, level.size):
        if level[cell] > level[best]:
            best = cell
    return best


@njit(cache=True, nogil=True)
def _look(
    k: Knobs, now: float, period_s: float, heard: Floats, own_offset: Any, serving: int,
    since: Floats,
) -> tuple[int, float]:  # fmt: skip
    """Move the timers of the event on; return the cell to report and when, or -1.

    TS 38.331 5.5.4.1: the entering condition holds for all measurements during time to trigger.
    """
    mine = heard[serving]
    gate = mine + k.hysteresis_db < k.a2_dbm
    weak = mine + k.hysteresis_db < k.serving_dbm
    best, best_score, when = -1, -_NEVER, 0.0
    for cell in range(heard.size):
        if cell == serving:
            continue
        if k.a5:
            score = heard[cell] + own_offset[cell] - k.hysteresis_db - k.neighbour_dbm
            holds = gate and weak and score > 0.0
        else:
            score = heard[cell] - mine + own_offset[cell] - k.margin_db
            holds = gate and score > 0.0
        if not holds:
            since[cell] = _NEVER
            continue
        since[cell] = min(since[cell], now)
        due = since[cell] + k.ttt_s
        if due < now + period_s - _SLACK and score > best_score:
            best, best_score, when = cell, score, max(now, due)
    return best, when


@njit(cache=True, nogil=True)
def _note(
    when: list[float], what: list[tuple[int, int, int, int, int, int]], now: float, user: int,
    kind: int, source: int, target: int, cause: int, step: int,
) -> None:  # fmt: skip
    when.append(now)
    what.append((user, kind, source, target, cause, step))


@njit(cache=True, nogil=True)
def _one_user(
    k: Knobs, user: int, rows: Any, level: Any, total: Floats, weight: Floats, residual: Any,
    faded: bool, own_offset: Any, heard: Floats, since: Floats, served: Any,
    sinr_out: Any, best_out: Any, best_cell: Any, when: list[float],
    what: list[tuple[int, int, int, int, int, int]],
) -> int:  # fmt: skip
    """Follow one phone; return the steps with no usable link."""
    cells, steps = heard.size, rows.size
    period = k.every * k.step_s
    first = rows[0]
    for cell in range(cells):
        heard[cell] = level[first, cell] + (residual[0, cell] if faded else 0.0)
        since[cell] = _NEVER
    serving = _strongest(heard)
    state, done, target, exec_start = _CONNECTED, 0.0, -1, 0.0
    pending, pending_at = False, 0.0
    bad_count, good_count, t310, t310_at, joined_at = 0, 0, False, 0.0, -_NEVER
    now_ratio = _ratio(level[first, serving], weight[serving], total[first], k.noise_mw)
    out_mean, in_mean = now_ratio, now_ratio
    unusable = 0
    for step in range(steps):
        now, row = step * k.step_s, rows[step]
        failed = 0
        if state != _CONNECTED and now >= done - _SLACK:
            ratio = _ratio(level[row, target], weight[target], total[row], k.noise_mw)
            if state == _EXECUTING and ratio < k.qout:
                if now - exec_start < k.t304_s - _SLACK:
                    done = now + k.step_s
                else:
                    failed = TARGET_MISSED
            else:
                kind = COMPLETE if state == _EXECUTING else RETURN
                _note(when, what, now, user, kind, serving, target, 0, step)
                serving, state = target, _CONNECTED
                out_mean, in_mean, joined_at = ratio, ratio, now
                bad_count, good_count, t310 = 0, 0, False
                since[:] = _NEVER
        ratio = _ratio(level[row, serving], weight[serving], total[row], k.noise_mw)
        out_mean += k.out_share * (ratio - out_mean)
        in_mean += k.in_share * (ratio - in_mean)
        if state == _CONNECTED:
            if step % k.indicate == 0:
                bad = out_mean < k.qout and now >= joined_at + k.holdoff_s - _SLACK
                good = in_mean > k.qin
                if good:
                    bad_count = 0
                elif bad and not t310:
                    bad_count += 1
                started = not t310 and bad_count >= k.n310
                if started:
                    t310, t310_at = True, now
                if bad:
                    good_count = 0
                elif good and t310 and not started:
                    good_count += 1
                if t310 and good_count >= k.n311:
                    t310, good_count = False, 0
            if t310 and now - t310_at >= k.t310_s - _SLACK:
                entered = pending
                for cell in range(cells):
                    entered = entered or since[cell] < _NEVER
                failed = LOST_IN_2 if entered else LOST_IN_1
        if failed == 0 and pending and now >= pending_at - _SLACK:
            if t310 and k.waits and ratio >= k.qout:
                t310 = False
            if t310 and not k.waits:
                failed = COMMAND_LOST
            elif not t310:
                _note(when, what, now, user, EXECUTE, serving, target, 0, step)
                pending, state, done, exec_start = False, _EXECUTING, now + k.execute_s, now
                bad_count, good_count = 0, 0
        if failed != 0:
            away = _strongest(heard)
            aimed = target if pending or state == _EXECUTING else away
            _note(when, what, now, user, FAILURE, serving, aimed, failed, step)
            target, state, done = away, _AWAY, now + k.away_s
            pending, t310, bad_count, good_count = False, False, 0, 0
            since[:] = _NEVER
        if step % k.every == 0:
            at = step // k.every
            for cell in range(cells):
                fresh = level[row, cell] + (residual[at, cell] if faded else 0.0)
                heard[cell] += k.filter_share * (fresh - heard[cell])
            if state == _CONNECTED:
                cell, due = _look(k, now, period, heard, own_offset[serving], serving, since)
                if cell >= 0 and not pending:
                    pending, target, pending_at = True, cell, due + k.prepare_s
                    _note(when, what, due, user, REPORT, serving, cell, 0, step)
            best = _strongest(level[row])
            best_cell[at] = best
            best_out[at] = 10.0 * math.log10(
                _ratio(level[row, best], weight[best], total[row], k.noise_mw)
            )
            served[at] = serving if state == _CONNECTED else -1
            sinr_out[at] = 10.0 * math.log10(max(ratio, 1e-12))
        if state != _CONNECTED or ratio < k.qout:
            unusable += 1
    return unusable


@njit(cache=True, nogil=True)
def follow(
    k: Knobs, first_user: int, rows: NDArray[np.int32], level: Any, total: Floats, weight: Floats,
    residual: Any, own_offset: Any, served: Any, sinr_db: Any, best_db: Any, best_cell: Any,
    unusable: NDArray[np.int64],
) -> tuple[Floats, NDArray[np.int64]]:  # fmt: skip
    """Follow all phones of a block.

    Parameters
    ----------
    k : Knobs
    first_user : int
        Number of the block's first user.
    rows : int32 [user, step]
        Row of ``level`` at each step.
    level, total : float [row, cell], float64 [row]
        RSRP [dBm], and the sum of all cells' power times their ``weight`` [mW].
    weight : float64 [cell]
        Share of the resource elements each cell fills.
    residual : float32 [user, measurement, cell]
        Added to the measurements [dB]; none if its first length is not that of ``rows``.
    own_offset : float32 [cell, cell]
        Cell individual offset of a neighbour, by serving cell [dB].
    served, sinr_db, best_db, best_cell : arrays [user, measurement]
        Filled in: serving cell (-1 while away) and its SINR, SINR of the strongest cell and that.
    unusable : int64 [user]
        Filled in: steps without a usable link.

    Returns
    -------
    float64 [event], int64 [event, 6]
        Times [s]; user, kind, source, target, cause and step.
    """
    cells = level.shape[1]
    heard, since = np.empty(cells), np.empty(cells)
    faded = residual.shape[0] == rows.shape[0]
    when = [0.0]
    what = [(0, 0, 0, 0, 0, 0)]
    for user in range(rows.shape[0]):
        unusable[user] = _one_user(
            k, first_user + user, rows[user], level, total, weight,
            residual[user if faded else 0], faded, own_offset, heard, since,
            served[user], sinr_db[user], best_db[user], best_cell[user], when, what,
        )  # fmt: skip
    times, table = np.empty(len(when) - 1), np.empty((len(when) - 1, 6), np.int64)
    for event in range(1, len(when)):
        times[event - 1] = when[event]
        for column, value in enumerate(what[event]):
            table[event - 1, column] = value
    return times, table
