"""Made-up but realistic results of the supply room, and everything a supply page needs."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cellwright.report.supply import KeyFigure, Verdict

CRS = "EPSG:2154"
WEST, SOUTH = 353_900.0, 6_688_300.0
MAKERS = ("Huawei", "Ericsson", "Nokia", "Samsung")
LEVELS = ("low", "typical", "high")


def district() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """A district of 2.6 by 2.2 km, a grid of streets, one area of a rule."""
    edge = shapely.box(WEST, SOUTH, WEST + 2600, SOUTH + 2150)
    lines = [
        shapely.LineString([(WEST + x, SOUTH), (WEST + x + 90, SOUTH + 2150)])
        for x in range(100, 2600, 130)
    ]
    lines += [
        shapely.LineString([(WEST, SOUTH + y), (WEST + 2600, SOUTH + y + 60)])
        for y in range(80, 2150, 140)
    ]
    ring = shapely.Point(WEST + 1500, SOUTH + 1100).buffer(420, quad_segs=12)
    return (
        gpd.GeoDataFrame(geometry=[edge], crs=CRS),
        gpd.GeoDataFrame(geometry=lines, crs=CRS),
        gpd.GeoDataFrame({"name": ["government quarter"]}, geometry=[ring], crs=CRS),
    )


def sites_table() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    x = WEST + 130 + 2340 * draw.random(88)
    y = SOUTH + 120 + 1900 * draw.random(88)
    maker = np.array(MAKERS)[draw.choice(4, 88, p=[0.55, 0.25, 0.14, 0.06])]
    inside = np.hypot(x - WEST - 1500, y - SOUTH - 1100) < 420
    status = np.where(inside & (maker == "Huawei"), "offending",
                      np.where(maker == "Huawei", "at-risk", "ok"))  # fmt: skip
    return pd.DataFrame({
        "site_id": [f"P{n:03d}" for n in range(88)], "x": x, "y": y, "maker": maker,
        "status": status, "people": draw.integers(60, 1500, 88).astype(float),
    })  # fmt: skip


def lost_table() -> pd.DataFrame:
    draw = np.random.default_rng(6)
    gx, gy = np.meshgrid(WEST + 10 + 20.0 * np.arange(128), SOUTH + 10 + 20.0 * np.arange(105))
    holes = ((700, 1500, 130), (1450, 1150, 190), (2050, 600, 110), (400, 500, 90))
    hit = sum(np.hypot(gx - WEST - a, gy - SOUTH - b) < r for a, b, r in holes).astype(bool)
    return pd.DataFrame({"x": gx[hit], "y": gy[hit], "people": draw.gamma(2.0, 3.0, hit.sum()),
                         "pixel_m": 20.0})  # fmt: skip


def timeline_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    days = pd.date_range("2019-07-01", "2028-01-01", freq="QS")
    cases = {
        "uk-2022-5g-access-cap": (0.62, [("2023-07-31", 0.35), ("2027-12-31", 0.0)], "sites",
                                  "stock", "high-risk vendors may stand for at most the share below "
                                  "of sites, of all 5G access equipment that runs: 35 % from "
                                  "2023-07-31; 0 % from 2027-12-31"),
        "uk-2022-core-out": (0.0, [("2023-12-31", 0.0)], "value", "stock",
                             "high-risk vendors may not be used in core from 2023-12-31"),
        "no-2019-half": (0.58, [("2020-01-01", 0.5)], "sites", "stock",
                         "suppliers without security cooperation: at most 50 % of sites"),
        "no-2019-two-suppliers": (3.0, [("2020-01-01", 2.0)], "suppliers", "stock",
                                  "RAN must come from at least 2 suppliers"),
        "ru-local-content": (0.04, [("2025-01-01", 0.06), ("2027-01-01", 0.33),
                                    ("2029-01-01", 1.0)], "sites", "flow",
                             "makers of RU must stand for at least the share below"),
    }  # fmt: skip
    rows, breaks = [], {}
    for rule, (value, steps, metric, basis, words) in cases.items():
        least = rule.startswith("ru") or "two" in rule
        for n, day in enumerate(days):
            limit = next((v for s, v in reversed(steps) if pd.Timestamp(s) <= day), np.nan)
            now = value if metric == "suppliers" or value == 0 else value * min(1, 0.5 + n / 12)
            fine = bool(np.isnan(limit) or (now >= limit if least else now <= limit + 1e-9))
            rows.append((rule, words, day, now, limit, fine, basis, metric))
        broken = [row[2] for row in rows if row[0] == rule and not row[5]]
        breaks[rule] = broken[0] if broken else pd.NaT
    breaks["uk-2022-5g-access-cap"] = pd.Timestamp("2023-07-31")
    names = ["rule_id", "sentence", "day", "value", "limit", "complies", "basis", "metric"]
    table = pd.DataFrame(rows, columns=names)
    first = pd.DataFrame({"first_break": pd.Series(breaks)}).rename_axis("rule_id")
    rules = table.drop_duplicates("rule_id")[["rule_id", "sentence"]].assign(
        severity=["fine up to 100,000 GBP a day", "fine", "licence", "licence", "subsidy lost"],
        evidence=["seen", "seen", "seen", "seen", "recalled"],
    )
    return table, first, rules


def vendors_table() -> pd.DataFrame:
    rows = [
        ("RU", (0.58, 0.24, 0.13, 0.05), 2_640_000), ("gNB", (0.6, 0.22, 0.18, 0), 1_980_000),
        ("router", (0.7, 0, 0.3, 0), 310_000), ("power", (0.45, 0.3, 0.25, 0), 264_000),
        ("transport", (0, 0.4, 0.6, 0), 180_000), ("AMF", (0, 1, 0, 0), 90_000),
        ("SMF", (0, 1, 0, 0), 85_000), ("UPF", (0, 0.5, 0.5, 0), 140_000),
        ("UDM", (0, 1, 0, 0), 75_000), ("EMS", (0.4, 0.35, 0.25, 0), 120_000),
    ]  # fmt: skip
    made = [
        (maker, function, max(1, round(88 * share)), share * value, share)
        for function, shares, value in rows
        for maker, share in zip(MAKERS, shares, strict=True)
        if share > 0
    ]
    return pd.DataFrame(made, columns=["maker", "function", "elements", "value", "value_share"])


def shares_table() -> pd.DataFrame:
    rows = []
    stock = np.array([[0.9, 0.1, 0, 0], [0.8, 0.15, 0.05, 0], [0.68, 0.2, 0.1, 0.02],
                      [0.6, 0.23, 0.13, 0.04], [0.55, 0.25, 0.14, 0.06]])  # fmt: skip
    flow = np.array([[0.9, 0.1, 0, 0], [0.7, 0.2, 0.1, 0], [0.44, 0.3, 0.2, 0.06],
                     [0.36, 0.32, 0.22, 0.1], [0.35, 0.33, 0.18, 0.14]])  # fmt: skip
    for metric, shift in (("sites", 0.0), ("traffic", 0.03)):
        for basis, table in (("stock", stock), ("flow", flow)):
            for phase in range(5):
                part = table[phase] + np.array([shift, -shift, 0, 0])
                for maker, share in zip(MAKERS, part, strict=True):
                    day = pd.Timestamp("2019-12-31") + pd.DateOffset(months=6 * phase)
                    rows.append((phase + 1, day, maker, basis, metric, share))
    return pd.DataFrame(rows, columns=["phase", "day", "maker", "basis", "metric", "share"])


def phases_table() -> pd.DataFrame:
    due = pd.to_datetime(["2019-12-31", "2020-06-30", "2020-12-31", "2021-06-30", "2021-12-31"])
    late = np.array([[0, 0, 0], [0, 0, 2], [1, 4, 8], [6, 11, 18], [9, 16, 26]])
    people = np.array([12_400.0, 14_100, 11_800, 9_300, 5_200])
    done = {
        f"done_{level}": [
            d + pd.Timedelta(days=int(30.4 * m)) for d, m in zip(due, late[:, k], strict=True)
        ]
        for k, level in enumerate(LEVELS)
    }
    lost = {f"person_months_{level}": people * late[:, k] for k, level in enumerate(LEVELS)}
    return pd.DataFrame({"phase": range(1, 6), "due": due, **done, "people": people, **lost,
                         "met": late[:, 1] == 0})  # fmt: skip


def survive_table() -> pd.DataFrame:
    rows = [
        ("Xilinx (FPGA)", "supplier", 5.0, 9, 14, 24), ("TSMC (7 nm SoC)", "supplier", 11, 12, 18, 30),
        ("US", "country", 5.0, 12, 24, 48), ("TW", "country", 11, 9, 18, 36),
        ("Huawei", "supplier", 2.0, 6, 12, 18), ("power amplifier", "part", 17, 4, 8, 12),
        ("optical module", "part", 22, 3, 6, 9), ("Ericsson", "supplier", 9, 4, 6, 9),
        ("Lumentum", "supplier", np.inf, 6, 9, 12), ("crystal oscillator", "part", 30, 2, 4, 6),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["outage", "by", "tts_months", "ttr_low", "ttr_typical",
                                        "ttr_high"])  # fmt: skip
    table["impact"] = (table["ttr_typical"] - table["tts_months"]).clip(lower=0) * 11
    table["risk_exposure"] = table["impact"] / table["impact"].max()
    table["tts_low"], table["tts_high"] = table["tts_months"] * 0.5, table["tts_months"] * 1.4
    return table.assign(harmless=table["tts_months"] >= table["ttr_typical"])


def swap_table() -> pd.DataFrame:
    lines = {
        "new_kit": (1.9e6, 2.6e6, 3.9e6), "removal": (0.1e6, 0.26e6, 0.8e6),
        "labour": (0.4e6, 0.9e6, 2.3e6), "site_works": (0.0, 0.26e6, 1.2e6),
        "dual_running": (16e3, 65e3, 195e3), "gross": (2.4e6, 4.085e6, 8.3e6),
        "natural_replacement": (1.1e6, 1.585e6, 2.5e6), "net": (1.3e6, 2.5e6, 5.8e6),
        "uplift": (0.1e6, 0.22e6, 0.4e6), "stranded_stock": (0.05e6, 0.1e6, 0.15e6),
        "total": (1.4e6, 2.82e6, 6.3e6), "delay_months": (6, 12, 25),
    }  # fmt: skip
    return pd.DataFrame(lines, index=list(LEVELS)).T.rename_axis("line")


def replan_table() -> pd.DataFrame:
    return pd.DataFrame({
        "phase": ["1", "2", "by 2023-01-28"],
        "first_day": pd.to_datetime(["2019-09-04", "2019-12-05", "2023-01-28"]),
        "vendor": ["Nokia", "Nokia", "Ericsson"], "sites": [40, 60, 60], "installed": [40, 20, 0],
    })  # fmt: skip


def frontier_table() -> pd.DataFrame:
    names = ["as planned", "6 months of FPGA", "12 months of FPGA", "second source for RU",
             "second source for RU, 6 months of FPGA", "split cluster centre", "24 months of FPGA",
             "second source for RU and gNB", "all from trusted makers"]  # fmt: skip
    cost = np.array([5.9, 6.05, 6.2, 6.5, 6.62, 6.9, 6.6, 7.4, 9.1]) * 1e6
    months = np.array([310e3, 190e3, 128e3, 70e3, 31e3, 150e3, 105e3, 12e3, 0.0])
    share = np.array([0.71, 0.71, 0.71, 0.52, 0.52, 0.44, 0.71, 0.33, 0.0])
    frames = []
    for kind, values in (("cost-time", months), ("cost-exposure", share)):
        dominated = [any(c2 <= c and v2 <= v and (c2, v2) != (c, v)
                         for c2, v2 in zip(cost, values, strict=True))
                     for c, v in zip(cost, values, strict=True)]  # fmt: skip
        frames.append(pd.DataFrame({
            "option": names, "kind": kind, "cost_low": cost * 0.8, "cost_typical": cost,
            "cost_high": cost * 1.3, "person_months": months, "exposure_share": share,
            "dominated": dominated, "knee": [n == (4 if kind == "cost-time" else 5) for n in range(9)],
            "hedges": ["", *names[1:]],
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def exposure_table() -> pd.DataFrame:
    rows = []
    for party, people, share in (("Huawei", 38_200.0, 0.72), ("Ericsson", 51_000.0, 0.97),
                                 ("Nokia", 30_500.0, 0.58)):  # fmt: skip
        for power, kept, lost in (("content", 0.22, 0), ("identity_control", 0.9, 0),
                                  ("availability", 1.0, 0.31)):  # fmt: skip
            rows.append({"party": party, "power": power, "people": people, "people_share": share,
                         "traffic_share": share + 0.02, "sites": 48.0,
                         "people_protected": people * kept, "people_lost_naive": people,
                         "people_lost": people * lost if lost else np.nan})  # fmt: skip
    return pd.DataFrame(rows)


def origin_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    stages = {
        "design": {"CN": 0.34, "US": 0.27, "SE": 0.12, "JP": 0.09, "NL": 0.04, "": 0.14},
        "fab": {"TW": 0.36, "CN": 0.14, "US": 0.08, "KR": 0.06, "JP": 0.05, "": 0.31},
        "assembly": {"CN": 0.62, "EE": 0.1, "PL": 0.06, "MX": 0.04, "": 0.18},
    }
    rows = [("gNB", stage, country, 22_500 * share, share)
            for stage, shares in stages.items() for country, share in shares.items()]  # fmt: skip
    origin = pd.DataFrame(rows, columns=["product", "stage", "country", "value", "share"])
    landed = pd.DataFrame({
        "item": ["radio unit", "baseband unit", "router"], "hs": ["851762", "851761", "851762"],
        "origin": ["CN", "CN", "US"], "value": [30_000.0, 22_500.0, 3_500.0],
        "rate": [0.0, 0.0, 0.0], "duty": [0.0, 0.0, 0.0], "measures": [("MFN: 0 % (seen)",), (), ()],
        "known": [True, True, False],
    })  # fmt: skip
    return origin, landed


def bom_table() -> pd.DataFrame:
    return pd.DataFrame({
        "item": ["nr_radio_pole", "bbu_small", "router_site"], "function": ["RU", "gNB", "router"],
        "maker": ["Huawei", "Huawei", "Nokia"], "quantity": [264.0, 88.0, 88.0],
        "price_low": [3500.0, 9000.0, 2000.0], "price_typical": [5000.0, 18_000.0, 3500.0],
        "price_high": [8000.0, 30_000.0, 6000.0], "hs": ["851762", "851761", "851762"],
        "lead_months": [3.0, 4.0, 2.0], "origin": ["CN", "CN", ""],
    })  # fmt: skip


def security_table() -> pd.DataFrame:
    rows = [
        ("S06", "high", "P017 router to core", "flagged", "N3 unprotected: P017 (pole), core (core_site)", 4100.0,
         "3GPP TS 33.501 V20.0.0 cl. 9.3", "Protect N3 by IPsec (ESP, IKEv2 with certificates)."),
        ("S05", "high", "P017 router to core", "flagged", "N2 unprotected outside a secured environment", 4100.0,
         "3GPP TS 33.501 V20.0.0 cl. 9.2", "Protect N2 by IPsec or DTLS."),
        ("S02", "high", "AMF", "flagged", "user data may go unciphered: NEA0 stands first", 52_800.0,
         "3GPP TS 33.501 V20.0.0 cl. 5.3.2", "Put NEA0 last or remove it."),
        ("S07", "medium", "P017 to P018", "not stated", "Xn unprotected", 5200.0,
         "3GPP TS 33.501 V20.0.0 cl. 9.4", "Protect Xn by IPsec or DTLS."),
        ("S14", "low", "P033", "not stated", "no assurance evidence (SCAS) of the gNB", 610.0,
         "3GPP TS 33.511", "Ask the maker for a NESAS report."),
    ]  # fmt: skip
    names = ["check_id", "severity", "element", "status", "finding", "people", "clause", "cure"]
    return pd.DataFrame(rows, columns=names).assign(evidence="seen")


def tornado_table() -> pd.DataFrame:
    rows = [
        ("months of FPGA in stock", "6", "24", 410e3, 96e3), ("recovery of the FPGA", "9 months", "24 months", 130e3, 395e3),
        ("price of a radio unit", "16,000 USD", "30,000 USD", 236e3, 236e3),
        ("crews", "2", "5", 301e3, 214e3), ("lead time of masts", "2 months", "8 months", 221e3, 288e3),
    ]  # fmt: skip
    names = ["input", "value_low", "value_high", "outcome_low", "outcome_high"]
    return pd.DataFrame(rows, columns=names).assign(
        outcome="person-months lost", unit="person-months", outcome_typical=236e3
    )


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Every table of the page."""
    timeline, breaks, rules = timeline_tables()
    origin, landed = origin_tables()
    return {
        "timeline": timeline, "breaks": breaks, "rules": rules, "vendors": vendors_table(),
        "sites": sites_table(), "lost": lost_table(), "survive": survive_table(),
        "phases": phases_table(), "swap": swap_table(), "frontier": frontier_table(),
        "exposure": exposure_table(), "origin": origin, "landed": landed, "bom": bom_table(),
        "security": security_table(), "shares": shares_table(), "tornado": tornado_table(),
        "replan": replan_table(),
    }  # fmt: skip


