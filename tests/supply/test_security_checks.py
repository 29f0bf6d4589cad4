"""Security: both dialects, links by place, ranking by people, IPsec bytes, faults together."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.supply import plan_elements, read_links
from cellwright.supply.read import LINK_COLUMNS
from cellwright.supply.security import (
    backhaul,
    capacity_factor,
    checks,
    esp_bytes,
    evaluate,
    grouped,
    plan_links,
    read_configs,
)

OPEN5GS = """
amf:
  sbi: {server: [{address: 127.0.0.5, port: 7777}]}
  security:
    integrity_order: [NIA2, NIA1, NIA0]
    ciphering_order: [NEA0, NEA1, NEA2]
"""
FREE5GC = """
info: {version: 1.0.9}
configuration:
  amfName: AMF
  sbi: {scheme: http}
  security: {integrityOrder: [NIA2], cipheringOrder: [NEA0]}
"""
NODES = pd.DataFrame(
    [("K1", "DU", "street_pole", 4100, False), ("K2", "DU", "rooftop", 900, False),
     ("C", "UPF", "core_site", 0, False)],
    columns=["node_id", "function", "site_type", "people", "seg"],
)  # fmt: skip


def links(*rows):
    return pd.DataFrame(rows, columns=["link_id", "interface", "from", "to", "protection"])


NONE = links()


def failed(tmp_path, name, text, **more):
    (tmp_path / name).write_text(text)
    return set(evaluate(NONE, NODES, read_configs([tmp_path / name]), **more)["check_id"])


def test_both_dialects(tmp_path):
    assert failed(tmp_path, "amf.yaml", OPEN5GS) == {"S02", "S04", "S10"}
    assert failed(tmp_path, "amfcfg.yaml", FREE5GC) == {"S02", "S10"}


def test_open5gs_with_mutual_tls_and_good_orders_is_clean(tmp_path):
    text = OPEN5GS.replace(", NIA0", "").replace("NEA0, NEA1, NEA2", "NEA2, NEA1")
    text += "default: {tls: {server: {scheme: https, verify_client: true}}}\n"
    assert failed(tmp_path, "amf.yaml", text) == set()


def test_null_integrity_is_no_finding_where_emergency_calls_are_a_duty(tmp_path):
    assert failed(tmp_path, "amf.yaml", OPEN5GS, emergency_duty=True) == {"S02", "S10"}


def test_home_network_keys(tmp_path):
    tls = "default: {tls: {server: {scheme: https, verify_client: true}}}\n"
    assert failed(tmp_path, "udm.yaml", tls + "udm: {hnet: [{id: 1, scheme: 1, key: k}]}") == set()
    assert failed(tmp_path, "udm.yaml", tls + "udm: {sbi: {}}") == {"S01"}
    assert (
        failed(tmp_path, "udmcfg.yaml", "configuration: {SuciProfile: [{ProtectionScheme: 1}]}")
        == set()
    )
    assert failed(tmp_path, "udmcfg.yaml", "configuration: {serviceNameList: [x]}") == {"S01"}


def test_links_are_ranked_by_people():
    found = evaluate(
        links(
            ("b", "N3", "K2", "C", "none"),
            ("a", "N3", "K1", "C", "none"),
            ("c", "N2", "K1", "C", "ipsec"),
        ),
        NODES,
    )
    mine = found[found["check_id"] == "S06"]
    assert mine["people"].tolist() == [4100, 900]
    assert "street-pole DU (K1) serving 4,100 people" in mine["finding"].iloc[0]
    assert "9.3" in mine["clause"].iloc[0]
    assert {"S05", "S06", "S14"}.isdisjoint(found.attrs["not_checked"])
    assert "S10" in found.attrs["not_checked"]


@pytest.mark.parametrize(
    ("interface", "protection", "check"),
    [("N2", "none", "S05"), ("N2", "dtls", None), ("N3", "dtls", "S06"), ("Xn", "none", "S07"),
     ("F1", "none", "S08"), ("E1", "ipsec", None), ("N4", "none", "S09"), ("O&M", "none", "S12"),
     ("N32", "prins", None), ("N6", "none", None)],
)  # fmt: skip
def test_each_interface(interface, protection, check):
    found = evaluate(links(("a", interface, "K1", "C", protection)), NODES)
    assert set(found["check_id"]) - {"S14"} == ({check} if check else set())


def test_secured_paths_and_unknown_protection():
    table = links(("a", "N3", "K1", "C", None))
    assert evaluate(table, NODES)["status"].iloc[0] == "not stated"
    assert not len(evaluate(table.assign(secured=True), NODES))


def test_every_fault_at_once(tmp_path):
    table = links(("a", "N33", "K1", "X", "ipsek"))
    with pytest.raises(InputError) as caught:
        evaluate(table, NODES.assign(people=[-1, 2, 3]))
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {
        "security.interface",
        "security.protection",
        "security.no-node",
        "security.people",
    }
    for name, text in {
        "a.yaml": "amf: [",
        "b.yaml": "x: 1",
        "c.csv": "element,function,setting,value\na,b,sbii,x\n",
    }.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        read_configs([tmp_path / n for n in ("a.yaml", "b.yaml", "c.csv", "none.yaml")])
    codes = [fault.code for fault in caught.value.faults]
    assert codes == ["config.yaml", "config.dialect", "config.setting", "config.unreadable"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amf: {security: {ciphering_order: [NEA9]}}", '"NEA9" is none of its values'),
        ("configuration: {security: {integrityOrder: [2]}}", '"2" is none of its values'),
        ("udm: {hnet: [{scheme: one}]}", '"one" is none of its values'),
        ("[" * 5000, "no YAML"),
    ],
)
def test_what_no_network_function_knows_is_a_fault(tmp_path, text, words):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_configs([tmp_path / "a.yaml"])


@pytest.mark.parametrize(
    "text",
    ["udm: {hnet: 5}", "udm: {hnet: {scheme: 1}}", "amf: [1]", "amf: {sbi: {server: x}}",
     "sepp: {n32: {server: {scheme: [https]}}}", "smf: {security_indication: [x]}",
     "configuration: {1: 2, SuciProfile: 5}", "configuration: {upSecurity: x, sbi: [y]}"],
)  # fmt: skip
def test_odd_shapes_are_read_for_what_they_say(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    read = read_configs([tmp_path / "a.yaml"])
    assert set(read["value"]) <= {"", "1", "http", "none"}


def test_every_check_has_clause_cure_and_evidence():
    assert checks().notna().all().all()


def test_esp_by_hand():
    # IPv4 20, SPI and sequence 8, IV 8, padding 2, trailer 2, ICV 16
    assert esp_bytes(1500) == 56
    assert esp_bytes(1498) == 54
    assert esp_bytes(1500, ip=6, nat=True) == 84
    assert capacity_factor({40: 1}, tunnel_bytes=0, link_bytes=0) == pytest.approx(96 / 40)


@given(st.integers(20, 9000))
def test_padding_keeps_words_of_four_bytes_and_small_packets_pay_more(size):
    assert (size + esp_bytes(size)) % 4 == 0
    assert capacity_factor({size: 1}) > capacity_factor({size + 400: 1}) > 1.0


# --- a plan ---------------------------------------------------------------------------------------

SITES = pd.DataFrame({"site_id": ["P1", "R1", "R2"], "kind": ["pole", "rooftop", "rooftop"]})
PLAN = plan_elements(
    pd.DataFrame(
        [
            ("P1-1", "P1", "RU", "acme", 3100, 40), ("P1-2", "P1", "RU", "acme", 1000, 10),
            ("P1/bbu", "P1", "gNB", "acme", 4100, 50), ("P1/mw", "P1", "microwave", "beta", 4100, 50),
            ("R1/bbu", "R1", "gNB", "beta", 900, 640), ("R1-1", "R1", "RU", "beta", 900, 640),
            ("R2/bbu", "R2", "gNB", "acme", 1000, 5), ("core/AMF", "core", "AMF", "acme", 6000, 0),
            ("core/EMS-1", "core", "EMS", "acme", 6000, 0), ("core/EMS-2", "core", "EMS", "beta", 6000, 0),
        ],
        columns=["element_id", "site_id", "function", "maker", "population", "traffic"],
    )
)  # fmt: skip


def test_links_and_nodes_of_a_plan():
    table, nodes = plan_links(PLAN, SITES, neighbours=[("R1", "P1"), ("R1", "R2")])
    people = nodes.set_index("node_id")["people"]
    # radios and baseband serve the same people, and the core serves everyone once more
    assert people[["P1", "R1", "R2"]].tolist() == [4100, 900, 1000]
    assert people["core/AMF"] == 6000
    assert table["interface"].value_counts().to_dict() == {
        "N2": 3, "N3": 3, "O&M": 3, "Xn": 2, "N4": 1,
    }  # fmt: skip
    ends = table.set_index("link_id")["to"]
    assert ends["O&M P1 > core/EMS-1"] == "core/EMS-1"
    assert ends["O&M R1 > core/EMS-2"] == "core/EMS-2"
    assert table.set_index("link_id").loc["Xn P1 > R1", "people"] == 900
    assert evaluate(table, nodes).attrs["people"] == 6000


def test_with_a_unit_at_the_core_f1_runs_to_the_sites():
    table, nodes = plan_links(PLAN, SITES, split="cu", neighbours=[("R1", "P1")])
    assert set(nodes["function"]) == {"DU", "AMF", "CU-CP", "CU-UP", "UPF", "SMF", "EMS"}
    assert table["interface"].value_counts().to_dict() == {
        "F1-C": 3, "F1-U": 3, "O&M": 3, "E1": 1, "N2": 1, "N3": 1, "N4": 1,
    }  # fmt: skip
    found = evaluate(table, nodes)
    assert set(found["check_id"]) == {"S08", "S12"}  # within the core all is secured
    with pytest.raises(InputError, match='split is "du"'):
        plan_links(PLAN, SITES, split="du")


def test_the_sentence_that_ranks_first(tmp_path):
    (tmp_path / "l.csv").write_text("interface,from,protection,leased\nN3,,none,\nN3,P1,none,yes\n")
    stated = read_links(tmp_path / "l.csv")
    found = evaluate(*plan_links(PLAN, SITES, split="integrated", stated=stated))
    first = found.iloc[0]
    assert first["status"] == "flagged"
    assert first["finding"] == (
        "unprotected N3 over a leased microwave link to an unguarded street-pole gNB (P1) serving "
        "4,100 people"
    )
    others = found[found["check_id"] == "S05"]
    assert set(others["status"]) == {"not stated"}


def test_what_the_user_says_changes_the_links_it_names():
    def of(**words):
        blank = dict.fromkeys(LINK_COLUMNS, "")
        return plan_links(PLAN, SITES, stated=pd.DataFrame([{**blank, **words, "row": 2}]))[0]

    table = of(interface="N3", **{"from": "R1"}, protection="ipsec", media="fibre", secured="no")
    said = table[table["protection"] != ""]
    assert said[["interface", "from", "media"]].to_numpy().tolist() == [["N3", "R1", "fibre"]]
    assert (of(interface="N2", protection="dtls")["protection"] == "dtls").sum() == 3
    assert of(link_id="N3 R2 > core/UPF", secured="yes")["secured"].sum() == 2
    with pytest.raises(InputError, match="no link with interface N9"):
        of(interface="N9", protection="ipsec")


def test_repeated_findings_become_one_row_with_everyone_counted_once():
    found = evaluate(*plan_links(PLAN, SITES, neighbours=[("R1", "P1"), ("R1", "R2")]))
    assert len(found) == 3 * 3 + 2 + 6  # N2, N3, O&M; Xn; no gateway on N2 and N3
    table = grouped(found).set_index("check_id")
    assert table["count"].to_dict() == {"S05": 3, "S06": 3, "S12": 3, "S14": 6, "S07": 2}
    # S14 meets every site twice, by N2 and by N3
    assert table["people"].to_dict() == {
        "S05": 6000, "S06": 6000, "S12": 6000, "S14": 6000, "S07": 900,
    }  # fmt: skip
    assert table.loc["S06", "worst"].startswith("N3 P1 > core/UPF; ")
    assert table["people"].max() <= found.attrs["people"]


def test_a_site_that_serves_nobody_does_not_hide_the_others():
    empty = PLAN.assign(population=PLAN["population"].where(PLAN["site_id"] != "P1", 0.0))
    found = evaluate(*plan_links(empty, SITES))
    table = grouped(found).set_index("check_id")
    left = PLAN.loc[(PLAN["function"] == "gNB") & (PLAN["site_id"] != "P1"), "population"].sum()
    assert left > 0.0
    assert table.loc[["S05", "S06", "S12", "S14"], "people"].tolist() == [left] * 4


def test_everyone_is_the_people_of_the_network_not_the_sum_of_its_nodes(tmp_path):
    (tmp_path / "amf.yaml").write_text(OPEN5GS)
    table, nodes = plan_links(PLAN, SITES)
    found = evaluate(table, nodes, read_configs([tmp_path / "amf.yaml"]))
    assert set(found.loc[found["check_id"] == "S02", "people"]) == {6000}
    both = found[found["check_id"].isin(["S02", "S04", "S10"])]
    assert set(both["place"]) == {""}
    assert grouped(found).set_index("check_id").loc["S02", "people"] == 6000


def test_the_order_of_sites_and_elements_changes_nothing():
    one = evaluate(*plan_links(PLAN, SITES, neighbours=[("R1", "P1")]))
    two = evaluate(*plan_links(PLAN[::-1], SITES[::-1], neighbours=[("P1", "R1")]))
    key = ["check_id", "element"]
    pd.testing.assert_frame_equal(
        one.sort_values(key, ignore_index=True), two.sort_values(key, ignore_index=True)
    )


# --- backhaul ---------------------------------------------------------------------------------------


def test_backhaul_by_hand():
    table, _ = plan_links(PLAN, SITES)
    found = backhaul(table, {"P1": 50.0, "R1": 640.0, "R2": 0.0}).set_index("site_id")
    # full packets: 1400 + 36 GTP-U, UDP, IP + 38 Ethernet; ESP adds 8 + 8 + 2 + 2 + 16 + 20
    assert found.loc["R1", "plain_mbps_low"] == pytest.approx(640 * 1474 / 1400)
    assert found.loc["R1", "ipsec_mbps_low"] == pytest.approx(640 * (1474 + 56) / 1400)
    ratio = found["ipsec_mbps_typical"] / found["plain_mbps_typical"]
    assert ratio[["P1", "R1"]].tolist() == pytest.approx([capacity_factor()] * 2)
    # 640 / 0.7 is 914 Mbit/s: 963 plain, 999.2 through IPsec in full packets
    assert found.loc["R1", ["port_now_low", "port_ipsec_low"]].tolist() == ["1 GbE", "1 GbE"]
    assert found.loc["R1", "port_now_high"] == "10 GbE"
    assert found.loc["P1", "steps_up"] == "no"
    assert len(found.attrs["assumptions"]) == 6


def test_a_link_steps_up_a_port_only_where_it_is_not_protected_yet():
    table, _ = plan_links(PLAN, SITES)
    traffic = {"R1": 650.0}
    assert backhaul(table, traffic)["steps_up"].tolist() == ["typical"]
    done = backhaul(table.assign(protection="ipsec"), traffic)
    assert done["steps_up"].tolist() == ["no"]
    assert done["port_now_low"].tolist() == ["10 GbE"]
    # a peak above the busy hour decides
    assert backhaul(table, {"R1": 1.0}, peak={"R1": 930.0})["port_ipsec_low"].tolist() == ["10 GbE"]
    with pytest.raises(InputError, match="traffic not from 0 on"):
        backhaul(table, {"R1": -1.0})


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 1e5), st.floats(0.05, 1.0))
def test_protection_never_needs_less(mbps, load):
    table, _ = plan_links(PLAN, SITES)
    row = backhaul(table, {"R1": mbps}, load=load).iloc[0]
    for level in ("low", "typical", "high"):
        assert row[f"ipsec_mbps_{level}"] >= row[f"plain_mbps_{level}"] >= mbps
    assert row["ipsec_mbps_low"] <= row["ipsec_mbps_typical"] <= row["ipsec_mbps_high"]


# --- configurations -----------------------------------------------------------------------------------


def test_settings_in_a_semicolon_csv_of_another_encoding(tmp_path):
    text = "element;function;setting;value\nУзел;AMF;ciphering_order;NEA0 NEA2\n"
    (tmp_path / "s.csv").write_bytes(text.encode("cp1251"))
    found = evaluate(NONE, NODES, read_configs([tmp_path / "s.csv"]))
    assert found["element"].tolist() == ["Узел"]
    assert found["people"].tolist() == [5000]


def test_values_that_are_none(tmp_path):
    (tmp_path / "s.csv").write_text(
        "element,function,setting,value\na,AMF,ciphering_order,NEA9\na,AMF,sbi,\na,AMF,n32,tsl\n"
    )
    with pytest.raises(InputError) as caught:
        read_configs([tmp_path / "s.csv", tmp_path])
    assert [(f.code, f.row) for f in caught.value.faults] == [
        ("config.value", 2), ("config.value", 3), ("config.value", 4), ("supply.no-file", None),
    ]  # fmt: skip
