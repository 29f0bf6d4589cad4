"""What the steps of one project share: settings, paths, and results loaded on first touch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, InputError
from cellwright.project.settings import Settings

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

    from cellwright.geo import Area, AreaInputs
    from cellwright.network import Carrier, SiteFile
    from cellwright.propagation import Tuning


class Work:
    """Settings, paths and results of one project, handed to every step.

    A step keeps its results here by room and writes them to its folder; a later step finds them
    here, or has them read from the folder when an earlier run made them.

    Attributes
    ----------
    folder, results, report_path : Path
        The project, its results, its page.
    settings : Settings
        ``project.toml``.
    files : dict
        Input files by layer.

    ``load(work, room)`` reads a step's results from its folder; the project gives it, so that
    the steps know this class and not the reverse.
    """

    def __init__(
        self,
        folder: Path,
        results: Path,
        report_path: Path,
        settings: Settings,
        files: dict[str, Path],
        load: Callable[[Work, str], dict[str, Any]],
    ) -> None:
        self.folder, self.results, self.report_path = folder, results, report_path
        self.settings, self.files = settings, files
        self._load = load
        self._kept: dict[str, dict[str, Any]] = {}

    def keep(self, room: str, **values: Any) -> None:
        """Keep a step's results in memory for the steps after it."""
        self._kept.setdefault(room, {}).update(values)

    def forget(self, room: str) -> None:
        """Drop a step's results from memory, before they are made anew."""
        self._kept.pop(room, None)

    def has(self, room: str, name: str) -> bool:
        """Tell whether a result is in memory."""
        return name in self._kept.get(room, {})

    def get(self, room: str, name: str) -> Any:
        """Return a step's result from memory, or read it from the step's folder."""
        if not self.has(room, name):
            self.keep(room, **self._load(self, room))
        return self._kept[room][name]

    # -- inputs -------------------------------------------------------------------------------

    @cached_property
    def carriers(self) -> dict[str, Carrier]:
        """The carriers ``nr`` and ``lte``; antenna files are looked for from the project."""
        from cellwright.network import carriers_from

        made = carriers_from(self.settings.carriers.model_dump(), file="project.toml")
        return {rat: self._with_antenna_files(carrier) for rat, carrier in made.items()}

    def _with_antenna_files(self, carrier: Carrier) -> Carrier:
        names = {carrier.antenna, *carrier.antennas.values()}
        paths = {name: str(self.antenna_path(name)) for name in names if Path(name).suffix}
        if not paths:
            return carrier
        antennas = {kind: paths.get(name, name) for kind, name in carrier.antennas.items()}
        named = paths.get(carrier.antenna, carrier.antenna)
        return carrier.changed(antenna=named, antennas=antennas)

    def antenna_path(self, name: str) -> Path:
        """Return where the antenna file of that name lies."""
        return self.folder / name

    @property
    def antenna_files(self) -> list[Path]:
        """The antenna files that the carriers in ``project.toml`` name, those that are there."""
        tables = self.settings.carriers.model_dump().values()
        named = [table.get("antennas") for table in tables]
        names = {str(table.get("antenna", "")) for table in tables}
        names |= {str(n) for kinds in named if isinstance(kinds, dict) for n in kinds.values()}
        paths = [self.antenna_path(name) for name in sorted(names) if Path(name).suffix]
        return [path for path in paths if path.is_file()]

    @property
    def tuning_files(self) -> dict[str, Path]:
        """The tunings that ``project.toml`` names, by carrier."""
        named = self.settings.coverage.tuning.items()
        return {rat: self.folder / name for rat, name in named if name}

    @cached_property
    def tunings(self) -> dict[str, Tuning]:
        """What measurements add to the path loss of each carrier that was tuned."""
        from cellwright.propagation import read_tuning

        return {rat: read_tuning(path) for rat, path in self.tuning_files.items()}

    @property
    def supply_files(self) -> dict[str, Path]:
        """The files that ``[supply]`` names, by what they hold."""
        return {name: self.folder / path for name, path in self.settings.supply.files.items()}

    @cached_property
    def catalogue(self) -> pd.DataFrame:
        """The equipment catalogue: the shipped one, extended by the user's."""
        from cellwright import network

        own = [self.files["equipment"]] if "equipment" in self.files else []
        return network.catalogue(*own)

    @cached_property
    def area_inputs(self) -> AreaInputs:
        """Files and rules of the map."""
        from cellwright.geo import ROLES, AreaInputs, Source

        layers: dict[str, Any] = {
            role: Source(self.folder / layer.file, **layer.model_dump(exclude={"file"}))
            for role, layer in self.settings.inputs.layers.items()
            if role in ROLES
        }
        rules = self.settings.area.model_dump(exclude={"outdoor_height_m"})
        return AreaInputs(**layers, name=self.settings.project.name, **rules)

    def read_sites(self, area: Area | None, crs: Any = None) -> SiteFile:
        """Read the user's sites as ``project.toml`` says, onto the map or, without one, to a CRS.

        Parameters
        ----------
        area : Area or None
            The map.
        crs : anything pyproj reads, optional
            Projected CRS, where there is no map.
        """
        from cellwright import network

        layer = self.settings.inputs.sites
        if layer is None:
            raise InputError("the project names no sites.")
        return network.read_sites(
            self.folder / layer.file,
            crs,
            area=area,
            mapping=layer.columns or None,
            layer=layer.layer,
            source_crs=layer.crs,
            encoding=layer.encoding,
        )

    def check(self) -> Faults:
        """Look at every input: files, map, sites, carriers, equipment; collect all faults."""
        from cellwright.project.check import check

        return check(self)

    # -- results ------------------------------------------------------------------------------

    @property
    def area(self) -> Area:
        """The map."""
        area: Area = self.get("geo", "area")
        return area

    @property
    def receivers(self) -> xr.Dataset:
        """Where phones can be."""
        if not self.has("geo", "receivers"):
            from cellwright.geo import receivers

            height_m = self.settings.area.outdoor_height_m
            self.keep("geo", receivers=receivers(self.area, height_m=height_m))
        made: xr.Dataset = self.get("geo", "receivers")
        return made

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """The chosen sites."""
        return self.get("planning", "sites")

    @property
    def cells(self) -> pd.DataFrame:
        """The planned cells of both carriers."""
        cells: pd.DataFrame = self.get("planning", "cells")
        return cells

    def cells_on(self, rat: str) -> pd.DataFrame:
        """The planned cells of one carrier, index from 0."""
        mine = self.cells[self.cells["carrier"] == self.carriers[rat].name]
        return mine.reset_index(drop=True)
