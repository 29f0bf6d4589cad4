"""Threads, compiled kernels and progress: what long work needs, without knowing who listens."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

#: Compiled kernels of other sources are kept this long [s].
_KERNELS_KEPT_S = 24 * 3600.0
#: Long work calls this with the share done, 0 to 1, and may be given None.
Progress = Callable[[float], None]


def threads() -> int:
    """Return how many cores this process may use; ``CELLWRIGHT_THREADS`` overrides it."""
    wanted = os.environ.get("CELLWRIGHT_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity
        return os.cpu_count() or 1


def portion(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Return a progress call that fills only the part from ``start`` to ``end`` of another."""
    if progress is None:
        return None
    return lambda share: progress(start + (end - start) * share)


def keep_kernels_by_source(package: Path) -> None:
    """Have Numba keep its compiled kernels under a name made from all sources that have kernels.

    Numba by itself compares a kernel with its own file only, so a changed formula in another file
    would go on living in a kernel that calls it. Must run before Numba is imported; where the
    package cannot be written to, or ``NUMBA_CACHE_DIR`` is set, nothing is changed.
    """
    home = package / "__pycache__"
    if "NUMBA_CACHE_DIR" in os.environ or not os.access(package, os.W_OK):
        return
    digest = sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        if b"numba" in source:
            digest.update(source)
    kept = home / f"kernels-{digest.hexdigest()[:16]}"
    for old in home.glob("kernels-*"):
        # a younger one may belong to a run that is still going
        if old != kept and time.time() - old.stat().st_mtime > _KERNELS_KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
