"""``cellwright simulate`` as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cellwright.project import new
from cellwright.project.kernels import made_up_district


def cellwright(*words):
    command = [sys.executable, "-m", "cellwright", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def simulate(*words):
    return cellwright("simulate", *words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("simulate")
    return new(home / "tiny", inputs=made_up_district(home / "files")).folder


def test_figures_in_json(folder):
    answer = simulate(folder, "--drops", 2, "--users", 20, "--json")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert (told["fidelity"], told["drops"]) == ("drops", 2)
    assert {"quantity", "estimate", "low", "high"} <= set(told["figures"][0])


def test_every_wrong_word_is_told_at_once(folder):
    answer = simulate(
        folder, "--level", "drop", "--traffic", "ftp", "--direction", "side", "--scheduler", "prr"
    )
    assert answer.returncode == 2
    for word in ("--level", "--traffic", "--direction", "--scheduler", "4 faults"):
        assert word in answer.stderr


def test_a_day_is_told_hour_by_hour(folder):
    answer = cellwright("day", folder, "--json")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert [row["hour"] for row in told["hours"]] == list(range(24))
    assert told["energy_kwh"] > 0.0
    assert {row["assumption"] for row in told["assumptions"]} >= {"work_share", "home", "work"}
    said = cellwright("day", folder, "--quiet")
    assert "A day on" in said.stdout
    assert (folder / "exports" / "day" / "nr" / "hours.csv").is_file()
    wrong = cellwright("day", folder, "--work-share", 2)
    assert wrong.returncode == 2
    assert "work_share is 2" in wrong.stderr
