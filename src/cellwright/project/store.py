"""The results folder: written beside, then renamed, so that a killed run leaves whole results.

A step's folder ``results/<room>/`` is complete exactly when it holds ``made-from.json``; the new
folder takes the old one's place in two renames, and :func:`recover` finishes what a kill between
them left undone.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwright.errors import CellwrightError
from cellwright.files import write_bytes

if TYPE_CHECKING:
    import xarray as xr

MADE_FROM = "made-from.json"


class ProjectBusyError(CellwrightError):
    """Another run is writing this project's results."""


@contextlib.contextmanager
def locked(results: Path) -> Iterator[None]:
    """Hold the project's only writing place; a killed holder leaves no lock behind."""
    results.mkdir(parents=True, exist_ok=True)
    handle = (results / ".lock").open("w")
    try:
        _lock(handle)
        yield
    finally:
        handle.close()


def _lock(handle: Any) -> None:
    try:
        import fcntl
    except ImportError:  # no file locks on this system: the renames still keep results whole
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ProjectBusyError(
            "Another cellwright run is working in this project. Wait for it, or stop it first."
        ) from error


def recover_unless_busy(results: Path) -> None:
    """Do as :func:`recover`, but leave a folder alone in which another run is writing."""
    if results.is_dir():
        with contextlib.suppress(ProjectBusyError, OSError), locked(results):
            recover(results)


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of every file in a step's folder, by name, without its own record."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MADE_FROM)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(files)}


def recover(results: Path) -> None:
    """Put back what a kill between two renames left aside, and drop half-written folders."""
    for aside in results.glob(".*.old"):
        home = results / aside.name[1:-4]
        if home.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(home)
    for part in results.glob(".*.part"):
        shutil.rmtree(part)


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write in; it takes the place of ``folder`` only if nothing went wrong."""
    part, aside = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "old"))
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if folder.is_dir() and not any(folder.iterdir()):  # someone may be standing in it
        for item in sorted(part.iterdir(), key=lambda item: item.is_file()):
            item.rename(folder / item.name)
        part.rmdir()
        return
    if folder.exists():
        folder.rename(aside)
    part.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, data: Any) -> None:
    """Write JSON a person can read; numpy numbers become plain ones, NaN becomes null."""
    write_text(path, json.dumps(plain(data), indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is none or it is not whole."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError, json.JSONDecodeError):
        return None


def plain(data: Any) -> Any:
    """Turn numpy values, paths and tuples into what JSON knows; a day without hours is a day.

    Examples
    --------
    >>> plain({"first": datetime(2023, 1, 28), "last": float("nan")})
    {'first': '2023-01-28', 'last': None}
    """
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple, set, frozenset, np.ndarray)):
        return [plain(value) for value in data]
    if isinstance(data, np.generic):
        data = data.item()
    if isinstance(data, float) and not np.isfinite(data):
        return None
    if isinstance(data, datetime):  # of pandas also NaT, which is not itself
        return None if data != data else str(data).removesuffix(" 00:00:00")
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    return str(data)


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Keep a dataset as NetCDF (classic 64-bit form, which SciPy and GDAL both read).

    The classic form has neither booleans nor unsigned bytes; their dtype is kept in an attribute.
    """
    kept = dataset.copy()
    for name in [*kept.data_vars, *kept.coords]:
        array = kept[name]
        if array.dtype == bool or array.dtype == np.uint8:
            kept[name] = array.astype(np.int16).assign_attrs(array.attrs, kept_as=str(array.dtype))
        elif array.dtype == np.int64:
            kept[name] = array.astype(np.int32).assign_attrs(array.attrs, kept_as="int64")
        elif array.dtype == object:
            kept[name] = array.astype(str)
    kept.attrs = {
        key: (int(value) if isinstance(value, (bool, np.bool_)) else value)
        for key, value in kept.attrs.items()
        if value is not None
    }
    kept.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def read_dataset(path: Path) -> xr.Dataset:
    """Read what :func:`write_dataset` kept, dtypes included."""
    import xarray as xr

    with xr.open_dataset(path, engine="scipy", mask_and_scale=False) as opened:
        dataset = opened.load()
    for name in [*dataset.data_vars, *dataset.coords]:
        array = dataset[name]
        dtype = array.attrs.pop("kept_as", None)
        if dtype is not None:
            dataset[name] = array.astype(dtype)
        elif array.dtype.kind == "S":
            dataset[name] = array.astype(str)
        elif array.dtype.byteorder == ">":
            dataset[name] = array.astype(array.dtype.newbyteorder("="))
    return dataset


def write_shapes(path: Path, shapes: Any, layer: str) -> None:
    """Keep a GeoDataFrame as one layer of a GeoPackage."""
    shapes.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", index=False)


def read_shapes(path: Path) -> Any:
    """Read back what :func:`write_shapes` kept."""
    import geopandas as gpd

    return gpd.read_file(path, engine="pyogrio")
