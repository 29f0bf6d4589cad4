"""The map: sites by maker and by what the rules say of them, and where coverage would be lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from cellwright.report.numbers import rounded
from cellwright.report.supply.looks import OTHERS, maker_key, maker_symbol
from cellwright.report.supply.svg import (
    TICK,
    bar,
    cut,
    drawing,
    group,
    legend,
    line,
    nice_step,
    number,
    rect,
    symbol,
    tag,
    text,
    title,
)

if TYPE_CHECKING:
    import geopandas as gpd

#: Classes of people lost in one pixel, at most: the colours ``lost0`` to ``lost2``, most last.
_CLASSES = 3
#: A street or wall shorter than this on paper [px] is left out.
_SHORTEST = 2.5
#: Ring -> its words and the statuses that wear it.
_RINGS = {
    "offending": ("breaks a rule", ("offending", "both")),
    "at-risk": ("at risk", ("at-risk", "both")),
}


@dataclass(frozen=True)
class Frame:
    """From map metres to the paper: one scale both ways, north up.

    Attributes
    ----------
    west, north : float
        Upper left corner [m].
    per_m : float
        Pixels of paper a metre.
    height : float
        [px].
    """

    west: float
    north: float
    per_m: float
    height: float

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point [px]."""
        return 2.0 + (x - self.west) * self.per_m, 2.0 + (self.north - y) * self.per_m


def framed(bounds: tuple[float, float, float, float], width: float) -> Frame:
    """Return the frame over bounds (west, south, east, north), neither flat nor a tower."""
    west, south, east, north = bounds
    wide, tall = max(east - west, 1.0), max(north - south, 1.0)
    if tall > 1.6 * wide:
        west, wide = (west + east) / 2 - tall / 3.2, tall / 1.6
    tall = max(tall, wide * 0.35)
    per_m = (width - 4.0) / wide
    return Frame(west, (north + south) / 2 + tall / 2, per_m, tall * per_m + 4.0)


def plan_map(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    places: Mapping[str, int],
    width: float,
    boundary: gpd.GeoDataFrame | None = None,
    backdrop: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
) -> str:
    """Draw sites and lost coverage over the district.

    Parameters
    ----------
    name : str
        Unique on the page.
    tables : mapping of str to DataFrame
        ``sites`` and, where computed, ``lost``; checked.
    places : mapping of str to int
        Of `maker_places`.
    width : float
        Drawn width [px].
    boundary, backdrop, areas : GeoDataFrame, optional
        The district's edge, its streets or buildings, and the areas of rules (column ``name``), all
        in the coordinates of the sites.
    """
    sites = tables["sites"]
    lost = tables.get("lost")
    entries = _key(sites, lost, places, areas)
    key, top = legend(entries, width, 0.0)
    frame = framed(_bounds(sites, lost, boundary), width)
    layers = [
        _lines(boundary, frame, "ground"),
        _lines(backdrop, frame, "street"),
        "" if lost is None or lost.empty else _lost(lost, frame),
        _lines(boundary, frame, "boundary"),
        _areas(areas, frame),
        *_sites(sites, places, frame),
    ]
    clip = f"{name}-clip"
    window = tag("clipPath", rect(0, 0, width, frame.height, ""), id=clip)
    map_ = group(window, rect(0, 0, width, frame.height, "sea"),
                 group(*layers, clip_path=f"url(#{clip})"),
                 _scale_bar(frame, width), _north(frame),
                 transform=f"translate(0 {number(top + 8)})")  # fmt: skip
    says = _says(sites, lost)
    heading = "Sites that break a rule or are at risk"
    return drawing(name, heading, says, width, top + 8 + frame.height + 34.0, key, map_)


def _says(sites: pd.DataFrame, lost: pd.DataFrame | None) -> str:
    words = [
        f"{len(sites)} sites: {_count(sites, 'offending')} break a rule, "
        f"{_count(sites, 'at-risk')} are at risk."
    ]
    if lost is not None:
        words.append(f"{rounded(float(lost['people'].sum()), 3)} people would lose coverage.")
    return " ".join(words)


def _count(sites: pd.DataFrame, ring: str) -> int:
    return int(sites["status"].isin(_RINGS[ring][1]).sum())


def _key(
    sites: pd.DataFrame,
    lost: pd.DataFrame | None,
    places: Mapping[str, int],
    areas: gpd.GeoDataFrame | None,
) -> list[tuple[str, str]]:
    present = {m: place for m, place in places.items() if m in set(sites["maker"])}
    entries = maker_key(present)
    for status, (words, _) in _RINGS.items():
        entries.append((_ring(status, 0, 0), f"{words} ({_count(sites, status)})"))
    if lost is not None and len(lost):
        entries += _lost_key(lost)
    if areas is not None and len(areas):
        entries.append((line(-8, 0, 8, 0, "area"), "area of a rule"))
    return entries


