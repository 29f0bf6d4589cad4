"""A tiny project's questions about vendors, rules, supply and security, end to end."""

import re
from dataclasses import replace
from datetime import date, datetime, time

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cellwright as cw
from cellwright.errors import InputError
from cellwright.project import supply as asks
from cellwright.project.kernels import made_up_district
from cellwright.project.supply.board import board_content
from cellwright.project.supply.board_tables import timeline_of
from cellwright.project.supply.names import readable


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    files = made_up_district(tmp_path_factory.mktemp("files"))
    made = cw.new(tmp_path_factory.mktemp("pilot") / "tiny", inputs=files, name="Tiny")
    made.run()
    return made


@pytest.fixture(scope="module")
def asked(project):
    return asks.asked_of(project)


@pytest.fixture(scope="module")
def radio(asked):
    return asked.radio()


def with_supply(project, text, **files):
    """Return the case of the same plan under other words in [supply]."""
    path = project.folder / "project.toml"
    before = path.read_text(encoding="utf-8")
    for name, content in files.items():
        (project.folder / name.replace("_csv", ".csv").replace("_toml", ".toml")).write_text(
            content, encoding="utf-8"
        )
    try:
        path.write_text(before.replace("[supply]\n", f"[supply]\n{text}\n"), encoding="utf-8")
        return asks.asked_of(cw.open(project.folder)).case
    finally:
        path.write_text(before, encoding="utf-8")


def test_the_plan_becomes_elements_that_add_up(asked, project):
    elements = asked.case.elements
    cells = project.cells[project.cells["carrier"] == "nr"]
    radios = elements[elements["function"] == "RU"]
    assert sorted(radios["element_id"]) == sorted(cells["cell_id"])
    assert elements["element_id"].is_unique
    heads = elements[elements["function"] == "gNB"].groupby("site_id")["population"].sum()
    assert np.allclose(heads, radios.groupby("site_id")["population"].sum()[heads.index])
    core = elements[(elements["site_id"] == "core") & (elements["function"] == "UPF")]
    assert core["population"].iloc[0] == pytest.approx(radios["population"].sum())
    assert (elements["value_low"] <= elements["value_typical"]).all()
    assert (elements["value_typical"] <= elements["value_high"]).all()


def test_phases_hold_every_new_site_once_and_gains_fall(asked, project):
    phases = asked.case.phases
    named = [site for sites in phases["sites"] for site in sites]
    assert sorted(named) == sorted(project.sites["site_id"])
    assert phases["due"].is_monotonic_increasing
    per_site = phases["people"] / phases["quantity"]
    assert (per_site.diff().dropna() <= 1e-6).all()


def test_what_was_not_given_is_said(asked):
    table = asked.case.assumptions
    assert {"maker of RU", "start", "phases"} <= set(table["assumption"])
    assert (table["evidence"] == "assumed").all()


def test_own_vendors_are_not_assumed_and_swapping_them_swaps_the_answer(project):
    one = with_supply(project, 'vendors = { access = "huawei", core = "ericsson" }')
    two = with_supply(project, 'vendors = { access = "ericsson", core = "huawei" }')
    assert "maker of RU" not in set(one.assumptions["assumption"])
    broken = []
    for case in (one, two):
        table = asks.check_rules(case, ["uk-2020"]).tables["rules"].set_index("rule_id")
        broken.append(set(table.index[~table["complies"]]))
    assert "uk-2020-35-sites" in broken[0] - broken[1]
    assert "uk-2020-core" in broken[1] - broken[0]


def test_own_elements_change_makers_site_by_site(project, asked):
    site = asked.case.phases["sites"].iloc[0][0]
    case = with_supply(
        project, 'elements = "own.csv"', own_csv=f"site_id;function;maker\n{site};RU;nokia\n"
    )
    mine = case.elements[(case.elements["site_id"] == site) & (case.elements["function"] == "RU")]
    assert set(mine["maker"]) == {"nokia"}
    assert not mine["assumed"].any()
    assert set(case.elements.loc[case.elements["site_id"] != site, "maker"]) >= {"huawei"}


