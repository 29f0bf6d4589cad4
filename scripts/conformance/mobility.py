"""Mobility and spectrum beside analytic cases and an independent implementation.

Run: PYTHONPATH=src python -m scripts.conformance.mobility [FOLDER]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cellwright.radio import antenna
from cellwright.simulation.mobility import (
    HandoverSettings,
    Mobility,
    Residual,
    Shadowing,
    Walk,
    hexagon_cluster,
    hexagon_source,
    mobility,
    straight_walks,
)
from cellwright.simulation.spectrum import (
    SharedCarrier,
    cross_link_share,
    guard_reach_m,
    share_spectrum,
    tdd_rates,
    tdd_sinr,
)
from scripts.figures.base import COLOURS, Drawing, plot, render

Case = dict[str, Any]
TTT_S = (0.0, 0.04, 0.08, 0.16, 0.32, 0.48, 0.64, 1.024)
SPEEDS = ("pedestrian", "car", "fast-car")
_SEED = 7
_TR = "3GPP TR 36.839 V11.1.0"


def _row(what: str, ours: float, reference: float, slack: float, digits: int = 3) -> Case:
    """One line of a case: ours beside the reference and the range it must lie in."""
    low, high = reference - slack, reference + slack
    return {
        "what": what,
        "ours": round(float(ours), digits),
        "reference": round(float(reference), digits),
        "range": [round(low, digits), round(high, digits)],
        "inside": bool(low - 1e-9 <= ours <= high + 1e-9),
    }


def _line(settings: HandoverSettings, speed: float) -> Mobility:
    """Past two masts 1 km apart, 0.02 dB lost per metre."""
    x = np.arange(0.0, 1000.0, speed * 0.01)[None]
    walk = Walk(x, np.zeros_like(x), np.array([speed]), ("car",), 0.01)

    def levels(x_m: Any, y_m: Any) -> Any:
        return -80.0 - 0.02 * np.abs(np.stack([x_m, x_m - 1000.0], axis=1))

    return mobility(walk, levels, settings, noise_dbm=-150.0, load=0.0)


def line() -> Case:
    """Where the report is sent, and how much the layer-3 filter delays it."""
    rows = []
    for offset, hysteresis, ttt, speed in (
        (0.0, 0.0, 0.0, 10.0), (2.0, 1.0, 0.16, 10.0), (3.0, 0.5, 0.64, 30.0),
        (-1.0, 1.0, 0.32, 1.0),
    ):  # fmt: skip
        chosen = HandoverSettings(offset_db=offset, hysteresis_db=hysteresis, ttt_s=ttt, l3_k=0)
        got = speed * float(_line(chosen, speed).events["t_s"][0])
        wanted = 500.0 + (offset + hysteresis) / 0.04 + speed * ttt
        what = f"offset {offset:g} + {hysteresis:g} dB, TTT {ttt:g} s, {speed:g} m/s: report at [m]"
        rows.append(_row(what, got, wanted + 0.02 * speed, 0.02 * speed))
    for k in (4, 8, 11):
        late = [
            float(_line(HandoverSettings(ttt_s=0.0, l3_k=n), 10.0).events["t_s"][0]) for n in (0, k)
        ]
        share = HandoverSettings(l3_k=k).filter_share()
        rows.append(
            _row(f"filterCoefficient {k}: delay [s]", late[1] - late[0],
                 0.04 * (1.0 - share) / share, 0.04)
        )  # fmt: skip
    return {
        "title": "Handover between two masts on a line",
        "source": "analytic: TS 38.331 5.5.4.4 (event A3) and 5.5.3.2 (filter)",
        "rows": rows,
        "note": "The range is one measurement period of 40 ms. Without noise there is exactly one "
        "handover and no ping-pong.",
    }


def peer() -> Case:
    """The same noisy trace through handoverlab: how many events stand at the same time."""
    from tests.simulation.mobility.test_mobility_peer import ours, theirs, trace

    made = trace.__wrapped__() if hasattr(trace, "__wrapped__") else trace.__pytest_wrapped__.obj()
    rows = []
    for command in ("lost", "receive"):
        for offset, ttt, n310 in ((3.0, 0.0, 1), (3.0, 0.16, 1), (2.0, 0.64, 4)):
            one, other = (f(made, offset, ttt, command, n310) for f in (ours, theirs))
            what = f"A3 {offset:g} dB, TTT {ttt:g} s, N310 {n310}, command {command}: equal events"
            rows.append(_row(what, len(one & other), len(one | other), 0.0))
    return {
        "title": "Every event of a noisy trace, beside an independent implementation",
        "source": "handoverlab 2.8.0 (MIT), the same levels and measurements: 12 users, 122 cells, "
        "30 s",
        "rows": rows,
        "note": "Reports, commands, completions, failures and returns count; an event is equal if "
        "user, kind, cells and time (to 0.1 ms) are.",
    }


@cache
def hexagons(speed: str, ttt_s: float, users: int = 150, seconds: float = 60.0) -> Mobility:
    """19 sites of three sectors, 500 m apart, all cells busy: users in straight lines."""
    cluster = hexagon_cluster(19, 500.0)
    # 46 dBm and noise figure 9 dB over 600 subcarriers of 15 kHz
    source = hexagon_source(
        cluster, lambda d: 128.1 + 37.6 * np.log10(np.maximum(d, 35.0) / 1000.0),
        46.0 - 27.8, antenna("lte-sector"), height_m=30.5, tilt_deg=10.0,
    )  # fmt: skip
    walk = straight_walks(cluster, users, seconds, shares={speed: 1.0}, seed=_SEED)
    return mobility(
        walk, source, HandoverSettings(ttt_s=ttt_s, offset_db=1.0, hysteresis_db=1.0),
        load=1.0, noise_dbm=-123.2, shadowing=Shadowing(8.0, 50.0, 3, 0.5),
        residual=Residual(2.0), seed=_SEED,
    )  # fmt: skip


def time_to_trigger() -> Case:
    """Longer time to trigger: fewer ping-pongs, more handovers that fail."""
    rows = []
    for speed in SPEEDS:
        tables = [hexagons(speed, ttt).per_user() for ttt in TTT_S]
        pings = [int(table["ping_pongs"].sum()) for table in tables]
        fails = [int(table["handover_failures"].sum()) for table in tables]
        for name, counts, falls in (("ping-pongs", pings, True), ("failures", fails, False)):
            ordered = sorted(counts, reverse=falls)
            first, last = counts[0], counts[-1]
            right = last < first if falls else last >= first
            rows.append({
                "what": f"{speed}: {name} from TTT 0 to {TTT_S[-1]:g} s",
                "ours": f"{first} to {last}", "reference": "falls" if falls else "grows",
                "range": "steadily" if counts == ordered else "on the whole", "inside": right,
            })  # fmt: skip
    return {
        "title": "Ping-pong against handover failure",
        "source": f"{_TR} clause 5.2.1 (definitions); the law, not figures of the report",
        "rows": rows,
        "note": "57 cells on a wrapped hexagon cluster, all busy, shadowing 8 dB over 50 m, 150 "
        "users for 60 s at each speed, common random numbers. Calibration figures of TR 36.839 "
        "were not at hand and are not claimed.",
    }


def tdd() -> Case:
    """Cross-links of TDD patterns by count and by hand."""
    rows = [
        _row("DDDSU beside DDDSU: time of cross-link", cross_link_share(["DDDSU"] * 2).max(), 0, 0),
        _row("DDDSU beside DSUUU: down against up", cross_link_share(["DDDSU", "DSUUU"])[0, 1],
             26 / 70, 1e-9, 6),
        _row("10:2:2 at 30 kHz: guard reaches [km]", guard_reach_m("DDDSU") / 1e3,
             2 * 0.5 / 14 * 299.792458, 1e-6),
    ]  # fmt: skip
    masts = np.array([[0.0, -100.0], [-100.0, 0.0]])
    got = tdd_sinr(
        [[-90.0, -110.0], [-115.0, -95.0]], [0, 1], ["DDDDU", "UUUUD"], 46.0, 23.0, masts,
        np.full((2, 2), -80.0), noise_dbm=-87.0, base_noise_dbm=-89.0,
    )  # fmt: skip
    first = int(np.flatnonzero(got["direction"].to_numpy()[:, 0] == 1)[0])
    down = -44.0 - 10 * np.log10(10**-8.7 + 10**-5.7)
    up = -72.0 - 10 * np.log10(10**-8.9 + 10**-5.4)
    rows.append(_row("base to base: uplink SINR [dB]", got["ul_sinr_db"][first, 1], up, 1e-6))
    rows.append(_row("user to user: downlink SINR [dB]", got["dl_sinr_db"][first, 0], down, 1e-6))
    return {
        "title": "TDD patterns that do not match",
        "source": "by hand from TS 38.213 11.1 patterns and link budgets",
        "rows": rows,
        "note": "Separation distances of ECC Report 296 hang on its antennas and are not compared.",
    }


def sharing() -> Case:
    """Elements of a block and subframe on a carrier that LTE and NR share, counted by hand."""
    two, four = SharedCarrier(100), SharedCarrier(100, 4, 1)
    rows = [
        _row("LTE, 2 ports, 2 control symbols", two.lte_elements(), 168 - 24 - 12, 0),
        _row("LTE, 4 ports, 1 control symbol", four.lte_elements(), 168 - 12 - 20, 0),
        _row("NR around 2 ports", two.nr_elements(), 168 - 36 - 12 - 12, 0),
        _row("NR in an MBSFN subframe", two.nr_elements(mbsfn=True), 168 - 36 - 12, 0),
    ]
    return {
        "title": "Resource elements of a shared carrier",
        "source": "TS 36.211 6.7, 6.10.1.2 and 6.10.2; TS 38.214 5.1.4.2; counted by hand",
        "rows": rows,
        "note": "Data elements in one resource block and subframe.",
    }


CASES: dict[str, Callable[[], Case]] = {
    "mobility-line": line,
    "mobility-peer": peer,
    "mobility-time-to-trigger": time_to_trigger,
    "spectrum-tdd": tdd,
    "spectrum-sharing": sharing,
}


def _draw_line(sheet: Figure) -> None:
    axes = plot(sheet, "TTT [s]", "report at [m]")
    ttt = np.array(TTT_S)
    for number, speed in enumerate((3.0, 10.0, 30.0)):
        at = [
            speed * float(_line(HandoverSettings(ttt_s=t, l3_k=0), speed).events["t_s"][0])
            for t in TTT_S
        ]
        colour = COLOURS[number]
        due = 575.0 + speed * ttt
        axes.fill_between(
            ttt, due, due + 0.04 * speed, color=colour, alpha=0.3, linewidth=0,
            label=f"{speed:g} m/s, analytic and one period on",
        )  # fmt: skip
        axes.plot(ttt, at, "o", color=colour, markersize=4, label=f"{speed:g} m/s, simulated")
    axes.legend(loc="upper left")


def _draw_stay(sheet: Figure) -> None:
    axes = plot(sheet, "time of stay [s]", "share of stays shorter", log="x")
    for number, speed in enumerate(SPEEDS):
        for style, ttt in (("-", 0.16), (":", 0.64)):
            stay = np.sort(hexagons(speed, ttt).stays()["stay_s"].to_numpy())
            share = (np.arange(stay.size) + 1.0) / stay.size
            axes.step(
                stay, share, style, color=COLOURS[number], where="post",
                label=f"{speed}, TTT {ttt:g} s ({stay.size})",
            )  # fmt: skip
    axes.axvline(1.0, color="#888888", linewidth=0.8)
    axes.text(
        0.97, 0.97, "ping-pong if shorter", color="#555555", fontsize=8.0, ha="right", va="top"
    )
    axes.set_xlim(0.2, 60.0)
    axes.set_ylim(0.0, 1.0)
    axes.legend(loc="lower right")


def _draw_ttt(sheet: Figure) -> None:
    names = (
        ("ping_pong_rate", "ping-pongs per handover"),
        ("handover_failure_rate", "failed share"),
    )
    for place, (name, label) in zip((121, 122), names, strict=True):
        axes = plot(sheet, "TTT [s]", label, place)
        for number, speed in enumerate(SPEEDS):
            rows = [hexagons(speed, ttt).summary().loc[name] for ttt in TTT_S]
            value, low, high = (
                np.array([row[column] for row in rows]) for column in ("value", "low", "high")
            )
            axes.plot(TTT_S, value, "o-", color=COLOURS[number], markersize=3, label=speed)
            axes.fill_between(TTT_S, low, high, color=COLOURS[number], alpha=0.15, linewidth=0)
        axes.set_ylim(bottom=0.0)
    axes.legend(loc="upper left")


def _draw_places(sheet: Figure) -> None:
    axes = plot(sheet, "east [m]", "north [m]")
    got = hexagons("fast-car", 0.64, 60)
    cluster = hexagon_cluster(19, 500.0)
    done, failed = got.places("complete"), got.places("failure")
    axes.plot(done["x_m"], done["y_m"], ".", color=COLOURS[5], markersize=2, label="handover")
    axes.plot(failed["x_m"], failed["y_m"], "x", color=COLOURS[1], markersize=3, label="failure")
    axes.plot(*cluster.site_m.T, "^", color=COLOURS[6], markersize=4, label="site")
    axes.set_aspect("equal")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02))


def _two_operators(cells: int = 20, users: int = 60) -> tuple[Any, ...]:
    """Two operators on masts of their own in one town; free space between masts and slope 3.5."""
    draw = np.random.default_rng(_SEED)
    masts, phones = draw.uniform(0, 2500, (cells, 2)), draw.uniform(0, 2500, (users, 2))
    operator = np.arange(cells) % 2

    def apart(a: Any, b: Any) -> Any:
        return np.maximum(np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)), 10.0)

    gain = 15.0 - (36.0 + 35.0 * np.log10(apart(masts, phones)))
    own = operator[:, None] == np.arange(users)[None, :] % 2
    serving = np.where(own, gain, -np.inf).argmax(axis=0)
    between = 2 * 5.0 - (43.3 + 20.0 * np.log10(apart(masts, masts)))
    people = -(36.0 + 40.0 * np.log10(apart(phones, phones)))
    return gain, serving, between, people, operator


def _draw_tdd(sheet: Figure) -> None:
    axes = plot(sheet, "filters and spectrum between the operators, ACIR [dB]", "throughput lost")
    gain, serving, masts, phones, operator = _two_operators()
    foreign = operator[:, None] != operator[None, :]
    acir = np.arange(0.0, 101.0, 5.0)
    worst = np.zeros(acir.size)
    cases = (("DSUUU", 0.0), ("DDSUU", 0.0), ("DDDSU", 0.5), ("DDDSU", 0.0))
    for number, (other, late_ms) in enumerate(cases):
        rows = []
        for ratio in acir:
            got = tdd_sinr(
                gain, serving, [("DDDSU", other)[k] for k in operator], 46.0, 23.0, masts, phones,
                noise_dbm=-87.0, base_noise_dbm=-89.0, load=0.5, uplink_load=0.5,
                acir_db=np.where(foreign, ratio, 0.0), shift_ms=late_ms * operator,
            )  # fmt: skip
            both = tdd_rates(got, _shannon, _shannon).sum()
            rows.append(
                [float(1.0 - both[f"{w}_mbps"] / both[f"{w}_alone_mbps"]) for w in ("dl", "ul")]
            )
        down, up = np.array(rows).T
        worst = np.maximum(worst, down)
        name = f"{other}, {late_ms:g} ms later" if late_ms else other
        axes.plot(acir, up, color=COLOURS[number], label=f"uplink, DDDSU beside {name}")
    axes.plot(acir, worst, "--", color=COLOURS[6], label="downlink, worst of them")
    axes.set_ylim(0.0, 1.0)
    axes.legend(loc="upper right")


def _shannon(sinr_db: Any) -> Any:
    return 70.0 * np.minimum(np.log2(1.0 + 10.0 ** (np.asarray(sinr_db) / 10.0)), 7.4)


def _draw_sharing(sheet: Figure) -> None:
    axes = plot(sheet, "LTE [Mbit/s]", "NR [Mbit/s]")
    bits = (2.5, 3.2)
    shares = np.linspace(0.0, 1.0, 21)
    rows: list[tuple[str, Any]] = []
    whole = SharedCarrier(100)
    alone = np.array([whole.lte_alone_per_ms * bits[0], whole.nr_alone_per_ms * bits[1]]) * 0.95e-3
    axes.plot([alone[0], 0.0], [0.0, alone[1]], "--", color=COLOURS[6],
              label="carrier cut in two, no sharing")  # fmt: skip
    for mbsfn in (0, 1, 3, 6):
        for ports in (2, 4):
            carrier = SharedCarrier(100, ports, mbsfn_subframes=mbsfn)
            got = [
                share_spectrum(carrier, 900.0 * a + 1e-9, 900.0 * (1.0 - a), lambda _: bits)
                for a in shares
            ]
            if ports == 2 or mbsfn == 1:
                name = f"shared, {ports} ports, {mbsfn} MBSFN of 10"
                rows.append((name, np.array([[g["lte_mbps"], g["nr_mbps"]] for g in got])))
    for number, (name, points) in enumerate(rows):
        axes.plot(*points.T, color=COLOURS[number], label=name)
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)
    axes.legend(loc="upper right")


FIGURES = (
    Drawing("mobility-line", "Where the report is sent", "analytic", "TS 38.331 5.5.4.4",
            _draw_line),
    Drawing("mobility-stay", "Time of stay in a cell, 57 cells 500 m apart", _TR, "5.2.1",
            _draw_stay),
    Drawing("mobility-time-to-trigger", "Ping-pong against failure, with 95 % intervals", _TR,
            "5.2.1", _draw_ttt),
    Drawing("mobility-places", "Where handovers happen and fail (60 km/h, TTT 0.64 s)", _TR,
            "5.2.1", _draw_places),
    Drawing("spectrum-tdd", "Two operators with other TDD patterns in one town", "TS 38.213",
            "11.1", _draw_tdd),
    Drawing("spectrum-sharing", "LTE and NR on one carrier of 20 MHz", "TS 38.214", "5.1.4.2",
            _draw_sharing),
)  # fmt: skip


def draw(folder: Path, kind: str = "svg") -> list[Path]:
    """Draw all figures into a folder."""
    return [render(drawing, folder, kind) for drawing in FIGURES]


def main(folder: Path) -> None:
    """Measure all cases and draw all figures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        text = json.dumps(case(), indent=1)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    draw(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/conformance"))
