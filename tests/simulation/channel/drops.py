"""Small drops for tests of the channel: a square of sites, users anywhere, chosen sight."""

from __future__ import annotations

import numpy as np

from cellwright.simulation.drop import Drop


def toy_drop(
    users=50, sites=4, seed=1, indoor=0.0, sight=0.5, frequency=6.0, spacing=200.0, place=None
):
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(sites)))
    corner = [(i * spacing, j * spacing, 10.0) for i in range(side) for j in range(side)]
    site = np.array(corner[:sites])
    user = np.column_stack((rng.uniform(0, side * spacing, (users, 2)), np.full(users, 1.5)))
    if place is not None:
        user[:, :2] = place
    way = user[None] - site[:, None]
    flat = np.hypot(way[..., 0], way[..., 1])
    azimuth = np.degrees(np.arctan2(way[..., 0], way[..., 1])) % 360.0
    zenith = np.degrees(np.arctan2(flat, way[..., 2]))
    cell_site = np.repeat(np.arange(sites), 3).astype(np.int32)
    boresight = np.tile([30.0, 150.0, 270.0], sites)
    loss = (32.4 + 35.0 * np.log10(np.maximum(flat, 1.0))).astype(np.float32)
    off = (azimuth[cell_site] - boresight[:, None] + 180.0) % 360.0 - 180.0
    gain = 8.0 - np.minimum(12.0 * (off / 65.0) ** 2, 30.0) - loss[cell_site]
    return Drop(
        frequency_ghz=frequency,
        site_m=site,
        cell_site=cell_site,
        azimuth_deg=boresight,
        downtilt_deg=np.full(3 * sites, 12.0),
        user_m=user,
        indoor=rng.random(users) < indoor,
        in_car=np.zeros(users, bool),
        indoor_m=np.zeros(users, np.float32),
        distance_m=flat.astype(np.float32),
        departure_azimuth_deg=azimuth.astype(np.float32),
        departure_zenith_deg=zenith.astype(np.float32),
        sight=rng.random((sites, users)) < sight,
        loss_db=loss,
        shadow_db=rng.normal(0.0, 4.0, (sites, users)).astype(np.float32),
        gain_db=gain.astype(np.float32),
        seed=seed,
    )
