"""The static level beside arithmetic and a closed form: V7 (LTE and NR) and V8 (Poisson network).

Run: PYTHONPATH=src python -m scripts.conformance static-peak static-poisson
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import gammaln, hyp2f1

from cellwright.network import Carrier, carrier
from cellwright.radio import lte_subframe_bits, nr_transport_block_size, peak_rate_mbps
from cellwright.simulation import rate_table
from cellwright.simulation.served import Served
from scripts.figures.base import COLOURS, Drawing, beside, plot, render

Case = dict[str, Any]
Floats = NDArray[np.float64]
EXPONENT = 3.5
THRESHOLDS_DB = (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0)
_NEAREST, _DRAWN, _BATCH, _SEED = 60, 200_000, 20_000, 8


def _row(what: str, ours: float, reference: float, low: float, high: float, digits: int) -> Case:
    return {
        "what": what,
        "ours": round(float(ours), digits),
        "reference": round(float(reference), digits),
        "range": [round(float(low), digits), round(float(high), digits)],
        "inside": bool(low <= ours <= high),
    }


def nr_peak_mbps(radio: Carrier, time_share: float) -> float:
    """Peak of a carrier with four layers of 256QAM by TS 38.306."""
    return peak_rate_mbps(
        radio.n_prb, radio.scs_khz, radio.dl_layers, 8, "FR1", time_share=time_share
    )


def lte_peak_mbps() -> float:
    """Two blocks of 64QAM over 100 resource blocks every millisecond."""
    return float(np.max(lte_subframe_bits(np.array([26]), 100, 2))) / 1000.0


def block_peak_mbps(radio: Carrier) -> float:
    """Peak of NR in whole transport blocks, every downlink symbol but two of a slot with data."""
    bits = nr_transport_block_size(
        radio.n_prb, 8, 948.0 / 1024.0, radio.dl_layers, symbols=14, dmrs_re_per_prb=24
    )
    return float(bits) * radio.scs_khz / 15.0 * radio.dl_share / 1000.0


def peak() -> Case:
    """Peak rates of LTE 20 MHz and NR 100 MHz, their ratio, and what the link tables reach."""
    nr, lte = carrier("n78"), carrier("b3")
    whole, shared, old = nr_peak_mbps(nr, 1.0), nr_peak_mbps(nr, 0.75), lte_peak_mbps()
    link = [rate_table(one).mbps.max() for one in (nr, lte)]
    tdd = nr_peak_mbps(nr, nr.dl_share)
    most = block_peak_mbps(nr)
    rows = [
        _row("NR 100 MHz, 4 layers, 256QAM, all symbols [Mbit/s]", whole, 2337, 2336.5, 2337.5, 1),
        _row("NR, 75 % of the symbols [Mbit/s]", shared, 1753, 1752.5, 1753.5, 1),
        _row("LTE 20 MHz, 2x2, 64QAM [Mbit/s]", old, 150.8, 150.7, 150.8, 2),
        _row("ratio, all symbols", whole / old, 15.5, 15.45, 15.55, 2),
        _row("ratio, 75 % of the symbols", shared / old, 11.6, 11.55, 11.65, 2),
        _row("NR by the link tables, DDDSU, at most [Mbit/s]", link[0], tdd, 0.9 * tdd, most, 1),
        _row("LTE by the link tables, at most [Mbit/s]", link[1], old, 0.98 * old, old, 1),
        _row("ratio by the link tables", link[0] / link[1], 11.6, 9.9, 11.7, 2),
    ]
    return {
        "title": "V7: LTE and NR, peak arithmetic",
        "source": "TS 38.306 4.1.2; TS 36.213 Tables 7.1.7.2.1-1 and 7.1.7.2.2-1",
        "rows": rows,
        "note": "The link tables also count broadcast, reference signals and whole transport "
        "blocks. TS 38.214 5.1.3.2 rounds the largest blocks to multiples of 32,768 bits, here up "
        "by 1.3 %, so a carrier can carry more than the formula of TS 38.306; the range ends at "
        "that block. Special slots give part of their symbols to the "
        f"downlink: {100.0 * nr.dl_share:.1f} % of the symbols in DDDSU.",
        "figures": ["static-peak.svg"],
    }


def coverage(threshold_db: Floats | tuple[float, ...], exponent: float = EXPONENT) -> Floats:
    """Probability that the SIR of the typical user exceeds a threshold, closed form.

    1 / 2F1(1, -d; 1 - d; -t), d = 2 / exponent: nearest station of a Poisson network, Rayleigh
    fading on every path. M. Haenggi, Stochastic Geometry for Wireless Networks, Cambridge 2012;
    J. G. Andrews, F. Baccelli, R. K. Ganti, IEEE Trans. Commun. 59(11), 2011, for exponent 4.
    """
    share = 2.0 / exponent
    ratio = 10.0 ** (np.asarray(threshold_db) / 10.0)
    return np.asarray(1.0 / hyp2f1(1.0, -share, 1.0 - share, -ratio))


@cache
def poisson_sir_db(drawn: int = _DRAWN, seed: int = _SEED) -> Floats:
    """SIR of users of Poisson networks by the product's own SINR [dB], one network per user.

    In the plane pi lambda r^2 of the k-th nearest station is a sum of k unit exponentials. What
    lies beyond the last one drawn is the mean of its interference, in a row of its own: its
    spread is a part in thousands of the whole.
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(0, drawn, _BATCH):
        area = np.cumsum(rng.exponential(size=(_NEAREST, _BATCH)), axis=0)
        power = rng.exponential(size=area.shape) * area ** (-EXPONENT / 2.0)
        rest = area[-1] ** (1.0 - EXPONENT / 2.0) / (EXPONENT / 2.0 - 1.0)
        found.append(_sir_db(power, rest))
    return np.concatenate(found)


