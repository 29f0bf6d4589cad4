"""Exposure: each cell of the table, protection, pools, ownership; outage against a full re-run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright import coverage
from cellwright.supply import Holding, Parties, Party, plan_elements
from cellwright.supply.exposure import Protection, effects, exposure
from cellwright.supply.outage import outage

DAY = date(2025, 1, 1)
PARTIES = Parties(
    [
        Party("V", "Vendor", aliases=("Верфь",)),
        Party("chip", "Chip house", owners=(Holding("V", 0.6),)),
        Party("W", "Other vendor"),
    ]
)
CORE = {"AMF": "W", "SMF": "W", "UPF": "W", "UDM": "W", "transport": "W"}


def plan(split=(), makers=None, core=CORE, extra=()):
    """Two sites of 100 and 300 people; `split` sites have a DU, the CU stands in the core."""
    makers = makers or {"A": "W", "B": "W"}
    rows = []
    for site, people in (("A", 100.0), ("B", 300.0)):
        base = "DU" if site in split else "gNB"
        for function in ("RU", base, "router"):
            maker = "W" if function == "router" else makers[site]
            rows.append((f"{site}-{function}", site, function, maker, people))
    rows += [(f"core-{name}", "core", name, maker, 400.0) for name, maker in core.items()]
    rows += [
        (f"core-{name}-{n}", "core", name, maker, 400.0) for n, (name, maker) in enumerate(extra)
    ]
    table = pd.DataFrame(rows, columns=["element_id", "site_id", "function", "maker", "population"])
    return plan_elements(table.assign(traffic=table["population"] / 10.0))


def people(found, measure="people"):
    table = found.table[found.table["measure"] == measure]
    return {(row.ability, row.protected): (row.exposed, row.partly) for row in table.itertuples()}


def only(function, split=(), protection=None):
    """Whom one piece of equipment made by V exposes: site A's, or the core's."""
    elements = plan(split, extra=[("CU-UP", "W"), ("CU-CP", "W"), ("EMS", "W")])
    mine = (elements["function"] == function) & elements["site_id"].isin(["A", "core"])
    elements.loc[mine, "maker"] = "V"
    return people(exposure(elements, ["V"], PARTIES, DAY, protection=protection))


@pytest.mark.parametrize(
    ("function", "split", "bare", "protected"),
    [
        # (content, identity and control, availability) as (in full, in part), people
        ("RU", "", ((100, 0), (100, 0), (100, 0)), ((0, 0), (0, 100), (100, 0))),
        ("gNB", "", ((100, 0), (100, 0), (100, 0)), ((100, 0), (100, 0), (100, 0))),
        ("DU", "A", ((100, 0), (100, 0), (100, 0)), ((0, 0), (0, 100), (100, 0))),
        ("CU-UP", "A", ((100, 0), (0, 0), (100, 0)), ((100, 0), (0, 0), (100, 0))),
        ("CU-CP", "A", ((0, 0), (100, 0), (100, 0)), ((0, 0), (100, 0), (100, 0))),
        ("CU-UP", "", ((0, 0), (0, 0), (0, 0)), ((0, 0), (0, 0), (0, 0))),
        ("router", "", ((100, 0), (100, 0), (100, 0)), ((100, 0), (100, 0), (100, 0))),
        ("router", "A", ((100, 0), (100, 0), (100, 0)), ((0, 0), (100, 0), (100, 0))),
        ("transport", "A", ((400, 0), (400, 0), (400, 0)), ((300, 0), (400, 0), (400, 0))),
        ("UPF", "", ((400, 0), (0, 0), (400, 0)), ((400, 0), (0, 0), (400, 0))),
        ("UDM", "", ((0, 0), (400, 0), (400, 0)), ((0, 0), (400, 0), (400, 0))),
        ("EMS", "", ((0, 0), (400, 0), (400, 0)), ((0, 0), (400, 0), (400, 0))),
    ],
)
def test_each_function_reaches_what_the_table_says(function, split, bare, protected):
    found = only(function, tuple(split))
    names = ("content", "identity_control", "availability")
    assert tuple(found[name, False] for name in names) == bare
    assert tuple(found[name, True] for name in names) == protected


def test_ipsec_relieves_its_own_link_only():
    assert only("router", protection=Protection(ipsec_n3=True))["content", True] == (0, 0)
    assert only("router", protection=Protection(ipsec_n3=True))["identity_control", True][0] == 100
    assert only("router", protection=Protection(ipsec_n2=True))["content", True] == (100, 0)
    f1 = Protection(ciphering=False, ipsec_f1=True)
    assert only("router", ("A",), f1)["content", True] == (0, 0)
    assert only("router", ("A",), Protection(ipsec_n3=True))["identity_control", True][0] == 100


def test_protection_never_makes_exposure_larger():
    for function in sorted(set(effects()["function"]) - {"eNB"}):
        found = only(function, ("A",), Protection(True, True, True, True))
        for ability in ("content", "identity_control", "availability"):
            assert found[ability, True][0] <= found[ability, False][0]


def test_two_upfs_of_two_makers_can_be_read_but_not_cut_off():
    elements = plan(extra=[("UPF", "V")])
    found = exposure(elements, ["V"], PARTIES, DAY)
    assert people(found)["content", True] == (400, 0)
    assert people(found)["availability", True] == (0, 0)
    assert (found.functions["function"] == "UPF").all()


def test_an_element_manager_reaches_its_own_make_only():
    elements = plan(makers={"A": "V", "B": "W"}, extra=[("EMS", "V"), ("EMS", "W")])
    elements.loc[elements["site_id"] == "A", "maker"] = "chip"
    assert people(exposure(elements, ["V"], PARTIES, DAY))["identity_control", True] == (100, 0)


def test_ownership_aliases_and_dates_count():
    elements = plan(makers={"A": "chip", "B": "W"})
    for name in ("V", "Верфь", "Vendor"):
        found = exposure(elements, [name], PARTIES, DAY)
        assert found.parties == ("chip",)
        assert set(found.elements) == {"A-RU", "A-gNB"}
    later = elements.assign(installed=pd.Timestamp("2026-01-01"))
    assert exposure(later, ["V"], PARTIES, DAY).table["total"].max() == 0.0


def test_traffic_and_sites_are_counted_beside_people():
    found = exposure(plan(makers={"A": "V", "B": "W"}), ["V"], PARTIES, DAY)
    assert people(found, "traffic")["content", True][0] == pytest.approx(10.0)
    assert people(found, "sites")["content", True][0] == 1.0
    share = found.table.query("ability == 'content' and protected and measure == 'people'")["share"]
    assert share.item() == pytest.approx(0.25)


def test_every_effect_has_a_reason_a_source_and_known_words():
    table = effects()
    assert table[["why", "source"]].ne("").all(axis=None)
    assert set(table["evidence"]) <= {"seen", "recalled"}
    assert set(table["amount"]) | set(table["relieved_to"]) <= {"yes", "partial", "no"}
    assert not table.duplicated(["function", "link", "ability"]).any()
    assumed = Protection(ipsec_n3=True, given=frozenset({"ipsec_n3"})).table()
    assert assumed["evidence"].tolist() == ["assumed", "own", "assumed", "assumed"]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 99), lost=st.sets(st.integers(0, 7)))
def test_without_cells_is_the_same_as_the_whole_signal_of_the_rest(radio, seed, lost):
    r = radio(seed)
    mask = np.isin(np.arange(8), list(lost))
    server, covered = r.without(mask)
    if mask.all():
        assert (server == -1).all()
        assert not covered.any()
        return
    kept = np.flatnonzero(~mask)
    rest = coverage.signal(r.received.isel(cell=kept), r.carrier, target_dbm=-105.0)
    best = rest["server"].to_numpy()
    np.testing.assert_array_equal(server, np.where(best >= 0, kept[best], -1))
    np.testing.assert_array_equal(covered, rest["coverage_probability"].to_numpy())


def test_overlap_of_trusted_cells_counts(radio):
    r = radio()
    found = outage(r, sites=["A", "B"])
    assert 0.0 < found.people_lost < found.people_lost_naive
    assert found.cells == ("A-0", "A-1", "B-0", "B-1")
    places = found.places
    for name in ("before", "naive", "after"):
        assert places[f"people_{name}"].sum() == pytest.approx(getattr(found, f"people_{name}"))
        assert (places[f"area_{name}_km2"] <= places["area_km2"] + 1e-12).all()
    assert found.sites["site_id"].tolist() == ["A", "B"]
    assert found.sites["people"].sum() == pytest.approx(found.people_lost_naive)
    assert found.sites["people_lost"].sum() == pytest.approx(found.people_lost)
    assert found.lost.any()
    everything = outage(r, sites=list("ABCD"))
    assert everything.people_after == 0.0
    assert outage(r, cells=["no such cell"]).people_lost == 0.0


def test_exposure_hands_the_cells_it_cuts_off_to_the_radio(radio):
    r = radio(sites=2)
    elements = plan(makers={"A": "V", "B": "W"})
    found = exposure(elements, ["V"], PARTIES, DAY, radio=r)
    # the plan has one RU a site and no cell of that name: its baseband stands for the site
    assert found.outage is not None
    assert found.outage.cells == ("A-0", "A-1")
    core = exposure(plan(core={**CORE, "UPF": "V"}), ["V"], PARTIES, DAY, radio=r)
    assert core.outage is not None
    assert core.outage.people_after == 0.0
