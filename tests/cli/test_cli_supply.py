"""``cellwright supply ...`` and ``cellwright security ...`` as a person types them."""

import json
import subprocess
import sys

import pytest

import cellwright as cw
from cellwright.project.kernels import made_up_district


def cellwright(*words):
    return subprocess.run(
        [sys.executable, "-m", "cellwright", *map(str, words)], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    files = made_up_district(tmp_path_factory.mktemp("files"))
    project = cw.new(tmp_path_factory.mktemp("cli") / "tiny", inputs=files, name="Tiny")
    project.run()
    return project.folder


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["supply", "check", "-r", "uk-2020"], "uk-2020-35-sites"),
        (["supply", "whatif", "entity-list-2019"], "Entity List"),
        (["supply", "survive", "--stock", "6,12,24"], "months without it"),
        (["security", "check"], "TS 33.501"),
    ],
)
def test_a_question_is_answered_in_words_and_files(folder, words, expected):
    name = "whatif" if "whatif" in words else words[0] if words[0] == "security" else words[1]
    answer = cellwright(*words, folder)
    assert answer.returncode == 0, answer.stderr
    text = " ".join(answer.stdout.split())
    assert expected in text
    assert "legal advice" in text
    assert (folder / "exports" / "supply" / name / "assumptions.csv").is_file()


def test_json_is_one_object_without_a_nan(folder):
    answer = cellwright("supply", "check", folder, "--json", "-r", "au-2018")
    assert answer.returncode == 0, answer.stderr
    data = json.loads(answer.stdout, parse_constant=lambda word: pytest.fail(word))
    assert data["question"] == "check"
    assert data["tables"]["rules"][0]["rule_id"] == "au-2018-5g"
    assert "legal advice" in data["note"]


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (["supply", "whatif", "entity-list-2018"], "entity-list-2019"),
        (["supply", "check", "-r", "uk-2021"], "uk-202"),
        (["supply", "swap", "--party", "huawai"], "huawei"),
        (["supply", "survive", "--stock", "six"], "numbers with commas"),
        (["supply", "landed-cost"], "--importer FR"),
        (["supply", "swap", "--party", "huawei", "--budget", "6,7"], "whole,spent,committed"),
        (["security", "check", "--config", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_a_wrong_word_ends_with_2_and_its_cure(folder, words, cure):
    answer = cellwright(*words, folder)
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert cure in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_screening_names_possible_matches(folder, tmp_path):
    pytest.importorskip("rapidfuzz")
    listed = tmp_path / "list.jsonl"
    entity = {
        "id": "x1",
        "schema": "Company",
        "datasets": ["demo"],
        "properties": {"name": ["ZTE Corporation"], "country": ["cn"]},
    }
    listed.write_text(json.dumps(entity) + "\n", encoding="utf-8")
    names = tmp_path / "suppliers.csv"
    names.write_text("supplier;country\nZTE;CN\nAcme Bakery;FR\n", encoding="utf-8")
    answer = cellwright("supply", "screen", names, "--list", listed, "--json")
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)["tables"]["matches"]
    assert {row["party"] for row in rows} == {"ZTE"}
    assert rows[0]["result"] == "possible match"
