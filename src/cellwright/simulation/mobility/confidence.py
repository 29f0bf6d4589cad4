"""Rates with their confidence, when users are the independent draws and their events are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student


@dataclass(frozen=True)
class Rate:
    """A ratio of two sums over users, with its interval.

    Attributes
    ----------
    value : float
        The ratio; 0 where there was nothing to divide by.
    low, high : float
        Confidence interval, never below 0.
    out_of : float
        Sum of the denominators; 0 marks a ratio that means nothing.
    """

    value: float
    low: float
    high: float
    out_of: float


def rate_with_confidence(
    above: ArrayLike, below: ArrayLike, level: float = 0.95, most: float = np.inf
) -> Rate:
    """Divide two sums over users and say how sure that is.

    Parameters
    ----------
    above, below : array [user]
        Numerator and denominator of each user.
    level : float
        Confidence, 0 to 1.
    most : float
        The ratio cannot exceed this (1 for a share).

    Returns
    -------
    Rate

    Notes
    -----
    Ratio estimator with users as clusters, linearised (W. G. Cochran, Sampling Techniques, 3rd
    edition, chapter 6). Where nothing was counted the upper end is -ln(1 - level) / denominator
    ("rule of three"), the exact one of a Poisson count of zero.

    Examples
    --------
    >>> rate_with_confidence([1, 0, 2, 1], [10, 10, 10, 10]).value
    0.1
    >>> round(rate_with_confidence([0, 0], [50, 50]).high, 3)
    0.03
    """
    a, b = np.asarray(above, np.float64), np.asarray(below, np.float64)
    total = float(b.sum())
    if total <= 0.0:
        return Rate(0.0, 0.0, 0.0, 0.0)
    value = float(a.sum()) / total
    if a.sum() == 0.0:
        return Rate(0.0, 0.0, min(-float(np.log(1.0 - level)) / total, most), total)
    if a.size < 2:
        return Rate(value, 0.0, most, total)
    spread = float(np.sqrt(a.size / (a.size - 1.0) * ((a - value * b) ** 2).sum())) / total
    half = float(student.ppf(0.5 + level / 2.0, a.size - 1)) * spread
    return Rate(value, max(value - half, 0.0), min(value + half, most), total)
