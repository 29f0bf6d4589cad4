"""Where antennas could stand: roofs that look over their neighbours, and poles along streets.

All numbers of the rules are assumptions a project may change; what was left out and why is
counted in ``sites.attrs["candidates"]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cellwright.errors import InputError
from cellwright.geo import Area
from cellwright.network import SITE_COLUMNS, empty_sites, sites_from_records
from cellwright.planning.streets import pole_points

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class RooftopRules:
    """Which roofs may carry an antenna.

    Attributes
    ----------
    least_height_m, most_height_m : float
        Height of the building [m].
    least_area_m2 : float
        Footprint [m2]; smaller ones are sheds.
    mast_m : float
        Antenna above the roof [m].
    neighbours_m : float
        Roofs within this distance count as neighbours [m].
    neighbour_share : float
        The antenna must clear this share of the neighbouring roof area, 0 to 1 ...
    clearance_m : float
        ... by at least this much [m].
    spacing_m : float
        Least distance between two roofs, the better cleared one first [m].
    left_out : tuple of str
        Uses of buildings that never carry antennas.
    """

    least_height_m: float = 10.0
    most_height_m: float = 120.0
    least_area_m2: float = 80.0
    mast_m: float = 4.0
    neighbours_m: float = 100.0
    neighbour_share: float = 0.9
    clearance_m: float = 1.0
    spacing_m: float = 160.0
    left_out: tuple[str, ...] = ("annex", "shed", "garage", "garages", "greenhouse")


@dataclass(frozen=True)
class PoleRules:
    """Where street poles may carry an antenna.

    Attributes
    ----------
    height_m : float
        Antenna above ground [m].
    spacing_m : float
        Least distance between two poles, the place with most street around it first [m].
    apart_m : float
        Least distance to a rooftop candidate [m].
    least_width_m : float
        Narrower ways (paths, stairs) get no poles [m].
    kerb_m : float
        Pole beyond the edge of the carriageway [m].
    """

    height_m: float = 9.0
    spacing_m: float = 200.0
    apart_m: float = 60.0
    least_width_m: float = 3.0
    kerb_m: float = 0.5


@dataclass(frozen=True)
class CandidateRules:
    """All rules for candidates; ``most`` caps their number, kept evenly over the district.

    Attributes
    ----------
    rooftops, poles : RooftopRules, PoleRules or None
        None makes no candidates of that kind.
    near_existing_m : float
        No candidate this close to an existing or proposed site [m].
    near_banned_m : float
        No candidate this close to a banned site [m].
    most : int
        Spacings are widened until no more than this many candidates are left.
    """

    rooftops: RooftopRules | None = field(default_factory=RooftopRules)
    poles: PoleRules | None = field(default_factory=PoleRules)
    near_existing_m: float = 60.0
    near_banned_m: float = 25.0
    most: int = 400


def candidates(
    area: Area, rules: CandidateRules | None = None, existing: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Make the list of sites a plan may choose from.

    Parameters
    ----------
    area : Area
        The district.
    rules : CandidateRules, optional
        What may be a site.
    existing : GeoDataFrame, optional
        The user's own sites of any status (columns ``network.SITE_COLUMNS``). They come first and
        stay as they are, banned ones too; made candidates keep away from them.

    Returns
    -------
    GeoDataFrame
        Columns ``network.SITE_COLUMNS``: the user's sites, then rooftops "R001"... by clearance,
        then poles "P001"... by the street length around them. The same map gives the same list
        whatever the order of its rows. ``attrs["candidates"]`` says how many fell to which rule.

    Raises
    ------
    InputError
        When a rule makes no sense.
    """
    rules = rules or CandidateRules()
    _check(rules)
    given = empty_sites(area.crs) if existing is None else existing[list(SITE_COLUMNS)]
    roofs, found = _roofs(area, rules.rooftops)
    if roofs.empty and rules.rooftops is not None:
        # a place of low or unknown roofs is served from the best of those
        any_roof = replace(rules.rooftops, least_height_m=0.0, least_area_m2=0.0, left_out=())
        roofs, found = _roofs(area, any_roof)
        found["low_roofs"] = len(roofs)
    kerbs, street = _kerbs(area, rules.poles)
    away = _away(given, rules)
    roofs, kerbs = roofs[away(roofs[["x_m", "y_m"]])], kerbs[away(kerbs[["x_m", "y_m"]])]
    widen = 1.0
    while True:
        chosen, poles = _thinned(roofs, kerbs, rules, widen)
        if len(chosen) + len(poles) <= rules.most:
            break
        widen *= 1.05
    height = rules.poles.height_m if rules.poles is not None else 0.0
    sites = _table(area, chosen, poles, height, set(given["site_id"]))
    result = pd.concat([part for part in (given, sites) if len(part)] or [given])
    result = gpd.GeoDataFrame(result, geometry="geometry", crs=area.crs).reset_index(drop=True)
    result.attrs["candidates"] = {
        "given": len(given), **found, **street, "widened": round(widen, 3),
        "rooftops": len(chosen), "poles": len(poles),
    }  # fmt: skip
    return result


