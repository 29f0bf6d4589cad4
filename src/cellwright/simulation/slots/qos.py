"""Quality of service classes: priority, delay budget, error rate (TS 23.501 Table 5.7.4-1)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from cellwright.errors import InputError, did_you_mean


@dataclass(frozen=True)
class FiveQi:
    """One standardised class.

    Attributes
    ----------
    number : int
        The 5QI value.
    resource : str
        "gbr", "non-gbr" or "delay-critical-gbr".
    priority : int
        Priority level; less is more urgent.
    delay_budget_ms : float
        Packet delay budget between device and core [ms].
    packet_error_rate : float
        Packet error rate the class tolerates.
    example : str
        A service the standard names.
    """

    number: int
    resource: str
    priority: int
    delay_budget_ms: float
    packet_error_rate: float
    example: str


@cache
def _classes() -> dict[int, FiveQi]:
    text = files("cellwright.simulation.slots").joinpath("data/five_qi.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = {}
    for row in csv.DictReader(lines):
        number = int(row["five_qi"])
        found[number] = FiveQi(
            number,
            row["resource"],
            int(row["priority"]),
            float(row["delay_budget_ms"]),
            float(row["packet_error_rate"]),
            row["example"],
        )
    return found


def five_qi(number: int) -> FiveQi:
    """Return a standardised quality of service class.

    Parameters
    ----------
    number : int
        5QI value.

    Raises
    ------
    InputError
        A value that is not in the table.

    References
    ----------
    3GPP TS 23.501, Table 5.7.4-1.

    Examples
    --------
    >>> five_qi(1).delay_budget_ms, five_qi(9).priority
    (100.0, 90)
    """
    classes = _classes()
    if number not in classes:
        raise InputError(
            f"There is no 5QI {number}. {did_you_mean(str(number), map(str, classes))}"
        )
    return classes[number]
