"""Large-scale calibration: TR 38.901 clause 7.8.1, its Release 19 repeat, TR 36.873 phase 1.

Reference rows are fetched, not ours to ship: counts, differences and drawings leave this module.
Run: PYTHONPATH=src python -m scripts.conformance.scenarios
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellwright.simulation.scenarios import Scenario, drop, geometry, scenario
from scripts.figures.base import COLOURS, Drawing, plot, render

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "conformance"
PERCENT = np.arange(5, 100, 5)
#: Drops of 570 (indoors 360) users.
DROPS = 200
METRICS = {"coupling_gain": "Coupling gain", "sinr": "SINR", "sir": "SIR"}
_COMPANIES = "tr38901_calib_R1-165974_companies.csv"
_OLD = "tr36873_calib.csv"
_FAMILIES = {"umi": "UMi", "uma": "UMa", "indoor": "Indoor"}
_TITLES = {"umi": "Urban micro", "uma": "Urban macro", "indoor": "Indoor open office"}
_FREQUENCIES = (6, 30, 70)
_OLD_ROWS = {"3d-umi-k1": 1, "3d-umi-k10": 2, "3d-uma-k1": 3, "3d-uma-k10": 4}
_RELEASE_19 = (
    "umi-6ghz-rel19", "umi-7ghz-rel19", "uma-6ghz-rel19", "uma-7ghz-rel19", "sma-7ghz-1299m",
    "sma-7ghz-1732m",
)  # fmt: skip
_READING = (
    "Two readings the tables leave open: the boresight of a sector points at a neighbour site, and "
    "the least distance is that to the wall of a user's building. "
)
Case = dict[str, Any]
Curves = dict[str, np.ndarray[Any, Any]]


def _reference(name: str) -> pd.DataFrame | None:
    given = os.environ.get("CELLWRIGHT_REFERENCE_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data" / "reference"
    path = folder / "system" / name
    return pd.read_csv(path, comment="#") if path.is_file() else None


@lru_cache(maxsize=64)
def _heard(name: str) -> Curves:
    """All users of all drops: coupling gain, SINR, SIR [dB]."""
    plan: Scenario = scenario(name)
    rows = []
    for seed in range(1, DROPS + 1):
        heard = geometry(drop(plan, seed), plan.power_dbm, plan.noise_dbm)
        rows.append((heard.coupling_db, heard.sinr_db, heard.sir_db))
    parts = (np.concatenate(part) for part in zip(*rows, strict=True))
    return dict(zip(METRICS, parts, strict=True))


def curves(name: str, percent: Any = PERCENT) -> Curves:
    """Percentiles of a scenario's three metrics [dB]."""
    return {metric: np.percentile(values, percent) for metric, values in _heard(name).items()}


def _companies(key: str, metric: str, percent: Any = PERCENT) -> dict[str, Any] | None:
    """Mean, least and most of the companies at some percentiles, or None where not at hand."""
    table = _reference(_COMPANIES)
    if table is None or not (table["scenario"] == key).any():
        return None
    rows = table[table["scenario"] == key].set_index("cdf_percent")
    rows = rows.loc[np.asarray(percent, float)]
    return {kind: rows[f"{metric}_db_{kind}"].to_numpy() for kind in ("mean", "min", "max")}


def _row(what: str, ours: Any, companies: dict[str, Any] | None) -> Case:
    """One line of the page: how many percentiles lie inside, and how far the mean is."""
    if companies is None:
        return {
            "what": what, "ours": f"median {ours[9]:.2f} dB",
            "reference": "not on this machine", "range": "", "inside": None,
        }  # fmt: skip
    inside = (ours >= companies["min"]) & (ours <= companies["max"])
    gap = ours - companies["mean"]
    return {
        "what": what,
        "ours": f"{gap[9]:+.2f} dB at the median, at most {np.abs(gap).max():.2f} dB",
        "reference": "mean of 20 to 21 companies",
        "range": f"{int(inside.sum())} of {inside.size} percentiles in the companies' range",
        "inside": bool(inside.all()),
    }


