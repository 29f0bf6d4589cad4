"""The page in a real browser, from disk, with the network off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from cellwright.report import write_page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: Software rendering on a loaded machine takes its time.
PATIENCE_MS = 90_000

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> Path:
    return write_page(tmp_path_factory.mktemp("report") / "index.html", **content)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (/usr/bin/chromium)")
    with playwright.sync_playwright() as driver:
        yield driver.chromium


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Iterator[Any]:
    browser = chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    """The page in plan view; whatever goes wrong in it is kept in ``page.wrongs``."""
    page = opened(browser, page_file, "#layer=rsrp_dbm&show=nr&place=outdoor&view=plan")
    yield page
    page.context.close()


def opened(browser: Any, path: Path, state: str = "", **options: Any) -> Any:
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 760}, **options)
    page = context.new_page()
    page.wrongs = []
    page.on("console", lambda m: page.wrongs.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda fault: page.wrongs.append(str(fault)))
    page.on("request", lambda r: page.wrongs.append(r.url) if r.url[:4] == "http" else None)
    page.on("requestfailed", lambda r: page.wrongs.append(r.url))
    page.goto(path.as_uri() + state)
    page.wait_for_selector("html[data-ready]", state="attached", timeout=PATIENCE_MS)
    return page


def degrees(x: float, y: float) -> list[float]:
    return list(Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True).transform(x, y))


def settle(page: Any) -> None:
    page.evaluate(
        """() => new Promise(done => {
            const map = window.cellwright.main.map;
            map.once("idle", done); map.triggerRepaint(); })"""
    )


def screen(page: Any, x: float, y: float) -> tuple[float, float]:
    """Where a point of the district stands in the window, by the map's own projection."""
    page.evaluate("() => document.querySelector('.stage').scrollIntoView({block: 'start'})")
    at = page.evaluate(
        """place => { const box = document.querySelector(".stage").getBoundingClientRect();
                      const p = window.cellwright.main.map.project(place);
                      return [box.left + p.x, box.top + p.y]; }""",
        degrees(x, y),
    )
    return at[0], at[1]


def read_out(page: Any) -> dict[str, float]:
    pairs = page.eval_on_selector_all(
        ".readout td[data-variable]",
        "cells => cells.map(c => [c.dataset.variable, c.dataset.value])",
    )
    return {name: float(value) for name, value in pairs if value != ""}


def test_nothing_is_loaded_and_nothing_goes_wrong(page: Any) -> None:
    assert page.wrongs == []
    assert page.title() == "Toy <town> & 5G"
    assert page.evaluate("() => document.documentElement.lang") == "en"
    assert page.evaluate("() => performance.getEntriesByType('resource').length") == 0


def test_texts_of_users_stay_texts(page: Any) -> None:
    assert "</script><b>Radio</b>" in page.inner_text("#table-bill_of_materials")
    assert page.query_selector("#table-bill_of_materials td b") is None


def test_legend_says_unit_classes_target_and_shares(page: Any, content: dict[str, Any]) -> None:
    legend = page.inner_text(".legend")
    for text in ("Received power, RSRP dBm", "−75 or more", "below −115", "≥ −105 target"):
        assert text in legend
    pixels = content["area"].pixels
    values = content["maps"]["nr_rsrp_dbm_outdoor"].to_numpy()
    inside = pixels["inside"].to_numpy() & np.isfinite(values)
    share = 100 * (values[inside] >= -105).mean()
    assert float(page.inner_text(".classes .target .figure")) == pytest.approx(share, abs=0.51)


def test_attribution_stands_on_the_map_and_on_the_page(page: Any) -> None:
    assert "© Toy maps" in page.inner_text(".stage .credit")
    assert "© Toy maps" in page.inner_text("footer")


