"""Legends: classes, colours and one-byte storage of each map layer, read from ``legends.toml``."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import Faults, InputError, did_you_mean

#: Overrides as a project gives them: ``{"rsrp_dbm": {"edges": [...], "target": -100}}``.
Overrides = Mapping[str, Mapping[str, Any]]

#: Highest code a value can take; 0 is no data.
LAST_CODE = 255


@dataclass(frozen=True)
class Legend:
    """How one layer is classed, coloured, worded and stored.

    Attributes
    ----------
    name : str
        Layer, such as ``rsrp_dbm``.
    title, short, note : str
        Heading, button text, one line about what is measured.
    unit : str
        Printed unit.
    edges : tuple of float
        Rising class edges; a value equal to an edge belongs to the class above.
    colours : tuple of str
        One per class, or the palette of a categorical layer.
    palette : str
        Palette the colours came from; empty where the layer names its own.
    labels : tuple of str
        One text per class.
    scale : {"linear", "log"}
        How codes stand for values.
    origin, step : float
        Value (or its decimal logarithm) of code 1, and the difference between codes.
    kind : {"classes", "cells"}
        Ordered classes, or cells by number.
    target : float or None
        Threshold drawn in the legend.
    better : {"higher", "lower"}
        Side of the target that is good.
    factor : float
        Values are multiplied by this before anything else (a share becomes per cent).
    decimals : int
        Digits shown.
    """

    name: str
    title: str
    short: str
    note: str
    unit: str
    edges: tuple[float, ...]
    colours: tuple[str, ...]
    palette: str
    labels: tuple[str, ...]
    scale: Literal["linear", "log"]
    origin: float
    step: float
    kind: Literal["classes", "cells"] = "classes"
    target: float | None = None
    better: Literal["higher", "lower"] = "higher"
    factor: float = 1.0
    decimals: int = 1

    def classify(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class of each value: 0 is below the first edge, -1 is no data."""
        shown = np.asarray(values, dtype=float) * self.factor
        found = np.digitize(shown, self.edges)
        return np.where(np.isnan(shown), -1, found)

    def encode(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Turn values into one-byte codes, 0 where there is no data.

        Parameters
        ----------
        values : array of float
            In the layer's unit (before ``factor``), NaN where there is no data.

        Returns
        -------
        array of uint8
            Same shape; values outside the range take the nearest code.
        """
        shown = np.asarray(values, dtype=float) * self.factor
        if self.scale == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                shown = np.log10(shown)
        with np.errstate(invalid="ignore"):
            steps = np.clip(np.rint((shown - self.origin) / self.step), 0, LAST_CODE - 1)
        missing = np.isnan(np.asarray(values, dtype=float))
        return np.where(missing, 0, np.nan_to_num(steps) + 1).astype(np.uint8)

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Turn codes back into shown values (after ``factor``); NaN where there is no data."""
        steps = np.asarray(codes, dtype=float) - 1
        values = self.origin + steps * self.step
        if self.scale == "log":
            values = np.where(steps == 0, 0.0, 10.0**values)
        return np.where(steps < 0, np.nan, values)

    def as_dict(self) -> dict[str, Any]:
        """Return the legend as plain data for the page."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def palettes() -> dict[str, tuple[str, ...]]:
    """Return the named palettes of ``legends.toml``."""
    return {name: tuple(colours) for name, colours in _file()["palettes"].items()}


def legends(overrides: Overrides | None = None, palette: str = "RdYlBu") -> dict[str, Legend]:
    """Read the legend of every layer, with a project's own classes laid over the shipped ones.

    Parameters
    ----------
    overrides : mapping, optional
        Layer name to keys of ``legends.toml`` (``edges``, ``target``, ``colours``, …).
    palette : str
        Palette of ordered layers that name no colours of their own.

    Returns
    -------
    dict of str to Legend
        In the order of the file.

    Raises
    ------
    InputError
        Listing every unknown layer, key or palette and every edge list that does not rise.

    Examples
    --------
    >>> legends({"rsrp_dbm": {"target": -100}})["rsrp_dbm"].target
    -100
    """
    shipped = _file()
    _check(overrides or {}, shipped, palette)
    result = {}
    for name, given in shipped["layers"].items():
        result[name] = _legend(name, {**given, **(overrides or {}).get(name, {})}, palette)
    return result


def interpolated(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """Spread a palette over another number of classes, in linear light.

    Examples
    --------
    >>> interpolated(["#000000", "#ffffff"], 3)[0], len(interpolated(["#000000", "#ffffff"], 3))
    ('#000000', 3)
    """
    if count == len(colours):
        return tuple(colours)
    anchors = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours]) ** 2.2
    at = np.linspace(0, len(colours) - 1, count)
    mixed = [np.interp(at, np.arange(len(colours)), anchors[:, band]) for band in range(3)]
    levels = np.rint(np.clip(np.stack(mixed, axis=1), 0, 1) ** (1 / 2.2) * 255).astype(int)
    return tuple("#" + "".join(f"{level:02x}" for level in row) for row in levels)


def _file() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("legends.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _check(overrides: Overrides, shipped: dict[str, Any], palette: str) -> None:
    faults = Faults()
    if palette not in shipped["palettes"]:
        cure = did_you_mean(palette, shipped["palettes"])
        faults.error("legend.palette", f'There is no palette "{palette}".', cure)
    keys = {field.name for field in fields(Legend)} - {"name"}
    for name, given in overrides.items():
        if name not in shipped["layers"]:
            cure = did_you_mean(name, shipped["layers"])
            faults.error("legend.layer", f'There is no layer "{name}".', cure)
        for key in given:
            if key not in keys:
                cure = did_you_mean(key, keys)
                faults.error("legend.key", f'Legend "{name}" has no key "{key}".', cure)
        edges = list(given.get("edges", []))
        if edges != sorted(set(edges)):
            faults.error(
                "legend.edges",
                f'The edges of legend "{name}" are {edges}.',
                "Class edges must rise.",
            )
    faults.raise_errors()


def _legend(name: str, given: Mapping[str, Any], palette: str) -> Legend:
    edges = tuple(float(edge) for edge in given["edges"])
    named = str(given.get("palette", "" if "colours" in given else palette))
    colours = tuple(given.get("colours") or palettes()[named])
    if given.get("kind", "classes") == "classes":
        colours = interpolated(colours, len(edges) + 1)
    labels = tuple(given.get("labels", ()))
    if len(labels) != len(edges) + 1:
        labels = _labels(edges)
    made = {"edges": edges, "colours": colours, "palette": named, "labels": labels}
    try:
        return Legend(name=name, **{**given, **made})
    except TypeError as fault:  # a shipped layer without one of its keys
        raise InputError(f'legends.toml: layer "{name}": {fault}') from fault


def _labels(edges: tuple[float, ...]) -> tuple[str, ...]:
    if not edges:
        return ()
    texts = [f"{edge:,g}".replace("-", "−") for edge in edges]
    inner = [f"{low} to {high}" for low, high in itertools.pairwise(texts)]
    return (f"below {texts[0]}", *inner, f"{texts[-1]} or more")
