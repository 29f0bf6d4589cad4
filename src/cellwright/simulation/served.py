"""Users and what each hears of every cell, as flat arrays: SINR down and up at any loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.network import Carrier
from cellwright.simulation.link import LinkSettings

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
_NEPER_PER_DB = np.float32(np.log(10.0) / 10.0)


@dataclass(frozen=True, eq=False)
class Served:
    """Served users, and what each hears of every cell.

    Attributes
    ----------
    index : int64 [user]
        Place of each among all users, served or not.
    server : int64 [user]
        Serving cell.
    sight : uint8 [user]
        Line of sight to the serving site.
    own_dbm : float32 [user]
        Level of a resource element of the own cell through its traffic beam.
    bystander_mw : float32 [cell, user]
        Level of the other cells, averaged over their beams; 0 in the own cell's row.
    coupling_db : float64 [user]
        Gain from the serving cell's feed to the user, negative.
    fed_dbm : float64 [cell]
        Power of a resource element at each cell's feed.
    """

    index: NDArray[np.int64]
    server: NDArray[np.int64]
    sight: NDArray[np.uint8]
    own_dbm: Singles
    bystander_mw: Singles
    coupling_db: Floats
    fed_dbm: Floats

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.bystander_mw.shape[0])

    def sinr_db(self, activity: Floats, noise_mw: float | Floats) -> Floats:
        """SINR of data [dB] when the cells fill these shares [cell] of their elements."""
        other = activity.astype(np.float32) @ self.bystander_mw
        return np.asarray(self.own_dbm - 10.0 * np.log10(other.astype(np.float64) + noise_mw))

    def phone_dbm(self, carrier: Carrier, settings: LinkSettings) -> Floats:
        """Power of one resource element of each phone's uplink over the whole carrier [dBm].

        TS 38.213 clause 7.1.1, TS 36.213 clause 5.1.1: a block's power, then that of one of its
        12 elements; at most the phone's power over all blocks.
        """
        most = carrier.element_power_dbm(carrier.user_power_dbm)
        block = settings.p0_dbm + 10.0 * np.log10(carrier.scs_khz / 15.0)
        wanted = block - settings.alpha * self.coupling_db - 10.0 * np.log10(12.0)
        return np.asarray(np.minimum(wanted, most))

    def uplink_mw(self, sent_mw: Floats) -> Floats:
        """Mean interference at each cell from other cells' phones [mW per resource element].

        Parameters
        ----------
        sent_mw : array [user]
            Power of an element times the share of time the phone sends.

        Notes
        -----
        Channels are reciprocal; a cell hears other cells' phones through its mean beam, as they
        hear it.
        """
        fed = 10.0 ** (self.fed_dbm / 10.0)
        heard = self.bystander_mw @ sent_mw.astype(np.float32)
        return np.asarray(heard.astype(np.float64) / fed)


def serve(
    traffic_dbm: Singles,
    server: NDArray[Any],
    sight: NDArray[Any],
    received: xr.Dataset,
    carrier: Carrier,
) -> Served:
    """Gather the users that have a server.

    Parameters
    ----------
    traffic_dbm : float32 [cell, user]
        Level through the best traffic beam.
    server : int [user]
        Serving cell; -1 where there is none.
    sight : uint8 [site, user]
        Line of sight.
    received : Dataset
        From ``coverage.received``: ``apart_db, spread_db, site_of_cell, element_dbm``.
    carrier : Carrier
        Gains and losses of both ends.
    """
    index = np.flatnonzero(server >= 0)
    best = server[index].astype(np.int64)
    levels: Singles = np.take(traffic_dbm, index, axis=1)
    own = levels[best, np.arange(index.size)].copy()
    levels += received["apart_db"].to_numpy().astype(np.float32)[:, None]
    levels *= _NEPER_PER_DB
    np.exp(levels, out=levels)
    # a user's own cell does not disturb it
    levels[best, np.arange(index.size)] = 0.0
    seen = sight[received["site_of_cell"].to_numpy()[best], index]
    own += np.where(seen == 1, 0.0, received["spread_db"].to_numpy()[best]).astype(np.float32)
    fixed = carrier.user_gain_dbi - carrier.user_loss_db - carrier.base_loss_db
    fed = received["element_dbm"].to_numpy() - fixed
    return Served(
        index, best, seen, own, levels, own.astype(np.float64) - fed[best], np.asarray(fed)
    )