def test_all_faults_of_supply_at_once(project):
    with pytest.raises(InputError) as caught:
        with_supply(
            project,
            'country = "XX"\nvendors = { acess = "huawei", core = "nobody" }',
        )
    text = str(caught.value)
    for words in ("XX", "acess", "nobody"):
        assert words in text


def test_a_site_that_the_plan_has_not_is_named(project):
    with pytest.raises(InputError, match=r"own\.csv row 2.*no-such-site"):
        with_supply(
            project,
            'elements = "own.csv"',
            own_csv="site_id,function,maker\nno-such-site,RU,nokia\n",
        )


def test_check_tells_faults_of_supply_before_a_run(project):
    path = project.folder / "project.toml"
    before = path.read_text(encoding="utf-8")
    try:
        words = 'rules = ["uk-2021"]\nlinks = "links.csv"\ncountry = "UK"'
        (project.folder / "links.csv").write_text("interface,protection\nN7,ipsek\n")
        path.write_text(before.replace("[supply]\n", f"[supply]\n{words}\n"), encoding="utf-8")
        said = " ".join(str(fault) for fault in cw.open(project.folder).check())
    finally:
        path.write_text(before, encoding="utf-8")
    for words in ("uk-2021", "N7", "ipsek", "UK"):
        assert words in said


def test_a_missing_file_is_named(project):
    with pytest.raises(InputError, match=r"parties.*nowhere\.csv"):
        with_supply(project, 'parties = "nowhere.csv"')


def test_a_rule_of_ones_own_is_the_only_one_that_holds(project):
    rule = """[[rule]]
rule_id = "half"
kind = "cap"
who = { parties = ["huawei"] }
steps = [{ start = 2019-06-05, limit = 0.5 }]
functions = ["access"]
"""
    case = with_supply(project, 'rule_file = "own.toml"', own_toml=rule)
    assert case.stated
    assert [one.rule_id for one in case.rules] == ["half"]
    table = asks.check_rules(case).tables["rules"]
    assert not table["complies"].iloc[0]
    assert table["first_break"].iloc[0] == pd.Timestamp(case.phases["due"].iloc[0])


def test_check_without_stated_rules_says_so(asked):
    found = asks.check_rules(asked.case)
    assert "does not say which rules hold" in found.sentences[0]
    assert len(found.tables["rules"]) > 20


def test_a_check_on_a_day_speaks_of_that_day_only(asked):
    day = date(2018, 8, 22)
    found = asks.check_rules(asked.case, ("au-2018",), [day])
    assert found.sentences == ("1 of 1 rules are kept up to 2018-08-22.",)


def test_a_study_that_ends_before_every_rule_keeps_them_all(project):
    case = with_supply(project, 'start = 2010-01-01\nyears = 5\nrules = ["au-2018", "no-2019"]')
    said = asks.check_rules(case).sentences
    assert said == ("3 of 3 rules are kept up to 2015-01-01.",)


def test_of_days_that_break_a_share_alike_the_one_with_most_to_mend_is_told(asked):
    tables = asks.check_rules(asked.case, ("no-2019-50",)).tables
    assert tables["days"]["changes"].nunique() == 2
    assert tables["rules"]["changes"].iloc[0] == tables["days"]["changes"].max()


def test_rules_about_nothing_in_the_plan_are_named(asked):
    said = asks.check_rules(asked.case, ("uk-2020",)).sentences
    (line,) = [one for one in said if one.startswith("Kept because")]
    assert line.endswith(
        "uk-2020-cni, uk-2020-35-fttp. No zone is named sensitive: see [supply] areas."
    )


def test_rules_of_ones_own_may_not_contradict_those_named_beside_them(project):
    own = """
rule_id,kind,who_parties,functions,technologies,metric,start,limit
mine,min-share,huawei,access,5G,sites,2020-01-01,0.5
"""
    with pytest.raises(
        InputError, match='"mine" asks for 50 % where "uk-dvd-5gaccess35" allows 35'
    ):
        with_supply(
            project, 'rule_file = "r.csv"\nrules = ["mine", "uk-dvd-5gaccess35"]', r_csv=own.strip()
        )


def test_a_party_nobody_knows_is_no_exposure(asked):
    with pytest.raises(InputError, match='no party "huawey"'):
        asks.frontier_answer(asked.case, ("uk-2020",), exposed_to=("huawey",), points=2)


