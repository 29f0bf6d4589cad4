import tomllib

import pytest

from cellwright.errors import Faults
from cellwright.project.settings import Settings, read_settings, settings_text, toml_lines


def faults_of(tmp_path, text):
    path = tmp_path / "project.toml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    return read_settings(path, faults), list(faults)


def test_every_setting_is_shown_and_its_default_is_valid(tmp_path):
    text = settings_text({})
    assert Settings.model_validate(tomllib.loads(text)) == Settings()
    # a line behind # is a valid setting once the # is taken away
    opened = "\n".join(
        line[2:] if line.startswith("# ") and " = " in line.split("  # ")[0] else line
        for line in text.splitlines()
    )
    assert Settings.model_validate(tomllib.loads(opened)) == Settings()


def test_given_settings_survive_the_round_trip():
    given = {
        "project": {"name": 'Île "Beaulieu"'},
        "inputs": {
            "buildings": {"file": "b.fgb", "columns": {"height": "HAUTEUR"}},
            "sites": "s.csv",
        },
        "planning": {"share": 0.9},
    }
    read = Settings.model_validate(tomllib.loads(settings_text(given)))
    assert read.project.name == 'Île "Beaulieu"'
    assert read.inputs.buildings.columns == {"height": "HAUTEUR"}
    assert read.inputs.sites.file == "s.csv"
    assert read.planning.share == 0.9


def test_all_faults_come_at_once_each_with_its_line(tmp_path):
    settings, faults = faults_of(
        tmp_path,
        '[area]\npixel_mm = 3\npixel_m = 0.1\n\n[planning]\ngoal = "best"\n[plannning]\nshare = 1\n',
    )
    assert settings is None
    assert {(fault.code, fault.row) for fault in faults} == {
        ("project.unknown-key", 2),
        ("project.value", 3),
        ("project.value", 6),
        ("project.unknown-key", 7),
    }
    cures = " ".join(fault.cure for fault in faults)
    assert '"pixel_m"' in cures
    assert '"planning"' in cures


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"[area\n", "project.toml"), (b'[project]\nname = "\xff"\n', "project.encoding")],
)
def test_what_is_no_toml_is_named(tmp_path, content, code):
    path = tmp_path / "project.toml"
    path.write_bytes(content)
    faults = Faults()
    assert read_settings(path, faults) is None
    assert [fault.code for fault in faults] == [code]


def test_empty_text_means_not_given(tmp_path):
    settings, faults = faults_of(tmp_path, '[area]\ncrs = ""\n[planning]\nbudget_usd = ""\n')
    assert not faults
    assert settings.area.crs is None
    assert settings.planning.budget_usd is None


def test_lines_of_dotted_tables_and_keys():
    lines = toml_lines(
        '[carriers.nr]\npreset = "n78"\n\n[inputs.buildings.columns]\nheight = "H"\n'
    )
    assert lines["carriers", "nr", "preset"] == 2
    assert lines["inputs", "buildings", "columns", "height"] == 5