def _lost_key(lost: pd.DataFrame) -> list[tuple[str, str]]:
    """Return swatch and words of each class of lost pixels, where nobody lives first."""
    people, edge = _people(lost), float(lost["pixel_m"].iloc[0])
    entries = []
    if (people <= 0.0).any():
        entries.append((bar(-8, -6, 16, 12, "lost-none", "nobody"), "coverage lost, nobody lives"))
    inner = class_edges(people)
    ends = [rounded(value, 2) for value in inner]
    words = ["any number"] if not ends else [
        f"up to {ends[0]}", *(f"{a} to {b}" for a, b in pairwise(ends)), f"above {ends[-1]}",
    ]  # fmt: skip
    if (people > 0.0).any():
        head = f"coverage lost, people per pixel of {edge:g} m: "
        for k, said in enumerate(words):
            place = _CLASSES - len(words) + k
            swatch = bar(-8, -6, 16, 12, f"lost{place}", _top_hatch(place))
            entries.append((swatch, head * (k == 0) + said))
    return entries


def _people(lost: pd.DataFrame) -> NDArray[np.float64]:
    people = lost["people"].to_numpy(float)
    return np.where(np.isfinite(people), people, 0.0)


def _top_hatch(place: int) -> str:
    """Hatch the class of most people, so that paper without colour tells it too."""
    return "bad" if place == _CLASSES - 1 else ""


def class_edges(people: ArrayLike) -> list[float]:
    """Return where the classes of people meet: near thirds of the pixels, at round numbers.

    People are spread so unevenly that equal steps would put nearly all pixels in one class.

    Parameters
    ----------
    people : float [pixel]
        People of each pixel; those with nobody are a class of their own.

    Returns
    -------
    list of float
        Rising; two at most, fewer where the pixels are too much alike.

    Examples
    --------
    >>> class_edges([0.0, 0.6, 0.9, 2.2, 2.9, 6.1, 90.0])
    [1.0, 2.0]
    >>> class_edges([3.0, 3.0])
    []
    """
    values = np.asarray(people, float)
    values = values[values > 0.0]
    if not values.size:
        return []
    inner = np.quantile(values, np.arange(1, _CLASSES) / _CLASSES, method="inverted_cdf")
    edges = sorted({_round_near(float(value)) for value in inner})
    return [edge for edge in edges if values.min() <= edge < values.max()]