@pytest.mark.parametrize("months", [(float("nan"),), (float("inf"),), (-1.0,), (1.0, 2.0)])
def test_months_of_stock_that_are_none(asked, months):
    with pytest.raises(InputError, match="--stock is"):
        asks.survive_answer(asked.case, months)


def test_every_rule_is_a_sentence_with_its_source(asked):
    found = asks.listed_rules(asked.case)
    assert len(found.sentences) == 32
    assert all("[" in line for line in found.sentences)


def test_exposure_counts_all_where_one_maker_has_the_access(asked, radio):
    found = asks.exposure_answer(asked.case, radio, ["huawei"])
    table = found.tables["exposure"].set_index(["ability", "protected"])
    assert table.loc[("availability", False), "people_share"] == pytest.approx(1.0)
    lost = table.loc[("availability", False), "people_lost"]
    assert lost == pytest.approx(table.loc[("availability", False), "people_lost_naive"])
    assert found.tables["lost"]["people"].sum() > 0.0
    with pytest.raises(InputError, match="no party"):
        asks.exposure_answer(asked.case, radio, ["huwei"])


@pytest.mark.parametrize("name", ["entity-list-2019", "uk-2020", "tariff-25", "counter-list"])
def test_scenarios_answer_in_words(asked, name):
    found = asks.whatif_answer(asked.case, name)
    assert len(found.sentences[0]) > 40
    phases = found.tables["phases"]
    low, high = phases["person_months_low"], phases["person_months_high"]
    assert (low <= phases["person_months_typical"] + 1e-6).all()
    assert (phases["person_months_typical"] <= high + 1e-6).all()
    with pytest.raises(InputError, match="Did you mean"):
        asks.whatif_answer(asked.case, name[:-1])


def test_more_stock_survives_longer(asked):
    few, many = (
        asks.survive_answer(asked.case, (months,)).tables["survive"] for months in (6.0, 24.0)
    )
    assert (few["outage"] == many["outage"]).all()
    assert (many["tts_months_typical"] >= few["tts_months_typical"] - 1e-6).all()
    with pytest.raises(InputError, match="one number of months or three"):
        asks.survive_answer(asked.case, (6.0, 12.0))


def test_replan_keeps_the_rules_and_both_counts_agree(asked, radio):
    found = asks.replan_answer(
        asked.case, radio, ["uk-2022"], asks.ReplanTerms(vendors=("ericsson",), seconds=10.0)
    )
    prices = found.tables["prices"].set_index("rules")
    assert prices.iloc[-1]["cost_usd"] >= prices.loc["none", "cost_usd"] * (1.0 - 0.01)
    assert abs(found.tables["people"]["difference_share"].iloc[-1]) < 0.01
    makers = found.tables["plan"]
    last = makers[makers["phase"] == makers["phase"].iloc[-1]]
    assert "huawei" not in set(last["vendor"])
    # the page is the same each time: nothing in it hangs on how fast the machine was
    again = asks.replan_answer(
        asked.case, radio, ["uk-2022"], asks.ReplanTerms(vendors=("ericsson",), seconds=7.0)
    )
    assert again.sentences == found.sentences
    pd.testing.assert_frame_equal(again.tables["plan"], found.tables["plan"])
    assert (prices["seconds"] > 0.0).all()
    whole = float(radio.people @ radio.covered)
    assert any(f"the whole map counts {whole:,.0f} people" in line for line in found.sentences)


def test_a_rule_on_installs_says_that_its_count_adds_up(asked):
    case = with_rules(asked.case, "nz-2018-ticsa-spark")
    table = timeline_of(case, asks.check_rules(case).tables["rules"])
    counts = dict(zip(table["rule_id"], table["counts"], strict=True))
    assert counts["nz-2018-ticsa-spark"] == "elements without permit, installed since 2018-11-28"
    mine = table[table["rule_id"] == "nz-2018-ticsa-spark"]
    assert mine["value"].is_monotonic_increasing
    # what is gone still was installed: access taken out on the last day counts on
    elements = case.elements.assign(removed=pd.Timestamp(case.until))
    gone = replace(case, elements=elements)
    after = timeline_of(gone, asks.check_rules(gone).tables["rules"])
    after = after[after["rule_id"] == "nz-2018-ticsa-spark"]
    assert after["value"].iloc[-1] == mine["value"].iloc[-1] > 0.0


