"""Carriers against 3GPP's tables; every fault at once."""

import pickle
from math import log10
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import Faults, InputError, SpectrumError
from cellwright.network import (
    KINDS,
    carrier,
    carriers_from,
    preset_sources,
    presets,
    read_carriers,
)
from cellwright.network import presets as presets_names
from cellwright.propagation import model
from cellwright.radio import antenna, mcs_table
from cellwright.units import db_to_linear

# TS 38.101-1 V17 Table 5.3.2-1, TS 38.101-2 V17 Table 5.3.2-1, TS 36.101 V16 Table 5.6-1
CHANNELS = [("n78", 273, "TDD"), ("n79", 273, "TDD"), ("n258", 264, "TDD"), ("b3", 100, "FDD")]


@pytest.mark.parametrize(("name", "n_prb", "duplex"), CHANNELS)
def test_presets_are_the_channels_of_the_standards(name: str, n_prb: int, duplex: str) -> None:
    made = carrier(name)
    assert (made.n_prb, made.duplex) == (n_prb, duplex)
    assert made.occupied_mhz < made.bandwidth_mhz


@pytest.mark.parametrize("name", presets_names())
def test_presets_name_things_that_exist(name: str) -> None:
    made = carrier(name)
    for kind in KINDS:
        assert antenna(made.antenna_for(kind)).gain_dbi >= 0.0
        assert model(made.model_for(kind)).name == made.model_for(kind)
    assert len(mcs_table(made.dl_table)) >= 28
    assert len(mcs_table(made.ul_table)) >= 28


@pytest.mark.parametrize("name", presets_names())
def test_every_preset_value_has_a_source_or_says_assumption(name: str) -> None:
    table = preset_sources(name)
    assert set(table["field"]) <= set(type(carrier(name)).model_fields)
    assert table.loc[table["source"] == "", "field"].tolist() == []
    # what no standard fixes must not be passed off as one's
    assert table.set_index("field").loc[["power_dbm", "load", "target_dbm"], "assumed"].sum() >= 2


def test_uplink_of_b3_is_95_mhz_below() -> None:
    """TS 36.101 Table 5.7.4-1: 95 MHz between transmit and receive in band 3."""
    made = carrier("b3")
    assert made.uplink_frequency_mhz == made.frequency_mhz - 95.0
    assert carrier("n78").uplink_frequency_mhz == carrier("n78").frequency_mhz


def test_power_per_element_times_elements_is_the_cell_power() -> None:
    for name in presets():
        made = carrier(name)
        total = db_to_linear(made.reference_power_dbm) * made.n_prb * 12
        assert 10 * log10(total) == pytest.approx(made.power_dbm, abs=1e-9)


def test_noise_is_kt_times_spacing_and_noise_figure() -> None:
    """-174 dBm/Hz at 290 K is rounded; exact -173.975."""
    made = carrier("n78")
    assert made.noise_dbm_per_re == pytest.approx(-173.975 + 10 * log10(30e3) + 7.0, abs=1e-3)
    assert made.base_noise_dbm_per_re == pytest.approx(made.noise_dbm_per_re - 2.0)


def test_tdd_share_counts_symbols() -> None:
    made = carrier("n78")  # DDDSU, 10:2:2
    assert made.dl_share == pytest.approx((3 * 14 + 10) / 70)
    assert made.ul_share == pytest.approx((14 + 2) / 70)
    assert carrier("b3").dl_share == carrier("b3").ul_share == 1.0


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["DDDSU", "DDDDDDDSUU", "DSUUU", "DDSUU"]), st.integers(0, 12))
def test_shares_never_exceed_the_frame(pattern: str, down: int) -> None:
    made = carrier("n78", tdd_pattern=pattern, tdd_special=f"{down}:{13 - down}:1")
    assert 0.0 < made.dl_share + made.ul_share <= 1.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bandwidth_mhz": 45}, "no 45 MHz channel"),
        ({"scs_khz": 120}, "kHz"),
        ({"frequency_mhz": 3790.02}, "leaves it"),
        ({"frequency_mhz": 3500.0}, "nearest is frequency_mhz = 3499.98"),
        ({"band": "n7x"}, "no operating band"),
        ({"band": "B3", "frequency_mhz": 1842.5, "bandwidth_mhz": 20, "scs_khz": 15}, "lte"),
        ({"tdd_pattern": ""}, "no tdd_pattern"),
        ({"tdd_special": "10:2:3"}, "not 14"),
    ],
)
def test_what_3gpp_does_not_define_is_refused(changes: dict, said: str) -> None:
    with pytest.raises(SpectrumError, match=said):
        carrier("n78", **changes)


def test_a_paired_band_takes_no_tdd_pattern() -> None:
    with pytest.raises(SpectrumError, match="is FDD but tdd_pattern"):
        carrier("b3", tdd_pattern="DDDSU")


def test_all_faults_of_all_carriers_come_at_once() -> None:
    faults = Faults()
    made = carriers_from(
        {
            "nr": {"preset": "n78", "powr_dbm": 50, "load": 1.5},
            "lte": {"preset": "b33"},
            "good": {"preset": "b3"},
            "layers": {"preset": "b3", "dl_layers": 4},
        },
        faults,
        file="project.toml",
    )
    text = "\n".join(map(str, faults))
    assert list(made) == ["good"]
    assert len(faults) == 4
    assert 'Did you mean "power_dbm"?' in text
    assert 'Did you mean "b3"?' in text
    assert "load is 1.5" in text
    assert "cannot receive more layers" in text
    assert all(fault.file == "project.toml" for fault in faults)


def test_unknown_site_kinds_and_antennas_are_named() -> None:
    with pytest.raises(InputError, match='Did you mean "pole"'):
        carrier("n78", models={"poles": "umi"})
    with pytest.raises(InputError, match='Did you mean "nr-64t64r"'):
        carrier("n78", antenna="nr-64t64")
    assert carrier("n78", antenna="own/panel.msi").antenna == "own/panel.msi"


def test_tables_inside_a_preset_are_changed_one_by_one() -> None:
    made = carrier("n78", models={"pole": "uma"}, powers_dbm={"pole": 40.0})
    assert made.model_for("pole") == "uma"
    assert made.model_for("rooftop") == "urban"
    assert (made.power_for("pole"), made.power_for("rooftop")) == (40.0, made.power_dbm)


def test_carriers_are_frozen_hashable_and_travel_between_processes() -> None:
    made = carrier("n78")
    with pytest.raises(ValueError, match="frozen"):
        made.power_dbm = 1.0  # type: ignore[misc]
    assert {made: 1}[carrier("n78")] == 1
    assert pickle.loads(pickle.dumps(made)) == made
    assert made.changed(power_dbm=50.0) != made


def test_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text('[carriers.pilot]\npreset = "N79"\npower_dbm = 50\n', encoding="utf-8")
    assert read_carriers(path)["pilot"].power_dbm == 50.0
    path.write_text("[carriers", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as TOML"):
        read_carriers(path)
