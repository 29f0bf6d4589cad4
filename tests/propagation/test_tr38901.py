"""TR 38.901 V19.4.0 Table 7.4.1-1 and 7.4.2-1: equal to the tables' own text, cell by cell."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

from cellwright.propagation import los_probability, model
from cellwright.propagation.los_probability import uma_ground_odds
from cellwright.propagation.tr38901 import (
    rma_loss,
    rural_break_point_m,
    sma_loss,
    uma_loss,
    urban_break_point_m,
)

EXACT = 1e-9
DRAWS = 400


def draws(model_name: str) -> list[tuple[float, float, float, float]]:
    """Random links over a model's whole range: d2D, fc, hBS, hUT."""
    entry = model(model_name)
    rng = np.random.default_rng(38901)
    low, high = (0.5, 140.0) if entry.distance_3d else entry.distance_m
    ranges = [(low, high), entry.frequency_ghz, entry.base_height_m, entry.user_height_m]
    columns = [np.exp(rng.uniform(*np.log(limits), DRAWS)) for limits in ranges]
    return [tuple(row) for row in np.column_stack(columns).tolist()]


def values(d: float, f: float, b: float, u: float) -> dict[str, float]:
    """The table's symbols for a link; distances and heights in m, carrier in GHz."""
    return {"d_{3D}": math.hypot(d, b - u), "f_c": f, "h_{BS}": b, "h_{UT}": u}


def urban(table: Any, scenario: str, d: float, f: float, b: float, u: float, e: float = 1.0):
    """LOS and NLOS loss of UMa or UMi read from the table; e is h_E of NOTE 1."""
    names = values(d, f, b, u)
    los = table.parts(table.pathloss(scenario=scenario, condition="LOS").formula)
    turn = 4.0 * (b - e) * (u - e) * f * 1e9 / 3.0e8
    near = table.read(los["PL_1"], **names)
    far = table.read(los["PL_2"], **names, **{"d'_{BP}": turn})
    short = scenario.split("-")[0]
    seen = near if d <= turn else far
    nlos = table.parts(table.pathloss(scenario=scenario, condition="NLOS").formula)
    primed = {
        f"PL'_{{{short}-NLOS}}": table.read(nlos[f"PL'_{{{short}-NLOS}}"], **names),
        f"PL_{{{short}-LOS}}": seen,
    }
    return seen, table.read(nlos[f"PL_{{{short}-NLOS}}"], **primed)


def rural(table: Any, scenario: str, d: float, f: float, b: float, u: float, h: float, w: float):
    """LOS and NLOS loss of RMa or SMa read from the table."""
    names = values(d, f, b, u) | {"h": h, "W": w}
    los = table.parts(table.pathloss(scenario=scenario, condition="LOS").formula)
    turn = 2.0 * math.pi * b * u * f * 1e9 / 3.0e8

    def first(distance: float) -> float:
        return table.read(los["PL_1"], **(names | {"d_{3D}": distance}))

    far = table.read(los["PL_2"], **names, **{"d_{BP}": turn, "PL_1": first})
    seen = first(names["d_{3D}"]) if d <= turn else far
    nlos = table.parts(table.pathloss(scenario=scenario, condition="NLOS").formula)
    if scenario == "SMa":
        return seen, table.read(nlos["PL_{SMa-NLOS}"], **names)
    primed = table.read(nlos["PL'_{RMa-NLOS}"], **names)
    both = {"PL_{RMa-LOS}": seen, "PL'_{RMa-NLOS}": primed}
    return seen, table.read(nlos["PL_{RMa-NLOS}"], **both)


@pytest.mark.parametrize(("name", "scenario"), [("uma", "UMa"), ("umi", "UMi-StreetCanyon")])
def test_urban_models_equal_the_table(table: Any, name: str, scenario: str) -> None:
    beyond = 0
    for d, f, b, u in draws(name):
        expected = urban(table, scenario, d, f, b, u)
        got = model(name).loss_db(d, f, b, u, [True, False])
        np.testing.assert_allclose(got, expected, atol=EXACT, rtol=0)
        beyond += d > urban_break_point_m(f, b, u, 1.0)
    assert beyond > 10, "the draws must reach beyond the break point"


