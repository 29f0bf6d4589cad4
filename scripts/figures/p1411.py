"""ITU-R P.1411-12: short paths outdoors, clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellwright import propagation as room
from cellwright.propagation.estimate import Estimate
from cellwright.propagation.p1411 import BELOW_ROOFS, OVER_ROOFS, SiteGeneral
from cellwright.propagation.p1411_low import LOW_TERMINALS_DB
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span

DOCUMENT = "ITU-R P.1411-12 (2023)"
_LOSS, _AWAY = "Loss [dB]", "Distance [m]"


def _site_general(
    axes: Axes,
    rows: Mapping[tuple[str, bool], SiteGeneral],
    method: Callable[..., Estimate],
    f: float,
) -> None:
    """Each row of the table over the distances and with the spread it gives."""
    shown: set[SiteGeneral] = set()
    for (place, sight), row in rows.items():
        if row in shown:  # one row in sight serves several surroundings
            continue
        shown.add(row)
        colour = COLOURS[len(shown) - 1]
        d = span(*row.distance_m)
        estimate = method(f, d, place, sight, beyond_range=True)
        name = "in sight" if sight else f"{place}, out of sight"
        axes.plot(d, estimate.loss_db, color=colour, label=name)
        spread = estimate.loss_db + estimate.sigma_db * np.array([[-1.0], [1.0]])
        axes.fill_between(d, *spread, color=colour, alpha=0.13, linewidth=0.0)
    beside(axes, f"{f:g} GHz;\nband: one sigma")


@figure("p1411-4.1.1", "Both ends below the roofs, no map", DOCUMENT, "4.1.1, Table 4")
def below_roofs(sheet: Figure) -> None:
    """Draw every row of Table 4 over its distances at a frequency all rows hold for."""
    _site_general(plot(sheet, _AWAY, _LOSS, log="x"), BELOW_ROOFS, room.below_roofs_db, 26.0)


@figure("p1411-4.2.1", "One end above the roofs, no map", DOCUMENT, "4.2.1, Table 8")
def over_roofs(sheet: Figure) -> None:
    """Draw every row of Table 8 over its distances."""
    _site_general(plot(sheet, _AWAY, _LOSS, log="x"), OVER_ROOFS, room.over_roofs_db, 3.5)


@figure("p1411-4.1.2", "Along a street canyon in sight", DOCUMENT, "4.1.2, equations (2) to (13)")
def canyon(sheet: Figure) -> None:
    """Draw median and bounds below 15 GHz, and one millimetre-wave curve."""
    axes = plot(sheet, _AWAY, _LOSS, log="x")
    d = span(10.0, 1000.0, 80)
    for colour, (f, road) in zip(COLOURS, ((0.9, 0.0), (3.5, 0.6), (15.0, 0.6)), strict=False):
        low, median, high = (
            room.canyon_sight_db(f, d, 10.0, 1.8, bound=bound, road_m=road).loss_db
            for bound in ("lower", "median", "upper")
        )
        axes.plot(d, median, color=colour, label=f"{f:g} GHz")
        axes.fill_between(d, low, high, color=colour, alpha=0.13, linewidth=0.0)
    millimetre = room.millimetre_canyon_db(60.0, d, 2.0, gas_db_per_km=15.0).loss_db
    axes.plot(d, millimetre, color="#000000", label="60 GHz, (13)")
    beside(axes, "10 m to 1.8 m;\nband: lower to\nupper bound")


@figure("p1411-4.1.3", "Around a street corner", DOCUMENT, "4.1.3.1 and 4.1.3.2")
def corner(sheet: Figure) -> None:
    """Draw both methods around the same corner; each keeps to its own frequencies."""
    axes = plot(sheet, "Distance beyond the crossing x2 [m]", _LOSS)
    x2 = np.linspace(1.0, 200.0, 120)
    rows = [
        (f"{f:g} GHz, 4.1.3.1", room.corner_db(f, 60.0, x2, 20.0, 20.0).loss_db) for f in (0.9, 2.0)
    ]
    for f in (3.5, 26.0):
        straight = (
            room.canyon_sight_db(f, 60.0, 10.0, 1.8, road_m=0.6)
            if f < 15.0
            else room.millimetre_canyon_db(f, 60.0)
        )
        bent = room.bent_canyon_db(f, 60.0, x2, 20.0, straight.loss_db).loss_db
        rows.append((f"{f:g} GHz, 4.1.3.2", bent))
    curves(axes, x2, rows)
    beside(axes, "x1 = 60 m,\nstreets 20 m wide")


@figure("p1411-4.2.2.1", "Over urban roofs down into a street", DOCUMENT, "4.2.2.1")
def urban_roofs(sheet: Figure) -> None:
    """Draw a mast above, level with and below the roofs."""
    axes = plot(sheet, _AWAY, _LOSS, log="x")
    d = span(50.0, 5000.0, 80)
    for f, style in ((0.9, ":"), (3.5, "-")):
        rows = [
            (
                f"mast {mast:g} m" if style == "-" else "",
                room.urban_roofs_db(f, d, mast, 1.5, 20.0, 0.8 * d, 50.0, 20.0).loss_db,
            )
            for mast in (10.0, 20.0, 30.0, 50.0)
        ]
        curves(axes, d, rows, linestyle=style)
    axes.plot([], [], color="#555555", linestyle=":", label="0.9 GHz")
    beside(axes, "3.5 GHz, roofs 20 m")


@figure("p1411-4.2.2.2", "Over suburban roofs down into a street", DOCUMENT, "4.2.2.2")
def suburban_roofs(sheet: Figure) -> None:
    """Draw the direct, the reflected and the diffracted region."""
    axes = plot(sheet, _AWAY, _LOSS, log="x")
    d = span(10.0, 5000.0, 140)
    rows = [
        (f"{f:g} GHz", room.suburban_roofs_db(f, d, 20.0, 1.5, 8.0, 15.0, 60.0).loss_db)
        for f in (0.8, 2.2, 5.0, 26.0)
    ]
    curves(axes, d, rows)
    beside(axes, "20 m to 1.5 m,\nroofs 8 m")


@figure("p1411-4.3.1", "Between two terminals near the street", DOCUMENT, "4.3.1")
def low_terminals(sheet: Figure) -> None:
    """Draw the loss for shares of places in two kinds of surroundings."""
    axes = plot(sheet, _AWAY, _LOSS, log="x")
    d = span(5.0, 3000.0, 140)
    for colour, place in zip(COLOURS, LOW_TERMINALS_DB, strict=False):
        for percent, style in ((10.0, ":"), (50.0, "-"), (90.0, "--")):
            loss = room.low_terminals_db(2.0, d, place, percent).loss_db
            label = place if percent == 50.0 else ""
            axes.plot(d, loss, color=colour, linestyle=style, label=label, linewidth=1.2)
    for style, label in ((":", "10 % of places"), ("--", "90 % of places")):
        axes.plot([], [], color="#555555", linestyle=style, label=label)
    beside(axes, "2 GHz, median")