@pytest.mark.parametrize(("row", "column"), [(10, 12), (45, 60), (34, 16), (30, 52)])
def test_a_click_reads_the_values_of_the_arrays(
    page: Any, content: dict[str, Any], row: int, column: int
) -> None:
    maps = content["maps"]
    x, y = float(maps["x"][column]), float(maps["y"][row])
    page.mouse.click(*screen(page, x, y))
    page.wait_for_selector(".readout", timeout=PATIENCE_MS)
    found = read_out(page)
    indoor = int(content["area"].pixels["building"][row, column]) > 0
    place = "indoor_ground" if indoor else "outdoor"
    assert page.inner_text(".readout h3") == ("Inside a building" if indoor else "In the open")
    for name in ("nr_rsrp_dbm", "lte_rsrp_dbm"):
        value = float(maps[f"{name}_{place}"][row, column])
        assert found[f"{name}_{place}"] == pytest.approx(value, abs=0.25)
    for name in ("nr_dl_mbps", "lte_dl_mbps", "ratio_dl"):
        value = float(maps[f"{name}_{place}"][row, column])
        assert found[f"{name}_{place}"] == pytest.approx(value, rel=0.03)
    if not indoor:
        assert found["nr_server_outdoor"] == int(maps["nr_server_outdoor"][row, column])
    page.click(".readout .close")


def test_a_building_corner_lands_where_it_should(page: Any, content: dict[str, Any]) -> None:
    """The colour changes from building grey to layer colour at the corner, to three pixels."""
    shape = content["area"].buildings.geometry.iloc[3]
    west, south, east, north = shape.bounds
    assert screen(page, west, north)[1] < screen(page, west, south)[1]
    metre = abs(screen(page, east, north)[0] - screen(page, west, north)[0]) / (east - west)
    for x, y in ((west, north), (east, south)):
        inward = (-1 if x == east else 1, -1 if y == north else 1)
        px, py = screen(page, x, y)
        found = page.evaluate(
            """([lon, lat]) => { const map = window.cellwright.main.map;
               const p = map.project([lon, lat]);
               const hit = (dx, dy) => map.queryRenderedFeatures([p.x + dx, p.y + dy],
                   {layers: ["footprints"]}).map(f => f.id);
               return [[3, 3], [3, -3], [-3, 3], [-3, -3]].map(([dx, dy]) => hit(dx, dy)); }""",
            degrees(x, y),
        )
        hits = {key for key, ids in zip(["se", "ne", "sw", "nw"], found, strict=True) if 4 in ids}
        expected = "se" if inward[0] > 0 else "nw"
        assert hits == {expected}, (px, py)
    assert metre > 1


def test_the_raster_lies_on_its_pixels(page: Any, content: dict[str, Any]) -> None:
    """Ask the drawn picture for the colour two pixels either side of a class border."""
    page.evaluate("() => window.cellwright.set({palette: 'RdYlBu'})")
    settle(page)
    maps = content["maps"]
    column = 38  # 38 % 6 == 2: from -100 dBm to -90 dBm at the next column's west edge
    x = (float(maps["x"][column]) + float(maps["x"][column + 1])) / 2
    colours = []
    for offset in (-1.6, 1.6):
        px, py = screen(page, x + offset, float(maps["y"][8]))
        shot = page.screenshot(clip={"x": px - 0.5, "y": py - 0.5, "width": 1, "height": 1})
        colours.append(average_colour(shot))
    yellow, pale = np.array([254, 226, 148]), np.array([226, 244, 244])
    assert np.abs(colours[0] - yellow).sum() < np.abs(colours[0] - pale).sum()
    assert np.abs(colours[1] - pale).sum() < np.abs(colours[1] - yellow).sum()


def average_colour(png: bytes) -> np.ndarray:
    from rasterio.io import MemoryFile

    with MemoryFile(png) as memory, memory.open() as picture:
        return picture.read()[:3].reshape(3, -1).mean(axis=1)


