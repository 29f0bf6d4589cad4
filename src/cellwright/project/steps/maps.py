"""The map: inputs to one projected grid, kept in ``results/geo``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellwright.compute import Progress
from cellwright.project import store
from cellwright.project.work import Work


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Read the district's files and keep the map."""
    from cellwright import geo

    area = geo.load_area(work.area_inputs, progress=progress)
    for name in ("buildings", "streets"):
        store.write_shapes(folder / f"{name}.gpkg", getattr(area, name), name)
    for name in ("surface", "pixels"):
        store.write_dataset(folder / f"{name}.nc", getattr(area, name))
    area.assumptions.to_csv(folder / "assumptions.csv", index=False)
    about = {
        "name": area.name,
        "crs": area.crs,
        "boundary_wkt": area.boundary.wkt,
        "attributions": area.attributions,
    }
    store.write_json(folder / "area.json", about)
    work.keep("geo", area=area)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the map back."""
    import pandas as pd
    import shapely

    from cellwright import geo

    about = store.read_json(folder / "area.json")
    area = geo.Area(
        name=about["name"],
        crs=about["crs"],
        boundary=shapely.from_wkt(about["boundary_wkt"]),
        attributions=tuple(about["attributions"]),
        assumptions=pd.read_csv(folder / "assumptions.csv"),
        **{name: store.read_shapes(folder / f"{name}.gpkg") for name in ("buildings", "streets")},
        **{name: store.read_dataset(folder / f"{name}.nc") for name in ("surface", "pixels")},
    )
    return {"area": area}