def _check(rules: CandidateRules) -> None:
    for part in (rules.rooftops, rules.poles):
        if part is not None and not part.spacing_m > 0:
            raise InputError(f"spacing_m is {part.spacing_m}; it is a distance above 0 m.")
    if rules.most < 1:
        raise InputError(f"candidates.most is {rules.most}; it is 1 or more.")
    roof = rules.rooftops
    if roof is not None and not 0 <= roof.neighbour_share <= 1:
        raise InputError(f"neighbour_share is {roof.neighbour_share}; it is a share, 0 to 1.")


def _cells(area: Area, x_m: FloatArray, y_m: FloatArray) -> tuple[Any, Any]:
    """Row and column of points in the fine grid (points beyond its edge: the edge)."""
    west, _, _, north = area.surface.attrs["bounds"]
    pixel = float(area.surface.attrs["pixel_m"])
    rows, columns = area.surface["building"].shape
    row = np.clip(((north - y_m) / pixel).astype(int), 0, rows - 1)
    column = np.clip(((x_m - west) / pixel).astype(int), 0, columns - 1)
    return row, column


def _roofs(area: Area, rules: RooftopRules | None) -> tuple[pd.DataFrame, dict[str, int]]:
    """Roofs that keep the rules, best clearance first."""
    columns = ["x_m", "y_m", "height_m", "building", "score"]
    if rules is None or area.buildings.empty:
        return pd.DataFrame(columns=columns, dtype=float), {}
    buildings = area.buildings
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    x_m, y_m = shapely.get_x(points), shapely.get_y(points)
    height = buildings["height_m"].to_numpy(dtype=float)
    footprint = buildings.geometry.area.to_numpy()
    use = buildings["use"].astype(str).str.lower()
    fit = (height >= rules.least_height_m) & (height <= rules.most_height_m)
    fit &= (footprint >= rules.least_area_m2) & ~use.isin(rules.left_out).to_numpy()
    fit &= shapely.contains_xy(area.boundary, x_m, y_m)
    row, column = _cells(area, x_m, y_m)
    roof_amsl = area.surface["ground_amsl_m"].to_numpy()[row, column] + height
    clearance = _clearance(x_m, y_m, roof_amsl, footprint, fit, rules)
    clear = fit & (clearance >= rules.clearance_m)
    table = pd.DataFrame(
        {
            "x_m": x_m,
            "y_m": y_m,
            "height_m": height + rules.mast_m,
            "building": np.arange(1, len(buildings) + 1),
            "score": clearance,
        }
    )[clear]
    return _sorted(table), {"buildings": len(buildings), "roofs_fit": int(fit.sum()),
                            "roofs_clear": int(clear.sum())}  # fmt: skip


def _clearance(
    x_m: FloatArray,
    y_m: FloatArray,
    roof_amsl: FloatArray,
    footprint: FloatArray,
    fit: NDArray[np.bool_],
    rules: RooftopRules,
) -> FloatArray:
    """Antenna height over the given share of the roof area around [m]; -inf where not fit."""
    tree = cKDTree(np.column_stack([x_m, y_m]))
    clearance = np.full(len(x_m), -np.inf)
    for index in np.flatnonzero(fit):
        near = np.array(tree.query_ball_point((x_m[index], y_m[index]), rules.neighbours_m))
        near = near[near != index]
        top = roof_amsl[index] + rules.mast_m
        if len(near) == 0:
            clearance[index] = rules.mast_m
            continue
        order = near[np.argsort(roof_amsl[near], kind="stable")]
        share = np.cumsum(footprint[order]) / footprint[order].sum()
        level = roof_amsl[order[min(np.searchsorted(share, rules.neighbour_share), len(order) - 1)]]
        clearance[index] = top - level
    return clearance


