import os

import numpy as np
import pytest
import xarray as xr

from cellwright.project import store


def test_a_folder_is_replaced_only_when_whole(tmp_path):
    folder = tmp_path / "geo"
    with store.whole_folder(folder) as part:
        (part / "a.txt").write_text("first")

    def cut_short():
        with store.whole_folder(folder) as part:
            (part / "a.txt").write_text("second, cut short")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut_short()
    assert (folder / "a.txt").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["geo"]


@pytest.mark.parametrize("state", ["before the new one came", "after the new one came"])
def test_a_kill_between_two_renames_is_mended(tmp_path, state):
    old = tmp_path / ".geo.old"
    old.mkdir()
    (old / "a.txt").write_text("old")
    (tmp_path / ".plan.part").mkdir()
    if state.startswith("after"):
        (tmp_path / "geo").mkdir()
        (tmp_path / "geo" / "a.txt").write_text("new")
    store.recover(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["geo"]
    assert (tmp_path / "geo" / "a.txt").read_text() == ("new" if "after" in state else "old")


def test_two_runs_do_not_write_at_once(tmp_path):
    pytest.importorskip("fcntl")
    with (
        store.locked(tmp_path),
        pytest.raises(store.ProjectBusyError, match="Another"),
        store.locked(tmp_path),
    ):
        pass
    with store.locked(tmp_path):  # and a lock is gone with its holder
        pass


def test_datasets_keep_values_dtypes_and_attributes(tmp_path):
    rng = np.random.default_rng(1)
    kept = xr.Dataset(
        {
            "loss_db": (("cell", "receiver"), rng.normal(size=(2, 5)).astype(np.float32)),
            "place": ("receiver", np.arange(5, dtype=np.uint8)),
            "inside": ("receiver", np.array([True, False, True, True, False])),
            "server": ("receiver", np.array([-1, 0, 1, 1, 0], dtype=np.int32)),
        },
        coords={"cell": np.array(["R001-1", "Ж-2"], dtype=object)},
        attrs={"pixel_m": 5.0, "shape": [2, 3]},
    )
    kept["loss_db"].attrs["units"] = "dB"
    store.write_dataset(tmp_path / "a.nc", kept)
    read = store.read_dataset(tmp_path / "a.nc")
    for name in kept.data_vars:
        np.testing.assert_array_equal(read[name].values, kept[name].values)
        assert read[name].dtype == kept[name].dtype, name
    assert read["cell"].values.tolist() == ["R001-1", "Ж-2"]
    assert read["loss_db"].attrs["units"] == "dB"
    assert float(read.attrs["pixel_m"]) == 5.0


def test_json_is_plain_and_whole(tmp_path):
    path = tmp_path / "a" / "kpis.json"
    store.write_json(path, {"x": np.float32(1.5), "nan": float("nan"), "t": (1, np.int8(2))})
    assert store.read_json(path) == {"x": 1.5, "nan": None, "t": [1, 2]}
    assert os.listdir(path.parent) == ["kpis.json"]
    path.write_text('{"cut sho')
    assert store.read_json(path) is None


def test_a_look_at_a_busy_project_leaves_the_running_writer_its_folder(tmp_path):
    part = tmp_path / ".planning.part"
    part.mkdir()
    with store.locked(tmp_path):
        store.recover_unless_busy(tmp_path)
        assert part.is_dir()
    store.recover_unless_busy(tmp_path)
    assert not part.exists()


def test_an_empty_folder_is_filled_where_it_stands(tmp_path):
    home = tmp_path / "here"
    home.mkdir()
    inode = home.stat().st_ino
    with store.whole_folder(home) as part:
        (part / "inputs").mkdir()
        (part / "project.toml").touch()
    assert home.stat().st_ino == inode
    assert {path.name for path in tmp_path.rglob("*")} == {"here", "inputs", "project.toml"}


@pytest.mark.parametrize("damage", [b"", b'{"key": ', b"\xff\xfe\x00"])
def test_json_that_is_not_whole_is_none(tmp_path, damage):
    (tmp_path / "a.json").write_bytes(damage)
    assert store.read_json(tmp_path / "a.json") is None