@pytest.mark.parametrize("environment_m", [12.0, 15.0, 18.0])
def test_uma_takes_any_environment_height_of_note_1(table: Any, environment_m: float) -> None:
    for d, f, b, _ in draws("uma"):
        if b < 25.0:
            continue
        expected = urban(table, "UMa", d, f, b, 22.5, environment_m)
        got = [uma_loss(d, f, b, 22.5, sight, environment_m) for sight in (True, False)]
        np.testing.assert_allclose(got, expected, atol=EXACT, rtol=0)


@pytest.mark.parametrize(("name", "scenario"), [("rma", "RMa"), ("sma", "SMa")])
def test_rural_models_equal_the_table(table: Any, name: str, scenario: str) -> None:
    clutter = (5.0, 20.0) if name == "rma" else (10.0, 10.0)
    beyond = 0
    for d, f, b, u in draws(name):
        expected = rural(table, scenario, d, f, b, u, *clutter)
        got = model(name).loss_db(d, f, b, u, [True, False])
        np.testing.assert_allclose(got, expected, atol=EXACT, rtol=0)
        beyond += d > rural_break_point_m(f, b, u)
    assert beyond > 10, "the draws must reach beyond the break point"


def test_rural_models_take_other_buildings_and_streets(table: Any) -> None:
    rng = np.random.default_rng(7)
    for d, f, b, u in draws("rma"):
        h, w = rng.uniform(5.0, 50.0, 2)
        got = [rma_loss(d, f, b, u, sight, h, w) for sight in (True, False)]
        np.testing.assert_allclose(got, rural(table, "RMa", d, f, b, u, h, w), atol=EXACT, rtol=0)
        got = [sma_loss(d, f, b, u, sight, h, w) for sight in (True, False)]
        np.testing.assert_allclose(got, rural(table, "SMa", d, f, b, u, h, w), atol=EXACT, rtol=0)


def indoor(table: Any, d: float, f: float, b: float, u: float) -> tuple[float, float]:
    """LOS and NLOS loss of InH read from the table."""
    names = values(d, f, b, u)
    los = table.parts(table.pathloss(scenario="InH-Office", condition="LOS").formula)
    nlos = table.parts(table.pathloss(scenario="InH-Office", condition="NLOS").formula)
    seen = table.read(los["PL_{InH-LOS}"], **names)
    primed = table.read(nlos["PL'_{InH-NLOS}"], **names)
    both = {"PL_{InH-LOS}": seen, "PL'_{InH-NLOS}": primed}
    return seen, table.read(nlos["PL_{InH-NLOS}"], **both)


@pytest.mark.parametrize("name", ["inh-mixed", "inh-open"])
def test_indoor_office_equals_the_table(table: Any, name: str) -> None:
    for d, f, b, u in draws(name):
        if math.hypot(d, b - u) < 1.0:
            continue
        got = model(name).loss_db(d, f, b, u, [True, False])
        np.testing.assert_allclose(got, indoor(table, d, f, b, u), atol=EXACT, rtol=0)


#: Model -> its scenario and the symbol of its optional formula out of sight.
OPTIONAL = {
    "uma-optional": ("UMa", "PL_{UMa-NLOS}"),
    "umi-optional": ("UMi-StreetCanyon", "PL_{UMi-NLOS}"),
    "inh-optional": ("InH-Office", "PL'_{InH-NLOS}"),
}


def optional(table: Any, name: str, d: float, f: float, b: float, u: float) -> float:
    """NLOS loss by the optional formula read from the table."""
    scenario, left = OPTIONAL[name]
    entry = table.pathloss(scenario=scenario, condition="NLOS", variant="optional")
    loss = table.read(table.parts(entry.formula)[left], **values(d, f, b, u))
    # the primed symbol of InH stands under the row's maximum
    return max(loss, indoor(table, d, f, b, u)[0]) if name == "inh-optional" else loss


