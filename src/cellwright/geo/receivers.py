"""Where a phone can be: in the open, on the ground floor, on the top floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from .grids import Grid, nearest_cells

if TYPE_CHECKING:
    from .area import Area

#: Names of the places, in the order of their numbers.
PLACES = ("outdoor", "indoor ground floor", "indoor top floor")
OUTDOOR, INDOOR_GROUND, INDOOR_TOP = range(3)
#: Storeys above the first raise the phone by this much (TR 38.901 V19, table 7.2-1).
_STOREY_M = 3.0


def receivers(area: Area, height_m: float = 1.5) -> xr.Dataset:
    """Return every place where a phone can be on the result grid.

    An open pixel gives one receiver, a building pixel one on the ground floor and, with two
    storeys or more, one on the top storey n at 3 (n - 1) + ``height_m`` (never above the roof).

    Parameters
    ----------
    area : Area
        The district.
    height_m : float
        Height of the phone above the floor it is held on [m].

    Returns
    -------
    xarray.Dataset
        Dimension ``receiver``: ``x_m``, ``y_m``, ``ground_amsl_m``, ``height_m`` above ground,
        ``place`` (number in :data:`PLACES`), ``building``, ``indoor_distance_m`` to the nearest
        outer wall, ``row``, ``col`` in ``area.pixels``, ``residents`` stood for, ``inside``.
        First all pixels in reading order, then the top storeys in the same order.

    References
    ----------
    3GPP TR 38.901 V19.0.0, table 7.2-1 (user height indoors).
    """
    pixels = area.pixels
    floors = pixels["floors"].to_numpy().ravel()
    indoor = pixels["building"].to_numpy().ravel() > 0
    base = np.arange(indoor.size)
    top = np.flatnonzero(indoor & (floors >= 2))
    flat = np.concatenate([base, top])
    place = np.where(indoor, INDOOR_GROUND, OUTDOOR)
    place = np.concatenate([place, np.full(top.size, INDOOR_TOP)]).astype(np.uint8)
    columns = _columns(area, flat, place, height_m)
    return xr.Dataset(
        {name: ("receiver", values) for name, values in columns.items()},
        attrs={
            "pixel_m": float(pixels.attrs["pixel_m"]),
            "shape": (pixels.sizes["y"], pixels.sizes["x"]),
        },
    )


def _columns(
    area: Area, flat: NDArray[np.intp], place: NDArray[np.uint8], height_m: float
) -> dict[str, NDArray[Any]]:
    pixels = area.pixels
    row, column = np.divmod(flat, pixels.sizes["x"])

    def at(name: str) -> NDArray[Any]:
        return pixels[name].to_numpy().ravel()[flat]

    floors, people, indoor = at("floors"), at("residents"), place != OUTDOOR
    split = np.where(indoor & (floors >= 2), 2.0, 1.0)
    return {
        "x_m": pixels["x"].to_numpy()[column],
        "y_m": pixels["y"].to_numpy()[row],
        "ground_amsl_m": at("ground_amsl_m"),
        "height_m": _heights(place, floors, at("building_height_m"), height_m),
        "place": place,
        "building": at("building"),
        "indoor_distance_m": indoor_distance_m(area).ravel()[flat],
        "row": row.astype(np.int32),
        "col": column.astype(np.int32),
        "residents": np.where(indoor, people / split, 0.0).astype(np.float32),
        "inside": at("inside"),
    }


def _heights(
    place: NDArray[np.uint8],
    floors: NDArray[np.uint8],
    building_height_m: NDArray[np.float32],
    height_m: float,
) -> NDArray[np.float32]:
    storey = _STOREY_M * (floors.astype(np.float32) - 1.0) + height_m
    under_roof = np.maximum(building_height_m - 1.0, height_m)
    return np.where(place == INDOOR_TOP, np.minimum(storey, under_roof), height_m).astype(
        np.float32
    )


def indoor_distance_m(area: Area) -> NDArray[np.float32]:
    """Return every pixel's distance to the nearest outer wall [m]; 0 in the open.

    Walls between adjoining buildings do not count: the way out is to the open air. Measured on
    the fine grid, so right to about its pixel.
    """
    surface, pixels = area.surface, area.pixels
    fine = float(surface.attrs["pixel_m"])
    built = surface["building"].to_numpy() > 0
    if built.all():
        return np.zeros(pixels["building"].shape, dtype=np.float32)
    distance = ndimage.distance_transform_edt(built, sampling=fine)
    west, south, east, north = pixels.attrs["bounds"]
    grid = Grid(west, south, east, north, float(pixels.attrs["pixel_m"]))
    row, column = nearest_cells(surface, grid)
    at_pixels = distance[row[:, None], column]
    return np.where(at_pixels > 0, np.maximum(at_pixels - fine / 2, 0.0), 0.0).astype(np.float32)


def to_map(values: ArrayLike, receivers: xr.Dataset, place: int | str) -> xr.DataArray:
    """Lay values of the receivers of one place out as a map.

    Parameters
    ----------
    values : array, shape (receiver,)
        One value per receiver.
    receivers : xarray.Dataset
        From :func:`receivers`.
    place : int or str
        Number or name in :data:`PLACES`.

    Returns
    -------
    xarray.DataArray
        Dimensions ``y, x``; NaN where there is no such place.
    """
    number = PLACES.index(place) if isinstance(place, str) else int(place)
    rows, columns = receivers.attrs["shape"]
    pixel = float(receivers.attrs["pixel_m"])
    here = receivers["place"].to_numpy() == number
    data = np.asarray(values)
    kind = data.dtype if np.issubdtype(data.dtype, np.floating) else np.dtype(np.float32)
    result = np.full((rows, columns), np.nan, dtype=kind)
    row, column = (receivers[name].to_numpy() for name in ("row", "col"))
    result[row[here], column[here]] = data[here]
    # the first receiver is the north-west pixel: open or built, every pixel has one
    x = float(receivers["x_m"][0]) + pixel * (np.arange(columns) - int(column[0]))
    y = float(receivers["y_m"][0]) - pixel * (np.arange(rows) - int(row[0]))
    return xr.DataArray(result, dims=("y", "x"), coords={"y": y, "x": x})