def _sir_db(power: Floats, rest: Floats) -> Floats:
    """SIR through :class:`Served`: the first row serves, all others and ``rest`` disturb."""
    users = power.shape[1]
    heard = np.vstack([np.zeros(users), power[1:], rest]).astype(np.float32)
    served = Served(
        np.arange(users), np.zeros(users, np.int64), np.zeros(users, np.uint8),
        (10.0 * np.log10(power[0])).astype(np.float32), heard, np.zeros(users),
        np.zeros(len(heard)),
    )  # fmt: skip
    return served.sinr_db(np.ones(len(heard)), 0.0)


def poisson() -> Case:
    """Coverage of a Poisson network against the closed form."""
    sir, exact = poisson_sir_db(), coverage(THRESHOLDS_DB)
    rows = []
    for threshold, reference in zip(THRESHOLDS_DB, exact, strict=True):
        error = 3.0 * np.sqrt(reference * (1.0 - reference) / sir.size)
        rows.append(
            _row(f"P(SIR > {threshold:g} dB)", float((sir > threshold).mean()), float(reference),
                 reference - error, reference + error, 4)
        )  # fmt: skip
    return {
        "title": "V8: SIR of a Poisson network, exponent 3.5, Rayleigh fading",
        "source": "M. Haenggi, Stochastic Geometry for Wireless Networks, 2012: "
        "1 / 2F1(1, -2/a; 1 - 2/a; -t)",
        "rows": rows,
        "note": f"{sir.size:,} networks with their {_NEAREST} nearest stations; the range is three "
        "standard errors. The SIR is that of the static level and of drops on a map.",
        "figures": ["static-poisson.svg"],
    }


def best_of_rayleigh_mean(users: int) -> float:
    """Mean of the strongest of n Rayleigh channels: the n-th harmonic number."""
    return float(sum(1.0 / k for k in range(1, users + 1)))


def scheduling() -> Case:
    """Multi-user gain by the quadrature against closed forms."""
    from cellwright.simulation.fading import fading_power

    rows = []
    for users in (2, 4, 16):
        power, weight = fading_power(users=users)
        wanted = best_of_rayleigh_mean(users)
        rows.append(
            _row(f"mean power of the best of {users} Rayleigh channels", power @ weight, wanted,
                 0.998 * wanted, 1.002 * wanted, 4)
        )  # fmt: skip
    for branches in (2, 4):
        power, weight = fading_power(branches=branches)
        # E[g^(1/2)] of a gamma variable of mean 1
        wanted = float(np.exp(gammaln(branches + 0.5) - gammaln(branches)) / np.sqrt(branches))
        rows.append(
            _row(f"mean amplitude behind {branches} branches", np.sqrt(power) @ weight, wanted,
                 0.999 * wanted, 1.001 * wanted, 4)
        )  # fmt: skip
    return {
        "title": "Fading averages of the static level",
        "source": "harmonic numbers; moments of the gamma distribution",
        "rows": rows,
        "note": "The range is 0.2 % and 0.1 %. A drawn slot loop of proportional fair and of max "
        "C/I stands beside the schedulers' shares in the tests, within 2 to 3 %.",
    }


CASES: dict[str, Callable[[], Case]] = {
    "static-peak": peak,
    "static-poisson": poisson,
    "static-fading": scheduling,
}


def _draw_poisson(sheet: Figure) -> None:
    axes = plot(sheet, "SIR threshold [dB]", "Probability of a higher SIR")
    axis = np.linspace(-15.0, 25.0, 161)
    axes.plot(axis, coverage(axis), color=COLOURS[0], label="closed form")
    sir = poisson_sir_db()
    marks = np.arange(-14.0, 25.0, 3.0)
    seen = [(sir > mark).mean() for mark in marks]
    axes.plot(marks, seen, "o", color=COLOURS[1], markersize=5, label="drawn, our SINR")
    axes.set_ylim(0.0, 1.0)
    beside(axes)


def _draw_peak(sheet: Figure) -> None:
    axes = plot(sheet, "SINR of one layer with all the power [dB]", "Rate of one user [Mbit/s]",
                log="y")  # fmt: skip
    snr = np.linspace(-10.0, 55.0, 261)
    for colour, name, radio in zip(COLOURS, ("NR, n78", "LTE, B3"), ("n78", "b3"), strict=False):
        table = rate_table(carrier(radio))
        for sight, style in ((0, "-"), (1, "--")):
            rate = table.rate(snr, np.full(snr.size, sight))
            label = f"{name}, {'in' if sight else 'out of'} sight"
            axes.plot(snr, np.where(rate > 0.0, rate, np.nan), style, color=colour, label=label)
    nr = carrier("n78")
    limits = ((nr_peak_mbps(nr, nr.dl_share), "peak, DDDSU"), (lte_peak_mbps(), "peak, 2x2 64QAM"))
    for colour, (limit, name) in zip(COLOURS, limits, strict=False):
        axes.axhline(limit, color=colour, linestyle=":", label=name)
    beside(axes)


def draw(folder: Path) -> None:
    """Draw the figures of the cases into a folder."""
    poisson_source = "M. Haenggi, Stochastic Geometry for Wireless Networks, 2012"
    for name, title, source, made in (
        ("static-peak", "LTE and NR: rate of one user, and the peak", "TS 38.306, TS 36.213",
         _draw_peak),
        ("static-poisson", "A Poisson network, exponent 3.5, Rayleigh fading", poisson_source,
         _draw_poisson),
    ):  # fmt: skip
        document, _, clause = source.partition(", ")
        render(Drawing(name, title, document, clause, made), folder)
