"""Threads and progress: how long work reports where it is, without knowing who listens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


@contextmanager
def numba_threads() -> Iterator[int]:
    """Let Numba's parallel loops use as many threads as :func:`threads` allows."""
    import numba

    before = numba.get_num_threads()
    count = min(threads(), numba.config.NUMBA_NUM_THREADS)
    numba.set_num_threads(count)
    try:
        yield count
    finally:
        numba.set_num_threads(before)


def portion(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Return a progress call that fills only the part from ``start`` to ``end`` of another."""
    if progress is None:
        return None
    return lambda share: progress(start + (end - start) * share)
