"""What each drawing says: marks, places, words, units; nothing leaves the paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cellwright.report.supply import money_charts, people_charts, plan_map, rule_charts, time_charts
from cellwright.report.supply.looks import OTHERS, maker_places
from cellwright.report.supply.svg import NARROW, WIDE, Scale, cut, day_scale, text_width, wrapped
from cellwright.report.supply.tables import checked

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = pytest.mark.parametrize("width", [WIDE, NARROW])


@pytest.fixture(scope="module")
def typed(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return checked(tables)


def drawings(typed: dict[str, pd.DataFrame]) -> dict[str, Callable[[float], str]]:
    """Every chart and the unit it must name."""
    places = maker_places(typed)
    return {
        "timeline|%": lambda w: rule_charts.timeline("t", typed["timeline"], typed["breaks"], w),
        "shares|phase": lambda w: rule_charts.shares("s", typed["shares"], places, w),
        "matrix|%": lambda w: rule_charts.matrix("m", typed["vendors"], places, w),
        "survival|months": lambda w: time_charts.survival("v", typed["survive"], w),
        "gantt|people": lambda w: time_charts.gantt("g", typed["phases"], w),
        "waterfall|million EUR": lambda w: money_charts.waterfall("w", typed["swap"], "EUR", w),
        "frontier|million EUR": lambda w: money_charts.frontier(
            "f", typed["frontier"], "cost-time", "EUR", w),
        "exposed|share of people": lambda w: money_charts.frontier(
            "e", typed["frontier"], "cost-exposure", "EUR", w),
        "tornado|person-months": lambda w: money_charts.tornado("o", typed["tornado"], w),
        "exposure|people": lambda w: people_charts.exposure("x", typed["exposure"], w),
        "treemaps|%": lambda w: people_charts.treemaps("r", typed["origin"], w),
        "map|500 m": lambda w: plan_map.plan_map("p", typed, places, w),
    }  # fmt: skip


def root(svg: str) -> Any:
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return [node.text or "" for node in root(svg).iter(f"{SVG}text")]


def marked(svg: str, look: str, kind: str = "rect") -> list[Any]:
    """Marks of a look, the key left out."""
    tree = root(svg)
    key = {node for box in tree.iter() if box.get("class") == "legend" for node in box.iter()}
    return [
        node for node in tree.iter(f"{SVG}{kind}")
        if look in (node.get("class") or "").split() and node not in key
    ]  # fmt: skip


def placed(node: Any, x: float = 0.0, y: float = 0.0) -> Iterator[tuple[Any, float, float]]:
    """Every text with where it stands on the paper."""
    move = re.match(r"translate\(([-\d.]+) ([-\d.]+)\)", node.get("transform") or "")
    if move:
        x, y = x + float(move[1]), y + float(move[2])
    if node.tag == f"{SVG}text":
        yield node, x + float(node.get("x")), y + float(node.get("y"))
    for child in node:
        yield from placed(child, x, y)


@WIDTHS
def test_every_drawing_is_titled_described_and_has_its_unit(
    typed: dict[str, pd.DataFrame], width: float
) -> None:
    for name, draw in drawings(typed).items():
        svg, unit = draw(width), name.split("|")[1]
        tree = root(svg)
        assert tree.get("role") == "img"
        heads = [tree.find(f"{SVG}{part}") for part in ("title", "desc")]
        assert tree.get("aria-labelledby").split() == [head.get("id") for head in heads]
        assert all(len(head.text) > 8 for head in heads), name
        assert any(unit in said for said in words(svg)), (name, unit)
        if name.split("|")[0] not in ("matrix", "treemaps", "map"):
            assert any(node.get("class") == "legend" for node in tree.iter()), name


@WIDTHS
def test_no_text_leaves_the_paper(typed: dict[str, pd.DataFrame], width: float) -> None:
    for name, draw in drawings(typed).items():
        tree = root(draw(width))
        high = float(tree.get("viewBox").split()[3])
        for node, x, y in placed(tree):
            wide = text_width(node.text or "", 11.0)
            left = x - {"end": wide, "middle": wide / 2}.get(node.get("text-anchor"), 0.0)
            assert left >= -6, (name, node.text)
            assert left + wide <= width + 6, (name, node.text)
            assert 0 <= y <= high, (name, node.text)


def test_the_first_break_stands_on_its_day(typed: dict[str, pd.DataFrame]) -> None:
    """The break lies between two sampled days; it is marked where it is."""
    rows = typed["timeline"][typed["timeline"]["rule_id"] == "uk-2022-5g-access-cap"]
    svg = rule_charts.timeline("t", rows, typed["breaks"], NARROW)
    days = day_scale(list(rows["day"]), 44.0, NARROW - 16.0)
    expected = days(float(pd.Timestamp("2023-07-31").value))
    (mark,) = marked(svg, "break-line", "line")
    assert float(mark.get("x1")) == pytest.approx(expected, abs=0.06)
    first = min(float(box.get("x")) for box in marked(svg, "breach"))
    assert first == pytest.approx(expected, abs=0.06)
    assert "broken from 2023-07-31." in words(svg) or "broken from 2023-07-31" in words(svg)


def test_rules_that_break_come_first_and_limits_are_stepped(
    typed: dict[str, pd.DataFrame],
) -> None:
    svg = rule_charts.timeline("t", typed["timeline"], typed["breaks"], NARROW, 2)
    strong = [n.text for n in root(svg).iter(f"{SVG}text") if n.get("class") == "strong"]
    assert strong == ["no-2019-half", "uk-2022-5g-access-cap"]
    whole = rule_charts.timeline("t", typed["timeline"], typed["breaks"], NARROW)
    assert len(marked(whole, "limit-line", "polyline")) == typed["timeline"]["rule_id"].nunique()


def test_a_count_is_no_share(typed: dict[str, pd.DataFrame]) -> None:
    rows = typed["timeline"][typed["timeline"]["rule_id"] == "no-2019-two-suppliers"]
    said = words(rule_charts.timeline("t", rows, typed["breaks"], NARROW))
    assert "number of suppliers, in use" in said
    assert not any("%" in one for one in said)


def test_stacks_fill_the_whole_and_differ_by_hatch(typed: dict[str, pd.DataFrame]) -> None:
    places = maker_places(typed)
    rows = typed["shares"].query("metric == 'sites' and basis == 'stock' and phase == 5")
    svg = rule_charts.shares("s", rows, places, NARROW)
    tall = [float(box.get("height")) for box in marked(svg, "seam")]
    assert sum(tall) == pytest.approx(146.0, abs=0.3)
    assert tall[0] / sum(tall) == pytest.approx(0.55, abs=0.005)
    hatches = {box.get("class") for box in marked(svg, "hatch")}
    assert hatches == {"hatch over-m1", "hatch over-m2", "hatch over-m3"}


def test_cells_carry_their_share(typed: dict[str, pd.DataFrame]) -> None:
    svg = rule_charts.matrix("m", typed["vendors"], maker_places(typed), WIDE)
    said = words(svg)
    for share in ("58 %", "24 %", "13 %", "5.0 %", "100 %"):
        assert share in said
    assert said.index("Huawei") < said.index("Ericsson") < said.index("RU")
    assert len(marked(svg, "shade5")) == 3


def test_red_and_hatched_exactly_where_stock_runs_out(typed: dict[str, pd.DataFrame]) -> None:
    table = typed["survive"]
    short = int((table["tts_months"] < table["ttr_typical"]).sum())
    svg = time_charts.survival("v", table, WIDE)
    assert len(marked(svg, "breach-solid")) == len(marked(svg, "hatch")) == short == 5
    assert "for good" in words(svg)
    bars = marked(svg, "breach-solid")
    # US first: least slack; 5 of 50 months on an axis of 232 to 618 px
    assert float(bars[0].get("width")) == pytest.approx(386 * 5 / 50, abs=0.1)


def test_phases_say_how_late_and_how_many(typed: dict[str, pd.DataFrame]) -> None:
    said = words(time_charts.gantt("g", typed["phases"], WIDE))
    assert said.count("on time") == 2
    assert "4 months late, 47,000 person-months" in said
    assert "11,800 people" in said
    never = typed["phases"].assign(done_typical=pd.NaT, done_high=pd.NaT, met=False)
    assert "never complete" in " ".join(words(time_charts.gantt("g", never, WIDE)))


def test_the_first_phase_begins_when_the_plan_does(typed: dict[str, pd.DataFrame]) -> None:
    begun = pd.Timestamp(typed["phases"]["due"].iloc[0]) - pd.Timedelta(days=60)
    told = typed["phases"].assign(begun=begun)
    first, second = marked(time_charts.gantt("g", told, WIDE), "base-bar")[:2]
    due = pd.to_datetime(typed["phases"]["due"]).diff().iloc[1]
    days = float(first.get("width")) / float(second.get("width")) * due.days
    assert days == pytest.approx(60, abs=2)


def test_an_outage_without_any_stock_is_seen(typed: dict[str, pd.DataFrame]) -> None:
    bare = typed["survive"].head(1).assign(tts_months=0.0, ttr_typical=12.0, ttr_low=6.0)
    svg = time_charts.survival("v", bare, WIDE)
    assert len(marked(svg, "bad", "path")) == 1
    assert [t.text for t in root(svg).iter(f"{SVG}text") if "bad-words" in (t.get("class") or "")]


def test_what_is_taken_off_is_negative_at_every_level(typed: dict[str, pd.DataFrame]) -> None:
    said = words(money_charts.waterfall("w", typed["swap"], "EUR", WIDE))
    off = next(one for one in said if one.startswith("−"))
    assert off.count("−") == 3


def test_a_site_may_break_a_rule_and_lose_supply(typed: dict[str, pd.DataFrame]) -> None:
    both = {**typed, "sites": typed["sites"].assign(status="both")}
    svg = plan_map.plan_map("p", both, maker_places(both), WIDE)
    count = len(both["sites"])
    assert len(marked(svg, "ring-bad", "path")) == len(marked(svg, "ring-risk", "path")) == count
    assert {f"breaks a rule ({count})", f"at risk ({count})"} <= set(words(svg))


def test_a_waterfall_adds_up(typed: dict[str, pd.DataFrame]) -> None:
    svg = money_charts.waterfall("w", typed["swap"], "EUR", WIDE)
    adds, takes, sums = (marked(svg, look) for look in ("adds", "takes", "sum"))
    width = lambda box: float(box.get("width"))  # noqa: E731
    gross, net, total = map(width, sums)
    assert gross - width(takes[0]) == pytest.approx(net, abs=0.3)
    assert net + sum(map(width, adds[-2:])) == pytest.approx(total, abs=0.3)
    assert "4.1 (2.4 to 8.3)" in words(svg)
    assert len(marked(svg, "whisker", "line")) == 3 * 11


def test_the_frontier_marks_dominated_knee_and_hedges(typed: dict[str, pd.DataFrame]) -> None:
    svg = money_charts.frontier("f", typed["frontier"], "cost-time", "USD", WIDE)
    rows = typed["frontier"].query("kind == 'cost-time'")
    assert len(marked(svg, "hollow", "path")) == int(rows["dominated"].sum()) == 2
    assert len(marked(svg, "efficient", "path")) == 7
    assert len(marked(svg, "ring", "path")) == 1
    said = words(svg)
    assert "3 knee" in said
    assert "second source for RU, 6 months of FPGA (knee)" in said
    assert "split cluster centre (dominated)" in said


def test_the_tornado_begins_with_the_widest(typed: dict[str, pd.DataFrame]) -> None:
    svg = money_charts.tornado("o", typed["tornado"], WIDE)
    wide = [
        float(low.get("width")) + float(high.get("width"))
        for low, high in zip(marked(svg, "at-low"), marked(svg, "at-high"), strict=True)
    ]
    assert wide == sorted(wide, reverse=True)
    assert wide[-1] == 0.0


def test_credit_never_adds_people(typed: dict[str, pd.DataFrame]) -> None:
    svg = people_charts.exposure("x", typed["exposure"], WIDE)
    pairs = list(zip(marked(svg, "bare"), marked(svg, "left-over"), strict=True))
    assert len(pairs) == 9
    assert all(float(a.get("width")) >= float(b.get("width")) for a, b in pairs)
    assert "38,200 (72 %) → 11,800" in words(svg)


def test_unknown_origin_is_hatched_and_its_share_printed(typed: dict[str, pd.DataFrame]) -> None:
    svg = people_charts.treemaps("r", typed["origin"], WIDE)
    assert len(marked(svg, "unknown-tile")) == 3
    assert "origin known for 69 % of value" in words(svg)
    area = lambda box: float(box.get("width")) * float(box.get("height"))  # noqa: E731
    tiles = [b for k in range(1, 6) for b in marked(svg, f"shade{k}")]
    whole = sum(map(area, tiles)) + sum(map(area, marked(svg, "unknown-tile")))
    unknown = sum(map(area, marked(svg, "unknown-tile"))) / whole
    assert unknown == pytest.approx((0.14 + 0.31 + 0.18) / 3, abs=0.005)


def test_boxes_of_a_treemap_fill_the_room_in_proportion() -> None:
    draw = np.random.default_rng(1)
    for count in (1, 2, 7, 40):
        amounts = np.sort(draw.gamma(0.7, 1.0, count) + 1e-6)[::-1].tolist()
        boxes = people_charts.squarified(amounts, 300.0, 120.0)
        areas = np.array([w * h for _, _, w, h in boxes])
        np.testing.assert_allclose(areas, np.array(amounts) / sum(amounts) * 36_000, rtol=1e-9)
        for x, y, w, h in boxes:
            assert x >= -1e-9
            assert y >= -1e-9
            assert x + w <= 300 + 1e-6
            assert y + h <= 120 + 1e-6


def test_the_map_is_to_scale_and_north_is_up(typed: dict[str, pd.DataFrame]) -> None:
    frame = plan_map.framed((0.0, 0.0, 1000.0, 800.0), WIDE)
    west, east = frame(0.0, 0.0), frame(1000.0, 0.0)
    assert east[0] - west[0] == pytest.approx(1000 * frame.per_m)
    assert frame(0.0, 800.0)[1] < frame(0.0, 0.0)[1]
    svg = plan_map.plan_map("p", typed, maker_places(typed), WIDE)
    said = words(svg)
    bars = marked(svg, "scale-bar", "line")
    longest = max(float(b.get("x2")) - float(b.get("x1")) for b in bars)
    bounds = plan_map._bounds(typed["sites"], typed["lost"], None)
    assert longest == pytest.approx(500 * plan_map.framed(bounds, WIDE).per_m, abs=0.11)
    assert "500 m" in said
    assert any(one.startswith("N ") for one in said)
    offending = int((typed["sites"]["status"] == "offending").sum())
    assert len(marked(svg, "ring-bad", "path")) == offending > 0
    assert f"breaks a rule ({offending})" in said


def test_lost_pixels_cover_their_ground() -> None:
    """Three by two pixels of 20 m in one class: two runs, together 2400 m²."""
    x, y = np.meshgrid([10.0, 30.0, 50.0], [10.0, 30.0])
    lost = pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "people": 5.0, "pixel_m": 20.0})
    frame = plan_map.framed((0.0, 0.0, 100.0, 60.0), WIDE)
    runs = plan_map._pixels(lost, frame)
    assert len(runs) == 2
    sizes = [re.search(r"h([\d.]+)v([\d.]+)", run) for run in runs]
    area = sum(float(size[1]) * float(size[2]) for size in sizes if size) / frame.per_m**2
    assert area == pytest.approx(2400, rel=0.01)


def test_no_class_of_lost_people_holds_nearly_all_pixels() -> None:
    """People of pixels are skewed: equal thirds of the largest put all but a few in one class."""
    people = np.random.default_rng(3).lognormal(1.0, 1.2, 3000)
    edges = plan_map.class_edges(people)
    assert len(edges) == 2
    counts = np.bincount(np.searchsorted(edges, people), minlength=3)
    assert counts.max() < 0.6 * counts.sum()
    assert counts.min() > 0.1 * counts.sum()
    lost = pd.DataFrame({"x": 0.0, "y": 0.0, "people": [0.0, *people], "pixel_m": 20.0})
    words = [said for _, said in plan_map._lost_key(lost)]
    assert words[0] == "coverage lost, nobody lives"
    assert words[1].startswith("coverage lost, people per pixel of 20 m: up to ")
    assert words[-1].startswith("above ")
    assert len(words) == 4


@pytest.mark.parametrize("scheme", [0, 1])
def test_classes_of_lost_people_stand_out_from_the_ground(scheme: int) -> None:
    """WCAG 2.2, 1.4.11: graphics differ from what is beside them by 3:1."""
    style = resources.files("cellwright.report.supply").joinpath("page.css").read_text("utf-8")

    def light(name: str) -> float:
        code = re.findall(rf"--{name}: #([0-9a-f]{{6}})", style)[scheme]
        value = np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
        linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722)) + 0.05

    ground = light("ground")
    for name in ("lost0", "lost1", "lost2", "soft"):
        assert max(light(name) / ground, ground / light(name)) >= 3.0, name
    steps = [light(f"lost{k}") for k in range(3)]
    for a, b in pairwise(steps):
        assert max(a / b, b / a) >= 1.8


def test_makers_keep_their_colour_and_the_eighth_is_shared(
    typed: dict[str, pd.DataFrame],
) -> None:
    assert list(maker_places(typed).items())[:2] == [("Huawei", 0), ("Ericsson", 1)]
    many = pd.DataFrame({"maker": [f"M{n}" for n in range(12)], "value": range(12, 0, -1)})
    places = maker_places({"vendors": many})
    assert [places[f"M{n}"] for n in range(12)] == [*range(7), *[OTHERS] * 5]


def test_words_are_cut_and_wrapped_to_the_room() -> None:
    name = "华为技术有限公司 and its very long list of affiliates"
    assert text_width(cut(name, 90.0)) <= 90.0
    assert cut("Nokia", 90.0) == "Nokia"
    lines = wrapped(name * 3, 120.0, 12.0, 2)
    assert len(lines) == 2
    assert all(text_width(one) <= 120.0 for one in lines)


def test_scales_stay_on_the_paper() -> None:
    scale = Scale(0.0, 10.0, 100.0, 200.0)
    assert [scale(v) for v in (-5.0, 5.0, float("inf"), float("nan"))] == [100, 150, 200, 100]
    assert Scale(3.0, 3.0, 0.0, 1.0).ticks() == [3.0]
