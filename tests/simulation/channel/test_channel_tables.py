"""Every number of the tables of clause 7.5 against tr3gpp, which carries them as text."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.channel import clusters, statistics, zenith_table
from cellwright.simulation.channel.tables import CONDITIONS, angle_scaling, scenario_name

NAMES = {
    "umi": "UMi - Street Canyon",
    "uma": "UMa",
    "rma": "RMa",
    "inh": "Indoor-Office",
    "sma": "SMa",
}
COLUMNS = [(s, c) for s in NAMES for c in CONDITIONS if (s, c) != ("inh", "o2i")]
OTHER = {
    "r_tau": "delay_scaling_parameter_r_tau",
    "clusters": "number_of_clusters",
    "rays": "number_of_rays_per_cluster",
    "cluster_DS": "cluster_DS_ns",
    "cluster_ASD": "cluster_ASD_deg",
    "cluster_ASA": "cluster_ASA_deg",
    "cluster_ZSA": "cluster_ZSA_deg",
    "zeta": "per_cluster_shadowing_std_zeta_db",
}


@pytest.fixture(scope="module")
def section():
    return pytest.importorskip("tr3gpp").tr38901.section("7.5")


def value(text, **names):
    """Evaluate a cell of the standard's text; None where the table has no number."""
    text = re.sub(r",?\s*see note \d+", "", str(text).replace("–", "-")).strip()
    if not text or text.startswith(("N/A", "None", "See", "Spec")):
        return None
    text = text.replace("max[", "max(").replace("]", ")").replace("log10", "lg")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"(\d)\s*(lg|abs|max)", r"\1*\2", text)
    text = re.sub(r"([\d.])\s*\(", r"\1*(", text).lstrip("= ")
    return float(eval(text, {"lg": math.log10, "max": max, "abs": abs}, names))


@pytest.mark.parametrize(("scenario", "condition"), COLUMNS)
def test_table_7_5_6_at_three_frequencies(section, scenario, condition):
    entry = section.channel_model_parameters(scenario=NAMES[scenario], condition=condition.upper())
    theirs = entry.model_dump() if hasattr(entry, "model_dump") else vars(entry)
    compared = 0
    for f in (6.0, 7.125, 28.0):
        ours = statistics(scenario, condition, f)
        for name, number in ours.values.items():
            key = OTHER.get(name, f"corr_{name}_m" if name.startswith("distance") else name)
            want = value(theirs[key], fc=f)
            if name == "sigma_SF" and want is None:
                continue
            assert number == pytest.approx(want, abs=1e-12), (name, f)
            compared += 1
        absent = {
            OTHER.get(n, f"corr_{n}_m" if n.startswith("distance") else n) for n in ours.values
        }
        for key in set(theirs) - absent - {"scenario", "condition"}:
            assert value(theirs[key], fc=f) is None, key
    assert compared > 100


@pytest.mark.parametrize("scenario", list(NAMES))
def test_zenith_tables(section, scenario):
    for seen, condition in ((True, "LOS"), (False, "NLOS")):
        name = NAMES[scenario].replace("UMi - Street Canyon", "UMi-StreetCanyon")
        entry = section.zsd_zod_offset(scenario=name, condition=condition)
        for d in (15.0, 120.0, 900.0):
            names = {"fc": 28.0, "d2D": d, "hUT": 13.5, "hBS": 10.0}
            mean, sigma, offset = zenith_table(scenario, seen, d, 10.0, 13.5, 28.0)
            assert float(mean) == pytest.approx(value(entry.mu_lgZSD, **names))
            assert float(sigma) == pytest.approx(value(entry.sigma_lgZSD, **names))
            if seen or scenario in ("inh", "sma"):
                assert float(offset) == pytest.approx(value(entry.mu_offset_ZOD, **names))


def test_offsets_of_zenith_of_departure():
    # UMi and UMa by hand from Tables 7.5-8 and 7.5-7; RMa from 7.5-9
    assert zenith_table("umi", False, 50.0, 10.0, 1.5, 6.0)[2] == pytest.approx(-5.6433, abs=1e-3)
    lg = math.log10(28.0)
    power = (0.208 * lg - 0.782) * math.log10(200.0) - 0.13 * lg + 2.03 - 0.07 * 3.0
    want = 7.66 * lg - 5.96 - 10.0**power
    assert zenith_table("uma", False, 200.0, 25.0, 4.5, 28.0)[2] == pytest.approx(want)
    want = math.degrees(math.atan(31.5 / 500.0) - math.atan(33.5 / 500.0))
    assert zenith_table("rma", False, 500.0, 35.0, 1.5, 0.7)[2] == pytest.approx(want)


def test_scaling_and_offsets(section):
    for row in section.scaling_factors_aoa_aod_generation:
        if int(row.num_clusters) < 6:
            continue  # zenith has no factor for 4 and 5 clusters, and no scenario has so few
        assert angle_scaling(int(row.num_clusters))[0] == float(row.c_phi_nlos)
    for row in section.scaling_factors_zoa_zod_generation:
        assert angle_scaling(int(row.num_clusters))[1] == float(row.c_theta_nlos)
    want = [float(row.offset_angle) for row in section.ray_offset_angles]
    np.testing.assert_array_equal(clusters.OFFSETS[::2], want)
    np.testing.assert_array_equal(clusters.OFFSETS[1::2], np.negative(want))
    # a cluster of unit width has an RMS spread of one degree
    assert np.sqrt(np.mean(clusters.OFFSETS**2)) == pytest.approx(1.0, abs=2e-3)


def test_sub_clusters():
    rays = [(np.flatnonzero(i == clusters.SUB_CLUSTER) + 1).tolist() for i in range(3)]
    assert rays == [[1, 2, 3, 4, 5, 6, 7, 8, 19, 20], [9, 10, 11, 12, 17, 18], [13, 14, 15, 16]]
    assert [sorted(clusters.GROUPED[a:b] + 1) for a, b in ((0, 10), (10, 16), (16, 20))] == rays


def test_editions_differ_where_release_19_measured():
    assert statistics("umi", "o2i", 6.0).values == statistics("umi", "o2i", 6.0, "v16").values
    assert statistics("uma", "nlos", 6.0)["mu_lgASD"] == 1.09
    assert statistics("uma", "nlos", 6.0, "v16")["mu_lgASD"] == pytest.approx(
        1.5 - 0.1144 * math.log10(6.0)
    )


def test_lowest_frequencies():
    assert statistics("uma", "los", 0.7).values == statistics("uma", "los", 6.0).values
    assert statistics("umi", "los", 0.7).values == statistics("umi", "los", 2.0).values


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("umx", "los", 6.0), "umi"),
        (("inh", "o2i", 6.0), "no condition"),
        (("sma", "los", 6.0, "v16"), "sma"),
        (("uma", "los", 6.0, "v17"), "edition"),
    ],
)
def test_faults(arguments, word):
    with pytest.raises(InputError, match=word):
        statistics(*arguments)


def test_names_of_other_rooms():
    assert [scenario_name(n) for n in ("UMa", "umi-optional", "inh-open")] == ["uma", "umi", "inh"]
