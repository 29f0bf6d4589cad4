"""Dated rules at their boundaries, stock against flow, and the time stock lasts."""

from datetime import date

import pandas as pd
import pytest

from cellwright.supply import (
    chain,
    evaluate,
    example_parties,
    library,
    plan_elements,
    rules_of,
    sentence,
    survive,
)


def plan(maker, other, n=10, share=6, **more):
    makers = [maker] * share + [other] * (n - share)
    return plan_elements(
        pd.DataFrame(
            {
                "site_id": [f"s{i}" for i in range(n)],
                "maker": makers,
                "function": "gNB",
                "technologies": "5G",
                **more,
            }
        )
    )


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("uk-2020-35-sites", date(2023, 1, 28)),
        ("uk-dvd-5gaccess35", date(2023, 7, 31)),
        ("uk-dvd-5g-all", date(2028, 1, 1)),
    ],
)
def test_a_rule_binds_on_its_day_and_not_before(name, day):
    from datetime import timedelta

    (rule,), parties = rules_of(name), example_parties()
    assert evaluate(rule, plan("huawei", "nokia"), day - timedelta(days=1), parties).complies
    assert not evaluate(rule, plan("huawei", "nokia"), day, parties).complies
    assert evaluate(rule, plan("nokia", "ericsson"), day, parties).complies


def test_russian_share_is_of_installs_not_of_stock():
    (rule,) = rules_of("ru-2027-local-33")
    old = plan("nokia", "ericsson", installed=pd.Timestamp("2020-01-01"))
    new = plan("irteya", "nokia", share=4, installed=pd.Timestamp("2027-06-01")).assign(
        site_id=list("abcdefghij")
    )
    found = evaluate(
        rule, pd.concat([old, new], ignore_index=True), date(2027, 12, 31), example_parties()
    )
    assert found.complies
    assert found.value == pytest.approx(0.4)


def test_every_rule_is_a_sentence_with_its_source():
    assert all(rule.source in sentence(rule) for rule in library())


def test_oracle_o8():
    nodes = pd.DataFrame(
        {
            "node": ["site", "bbu", "rru", "fpga", "soc", "pa"],
            "demand": [10.0, 0, 0, 0, 0, 0],
            "stock": [0.0, 20, 60, 180, 400, 900],
        }
    )
    edges = pd.DataFrame(
        [
            ("site", "bbu", 1.0),
            ("site", "rru", 3.0),
            ("bbu", "fpga", 1.0),
            ("bbu", "soc", 1.0),
            ("rru", "pa", 2.0),
        ],
        columns=["parent", "child", "quantity"],
    )
    found = survive(chain(nodes, edges), "node").set_index("outage")["tts_months"]
    assert found[["fpga", "soc", "pa", "bbu"]].tolist() == pytest.approx([20, 42, 17, 2])
