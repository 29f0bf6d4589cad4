"""The link beside the standards' block sizes and simulated LDPC: V6.

Reference rows are fetched, not ours to ship: counts, differences and drawings leave this module.
Run: PYTHONPATH=src python -m scripts.conformance link-nr-sizes link-lte-sizes link-ldpc
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import ndtri

from cellwright.radio import lte_transport_block_size, nr_transport_block_size
from cellwright.simulation.link import code_block_error
from scripts.figures.base import COLOURS, Drawing, beside, plot, render

ROOT = Path(__file__).parents[2]
#: Largest difference of an LDPC point from the closed form [dB].
BAND_DB = 0.25
#: Simulated blocks of a point.
BLOCKS = 300
_VECTORS = 128
_ORDERS = {"QPSK": 2, "QAM16": 4, "QAM64": 6, "QAM256": 8}
#: I_TBS 6 in one block: TS 36.213 has a size for voice there; the reference file follows a
#: simulator that smoothed it to 88 bits.
_VOICE = (6, 1, 328)
_SNR_DB = np.arange(-10.0, 30.0, 0.01)
_FORMULA = "0.98 - 0.4 R^4 + 16 / m (100 / k)^0.4 dB"
Case = dict[str, Any]
Floats = NDArray[np.float64]


def _reference(name: str) -> pd.DataFrame | None:
    given = os.environ.get("CELLWRIGHT_REFERENCE_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data" / "reference"
    path = folder / "system" / name
    return pd.read_csv(path, comment="#") if path.is_file() else None


def _needed(name: str) -> pd.DataFrame:
    table = _reference(name)
    if table is None:
        raise SystemExit(f"{name} is not at hand; set CELLWRIGHT_REFERENCE_DATA.")
    return table


def _count(what: str, same: Any, expected: int) -> Case:
    same = np.asarray(same, bool)
    return {
        "what": what,
        "ours": f"{int(same.sum()):,} equal",
        "reference": f"{same.size:,} values",
        "range": f"{expected:,} expected",
        "inside": int(same.sum()) == expected,
    }


def nr_sizes() -> Case:
    """NR transport block sizes against every vector, by modulation."""
    table = _needed("nr_tbs_vectors_38214.csv")
    order = table["modulation"].map(_ORDERS).to_numpy()
    ours = nr_transport_block_size(
        table["n_prb"].to_numpy(), order, table["target_rate_x1024"].to_numpy(float) / 1024.0,
        table["layers"].to_numpy(), table["n_sh_symb"].to_numpy(), table["n_dmrs_prb"].to_numpy(),
        table["n_oh"].to_numpy(), table["tb_scaling"].to_numpy(float),
    )  # fmt: skip
    same = ours == table["tbs_bits"].to_numpy()
    rows = [_count("all vectors", same, _VECTORS)]
    for name in table["modulation"].unique():
        mine = same[(table["modulation"] == name).to_numpy()]
        rows.append(_count(f"{name[3:]}QAM" if name[3:].isdigit() else name, mine, mine.size))
    return {
        "title": "V6: transport block sizes of NR",
        "source": "TS 38.214 clause 5.1.3.2; vectors of the srsRAN project's unit tests",
        "rows": rows,
        "note": f"Sizes from {int(table['tbs_bits'].min()):,} to "
        f"{int(table['tbs_bits'].max()):,} bits.",
    }


def lte_sizes() -> Case:
    """LTE transport block sizes against the whole one-layer table."""
    table = _needed("lte_tbs_36213_7.1.7.2.1-1.csv").set_index("n_prb")
    blocks = table.index.to_numpy()
    ours = np.array([lte_transport_block_size(np.arange(27), int(n)) for n in blocks])
    differ = ours != table.to_numpy()
    found = [(int(i), int(blocks[n]), int(ours[n, i])) for n, i in np.argwhere(differ)]
    rows = [_count("I_TBS 0 to 26, 1 to 110 resource blocks", ~differ, 110 * 27 - 1)]
    rows.append(
        {
            "what": "the one that differs: I_TBS 6 in one block [bit]",
            "ours": str(found[0][2]) if len(found) == 1 else f"{len(found)} differ",
            "reference": str(_VOICE[2]),
            "range": "TS 36.213",
            "inside": found == [_VOICE],
        }
    )
    return {
        "title": "V6: transport block sizes of LTE",
        "source": "TS 36.213 Table 7.1.7.2.1-1",
        "rows": rows,
        "note": "TS 36.213 has a size for voice at I_TBS 6 in one block, out of line with its "
        "neighbours; the file compared with follows a simulator that smoothed it. Ours is the "
        "standard's.",
    }


def points() -> pd.DataFrame | None:
    """Return the simulated points with what the closed form makes of them.

    ``off_db``: SNR at which the closed form has the point's error, less the point's SNR.
    ``off_10_db``: the same at an error of 10 %, along the simulated points where a code has two
    (a line of the error's normal quantile over dB), else along the closed form's own slope.
    ``error_db``: standard error of the point.
    """
    table = _reference("nr_ldpc_awgn_bler_points.csv")
    if table is None:
        return None
    sent = table["info_bits_per_cb"] / table["rate"] / table["qm"]
    rows: dict[str, list[float]] = {"off_db": [], "error_db": [], "off_10_db": []}
    for (_, one), symbols in zip(table.iterrows(), sent, strict=True):
        curve = _quantile(code_block_error(_SNR_DB, int(one["qm"]), symbols, one.info_bits_per_cb))
        level = float(_quantile(one["bler"]))
        meets = float(np.interp(level, curve, _SNR_DB))
        slope = (np.interp(meets + 0.1, _SNR_DB, curve) - level) / 0.1
        spread = np.sqrt(one["bler"] * (1.0 - one["bler"]) / BLOCKS)
        density = np.exp(-(level**2) / 2.0) / np.sqrt(2.0 * np.pi)
        rows["off_db"].append(meets - float(one["snr_db"]))
        rows["error_db"].append(float(spread / density / slope))
        at_10 = float(np.interp(_quantile(0.1), curve, _SNR_DB))
        rows["off_10_db"].append(at_10 - _ten_percent(table, one, float(slope)))
    return table.assign(symbols=sent, **rows)


def _quantile(error: Any) -> Floats:
    return np.asarray(-ndtri(np.clip(error, 1e-12, 1.0 - 1e-12)))


def _ten_percent(table: pd.DataFrame, one: Any, slope: float) -> float:
    """SNR [dB] of a code's simulated points at an error of 10 %."""
    keys = ["mcs_table1", "info_bits_per_cb"]
    mine = table[(table[keys] == one[keys]).all(axis=1)].sort_values("snr_db")
    level = _quantile(mine["bler"].to_numpy())
    if len(mine) > 1:
        slope = float((level[-1] - level[0]) / np.ptp(mine["snr_db"]))
    return float(mine["snr_db"].iloc[0] + (_quantile(0.1) - level[0]) / slope)


def ldpc() -> Case:
    """Closed form of the LDPC code against simulated points in AWGN."""
    found = points()
    if found is None:
        raise SystemExit("The LDPC points are not at hand; set CELLWRIGHT_REFERENCE_DATA.")
    rows = [
        _difference(
            f"MCS {one.mcs_table1}, {one.info_bits_per_cb:,} bits, "
            f"at an error of {100.0 * one.bler:.0f} %: closed form less simulated [dB]",
            one.off_db,
        )
        for one in found.itertuples()
    ]
    codes = found.drop_duplicates(["mcs_table1", "info_bits_per_cb"])
    worst = codes.loc[codes["off_10_db"].abs().idxmax()]
    rows += [
        _difference(
            f"10 % point, worst of {len(codes)} codes: MCS {worst.mcs_table1:.0f}, "
            f"{worst.info_bits_per_cb:,.0f} bits [dB]",
            worst["off_10_db"],
        ),
        _difference("all points, mean [dB]", found["off_db"].mean()),
        _difference(
            "all points, root mean square [dB]", np.sqrt(np.mean(np.square(found["off_db"])))
        ),
    ]
    error = found["error_db"]
    return {
        "title": "V6: LDPC block errors in AWGN",
        "source": "TS 38.212 LDPC, MCS of TS 38.214 Table 5.1.3.1-1; points simulated with "
        f"Sionna 2.2.0, 20 iterations, {BLOCKS} blocks each",
        "rows": rows,
        "note": f"The points' own standard error is {error.min():.2f} to {error.max():.2f} dB. "
        f"The decoder's distance from the bound, {_FORMULA} for k bits with m check bits at rate "
        "R, was fitted to points of this kind, so this is what a fit of three numbers leaves, not "
        "a blind test.",
        "figures": ["link-ldpc.svg"],
    }


def _difference(what: str, off_db: float) -> Case:
    return {
        "what": what,
        "ours": round(float(off_db), 3),
        "reference": 0,
        "range": [-BAND_DB, BAND_DB],
        "inside": bool(abs(off_db) <= BAND_DB),
    }


CASES: dict[str, Callable[[], Case]] = {
    "link-nr-sizes": nr_sizes,
    "link-lte-sizes": lte_sizes,
    "link-ldpc": ldpc,
}
_MARKS = {104: ("v", ":"), 500: ("s", "--"), 2000: ("o", "-"), 8000: ("D", "-.")}


def _draw_ldpc(sheet: Figure) -> None:
    found = points()
    if found is None:
        return
    axes = plot(sheet, "Es/N0 [dB]", "Block error rate", log="y")
    colours = dict(zip(found["mcs_table1"].unique(), COLOURS, strict=False))
    snr = np.arange(-4.0, 22.0, 0.02)
    for (mcs, bits), group in found.groupby(["mcs_table1", "info_bits_per_cb"]):
        first, (mark, line) = group.iloc[0], _MARKS[bits]
        curve = code_block_error(snr, int(first.qm), first.symbols, bits)
        shown = (curve > 2e-3) & (curve < 0.999)
        axes.plot(snr[shown], curve[shown], line, color=colours[mcs], linewidth=1.2)
        axes.plot(group["snr_db"], group["bler"], mark, color=colours[mcs], markersize=4.5)
    axes.axhline(0.1, color="#888888", linewidth=0.8)
    axes.set_ylim(2e-3, 1.0)
    keys = [axes.plot([], [], color=colour)[0] for colour in colours.values()]
    names = [f"MCS {mcs}" for mcs in colours]
    for bits, (mark, line) in _MARKS.items():
        keys += axes.plot([], [], line, marker=mark, color="#555555", markersize=4.5, linewidth=1.2)
        names.append(f"{bits} bits")
    beside(axes, "line: closed form\nmark: simulated", keys, names)


def draw(folder: Path) -> None:
    """Draw the figures of the cases into a folder."""
    if points() is not None:
        title = "LDPC block errors in AWGN: closed form, and simulated"
        source = "TS 38.212, TS 38.214 Table 5.1.3.1-1"
        document, _, clause = source.partition(", ")
        render(Drawing("link-ldpc", title, document, clause, _draw_ldpc), folder)
