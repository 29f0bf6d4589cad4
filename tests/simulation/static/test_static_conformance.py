"""V7 and V8 through the product's own peak rates and SINR."""

from __future__ import annotations

import numpy as np
import pytest
from scripts.conformance import static


def test_v7_peak_arithmetic():
    case = static.peak()
    assert [row["what"] for row in case["rows"] if not row["inside"]] == []
    ratio = [row["ours"] for row in case["rows"] if row["what"].startswith("ratio")]
    assert ratio[0] == pytest.approx(15.5, abs=0.05)
    assert ratio[1] == pytest.approx(11.6, abs=0.05)


def test_v8_coverage_of_a_poisson_network():
    sir = static.poisson_sir_db(40_000, seed=21)
    for threshold in (-10.0, 0.0, 10.0, 20.0):
        exact = float(static.coverage((threshold,))[0])
        error = np.sqrt(exact * (1.0 - exact) / sir.size)
        assert (sir > threshold).mean() == pytest.approx(exact, abs=3.5 * error)


def test_the_closed_form_at_exponent_four():
    """1 / (1 + sqrt(t) arctan sqrt(t)), Andrews, Baccelli and Ganti 2011."""
    t = np.array([0.1, 1.0, 10.0])
    exact = 1.0 / (1.0 + np.sqrt(t) * np.arctan(np.sqrt(t)))
    assert static.coverage(10.0 * np.log10(t), 4.0) == pytest.approx(exact, rel=1e-9)


def test_fading_averages():
    assert all(row["inside"] for row in static.scheduling()["rows"])
