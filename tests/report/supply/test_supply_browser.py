"""The supply page in a real browser: from disk, network off, on a desk, a phone and paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cellwright.report.supply import Verdict, write_supply_page

CHROMIUM = Path("/usr/bin/chromium")
#: A4 less the margins of the style sheet, 96 px an inch.
PAPER = {"width": round((210 - 26) / 25.4 * 96), "height": round((297 - 22) / 25.4 * 96)}
NAMES = {
    "Huawei": "华为技术有限公司", "Ericsson": "Ростелеком и партнёры",
    "Nokia": "A maker with a name of quite unreasonable length, Incorporated & Sons",
}  # fmt: skip

pytestmark = pytest.mark.browser

#: Texts of each drawing that is seen: those that lie on one another or leave the drawing.
CLASHES = """() => {
  const wrong = [];
  for (const svg of document.querySelectorAll(".draw svg")) {
    const paper = svg.getBoundingClientRect();
    if (!paper.width) continue;
    const scale = paper.width / svg.viewBox.baseVal.width;
    const boxes = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
    boxes.forEach(([words, a], n) => {
      if (a.left < paper.left - 8 * scale || a.right > paper.right + 8 * scale)
        wrong.push(["leaves", svg.querySelector("title").textContent, words]);
      for (const [other, b] of boxes.slice(n + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 * scale && down > 4 * scale)
          wrong.push(["clash", svg.querySelector("title").textContent, words, other]);
      }
    });
  }
  return wrong; }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (/usr/bin/chromium)")
    with playwright.sync_playwright() as driver:
        opened_ = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened_
        opened_.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> Path:
    return write_supply_page(tmp_path_factory.mktemp("supply") / "supply.html", **content)


@pytest.fixture(scope="module")
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    page = opened(browser, page_file, viewport={"width": 1440, "height": 900})
    yield page
    page.context.close()


def opened(browser: Any, path: Path, **options: Any) -> Any:
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    page.wrongs = []
    page.on("console", lambda m: page.wrongs.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: page.wrongs.append(r.url) if r.url[:4] == "http" else None)
    page.on("requestfailed", lambda r: page.wrongs.append(r.url))
    page.goto(path.as_uri())
    return page


def test_it_opens_alone_and_nothing_goes_wrong(page: Any) -> None:
    assert page.wrongs == []
    assert page.title() == "Nantes <pilot> & 5G: supply and security"
    assert page.evaluate("() => performance.getEntriesByType('resource').length") == 0


def test_the_first_screen_holds_the_first_page(page: Any) -> None:
    foot = page.evaluate("() => document.querySelector('.glance').getBoundingClientRect().bottom")
    assert foot <= 900
    seen = page.eval_on_selector_all(
        "#board svg", "all => all.filter(svg => svg.getBoundingClientRect().width > 300).length"
    )
    assert seen == 3


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_text_lies_on_another(browser: Any, page_file: Path, width: int) -> None:
    page = opened(browser, page_file, viewport={"width": width, "height": 900})
    assert page.evaluate(CLASHES) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_long_and_foreign_names_find_their_room(
    browser: Any, tmp_path: Path, content: dict[str, Any], width: int
) -> None:
    bent = {}
    for name, table in content["tables"].items():
        bent[name] = table.copy()
        for column in {"maker", "party", "outage"} & set(table.columns):
            bent[name][column] = table[column].replace(NAMES)
    bent["frontier"]["option"] += ", " + NAMES["Nokia"]
    bent["tornado"] = pd.concat([bent["tornado"]] * 2, ignore_index=True)
    path = write_supply_page(tmp_path / "names.html", **{**content, "tables": bent})
    page = opened(browser, path, viewport={"width": width, "height": 900})
    assert page.evaluate(CLASHES) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert "Ростелеком" in page.inner_text("#exposure")
    page.context.close()


def test_a_phone_sees_the_narrow_drawings(browser: Any, page_file: Path) -> None:
    page = opened(browser, page_file, viewport={"width": 390, "height": 844})
    for selector, seen in (("#survive svg.wide", False), ("#survive svg.narrow", True)):
        assert page.is_visible(selector) is seen
    size = page.eval_on_selector(
        "#survive svg.narrow .tick",
        "t => t.getBoundingClientRect().height",
    )
    assert size >= 11
    page.context.close()


def test_the_keyboard_reaches_tables(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "To the details"
    page.focus("#survive summary")
    page.keyboard.press("Enter")
    assert page.is_visible("#survive table")
    assert page.evaluate(
        "() => document.querySelector('#survive .scroll').tabIndex === 0"
    )  # fmt: skip


def test_a_table_can_be_copied_as_a_table(page: Any) -> None:
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('#swap table'))")
    page.evaluate("() => document.querySelector('#swap details').open = true")
    copied = page.evaluate("() => getSelection().toString()")
    assert "\t" in copied
    assert any(line.split("\t")[0] == "New equipment" for line in copied.splitlines())


def test_the_first_sheet_of_paper_holds_the_first_page(browser: Any, page_file: Path) -> None:
    page = opened(browser, page_file, viewport=PAPER)
    page.emulate_media(media="print")
    box = page.evaluate("() => document.querySelector('#board').getBoundingClientRect().bottom")
    assert box <= PAPER["height"]
    assert page.evaluate(CLASHES) == []
    assert not page.is_visible("nav")
    page.context.close()


def test_paper_has_room_for_what_a_real_plan_says(
    browser: Any, tmp_path: Path, content: dict[str, Any]
) -> None:
    """Six verdicts of two lines, seven figures, five phases: as Nantes has them."""
    long = "Equipment of a maker could cut off the people it serves, and none keeps a signal. " * 2
    phases = pd.concat([content["tables"]["phases"]] * 2, ignore_index=True).head(5)
    bent = {
        **content, "sentences": [Verdict(long, "watch")] * 6,
        "key_figures": (content["key_figures"] * 2)[:7],
        "tables": {**content["tables"], "phases": phases.assign(phase=range(1, 6))},
    }  # fmt: skip
    page = opened(browser, write_supply_page(tmp_path / "long.html", **bent), viewport=PAPER)
    page.emulate_media(media="print")
    box = page.evaluate("() => document.querySelector('#board').getBoundingClientRect().bottom")
    assert box <= PAPER["height"]
    assert page.eval_on_selector_all(
        "#rules figure, #phases figure, #where figure",
        f"all => all.every(one => one.getBoundingClientRect().height < 0.9 * {PAPER['height']})",
    )
    page.context.close()


def test_dark_is_dark_and_paper_is_white(browser: Any, page_file: Path) -> None:
    page = opened(browser, page_file, color_scheme="dark")
    light = "() => getComputedStyle(document.body).backgroundColor"
    ink = "() => getComputedStyle(document.querySelector('svg .strong')).fill"
    assert page.evaluate(light) == "rgb(18, 22, 26)"
    assert page.evaluate(ink) == "rgb(230, 234, 238)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(light) == "rgb(255, 255, 255)"
    assert page.evaluate(ink) == "rgb(0, 0, 0)"
    page.context.close()
