"""Path gain by ray tracing with Sionna RT, where it is installed: a second opinion on the map.

Rays leave an isotropic antenna, are mirrored by walls, roofs and ground, and bent once over edges;
none goes through walls. What they bring to each pixel is summed as power.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.compute import Progress
from cellwright.errors import InputError, MissingEngineError, shown_path
from cellwright.geo import Area, Mesh, building_levels, ground_mesh

if TYPE_CHECKING:
    import geopandas as gpd

    from cellwright.network import Carrier

CURE = 'Install it: pip install "cellwright[sionna]"'
#: An antenna must stand at least this high above the flat roof of its building [m].
_CLEAR_M = 0.5
#: Rays bent over edges are caught on this many level planes, of which each pixel takes the lowest
#: that lies `_LOWEST_M` or more above its ground [m].
_PLANES, _LOWEST_M = 5, 1.0
#: Rays start on a lattice that depends only on their number, so each round has a few more.
_MORE = 7919
#: Older compilers abort the whole process on a CPU with AVX-512.
_OLDEST_LLVM = 16


def ray_traced(
    scene: Path | str,
    area: Area,
    sites: gpd.GeoDataFrame,
    carrier: Carrier,
    *,
    height_m: float = 1.5,
    seconds: float = 10.0,
    rounds: int | None = None,
    samples: int = 2_000_000,
    bounces: int = 5,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Path gain between isotropic antennas from every site to every pixel of the result grid.

    Parameters
    ----------
    scene : Path or str
        ``scene.xml`` as ``report.write_scene`` writes it with its default step.
    area : Area
        The district the scene was written from.
    sites : GeoDataFrame
        Table of sites (``network.SITE_COLUMNS``).
    carrier : Carrier
        Gives the frequency.
    height_m : float
        Height of the phone above ground [m].
    seconds : float
        Rounds are begun for so long at each site [s]; the first ones also compile.
    rounds : int, optional
        Rounds at each site instead of seconds: equal rounds give equal results.
    samples : int
        Mirrored rays of one round; a quarter as many are bent at each plane.
    bounces : int
        Most reflections of a ray.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dims ``site, y, x``: ``path_gain_db`` (float32), NaN where no ray came. Dims ``site, way``:
        ``rounds`` of mirrored and of bent rays. Dim ``site``: ``seconds`` [s], ``lifted_m`` (by
        how much an antenna was raised to clear the flat roof of its building [m]).

    Raises
    ------
    MissingEngineError
        Sionna RT is not installed or does not start.
    InputError
        The scene is not of this area; its materials are not defined at this frequency.

    Notes
    -----
    Reflected and direct rays are caught on the ground's own triangles raised by ``height_m``. Rays
    bent over an edge are caught on level planes 1 m above ground or more, since Sionna RT 2.2
    loses them on a surface of triangles. Its bending is of first order: over one edge, from an
    antenna that sees the edge, without a reflection before or after.

    References
    ----------
    ITU-R P.2040-3 clause 2.1.4 (materials). Aït Aoudia et al., "Sionna RT: Technical Report",
    arXiv:2504.21719, section 4 (radio maps).
    """
    about = _scene_of(Path(scene), area)
    rt = ray_engine()
    if not samples > 0 or not (rounds is None or rounds > 0):
        raise InputError("samples and rounds must be 1 or more.")
    tracer = _Tracer(rt, Path(scene), area, about["origin"], height_m, carrier.frequency_ghz)
    places, lifted = _antennas(area, sites)
    gains, spent, done = [], [], []
    for number, place in enumerate(places):
        gain, count, used = tracer.gain(place, seconds, rounds, samples, bounces)
        gains.append(gain)
        done.append(count)
        spent.append(used)
        if progress is not None:
            progress((number + 1) / len(places))
    return _dataset(area, sites, gains, {"seconds": spent, "rounds": done, "lifted_m": lifted})