def _kerbs(area: Area, rules: PoleRules | None) -> tuple[pd.DataFrame, dict[str, int]]:
    """Places for poles in the open, the one with most street around it first."""
    if rules is None:
        return pd.DataFrame(columns=["x_m", "y_m", "score"], dtype=float), {}
    level = area.streets["level"].to_numpy() == 0
    wide = ~(area.streets["width_m"].to_numpy(dtype=float) < rules.least_width_m)
    table = pole_points(area.streets[level & wide], rules.kerb_m)
    row, column = _cells(area, table["x_m"].to_numpy(), table["y_m"].to_numpy())
    open_air = area.surface["building"].to_numpy()[row, column] == 0
    inside = shapely.contains_xy(area.boundary, table["x_m"], table["y_m"])
    kept = _sorted(table[open_air & inside])
    return kept, {"kerb_points": len(table), "kerb_points_open": len(kept)}


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Best first; equal ones by place, so that the order of the map's rows plays no part."""
    keys = table.assign(score=-table["score"].round(2))
    order = keys.sort_values(["score", "x_m", "y_m"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _away(given: gpd.GeoDataFrame, rules: CandidateRules) -> Any:
    """Return a test of whether points keep their distance from the user's own sites."""
    banned = (given["status"] == "banned").to_numpy()
    points = np.column_stack([given.geometry.x, given.geometry.y]).reshape(-1, 2)
    limits = ((points[banned], rules.near_banned_m), (points[~banned], rules.near_existing_m))

    def test(places: pd.DataFrame) -> NDArray[np.bool_]:
        far = np.ones(len(places), dtype=bool)
        for near, distance in limits:
            if len(near) and len(places):
                far &= cKDTree(near).query(places.to_numpy(dtype=float))[0] >= distance
        return far

    return test


def _thinned(
    roofs: pd.DataFrame, kerbs: pd.DataFrame, rules: CandidateRules, widen: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the best places at the least spacing."""
    chosen = roofs
    if rules.rooftops is not None:
        chosen = roofs[_spaced(roofs, rules.rooftops.spacing_m * widen)]
    poles = kerbs
    if rules.poles is not None and len(kerbs):
        far = np.ones(len(kerbs), dtype=bool)
        if len(chosen):
            tree = cKDTree(chosen[["x_m", "y_m"]].to_numpy())
            far = tree.query(kerbs[["x_m", "y_m"]].to_numpy())[0] >= rules.poles.apart_m
        poles = kerbs[far]
        poles = poles[_spaced(poles, rules.poles.spacing_m * widen)]
    return chosen, poles


def _spaced(table: pd.DataFrame, spacing_m: float) -> NDArray[np.bool_]:
    """Go through the places in order and keep each that is far enough from all kept before."""
    points = table[["x_m", "y_m"]].to_numpy(dtype=float)
    keep = np.zeros(len(points), dtype=bool)
    if len(points) == 0:
        return keep
    barred = np.zeros(len(points), dtype=bool)
    tree = cKDTree(points)
    for index in range(len(points)):
        if not barred[index]:
            keep[index] = True
            barred[tree.query_ball_point(points[index], spacing_m * (1 - 1e-9))] = True
    return keep


def _table(
    area: Area,
    roofs: pd.DataFrame,
    poles: pd.DataFrame,
    pole_height_m: float,
    taken: set[str],
) -> gpd.GeoDataFrame:
    roofs = roofs.assign(kind="rooftop", site_id=_names("R", len(roofs), taken))
    poles = poles.assign(
        kind="pole", site_id=_names("P", len(poles), taken), height_m=pole_height_m, building=0
    )
    table = pd.concat([part for part in (roofs, poles) if len(part)] or [roofs])
    row, column = _cells(area, table["x_m"].to_numpy(float), table["y_m"].to_numpy(float))
    table["ground_amsl_m"] = area.surface["ground_amsl_m"].to_numpy()[row, column].astype(float)
    table["status"] = "candidate"
    records: list[dict[str, Any]] = table.drop(columns="score").to_dict("records")  # type: ignore[assignment]
    return sites_from_records(records, area.crs)


def _names(letter: str, count: int, taken: set[str]) -> list[str]:
    """Number the places "R001"..., stepping over names the user has given."""
    names: list[str] = []
    number = 0
    while len(names) < count:
        number += 1
        if f"{letter}{number:03d}" not in taken:
            names.append(f"{letter}{number:03d}")
    return names
