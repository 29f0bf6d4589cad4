"""Knobs of connected-mode mobility: TS 38.331 events and timers, TR 36.839 failure model."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from cellwright.errors import Faults

Event = Literal["a3", "a5"]
Command = Literal["lost", "waits"]


@cache
def signalled_values() -> dict[str, tuple[float, ...]]:
    """Return the values a network can signal for each knob, in the knob's own unit (seconds).

    Examples
    --------
    >>> signalled_values()["n310"]
    (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 20.0)
    """
    file = resources.files("cellwright.simulation.mobility").joinpath("data", "rrc_values.csv")
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    scale = {"ms": 1000.0, "": 1.0}
    return {
        row["name"]: tuple(float(value) / scale[row["unit"]] for value in row["values"].split())
        for row in csv.DictReader(lines)
    }


@dataclass(frozen=True)
class HandoverSettings:
    """How phones measure and report, how long a handover takes, and when a link counts as lost.

    Attributes
    ----------
    event : {"a3", "a5"}
        Neighbour becomes offset better than serving, or serving weak and neighbour strong.
    offset_db, hysteresis_db : float
        a3-Offset and hysteresis of the event [dB].
    ttt_s : float
        Time to trigger [s].
    a5_serving_dbm, a5_neighbour_dbm : float
        a5-Threshold1 and a5-Threshold2 [dBm].
    a2_dbm : float or None
        Neighbours are looked for only while the serving cell is below this (event A2) [dBm].
    l3_k : int
        filterCoefficient of RSRP.
    l1_period_s : float
        Time between two results of layer 1 [s].
    prepare_s, execute_s : float
        From report to command, and from command to the target [s].
    reestablish_s : float
        From a failure to the next connection [s].
    qout_db, qin_db : float
        SINR of out-of-sync and in-sync [dB].
    qout_window_s, qin_window_s : float
        Time constants of the averages compared with them [s].
    holdoff_s : float
        No out-of-sync this long after a cell was joined [s].
    indication_s : float
        Time between two indications of layer 1 [s].
    n310, n311 : int
        Out-of-sync indications that start T310; in-sync indications that stop it.
    t310_s : float
        T310 [s].
    t304_s : float or None
        The phone goes on trying the target while T304 runs [s]; None: one look at the end of
        the execution, as TR 36.839 does.
    command : {"lost", "waits"}
        A handover command that arrives while T310 runs is lost (TR 36.839: a failure), or is
        repeated until the SINR is back at Qout (TS 38.331 5.3.5.5.2).
    min_stay_s : float
        Shorter stays between two handovers there and back are ping-pong [s].

    Raises
    ------
    InputError
        With every value out of range, or one that no network can signal.

    References
    ----------
    3GPP TS 38.331 clauses 5.3.10, 5.5.3.2, 5.5.4.3, 5.5.4.4 and 5.5.4.6; TS 38.133 clause 8.1;
    TR 36.839 V11.1.0 clause 5.2.1.

    Examples
    --------
    >>> HandoverSettings(ttt_s=0.15)
    Traceback (most recent call last):
    ...
    cellwright.errors.InputError: 1 fault in the input:
      ttt_s is 0.15; TS 38.331 has no such value. Nearest: 0.16.
    """

    event: Event = "a3"
    offset_db: float = 2.0
    hysteresis_db: float = 1.0
    ttt_s: float = 0.16
    a5_serving_dbm: float = -110.0
    a5_neighbour_dbm: float = -105.0
    a2_dbm: float | None = None
    l3_k: int = 4
    l1_period_s: float = 0.04
    prepare_s: float = 0.05
    execute_s: float = 0.04
    reestablish_s: float = 1.0
    qout_db: float = -8.0
    qin_db: float = -6.0
    qout_window_s: float = 0.2
    qin_window_s: float = 0.1
    holdoff_s: float = 0.0
    indication_s: float = 0.02
    n310: int = 1
    n311: int = 1
    t310_s: float = 1.0
    t304_s: float | None = None
    command: Command = "lost"
    min_stay_s: float = 1.0

    def __post_init__(self) -> None:
        faults = Faults()
        for name, allowed in signalled_values().items():
            value = getattr(self, name)
            if value is not None and not any(abs(value - other) < 1e-9 for other in allowed):
                nearest = min(allowed, key=lambda other: abs(other - value))
                faults.error(
                    f"handover.{name}",
                    f"{name} is {value:g}; TS 38.331 has no such value.",
                    f"Nearest: {nearest:g}.",
                )
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                faults.error(f"handover.{name}", f"{name} is {value:g}; {low:g} to {high:g}.")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                faults.error(
                    f"handover.{name}",
                    f'{name} is "{getattr(self, name)}"; allowed: {", ".join(words)}.',
                )
        if self.qin_db < self.qout_db:
            faults.error("handover.qin_db", f"qin_db {self.qin_db:g} is below qout_db.")
        faults.raise_errors()

    def filter_share(self, reference_s: float = 0.2) -> float:
        """Share of a new sample in the layer-3 filter at this sample period.

        Parameters
        ----------
        reference_s : float
            Sample period that filterCoefficient is meant for [s]: one measurement period of layer
            1, 200 ms below 7.125 GHz.

        References
        ----------
        3GPP TS 38.331 clause 5.5.3.2: a = 1/2^(k/4), kept in time at other sample rates.

        Examples
        --------
        >>> round(HandoverSettings(l3_k=4, l1_period_s=0.2).filter_share(), 6)
        0.5
        """
        whole = 0.5 ** (self.l3_k / 4.0)
        return float(1.0 - (1.0 - whole) ** (self.l1_period_s / reference_s))


_RANGES: dict[str, tuple[float, float]] = {
    "offset_db": (-15.0, 15.0),
    "hysteresis_db": (0.0, 15.0),
    "a5_serving_dbm": (-156.0, -31.0),
    "a5_neighbour_dbm": (-156.0, -31.0),
    "a2_dbm": (-156.0, -31.0),
    "l1_period_s": (0.001, 2.0),
    "prepare_s": (0.0, 5.0),
    "execute_s": (0.0, 5.0),
    "reestablish_s": (0.0, 60.0),
    "qout_db": (-30.0, 30.0),
    "qin_db": (-30.0, 30.0),
    "qout_window_s": (0.001, 5.0),
    "qin_window_s": (0.001, 5.0),
    "holdoff_s": (0.0, 5.0),
    "indication_s": (0.001, 1.0),
    "min_stay_s": (0.0, 60.0),
}
_WORDS = {"event": ("a3", "a5"), "command": ("lost", "waits")}
