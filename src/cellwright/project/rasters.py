"""Results per receiver laid out as maps, and those maps written as COGs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cellwright.compute import threads

if TYPE_CHECKING:
    import xarray as xr


def place_maps(
    results: xr.Dataset, receivers: xr.Dataset, rat: str, layers: Iterable[str]
) -> xr.Dataset:
    """Lay results per receiver out as maps ``<rat>_<layer>_<place>``.

    Parameters
    ----------
    results : Dataset, dim ``receiver``
        One variable per layer.
    receivers : Dataset
        ``geo.receivers`` they belong to.
    rat : str
        ``nr``, ``lte`` or ``ratio``.
    layers : iterable of str
        Variables to take.

    Returns
    -------
    Dataset, dims ``y, x``
        NaN where no receiver of that place is.
    """
    import xarray as xr

    from cellwright import geo, report

    made = {}
    for layer in layers:
        for number, place in enumerate(report.PLACES):
            values = geo.to_map(results[layer].to_numpy(), receivers, number)
            made[f"{rat}_{layer}_{place}"] = values.astype("float32")
    return xr.Dataset(made)


def write_maps(folder: Path, maps: xr.Dataset, crs: str) -> None:
    """Write every map as a COG named like its variable, with unit, description and classes."""
    from cellwright import report

    legends = report.legends()

    def write(variable: str) -> None:
        values = maps[variable]
        layer = variable.removesuffix(_place(variable)).partition("_")[2]
        title = f"{report.RATS[variable.partition('_')[0]]}: {legends[layer].title}"
        report.write_cog(
            folder / f"{variable}.tif", values, legends[layer], crs=crs, description=title
        )

    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(write, map(str, maps.data_vars)))


def _place(variable: str) -> str:
    from cellwright import report

    return next(f"_{place}" for place in report.PLACES if variable.endswith(f"_{place}"))
