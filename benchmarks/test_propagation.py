"""How fast sight and loss are answered on the shipped district, and how true the shared rays are.

Run: PYTHONPATH=src pytest benchmarks/test_propagation.py --benchmark-enable --benchmark-only -s

What the sweep should cost, one core, a pole with 500 m reach on a 2 m surface, 285,000 receivers:
  march   8 x 250 rays x about 230 samples = 0.45 M samples; each 3 additions, 1 product, 2
          conversions, 3 comparisons, 8 bytes read (rasters: 2 MB within reach, neighbouring rays
          share their lines) and 20 written (first-level cache): 3-4 ns              = 1.6 ms
  sort    285,000 receivers twice, 1 division each within reach, 28 bytes            = 0.5 ms
  answer  33,000 receivers, 1 root, 1 division, 60 bytes read at random: 30 ns       = 1.0 ms
The plain form marches about 170 samples for each receiver: 33,000 x 170 x 3.5 ns    = 20 ms.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from scipy import ndimage

from cellwright.geo import load_area, read_district, receivers, shipped_district
from cellwright.propagation import model, sight_many

REACH_M = 500.0
BINS_M = ((10, 50), (50, 100), (100, 200), (200, 300), (300, 500), (500, 800))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLWRIGHT_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def district():
    area = load_area(read_district(shipped_district("nantes")))
    return area, receivers(area)


def poles(area, streets, count, seed=1, spacing_m=20.0):
    """Antennas 9 m above the ground along streets, on open pixels."""
    points = [
        street.interpolate(at)
        for street in streets.geometry
        if street.geom_type == "LineString"
        for at in np.arange(spacing_m / 2.0, street.length, spacing_m)
    ]
    place = np.array([(p.x, p.y) for p in points])
    surface = area.surface
    x, y = surface.x.to_numpy(), surface.y.to_numpy()
    i = np.rint((y[0] - place[:, 1]) / (y[0] - y[1])).astype(int)
    j = np.rint((place[:, 0] - x[0]) / (x[1] - x[0])).astype(int)
    on = (i >= 0) & (j >= 0) & (i < y.size) & (j < x.size)
    on[on] = surface["building"].to_numpy()[i[on], j[on]] == 0
    pick = np.random.default_rng(seed).choice(np.flatnonzero(on), count, replace=False)
    ground = surface["ground_amsl_m"].to_numpy()[i[pick], j[pick]]
    return place[pick, 0], place[pick, 1], ground + 9.0


def test_sweep(benchmark, district):
    area, phones = district
    sites = poles(area, area.streets, 20)
    benchmark(sight_many, area.surface, *sites, phones, REACH_M)


def test_plain_rays(benchmark, district):
    area, phones = district
    sites = poles(area, area.streets, 4)
    benchmark.pedantic(
        sight_many, (area.surface, *sites, phones, REACH_M), {"exact": True}, rounds=2
    )


def test_whole_district(benchmark, district):
    area, phones = district
    sites = poles(area, area.streets, 8)
    benchmark.pedantic(sight_many, (area.surface, *sites, phones, 5000.0), rounds=3)


@pytest.mark.parametrize("name", ["uma", "umi", "rma", "cost231-hata"])
def test_loss_of_a_million_links(benchmark, name):
    distance = np.geomspace(10.0, 5000.0, 1_000_000)
    sight = np.arange(distance.size) % 3 == 0
    entry = model(name)
    entry.loss_db(distance[:2], 1.8, 30.0, 1.5, sight[:2])
    benchmark(entry.loss_db, distance, 1.8, 30.0, 1.5, sight)


def test_figures(benchmark, district):
    """Sweep and plain rays alternately in one run; the share of street pixels in sight."""
    area, phones = district
    sites = poles(area, area.streets, 20)
    spent = {False: [], True: []}
    seen = {}
    sight_many(area.surface, *[v[:1] for v in sites], phones, 50.0, exact=True)
    for _ in range(3):
        for exact in (False, True):
            begin = time.process_time()
            seen[exact] = sight_many(area.surface, *sites, phones, REACH_M, exact=exact)
            spent[exact].append(time.process_time() - begin)
    far = distances(sites[0], sites[1], phones)
    links = int((far <= REACH_M).sum())
    fast, plain = min(spent[False]), min(spent[True])
    apart = float((seen[False] != seen[True])[far <= REACH_M].mean())
    print(f"\nsweep {fast / 20 * 1e3:.2f} ms a site, {links / fast / 1e6:.1f} M links/s a core;")
    print(f"plain rays {plain / fast:.1f} times slower; they disagree on {apart:.3%} of links")
    print("share of street pixels in sight of 9 m poles, by distance [m]", BINS_M)
    for title, row in street_shares(area, phones).items():
        print(f"{title:40s}", " ".join(f"{share:.3f}" for share in row))
    assert plain > 3.0 * fast
    assert apart < 0.005
    benchmark.pedantic(lambda: None)


def street_shares(area, phones):
    """Share of street pixels in sight of 200 poles: anywhere, and where the town is closed.

    Closed: a quarter or more of the 200 m square about the pole is built on; the others stand on
    quays, railways, parks and squares, from where a pole sees far.
    """
    streets = area.streets[area.streets["level"] == 0]
    surface = area.surface
    built = ndimage.uniform_filter((surface["building"].to_numpy() > 0).astype(np.float32), 101)
    x, y, antenna = poles(area, streets, 1000)
    i = np.rint((float(surface.y[0]) - y) / 2.0).astype(int)
    j = np.rint((x - float(surface.x[0])) / 2.0).astype(int)
    on_street = street_pixels(streets, phones)
    rows = {}
    for title, least in (("poles on any street", 0.0), ("poles in the closed town", 0.25)):
        pick = np.flatnonzero(built[i, j] >= least)[:200]
        far = distances(x[pick], y[pick], phones)
        seen = sight_many(surface, x[pick], y[pick], antenna[pick], phones, 800.0)
        rows[title] = [seen[(far >= low) & (far < high) & on_street].mean() for low, high in BINS_M]
    return rows


def distances(x, y, phones):
    return np.hypot(x[:, None] - phones.x_m.to_numpy(), y[:, None] - phones.y_m.to_numpy())


def footprints_decide(area, x, y, antenna, phone):
    """Sight by the buildings' own outlines, one link: nothing of the rasters but the ground."""
    top = float(phone.ground_amsl_m + phone.height_m)
    start, end = np.array([x, y]), np.array([float(phone.x_m), float(phone.y_m)])
    path = shapely.linestrings([start, end])
    for k in area.buildings.sindex.query(path, predicate="intersects"):
        part = shapely.get_coordinates(shapely.intersection(path, area.buildings.geometry.iloc[k]))
        share = np.hypot(*(part - start).T) / np.hypot(*(end - start))
        low = np.min(antenna + (top - antenna) * share)
        ground = area.surface["ground_amsl_m"].sel(
            x=part[:, 0].mean(), y=part[:, 1].mean(), method="nearest"
        )
        if low < float(ground) + area.buildings["height_m"].iloc[k]:
            return False
    return True


