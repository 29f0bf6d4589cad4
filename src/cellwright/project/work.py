"""What the steps of one project share: settings, paths, and results loaded on first touch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, InputError, shown_path
from cellwright.project.settings import Settings

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

    from cellwright.geo import Area, AreaInputs
    from cellwright.network import Carrier


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
    """

    def __init__(
        self,
        folder: Path,
        results: Path,
        report_path: Path,
        settings: Settings,
        files: dict[str, Path],
    ) -> None:
        self.folder, self.results, self.report_path = folder, results, report_path
        self.settings, self.files = settings, files
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
            from cellwright.project.steps import step

            self.keep(room, **step(room).load(self, self.results / room))
        return self._kept[room][name]

    # -- inputs -------------------------------------------------------------------------------

    @cached_property
    def carriers(self) -> dict[str, Carrier]:
        """The carriers ``nr`` and ``lte``."""
        from cellwright.network import carriers_from

        return carriers_from(self.settings.carriers.model_dump(), file="project.toml")

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

    @property
    def site_columns(self) -> dict[str, str] | None:
        """Our column names to those of the user's site file."""
        layer = self.settings.inputs.sites
        return layer.columns if layer and layer.columns else None

    def missing_files(self, faults: Faults) -> None:
        """Note every input file that is named but not there."""
        for layer, path in self.files.items():
            if not path.is_file():
                faults.error(
                    "inputs.missing",
                    f'inputs.{layer} names "{shown_path(path)}", which is not there.',
                    "Put the file there, or change the name.",
                    file="project.toml",
                )

    def check(self) -> Faults:
        """Look at every input: files, map, sites, carriers, equipment; collect all faults."""
        faults = Faults()
        self.missing_files(faults)
        _adopt(lambda: self.carriers, faults)
        if "equipment" in self.files and self.files["equipment"].is_file():
            _adopt(lambda: self.catalogue, faults)
        if not any(fault.code == "inputs.missing" for fault in faults):
            from cellwright import geo

            faults.extend(geo.check_area(self.area_inputs))
        if not faults.errors and "sites" in self.files:
            self._check_sites(faults)
        return faults

    def _check_sites(self, faults: Faults) -> None:
        """Check the user's sites against the map, which had to be right first."""
        from cellwright import geo, network

        area, columns = geo.load_area(self.area_inputs), self.site_columns
        faults.extend(network.read_sites(self.files["sites"], area=area, mapping=columns).faults)

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


def _adopt(read: Callable[[], object], faults: Faults) -> None:
    """Read something, taking over its faults instead of raising."""
    try:
        read()
    except InputError as error:
        if error.faults:
            faults.extend(error.faults)
        else:
            faults.error("project.value", str(error), file="project.toml")
