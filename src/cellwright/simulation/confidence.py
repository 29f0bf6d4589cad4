"""How far a figure that comes from drawn samples may be off: over drops, over users, redrawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from cellwright.errors import InputError

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate and the interval that covers the true value with the confidence asked for."""

    estimate: float
    low: float
    high: float


def over_drops(values: ArrayLike, confidence: float = 0.95, *, geometric: bool = False) -> Interval:
    """Return the mean over independent drops and Student's interval of it.

    Parameters
    ----------
    values : array [drop]
        One figure per drop; drops without one (NaN) are left out.
    confidence : float
        Probability that the interval covers the true mean, 0 to 1.
    geometric : bool
        Work on logarithms, as ratios need; all values above 0.

    Returns
    -------
    Interval
        With one drop the ends are infinite; with none all three are NaN.

    Raises
    ------
    InputError
        A confidence outside 0 to 1; a ratio of 0 or less.

    Examples
    --------
    >>> [round(x, 2) for x in over_drops([9.0, 10.0, 11.0, 10.0])]
    [10.0, 8.7, 11.3]
    """
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence is {confidence:g}; it must lie between 0 and 1.")
    given = np.asarray(values, np.float64)
    given = given[np.isfinite(given)]
    if geometric:
        if (given <= 0.0).any():
            raise InputError("a geometric mean needs values above 0.")
        middle, low, high = over_drops(np.log(given), confidence)
        return Interval(float(np.exp(middle)), float(np.exp(low)), float(np.exp(high)))
    if given.size == 0:
        return Interval(np.nan, np.nan, np.nan)
    middle = float(given.mean())
    if given.size == 1:
        return Interval(middle, -np.inf, np.inf)
    half = _half_width(given - middle, float(given.size), confidence)
    return Interval(middle, middle - half, middle + half)


def _half_width(miss: Floats, total: float, confidence: float) -> float:
    """Student's half width of a sum over ``total`` from what each of its terms misses."""
    freedom = miss.size - 1
    spread = math.sqrt(miss.size / freedom * float((miss**2).sum())) / total
    return float(stdtrit(freedom, 0.5 + confidence / 2.0)) * spread


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
    half = _half_width(a - value * b, total, level)
    return Rate(value, max(value - half, 0.0), min(value + half, most), total)


def bootstrap(
    drops: ArrayLike,
    statistic: Callable[[Floats], float],
    confidence: float = 0.95,
    *,
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return a statistic of all samples and its percentile interval, whole drops redrawn.

    Parameters
    ----------
    drops : array [drop, ...]
        Samples by drop: users of one drop share its loads and shadowing, so drops are redrawn
        whole. For figures of two compared plans, stack them on a further axis: they stay paired.
    statistic : callable
        Figure of an array of the same layout.
    confidence : float
        Probability that the interval covers the true value.
    rounds : int
        How often the drops are redrawn.
    seed : int
        Same seed, same interval.

    References
    ----------
    B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, Chapman and Hall 1993, clause 13.

    Examples
    --------
    >>> drawn = np.random.default_rng(1).normal(size=(40, 50))
    >>> found = bootstrap(drawn, np.median)
    >>> found.low < 0.0 < found.high
    True
    """
    given = np.asarray(drops, np.float64)
    if given.shape[0] == 0 or not 0.0 < confidence < 1.0 or rounds < 1:
        raise InputError("bootstrap needs a drop, a confidence in 0 to 1 and a round.")
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, given.shape[0], (rounds, given.shape[0]))
    found = np.array([statistic(given[pick]) for pick in picks])
    ends = np.quantile(found, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    return Interval(float(statistic(given)), float(ends[0]), float(ends[1]))
