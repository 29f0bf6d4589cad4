from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_genlaguerre

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo import (
    dominant_rows,
    group_sinr,
    layer_sinr,
    noise_covariance,
    select_users,
    serve_together,
    sum_rate,
    svd_precoder,
    zero_forcing,
)
from cellwright.simulation.mimo.kernels import (
    add_covariance_kernel,
    hermitian_eigen_kernel,
    mmse_irc_sinr_kernel,
    product_kernel,
    regularised_zf_kernel,
    svd_precoder_kernel,
    white_kernel,
    white_sinr_kernel,
    whiten_kernel,
)

SIZES = [(1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 3), (4, 4), (8, 8)]


def draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


def coloured(rng, *shape):
    size = shape[-1]
    return noise_covariance(draw(rng, *shape[:-1], size, 3) * 1.5, 0.3)


@pytest.mark.parametrize(("receive", "layers"), SIZES)
def test_irc_is_the_textbook_error_matrix(receive, layers):
    rng = np.random.default_rng(receive * 10 + layers)
    h, r = draw(rng, 50, receive, layers), coloured(rng, 50, receive)
    error = np.linalg.inv(np.eye(layers) + h.conj().swapaxes(-1, -2) @ np.linalg.inv(r) @ h)
    expected = 1.0 / np.einsum("...ii->...i", error).real - 1.0
    assert layer_sinr(h, r) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("receive", "layers"), SIZES)
def test_knowing_the_interference_never_hurts(receive, layers):
    rng = np.random.default_rng(receive * 10 + layers)
    h, r = draw(rng, 200, receive, layers), coloured(rng, 200, receive)
    irc, mmse, mrc = (layer_sinr(h, r, kind) for kind in ("mmse-irc", "mmse", "mrc"))
    assert (irc >= mmse * (1.0 - 1e-9)).all()
    assert (irc >= mrc * (1.0 - 1e-9)).all()
    white = 0.7 * np.eye(receive)
    assert layer_sinr(h, white) == pytest.approx(layer_sinr(h, white, "mmse"), rel=1e-8)


def test_receivers_without_interference_are_matched_filters():
    rng = np.random.default_rng(1)
    h = draw(rng, 20, 4, 1)
    expected = (np.abs(h[..., 0]) ** 2).sum(axis=-1) / 0.2
    for kind in ("mmse-irc", "mmse", "mrc"):
        assert layer_sinr(h, 0.2 * np.eye(4), kind)[:, 0] == pytest.approx(expected)


def test_irc_nulls_a_strong_interferer_that_mmse_does_not():
    rng = np.random.default_rng(2)
    h, other = draw(rng, 100, 2, 1), draw(rng, 100, 2, 1) * 1000.0
    r = noise_covariance(other, 0.01)
    assert np.median(layer_sinr(h, r)) > 10.0
    assert np.median(layer_sinr(h, r, "mmse")) < 1e-3


def test_another_interferer_never_raises_sinr():
    rng = np.random.default_rng(3)
    h, others = draw(rng, 100, 4, 2), draw(rng, 100, 4, 6)
    before = layer_sinr(h, noise_covariance(others[..., :3], 0.1))
    assert (layer_sinr(h, noise_covariance(others, 0.1)) <= before * (1.0 + 1e-9)).all()


def test_kernels_take_single_precision_and_columns_to_ignore():
    rng = np.random.default_rng(4)
    h, w = draw(rng, 4, 32).astype(np.complex64), draw(rng, 32, 4).astype(np.complex64)
    heff, cov = np.empty((4, 4), np.complex128), np.empty((4, 4), np.complex128)
    work, out = np.empty((8, 4), np.complex128), np.empty(4, np.float32)
    product_kernel(h, w, heff)
    assert heff == pytest.approx(h @ w, rel=1e-5, abs=1e-5)
    white_kernel(0.5, 4, cov)
    add_covariance_kernel(draw(rng, 4, 2), 2, 3.0, cov)
    mmse_irc_sinr_kernel(heff, 2, cov, work, out)
    assert out[:2] == pytest.approx(layer_sinr(heff[:, :2], cov), rel=1e-6)


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_a_factored_covariance_gives_the_same_sinr(layers):
    rng = np.random.default_rng(layers)
    for size in (4, 6):
        h, r = draw(rng, size, 4), coloured(rng, size)
        work, out = np.empty((size + layers, layers), np.complex128), np.empty(layers)
        white_sinr_kernel(np.linalg.cholesky(r), h, layers, work, out)
        assert out == pytest.approx(layer_sinr(h[:, :layers], r), rel=1e-9)


