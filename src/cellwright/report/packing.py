"""Small bytes for the page: predicted grids, zigzag varints, and the container that holds them.

The page's TypeScript (``ui/src/payload.ts``) reads exactly what is written here.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Two per cent larger than level 9, in a fifth of the time.
_LEVEL = 7
#: Window of 32 kB, gzip header without a time stamp.
_GZIP = 16 + zlib.MAX_WBITS
#: Raised whenever the layout below changes; the page refuses a payload of another version.
VERSION = 1


def zigzag(values: NDArray[Any]) -> NDArray[np.uint32]:
    """Fold signed integers onto unsigned ones so that small steps of either sign stay small.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint32)


def varints(values: NDArray[Any]) -> bytes:
    """Write unsigned integers in groups of seven bits, lowest first, top bit = more follows.

    Examples
    --------
    >>> varints(np.array([1, 300])).hex()
    '01ac02'
    """
    rest = np.asarray(values, dtype=np.uint32)
    groups = np.stack([(rest >> shift) & 0x7F for shift in range(0, 35, 7)], axis=1)
    used = np.maximum(1, 5 - np.argmax(groups[:, ::-1] != 0, axis=1))
    used[~groups.any(axis=1)] = 1
    column = np.arange(5)
    groups = np.where(column < used[:, None] - 1, groups | 0x80, groups)
    return bytes(groups[column < used[:, None]].astype(np.uint8))


def deltas(values: NDArray[Any]) -> bytes:
    """Write a run of integers as varints of their zigzag differences, which must fit 31 bits."""
    whole = np.asarray(values, dtype=np.int64)
    return varints(zigzag(np.diff(whole, prepend=0)))


def predicted(
    values: NDArray[np.uint8], references: Sequence[NDArray[np.uint8]] = ()
) -> tuple[bytes, int | None, bool]:
    """Take away what the neighbour or a reference already tells, whichever leaves least.

    Parameters
    ----------
    values : array of uint8, one axis
        Codes in row order.
    references : sequence of array of uint8
        Codes of layers alike, same length.

    Returns
    -------
    (bytes, int or None, bool)
        Differences modulo 256; which reference was taken away, if any; whether the value before
        was taken away after that.
    """
    best: tuple[float, NDArray[np.uint8], int | None, bool] | None = None
    for number, reference in [(None, None), *enumerate(references)]:
        rest = values if reference is None else values - reference
        for left, tried in ((True, np.diff(rest, prepend=np.uint8(0))), (False, rest)):
            size = _entropy(tried)
            if best is None or size < best[0]:
                best = (size, tried, number, left)
    assert best is not None
    return best[1].tobytes(), best[2], best[3]


def _entropy(values: NDArray[np.uint8]) -> float:
    counts = np.bincount(values, minlength=256)
    share = counts[counts > 0] / max(1, values.size)
    return float(-(share * np.log2(share)).sum())


class Container:
    """Collects named byte arrays behind one JSON head.

    Layout: length of the head (uint32, little-endian), head (UTF-8 JSON), arrays one after the
    other. ``head["arrays"][name] = [offset, length]`` counts from the first array.
    """

    def __init__(self) -> None:
        self.head: dict[str, Any] = {"version": VERSION}
        self._places: dict[str, list[int]] = {}
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, name: str, content: bytes) -> str:
        """Append an array and return its name."""
        self._places[name] = [self._length, len(content)]
        self._parts.append(content)
        self._length += len(content)
        return name

    def content(self) -> bytes:
        """Return head and arrays as one run of bytes."""
        head = {**self.head, "arrays": self._places}
        text = json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        raw = text.encode()
        return len(raw).to_bytes(4, "little") + raw + b"".join(self._parts)


def packed(content: bytes) -> str:
    """Return gzip in base64: what ``DecompressionStream`` in the page undoes.

    The time stamp is left out, so equal content gives equal text. What is packed are mostly
    differences, small numbers at random: zlib's strategy for such takes 2 % less room and time.
    """
    press = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP, zlib.DEF_MEM_LEVEL, zlib.Z_FILTERED)
    return base64.b64encode(press.compress(content) + press.flush()).decode("ascii")
