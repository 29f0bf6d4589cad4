"""The page's payload: what is packed comes back, and the shares are right."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cellwright.errors import InputError
from cellwright.report import legends, write_page
from cellwright.report.layers import neighbour_colours, shares
from cellwright.report.packing import deltas, predicted, varints, zigzag


def read_varints(content: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            values.append(value)
            value = shift = 0
    return values


def unfold(values: list[int]) -> list[int]:
    return [(value >> 1) ^ -(value & 1) for value in values]


def unpack(page: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    packed = re.search(r'id="cellwright-data">([^<]*)<', page)
    assert packed
    raw = gzip.decompress(base64.b64decode(packed[1]))
    length = int.from_bytes(raw[:4], "little")
    head, body = json.loads(raw[4 : 4 + length]), raw[4 + length :]
    return head, {name: body[at : at + size] for name, (at, size) in head["arrays"].items()}


@given(st.lists(st.integers(-(2**29), 2**29)))
def test_differences_come_back(values: list[int]) -> None:
    whole = np.array(values, dtype=np.int64)
    assert np.cumsum(unfold(read_varints(deltas(whole)))).tolist() == values


def test_varints_of_every_length() -> None:
    values = [0, 1, 127, 128, 16383, 16384, 2**21, 2**28, 2**32 - 1]
    assert read_varints(varints(np.array(values))) == values
    assert unfold(zigzag(np.array([-5, 5])).tolist()) == [-5, 5]


@given(hnp.arrays(np.uint8, st.integers(1, 200)))
def test_predictions_come_back(values: np.ndarray) -> None:
    references = [values[::-1].copy(), values + np.uint8(7)]
    content, taken, left = predicted(values, references)
    back = np.frombuffer(content, np.uint8)
    back = np.cumsum(back, dtype=np.uint8) if left else back
    back = back if taken is None else back + references[taken]
    assert (back == values).all()


def test_a_layer_alike_costs_almost_nothing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 4000).astype(np.uint8)
    content, taken, _ = predicted(noise + np.uint8(9), [noise])
    assert taken == 0
    assert len(gzip.compress(content)) < 100


@pytest.mark.parametrize("name", list(legends()))
def test_codes_stay_within_half_a_step(name: str) -> None:
    legend = legends()[name]
    if legend.kind == "cells":
        pytest.skip("cells are numbers, not levels")
    steps = np.arange(1, 250)
    shown = legend.origin + steps * legend.step
    values = (10.0**shown if legend.scale == "log" else shown) / legend.factor
    wobble = 10 ** (0.4 * legend.step) if legend.scale == "log" else 1.0
    back = legend.decode(legend.encode(values * wobble))
    assert back == pytest.approx(values * legend.factor)
    assert legend.encode(np.array([np.nan])).tolist() == [0]
    assert np.isnan(legend.decode(np.zeros(1, np.uint8)))


def test_a_speed_of_nothing_stays_nothing() -> None:
    speed = legends()["dl_mbps"]
    assert speed.decode(speed.encode(np.array([0.0, 1e9]))).tolist() == pytest.approx(
        [0.0, 10**4.35]
    )


def test_shares_count_pixels_and_people(area: Any, maps: xr.Dataset) -> None:
    legend = legends()["rsrp_dbm"]
    values = maps["nr_rsrp_dbm_indoor_ground"].to_numpy()
    found = shares(values, area.pixels, legend, "indoor_ground")
    assert found is not None
    inside = area.pixels["inside"].to_numpy() & np.isfinite(values)
    people = area.pixels["residents"].to_numpy()[inside]
    good = values[inside] >= -105
    assert found["target_area"] == pytest.approx(good.mean(), abs=1e-5)
    assert found["target_people"] == pytest.approx(people[good].sum() / people.sum(), abs=1e-5)
    assert sum(found["area"]) == pytest.approx(1, abs=1e-4)
    top = (values[inside] >= -75).mean()
    assert found["area"][-1] == pytest.approx(top, abs=1e-5)


def test_nobody_lives_outdoors(area: Any, maps: xr.Dataset) -> None:
    found = shares(
        maps["nr_rsrp_dbm_outdoor"].to_numpy(), area.pixels, legends()["rsrp_dbm"], "outdoor"
    )
    assert found is not None
    assert found["people"] is None


@given(
    hnp.arrays(
        np.int8, st.tuples(st.integers(2, 9), st.integers(2, 9)), elements=st.integers(-1, 6)
    )
)
def test_neighbours_never_look_alike(server: np.ndarray) -> None:
    colours = neighbour_colours(server, 8)  # seven cells, eight colours: always possible
    for one, other in ((server[:, :-1], server[:, 1:]), (server[:-1], server[1:])):
        for a, b in zip(one.ravel(), other.ravel(), strict=True):
            assert a == b or a < 0 or b < 0 or colours[int(a)] != colours[int(b)]


def test_page_holds_what_was_given(tmp_path: Path, content: dict[str, Any]) -> None:
    page = write_page(tmp_path / "report" / "index.html", **content).read_text(encoding="utf-8")
    assert "<title>Toy &lt;town&gt; &amp; 5G</title>" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    head, arrays = unpack(page)
    assert head["provenance"]["nothing"] is None
    assert head["area"]["shape"] == [60, 80]
    area, maps = content["area"], content["maps"]
    indoor = area.pixels["building"].to_numpy() > 0
    numbers = np.cumsum(unfold(read_varints(arrays["footprint"]))).reshape(indoor.shape)
    assert (numbers == area.pixels["building"].to_numpy()).all()
    codes = np.cumsum(np.frombuffer(arrays["nr_rsrp_dbm_outdoor"], np.uint8), dtype=np.uint8)
    back = legends()["rsrp_dbm"].decode(codes)
    assert back == pytest.approx(maps["nr_rsrp_dbm_outdoor"].to_numpy()[~indoor], abs=0.25)
    points = np.cumsum(unfold(read_varints(arrays["building_points"])))
    assert points.tolist() == [4] * 7  # six boxes and one courtyard
    assert len(head["streets"]["names"]) == 1  # the tunnel is left out


def test_equal_content_gives_equal_bytes(tmp_path: Path, content: dict[str, Any]) -> None:
    one, two = (write_page(tmp_path / name, **content).read_bytes() for name in ("a", "b"))
    assert one == two


def test_a_page_too_large_takes_coarser_steps(
    tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = write_page(tmp_path / "full.html", **content)
    monkeypatch.setattr("cellwright.report.page.LARGEST_BYTES", full.stat().st_size // 2)
    monkeypatch.setattr("cellwright.report.page._LADDER", ((1, 1), (2, 1)))
    monkeypatch.setattr("cellwright.report.page.HOPELESS", 9.0)
    head, arrays = unpack(write_page(tmp_path / "coarse.html", **content).read_text("utf-8"))
    step = {layer["name"]: layer["step"] for layer in head["layers"]}
    assert step["rsrp_dbm"] == 1.0
    assert step["coverage_probability"] == 1.0
    assert head["kept"] == {"coarse": 2, "every": 1, "pixel_m": 5.0}
    codes = np.cumsum(np.frombuffer(arrays["nr_rsrp_dbm_outdoor"], np.uint8), dtype=np.uint8)
    assert np.unique(-160.0 + (codes - 1.0)).tolist() == [-121, -110, -100, -90, -80, -60]


def test_a_page_far_too_large_keeps_fewer_pixels_in_their_places(
    tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = write_page(tmp_path / "full.html", **content)
    whole, _ = unpack(full.read_text("utf-8"))
    monkeypatch.setattr("cellwright.report.page.LARGEST_BYTES", full.stat().st_size // 2)
    head, arrays = unpack(write_page(tmp_path / "thin.html", **content).read_text("utf-8"))
    every, step = head["kept"]["every"], 0.5 * head["kept"]["coarse"]
    assert every > 1
    assert head["area"]["pixel_m"] == 5.0 * every
    thin = content["maps"]["nr_rsrp_dbm_outdoor"].to_numpy()[
        every // 2 :: every, every // 2 :: every
    ]
    assert head["area"]["shape"] == list(thin.shape)
    codes = np.frombuffer(arrays["nr_rsrp_dbm_outdoor"], np.uint8)
    if head["grids"]["nr_rsrp_dbm_outdoor"]["left"]:
        codes = np.cumsum(codes, dtype=np.uint8)
    assert -160 + (codes - 1.0) * step == pytest.approx(thin[np.isfinite(thin)], abs=step / 2)
    # shares are those of the full maps
    assert [layer["shares"] for layer in head["layers"]] == [
        layer["shares"] for layer in whole["layers"]
    ]


def test_a_failed_page_leaves_the_last_one_whole(tmp_path: Path, content: dict[str, Any]) -> None:
    path = write_page(tmp_path / "index.html", **content)
    before = path.read_bytes()
    with pytest.raises(InputError, match="columns"):
        write_page(path, **{**content, "curves": pd.DataFrame({"x": [1]})})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_wrong_maps_are_all_named(tmp_path: Path, content: dict[str, Any]) -> None:
    maps = content["maps"].rename(nr_rsrp_dbm_outdoor="nr_rspr_dbm_outdoor")
    maps["lte_rsrp_dbm_outdoor"] = maps["lte_rsrp_dbm_outdoor"].transpose("x", "y")
    with pytest.raises(InputError, match="2 faults") as caught:
        write_page(tmp_path / "index.html", **{**content, "maps": maps})
    assert "nr_rsrp_dbm_outdoor" in str(caught.value)


def test_wrong_legends_are_all_named() -> None:
    with pytest.raises(InputError, match="4 faults"):
        legends({"rsrp": {}, "sinr_db": {"edgs": [1], "edges": [3, 2]}}, palette="jet")


def test_overrides_reach_the_legend() -> None:
    legend = legends({"dl_mbps": {"edges": [10, 100], "target": 50}})["dl_mbps"]
    assert legend.labels == ("below 10", "10 to 100", "100 or more")
    assert len(legend.colours) == 3
