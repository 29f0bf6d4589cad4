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
from cellwright.network.equipment import (
    CATALOGUE_COLUMNS,
    FUNCTIONS,
    LEAD_TIMES,
    ORIGINS,
    PRICES,
    catalogue,
    prices_of,
    read_catalogue,
)
from cellwright.network.presets import (
    carrier,
    carriers_from,
    preset_sources,
    presets,
    read_carriers,
)
from cellwright.network.read_sites import SECTOR_COLUMNS, SiteFile, read_sites, write_sites
from cellwright.network.site_columns import plain
from cellwright.network.site_files import decode, separator
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
    "CATALOGUE_COLUMNS",
    "CELL_COLUMNS",
    "COST_CLASSES",
    "DEFAULT_HEIGHT_M",
    "FUNCTIONS",
    "HEIGHT_RANGE_M",
    "KINDS",
    "LEAD_TIMES",
    "ORIGINS",
    "PCI_COUNT",
    "PRICES",
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
    "catalogue",
    "cells_for",
    "cells_from_sectors",
    "check_sites",
    "cost_class",
    "decode",
    "empty_cells",
    "empty_sites",
    "plain",
    "preset_sources",
    "presets",
    "prices_of",
    "read_carriers",
    "read_catalogue",
    "read_sites",
    "separator",
    "sites_from_records",
    "write_sites",
]
