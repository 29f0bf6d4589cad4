"""Models worked out over the map, as coverage asks for them: by carrier, by site, shared geometry."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.coverage import path_loss, path_losses
from cellwright.coverage.map_loss import streets_of
from cellwright.network import carrier

NR, LTE = carrier("n78"), carrier("b3")


def test_the_presets_work_over_the_map():
    assert {NR.model_for(kind) for kind in ("rooftop", "tower", "pole")} == {"urban"}
    assert NR.model_for("indoor") == "inh-mixed"


def test_carriers_together_give_what_each_gives_alone(make):
    area = make.area(400.0, blocks=[(60, -90, 80, 90, 15.0)])
    sites = make.sites((20, 50), (150, 30), building=0)
    phones = make.receivers([30.0, 100.0, 120.0], [50.0, 50.0, 20.0])
    both = path_losses(area, sites, [NR, LTE], phones)
    for one, together in zip((NR, LTE), both, strict=True):
        alone = path_loss(area, sites, one, phones)
        assert together["path_loss_db"].equals(alone["path_loss_db"])
        assert together.attrs["carrier"] == one.name
    nearer = both[1]["path_loss_db"] < both[0]["path_loss_db"]
    assert nearer.all(), "1.8 GHz loses less than 3.5 GHz"


def test_the_model_is_chosen_by_carrier_and_kind(make):
    area = make.area(400.0, blocks=[(60, -90, 80, 90, 15.0)])
    sites, phones = make.sites((20, 50)), make.receivers(150.0, 50.0)
    losses = {
        name: float(
            path_loss(area, sites, carrier("n78", models={"rooftop": name}), phones)[
                "path_loss_db"
            ][0, 0]
        )
        for name in ("urban", "p1812", "uma", "free-space")
    }
    assert losses["free-space"] < losses["urban"]
    assert losses["urban"] <= losses["p1812"] + 0.1
    assert len(set(losses.values())) == 4


def test_beyond_the_reach_is_infinite_and_not_valid(make):
    area, sites = make.area(400.0), make.sites((20, 50))
    phones = make.receivers([30.0, 180.0], 50.0)
    made = path_loss(area, sites, NR, phones, reach_m=100.0)
    assert np.isfinite(made["path_loss_db"][0, 0])
    assert np.isinf(made["path_loss_db"][0, 1])
    assert made["valid"].to_numpy().tolist() == [[True, False]]


def test_the_street_graph_is_made_once_for_a_map(make):
    area = make.area(400.0)
    assert streets_of(area.surface) is streets_of(area.surface)
    assert streets_of(make.area(400.0).surface) is not streets_of(area.surface)


def test_progress_reaches_one(make):
    said: list[float] = []
    path_losses(
        make.area(400.0), make.sites((20, 50)), [NR, LTE], make.receivers(30.0, 50.0),
        progress=said.append,
    )  # fmt: skip
    assert said[-1] == pytest.approx(1.0)
    assert said == sorted(said)
