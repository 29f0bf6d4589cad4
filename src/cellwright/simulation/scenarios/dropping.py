"""A drop of a scenario: users, sight, loss and coupling gain, TR 38.901 V19.4.0 clause 7.8.1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.compute import on_all_cores
from cellwright.errors import InputError
from cellwright.simulation.drop import Drop
from cellwright.simulation.scenarios import draws
from cellwright.simulation.scenarios.consistency import fields
from cellwright.simulation.scenarios.layout import Layout, hexagonal, office, own
from cellwright.simulation.scenarios.links import SITES_MOST, gain_rows_kernel, pair_kernel
from cellwright.simulation.scenarios.models import MODELS
from cellwright.simulation.scenarios.scenario import Scenario
from cellwright.simulation.scenarios.users import Users, drop_users

Array = NDArray[Any]
#: Pairs of site and user that are worth a second thread.
_WORTH_THREADS = 200_000


def layout_of(scenario: Scenario) -> Layout:
    """Return where a scenario's sites stand.

    Examples
    --------
    >>> from cellwright.simulation.scenarios import scenario
    >>> layout_of(scenario("uma-6ghz")).sites, layout_of(scenario("indoor-6ghz")).sites
    (19, 12)
    """
    if scenario.layout == "office":
        return office()
    if scenario.layout == "own":
        area = np.array(scenario.area_m) if scenario.area_m else None
        return own(np.array(scenario.site_m), area)
    return hexagonal(
        scenario.distance_m, scenario.rings, wrap=scenario.wrap, turn_deg=scenario.turn_deg
    )


def drop(scenario: Scenario, seed: int, *, users: int | None = None) -> Drop:
    """Drop users and draw what ties each to every site and cell.

    Parameters
    ----------
    scenario : Scenario
        What to drop.
    seed : int
        0 or more. The same seed gives the same users, sight, shadowing and walls whatever the
        antennas, tilts and powers are; so plans compare on common random numbers.
    users : int, optional
        In all; default: ``users_per_cell`` times the cells.

    Returns
    -------
    Drop
        Arrays [site, user] and [cell, user]; the cells of a site stand side by side.

    Raises
    ------
    InputError
        A negative seed, no users, or no place for them.

    Notes
    -----
    Sight, shadowing and entry are those of a site, shared by its sectors. The entry loss of a
    user is one for all sites. The results do not depend on the number of threads.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clauses 7.2 to 7.4 and 7.8.1.

    Examples
    --------
    >>> from cellwright.simulation.scenarios import scenario
    >>> drop(scenario("umi-6ghz"), seed=1).gain_db.shape
    (57, 570)
    """
    layout = layout_of(scenario)
    cells = layout.sites * len(scenario.azimuth_deg)
    count = scenario.users_per_cell * cells if users is None else users
    if seed < 0 or count < 1 or layout.sites > SITES_MOST:
        raise InputError(
            f"a drop of {count} users with seed {seed} cannot be made: at least 1 user and a "
            "seed of 0 or more are needed."
        )
    key = draws.keys(seed)
    people = drop_users(scenario, layout, count, key)
    pairs = _pairs(scenario, layout, people, key)
    cell_site = np.repeat(np.arange(layout.sites, dtype=np.int32), len(scenario.azimuth_deg))
    setting = np.empty((cells, 3))
    setting[:, 0] = np.tile(np.asarray(scenario.azimuth_deg, np.float64) % 360.0, layout.sites)
    setting[:, 1], setting[:, 2] = scenario.downtilt_deg, scenario.mechanical_tilt_deg
    gain = np.empty((cells, count), np.float32)
    distance, azimuth, zenith, towards, sight, loss, shadow = pairs
    column, user_gain = scenario.column.row(), float(scenario.user_gain_dbi)

    def fill(rows: tuple[int, int]) -> None:
        gain_rows_kernel(column, cell_site, setting, user_gain, loss, towards, *rows, gain)

    _in_parts(fill, cells, count, len(scenario.azimuth_deg))
    height = np.full((layout.sites, 1), float(scenario.base_height_m))
    return Drop(
        frequency_ghz=scenario.frequency_ghz,
        site_m=np.hstack([layout.site_m, height]),
        cell_site=cell_site,
        azimuth_deg=setting[:, 0].copy(),
        downtilt_deg=setting[:, 1] + setting[:, 2],
        user_m=people.place_m,
        indoor=people.indoor,
        in_car=people.in_car,
        indoor_m=people.indoor_m.astype(np.float32),
        distance_m=distance,
        departure_azimuth_deg=azimuth,
        departure_zenith_deg=zenith,
        sight=sight,
        loss_db=loss,
        shadow_db=shadow,
        gain_db=gain,
        seed=seed,
        user_gain_dbi=user_gain,
    )


def _pairs(scenario: Scenario, layout: Layout, people: Users, key: Array) -> tuple[Array, ...]:
    """Return distance, azimuth, zenith, direction, sight, loss, shadow [site, user]."""
    shape = (layout.sites, people.indoor.size)
    singles = [np.empty(shape, np.float32) for _ in range(5)]
    distance, azimuth, zenith, loss, shadow = singles
    sight = np.empty(shape, np.bool_)
    towards = np.empty((shape[0], 3, shape[1]), np.float32)
    kind = MODELS[scenario.model]
    field = (
        fields(key, people.place_m, layout.sites, kind.correlation_m, scenario.between_sites)
        if scenario.consistent
        else np.empty((0, 0, 0), np.float32)
    )
    sigma = np.array(kind.sigma_db)

    def fill(rows: tuple[int, int]) -> None:
        pair_kernel(
            key, kind.number, sigma, float(scenario.between_sites), float(scenario.vegetation),
            float(scenario.frequency_ghz), float(scenario.base_height_m), layout.site_m,
            layout.image_m, people.place_m, people.indoor, people.indoor_m, people.entry_db, field,
            *rows, distance, azimuth, zenith, towards, sight, loss, shadow,
        )  # fmt: skip

    _in_parts(fill, *shape, 1)
    return distance, azimuth, zenith, towards, sight, loss, shadow


def _in_parts(fill: Any, rows: int, users: int, together: int) -> None:
    """Call ``fill`` once, or on all cores where it pays; ``together`` rows stay so."""
    if rows * users < _WORTH_THREADS * together:
        fill((0, rows))
        return
    size = -(-rows // together // 8) * together or together
    parts = [(start, min(start + size, rows)) for start in range(0, rows, size)]
    on_all_cores(parts, fill)
