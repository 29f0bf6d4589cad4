import json
import os
import signal
import subprocess
import sys
import time

import pytest

import cellwright as cw
from cellwright.project.kernels import made_up_district


def cellwright(*words):
    """Run the command as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "cellwright", *map(str, words)], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    files = made_up_district(tmp_path_factory.mktemp("files"))
    made = tmp_path_factory.mktemp("cli") / "tiny"
    answer = cellwright(
        "new", made, *(w for layer, path in files.items() for w in (f"--{layer}", path))
    )
    assert answer.returncode == 0, answer.stderr
    return made


@pytest.fixture(scope="module")
def ran(folder):
    answer = cellwright("run", folder, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_help_names_every_command():
    answer = cellwright("--help")
    assert answer.returncode == 0
    commands = "new check run compare tune report export crosscheck sources"
    for name in commands.split():
        assert name in answer.stdout
    assert cellwright("--version").stdout.strip() == f"cellwright {cw.__version__}"


def test_help_loads_nothing_heavy():
    code = "import sys, cellwright.cli; print([m for m in ('numpy','pandas','numba','rasterio') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_run_answers_in_json_with_its_key_figures(ran):
    assert ran["kpis"]["sites"] >= 1
    assert ran["report"].endswith("index.html")


def test_run_names_the_report(folder, ran):
    answer = cellwright("run", folder)
    assert answer.returncode == 0
    assert "index.html" in answer.stdout.replace("\n", "")
    assert "fresh" in answer.stderr


def test_every_question_is_answered_in_json(folder, ran):
    for words in (["check"], ["compare"], ["sources"], ["run", "--dry-run"], ["report"]):
        answer = cellwright(words[0], folder, *words[1:], "--json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)
        assert cellwright(words[0], folder, *words[1:]).returncode == 0


def test_bad_input_ends_with_2_and_every_fault(tmp_path):
    (tmp_path / "project.toml").write_text('[planning]\ngaol = "budget"\n[area]\npixel_m = -5\n')
    answer = cellwright("run", tmp_path)
    assert answer.returncode == 2
    assert 'Did you mean "goal"?' in answer.stderr
    assert "pixel_m" in answer.stderr
    told = json.loads(cellwright("check", tmp_path, "--json").stdout)
    assert told["ok"] is False
    assert {fault["row"] for fault in told["faults"]} == {2, 4}


def test_an_unknown_step_and_a_missing_project_end_with_2(folder, tmp_path):
    answer = cellwright("run", folder, "--until", "coverag")
    assert answer.returncode == 2
    assert "coverage" in answer.stderr
    assert cellwright("run", tmp_path).returncode == 2


def test_a_goal_out_of_reach_ends_with_3(folder, tmp_path):
    files = made_up_district(tmp_path / "files")
    project = cw.new(tmp_path / "far", inputs=files)
    path = project.folder / "project.toml"
    text = path.read_text().replace("[coverage]\n", "[coverage]\nindoor_target_dbm = -31.0\n")
    path.write_text(text)
    answer = cellwright("run", project.folder)
    assert answer.returncode == 3, answer.stderr
    assert "%" in answer.stderr


@pytest.mark.skipif(os.name != "posix", reason="interrupts a process the POSIX way")
def test_ctrl_c_ends_with_130_and_says_what_is_kept(tmp_path):
    project = cw.new(tmp_path / "p", inputs=made_up_district(tmp_path / "files"))
    words = [sys.executable, "-m", "cellwright", "run", str(project.folder), "-q"]
    runner = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    while not (project.results / "geo").exists() and runner.poll() is None:
        time.sleep(0.02)
    runner.send_signal(signal.SIGINT)
    _, told = runner.communicate()
    assert runner.returncode == 130
    assert "goes on from there" in told
    assert "Traceback" not in told


def test_what_the_system_refuses_is_one_line_not_a_traceback(folder, monkeypatch, capsys):
    from cellwright import project
    from cellwright.cli import main

    def full(*_words, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project.Project, "run", full)
    monkeypatch.setattr(sys, "argv", ["cellwright", "run", str(folder), "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "No space left" in json.loads(said.out)["error"]
    assert "Traceback" not in said.err
