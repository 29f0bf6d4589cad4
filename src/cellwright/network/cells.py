"""Cells: sectors of sites with antenna, tilt, power and carrier; and the network of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.network.carriers import Carrier

CELL_COLUMNS = (
    "cell_id",
    "site_id",
    "sector",
    "azimuth_deg",
    "mechanical_tilt_deg",
    "electrical_tilt_deg",
    "power_dbm",
    "antenna",
    "carrier",
    "pci",
)
_TYPES = {
    "cell_id": "object",
    "site_id": "object",
    "sector": "int64",
    "azimuth_deg": "float64",
    "mechanical_tilt_deg": "float64",
    "electrical_tilt_deg": "float64",
    "power_dbm": "float64",
    "antenna": "object",
    "carrier": "object",
    "pci": "int64",
}
#: Electrical downtilt by site kind [deg], down positive; assumptions.
TILT_DEG: Mapping[str, float] = {"rooftop": 6.0, "tower": 6.0, "pole": 2.0, "indoor": 0.0}
THREE_SECTORS = (0.0, 120.0, 240.0)
#: Physical cell identities: TS 38.211 clause 7.4.2.1 (NR), TS 36.211 clause 6.11 (LTE).
PCI_COUNT = {"nr": 1008, "lte": 504}


def empty_cells() -> pd.DataFrame:
    """Return a table of no cells with the right columns and types."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _TYPES.items()})


def cells_for(
    sites: pd.DataFrame,
    carrier: Carrier,
    azimuths: Sequence[float] | Mapping[str, Sequence[float]] = THREE_SECTORS,
    *,
    mechanical_tilt_deg: float = 0.0,
    electrical_tilt_deg: float | Mapping[str, float] = TILT_DEG,
) -> pd.DataFrame:
    """Give every site its sectors on one carrier.

    Parameters
    ----------
    sites : DataFrame
        Table of sites; columns ``site_id`` and, where tilts go by kind, ``kind``.
    carrier : Carrier
        Gives power and antenna (by site kind) and the carrier's name.
    azimuths : sequence of float, or mapping of site_id to one
        Boresights, clockwise from grid north [deg]; sites not in a mapping get `THREE_SECTORS`.
    mechanical_tilt_deg : float
        Down positive [deg].
    electrical_tilt_deg : float, or mapping of site kind to float
        Down positive [deg].

    Returns
    -------
    DataFrame
        Columns `CELL_COLUMNS`; ``cell_id`` is "<site_id>-<sector>", sectors count from 1.

    Examples
    --------
    >>> from cellwright.network import carrier, sites_from_records
    >>> sites = sites_from_records([{"site_id": "A", "x_m": 0, "y_m": 0}], "EPSG:2154")
    >>> cells_for(sites, carrier("n78"))["cell_id"].tolist()
    ['A-1', 'A-2', 'A-3']
    """
    kinds = sites["kind"] if "kind" in sites else pd.Series("rooftop", index=sites.index)
    rows = []
    for site_id, kind in zip(sites["site_id"], kinds, strict=True):
        own = azimuths.get(site_id, THREE_SECTORS) if isinstance(azimuths, Mapping) else azimuths
        for sector, azimuth in enumerate(own, start=1):
            rows.append((site_id, sector, float(azimuth) % 360.0, kind))
    table = pd.DataFrame(rows, columns=["site_id", "sector", "azimuth_deg", "kind"])
    tilts = electrical_tilt_deg
    table["mechanical_tilt_deg"] = float(mechanical_tilt_deg)
    table["electrical_tilt_deg"] = (
        table["kind"].map(tilts).fillna(TILT_DEG["rooftop"])
        if isinstance(tilts, Mapping)
        else tilts
    )
    table["power_dbm"] = table["kind"].map(carrier.power_for)
    table["antenna"] = table["kind"].map(carrier.antenna_for)
    return _finished(table, carrier)


def cells_from_sectors(
    sectors: pd.DataFrame, sites: pd.DataFrame, carrier: Carrier
) -> pd.DataFrame:
    """Make the cells of one carrier from the sectors a site file gave.

    Parameters
    ----------
    sectors : DataFrame
        As `read_sites` returns them; empty values take the carrier's or the kind's.
    sites : DataFrame
        Only their sectors are used; a site without any gets `THREE_SECTORS`.
    carrier : Carrier
        Rows that name another carrier are left out.

    Returns
    -------
    DataFrame
        Columns `CELL_COLUMNS`.
    """
    ours = sectors["carrier"].isna() | (sectors["carrier"] == carrier.name)
    ours &= sectors["site_id"].isin(sites["site_id"])
    given = sectors[ours]
    missing = sites[~sites["site_id"].isin(sectors["site_id"])]
    plain = cells_for(missing, carrier)
    if given.empty:
        return plain
    kinds = given["site_id"].map(dict(zip(sites["site_id"], sites["kind"], strict=True)))
    defaults = {
        "azimuth_deg": 0.0,
        "mechanical_tilt_deg": 0.0,
        "electrical_tilt_deg": kinds.map(TILT_DEG),
        "power_dbm": kinds.map(carrier.power_for),
        "antenna": kinds.map(carrier.antenna_for),
    }
    table = given.copy()
    for name, value in defaults.items():
        table[name] = given[name].where(given[name].notna(), value)
    made = _finished(table.reset_index(drop=True), carrier)
    return made if plain.empty else pd.concat([made, plain], ignore_index=True)


