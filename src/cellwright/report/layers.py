"""Map layers for the page: one-byte grids, class shares, colours of the serving cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import Faults, did_you_mean
from cellwright.report.legend import Legend
from cellwright.report.packing import Container, predicted

if TYPE_CHECKING:
    import xarray as xr


#: Who a layer is about, and what the page calls it.
RATS = {"nr": "5G", "lte": "4G", "ratio": "5G ÷ 4G"}
#: Suffix of a variable, and what the page calls it.
PLACES = {
    "outdoor": "Outdoors",
    "indoor_ground": "Indoors, ground floor",
    "indoor_top": "Indoors, top floor",
}


@dataclass(frozen=True)
class Layer:
    """One variable of the maps, taken apart: ``nr_rsrp_dbm_indoor_top``."""

    variable: str
    rat: str
    name: str
    place: str


def layers(maps: xr.Dataset, legends: Mapping[str, Legend]) -> list[Layer]:
    """Take the names of all map variables apart.

    Parameters
    ----------
    maps : Dataset
        Variables ``<rat>_<layer>_<place>`` over ``y, x``; rat ``nr``, ``lte`` or ``ratio``, layer
        a key of the legends, place ``outdoor``, ``indoor_ground`` or ``indoor_top``.
    legends : mapping
        Known layers.

    Returns
    -------
    list of Layer
        In the order of the legends.

    Raises
    ------
    InputError
        Listing every variable whose name or axes do not fit.
    """
    faults, found = Faults(), []
    for variable in map(str, maps.data_vars):
        layer = _taken_apart(variable)
        if layer is None or layer.name not in legends:
            cure = did_you_mean(variable, [f"nr_{name}_outdoor" for name in legends])
            faults.error("maps.name", f'There is no legend for the map "{variable}".', cure)
        elif maps[variable].dims != ("y", "x"):
            faults.error(
                "maps.axes",
                f'The map "{variable}" has the axes {maps[variable].dims}.',
                "They must be (y, x).",
            )
        else:
            found.append(layer)
    faults.raise_errors()
    order = {name: number for number, name in enumerate(legends)}
    rank = {rat: number for number, rat in enumerate(RATS)}
    return sorted(found, key=lambda layer: (order[layer.name], rank[layer.rat], layer.place))


def about_layers(
    maps: xr.Dataset, pixels: xr.Dataset, legends: Mapping[str, Legend]
) -> dict[str, Any]:
    """Say all about the layers except their values: legends, class shares, colours of servers.

    Returns
    -------
    dict
        ``layers`` (each a legend with its ``maps`` and their ``shares``), ``server_colours`` (by
        RAT, colour number by cell number), ``places``, ``rats``.
    """
    found = layers(maps, legends)
    entries: dict[str, dict[str, Any]] = {}
    for layer in found:
        legend, values = legends[layer.name], maps[layer.variable].to_numpy()
        entry = entries.setdefault(layer.name, {**legend.as_dict(), "shares": {}, "maps": []})
        entry["maps"].append(layer.variable)
        entry["shares"][layer.variable] = shares(values, pixels, legend, layer.place)
    return {
        "layers": list(entries.values()),
        "server_colours": _server_colours(found, maps, legends),
        "places": PLACES,
        "rats": RATS,
    }


def add_grids(
    container: Container, maps: xr.Dataset, pixels: xr.Dataset, legends: Mapping[str, Legend]
) -> dict[str, Any]:
    """Put the values of all layers into the container.

    Returns
    -------
    dict
        By variable: the ``array``, whether it is ``indoor``, and what its codes were taken from
        (``left``, ``reference``), see :func:`cellwright.report.packing.predicted`.
    """
    indoor = pixels["building"].to_numpy() > 0
    codes: dict[str, NDArray[np.uint8]] = {}
    grids: dict[str, Any] = {}
    for layer in layers(maps, legends):
        legend, values = legends[layer.name], maps[layer.variable].to_numpy()
        if legend.kind == "cells":
            grids[layer.variable] = _add_cells(container, layer, values, indoor)
        else:
            grids[layer.variable] = _add_codes(container, layer, values, indoor, legend, codes)
    return grids


def shares(
    values: NDArray[Any], pixels: xr.Dataset, legend: Legend, place: str
) -> dict[str, Any] | None:
    """Share of area and of people in each class, inside the boundary.

    People are counted where they live: outdoors there are none, and the share is left out.

    Parameters
    ----------
    values : array, (y, x)
        The layer; NaN where the place is not.
    pixels : Dataset
        With ``inside`` and ``residents``.
    legend : Legend
        Classes; a categorical legend gives None.
    place : str
        ``outdoor``, ``indoor_ground`` or ``indoor_top``.

    Returns
    -------
    dict or None
        ``area`` and ``people`` (share per class, or None), ``target_area`` and
        ``target_people`` (share on the good side of the target, or None).
    """
    if legend.kind == "cells":
        return None
    classes = legend.classify(values)
    counted = (classes >= 0) & pixels["inside"].to_numpy()
    residents = np.nan_to_num(pixels["residents"].to_numpy().astype(float))
    weights = {"area": np.ones(classes.shape)}
    if place != "outdoor":
        weights["people"] = residents
    result: dict[str, Any] = {"area": None, "people": None}
    for kind, weight in weights.items():
        total = float(weight[counted].sum())
        if total <= 0:
            continue
        sums = np.bincount(classes[counted], weight[counted], len(legend.colours))
        result[kind] = [round(float(share), 5) for share in sums / total]
        result[f"target_{kind}"] = _reached(values, weight, counted, legend)
    return result


def neighbour_colours(server: NDArray[Any], colours: int) -> dict[int, int]:
    """Give every cell a colour so that cells that touch on the map differ.

    Most-constrained cell first (DSATUR); where a cell touches every colour, it takes the one it
    shares the shortest border with.

    Parameters
    ----------
    server : array of int, (y, x)
        Cell number, negative where there is none.
    colours : int
        Size of the palette.

    Returns
    -------
    dict of int to int
        Cell number to colour number.

    Examples
    --------
    >>> sorted(neighbour_colours(np.array([[0, 1], [2, 1]]), 8).values())
    [0, 1, 2]
    """
    borders = _borders(server)
    given: dict[int, int] = {}
    waiting = {int(cell) for cell in np.unique(server) if cell >= 0}
    while waiting:
        cell = max(waiting, key=lambda c: (_seen(c, borders, given), len(borders.get(c, {})), -c))
        cost = np.zeros(colours)
        for other, length in borders.get(cell, {}).items():
            if other in given:
                cost[given[other]] += length
        used = np.bincount(list(given.values()), minlength=colours) if given else np.zeros(colours)
        given[cell] = int(np.lexsort((np.arange(colours), used, cost))[0])
        waiting.remove(cell)
    return given


def _server_colours(
    found: list[Layer], maps: xr.Dataset, legends: Mapping[str, Legend]
) -> dict[str, dict[int, int]]:
    """Colour number of each cell, per RAT, from the ground-level servers in and out of doors."""
    result: dict[str, dict[int, int]] = {}
    for rat in RATS:
        mine = [
            layer.variable
            for layer in found
            if layer.rat == rat and legends[layer.name].kind == "cells"
        ]
        if mine:
            ground = [variable for variable in mine if not variable.endswith("_indoor_top")]
            numbers = [_numbers(maps[variable].to_numpy()) for variable in ground or mine]
            palette = legends["server"].colours
            result[rat] = neighbour_colours(np.maximum.reduce(numbers), len(palette))
    return result


def _numbers(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.nan_to_num(values.astype(float), nan=-1.0).astype(np.int64))


def _seen(cell: int, borders: dict[int, dict[int, int]], given: dict[int, int]) -> int:
    return len({given[other] for other in borders.get(cell, {}) if other in given})


def _borders(server: NDArray[Any]) -> dict[int, dict[int, int]]:
    sides = [(server[:, :-1], server[:, 1:]), (server[:-1, :], server[1:, :])]
    pairs = np.concatenate([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in sides])
    pairs = np.sort(pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs >= 0).all(axis=1)], axis=1)
    found, lengths = np.unique(pairs, axis=0, return_counts=True)
    borders: dict[int, dict[int, int]] = {}
    for (one, other), length in zip(found.tolist(), lengths.tolist(), strict=True):
        borders.setdefault(one, {})[other] = length
        borders.setdefault(other, {})[one] = length
    return borders


def _taken_apart(variable: str) -> Layer | None:
    rat, _, rest = variable.partition("_")
    place = next((place for place in PLACES if rest.endswith("_" + place)), None)
    if rat not in RATS or place is None:
        return None
    return Layer(variable, rat, rest.removesuffix("_" + place), place)


def _reached(
    values: NDArray[Any], weight: NDArray[Any], counted: NDArray[Any], legend: Legend
) -> float | None:
    if legend.target is None:
        return None
    shown = values[counted] * legend.factor
    good = shown <= legend.target if legend.better == "lower" else shown >= legend.target
    return round(float(weight[counted][good].sum() / weight[counted].sum()), 5)


def _add_codes(
    container: Container,
    layer: Layer,
    values: NDArray[Any],
    indoor: NDArray[np.bool_],
    legend: Legend,
    codes: dict[str, NDArray[np.uint8]],
) -> dict[str, Any]:
    mine = legend.encode(values)[indoor if _in(layer) else ~indoor]
    alike = [names for names in _alike(layer) if all(name in codes for name in names)]
    content, taken, left = predicted(mine, [_reference(names, codes) for names in alike])
    codes[layer.variable] = mine
    array = container.add(layer.variable, content)
    grid: dict[str, Any] = {"array": array, "indoor": _in(layer), "left": left}
    return grid if taken is None else grid | {"reference": alike[taken]}


def _reference(names: list[str], codes: Mapping[str, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The codes of a layer alike; of two, their difference: a ratio of logarithmic codes."""
    first = codes[names[0]]
    return first - codes[names[1]] if len(names) == 2 else first


