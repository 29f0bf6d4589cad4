"""The urban path in a made-up town: a map of the loss, and what the way around the corner gains."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cellwright.propagation import Model, urban_loss, urban_map, urban_paths
from scripts.figures.shelf import model_figure

_HALF_M, _STREET_M, _BLOCK_M, _GHZ = 300.0, 16.0, 84.0, 3.5
_POLE = (3.0, -103.0, 9.0)


def _town() -> xr.Dataset:
    """Blocks of 84 m between streets of 16 m, 18 m high, one of them a square."""
    x = np.arange(-_HALF_M + 1.0, _HALF_M, 2.0)
    pitch = _STREET_M + _BLOCK_M
    inside = np.mod(x + _STREET_M / 2.0, pitch) >= _STREET_M
    number = np.floor((x + _STREET_M / 2.0) / pitch).astype(int) + 5
    built = inside & inside[::-1][:, None]
    built &= ~((number == 6) & (number[::-1][:, None] == 6))
    label = np.where(built, number + 20 * number[::-1][:, None], 0)
    layers = {
        "surface_amsl_m": np.where(built, 18.0, 0.0),
        "ground_amsl_m": np.zeros(built.shape),
        "building": label,
    }
    return xr.Dataset({n: (("y", "x"), v) for n, v in layers.items()}, {"x": x, "y": x[::-1]})


def _street_phones(town: xr.Dataset) -> xr.Dataset:
    x, y = np.meshgrid(town.x.to_numpy(), town.y.to_numpy())
    zero = np.zeros(x.size)
    columns = {"x_m": x.ravel(), "y_m": y.ravel(), "ground_amsl_m": zero, "height_m": zero + 1.5}
    columns["building"] = town["building"].to_numpy().ravel()
    return xr.Dataset({n: ("receiver", v) for n, v in columns.items()})


@model_figure("urban")
def maps(sheet: Figure, entry: Model) -> None:
    """Draw the loss over the roofs alone, and with the streets."""
    town = _town()
    ready = urban_map(town, _street_phones(town), rays_per_pixel=1.0)
    paths = urban_paths(ready, *_POLE, reach_m=900.0)
    built = town["building"].to_numpy() > 0
    panels = sheet.subplots(1, 2, sharey=True)
    for axes, title, lateral in zip(
        panels, ("over the roofs alone", "and around the buildings"), (False, True), strict=True
    ):
        loss, _ = urban_loss(ready, paths, *_POLE, _GHZ, reach_m=900.0, lateral_path=lateral)
        shown = np.where(built, np.nan, loss.reshape(built.shape))[::3, ::3]
        extent = (-_HALF_M, _HALF_M, -_HALF_M, _HALF_M)
        image = axes.imshow(shown, extent=extent, cmap="cividis_r", vmin=70.0, vmax=150.0)
        axes.plot(*_POLE[:2], marker="^", color="#d55e00", markersize=7, linestyle="none")
        axes.set(title=title, xlabel="East [m]")
        axes.set_facecolor("#d8d8d8")
    panels[0].set(ylabel="North [m]")
    sheet.colorbar(image, ax=panels, shrink=0.8, label="Loss, 3.5 GHz, pole of 9 m [dB]")