def _family(family: str) -> Case:
    rows = []
    for frequency in _FREQUENCIES:
        key, found = f"{_FAMILIES[family]}-{frequency}GHz", curves(f"{family}-{frequency}ghz")
        for metric, words in METRICS.items():
            rows.append(_row(f"{frequency} GHz, {words}", found[metric], _companies(key, metric)))
    return {
        "title": f"{_TITLES[family]}, large-scale calibration",
        "source": "3GPP TR 38.901 clause 7.8.1, Table 7.8-1; R1-165974",
        "rows": rows,
        "note": ("" if family == "indoor" else _READING)
        + f"{DROPS} drops; 5th to 95th percentile in steps of five.",
    }


def _release_19() -> Case:
    rows = []
    for name in _RELEASE_19:
        found = curves(name)
        rows += [_row(f"{name}, {METRICS[m]}", found[m], None) for m in METRICS]
    return {
        "title": "Release 19 repeat at 6 and 7 GHz, with suburban macro",
        "source": "3GPP TR 38.901 V19.4.0 clause 7.8.1, Table 7.8-1A; R1-2506406",
        "rows": rows,
        "note": "The companies' rows of R1-2506406 are not on this machine. " + _READING,
    }


def _old() -> Case:
    table, rows = _reference(_OLD), []
    for name, number in _OLD_ROWS.items():
        found = curves(name)
        for metric, column in (("coupling_gain", "coupling_gain"), ("sinr", "geometry_factor")):
            what = f"{name}, {METRICS[metric]}"
            if table is None:
                rows.append(_row(what, found[metric], None))
                continue
            some = table[(table["case_row"] == number) & (table["metric"] == column)]
            gap = found[metric] - some.set_index("percentile")["value"].loc[PERCENT].to_numpy()
            rows.append(
                {
                    "what": what,
                    "ours": f"{gap[9]:+.2f} dB at the median, at most {np.abs(gap).max():.2f} dB",
                    "reference": "mean of the companies; no range was published",
                    "range": "",
                    "inside": None,
                }
            )
    return {
        "title": "The LTE-era 3D channel, 2 GHz, one element and ten",
        "source": "3GPP TR 36.873 V12.7.0 clause 8.2, phase 1",
        "rows": rows,
        "note": _READING,
    }


#: Case name -> what the conformance page shows of it.
CASES: dict[str, Callable[[], Case]] = {
    "v1-umi": lambda: _family("umi"),
    "v1-uma": lambda: _family("uma"),
    "v1-indoor": lambda: _family("indoor"),
    "v2-release-19": _release_19,
    "v3-tr36873": _old,
}


def _panels(sheet: Figure, words: Sequence[str], y: str) -> list[Axes]:
    axes = [plot(sheet, f"{w} [dB]", y if i == 0 else "", 131 + i) for i, w in enumerate(words)]
    for each in axes[1:]:
        each.tick_params(labelleft=False)
    return axes


def _legend(sheet: Figure, axes: Axes) -> None:
    keys, names = axes.get_legend_handles_labels()
    sheet.legend(keys, names, loc="outside lower center", ncols=4)


def _draw_family(sheet: Figure, family: str) -> None:
    """Our distribution over the band of all companies."""
    percent = np.arange(1, 100)
    panels = _panels(sheet, list(METRICS.values()), "Share of users [%]")
    for colour, frequency in zip(COLOURS, _FREQUENCIES, strict=False):
        key, found = (
            f"{_FAMILIES[family]}-{frequency}GHz",
            curves(f"{family}-{frequency}ghz", percent),
        )
        for axes, metric in zip(panels, METRICS, strict=True):
            theirs = _companies(key, metric, percent)
            if theirs is not None:
                axes.fill_betweenx(
                    percent, theirs["min"], theirs["max"], color=colour, alpha=0.25, lw=0.0
                )
            axes.plot(found[metric], percent, color=colour, lw=1.1, label=f"{frequency} GHz")
    if theirs is not None:
        panels[0].fill_betweenx([], [], [], color="#999999", alpha=0.4, label="all companies")
    panels[0].set_ylim(0.0, 100.0)
    for axes in panels[1:]:
        axes.set_ylim(0.0, 100.0)
    _legend(sheet, panels[0])