@pytest.mark.parametrize("name", list(OPTIONAL))
def test_optional_formulas_equal_the_table(table: Any, name: str) -> None:
    scenario = OPTIONAL[name][0]
    entry = table.pathloss(scenario=scenario, condition="NLOS", variant="optional")
    plain = model(name.replace("inh-optional", "inh-mixed").replace("-optional", ""))
    for d, f, b, u in draws(name):
        if math.hypot(d, b - u) < 1.0:
            continue
        seen, blocked = model(name).loss_db(d, f, b, u, [True, False])
        assert blocked == pytest.approx(optional(table, name, d, f, b, u), abs=EXACT)
        assert seen == plain.loss_db(d, f, b, u, True)
    assert model(name).sigma_nlos_db == entry.shadow_fading_std_db[0].value_db


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("uma", "UMa"),
        ("umi", "UMi-StreetCanyon"),
        ("rma", "RMa"),
        ("sma", "SMa"),
        ("inh-mixed", "InH-Office"),
        ("inh-open", "InH-Office"),
    ],
)
def test_sigmas_equal_the_table(table: Any, name: str, scenario: str) -> None:
    los = table.pathloss(scenario=scenario, condition="LOS").shadow_fading_std_db
    nlos = table.pathloss(scenario=scenario, condition="NLOS").shadow_fading_std_db
    entry = model(name)
    assert entry.sigma_los_db == los[0].value_db
    assert entry.sigma_nlos_db == nlos[0].value_db
    if len(los) > 1:
        turn = rural_break_point_m(0.7, 35.0, 1.5)
        got = entry.sigma_db([turn - 1.0, turn + 1.0], 0.7, 35.0, 1.5, True)
        assert got.tolist() == [row.value_db for row in los]


#: Model -> scenario of Table 7.4.2-1 and the distances at which its rows hand over [m].
ODDS = {
    "rma": ("RMa", [10.0]),
    "umi": ("UMi-StreetCanyon", [18.0]),
    "uma": ("UMa", [18.0]),
    "inh-mixed": ("Indoor-MixedOffice", [1.2, 6.5]),
    "inh-open": ("Indoor-OpenOffice", [5.0, 49.0]),
    "sma": ("SMa", [10.0]),
}


def odds(table: Any, name: str, d: float, u: float, b: float, vegetation: float) -> float:
    """Probability of sight read from the table."""
    scenario, turns = ODDS[name]
    texts = table.parts(table.los_probability(scenario=scenario).formula)
    rows = table.cases(texts["P_{LOS}" if name == "sma" else "Pr_{LOS}"])
    names = {"d_{2D-out}": d, "d_{2D-in}": d, "h_{BS}": b, "h_{UT}": u}
    if name == "uma":
        share = table.cases(texts["C'(h_{UT})"])[int(u > 13.0)]
        names["C'"] = partial(height_share, table, share)
    if name == "sma":
        names |= suburban(table, texts, u, b, vegetation)
    return min(table.read(rows[sum(d > turn for turn in turns)], **names), 1.0)


@pytest.mark.parametrize("name", list(ODDS))
def test_odds_of_sight_equal_the_table(table: Any, name: str) -> None:
    rng = np.random.default_rng(5)
    for d, _, b, u in draws(name):
        vegetation = float(rng.choice([0.0, 0.1, 0.2]))
        got = los_probability(name, d, u, b, vegetation)
        assert got == pytest.approx(odds(table, name, d, u, b, vegetation), abs=1e-12)


def height_share(table: Any, text: str, user_height_m: float) -> float:
    return table.read(text, **{"h_{UT}": user_height_m})


def suburban(table: Any, texts: dict[str, str], u: float, b: float, vegetation: float):
    """The three k of SMa's row, from the table's 1/k."""
    known = {"h_{UT}": u, "h_{BS}": b, "d_{clutter}": 30.0}
    known |= {"h_{commercial}": 20.0, "h_{residential}": 8.0, "h_{vegetation}": 15.0}
    known |= {"r_{commercial}": 0.02, "r_{residential}": 0.18, "r_{vegetation}": vegetation}
    out = {}
    for kind in ("commercial", "residential", "vegetation"):
        rate = table.read(texts[rf"\dfrac{{1}}{{k_{{{kind}}}}}"], **known)
        out[f"k_{{{kind}}}"] = 1.0 / rate if rate > 0.0 else math.inf
    return out


def test_low_users_always_see_the_ground_as_environment() -> None:
    assert uma_ground_odds(500.0, 12.9) == 1.0
    assert 0.1 < uma_ground_odds(300.0, 22.5) < 1.0


def test_loss_is_continuous_at_the_break_points() -> None:
    for name in ("uma", "umi"):
        turn = urban_break_point_m(3.5, 20.0, 1.5, 1.0)
        near, far = model(name).loss_db([turn, turn + 1e-9], 3.5, 20.0, 1.5, True)
        assert near == pytest.approx(far, abs=1e-8)