def test_swipe_shows_both_generations(page: Any) -> None:
    page.evaluate("() => window.cellwright.set({rat: 'swipe', layer: 'dl_mbps'})")
    page.wait_for_selector(".map.beside canvas", timeout=PATIENCE_MS)
    assert page.inner_text(".swipe .one") == "4G"
    assert page.inner_text(".swipe .two") == "5G"
    heads = page.eval_on_selector_all(".classes thead th", "cells => cells.map(c => c.innerText)")
    assert [head for head in heads if head] == ["area 4G", "area 5G"]
    before = page.evaluate("() => document.querySelector('.map.beside').style.clipPath")
    page.evaluate("() => document.querySelector('.stage').scrollIntoView({block: 'start'})")
    grip = page.locator(".swipe .grip").bounding_box()
    page.mouse.move(grip["x"] + 22, grip["y"] + 22)
    page.mouse.down()
    page.mouse.move(grip["x"] - 80, grip["y"] + 22)
    page.mouse.up()
    after = page.evaluate("() => document.querySelector('.map.beside').style.clipPath")
    assert before == "inset(0px 0px 0px 50%)"
    assert 20 < float(after.split()[-1].rstrip("%)")) < 45
    cameras = page.evaluate(
        """() => [window.cellwright.main, window.cellwright.beside].map(one => {
               const c = one.map.getCenter(); return [c.lng, c.lat, one.map.getZoom()]; })"""
    )
    assert cameras[0] == pytest.approx(cameras[1])
    page.evaluate("() => window.cellwright.set({rat: 'nr', layer: 'rsrp_dbm'})")
    assert page.locator(".map.beside").is_hidden()
    assert page.wrongs == []


def test_keyboard_alone_reads_a_value(page: Any) -> None:
    page.focus(".maplibregl-canvas")
    page.keyboard.press("Enter")
    page.wait_for_selector(".readout", timeout=PATIENCE_MS)
    assert read_out(page)
    page.click(".readout .close")


def test_tables_sort_and_rows_fly(page: Any, content: dict[str, Any]) -> None:
    head = page.locator("#table-sites th", has_text="Antenna height").locator("button")
    head.click()
    head.click()
    assert page.inner_text("#table-sites tbody tr:first-child td:first-child") == "T-2"
    page.emulate_media(reduced_motion="reduce")
    page.click("#table-sites tbody tr:first-child")
    centre = page.evaluate("() => window.cellwright.main.map.getCenter().toArray()")
    site = content["sites"].geometry.iloc[1]
    assert centre == pytest.approx(degrees(site.x, site.y), abs=1e-6)


def test_places_without_maps_cannot_be_chosen(page: Any) -> None:
    page.evaluate("() => window.cellwright.set({layer: 'dl_mbps', place: 'indoor_top'})")
    assert page.evaluate("() => window.cellwright.state.place") == "outdoor"
    assert page.is_disabled("input[name=place][value=indoor_top]")
    page.evaluate("() => window.cellwright.set({layer: 'rsrp_dbm', place: 'indoor_top'})")
    assert page.evaluate("() => window.cellwright.state.place") == "indoor_top"


def test_no_webgl_still_shows_everything_else(chromium: Any, page_file: Path) -> None:
    blind = ["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis"]
    browser = chromium.launch(executable_path=str(CHROMIUM), args=blind)
    page = opened(browser, page_file)
    assert "no WebGL" in page.inner_text(".map")
    assert page.is_visible("canvas.still")
    assert "Radio" in page.inner_text("#cost")
    box = page.locator("canvas.still").bounding_box()
    assert math.isclose(box["width"] / box["height"], 80 / 60, rel_tol=0.1)
    page.click("canvas.still", position={"x": 5, "y": 5})
    assert page.inner_text(".readout h3") == "In the open"
    browser.close()


def test_a_wide_district_is_cut_into_pictures(
    browser: Any, tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cellwright.report.scene.TILE_M", 180.0)
    page = opened(
        browser, write_page(tmp_path / "wide.html", **content), "#layer=rsrp_dbm&view=plan"
    )
    assert page.evaluate("() => window.cellwright.payload.head.area.tiles.length") == 6
    maps = content["maps"]
    for row, column in ((5, 5), (28, 29), (55, 70)):
        place = degrees(float(maps["x"][column]), float(maps["y"][row]))
        page.evaluate("place => window.cellwright.read(...place)", place)
        value = float(maps["nr_rsrp_dbm_outdoor"][row, column])
        assert read_out(page)["nr_rsrp_dbm_outdoor"] == pytest.approx(value, abs=0.25)
    assert page.wrongs == []
    page.context.close()


def test_a_phone_scrolls_down_only(browser: Any, page_file: Path) -> None:
    page = opened(browser, page_file)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.context.close()