def _draw_gap(sheet: Figure, family: str) -> None:
    """How far we are from the companies' mean, in the band of all companies."""
    panels = _panels(sheet, list(METRICS.values()), "Share of users [%]")
    for axes, metric in zip(panels, METRICS, strict=True):
        axes.set_xlabel(f"{METRICS[metric]} less mean [dB]")
        axes.axvline(0.0, color="#555555", lw=0.8)
        for colour, frequency in zip(COLOURS, _FREQUENCIES, strict=False):
            theirs = _companies(f"{_FAMILIES[family]}-{frequency}GHz", metric)
            if theirs is None:
                continue
            for kind in ("min", "max"):
                axes.plot(theirs[kind] - theirs["mean"], PERCENT, color=colour, lw=0.8, ls=":")
            gap = curves(f"{family}-{frequency}ghz")[metric] - theirs["mean"]
            axes.plot(gap, PERCENT, color=colour, label=f"{frequency} GHz")
        axes.set_ylim(0.0, 100.0)
    panels[0].plot([], [], color="#555555", lw=0.8, ls=":", label="companies' range")
    _legend(sheet, panels[0])


def _draw_old(sheet: Figure) -> None:
    """TR 36.873: lines are ours, dots the companies' mean."""
    table, percent = _reference(_OLD), np.arange(1, 100)
    first = plot(sheet, "Coupling gain [dB]", "Share of users [%]", 121)
    second = plot(sheet, "Geometry factor [dB]", "", 122)
    second.tick_params(labelleft=False)
    for colour, (name, number) in zip(COLOURS, _OLD_ROWS.items(), strict=False):
        found = curves(name, percent)
        for axes, metric, column in (
            (first, "coupling_gain", "coupling_gain"), (second, "sinr", "geometry_factor"),
        ):  # fmt: skip
            axes.plot(found[metric], percent, color=colour, lw=1.2, label=name)
            axes.set_ylim(0.0, 100.0)
            if table is None:
                continue
            some = table[(table["case_row"] == number) & (table["metric"] == column)]
            axes.plot(some["value"], some["percentile"], "o", ms=3.0, color=colour)
    first.plot([], [], "o", ms=3.0, color="#555555", label="companies' mean")
    sheet.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=5)


def _draw_release_19(sheet: Figure) -> None:
    percent = np.arange(1, 100)
    panels = _panels(sheet, list(METRICS.values()), "Share of users [%]")
    for colour, name in zip(COLOURS, _RELEASE_19, strict=False):
        found = curves(name, percent)
        for axes, metric in zip(panels, METRICS, strict=True):
            axes.plot(found[metric], percent, color=colour, lw=1.1, label=name)
            axes.set_ylim(0.0, 100.0)
    keys, names = panels[0].get_legend_handles_labels()
    sheet.legend(keys, names, loc="outside lower center", ncols=3)


def _drawings() -> list[Drawing]:
    document, clause = "3GPP TR 38.901", "clause 7.8.1, Table 7.8-1; R1-165974"
    made = []
    for family, words in _TITLES.items():
        known = _companies(f"{_FAMILIES[family]}-6GHz", "sir") is not None
        title = f"{words}: ours in the companies' band" if known else f"{words}: ours alone"
        made.append(
            Drawing(
                f"v1-{family}", title, document, clause,
                lambda sheet, family=family: _draw_family(sheet, family),
            )
        )  # fmt: skip
        if known:
            made.append(
                Drawing(
                    f"v1-{family}-gap", f"{words}: distance from the companies' mean", document,
                    clause, lambda sheet, family=family: _draw_gap(sheet, family),
                )
            )  # fmt: skip
    again = "clause 7.8.1, Table 7.8-1A; ours alone"
    made.append(Drawing("v2-release-19", "Release 19 repeat", document, again, _draw_release_19))
    made.append(
        Drawing(
            "v3-tr36873", "3D channel at 2 GHz: ours and the companies' mean", "3GPP TR 36.873",
            "clause 8.2, phase 1", _draw_old,
        )
    )  # fmt: skip
    return made


def draw(folder: Path, kind: str = "svg") -> list[Path]:
    """Draw every case into a folder."""
    return [render(drawing, folder, kind) for drawing in _drawings()]


def write(folder: Path = FOLDER) -> None:
    """Write every case's rows and drawings."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        text = json.dumps(case(), indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    draw(folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
