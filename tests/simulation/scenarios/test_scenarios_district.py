"""A district's own map in place of the standard's statistics: the same record."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import received
from cellwright.errors import InputError
from cellwright.network import carrier, cells_for, sites_from_records
from cellwright.simulation.scenarios import district_drop, geometry

NR = carrier("n78")
RECEIVERS = 3000


@pytest.fixture(scope="module")
def district():
    rng = np.random.default_rng(1)
    places = [(0.0, 0.0), (600.0, 0.0), (300.0, 500.0)]
    records = [
        {"site_id": f"S{i}", "x_m": x, "y_m": y, "height_m": 28.0}
        for i, (x, y) in enumerate(places)
    ]
    sites = sites_from_records(records, "EPSG:2154", 5.0)
    place = (np.arange(RECEIVERS) % 2).astype(np.uint8)
    phones = xr.Dataset(
        {
            "x_m": ("receiver", rng.uniform(-500.0, 1100.0, RECEIVERS)),
            "y_m": ("receiver", rng.uniform(-500.0, 900.0, RECEIVERS)),
            "ground_amsl_m": ("receiver", np.full(RECEIVERS, 5.0, np.float32)),
            "height_m": ("receiver", np.full(RECEIVERS, 1.5, np.float32)),
            "indoor_distance_m": ("receiver", np.where(place > 0, 6.0, 0.0)),
            "place": ("receiver", place),
        }
    )
    lost = rng.uniform(80.0, 140.0, (3, RECEIVERS)).astype(np.float32)
    lost[2, :50] = np.inf
    sigma = np.empty((3, 2, 3), np.float32)
    sigma[:, 0, 0], sigma[:, 1, 0], sigma[:, :, 1:] = 6.0, 4.0, np.hypot(7.0, 4.4)
    loss = xr.Dataset(
        {
            "path_loss_db": (("site", "receiver"), lost),
            "sight": (("site", "receiver"), rng.integers(0, 2, lost.shape).astype(np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), sigma),
        },
        coords={"site": sites["site_id"].to_numpy(dtype=object)},
        attrs={"entry": "low"},
    )
    cells = cells_for(sites, NR)
    heard = received(loss, sites, cells, NR, phones)
    return loss, heard, sites, cells, phones


def make(district, weight=None, **changes):
    settings = {"users": 4000, "seed": 1, "frequency_ghz": NR.frequency_ghz, **changes}
    weight = np.ones(RECEIVERS) if weight is None else weight
    return district_drop(*district, weight, **settings)


def test_users_stand_where_the_demand_is(district):
    weight = np.where(np.arange(RECEIVERS) % 3 == 0, 2.0, 0.0)
    weight[3] = 1000.0
    made = make(district, weight)
    x = district[4]["x_m"].to_numpy()
    counts = np.array([(made.user_m[:, 0] == value).sum() for value in x])
    assert counts[weight == 0.0].sum() == 0
    assert counts[3] / 4000 == pytest.approx(1000.0 / weight.sum(), abs=0.03)


def test_gains_are_the_maps_less_what_was_drawn(district):
    loss, heard, *_, phones = district
    made = make(district)
    x = phones["x_m"].to_numpy()
    at = np.searchsorted(np.sort(x), made.user_m[:, 0])
    at = np.argsort(x)[at]
    lost = loss["path_loss_db"].to_numpy()[:, at]
    extra = np.where(np.isfinite(lost), made.loss_db, np.nan) - np.where(
        np.isfinite(lost), lost, 0.0
    )
    wall = extra - made.shadow_db
    known = np.isfinite(wall)
    assert np.allclose(np.where(known, wall, wall[0]), wall[0], atol=1e-3)
    assert np.allclose(wall[0][~made.indoor], 0.0, atol=1e-3)
    assert wall[0][made.indoor].std() == pytest.approx(4.4, rel=0.06)
    assert made.shadow_db[:, made.indoor].std() == pytest.approx(7.0, rel=0.05)
    level = heard["traffic_dbm"].to_numpy()[:, at] - heard["element_dbm"].to_numpy()[:, None]
    wanted = level - np.where(known, extra, 0.0)[made.cell_site]
    assert np.allclose(made.gain_db, wanted, atol=2e-3)
    geometry_ = geometry(made, 46.0, -95.0)
    assert not np.isnan(geometry_.sinr_db).any()


def test_antennas_change_no_draw(district):
    loss, _, sites, cells, phones = district
    lower = cells.assign(electrical_tilt_deg=10.0)
    other = (loss, received(loss, sites, lower, NR, phones), sites, lower, phones)
    a, b = make(district), make(other)
    for name in ("user_m", "loss_db", "shadow_db", "sight"):
        assert np.array_equal(getattr(a, name), getattr(b, name))
    assert not np.array_equal(a.gain_db, b.gain_db)
    assert (b.downtilt_deg == 10.0).all()


def test_sites_share_half_and_neighbours_are_alike(district):
    made = make(district, correlation_m=50.0, users=1500)
    inside = made.shadow_db[:, made.indoor]
    assert np.corrcoef(inside)[0, 1] == pytest.approx(0.5, abs=0.2)
    near = np.hypot(*(made.user_m[:, None, :2] - made.user_m[None, :, :2]).transpose(2, 0, 1))
    first, second = np.nonzero((near < 20.0) & (near > 0.0))
    both = made.indoor[first] & made.indoor[second]
    pairs = made.shadow_db[:, first[both]] * made.shadow_db[:, second[both]]
    assert pairs.mean() / (made.shadow_db[:, made.indoor] ** 2).mean() == pytest.approx(
        0.77, abs=0.15
    )


def test_a_user_out_of_reach_is_marked(district):
    weight = np.zeros(RECEIVERS)
    weight[:50] = 1.0
    made = make(district, weight, users=50)
    assert (made.gain_db[6:] == -np.inf).all()
    assert np.isfinite(made.gain_db[:6]).all()


def test_faults_are_said_all_at_once(district):
    with pytest.raises(InputError) as caught:
        make(district, np.zeros(RECEIVERS), users=0, beam="best", between_sites=2.0)
    for part in ("nobody is there", "0 users", '"best"', "between_sites is 2"):
        assert part in str(caught.value)
