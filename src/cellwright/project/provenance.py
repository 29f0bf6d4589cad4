"""Where results come from: hashes of inputs and settings, versions, seeds, seconds."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from cellwright.project.store import plain

#: Libraries whose version can change a number.
LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "xarray",
    "geopandas",
    "shapely",
    "pyproj",
    "rasterio",
    "pyogrio",
    "highspy",
)

#: Modules below all rooms.
GROUND = ("units", "errors", "files", "compute", "solver")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes (hex)."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def data_hash(data: Any) -> str:
    """SHA-256 of plain data: the same settings give the same hash whatever their order."""
    text = json.dumps(plain(data), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def code_hash(*rooms: str) -> str:
    """SHA-256 over the package's own sources, so that a changed formula makes results stale."""
    ground = [_sources_hash(f"{name}.py") for name in GROUND]
    return data_hash([*ground, *map(_sources_hash, rooms)])


@functools.cache
def _sources_hash(name: str) -> str:
    package = Path(__file__).resolve().parents[1]
    home = package / name
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*")) if home.is_dir() else [home]:
        if path.suffix in {".py", ".csv", ".toml", ".html"}:
            digest.update(str(path.relative_to(package)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def versions() -> dict[str, str]:
    """Version of Cellwright, Python, and each library that can change a number."""
    found = {"cellwright": _version("cellwright"), "python": platform.python_version()}
    return found | {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed as a package"


def input_hashes(folder: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Hash each input file; keys are the paths as the project writes them."""
    hashes = {}
    for path in files.values():
        for part in sorted(_with_companions(path)):
            inside = part.is_relative_to(folder)
            hashes[str(part.relative_to(folder) if inside else part)] = file_hash(part)
    return hashes


def _with_companions(path: Path) -> list[Path]:
    """Return a file and, for a Shapefile, the files that belong to it."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [part for part in path.parent.glob(f"{path.stem}.*") if part.is_file()]