def with_rules(case, *names):
    return replace(case, rules=tuple(rule for rule in case.known if rule.rule_id in names))


def test_people_read_names_and_words_files_keep_ids(asked):
    case = asked.case
    tables = {
        "vendors": pd.DataFrame({"maker": ["huawei", "not stated", "nobody knows"]}),
        "bom": pd.DataFrame({"item": ["nr_radio_pole", "own_box"], "maker": ["zte", ""]}),
        "survive": pd.DataFrame({"outage": ["huawei"], "nodes": ["huawei gNB: FPGA; zte-x RU"]}),
        "assumptions": pd.DataFrame({
            "assumption": ["maker of RU", "vendors to choose from", "goal"],
            "value": ["huawei", "huawei, zte", "huawei"],
        }),
    }  # fmt: skip
    read = readable(case, tables)
    assert list(read["vendors"]["maker"]) == ["Huawei Technologies", "not stated", "nobody knows"]
    assert list(read["bom"]["item"]) == ["5G radio on a pole", "own_box"]
    assert list(read["bom"]["maker"]) == ["ZTE Corporation", ""]
    assert read["survive"]["nodes"].iloc[0] == "Huawei Technologies gNB: FPGA; zte-x RU"
    assert list(read["assumptions"]["value"]) == [
        "Huawei Technologies", "Huawei Technologies, ZTE Corporation", "huawei",
    ]  # fmt: skip
    assert tables["vendors"]["maker"].iloc[0] == "huawei"


def test_swap_frontier_stock_origin_duty_and_security_answer(asked, project):
    case = asked.case
    swap = asks.swap_answer(case, ["huawei"]).tables["swap"].set_index("line")
    assert swap.loc["total", "low"] <= swap.loc["total", "typical"] <= swap.loc["total", "high"]
    points = asks.frontier_answer(case, ["entity-list-2019"], ["ericsson"], points=3).tables[
        "points"
    ]
    assert (points["lost_typical"].diff().dropna() <= 1e-6).all()
    assert asks.stock_answer(case).tables["parts"]["belief"].notna().any()
    shares = asks.origin_answer(case).tables["shares"]
    assert shares.groupby("stage")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert "No duty bites" in asks.landed_answer(case, "FR").sentences[0]
    with pytest.raises(InputError, match="--importer"):
        asks.landed_answer(case)
    checks = asks.security_answer(project.work, case).tables["checks"]
    assert {"S05", "S06"} <= set(checks["check_id"])


def test_the_bill_is_written_as_cyclonedx(asked, tmp_path):
    pytest.importorskip("cyclonedx")
    from cellwright.supply.bom import read_bom

    found = asks.bom_answer(asked.case, tmp_path / "deep" / "plan.cdx.json")
    again = read_bom(tmp_path / "deep" / "plan.cdx.json")
    assert len(again) == len(found.tables["bom"])


def test_the_board_writes_page_and_workbook(asked):
    made = asks.write_board(asked, quick=True)
    text = made.page.read_text(encoding="utf-8")
    for words in ("legal advice", "Phases", "security", "cellwright supply frontier"):
        assert words in text
    assert text.count("Assumed here") >= 8
    assert "Huawei Technologies could cut off" in text
    # ids of makers and items are for files; words of rules may hold what they like
    shown = [words.strip() for words in re.findall(r">([^<>]+)<", text)]
    ids = {"huawei", "ericsson", "nokia", *asked.project.work.catalogue.index} - {"cabinet"}
    assert not ids & set(shown)
    assert not [words for words in shown if re.search(r"\bhuawei (RU|gNB)\b", words)]
    assert not re.search(r"1e\+0|e\+05", text)
    kept = board_content(asked.project.work, asked.case, asked.radio()).tables["vendors"]
    assert "huawei" in set(kept["maker"])
    assert "country in [supply]" in text
    book = openpyxl.load_workbook(made.workbook)
    assert "sources" in book.sheetnames
    assert book["phases"]["B3"].value == datetime.combine(asked.case.start, time())
