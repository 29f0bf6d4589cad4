"""What all tests share: where reference data may be, and what skips where it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _folder(path: Path, what: str) -> Path:
    if not path.is_dir():
        pytest.skip(f"{what} is not on this machine ({path.name}/); set CELLWRIGHT_REFERENCE_DATA")
    return path


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of reference vectors that are not ours to ship."""
    given = os.environ.get("CELLWRIGHT_REFERENCE_DATA")
    path = Path(given) if given else ROOT.parent / "shared" / "data" / "reference"
    return _folder(path, "reference data")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of development districts and facts that are not ours to ship."""
    given = os.environ.get("CELLWRIGHT_REFERENCE_DATA")
    path = Path(given).parent if given else ROOT.parent / "shared" / "data"
    return _folder(path, "development data")
