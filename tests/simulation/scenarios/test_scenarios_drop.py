"""What a drop holds: geometry, draws, losses and gains, against formulas written apart from it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellwright.propagation import los_probability, model
from cellwright.radio import element_gain_dbi, local_angles
from cellwright.simulation.scenarios import Column, drop, geometry, hexagonal, scenario

UMA, UMI = scenario("uma-6ghz"), scenario("umi-6ghz")
DRAWN = ("user_m", "indoor", "in_car", "indoor_m", "distance_m", "sight", "loss_db", "shadow_db")


@pytest.fixture(scope="module")
def uma():
    return drop(UMA, seed=1, users=6000)


@pytest.fixture(scope="module")
def umi():
    return drop(UMI, seed=1, users=6000)


def same(a, b, names):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def test_common_random_numbers_whatever_the_antennas_are():
    plans = [UMA, UMA.changed(downtilt_deg=4.0, power_dbm=30.0, azimuth_deg=(0.0, 120.0, 240.0)),
             UMA.changed(elements=4, mechanical_tilt_deg=3.0)]  # fmt: skip
    first, *others = (drop(plan, seed=3) for plan in plans)
    for other in others:
        assert same(first, other, DRAWN)
        assert not np.array_equal(first.gain_db, other.gain_db)
    assert not same(first, drop(UMA, seed=4), ("loss_db",))


def test_more_users_leave_the_first_as_they_were():
    few, many = drop(UMI, seed=2, users=190), drop(UMI, seed=2, users=1900)
    assert np.array_equal(few.gain_db, many.gain_db[:, :190])


@pytest.mark.parametrize("consistent", [False, True])
def test_threads_change_nothing(monkeypatch, consistent):
    plan = UMI.changed(consistent=consistent)
    users = 300 if consistent else 12_000
    monkeypatch.setattr("cellwright.simulation.scenarios.dropping._WORTH_THREADS", 1000)
    made = []
    for count in ("1", "3"):
        monkeypatch.setenv("CELLWRIGHT_THREADS", count)
        made.append(drop(plan, seed=9, users=users))
    monkeypatch.setattr("cellwright.simulation.scenarios.dropping._WORTH_THREADS", 10**12)
    made.append(drop(plan, seed=9, users=users))
    for other in made[1:]:
        assert same(made[0], other, (*DRAWN, "gain_db"))


def test_users_stand_in_the_cells_and_not_too_near(uma):
    layout = hexagonal(500.0)
    assert np.allclose(uma.distance_m, layout.nearest_m(*uma.user_m[:, :2].T), atol=1e-2)
    nearest = uma.distance_m.min(axis=0)
    assert (nearest - uma.indoor_m >= 35.0 - 1e-3).all()
    assert nearest.max() <= 500.0 / np.sqrt(3.0) + 1e-3
    # each site's hexagon holds the same number
    counts = np.bincount(uma.distance_m.argmin(axis=0), minlength=19)
    assert counts.max() - counts.min() <= 1
    # uniform over the area: the square of the distance to the home site is uniform within its
    # inscribed circle
    near = nearest[~uma.indoor & (nearest < 250.0)]
    assert stats.kstest((near**2 - 35.0**2) / (250.0**2 - 35.0**2), "uniform").pvalue > 0.01


def test_people_are_where_the_table_says(uma):
    assert uma.indoor.mean() == pytest.approx(0.8, abs=0.02)
    floors = (uma.user_m[uma.indoor, 2] - 1.5) / 3.0
    assert np.allclose(floors, floors.round())
    # floor n of N in 4..8, all alike likely: the share on the ground is the mean of 1/N
    assert (floors == 0).mean() == pytest.approx(np.mean([1 / n for n in range(4, 9)]), abs=0.015)
    assert floors.max() == 7
    assert (uma.user_m[~uma.indoor, 2] == 1.5).all()
    # the least of two uniform draws of 25 m, before least distances thin it out
    assert uma.indoor_m[uma.indoor].mean() == pytest.approx(25.0 / 3.0, abs=0.3)
    assert not uma.in_car.any()


def test_cars_are_outdoors():
    made = drop(scenario("imt-rural-700mhz"), seed=1, users=2000)
    assert (made.in_car ^ made.indoor).all()


def test_directions(umi):
    s, u = 4, np.arange(200)
    at = umi.user_m[u]
    images = hexagonal(200.0).image_m + umi.site_m[s, :2]
    apart = at[:, None, :2] - images[None]
    nearest = np.hypot(apart[..., 0], apart[..., 1]).argmin(axis=1)
    dx, dy = apart[u, nearest].T
    assert np.allclose(
        umi.departure_azimuth_deg[s, u], np.degrees(np.arctan2(dx, dy)) % 360.0, atol=1e-3
    )
    below = np.degrees(np.arctan2(10.0 - at[:, 2], np.hypot(dx, dy)))
    assert np.allclose(umi.departure_zenith_deg[s, u], 90.0 + below, atol=1e-3)


@pytest.mark.parametrize("name", ["uma", "umi"])
def test_sight_is_as_likely_as_the_table_says(name, request):
    made = request.getfixturevalue(name)
    base = {"uma": 25.0, "umi": 10.0}[name]
    way = np.maximum(made.distance_m - made.indoor_m, 0.0)
    height = np.broadcast_to(made.user_m[:, 2], way.shape)
    odds = los_probability(name, way, height, base)
    for low, high in ((20, 60), (60, 120), (120, 250), (250, 600)):
        for high_users in (False, True):
            some = (way >= low) & (way < high) & ((height > 13.0) == high_users)
            wanted, count = odds[some].mean(), some.sum()
            error = 4.0 * np.sqrt(wanted * (1.0 - wanted) / count)
            assert made.sight[some].mean() == pytest.approx(wanted, abs=error)


@pytest.mark.parametrize(("name", "sigma"), [("uma", (4.0, 6.0, 7.0)), ("umi", (4.0, 7.82, 7.0))])
def test_shadowing_has_the_spread_of_its_state(name, sigma, request):
    made = request.getfixturevalue(name)
    indoor = np.broadcast_to(made.indoor, made.sight.shape)
    for some, wanted in zip(
        (~indoor & made.sight, ~indoor & ~made.sight, indoor), sigma, strict=True
    ):
        values = made.shadow_db[some]
        assert values.std() == pytest.approx(wanted, rel=0.05)
        assert abs(values.mean()) < 4.0 * wanted / np.sqrt(values.size)
        assert stats.kstest(values[:5000] / wanted, "norm").pvalue > 0.001
    # sites are independent in TR 38.901
    unit = made.shadow_db[:, made.indoor]
    assert abs(np.corrcoef(unit[3], unit[11])[0, 1]) < 0.06


@pytest.mark.parametrize(("name", "base"), [("uma", 25.0), ("umi", 10.0)])
def test_loss_outdoors_is_the_models(name, base, request):
    made = request.getfixturevalue(name)
    out = ~made.indoor
    loss = made.loss_db[:, out] - made.shadow_db[:, out]
    wanted = model(name).loss_db(made.distance_m[:, out], 6.0, base, 1.5, made.sight[:, out])
    assert np.allclose(loss, wanted, atol=2e-3)


def test_loss_on_entering_is_one_number_a_user(umi):
    way = umi.loss_db - umi.shadow_db
    wanted = model("umi").loss_db(umi.distance_m, 6.0, 10.0, umi.user_m[:, 2], umi.sight)
    entry = way - wanted
    assert np.allclose(entry, entry[0], atol=2e-3)
    assert np.allclose(entry[0][~umi.indoor], 0.0, atol=2e-3)
    walls = entry[0][umi.indoor] - 0.5 * umi.indoor_m[umi.indoor]
    # half behind each wall of TR 38.901 V14, equation (7.4-3), written out
    glass, concrete, coated = (10 ** (-x / 10) for x in (2 + 0.2 * 6, 5 + 4 * 6, 23 + 0.3 * 6))
    low = 5 - 10 * np.log10(0.3 * glass + 0.7 * concrete)
    high = 5 - 10 * np.log10(0.7 * coated + 0.3 * concrete)
    assert walls.mean() == pytest.approx((low + high) / 2, abs=0.5)
    spread = (4.4**2 + 6.5**2) / 2 + ((high - low) / 2) ** 2
    assert walls.std() == pytest.approx(np.sqrt(spread), rel=0.04)


def plain_gain(zenith, azimuth, boresight, electrical, mechanical, elements, spacing):
    """The same antenna by a complex sum over its elements."""
    theta, phi = local_angles(azimuth, zenith, boresight, mechanical)
    phase = 2j * np.pi * spacing * np.arange(elements)
    steer = np.cos(np.radians(90.0 + electrical))
    field = np.exp(phase * (np.cos(np.radians(theta))[..., None] - steer)).sum(axis=-1)
    return element_gain_dbi(theta, phi) + 10.0 * np.log10(
        np.maximum(np.abs(field) ** 2 / elements, 1e-4)
    )


@pytest.mark.parametrize(
    ("electrical", "mechanical", "elements", "spacing"),
    [(12.0, 0.0, 10, 0.5), (0.0, 5.0, 10, 0.5), (4.0, -3.0, 8, 0.8), (0.0, 0.0, 1, 0.5)],
)
def test_coupling_gain_is_antenna_less_loss(electrical, mechanical, elements, spacing):
    plan = UMA.changed(
        downtilt_deg=electrical, mechanical_tilt_deg=mechanical, elements=elements, spacing=spacing
    )
    made = drop(plan, seed=5, users=400)
    for cell in (0, 7, 56):
        s = made.cell_site[cell]
        wanted = plain_gain(
            made.departure_zenith_deg[s], made.departure_azimuth_deg[s], made.azimuth_deg[cell],
            electrical, mechanical, elements, spacing,
        )  # fmt: skip
        gain = made.gain_db[cell] + made.loss_db[s]
        # single-precision angles move a null's flank, where the gain runs 1 dB in 0.001 deg
        kept = wanted > wanted.max() - 45.0
        assert np.allclose(gain[kept], wanted[kept], atol=0.02)
    assert made.downtilt_deg[0] == electrical + mechanical


def test_column_against_the_complex_sum():
    zenith, azimuth = np.meshgrid(np.linspace(1, 179, 90), np.linspace(-179, 180, 73))
    column = Column(elements=6, spacing=0.7)
    for electrical, mechanical in ((9.0, 0.0), (3.0, 8.0)):
        gain = column.gain_dbi_at(zenith, azimuth, electrical, mechanical)
        wanted = plain_gain(zenith, azimuth, 0.0, electrical, mechanical, 6, 0.7)
        assert np.allclose(gain, wanted, atol=1e-6)


def test_sites_may_share_their_shadowing():
    made = drop(UMI.changed(between_sites=0.5), seed=1, users=6000)
    inside = made.shadow_db[:, made.indoor]
    matrix = np.corrcoef(inside)
    assert matrix[np.triu_indices(19, 1)].mean() == pytest.approx(0.5, abs=0.03)
    assert inside.std() == pytest.approx(7.0, rel=0.05)


def test_near_users_are_alike_when_asked():
    plan = UMA.changed(consistent=True, indoor_share=0.0, rings=1, distance_m=300.0)
    shadows, sights, apart = [], [], None
    for seed in range(5):
        made = drop(plan, seed=seed, users=420)
        at = made.user_m[:, :2]
        apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
        first, second = np.nonzero((apart > 0) & (apart < 25.0))
        for s in range(made.sight.shape[0]):
            both = ~made.sight[s, first] & ~made.sight[s, second]
            shadows.append(
                (
                    made.shadow_db[s, first[both]],
                    made.shadow_db[s, second[both]],
                    apart[first, second][both],
                )
            )
            sights.append(made.sight[s, first] == made.sight[s, second])
    a, b, d = (np.concatenate(x) for x in zip(*shadows, strict=True))
    assert np.mean(a * b) / 36.0 == pytest.approx(np.exp(-d / 50.0).mean(), abs=0.08)
    assert np.concatenate(sights).mean() > 0.85
    lone = drop(plan.changed(consistent=False), seed=0, users=420)
    far = drop(plan, seed=0, users=420)
    for made in (lone, far):
        unit = made.shadow_db[~made.sight] / 6.0
        assert unit.std() == pytest.approx(1.0, abs=0.1)


def test_geometry_against_plain_arithmetic(uma):
    heard = geometry(uma, 49.0, -92.0)
    level = 10.0 ** ((uma.gain_db.astype(float) + 49.0) / 10.0)
    own = level.max(axis=0)
    other = np.sort(level, axis=0)[:-1].sum(axis=0)
    assert np.array_equal(heard.serving, uma.serving())
    assert np.allclose(heard.sir_db, 10.0 * np.log10(own / other), atol=1e-3)
    assert np.allclose(heard.sinr_db, 10.0 * np.log10(own / (other + 10**-9.2)), atol=1e-3)
    assert np.array_equal(heard.coupling_db, uma.gain_db.max(axis=0))
