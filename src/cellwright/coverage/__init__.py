"""What every receiver gets from every cell: loss, level, quality, probability of coverage."""

from cellwright.coverage.loss import path_loss
from cellwright.coverage.power import BEAMS, mean_gain_db, received
from cellwright.coverage.service import assumptions, cell_loads, signal
from cellwright.coverage.summary import coverage_summary

__all__ = [
    "BEAMS",
    "assumptions",
    "cell_loads",
    "coverage_summary",
    "mean_gain_db",
    "path_loss",
    "received",
    "signal",
]