def _round_near(value: float) -> float:
    """Return the number of 1, 2, 5 times a power of ten that is nearest by ratio."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = [factor * power for factor in (1.0, 2.0, 5.0, 10.0)]
    return min(steps, key=lambda step: abs(math.log(step / value)))


def _bounds(
    sites: pd.DataFrame, lost: pd.DataFrame | None, boundary: gpd.GeoDataFrame | None
) -> tuple[float, float, float, float]:
    xs, ys = [sites["x"]], [sites["y"]]
    if lost is not None and len(lost):
        half = lost["pixel_m"] / 2
        xs += [lost["x"] - half, lost["x"] + half]
        ys += [lost["y"] - half, lost["y"] + half]
    if boundary is not None and len(boundary):
        west, south, east, north = map(float, boundary.total_bounds)
        xs.append(pd.Series([west, east]))
        ys.append(pd.Series([south, north]))
    x, y = pd.concat(xs).dropna(), pd.concat(ys).dropna()
    if x.empty or y.empty:
        return 0.0, 0.0, 1000.0, 600.0
    spare = max(0.03 * float(max(x.max() - x.min(), y.max() - y.min())), 40.0)
    return (float(x.min()) - spare, float(y.min()) - spare,
            float(x.max()) + spare, float(y.max()) + spare)  # fmt: skip


def _lines(shapes: gpd.GeoDataFrame | None, frame: Frame, look: str) -> str:
    """Return all shapes of a layer as one path, simplified to half a pixel."""
    if shapes is None or not len(shapes):
        return ""
    thin = shapely.simplify(shapes.geometry.to_numpy(), 0.6 / frame.per_m)
    rings = [part for shape in thin for part in _rings(shape)]
    parts = [_path(shapely.get_coordinates(ring), frame) for ring in rings]
    return tag("path", d="".join(parts) or "M0,0", class_=look)


def _rings(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    if shape is None or shape.is_empty:
        return []
    flat = shape.boundary if shape.geom_type in ("Polygon", "MultiPolygon") else shape
    return list(shapely.get_parts(flat))


def _path(xy: NDArray[np.float64], frame: Frame) -> str:
    """Return moves in whole tenths of a pixel, relative, which is half as long as absolute ones."""
    places = np.round([frame(x, y) for x, y in xy.tolist()], 1)
    if len(places) < 2 or np.ptp(places, axis=0).max() < _SHORTEST:
        return ""
    steps = np.round(np.diff(places, axis=0), 1)
    moves = "l" + " ".join(f"{number(dx)},{number(dy)}" for dx, dy in steps.tolist())
    return f"M{number(places[0, 0])},{number(places[0, 1])}{moves}"


def _lost(lost: pd.DataFrame, frame: Frame) -> str:
    """Return the pixels that lose coverage: where nobody lives, and classes of people."""
    people = _people(lost)
    edges = class_edges(people)
    place = np.searchsorted(edges, people, side="left") + _CLASSES - 1 - len(edges)
    looks = {-1: ("lost-none", "nobody")} | {
        k: (f"lost{k}", _top_hatch(k)) for k in range(_CLASSES)
    }
    place = np.where(people > 0.0, place, -1)
    layers = []
    for k, (look, hatch) in looks.items():
        rows = lost[place == k]
        if len(rows):
            path = "".join(_pixels(rows, frame))
            layers.append(tag("path", d=path, class_=look))
            layers.append(tag("path", d=path, class_=f"hatch {hatch}") if hatch else "")
    return group(title("Coverage lost"), *layers)


def _pixels(rows: pd.DataFrame, frame: Frame) -> list[str]:
    """Return boxes, neighbours along a row joined into one."""
    made = []
    edge = float(rows["pixel_m"].iloc[0])
    for y, line_ in rows.groupby("y"):
        x = np.sort(line_["x"].to_numpy())
        cuts = np.flatnonzero(np.diff(x) > edge * 1.01) + 1
        for run in np.split(x, cuts):
            left, up = frame(float(run[0]) - edge / 2, float(str(y)) + edge / 2)
            wide = (float(run[-1]) - float(run[0]) + edge) * frame.per_m
            made.append(f"M{left:.1f},{up:.1f}h{wide:.1f}v{edge * frame.per_m:.1f}h-{wide:.1f}z")
    return made


def _areas(areas: gpd.GeoDataFrame | None, frame: Frame) -> str:
    if areas is None or not len(areas):
        return ""
    parts = [_lines(areas, frame, "area")]
    names = areas["name"] if "name" in areas else pd.Series("", index=areas.index)
    for shape, words in zip(areas.geometry, names, strict=True):
        if shape is not None and not shape.is_empty and words:
            x, y = frame((shape.bounds[0] + shape.bounds[2]) / 2, shape.bounds[3])
            label = cut(str(words), 160, TICK)
            parts.append(text(x, max(y - 5, 12), label, class_="tick halo", anchor="middle"))
    return group(*parts)


def _sites(sites: pd.DataFrame, places: Mapping[str, int], frame: Frame) -> list[str]:
    """Return the sites, those that break a rule on top."""
    order = {"ok": 0, "at-risk": 1, "offending": 2, "both": 3}
    size = 4.2 if len(sites) < 200 else 2.8
    made = []
    ordered = sites.sort_values("status", key=lambda s: s.map(order), kind="stable")
    for row in ordered.to_dict("records"):
        if not (math.isfinite(row["x"]) and math.isfinite(row["y"])):
            continue
        x, y = frame(row["x"], row["y"])
        maker, status = row["maker"], row["status"]
        said = "offending, at-risk" if status == "both" else status
        words = f"{row['site_id']}: {maker or 'maker not stated'}, {said}"
        words += f", {rounded(row['people'], 3)} people"
        mark = maker_symbol(places.get(maker, OTHERS), x, y, size)
        rings = [_ring(ring, x, y, size) for ring, (_, worn) in _RINGS.items() if status in worn]
        made.append(group(title(words), *rings, mark))
    return made


def _ring(status: str, x: float, y: float, size: float = 4.2) -> str:
    if status == "offending":
        return symbol("square", x, y, "ring-bad", size * 2.1)
    return symbol("circle", x, y, "ring-risk", size * 1.9)


def _scale_bar(frame: Frame, width: float) -> str:
    length = nice_step(0.12 * width / frame.per_m)
    wide = length * frame.per_m
    x, y = width - wide - 2.0, frame.height + 26.0
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return group(
        line(x, y, x + wide, y, "scale-bar"), line(x, y - 4, x, y + 4, "scale-bar"),
        line(x + wide, y - 4, x + wide, y + 4, "scale-bar"),
        text(x + wide / 2, y - 6, label, class_="tick ink", anchor="middle"),
    )  # fmt: skip


def _north(frame: Frame) -> str:
    y = frame.height + 18.0
    arrow = tag("path", d="M0,-14L6,8L0,3L-6,8Z", class_="scale-mark",
                transform=f"translate(8 {number(y + 2)})")  # fmt: skip
    words = text(20, y + 5, "N (grid north up)", class_="tick")
    return group(title("North is up (grid north)"), arrow, words)