def _add_cells(
    container: Container, layer: Layer, values: NDArray[Any], indoor: NDArray[np.bool_]
) -> dict[str, Any]:
    """Cell numbers plus one in two bytes, split into a low and a high plane."""
    numbers = _numbers(values) + 1
    mine = numbers[indoor if _in(layer) else ~indoor].astype(np.uint16)
    planes = [(mine & 0xFF).astype(np.uint8), (mine >> 8).astype(np.uint8)]
    content = b"".join(np.diff(plane, prepend=np.uint8(0)).tobytes() for plane in planes)
    array = container.add(layer.variable, content)
    return {"array": array, "indoor": _in(layer), "left": True, "planes": 2}


def _in(layer: Layer) -> bool:
    return layer.place != "outdoor"


def _alike(layer: Layer) -> list[list[str]]:
    """Layers that tell much about this one: the other RAT, the floor below, the shared speed."""
    if layer.rat == "ratio":
        return [[f"{rat}_{layer.name}_mbps_{layer.place}" for rat in ("nr", "lte")]]
    found = []
    if layer.rat == "lte":
        found.append([f"nr_{layer.name}_{layer.place}"])
    if layer.place == "indoor_top":
        found.append([f"{layer.rat}_{layer.name}_indoor_ground"])
    if layer.name.endswith("_peak_mbps"):
        found.append([f"{layer.rat}_{layer.name.replace('_peak', '')}_{layer.place}"])
    return found