def _finished(table: pd.DataFrame, carrier: Carrier) -> pd.DataFrame:
    """Add names, carrier and an empty PCI; bring columns and types into shape."""
    if table.empty:
        return empty_cells()
    names = table["site_id"].astype(str) + "-" + table["sector"].astype(int).astype(str)
    whole = table.assign(cell_id=names, carrier=carrier.name, pci=-1)
    return whole[list(CELL_COLUMNS)].astype(_TYPES).reset_index(drop=True)


@dataclass(frozen=True)
class Network:
    """Sites, their cells and the carriers the cells use, checked against each other.

    Attributes
    ----------
    sites : GeoDataFrame
        Columns `SITE_COLUMNS`.
    cells : DataFrame
        Columns `CELL_COLUMNS`. One sector may hold cells of several carriers: a cell is unique by
        ``cell_id`` and ``carrier``.
    carriers : dict of str to Carrier
        By name.

    Raises
    ------
    InputError
        With every fault: unknown sites or carriers, duplicate names, impossible tilts or PCI.
    """

    sites: gpd.GeoDataFrame
    cells: pd.DataFrame
    carriers: dict[str, Carrier] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = Faults()
        _check_columns(self.sites, ("site_id",), "sites", faults)
        _check_columns(self.cells, CELL_COLUMNS, "cells", faults)
        faults.raise_errors()
        _check_names(self, faults)
        _check_values(self, faults)
        faults.raise_errors()

    def on(self, carrier: str) -> pd.DataFrame:
        """Return the cells of one carrier, index from 0."""
        if carrier not in self.carriers:
            raise InputError(
                f'the network has no carrier "{carrier}". {did_you_mean(carrier, self.carriers)}'
            )
        return self.cells[self.cells["carrier"] == carrier].reset_index(drop=True)

    @property
    def sites_in_use(self) -> gpd.GeoDataFrame:
        """The sites that have at least one cell, index from 0."""
        used = self.sites["site_id"].isin(self.cells["site_id"])
        return self.sites[used].reset_index(drop=True)


def _check_columns(table: pd.DataFrame, needed: Sequence[str], name: str, faults: Faults) -> None:
    for column in needed:
        if column not in table:
            faults.error(f"{name}.missing-column", f'the {name} table lacks column "{column}".')


def _check_names(network: Network, faults: Faults) -> None:
    sites, cells = network.sites, network.cells
    for site_id in sites.loc[sites["site_id"].duplicated(), "site_id"].unique():
        faults.error("sites.duplicate-name", f'site_id "{site_id}" is given twice.', "Rename one.")
    twice = cells.duplicated(["cell_id", "carrier"])
    for cell_id, carrier in cells.loc[twice, ["cell_id", "carrier"]].itertuples(index=False):
        faults.error(
            "cells.duplicate-name",
            f'cell "{cell_id}" on "{carrier}" is given twice.',
            "Rename one.",
        )
    for site_id in cells.loc[~cells["site_id"].isin(sites["site_id"]), "site_id"].unique():
        cure = did_you_mean(site_id, sites["site_id"]) if len(sites) <= 1000 else ""
        faults.error("cells.unknown-site", f'cells stand on site "{site_id}", not in sites.', cure)
    for key, made in network.carriers.items():
        if key != made.name:
            message = f'carrier "{made.name}" is filed under "{key}"; cells go by its own name.'
            faults.error("network.carrier-name", message)
    for carrier in cells.loc[~cells["carrier"].isin(network.carriers), "carrier"].unique():
        cure = did_you_mean(carrier, network.carriers)
        faults.error("cells.unknown-carrier", f'cells use carrier "{carrier}".', cure)


def _check_values(network: Network, faults: Faults) -> None:
    cells = network.cells
    limits = {
        "azimuth_deg": (0.0, 360.0),
        "mechanical_tilt_deg": (-30.0, 90.0),
        "electrical_tilt_deg": (-30.0, 90.0),
        "power_dbm": (-10.0, 70.0),
    }
    for column, (low, high) in limits.items():
        wrong = cells.loc[~cells[column].between(low, high), ["cell_id", column]]
        for cell_id, value in wrong.itertuples(index=False):
            faults.error(
                f"cells.{column}",
                f'cell "{cell_id}": {column} is {value:g}; allowed: {low:g} to {high:g}.',
            )
    rats = cells["carrier"].map({name: made.rat for name, made in network.carriers.items()})
    most = rats.map(PCI_COUNT).to_numpy(dtype=float, na_value=np.inf)
    pci = cells["pci"].to_numpy()
    for cell_id, value in cells.loc[(pci < -1) | (pci >= most), ["cell_id", "pci"]].itertuples(
        index=False
    ):
        faults.error(
            "cells.pci",
            f'cell "{cell_id}": pci is {value}; allowed: 0 to 1007 in NR, 0 to 503 in LTE, '
            "-1 for none.",
        )
