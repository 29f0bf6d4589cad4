"""Large-scale parameters: distributions, correlations, common random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.channel.drops import toy_drop

from cellwright.simulation.channel import large_scale, statistics

NAMES = ("K", "DS", "ASD", "ASA", "ZSD", "ZSA")


def lognormals(scale):
    fields = (scale.delay_spread_s, scale.asd_deg, scale.asa_deg, scale.zsd_deg, scale.zsa_deg)
    return [np.log10(field.ravel()) for field in fields]


@pytest.mark.parametrize(("sight", "condition"), [(1.0, "los"), (0.0, "nlos")])
def test_means_deviations_and_correlations(sight, condition):
    drop = toy_drop(users=6000, sites=4, sight=sight)
    table = statistics("umi", condition, 6.0)
    drop = replace(drop, shadow_db=drop.shadow_db * np.float32(table["sigma_SF"] / 4.0))
    scale = large_scale(drop, "umi", 3)
    assert (scale.condition == (0 if sight else 1)).all()
    rows = lognormals(scale)
    for row, name in zip(rows[:3], ("DS", "ASD", "ASA"), strict=True):
        # the cap at 104 degrees takes a little off the widest spreads
        assert np.median(row) == pytest.approx(table[f"mu_lg{name}"], abs=0.01)
        below = np.percentile(row, 15.866)
        assert np.median(row) - below == pytest.approx(table[f"sigma_lg{name}"], rel=0.04)
    names, data = ["SF", "DS", "ASA", "ZSA"], [-drop.shadow_db.ravel(), rows[0], rows[2], rows[4]]
    if sight:
        names.append("K")
        data.append(scale.k_db.ravel())
    found = np.corrcoef(data)
    order = ("SF", "K", "DS", "ASD", "ASA", "ZSD", "ZSA")
    for i, first in enumerate(names):
        for j, second in enumerate(names[:i]):
            want = table.correlation[order.index(first), order.index(second)]
            assert found[i, j] == pytest.approx(want, abs=0.04), (first, second)


def test_caps_and_conditions():
    drop = toy_drop(users=4000, indoor=0.5, sight=0.5)
    scale = large_scale(drop, "umi", 1)
    assert set(np.unique(scale.condition)) == {0, 1, 2}
    assert (scale.condition[:, drop.indoor] == 2).all()
    assert scale.asa_deg.max() <= 104.0
    assert scale.zsa_deg.max() <= 52.0
    assert np.isneginf(scale.k_db[scale.condition != 0]).all()
    office = large_scale(drop, "inh-open", 1)
    assert office.condition.max() == 1


def test_a_link_draws_the_same_whatever_else_is_there():
    drop = toy_drop(users=30, sites=9)
    whole = large_scale(drop, "uma", 5)
    rows = ("user_m", "indoor", "in_car", "indoor_m")
    links = (
        "distance_m",
        "departure_azimuth_deg",
        "departure_zenith_deg",
        "sight",
        "loss_db",
        "shadow_db",
    )
    cut = {name: getattr(drop, name)[:10] for name in rows}
    cut |= {name: getattr(drop, name)[:4, :10] for name in links}
    part = replace(
        drop,
        site_m=drop.site_m[:4],
        cell_site=drop.cell_site[:12],
        azimuth_deg=drop.azimuth_deg[:12],
        downtilt_deg=drop.downtilt_deg[:12],
        gain_db=drop.gain_db[:12, :10],
        **cut,
    )
    np.testing.assert_array_equal(large_scale(part, "uma", 5).asa_deg, whole.asa_deg[:4, :10])
    assert (large_scale(drop, "uma", 6).asa_deg != whole.asa_deg).any()


def test_users_near_one_another_are_alike():
    rng = np.random.default_rng(4)
    place = rng.uniform(0, 150, (400, 2))
    drop = toy_drop(users=400, sites=4, sight=0.0, place=place)
    drop = replace(drop, shadow_db=np.zeros_like(drop.shadow_db))
    apart = np.hypot(*(place[:, None] - place[None]).T)
    near = (apart > 4.0) & (apart < 6.0)
    far = (apart > 60.0) & (apart < 90.0)
    products = []
    for seed in range(6):
        spread = np.log10(large_scale(drop, "umi", seed, correlated_users=True).delay_spread_s)
        table = statistics("umi", "nlos", 6.0)
        z = (spread - table["mu_lgDS"]) / table["sigma_lgDS"]
        products += [
            ((z[s][:, None] * z[s])[near].mean(), (z[s][:, None] * z[s])[far].mean())
            for s in range(4)
        ]
    # with the shadowing held at 0 the rest of DS has variance 1 - 0.7^2
    left = 1.0 - 0.7**2
    close, distant = np.mean(products, axis=0)
    assert close == pytest.approx(left * np.exp(-5.0 / 10.0), abs=0.06)
    assert abs(distant) < 0.06
