"""What the network is made of: carriers, sites, cells, equipment; each checked where it is read."""

from cellwright.network.carriers import (
    Carrier,
    carrier,
    carriers_from,
    presets,
    read_carriers,
)
from cellwright.network.cells import (
    CELL_COLUMNS,
    PCI_COUNT,
    THREE_SECTORS,
    Network,
    cells_for,
    empty_cells,
)
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
    "SITE_COLUMNS",
    "STATUSES",
    "THREE_SECTORS",
    "Carrier",
    "Network",
    "carrier",
    "carriers_from",
    "cells_for",
    "check_sites",
    "cost_class",
    "empty_cells",
    "empty_sites",
    "presets",
    "read_carriers",
    "sites_from_records",
]
