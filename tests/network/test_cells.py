"""Cells of sites, and the checks of a whole network."""

import numpy as np
import pandas as pd
import pytest

from cellwright.errors import InputError
from cellwright.network import (
    CELL_COLUMNS,
    SECTOR_COLUMNS,
    SITE_COLUMNS,
    Network,
    carrier,
    cells_for,
    cells_from_sectors,
    empty_cells,
    empty_sites,
    sites_from_records,
)


@pytest.fixture
def sites():
    records = [
        {"site_id": "roof", "x_m": 0.0, "y_m": 0.0, "height_m": 20.0},
        {"site_id": "pole", "x_m": 100.0, "y_m": 0.0, "kind": "pole"},
    ]
    return sites_from_records(records, "EPSG:2154", ground=lambda x, y: x / 10.0 + 5.0)


def test_sites_stand_on_the_terrain(sites) -> None:
    assert tuple(sites.columns) == SITE_COLUMNS
    assert sites["ground_amsl_m"].tolist() == [5.0, 15.0]
    assert sites["antenna_amsl_m"].tolist() == [25.0, 24.0]
    assert sites["cost_class"].tolist() == ["rooftop_new", "pole_new"]


def test_no_sites_have_the_columns_of_some(sites) -> None:
    none = empty_sites("EPSG:2154")
    assert (none.dtypes == sites.dtypes).all()
    assert sites_from_records([], "EPSG:2154").crs == sites.crs
    assert (empty_cells().dtypes == cells_for(sites, carrier("n78")).dtypes).all()
    assert cells_for(none, carrier("n78")).empty


def test_cells_take_power_antenna_and_tilt_of_the_kind(sites) -> None:
    made = carrier("n78")
    cells = cells_for(sites, made, {"pole": [90.0, 270.0]}).set_index("cell_id")
    assert list(cells.reset_index()[list(CELL_COLUMNS)].columns) == list(CELL_COLUMNS)
    assert cells.index.tolist() == ["roof-1", "roof-2", "roof-3", "pole-1", "pole-2"]
    assert cells.loc["roof-1", "power_dbm"] == made.power_dbm
    assert cells.loc["pole-1", "power_dbm"] == made.powers_dbm["pole"]
    assert cells.loc["pole-1", "antenna"] == made.antennas["pole"]
    assert cells.loc["pole-1", "electrical_tilt_deg"] < cells.loc["roof-1", "electrical_tilt_deg"]
    assert (cells["pci"] == -1).all()


def test_sectors_of_a_file_fill_up_from_carrier_and_kind(sites) -> None:
    sectors = pd.DataFrame(
        [
            ("roof", 1, 30.0, np.nan, 4.0, np.nan, None, None),
            ("roof", 2, 150.0, 2.0, np.nan, 46.0, "omni", "n78"),
            ("roof", 3, 200.0, np.nan, np.nan, np.nan, None, "other"),
        ],
        columns=list(SECTOR_COLUMNS),
    )
    cells = cells_from_sectors(sectors, sites, carrier("n78"))
    roof = cells[cells["site_id"] == "roof"]
    assert roof["azimuth_deg"].tolist() == [30.0, 150.0]
    assert roof["electrical_tilt_deg"].tolist() == [4.0, 6.0]
    assert roof["power_dbm"].tolist() == [53.0, 46.0]
    assert roof["antenna"].tolist() == ["nr-64t64r", "omni"]
    assert (cells["site_id"] == "pole").sum() == 3


def test_a_network_checks_everything_at_once(sites) -> None:
    nr = carrier("n78")
    cells = cells_for(sites, nr)
    network = Network(sites, cells, {"n78": nr})
    assert len(network.on("n78")) == 6
    bad = cells.copy()
    bad.loc[0, "site_id"] = "rof"
    bad.loc[1, "carrier"] = "n79"
    bad.loc[2, "pci"] = 1008
    bad.loc[3, "cell_id"] = bad.loc[4, "cell_id"]
    bad.loc[5, "azimuth_deg"] = 400.0
    with pytest.raises(InputError) as caught:
        Network(sites, bad, {"n78": nr})
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {
        "cells.unknown-site",
        "cells.unknown-carrier",
        "cells.pci",
        "cells.duplicate-name",
        "cells.azimuth_deg",
    }
    assert 'Did you mean "roof"?' in str(caught.value)


def test_lte_has_half_the_cell_identities_of_nr(sites) -> None:
    """TS 36.211 6.11: 504 identities; TS 38.211 7.4.2.1: 1008."""
    for name, most in (("b3", 503), ("n78", 1007)):
        made = carrier(name)
        Network(sites, cells_for(sites, made).assign(pci=most), {name: made})
        with pytest.raises(InputError, match="pci"):
            Network(sites, cells_for(sites, made).assign(pci=most + 1), {name: made})


def test_both_carriers_share_one_sector_name(sites) -> None:
    nr, lte = carrier("n78"), carrier("b3")
    cells = pd.concat([cells_for(sites, nr), cells_for(sites, lte)], ignore_index=True)
    network = Network(sites, cells, {"n78": nr, "b3": lte})
    assert network.on("b3")["cell_id"].tolist() == network.on("n78")["cell_id"].tolist()
    with pytest.raises(InputError, match="no carrier"):
        network.on("b4")


def test_sites_in_use_are_those_with_cells(sites) -> None:
    nr = carrier("n78")
    network = Network(sites, cells_for(sites[sites["site_id"] == "pole"], nr), {"n78": nr})
    assert network.sites_in_use["site_id"].tolist() == ["pole"]


def test_carriers_are_filed_under_their_own_name(sites) -> None:
    nr = carrier("n78")
    with pytest.raises(InputError, match='filed under "nr"'):
        Network(sites, cells_for(sites, nr).iloc[:0], {"nr": nr})