@pytest.fixture(scope="session")
def content(tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Everything :func:`write_supply_page` asks for."""
    boundary, streets, areas = district()
    return {
        "title": "Nantes <pilot> & 5G: supply and security",
        "tables": tables,
        "boundary": boundary,
        "backdrop": streets,
        "areas": areas,
        "sentences": [
            Verdict("From 2023-07-31 the plan breaks the cap of 35 % on high-risk vendors in 5G "
                    "access: 62 % of sites. Changing 24 sites would comply.", "breaks"),
            Verdict("Under the entity list of May 2019, phases 1 and 2 complete; phase 3 is the "
                    "first missed, and 26,300 people wait 4 to 16 months.", "breaks"),
            Verdict("28 % of residents could have content read if ciphering stays as configured.",
                    "watch"),
            Verdict("Tariffs do not bite: no duty on record applies to the equipment.", "holds"),
        ],
        "key_figures": [
            KeyFigure("People who wait", 26_300.0, "people", 0.0, 40_400.0, "under the entity list"),
            KeyFigure("Person-months lost", 233_000.0, "", 115_000.0, 451_000.0),
            KeyFigure("First phase missed", "3 of 5", "", note="due 2020-12-31"),
            KeyFigure("Shortest survival", 2.0, "months", 1.0, 4.0, "outage of Huawei"),
            KeyFigure("Swap, net", 2_500_000.0, "USD", 1_300_000.0, 5_800_000.0),
            KeyFigure("Cut off after re-run", 11_800.0, "people", note="38,200 by site alone"),
            KeyFigure("Origin known", "69 %", "of value", note="at the stage fab"),
        ],
        "assumptions": pd.DataFrame({
            "assumption": ["months of FPGA in stock", "time to recover", "discount rate",
                           "makers of 12 sites"],
            "value": ["6, 12, 24", "9, 14, 24", "8", "Huawei"],
            "unit": ["months", "months", "% a year", ""],
            "source": ["Mobile Experts 2019; Nikkei 2020", "assumed", "assumed", "assumed"],
            "evidence": ["seen", "assumed", "assumed", "assumed"],
            "about": ["survive phases tornado", "survive phases", "swap", "vendors sites shares"],
        }),
        "sources": pd.DataFrame({
            "document": ["3GPP TS 33.501", "Simchi-Levi et al., Interfaces 45"],
            "edition": ["V20.0.0", "2015"], "clause": ["5, 9", "formulation"],
        }),
    }  # fmt: skip
