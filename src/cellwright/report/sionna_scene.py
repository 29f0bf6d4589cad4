"""The district as a scene for Sionna RT: Mitsuba 3 XML (scene format 2.1.0) with binary PLY meshes.

Nothing of Sionna is needed to write it; materials go by the names Sionna gives to those of
ITU-R P.2040-3, Table 3.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import numpy as np

from cellwright.errors import InputError, did_you_mean
from cellwright.files import write_bytes

if TYPE_CHECKING:
    from cellwright.geo import Area, Mesh

SCENE, PLACE = "scene.xml", "scene.json"
#: ITU-R P.2040-3 materials by Sionna's names, and the colour they are drawn in.
MATERIALS: Mapping[str, str] = {
    "itu_concrete": "0.54 0.54 0.54",
    "itu_brick": "0.55 0.27 0.20",
    "itu_plasterboard": "0.87 0.84 0.78",
    "itu_wood": "0.52 0.37 0.22",
    "itu_glass": "0.45 0.62 0.70",
    "itu_marble": "0.80 0.76 0.70",
    "itu_metal": "0.62 0.64 0.68",
    "itu_asphalt_concrete": "0.25 0.25 0.26",
    "itu_very_dry_ground": "0.66 0.58 0.42",
    "itu_medium_dry_ground": "0.45 0.40 0.30",
    "itu_wet_ground": "0.30 0.32 0.24",
}
WALLS, GROUND = "itu_concrete", "itu_medium_dry_ground"


def write_scene(
    area: Area,
    folder: Path | str,
    *,
    step_m: float | None = None,
    ground: str = GROUND,
    walls: str | Mapping[str, str] = WALLS,
) -> Path:
    """Write a district as a scene that Sionna RT and Mitsuba 3 open.

    Parameters
    ----------
    area : Area
        The district: its ground, and each building with a flat roof.
    folder : Path or str
        Folder to write to; made where needed.
    step_m : float, optional
        Side of the ground's squares [m]; default the pixel of the result grid.
    ground : str
        Material of the ground, a name of `MATERIALS`. The ground materials are defined from 1 to
        10 GHz, concrete from 1 to 100 GHz.
    walls : str or mapping of str to str
        Material of every building, or by its use; a use that is not there is of `WALLS`.

    Returns
    -------
    Path
        The scene, ``scene.xml``; beside it ``meshes/*.ply``, one for each material, and
        ``scene.json`` with CRS and origin. Equal input gives equal bytes.

    Raises
    ------
    InputError
        Unknown material; step of 0 m or less.
    """
    from cellwright.geo import building_mesh, ground_mesh

    folder = Path(folder)
    by_use = {} if isinstance(walls, str) else dict(walls)
    plain = walls if isinstance(walls, str) else WALLS
    for name in (ground, plain, *by_use.values()):
        if name not in MATERIALS:
            raise InputError(f'material "{name}". {did_you_mean(name, MATERIALS)}')
    sheet, origin = ground_mesh(area, step_m), _origin(area)
    meshes = {"terrain": (ground, sheet)}
    built = building_mesh(area) if len(area.buildings) else None
    if built is not None:
        material = area.buildings["use"].map(by_use).fillna(plain).to_numpy(dtype=str)
        for name in sorted(set(material)):
            part = _of(built, material[built.owner] == name)
            meshes[f"buildings-{name}"] = (name, part)
    shift = (-origin["x_m"], -origin["y_m"], -origin["amsl_m"])
    for stem, (_, mesh) in meshes.items():
        write_bytes(folder / "meshes" / f"{stem}.ply", ply(mesh.moved(*shift)))
    about = _about(area, origin, step_m, {stem: name for stem, (name, _) in meshes.items()})
    write_bytes(folder / PLACE, about)
    return write_bytes(folder / SCENE, _xml({stem: name for stem, (name, _) in meshes.items()}))


def ply(mesh: Mesh) -> bytes:
    """Return a mesh as a binary PLY file: float32 corners, triangles."""
    head = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(mesh.vertices)}\n"
        "property float x\nproperty float y\nproperty float z\n"
        f"element face {len(mesh.faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    faces = np.empty(len(mesh.faces), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, mesh.faces
    return head.encode("ascii") + mesh.vertices.astype("<f4").tobytes() + faces.tobytes()


def _of(mesh: Mesh, faces: Any) -> Mesh:
    """Return some faces of a mesh and only the vertices they need."""
    from cellwright.geo import Mesh

    used, corner = np.unique(mesh.faces[faces], return_inverse=True)
    return Mesh(mesh.vertices[used], corner.reshape(-1, 3).astype(np.int32), mesh.owner[faces])


def _origin(area: Area) -> dict[str, float]:
    """Return the scene's zero in the district's CRS: the map's middle, below its ground [m]."""
    west, south, east, north = area.pixels.attrs["bounds"]
    lowest = float(area.surface["ground_amsl_m"].min())
    return {
        "x_m": float(round((west + east) / 2.0)),
        "y_m": float(round((south + north) / 2.0)),
        "amsl_m": float(math.floor(lowest)),
    }


def _about(
    area: Area, origin: dict[str, float], step_m: float | None, materials: dict[str, str]
) -> bytes:
    data = {
        "name": area.name,
        "crs": str(area.crs),
        "origin": origin,
        "ground_step_m": float(area.pixels.attrs["pixel_m"] if step_m is None else step_m),
        "buildings": len(area.buildings),
        "materials": materials,
        "attributions": list(area.attributions),
    }
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _xml(materials: dict[str, str]) -> bytes:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<scene version="2.1.0">']
    for name in sorted(set(materials.values())):
        lines += [
            f'  <bsdf type="twosided" id={quoteattr("mat-" + name)}>',
            '    <bsdf type="diffuse">',
            f'      <rgb name="reflectance" value="{MATERIALS[name]}"/>',
            "    </bsdf>",
            "  </bsdf>",
        ]
    for stem, name in materials.items():
        lines += [
            f'  <shape type="ply" id={quoteattr("mesh-" + stem)}>',
            f'    <string name="filename" value={quoteattr(f"meshes/{stem}.ply")}/>',
            '    <boolean name="face_normals" value="true"/>',
            f'    <ref name="bsdf" id={quoteattr("mat-" + name)}/>',
            "  </shape>",
        ]
    return ("\n".join([*lines, "</scene>"]) + "\n").encode()
