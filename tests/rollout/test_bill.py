"""Bill of materials: counts, sums, and the laws of cost."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.network import (
    COST_CLASSES,
    Network,
    carrier,
    catalogue,
    cells_for,
    sites_from_records,
)
from cellwright.rollout import (
    AMOUNTS,
    BILL_COLUMNS,
    Rules,
    bill_of_materials,
    bill_totals,
    cost,
    default_rules,
    read_rules,
    site_costs,
)

NR, LTE, MMWAVE = carrier("n78"), carrier("b3"), carrier("n258")
LIST = catalogue()


def make_sites(classes=COST_CLASSES):
    records = []
    for number, name in enumerate(classes):
        kind, state = name.rsplit("_", 1)
        status = "existing" if state == "existing" else "candidate"
        records.append(
            {"site_id": f"S{number}", "x_m": 0.0, "y_m": 0.0, "kind": kind, "status": status}
        )
    return sites_from_records(records, "EPSG:2154")


def make_network(classes=COST_CLASSES, carriers=(NR,), sectors=3) -> Network:
    sites = make_sites(classes)
    azimuths = [360.0 * k / sectors for k in range(sectors)]
    cells = pd.concat([cells_for(sites, one, azimuths) for one in carriers], ignore_index=True)
    return Network(sites, cells, {one.name: one for one in carriers})


def capex(bill: pd.DataFrame) -> float:
    return float(bill.loc[~bill["yearly"].astype(bool), "amount_typical_usd"].sum())


def test_a_three_sector_rooftop_counts_up() -> None:
    bill = bill_of_materials(make_network(["rooftop_new"]), LIST).set_index("item")
    assert tuple(bill.reset_index()[list(BILL_COLUMNS)].columns) == BILL_COLUMNS
    own = bill[bill["site_id"] == "S0"]
    assert own.loc["nr_aau_64t64r", "quantity"] == 3
    assert own.loc["bbu_nr", "quantity"] == 1
    assert own.loc["fibre", "quantity"] == 300
    assert "assumed length" in own.loc["fibre", "note"]
    assert "lte_rru" not in own.index
    # 5 % of three panels, rounded up: one on the shelf
    assert bill[bill["site_id"] == ""].loc["nr_aau_64t64r", "quantity"] == 1


@pytest.mark.parametrize("name", COST_CLASSES)
@pytest.mark.parametrize("made", [NR, LTE, MMWAVE], ids=lambda one: one.name)
def test_every_class_and_carrier_has_radio_baseband_and_work(name: str, made) -> None:
    bill = bill_of_materials(make_network([name], [made]), LIST)
    own = bill[bill["site_id"] != ""]
    assert set(own["function"]) >= {"ran", "site", "labour", "transport", "opex"} or name.endswith(
        "existing"
    )
    radios = own[own["item"].str.contains("aau|radio|rru")]
    assert radios["quantity"].sum() == 3
    assert own.loc[own["item"].str.startswith("bbu"), "quantity"].sum() == 1


def test_all_in_costs_are_plausible() -> None:
    """A new three-sector NR rooftop all in: 60 to 150 kUSD; a one- or two-sector pole 20 to 50.

    Upgrading a cell site took China Mobile 56 kUSD all in (tender of 2020).
    """
    three = site_costs(make_sites(), NR, LIST, 3).set_index("cost_class")
    two = site_costs(make_sites(), NR, LIST, 2).set_index("cost_class")
    assert 60e3 < three.loc["rooftop_new", "cost_usd"] < 150e3
    assert 20e3 < two.loc["pole_new", "cost_usd"] < 50e3
    assert three.loc["rooftop_existing", "cost_usd"] == pytest.approx(56e3, rel=0.3)
    assert (three["cost_usd"] > three["opex_usd"]).all()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(COST_CLASSES), min_size=1, max_size=5),
    st.integers(1, 5),
    st.sampled_from([(NR,), (LTE,), (NR, LTE), (NR, MMWAVE)]),
)
def test_laws_of_cost(classes, sectors: int, carriers) -> None:
    network = make_network(classes, carriers, sectors)
    bill = bill_of_materials(network, LIST)
    low, typical, high = (bill[name] for name in AMOUNTS)
    assert ((low <= typical) & (typical <= high)).all()
    # totals are the sum of the rows, however they are grouped
    money = cost(bill, years=7)
    for level, amount in zip(("low", "typical", "high"), AMOUNTS, strict=True):
        rows = bill[amount].sum()
        assert bill_totals(bill)[amount].sum() == pytest.approx(rows)
        assert money.totals.loc[["capex", "opex"], level].sum() == pytest.approx(rows)
    # a site's price before the plan is its share of the bill after the plan
    prices = site_costs(network.sites, carriers, LIST, sectors)
    assert prices["cost_usd"].sum() == pytest.approx(capex(bill[bill["site_id"] != ""]))
    linear = prices["site_cost_usd"] + sectors * prices["sector_cost_usd"]
    np.testing.assert_allclose(linear, prices["cost_usd"])
    # another sector or carrier never makes it cheaper
    assert capex(bill_of_materials(make_network(classes, carriers, sectors + 1), LIST)) > capex(
        bill
    )
    assert capex(bill_of_materials(make_network(classes, (NR, LTE), sectors), LIST)) >= capex(
        bill_of_materials(make_network(classes, (NR,), sectors), LIST)
    )


def test_what_stands_already_costs_nothing() -> None:
    network = make_network(["rooftop_existing", "rooftop_new"], (NR, LTE))
    bill = bill_of_materials(network, LIST, in_place=["b3"])
    rru = bill[(bill["item"] == "lte_rru") & (bill["site_id"] != "")]
    assert rru["site_id"].tolist() == ["S1"]
    alone = make_network(["rooftop_existing"], (LTE,))
    assert bill_of_materials(alone, LIST, in_place=["b3"]).empty
    with pytest.raises(InputError, match='Did you mean "b3"'):
        bill_of_materials(network, LIST, in_place=["b33"])


def test_known_fibre_lengths_replace_the_assumed_ones() -> None:
    bill = bill_of_materials(make_network(["rooftop_new"]), LIST, fibre_m={"S0": 120.0})
    fibre = bill[bill["item"] == "fibre"].iloc[0]
    assert (fibre["quantity"], fibre["note"]) == (120.0, "")


def test_the_core_is_bought_once_and_only_if_asked() -> None:
    network = make_network()
    plain = bill_of_materials(network, LIST)
    with_core = bill_of_materials(network, LIST, core="core_sa")
    assert "core" not in set(plain["function"])
    assert capex(with_core) - capex(plain) == LIST.loc["core_sa", "price_typical"]


def test_spares_are_a_share_of_the_whole_rounded_up() -> None:
    bill = bill_of_materials(make_network(["rooftop_new"] * 20), LIST)
    spare = bill[(bill["site_id"] == "") & (bill["item"] == "nr_aau_64t64r")]
    assert spare["quantity"].tolist() == [3.0]  # 5 % of 60, not 4
    none = Rules(default_rules().rules)
    assert (bill_of_materials(make_network(), LIST, none)["site_id"] != "").all()


def test_unknown_classes_and_items_are_named_at_once() -> None:
    network = make_network(["rooftop_new"])
    sites = network.sites.assign(cost_class="roof_new")
    with pytest.raises(InputError) as caught:
        bill_of_materials(Network(sites, network.cells, network.carriers), LIST.drop("bbu_nr"))
    text = str(caught.value)
    assert 'no item "bbu_nr"' in text
    assert 'no rule knows the cost class "roof_new". Did you mean "rooftop_new"?' in text


def test_an_empty_network_costs_nothing() -> None:
    network = make_network(["rooftop_new"])
    none = Network(network.sites, network.cells.iloc[:0], network.carriers)
    bill = bill_of_materials(none, LIST)
    assert bill.empty
    assert (cost(bill).totals == 0.0).all().all()
    assert site_costs(network.sites.iloc[:0], NR, LIST).empty
    with pytest.raises(InputError, match="at least 1"):
        site_costs(network.sites, NR, LIST, sectors=0)


def test_rules_say_all_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rule]]\nitem = "fibre"\nper = "mile"\nquantity = -1\n'
        '[[rule]]\nitem = "fibre"\nper = "site"\nquantity = 1\nclass = ["x"]\n'
        '[spare]\n[spares]\nfunctions = ["rann"]\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_rules(path)
    assert len(caught.value.faults) == 5
    assert 'Did you mean "classes"?' in str(caught.value)
    path.write_text("[[rule", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as TOML"):
        read_rules(path)