class _Tracer:
    """A loaded scene and the surface that catches its rays; one transmitter at a time."""

    def __init__(
        self,
        rt: Any,
        scene: Path,
        area: Area,
        origin: dict[str, float],
        height_m: float,
        frequency_ghz: float,
    ) -> None:
        self._rt, self._solver = rt, rt.RadioMapSolver()
        self._scene = rt.load_scene(str(scene))
        try:
            self._scene.frequency = frequency_ghz * 1e9
        except ValueError as error:
            raise InputError(
                f"the scene's materials are not defined at {frequency_ghz:g} GHz ({error}). "
                "Ground materials hold from 1 to 10 GHz, concrete from 1 to 100 GHz."
            ) from error
        array = rt.PlanarArray(num_rows=1, num_cols=1, pattern="iso", polarization="V")
        self._scene.tx_array = self._scene.rx_array = array
        self._origin = np.array([origin["x_m"], origin["y_m"], origin["amsl_m"]])
        ground = ground_mesh(area)
        self._surface = _catching(ground.moved(*(np.array([0, 0, height_m]) - self._origin)))
        self.shape = (area.pixels.sizes["y"], area.pixels.sizes["x"])
        self._bounds = area.pixels.attrs["bounds"]
        self._pixel_m = float(area.pixels.attrs["pixel_m"])
        self._levels, self._level = _levels(area)

    def gain(
        self,
        place: NDArray[np.float64],
        seconds: float,
        rounds: int | None,
        samples: int,
        bounces: int,
    ) -> tuple[NDArray[np.float64], tuple[int, int], float]:
        """Return the linear path gain [y, x], rounds of mirrored and of bent rays, time [s]."""
        sums, counts, used = np.zeros((2, *self.shape)), [0, 0], [0.0, 0.0]
        while _goes_on(counts, used, seconds, rounds):
            start = time.perf_counter()
            way = used.index(min(used)) if rounds is None else counts.index(min(counts))
            counts[way] += 1
            if way == 0:
                sums[0] += self.reflected(place, samples + _MORE * counts[0], bounces)
            else:
                sums[1] += self.bent(place, max(samples // 4, 1), seed=counts[1])
            used[way] += time.perf_counter() - start
        gain: NDArray[np.float64] = sums[0] / counts[0] + sums[1] / counts[1]
        return gain, (counts[0], counts[1]), sum(used)

    def reflected(self, place: NDArray[np.float64], samples: int, bounces: int) -> Any:
        """Return the linear path gain of direct and mirrored rays [y, x]."""
        found = self._solve(
            place, samples, measurement_surface=self._surface, max_depth=bounces, diffraction=False
        )
        return found.reshape(*self.shape, 2).mean(axis=-1)

    def bent(self, place: NDArray[np.float64], samples: int, seed: int) -> Any:
        """Return the linear path gain of rays bent once over an edge [y, x]."""
        west, south, east, north = self._bounds
        middle = np.array([(west + east) / 2.0, (south + north) / 2.0, 0.0]) - self._origin
        gain = np.zeros(self.shape)
        for number, level in enumerate(self._levels):
            found = self._solve(
                place,
                samples,
                center=[float(middle[0]), float(middle[1]), float(middle[2] + level)],
                orientation=[0.0, 0.0, 0.0],
                size=[east - west, north - south],
                cell_size=[self._pixel_m, self._pixel_m],
                max_depth=1,
                los=False,
                specular_reflection=False,
                diffraction=True,
                seed=seed,
            )
            here = self._level == number
            gain[here] = found[::-1][here]
        return gain

    def _solve(self, place: NDArray[np.float64], samples: int, **how: Any) -> Any:
        local = [float(value) for value in place - self._origin]
        self._scene.add(self._rt.Transmitter("antenna", position=local))
        try:
            made = self._solver(self._scene, samples_per_tx=samples, refraction=False, **how)
            return np.asarray(made.path_gain.numpy(), dtype=np.float64)[0]
        finally:
            self._scene.remove("antenna")


def _scene_of(scene: Path, area: Area) -> dict[str, Any]:
    """Return what ``scene.json`` says, after a look at whether it is this area's."""
    path = scene.with_suffix(".json")
    if not (scene.is_file() and path.is_file()):
        raise InputError(
            f"{shown_path(scene)} is not a scene Cellwright wrote: it needs scene.json beside it."
        )
    about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    pixel = float(area.pixels.attrs["pixel_m"])
    same = about["crs"] == str(area.crs) and about["buildings"] == len(area.buildings)
    if not same or not math.isclose(about["ground_step_m"], pixel):
        raise InputError(
            f"{shown_path(scene)} is of another district, or its ground's step is not the pixel of "
            f"{pixel:g} m. Write the scene anew from this one."
        )
    return about


def ray_engine() -> Any:
    """Load Sionna RT; on a CPU it needs LLVM as a shared library."""
    try:
        import sionna.rt as rt
    except ImportError as error:
        raise MissingEngineError(f"Ray tracing needs Sionna RT ({error}). {CURE}") from error
    except Exception as error:  # without a graphics card it stops where it finds no LLVM
        raise MissingEngineError(
            f"Sionna RT does not start: {error} On a CPU it needs LLVM {_OLDEST_LLVM} or newer; "
            "name its library in DRJIT_LIBLLVM_PATH."
        ) from error
    _check_compiler()
    return rt


def _check_compiler() -> None:
    import drjit
    import mitsuba

    if not mitsuba.variant().startswith("llvm"):
        return
    version = tuple(drjit.detail.llvm_version())
    if version[0] < _OLDEST_LLVM:
        words = ".".join(str(part) for part in version)
        raise MissingEngineError(
            f"Sionna RT found LLVM {words}, which cannot compile it on every CPU. Install LLVM "
            f"{_OLDEST_LLVM} or newer and name its library in DRJIT_LIBLLVM_PATH."
        )


def _catching(mesh: Mesh) -> Any:
    """Return a mesh as Mitsuba's."""
    import mitsuba as mi

    made = mi.Mesh("receivers", len(mesh.vertices), len(mesh.faces))
    parts = mi.traverse(made)
    parts["vertex_positions"] = mi.Float(mesh.vertices.astype(np.float32).ravel())
    parts["faces"] = mi.UInt(mesh.faces.astype(np.uint32).ravel())
    parts.update()
    return made


def _levels(area: Area) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return planes above sea level [m] and the number of each pixel's plane [y, x]."""
    wanted = area.pixels["ground_amsl_m"].to_numpy().astype(np.float64) + _LOWEST_M
    low, high = float(wanted.min()), float(wanted.max())
    planes = low + np.arange(1, _PLANES + 1) * max((high - low) / _PLANES, 0.5)
    number = np.minimum(np.searchsorted(planes, wanted), _PLANES - 1)
    used, compact = np.unique(number, return_inverse=True)
    return planes[used], compact.reshape(wanted.shape)


def _antennas(
    area: Area, sites: gpd.GeoDataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each antenna's place, east, north, above sea level [m], and how far it was raised."""
    given = sites["antenna_amsl_m"].to_numpy(dtype=float)
    roofs = np.append(-np.inf, building_levels(area)[1] + _CLEAR_M)
    own = np.where(sites["kind"] == "rooftop", sites["building"], 0).astype(np.intp)
    height = np.maximum(given, roofs[own])
    return np.column_stack([sites.geometry.x, sites.geometry.y, height]), height - given


def _goes_on(counts: list[int], used: list[float], seconds: float, rounds: int | None) -> bool:
    """Tell whether another round is wanted: at least one of each way, then by count or time.

    Examples
    --------
    >>> _goes_on([1, 0], [9.0, 0.0], 1.0, None), _goes_on([3, 3], [0.0, 0.0], 1.0, 3)
    (True, False)
    """
    if rounds is not None:
        return min(counts) < rounds
    return min(counts) == 0 or sum(used) < seconds


def _dataset(
    area: Area, sites: gpd.GeoDataFrame, gains: list[Any], columns: dict[str, Any]
) -> xr.Dataset:
    rounds = np.array(columns.pop("rounds")).reshape(-1, 2)
    linear = np.array(gains).reshape(-1, area.pixels.sizes["y"], area.pixels.sizes["x"])
    with np.errstate(divide="ignore"):
        levels = np.where(linear > 0.0, 10.0 * np.log10(linear), np.nan).astype(np.float32)
    return xr.Dataset(
        {
            "path_gain_db": (("site", "y", "x"), levels, {"units": "dB"}),
            "rounds": (("site", "way"), rounds),
        }
        | {name: ("site", np.asarray(values)) for name, values in columns.items()},
        coords={
            "site": sites["site_id"].to_numpy(dtype=object),
            "way": ["mirrored", "bent"],
            "y": area.pixels["y"].to_numpy(),
            "x": area.pixels["x"].to_numpy(),
        },
        attrs={"crs": str(area.crs)},
    )
