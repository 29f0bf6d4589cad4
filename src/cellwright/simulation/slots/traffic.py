"""What users send and receive: full buffer, files, cameras, voice, fixed wireless access.

FTP model 3: 3GPP TR 36.872 Annex A.1.3 (Poisson arrivals of files at each user). Voice: TR 36.814
Table A.2.1.3-1 style (20 ms frames, silence descriptors every 160 ms).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError

FULL, POISSON, FRAMES, VOICE = 0, 1, 2, 3


class Flow(NamedTuple):
    """A traffic model as numbers the kernel reads; times in seconds, sizes in bits."""

    kind: int
    interval_s: float
    bits: float
    group: int = 1
    first_bits: float = 0.0
    on_s: float = 0.0
    off_s: float = 0.0
    jitter_s: float = 0.0


def _positive(record: str, **values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(f"{record}.{name} is {value:g}; it must be above 0.")


@dataclass(frozen=True)
class FullBuffer:
    """Always something to send.

    Attributes
    ----------
    five_qi : int
        Quality of service class.
    """

    five_qi: int = 9

    @property
    def mean_mbps(self) -> float:
        """Offered rate [Mbit/s]: infinite."""
        return float("inf")

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        return Flow(FULL, 1.0, 0.0)


@dataclass(frozen=True)
class Ftp3:
    """FTP model 3: files of one size arrive at each user as a Poisson process.

    Attributes
    ----------
    file_bytes : int
        Size of a file [byte]; 500 000 in TR 36.872.
    files_per_s : float
        Mean arrivals at one user [1/s].
    five_qi : int
        Quality of service class.

    Examples
    --------
    >>> Ftp3(500_000, 0.5).mean_mbps
    2.0
    """

    file_bytes: int = 500_000
    files_per_s: float = 0.5
    five_qi: int = 9

    def __post_init__(self) -> None:
        _positive("Ftp3", file_bytes=self.file_bytes, files_per_s=self.files_per_s)

    @property
    def mean_mbps(self) -> float:
        """Offered rate of one user [Mbit/s]."""
        return 8e-6 * self.file_bytes * self.files_per_s

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        return Flow(POISSON, 1.0 / self.files_per_s, 8.0 * self.file_bytes)


@dataclass(frozen=True)
class Periodic:
    """One packet every period, the first at a random phase.

    Attributes
    ----------
    packet_bytes : int
        Size [byte].
    period_ms : float
        Time between packets [ms].
    five_qi : int
        Quality of service class.
    """

    packet_bytes: int = 200
    period_ms: float = 100.0
    five_qi: int = 82

    def __post_init__(self) -> None:
        _positive("Periodic", packet_bytes=self.packet_bytes, period_ms=self.period_ms)

    @property
    def mean_mbps(self) -> float:
        """Offered rate of one user [Mbit/s]."""
        return 8e-3 * self.packet_bytes / self.period_ms

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        return Flow(FRAMES, self.period_ms / 1000.0, 8.0 * self.packet_bytes)


@dataclass(frozen=True)
class Camera:
    """A surveillance camera: frames at a steady rate, every so many an intra-coded, larger one.

    Attributes
    ----------
    mbps : float
        Mean rate of the encoder [Mbit/s]; 4 suits 1080p H.265 (assumption).
    frames_per_s : float
        Frame rate [1/s].
    group : int
        Frames from one I frame to the next.
    intra_ratio : float
        Size of an I frame over that of a P frame (assumption: 8).
    jitter_ms : float
        Each frame leaves the encoder up to this much late, uniformly [ms].
    five_qi : int
        Quality of service class.

    Examples
    --------
    >>> flow = Camera(4.0, 25.0, 50, 8.0).flow()
    >>> round((flow.first_bits + 49 * flow.bits) / 50 * 25 / 1e6, 6)
    4.0
    """

    mbps: float = 4.0
    frames_per_s: float = 25.0
    group: int = 50
    intra_ratio: float = 8.0
    jitter_ms: float = 2.0
    five_qi: int = 2

    def __post_init__(self) -> None:
        _positive("Camera", mbps=self.mbps, frames_per_s=self.frames_per_s, group=self.group)
        _positive("Camera", intra_ratio=self.intra_ratio)
        if not 0.0 <= self.jitter_ms < 1000.0 / self.frames_per_s:
            raise InputError(f"Camera.jitter_ms is {self.jitter_ms:g}; 0 to one frame is allowed.")

    @property
    def mean_mbps(self) -> float:
        """Offered rate of one camera [Mbit/s]."""
        return self.mbps

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        mean = 1e6 * self.mbps / self.frames_per_s
        small = mean * self.group / (self.group - 1 + self.intra_ratio)
        return Flow(
            FRAMES,
            1.0 / self.frames_per_s,
            small,
            self.group,
            small * self.intra_ratio,
            jitter_s=self.jitter_ms / 1000.0,
        )


@dataclass(frozen=True)
class Voice:
    """Speech: a frame every 20 ms while talking, a silence descriptor every 160 ms otherwise.

    Attributes
    ----------
    kbps : float
        Codec rate [kbit/s]: 12.2 AMR, 13.2 EVS.
    overhead_bytes : int
        Compressed headers and padding of a frame [byte] (assumption: 7).
    silence_bytes : int
        Silence descriptor with its headers [byte].
    talk_s, pause_s : float
        Mean length of talk spurts and pauses, exponential [s]; half the time talking.
    five_qi : int
        Quality of service class.
    """

    kbps: float = 12.2
    overhead_bytes: int = 7
    silence_bytes: int = 15
    talk_s: float = 2.0
    pause_s: float = 2.0
    five_qi: int = 1

    def __post_init__(self) -> None:
        _positive("Voice", kbps=self.kbps, talk_s=self.talk_s, pause_s=self.pause_s)
        _positive("Voice", silence_bytes=self.silence_bytes)

    @property
    def mean_mbps(self) -> float:
        """Offered rate of one user [Mbit/s]: every spurt and pause starts with a frame."""
        flow = self.flow()
        frames = -1.0 / np.expm1(-0.02 / self.talk_s)
        silences = -1.0 / np.expm1(-0.16 / self.pause_s)
        bits = frames * flow.bits + silences * flow.first_bits
        return float(1e-6 * bits / (self.talk_s + self.pause_s))

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        bits = 20.0 * self.kbps + 8.0 * self.overhead_bytes
        silence = 8.0 * self.silence_bytes
        return Flow(VOICE, 0.02, bits, 1, silence, self.talk_s, self.pause_s)


@dataclass(frozen=True)
class FixedAccess:
    """Fixed wireless access in the busy hour: bursts (video segments, pages) of a home.

    Attributes
    ----------
    busy_hour_mbps : float
        Mean rate of a home in the busy hour [Mbit/s] (assumption: 4).
    burst_bytes : int
        Size of a burst [byte] (assumption: a two-second segment of 8 Mbit/s video).
    five_qi : int
        Quality of service class.
    """

    busy_hour_mbps: float = 4.0
    burst_bytes: int = 2_000_000
    five_qi: int = 8

    def __post_init__(self) -> None:
        _positive("FixedAccess", busy_hour_mbps=self.busy_hour_mbps, burst_bytes=self.burst_bytes)

    @property
    def mean_mbps(self) -> float:
        """Offered rate of one home [Mbit/s]."""
        return self.busy_hour_mbps

    def flow(self) -> Flow:
        """Return the numbers the kernel reads."""
        bits = 8.0 * self.burst_bytes
        return Flow(POISSON, bits / (1e6 * self.busy_hour_mbps), bits)


Traffic = FullBuffer | Ftp3 | Periodic | Camera | Voice | FixedAccess


class Flows(NamedTuple):
    """Traffic of every user as arrays [user]; see :class:`Flow`."""

    kind: NDArray[np.int8]
    interval: NDArray[np.float64]
    bits: NDArray[np.int64]
    group: NDArray[np.int32]
    first_bits: NDArray[np.int64]
    on: NDArray[np.float64]
    off: NDArray[np.float64]
    jitter: NDArray[np.float64]


def flows(traffic: tuple[Traffic, ...], which: NDArray[np.int64], slot_s: float) -> Flows:
    """Lay out the traffic of every user; times become slots.

    Parameters
    ----------
    traffic : tuple of Traffic
        The classes.
    which : int array [user]
        Class of each user.
    slot_s : float
        Length of a slot [s].
    """
    each = [item.flow() for item in traffic]

    def column(name: str, scale: float, kind: type) -> NDArray[Any]:
        values = np.array([getattr(flow, name) * scale for flow in each])
        return np.ascontiguousarray(np.round(values, 9)[which].astype(kind))

    return Flows(
        column("kind", 1, np.int8),
        column("interval_s", 1 / slot_s, np.float64),
        column("bits", 1, np.int64),
        column("group", 1, np.int32),
        column("first_bits", 1, np.int64),
        column("on_s", 1 / slot_s, np.float64),
        column("off_s", 1 / slot_s, np.float64),
        column("jitter_s", 1 / slot_s, np.float64),
    )
