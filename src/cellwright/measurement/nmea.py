"""NMEA 0183 logs: when the receiver was where, from sentences RMC and GGA with their checksums."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cellwright.errors import Faults, shown_path
from cellwright.network import decode

#: A gap in the track longer than this is not bridged [s]: a car at 50 km/h has gone 140 m.
LONGEST_GAP_S = 10.0
_SENTENCE = re.compile(r"\$([A-Z]{2})(RMC|GGA),([^*]*)\*([0-9A-Fa-f]{2})")
_NAMED = 5


def checksum(body: str) -> int:
    """Return the checksum of a sentence: all characters between "$" and "*" XORed.

    Examples
    --------
    >>> f"{checksum('GPGLL,5300.97914,N,00259.98174,E,125926,A'):02X}"
    '28'
    """
    total = 0
    for byte in body.encode("latin-1", errors="replace"):
        total ^= byte
    return total


def degrees(text: str, side: str) -> float:
    """Return degrees from "ddmm.mmmm" and N, S, E or W; NaN where it is no such thing.

    Examples
    --------
    >>> round(degrees("4807.038", "N"), 6), round(degrees("01131.000", "W"), 6)
    (48.1173, -11.516667)
    """
    try:
        whole = float(text)
    except ValueError:
        return float("nan")
    full = int(whole / 100.0)
    value = full + (whole - 100.0 * full) / 60.0
    return -value if side in ("S", "W") else value


def read_track(path: str | Path) -> tuple[pd.DataFrame, Faults]:
    """Read a track from an NMEA log.

    Parameters
    ----------
    path : str or Path
        The log; other sentences and text between them are passed over.

    Returns
    -------
    DataFrame
        Columns ``time`` (UTC, no zone), ``lat``, ``lon`` [deg], in order of time.
    Faults
        Broken checksums and times out of order, with their lines.

    Notes
    -----
    RMC tells the date; a GGA before the first RMC is of 1970-01-01, as a time of day alone is.
    """
    file, faults = shown_path(path), Faults()
    if not Path(path).is_file():
        faults.error("track.no-file", "there is no such file.", "Check the path.", file=file)
        return _table([]), faults
    text, _ = decode(Path(path).read_bytes())
    rows, broken = _fixes(text)
    for line in broken[:_NAMED]:
        message = "the checksum does not fit the sentence; it is left out."
        faults.warn("track.checksum", message, file=file, row=line)
    if len(broken) > _NAMED:
        message = "more sentences whose checksum does not fit are left out."
        faults.warn("track.checksum", message, file=file, count=len(broken) - _NAMED)
    if not rows:
        faults.error(
            "track.empty", "there is no valid RMC or GGA sentence with a fix.",
            "Give the receiver's own log, text that starts with $.", file=file,
        )  # fmt: skip
    return _in_order(_table(rows), file, faults), faults


def _fixes(text: str) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Return (line, time, lat, lon) of each fix, and the lines whose checksum is wrong."""
    rows: list[tuple[Any, ...]] = []
    broken: list[int] = []
    day = "1970-01-01"
    for line, sentence in enumerate(text.splitlines(), start=1):
        hit = _SENTENCE.search(sentence)
        if hit is None:
            continue
        talker, kind, body, given = hit.groups()
        if checksum(f"{talker}{kind},{body}") != int(given, 16):
            broken.append(line)
            continue
        found = _fix(kind, body.split(","), day)
        if found is not None:
            day, time, lat, lon = found
            rows.append((line, time, lat, lon))
    return rows, broken


def _fix(kind: str, parts: list[str], day: str) -> tuple[str, str, float, float] | None:
    """Return day, time, latitude and longitude of one sentence, or None where it has no fix."""
    if kind == "RMC":
        if len(parts) < 9 or parts[1] != "A":
            return None
        clock, place, date = parts[0], parts[2:6], parts[8]
        if re.fullmatch(r"\d{6}", date):
            century = "19" if int(date[4:]) >= 80 else "20"
            day = f"{century}{date[4:]}-{date[2:4]}-{date[:2]}"
    else:
        if len(parts) < 6 or parts[5] in ("", "0"):
            return None
        clock, place = parts[0], parts[1:5]
    if not re.match(r"\d{6}", clock):
        return None
    lat, lon = degrees(place[0], place[1]), degrees(place[2], place[3])
    if lat != lat or lon != lon:
        return None
    return day, f"{day}T{clock[:2]}:{clock[2:4]}:{clock[4:]}", lat, lon


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["line", "time", "lat", "lon"])
    times = pd.to_datetime(table["time"], errors="coerce", format="ISO8601")
    return table.assign(time=times.astype("datetime64[ns]"))


def _in_order(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Sort by time, one fix for each; say where the log went back in time."""
    back = table["time"].diff() < pd.Timedelta(0)
    for line in table.loc[back, "line"].head(_NAMED):
        faults.warn(
            "track.time-order", "the time goes back; the track is sorted by time.",
            "Check that these are not two logs in one.", file=file, row=int(line),
        )  # fmt: skip
    table = table.dropna(subset=["time"]).drop_duplicates("time")
    return table.sort_values("time", ignore_index=True)[["time", "lat", "lon"]]


def at_times(track: pd.DataFrame, times: pd.Series) -> tuple[Any, Any]:
    """Return latitude and longitude [deg] at given times, between fixes in proportion.

    NaN before the first fix, after the last, and in gaps longer than `LONGEST_GAP_S`.

    Examples
    --------
    >>> times = pd.to_datetime(["2024-01-01T00:00:00", "2024-01-01T00:00:04"])
    >>> track = pd.DataFrame({"time": times, "lat": [48.0, 48.4], "lon": [2.0, 2.0]})
    >>> asked = pd.Series(pd.to_datetime(["2024-01-01T00:00:01", "2024-01-02T00:00:00"]))
    >>> lat, _ = at_times(track, asked)
    >>> lat.round(3).tolist()
    [48.1, nan]
    """
    known = track["time"].to_numpy("datetime64[ns]").astype(np.int64) / 1e9
    asked = times.to_numpy("datetime64[ns]")
    seconds = np.where(np.isnat(asked), np.nan, asked.astype(np.int64) / 1e9)
    nowhere = np.full(seconds.size, np.nan)
    if known.size == 0:
        return nowhere, nowhere.copy()
    after = np.clip(np.searchsorted(known, seconds), 1, max(known.size - 1, 1))
    after = np.minimum(after, known.size - 1)
    gap = known[after] - known[np.maximum(after - 1, 0)]
    inside = (seconds >= known[0]) & (seconds <= known[-1])
    inside &= (gap <= LONGEST_GAP_S) | np.isin(seconds, known)
    lat = np.interp(seconds, known, track["lat"].to_numpy(float))
    lon = np.interp(seconds, known, track["lon"].to_numpy(float))
    return np.where(inside, lat, np.nan), np.where(inside, lon, np.nan)
