"""How a simulation looks in a terminal, and what its options mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.markup import escape

from cellwright.cli.show import _table, console
from cellwright.errors import Faults, did_you_mean

if TYPE_CHECKING:
    from cellwright.project.simulated import DayReport, SimulateReport
    from cellwright.simulation import SimulateSettings

_DIRECTIONS = ("downlink", "uplink")


def read_settings(
    drops: int, users: int, seed: int, seconds: float, traffic: str, direction: str, **words: str
) -> SimulateSettings:
    """Return settings from the words of a command; of ``words`` level and scheduler are checked.

    All faults are told at once.
    """
    from cellwright.project.simulated import traffics
    from cellwright.simulation import FIDELITIES, SimulateSettings
    from cellwright.simulation.slots.settings import SCHEDULERS

    faults, known = Faults(), traffics()
    given = {**words, "traffic": traffic, "direction": direction}
    choices: dict[str, tuple[str, ...]] = {
        "level": FIDELITIES,
        "scheduler": tuple(SCHEDULERS),
        "traffic": tuple(known),
        "direction": _DIRECTIONS,
    }
    for name, value in given.items():
        allowed = choices[name]
        if value not in allowed:
            faults.error(
                f"simulate.{name}", f'--{name} is "{value}". {did_you_mean(value, allowed)}'
            )
    faults.raise_errors()
    return SimulateSettings(
        drops=drops, users=users, seed=seed, seconds=seconds, traffic=known[traffic],
        direction="uplink" if direction == "uplink" else "downlink",
    )  # fmt: skip


def show_simulation(report: SimulateReport) -> None:
    """Print every figure with its interval."""
    found = report.found
    title = f"{found.fidelity}, {found.carrier}, {found.drops} drops, seed {found.seed}"
    table = _table("figure", "unit", "estimate", "95 % confidence", title=escape(title))
    ends = found.figures[["estimate", "low", "high"]].to_numpy(float)
    for (name, unit), (value, low, high) in zip(
        found.figures[["quantity", "unit"]].to_numpy(str), ends, strict=True
    ):
        known = math.isfinite(low) and math.isfinite(high) and low != high
        table.add_row(name, unit, f"{value:.4g}", f"{low:.4g} to {high:.4g}" if known else "-")
    console.print(table, highlight=False)
    console.print(f"Written: {report.folder}", soft_wrap=True, highlight=False)


def show_day(report: DayReport) -> None:
    """Print a day hour by hour; the bar is the traffic asked for."""
    hours, bar = report.found.hours, 8
    table = _table(
        "hour", "asks Mbit/s", "", "load", "highest", "overloaded", "5 % get", "median",
        "95 %", title=escape(f"A day on {report.carrier}: download, Mbit/s; load of the cells"),
    )  # fmt: skip
    table.columns[2].justify = "left"
    most = max(float(hours["asked_mbps"].max()), 1e-9)
    for row in hours.to_dict("records"):
        speeds = [f"{row[f'dl_mbps_p{p}']:,.0f}" for p in (5, 50, 95)]
        table.add_row(
            f"{row['hour']:02d}", f"{row['asked_mbps']:,.0f}",
            "█" * round(bar * row["asked_mbps"] / most), f"{row['load_mean']:.1%}",
            f"{row['load_highest']:.1%}", f"{row['overloaded']}", *speeds,
        )  # fmt: skip
    console.print(table, highlight=False)
    energy = f"Energy of the cells: {report.found.energy_kwh.sum():,.0f} kWh a day"
    console.print(f"{energy} (EARTH macro cells, assumed).", highlight=False)
    console.print("Where people work, and when, is assumed: see assumptions.csv.", style="dim")
    console.print(f"Written: {report.folder}", soft_wrap=True, highlight=False)
