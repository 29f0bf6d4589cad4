"""The project's district in other tools: as a scene, and its map beside a ray tracer's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import InputError, did_you_mean
from cellwright.project.project import Project

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

TOOLS = ("sionna",)
MAPS = {
    "ours_db": "path loss, our model",
    "traced_db": "path loss, ray tracing",
    "difference_db": "ray tracing less our model",
}
#: Sionna defines ground materials up to this frequency only [GHz]; above it the ground is concrete.
_GROUND_UP_TO_GHZ = 10.0


@dataclass(frozen=True, eq=False)
class Crosscheck:
    """What a ray tracer says beside our map.

    Attributes
    ----------
    table : DataFrame
        Columns ``coverage.CROSSCHECK_COLUMNS``.
    site : str
        The site looked at.
    seconds : float
        What the tracer took [s].
    lifted_m : float
        By how much the antenna was raised to clear its building's flat roof [m].
    files : dict of str to Path
        Table, maps and scene that were written.
    """

    table: pd.DataFrame
    site: str
    seconds: float
    lifted_m: float
    files: dict[str, Path]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for ``--json``."""
        return {
            "site": self.site,
            "seconds": self.seconds,
            "lifted_m": self.lifted_m,
            "files": self.files,
            "table": self.table.to_dict("records"),
        }


def export(project: Project, to: str, folder: Path | None = None) -> Path:
    """Write the district for another tool.

    Parameters
    ----------
    project : Project
        Its map is made first where it is missing or stale.
    to : {"sionna"}
        The tool.
    folder : Path, optional
        Default ``exports/<tool>`` in the project.

    Returns
    -------
    Path
        The file the tool opens.
    """
    if to not in TOOLS:
        raise InputError(f'no export to "{to}". {did_you_mean(to, TOOLS)}')
    from cellwright import report

    area = project.area
    return report.write_scene(area, folder or project.folder / "exports" / to)


def crosscheck(
    project: Project, cell: str | None = None, *, rat: str = "nr", seconds: float = 10.0
) -> Crosscheck:
    """Trace rays from one planned site and lay the path loss beside ours.

    Parameters
    ----------
    project : Project
        Planned first where it is not.
    cell : str, optional
        A planned cell, or a site; default the first site. Antennas are isotropic on both sides,
        so all cells of a site share one map.
    rat : {"nr", "lte"}
        Whose carrier.
    seconds : float
        Time for the tracer [s].

    Returns
    -------
    Crosscheck
        Its files lie in ``exports/crosscheck`` of the project.

    Raises
    ------
    MissingEngineError
        Sionna RT is not installed.
    InputError
        Unknown cell or carrier.
    """
    from cellwright import coverage, report

    coverage.ray_engine()  # told before a long run, not after it
    if rat not in project.carriers:
        raise InputError(f'no carrier "{rat}". {did_you_mean(rat, project.carriers)}')
    area, carrier, work = project.area, project.carriers[rat], project.work
    sites = _site_of(project.sites, project.cells, cell)
    folder = project.folder / "exports" / "crosscheck"
    ground = "itu_concrete" if carrier.frequency_ghz > _GROUND_UP_TO_GHZ else report.GROUND
    scene = report.write_scene(area, folder / "scene", ground=ground)
    height_m = work.settings.area.outdoor_height_m
    traced = coverage.ray_traced(scene, area, sites, carrier, height_m=height_m, seconds=seconds)
    settings = work.settings.coverage
    loss = coverage.path_loss(
        area, sites, carrier, work.receivers, entry=settings.entry_loss, reach_m=settings.reach_m
    )
    table, maps = coverage.crosscheck(loss, traced, work.receivers, sites)
    files = {"scene": scene} | _write(folder, table, maps.isel(site=0), str(area.crs))
    took, lifted = float(traced["seconds"][0]), float(traced["lifted_m"][0])
    return Crosscheck(table, str(sites["site_id"].iloc[0]), took, lifted, files)


def _site_of(sites: gpd.GeoDataFrame, cells: pd.DataFrame, cell: str | None) -> gpd.GeoDataFrame:
    """Return the one site of a cell, or of a site's own name."""
    if cell is None:
        return sites.iloc[:1].reset_index(drop=True)
    homes = dict(zip(cells["cell_id"], cells["site_id"], strict=True))
    name = homes.get(cell, cell)
    found = sites[sites["site_id"] == name]
    if found.empty:
        raise InputError(f'no planned cell "{cell}". {did_you_mean(cell, homes)}')
    return found.reset_index(drop=True)


def _write(folder: Path, table: pd.DataFrame, maps: xr.Dataset, crs: str) -> dict[str, Path]:
    from cellwright import report

    files = {
        name: report.write_cog(
            folder / f"{name}.tif", maps[name], crs=crs, unit="dB", description=words
        )
        for name, words in MAPS.items()
    }
    files["table"] = folder / "crosscheck.csv"
    report.write_bytes(files["table"], table.to_csv(index=False).encode())
    return files
