"""What the slot loop is told: scheduler, link adaptation, retransmissions, fading, uplink power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cellwright.errors import Faults, InputError, did_you_mean

Scheduler = Literal["rr", "pf", "max_ci", "qos"]
FadingKind = Literal["none", "rayleigh"]


@dataclass(frozen=True)
class Fading:
    """Frequency-selective fading of every explicit link.

    Attributes
    ----------
    kind : {"rayleigh", "none"}
        "none" keeps the mean gain.
    delay_spread_ns : float
        Root-mean-square delay spread of the taps [ns].
    speed_mps : float
        Speed of the users [m/s].
    k_factor_db : float
        Rice factor of links in line of sight [dB].
    refresh_slots : int, optional
        Each user's fading is moved on every so many slots, users in turn; by default as often as
        the Doppler shift asks for (see :func:`~cellwright.simulation.slots.fading.refresh_slots`).

    Notes
    -----
    Eight taps of equal power at the quantile midpoints of an exponential delay profile, each the
    sum of six plane waves from random directions (Clarke's Doppler spectrum).
    """

    kind: FadingKind = "rayleigh"
    delay_spread_ns: float = 300.0
    speed_mps: float = 0.83
    k_factor_db: float = 9.0
    refresh_slots: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(FadingKind):
            raise InputError(
                f'Fading.kind is "{self.kind}". {did_you_mean(self.kind, get_args(FadingKind))}'
            )
        if self.refresh_slots is not None and self.refresh_slots < 1:
            raise InputError(f"Fading.refresh_slots is {self.refresh_slots}; at least 1.")
        if not (self.delay_spread_ns > 0.0 and self.speed_mps >= 0.0):
            raise InputError(
                f"Fading: a delay spread of {self.delay_spread_ns:g} ns at {self.speed_mps:g} m/s; "
                "the spread must be above 0 and the speed not negative."
            )


@dataclass(frozen=True)
class SlotSettings:
    """Assumptions of the slot loop.

    Attributes
    ----------
    scheduler : {"rr", "pf", "max_ci", "qos"}
        Round robin, proportional fair, best channel, or quality of service (modified largest
        weighted delay first, times the priority of the 5QI).
    wideband : bool
        One resource-block group: the whole carrier goes to one user a slot.
    pf_slots : float
        Memory of proportional fair averages [slot].
    cqi_period_slots, cqi_delay_slots : int
        Reporting period, and age of a report when it is first used [slot].
    csi : {"cqi", "fine"}
        4-bit CQI of TS 38.214 per group, or quarter decibels.
    activity_slots : float
        Memory of the interference a report sees [slot].
    target_error : float
        First-transmission block error rate that outer-loop link adaptation holds.
    olla_step_db : float
        Step down on an error [dB]; steps up are smaller by target / (1 - target). 0: none. As many
        blocks as are in flight fail together and each takes its step, so that the fall must stay
        below the step of an MCS, about 1 dB: 0.5 dB cost 2 to 5 % on a still channel, 0.2 nothing.
    processes : int
        HARQ processes of a user.
    transmissions : int
        Most transmissions of a block, the first included.
    feedback_slots : int
        k1: from data to its acknowledgement, then to the next slot that can carry it [slot].
    turnaround_slots : int
        From acknowledgement to the earliest retransmission [slot].
    acknowledged : bool
        RLC acknowledged mode: a block given up by HARQ is sent anew; otherwise it is lost.
    rlc_slots : int
        How long that takes [slot] (assumption).
    decode_slots : float
        From the end of the slot to the packet above [slot] (assumption).
    grant_slots : int
        Uplink: from a packet in an empty buffer to the first slot it can use (scheduling request,
        grant) [slot] (assumption).
    interferers : int
        Neighbour cells with their own fading; the rest count by their mean gain.
    p0_dbm, alpha : float
        Uplink power control per 180 kHz: P0 [dBm] and share of the path loss made up for.

    Notes
    -----
    The outer loop holds its target on a still channel too, where it need not: it sends a share w of
    the blocks with the next scheme up, (1 - w) e1 + w e2 = target, and what fails takes its
    resources once more. Throughput is then ((1 - w) S1 + w S2) / (1 + target), S bits of the two
    schemes: about 0.91 of a link whose scheme is known (a test holds the slot loop to it).
    """

    scheduler: Scheduler = "pf"
    wideband: bool = False
    pf_slots: float = 200.0
    cqi_period_slots: int = 10
    cqi_delay_slots: int = 4
    csi: Literal["cqi", "fine"] = "cqi"
    activity_slots: float = 20.0
    target_error: float = 0.1
    olla_step_db: float = 0.2
    processes: int = 16
    transmissions: int = 4
    feedback_slots: int = 2
    turnaround_slots: int = 2
    acknowledged: bool = True
    rlc_slots: int = 20
    decode_slots: float = 0.5
    grant_slots: int = 6
    interferers: int = 8
    p0_dbm: float = -80.0
    alpha: float = 0.8

    def __post_init__(self) -> None:
        faults = Faults()
        if self.scheduler not in get_args(Scheduler):
            hint = did_you_mean(self.scheduler, get_args(Scheduler))
            faults.error("slots.scheduler", f'There is no scheduler "{self.scheduler}".', hint)
        limits = {
            "pf_slots": (1.0, 1e6),
            "cqi_period_slots": (1, 1000),
            "cqi_delay_slots": (0, 1000),
            "activity_slots": (1.0, 1e6),
            "target_error": (1e-6, 0.9),
            "olla_step_db": (0.0, 10.0),
            "processes": (1, 32),
            "transmissions": (1, 8),
            "feedback_slots": (1, 100),
            "turnaround_slots": (0, 100),
            "rlc_slots": (0, 10_000),
            "decode_slots": (0.0, 100.0),
            "grant_slots": (0, 1000),
            "interferers": (0, 64),
            "alpha": (0.0, 1.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                faults.error("slots.setting", f"{name} is {value:g}; {low:g} to {high:g} allowed.")
        faults.raise_errors()


SCHEDULERS: dict[str, int] = {"rr": 0, "pf": 1, "max_ci": 2, "qos": 3}
