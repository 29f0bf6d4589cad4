"""Security: both dialects, links by place, ranking by people, IPsec bytes, faults together."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.supply.security import capacity_factor, checks, esp_bytes, evaluate, read_configs

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
