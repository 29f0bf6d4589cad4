"""What the network is made of: carriers, sites, cells, equipment; each checked where it is read."""

from cellwright.network.carriers import Carrier
from cellwright.network.cells import (
    CELL_COLUMNS,
    PCI_COUNT,
    THREE_SECTORS,
    TILT_DEG,
    Network,
    cells_for,
    cells_from_sectors,
    empty_cells,
)
from cellwright.network.presets import carrier, carriers_from, presets, read_carriers
from cellwright.network.read_sites import SECTOR_COLUMNS, SiteFile, read_sites, write_sites
from cellwright.network.sites import (
    COST_CLASSES,
    DEFAULT_HEIGHT_M,
    HEIGHT_RANGE_M,
    KINDS,
    SITE_COLUMNS,
    STATUSES,
    check_sites,
    cost_class,
    empty_sites,
    sites_from_records,
)

__all__ = [
    "CELL_COLUMNS",
    "COST_CLASSES",
    "DEFAULT_HEIGHT_M",
    "HEIGHT_RANGE_M",
    "KINDS",
    "PCI_COUNT",
    "SECTOR_COLUMNS",
    "SITE_COLUMNS",
    "STATUSES",
    "THREE_SECTORS",
    "TILT_DEG",
    "Carrier",
    "Network",
    "SiteFile",
    "carrier",
    "carriers_from",
    "cells_for",
    "cells_from_sectors",
    "check_sites",
    "cost_class",
    "empty_cells",
    "empty_sites",
    "presets",
    "read_carriers",
    "read_sites",
    "sites_from_records",
    "write_sites",
]
