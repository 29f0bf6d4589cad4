"""What every receiver gets from every cell: loss, level, quality, probability of coverage."""

from cellwright.coverage.by_site import site_probability
from cellwright.coverage.crosscheck import CROSSCHECK_COLUMNS, crosscheck
from cellwright.coverage.loss import path_loss, path_losses
from cellwright.coverage.power import BEAMS, mean_gain_db, received
from cellwright.coverage.ray_tracer import ray_engine, ray_traced
from cellwright.coverage.service import assumptions, cell_loads, signal
from cellwright.coverage.summary import coverage_summary

__all__ = [
    "BEAMS",
    "CROSSCHECK_COLUMNS",
    "assumptions",
    "cell_loads",
    "coverage_summary",
    "crosscheck",
    "mean_gain_db",
    "path_loss",
    "path_losses",
    "ray_engine",
    "ray_traced",
    "received",
    "signal",
    "site_probability",
]
