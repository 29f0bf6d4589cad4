"""The slot loop beside closed forms and the static level: levels, block errors, delay, fairness.

Run: PYTHONPATH=src python -m scripts.conformance slots-levels slots-errors slots-delay
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cellwright.network import carrier
from cellwright.simulation import LinkSettings, rate_table
from cellwright.simulation.levels import equal_shares
from cellwright.simulation.scenarios import drop, scenario
from cellwright.simulation.slots import (
    Fading,
    Ftp3,
    SlotPlan,
    SlotResult,
    SlotSettings,
    plan_of_drop,
    run_drop,
    slot_plan,
)
from scripts.figures.base import COLOURS, Drawing, beside, plot, render

Case = dict[str, Any]
Floats = NDArray[np.float64]
RADIO = carrier("n78").changed(dl_layers=1, user_antennas=1)
LINK = LinkSettings(margin_db=0.0)
STILL = Fading("none")
KNOWN = SlotSettings(scheduler="rr", csi="fine", olla_step_db=0.0)
SCHEDULERS = ("rr", "pf", "max_ci")
LOADS = (0.1, 0.3, 0.5, 0.7)
_USERS, _FILE_BYTES, _TARGETS = 60, 500_000, (0.02, 0.1, 0.3)


def _row(what: str, ours: float, reference: float, slack: float, digits: int = 3) -> Case:
    low, high = reference - slack, reference + slack
    return {
        "what": what,
        "ours": round(float(ours), digits),
        "reference": round(float(reference), digits),
        "range": [round(low, digits), round(high, digits)],
        "inside": bool(low <= ours <= high),
    }


def _single(snr_db: Any, settings: SlotSettings, **more: Any) -> SlotPlan:
    """Users of one cell without interference."""
    element = RADIO.element_power_dbm(RADIO.power_dbm)
    fixed = RADIO.user_gain_dbi - RADIO.user_loss_db - RADIO.base_loss_db
    gain = np.atleast_2d(np.asarray(snr_db) + RADIO.noise_dbm_per_re - element - fixed)
    return slot_plan(RADIO, gain, settings=settings, link=LINK, fading=STILL, **more)


@cache
def both_levels() -> tuple[Floats, Floats, Floats]:
    """Static rates of a drop's users, and the slot loop's with a known and a learnt channel."""
    people = drop(scenario("nr-city-3500mhz", rings=1, users_per_cell=6), 3)
    static = equal_shares(people, RADIO, LINK)["dl_mbps"].to_numpy()
    found = [
        run_drop(
            plan_of_drop(people, RADIO, settings=rule, link=LINK, fading=STILL), 2.0, warmup_s=1.0
        ).user_mbps
        for rule in (KNOWN, SlotSettings(scheduler="rr"))
    ]
    return static, found[0], found[1]


def levels() -> Case:
    """Static level and slot loop on the same still network."""
    static, known, learnt = both_levels()
    heard = static > 0.0
    step = 0.03
    rows = [
        _row("known channel, sum of all users", known.sum() / static.sum(), 1.0, step),
        _row("known channel, median user", np.median(known[heard] / static[heard]), 1.0, step),
        _row("CQI and outer loop, sum of all users", learnt.sum() / static.sum(), 1 / 1.1, 0.05),
    ]
    return {
        "title": "Slot loop: levels agree where they overlap",
        "source": "our own static level; 1 / (1 + target) for what HARQ sends again",
        "rows": rows,
        "note": "21 cells, 126 users, full buffers, round robin, no fading: slot loop over static "
        "rates. A tenth of the first transmissions fails on purpose, though nothing need fail on "
        "a still channel, and takes its resources once more.",
        "figures": ["slots-levels.svg"],
    }


def errors() -> Case:
    """First block errors beside the target; multi-user gain and fairness beside closed forms."""
    rows = []
    for target in _TARGETS:
        found = run_drop(
            _single(np.full(6, 12.0), SlotSettings(scheduler="rr", target_error=target)),
            2.0, warmup_s=1.5,
        )  # fmt: skip
        slack = 0.1 * target
        rows.append(_row(f"block errors at target {target:g}", found.block_error, target, slack, 4))
    alone = float(rate_table(RADIO, "downlink", LINK).rate(12.0, 0))
    found = run_drop(_single(np.full(6, 12.0), KNOWN), 1.0, warmup_s=0.5)
    rows.append(_row("Jain's index of six equal users", found.jain, 1.0, 0.01))
    rows.append(_row("their sum over one user alone", found.user_mbps.sum() / alone, 1.0, 0.03))
    return {
        "title": "Slot loop: block errors at the target, fairness",
        "source": "A. Sampath et al., IEEE VTC 1997 (outer loop); R. Jain et al., 1984 (index)",
        "rows": rows,
        "note": "First transmissions over two seconds.",
        "figures": ["slots-fairness.svg"],
    }


@cache
def shared_queue(load: float) -> tuple[SlotResult, float]:
    """Files at one cell at a load, and the mean time a file takes alone [ms]."""
    rate = run_drop(_single(np.full(_USERS, 12.0), KNOWN), 1.0, warmup_s=0.5).user_mbps.sum() * 1e6
    files = load * rate / (8.0 * _FILE_BYTES) / _USERS
    plan = _single(np.full(_USERS, 12.0), KNOWN, traffic=Ftp3(_FILE_BYTES, files))
    return run_drop(plan, 30.0, warmup_s=1.0, seed=2), 8e3 * _FILE_BYTES / rate


def delay() -> Case:
    """Mean delay of files beside M/G/1 with processor sharing; the tail is only shown."""
    rows = []
    for load in LOADS:
        found, alone_ms = shared_queue(load)
        expected = alone_ms / (1.0 - load) + 1.5
        rows.append(
            _row(f"mean delay at load {load:g} [ms]", found.mean_delay_ms, expected,
                 0.1 * expected, 1)
        )  # fmt: skip
    return {
        "title": "Slot loop: delay of files under load",
        "source": "L. Kleinrock, Queueing Systems II, 1976, 4.4: S / (1 - load)",
        "rows": rows,
        "note": "M/G/1 processor sharing and 1.5 ms for a slot's wait and decoding (assumed); "
        f"files of {_FILE_BYTES:,} byte at 60 users of one cell, round robin. The range is 10 %.",
        "figures": ["slots-delay.svg"],
    }


CASES: dict[str, Callable[[], Case]] = {
    "slots-levels": levels,
    "slots-errors": errors,
    "slots-delay": delay,
}


def _draw_levels(sheet: Figure) -> None:
    axes = plot(sheet, "Static level [Mbit/s]", "Slot loop [Mbit/s]", log="xy")
    static, known, learnt = both_levels()
    for colour, name, found in zip(
        COLOURS, ("channel known", "CQI, outer loop"), (known, learnt), strict=False
    ):
        heard = (static > 0.0) & (found > 0.0)
        axes.plot(static[heard], found[heard], ".", color=colour, markersize=4, label=name)
    ends = np.array([static[static > 0.0].min(), static.max()])
    axes.plot(ends, ends, color=COLOURS[6], linewidth=0.8, label="equal")
    axes.plot(ends, ends / 1.1, "--", color=COLOURS[6], linewidth=0.8, label="equal / 1.1")
    beside(axes)


def _draw_fairness(sheet: Figure) -> None:
    axes = plot(sheet, "Rate of a user [Mbit/s]", "Share of users at or below", log="x")
    people = drop(scenario("nr-city-3500mhz", rings=1, users_per_cell=10), 3)
    for colour, scheduler in zip(COLOURS, SCHEDULERS, strict=False):
        rule = SlotSettings(scheduler=scheduler)  # type: ignore[arg-type]
        found = run_drop(plan_of_drop(people, RADIO, settings=rule), 1.0, warmup_s=0.5)
        rate = np.sort(np.maximum(found.user_mbps, 0.01))
        name = f"{scheduler}: sum {found.user_mbps.sum():,.0f}, Jain {found.jain:.2f}"
        share = np.arange(1, rate.size + 1) / rate.size
        axes.step(rate, share, where="post", color=colour, label=name)
    axes.set_ylim(0.0, 1.0)
    beside(axes)


def _draw_delay(sheet: Figure) -> None:
    axes = plot(sheet, "Delay of a file [ms]", "Share of files that take longer", log="xy")
    percent = 100.0 * (1.0 - np.logspace(-0.05, -3.3, 60))
    for colour, load in zip(COLOURS, LOADS, strict=False):
        found, _ = shared_queue(load)
        late = [found.delay_ms(float(p)) for p in percent]
        axes.plot(late, 1.0 - percent / 100.0, color=colour, label=f"load {load:g}")
    beside(axes)


def draw(folder: Path, kind: str = "svg") -> None:
    """Draw the figures of the cases into a folder."""
    for name, title, source, clause, made in (
        ("slots-levels", "The same still network at two levels", "our static level", "round robin",
         _draw_levels),
        ("slots-fairness", "Rates of users under three schedulers, 21 cells", "slot loop",
         "full buffers", _draw_fairness),
        ("slots-delay", "Tail of the delay of files at one cell", "slot loop", "FTP model 3",
         _draw_delay),
    ):  # fmt: skip
        render(Drawing(name, title, source, clause, made), folder, kind)
