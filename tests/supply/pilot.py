"""A small pilot for the tests of this folder: sites of two vendors in phases, and a core."""

from datetime import date

import numpy as np
import pandas as pd

from cellwright.supply import Parties, Party, plan_elements

START = date(2019, 5, 16)


def parties():
    makers = (
        ("A", "CN"),
        ("B", "SE"),
        ("R", "FR"),
        ("chips", "US"),
        ("fab", "TW"),
        ("memory", "KR"),
    )
    return Parties([Party(name, name, country=seat) for name, seat in makers])


def bills(vendor="A"):
    """One vendor's baseband takes an FPGA of "chips" (US) and a SoC of its own made in TW."""
    rows = [
        ("gNB", vendor, "FPGA", 1, 0.1, "US", "", "chips"),
        ("gNB", vendor, "SoC", 1, 0.1, "CN", "TW", ""),
        ("gNB", vendor, "rest", 1, 0.8, "", "", ""),
        ("RU", vendor, "PA", 2, 0.2, "", "", "memory"),
    ]
    names = ["product", "buyer", "part", "quantity", "share", "design", "fab", "maker"]
    return pd.DataFrame(rows, columns=names)


def pilot(sites=20, phases=4, vendors=("A",), months=6, first="2019-08-01", core="B", seed=1):
    """Return elements and phases; vendors take turns by site."""
    rng = np.random.default_rng(seed)
    due = pd.date_range(first, periods=phases, freq=f"{months}MS")
    rows, names = [], [f"S{i:03d}" for i in range(sites)]
    people = rng.uniform(500, 1500, sites).round()
    place = rng.uniform(0.0, 3e3, (sites, 2))
    for i, name in enumerate(names):
        maker, when = vendors[i % len(vendors)], due[i * phases // sites]
        same = {
            "site_id": name,
            "installed": when,
            "population": people[i],
            "x": place[i, 0],
            "y": place[i, 1],
        }
        rows.append(
            {**same, "maker": maker, "function": "gNB", "technologies": "5G", "value": 20e3}
        )
        rows += [
            {
                **same,
                "maker": maker,
                "function": "RU",
                "technologies": "5G",
                "value": 8e3,
                "element_id": f"{name}-{s}",
                "population": people[i] / 3,
            }
            for s in range(3)
        ]
        rows.append({**same, "maker": "R", "function": "router", "value": 2e3})
    for function in ("AMF", "UPF"):
        rows.append(
            {
                "site_id": "core",
                "maker": core,
                "function": function,
                "installed": due[0],
                "value": 50e3,
                "population": people.sum(),
            }
        )
    at = np.arange(sites) * phases // sites
    table = pd.DataFrame({"phase": range(1, phases + 1), "due": due})
    table["sites"] = [
        tuple(n for n, p in zip(names, at, strict=True) if p == k) for k in range(phases)
    ]
    table["quantity"] = [float((at == k).sum()) for k in range(phases)]
    table["people"] = [float(people[at == k].sum()) for k in range(phases)]
    return plan_elements(pd.DataFrame(rows)), table