def test_whitening_makes_noise_white():
    rng = np.random.default_rng(5)
    h, r = draw(rng, 4, 16), coloured(rng, 4)
    out, work = np.empty((4, 16), np.complex128), np.empty((4, 4), np.complex128)
    whiten_kernel(h, r, work, out)
    assert out.conj().T @ out == pytest.approx(h.conj().T @ np.linalg.inv(r) @ h)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
def test_small_eigenvalues_and_singular_vectors(size):
    rng = np.random.default_rng(size)
    for _ in range(20):
        a = draw(rng, size, size + 1)
        a = a @ a.conj().T
        vectors, values = np.empty((size, size), np.complex128), np.empty(size)
        hermitian_eigen_kernel(a.copy(), size, vectors, values)
        assert values == pytest.approx(np.linalg.eigvalsh(a)[::-1], rel=1e-9)
        assert a @ vectors == pytest.approx(vectors * values, abs=1e-9)
        h = draw(rng, size, 16)
        w, gains = np.empty((16, size), np.complex128), np.empty(size)
        svd_precoder_kernel(h, size, np.empty((2 * size, size), np.complex128), gains, w)
        assert np.sqrt(gains) == pytest.approx(np.linalg.svd(h)[1], rel=1e-8)
        assert w.conj().T @ w == pytest.approx(np.eye(size) / size, abs=1e-8)
        alike = np.abs(w.conj().T @ svd_precoder(h, size)) * size
        assert alike == pytest.approx(np.eye(size), abs=1e-6)


def telatar(antennas, snr):
    """Ergodic capacity of an iid Rayleigh channel, equal power: Telatar 1999, equation (8)."""

    def share(x):
        terms = sum(eval_genlaguerre(k, 0, x) ** 2 for k in range(antennas))
        return np.log2(1.0 + snr * x / antennas) * terms * np.exp(-x)

    return quad(share, 0.0, 80.0, limit=400)[0]


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0])
def test_ergodic_capacity_of_four_by_four_rayleigh(snr_db):
    rng, snr = np.random.default_rng(7), 10.0 ** (snr_db / 10.0)
    h = draw(rng, 20_000, 4, 4)
    sinr = layer_sinr(h @ svd_precoder(h, 4), np.eye(4) / snr)
    rate = sum_rate(sinr)
    expected = telatar(4, snr)
    assert rate.mean() == pytest.approx(expected, abs=4.0 * rate.std() / np.sqrt(rate.size))
    if snr_db == 20.0:
        assert expected == pytest.approx(22.1, abs=0.15)  # known: about 22 bit/s/Hz at 20 dB


def test_linear_receivers_stay_below_capacity_without_the_right_precoder():
    rng = np.random.default_rng(8)
    h = draw(rng, 2000, 4, 4)
    linear = sum_rate(layer_sinr(h / 2.0, np.eye(4) / 100.0))
    capacity = np.log2(np.linalg.det(np.eye(4) + 25.0 * h @ h.conj().swapaxes(-1, -2)).real)
    assert (linear <= capacity + 1e-9).all()
    assert math.isfinite(linear.mean())


def test_zero_forcing_leaves_no_leak_and_splits_power_evenly():
    rng = np.random.default_rng(9)
    rows = draw(rng, 30, 12, 64)
    w = zero_forcing(rows)
    seen = np.abs(rows @ w)
    off = seen * (1.0 - np.eye(12))
    assert off.max() < 1e-12 * seen.max()
    assert np.linalg.norm(w, axis=-2) == pytest.approx(np.sqrt(1.0 / 12.0))
    with pytest.raises(SpectrumError, match="at most 4 layers"):
        zero_forcing(draw(rng, 5, 4))