def test_rasters_agree_with_footprints(benchmark, district):
    """The sweep against exact outlines on 1,000 street links: same share, few differences."""
    area, phones = district
    streets = area.streets[area.streets["level"] == 0]
    x, y, antenna = poles(area, streets, 40, seed=5)
    far = distances(x, y, phones)
    links = np.argwhere((far > 10.0) & (far < 200.0) & street_pixels(streets, phones))
    links = links[np.random.default_rng(0).choice(len(links), 1000, replace=False)]
    seen = sight_many(area.surface, x, y, antenna, phones, 200.0)[links[:, 0], links[:, 1]]
    truth = np.array(
        [footprints_decide(area, x[s], y[s], antenna[s], phones.isel(receiver=r)) for s, r in links]
    )
    apart = (seen != truth).mean()
    benchmark.pedantic(lambda: None)
    print(f"\nfootprints {truth.mean():.3f}, sweep {seen.mean():.3f} in sight; {apart:.1%} differ")
    assert abs(seen.mean() - truth.mean()) < 0.01
    assert apart < 0.03


def street_pixels(streets, phones):
    lane = shapely.union_all(streets.geometry.buffer(streets["width_m"].to_numpy() / 2.0).array)
    shapely.prepare(lane)
    inside = shapely.contains_xy(lane, phones.x_m.to_numpy(), phones.y_m.to_numpy())
    return inside & (phones["building"].to_numpy() == 0)
