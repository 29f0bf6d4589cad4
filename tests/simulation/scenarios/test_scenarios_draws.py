"""Random numbers by counter: their distribution, and that nothing but key and counter matters."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from cellwright.simulation.scenarios import draws


@pytest.fixture(scope="module")
def numbers():
    key = draws.keys(5)[draws.SIGHT]
    return np.array([draws.uniform(key, i) for i in range(10_000)])


def test_uniform_numbers_are_uniform(numbers):
    assert stats.kstest(numbers, "uniform").pvalue > 0.01
    assert 0.0 < numbers.min() < numbers.max() < 1.0


def test_neighbours_seeds_and_streams_are_independent(numbers):
    other = np.array([draws.uniform(draws.keys(6)[draws.SIGHT], i) for i in range(numbers.size)])
    stream = np.array([draws.uniform(draws.keys(5)[draws.SHADOW], i) for i in range(numbers.size)])
    for a, b in ((numbers[1:], numbers[:-1]), (numbers, other), (numbers, stream)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4.0 / np.sqrt(a.size)
    # links lie this far apart
    far = np.array([draws.uniform(draws.keys(5)[draws.SIGHT], i << 24) for i in range(10_000)])
    assert stats.kstest(far, "uniform").pvalue > 0.01
    assert len({int(k) for seed in range(50) for k in draws.keys(seed)}) == 50 * draws.STREAMS


@pytest.mark.parametrize("p", [1e-14, 1e-9, 1e-4, 0.07, 0.3, 0.5, 0.92, 0.9999, 1.0 - 1e-12])
def test_quantile_is_that_of_the_normal_distribution(p):
    assert draws.quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-9, abs=1e-12)


def test_normal_numbers_are_normal():
    key = draws.keys(1)[draws.SHADOW]
    values = [draws.normal(key, i) for i in range(20_000)]
    assert stats.kstest(values, "norm").pvalue > 0.01
