"""Threads, compiled kernels and progress: what long work needs, without knowing who listens."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from cellwright.errors import MissingEngineError

#: A source that imports Numba, in whichever words; one that only names it has no kernels.
_HAS_KERNELS = re.compile(rb"^\s*(?:from|import)\s+numba\b", re.MULTILINE)
#: Compiled kernels of other sources are kept this long [s].
_KERNELS_KEPT_S = 24 * 3600.0
#: Long work calls this with the share done, 0 to 1, and may be given None.
Progress = Callable[[float], None]
Job = TypeVar("Job")


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


def on_all_cores(
    jobs: Sequence[Job], work: Callable[[Job], None], progress: Progress | None = None
) -> None:
    """Call ``work(job)`` for every job, on as many threads as :func:`threads` allows.

    Parameters
    ----------
    jobs : sequence
        What there is to do; jobs write to places of their own, so no lock is needed.
    work : callable
        Does one job; what it raises is raised here.
    progress : callable, optional
        Told the share of the jobs done after each.
    """
    pool = ThreadPoolExecutor(threads())
    try:
        waiting = [pool.submit(work, job) for job in jobs]
        for done, job in enumerate(as_completed(waiting), 1):
            job.result()
            if progress is not None:
                progress(done / len(jobs))
    finally:
        # an interrupted run must not wait for every job still in the queue
        pool.shutdown(cancel_futures=True)


def jax_engine(module: str, what: str) -> ModuleType:
    """Import a module written in JAX, on first touch.

    Parameters
    ----------
    module : str
        Its full name.
    what : str
        What needs it, as the message says it: "Block errors with gradients need".

    Raises
    ------
    MissingEngineError
        JAX is not installed.
    ImportError
        Anything else is missing.

    Examples
    --------
    >>> jax_engine("cellwright.units", "Decibels need").__name__
    'cellwright.units'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("jax", "jaxlib"):
            raise
        raise MissingEngineError(
            f'{what} JAX, which is not installed: pip install "cellwright[jax]".'
        ) from error


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
        if _HAS_KERNELS.search(source):
            digest.update(source)
    kept = home / f"kernels-{digest.hexdigest()[:16]}"
    for old in home.glob("kernels-*"):
        # a younger one may belong to a run that is still going
        if old != kept and time.time() - old.stat().st_mtime > _KERNELS_KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
