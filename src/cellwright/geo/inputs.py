"""What a district is read from: files, their columns, and the rules for what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import lcm
from pathlib import Path
from typing import Literal

from ..errors import InputError

Role = Literal["buildings", "terrain", "surface", "streets", "population", "boundary"]

#: Settings, and what they may be.
_RANGES = (
    ("pixel_m", 0.5, 200.0),
    ("surface_pixel_m", 0.25, 50.0),
    ("margin_m", 0.0, 20_000.0),
    ("storey_height_m", 2.0, 6.0),
    ("default_height_m", 0.5, 850.0),
    ("default_small_height_m", 0.5, 850.0),
    ("neighbour_radius_m", 0.0, 5_000.0),
    ("ground_amsl_m", -500.0, 9_000.0),
    ("floor_area_per_resident_m2", 5.0, 1_000.0),
)

#: Layers a district can be read from, in the order they are checked.
ROLES: tuple[Role, ...] = (
    "buildings",
    "boundary",
    "terrain",
    "surface",
    "streets",
    "population",
)


@dataclass(frozen=True)
class Source:
    """One file of the user, and how to read it.

    Attributes
    ----------
    path : Path
        Vector file that GDAL reads (GeoPackage, Shapefile, GeoJSON, FlatGeobuf, OSM .pbf/.osm, ...)
        or raster (GeoTIFF). Population may also be a CSV with coordinates.
    layer : str, optional
        Layer of the file; needed only where several could be meant.
    columns : mapping of str to str
        Cellwright's column name -> the column of the file, for columns it does not know by itself.
    crs : str, optional
        CRS of the coordinates; overrules what the file says, and is needed where it says nothing.
    encoding : str, optional
        Text encoding, where the file does not say or says it wrongly ("cp1251").
    attribution : str
        Words the licence of the data asks to print.
    """

    path: Path
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    encoding: str | None = None
    attribution: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))


@dataclass(frozen=True)
class AreaInputs:
    """Files and rules from which :func:`cellwright.geo.load_area` makes an ``Area``.

    Every layer is a :class:`Source`, or just a path. Only ``buildings`` is needed.

    Attributes
    ----------
    buildings, terrain, surface, streets, population, boundary : Source or path
        The layers. ``terrain`` is the bare ground, ``surface`` includes roofs and trees (a DSM).
    name : str
        Name of the district.
    crs : str, optional
        Projected CRS in metres to work in; by default that of the buildings where it is one
        that has a name ("EPSG:2154"), otherwise the UTM zone of the district.
    pixel_m, surface_pixel_m : float
        Pixel of the result grid and of the fine grid for sight [m].
    margin_m : float
        Buildings up to this far outside a given boundary still stand in the way [m].
    storey_height_m : float
        Height of a storey where only levels are known [m].
    default_height_m : float, optional
        Height of a building about which nothing is known [m]; by default the median of the
        district, or 6 m where fewer than 20 heights are known.
    default_small_height_m : float
        The same for a building under 30 m2 [m].
    neighbour_radius_m : float
        Distance within which neighbours lend their median height [m].
    ground_amsl_m : float
        Constant ground where no terrain is given [m above sea level].
    complete_population : bool, optional
        Whether buildings in no population cell are given modelled residents. By default they are
        where dwellings are known, or where the cells hold less than half of the living floor
        area; otherwise a missing cell means that nobody lives there.
    floor_area_per_resident_m2 : float
        Gross residential floor area per person where neither people nor dwellings are known [m2].
    attributions : tuple of str
        Words to print on every map made from these inputs.

    Raises
    ------
    InputError
        If a setting is out of its range, or the two pixels fit no common grid.

    Examples
    --------
    >>> AreaInputs(buildings="houses.gpkg", crs="EPSG:32636").source("buildings").path.name
    'houses.gpkg'
    """

    buildings: Source | Path | str
    terrain: Source | Path | str | None = None
    surface: Source | Path | str | None = None
    streets: Source | Path | str | None = None
    population: Source | Path | str | None = None
    boundary: Source | Path | str | None = None
    name: str = ""
    crs: str | None = None
    pixel_m: float = 5.0
    surface_pixel_m: float = 2.0
    margin_m: float = 100.0
    storey_height_m: float = 3.0
    default_height_m: float | None = None
    default_small_height_m: float = 3.0
    neighbour_radius_m: float = 150.0
    ground_amsl_m: float = 0.0
    complete_population: bool | None = None
    floor_area_per_resident_m2: float = 40.0
    attributions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(f"{name} is {value:g}; allowed is {low:g} to {high:g}.")
        step_m = lcm(round(self.surface_pixel_m * 1000), round(self.pixel_m * 1000)) / 1000.0
        if step_m > max(10.0 * self.pixel_m, self.surface_pixel_m):
            raise InputError(
                f"pixel_m = {self.pixel_m:g} and surface_pixel_m = {self.surface_pixel_m:g} have "
                f"no common multiple below {step_m:g} m, so their grids cannot share bounds. "
                "Choose a pixel_m that is a simple multiple, such as 5 and 2, or 10 and 1."
            )

    def source(self, role: Role) -> Source | None:
        """Return the layer of that role as a :class:`Source`, or None where it is not given."""
        given = getattr(self, role)
        if given is None or isinstance(given, Source):
            return given
        return Source(Path(given))
