"""Districts that come with Cellwright, and the small file that describes one."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import InputError, did_you_mean
from .inputs import ROLES, AreaInputs, Source

_FILE = "district.toml"


def _folder() -> Path:
    return Path(str(resources.files("cellwright"))) / "districts"


def shipped_districts() -> tuple[str, ...]:
    """Return the names of the districts that come with Cellwright.

    Examples
    --------
    >>> shipped_districts()
    ('nantes',)
    """
    return tuple(sorted(item.parent.name for item in _folder().glob(f"*/{_FILE}")))


def shipped_district(name: str) -> Path:
    """Return the folder of a shipped district: its ``district.toml`` and data files.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in shipped_districts():
        raise InputError(f'no district "{name}". {did_you_mean(name, shipped_districts())}')
    return _folder() / name


def read_district(folder: Path | str, **settings: Any) -> AreaInputs:
    """Return the inputs a folder's ``district.toml`` describes.

    Parameters
    ----------
    folder : Path
        Folder with ``district.toml``; the files it names are beside it.
    **settings
        Fields of :class:`AreaInputs` that overrule it, such as ``pixel_m``.

    Examples
    --------
    >>> read_district(shipped_district("nantes")).crs
    'EPSG:2154'
    """
    folder = Path(folder)
    described = tomllib.loads((folder / _FILE).read_text(encoding="utf-8"))
    layers = {
        role: Source(
            path=folder / described[role]["file"],
            layer=described[role].get("layer"),
            columns=described[role].get("columns", {}),
            attribution=described[role].get("attribution", ""),
        )
        for role in ROLES
        if role in described
    }
    common: dict[str, Any] = {"name": described["name"], "crs": described["crs"]}
    fields: dict[str, Any] = common | dict(layers.items()) | settings
    return AreaInputs(**fields)
