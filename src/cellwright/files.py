"""Write beside, then rename: a reader never meets a half-written file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(path: Path | str) -> Iterator[Path]:
    """Give a name to write to; on success it becomes ``path``, on failure it vanishes.

    Parameters
    ----------
    path : Path or str
        The file to make or replace; its folder is made where needed.

    Yields
    ------
    Path
        A name in the same folder with the same suffix, so that the rename is atomic.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        for left in (beside, beside.with_name(beside.name + ".aux.xml")):
            left.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes) -> Path:
    """Write bytes whole or not at all."""
    with replaced(path) as beside:
        beside.write_bytes(content)
    return Path(path)
