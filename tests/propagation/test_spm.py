"""The standard propagation model: equal to its parents untuned, found again by least squares."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation import (
    StandardModel,
    model,
    spm_from_hata,
    spm_loss_db,
    spm_terms,
)


@pytest.mark.parametrize(
    ("frequency", "parent"), [(0.45, "okumura-hata"), (0.9, "okumura-hata"), (1.8, "cost231-hata")]
)
def test_untuned_it_is_hata_or_cost_231(frequency: float, parent: str) -> None:
    rng = np.random.default_rng(2)
    d, high, low = rng.uniform(1e3, 2e4, 50), rng.uniform(30.0, 200.0, 50), rng.uniform(1, 10, 50)
    ours = spm_loss_db(spm_from_hata(frequency), d, high, low)
    assert ours.loss_db == pytest.approx(model(parent).loss_db(d, frequency, high, low), abs=1e-9)
    assert ours.in_range.all()


def test_least_squares_on_the_terms_finds_the_coefficients() -> None:
    truth = StandardModel(k1=20.0, k2=40.0, k3=6.0, k4=0.4, k5=-6.0, k6=-1.0)
    rng = np.random.default_rng(5)
    d, high = 10 ** rng.uniform(2, 4, 5000), rng.uniform(15.0, 60.0, 5000)
    user, diffraction = rng.uniform(1.0, 5.0, 5000), rng.exponential(10.0, 5000)
    terms = spm_terms(d, high, user, diffraction)
    measured = terms @ truth.k() + rng.normal(0.0, 6.0, 5000)
    found, residual, *_ = np.linalg.lstsq(terms, measured, rcond=None)
    tuned = truth.with_k(found, sigma_db=float(np.sqrt(residual[0] / 5000)), origin="drive test")
    assert tuned.sigma_db == pytest.approx(6.0, rel=0.05)
    assert tuned.k4 == pytest.approx(0.4, abs=0.05)
    loss = spm_loss_db(tuned, 2000.0, 30.0, 1.5, diffraction_db=8.0).loss_db
    wanted = spm_loss_db(truth, 2000.0, 30.0, 1.5, diffraction_db=8.0).loss_db
    assert loss == pytest.approx(float(wanted), abs=0.7)


def test_clutter_is_added_by_name() -> None:
    bare = spm_from_hata(1.8)
    covered = StandardModel(
        **{f"k{i}": bare.k()[i - 1] for i in range(1, 7)},
        k_clutter=0.5,
        clutter_db={"urban": 4.0, "open": -10.0},
    )
    loss = spm_loss_db(covered, [2000.0] * 3, 30.0, cover=["urban", "open", "urban"]).loss_db
    plain = spm_loss_db(bare, 2000.0, 30.0).loss_db
    assert loss - plain == pytest.approx([2.0, -5.0, 2.0])
    with pytest.raises(InputError, match='Did you mean "urban"'):
        spm_loss_db(covered, 2000.0, 30.0, cover="urbn")
    with pytest.raises(InputError, match="None is known"):
        spm_loss_db(bare, 2000.0, 30.0, cover="urban")


def test_refusals_name_the_cure() -> None:
    with pytest.raises(InputError, match="beyond_range=True"):
        spm_from_hata(3.5)
    with pytest.raises(InputError, match="six numbers"):
        spm_from_hata(1.8).with_k([1.0, 2.0], origin="nowhere")
    assert not spm_loss_db(spm_from_hata(1.8), 100.0, 30.0, beyond_range=True).in_range
