"""Long arrays are worked on in blocks, on as many threads as :func:`compute.threads` allows.

Kernels release the interpreter lock, so plain threads share the cores; a parallel Numba loop
would do the same for several times the compile time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cellwright.compute import Progress, threads


def in_blocks(
    work: Callable[[int, int], None], count: int, block: int, progress: Progress | None = None
) -> None:
    """Call ``work(start, stop)`` for every block of ``range(count)``.

    Parameters
    ----------
    work : callable
        Fills its own part of the result; parts never overlap, so no lock is needed.
    count : int
        How many items there are in all.
    block : int
        Items in one block.
    progress : callable, optional
        Told the share done after each block.
    """
    starts = range(0, count, block)
    lock = threading.Lock()
    done = 0

    def one(start: int) -> None:
        nonlocal done
        work(start, min(start + block, count))
        if progress is not None:
            with lock:
                done += 1
                progress(done / len(starts))

    if len(starts) < 2 or threads() == 1:
        for start in starts:
            one(start)
        return
    with ThreadPoolExecutor(threads()) as pool:
        for _ in pool.map(one, starts):
            pass