@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_zero_forcing_kernel_is_the_array_form(ridge):
    rng = np.random.default_rng(10)
    rows = draw(rng, 12, 32)
    w, work = np.empty((32, 12), np.complex128), np.empty((24, 12), np.complex128)
    for users in (1, 3, 12):
        regularised_zf_kernel(rows, users, ridge, work, w)
        assert w[:, :users] == pytest.approx(zero_forcing(rows[:users], ridge), abs=1e-9)


def test_regularising_helps_where_noise_is_strong():
    rng = np.random.default_rng(11)
    h = draw(rng, 300, 8, 8)

    def rate(ridge):
        heff = h @ zero_forcing(h, ridge)
        power = np.abs(heff) ** 2
        own = np.einsum("nii->ni", power)
        return np.log2(1.0 + own / (power.sum(axis=-1) - own + 0.3)).sum(axis=-1).mean()

    assert rate(8 * 0.3) > 1.3 * rate(0.0)


def test_selection_takes_the_strongest_and_keeps_others_nearly_orthogonal():
    rng = np.random.default_rng(12)
    rows = draw(rng, 60, 16)
    chosen = select_users(rows, 8, 0.35)
    assert chosen[0] == np.argmax(np.linalg.norm(rows, axis=1))
    assert len(set(chosen.tolist())) == len(chosen) > 3
    basis = np.linalg.qr(rows[chosen].T)[0].T
    for place, user in enumerate(chosen[1:], 1):
        overlap = np.abs(basis[:place].conj() @ rows[user]) / np.linalg.norm(rows[user])
        assert (overlap <= 0.35 + 1e-9).all()
    weight = np.ones(60)
    weight[chosen[0]] = 0.0
    assert chosen[0] not in select_users(rows, 8, 0.35, weight)
    assert select_users(np.zeros((3, 4)), 2).size == 0


def test_serving_together_beats_serving_the_best_alone():
    rng = np.random.default_rng(13)
    alone, together = [], []
    for _ in range(20):
        h = draw(rng, 20, 4, 32) * 3.0
        group = serve_together(h, np.eye(4), most=8)
        together.append(group.rate)
        best = max(sum_rate(layer_sinr(h[u] @ svd_precoder(h[u], 4), np.eye(4))) for u in range(20))
        alone.append(best)
        assert group.sinr == pytest.approx(
            group_sinr(h, group.precoder, group.user, np.eye(4)), rel=1e-12
        )
        assert np.linalg.norm(group.precoder) == pytest.approx(1.0)
    assert np.mean(together) > 1.3 * np.mean(alone)


def test_a_group_of_one_is_single_user_beamforming():
    rng = np.random.default_rng(14)
    h = draw(rng, 1, 4, 32)
    group = serve_together(h, 0.1 * np.eye(4))
    assert group.sinr[0] == pytest.approx(np.linalg.svd(h[0])[1][0] ** 2 / 0.1)
    assert np.abs(dominant_rows(h)[0, 0]) @ np.ones(32) > 0.0


def test_bad_receiver_input_says_what_is_allowed():
    with pytest.raises(InputError, match="mmse-irc, mmse, mrc"):
        layer_sinr(np.eye(2), np.eye(2), "zf")
    with pytest.raises(InputError, match="receive, receive"):
        layer_sinr(np.ones((2, 1)), np.eye(3))
    with pytest.raises(InputError, match="no noise"):
        layer_sinr(np.ones((2, 1)), np.zeros((2, 2)))
    with pytest.raises(InputError, match="not finite"):
        layer_sinr(np.full((2, 1), np.nan), np.eye(2))
    with pytest.raises(InputError, match="at least 1"):
        select_users(np.ones((3, 4)), 0)
    with pytest.raises(InputError, match="nobody to serve"):
        serve_together(np.zeros((2, 2, 4)), np.eye(2))
