from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.link import mutual_information
from cellwright.simulation.mimo import (
    cyclic_precoders,
    diversity_sinr,
    layer_sinr,
    lte_codebook,
    lte_sinr,
    noise_covariance,
    single_port_sinr,
    svd_precoder,
)


def draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


def low_slope(values):
    """Slope of the distribution's lower tail on logarithmic axes: the diversity order."""
    points = np.quantile(values, [2e-4, 2e-2])
    return float(np.log(1e2) / np.log(points[1] / points[0]))


@pytest.mark.parametrize(
    ("receive", "ports", "order"), [(1, 1, 1), (1, 2, 2), (2, 1, 2), (2, 2, 4)]
)
def test_diversity_order_is_the_number_of_paths(receive, ports, order):
    rng = np.random.default_rng(1)
    h = draw(rng, 400_000, receive, ports)
    noise = np.eye(receive)
    sinr = single_port_sinr(h, noise) if ports == 1 else diversity_sinr(h, noise)
    # the tail of a chi-square is its power law only asymptotically: a tenth below
    assert low_slope(sinr[:, 0]) == pytest.approx(order, rel=0.15)


def test_alamouti_is_the_space_frequency_code_behind_irc():
    rng = np.random.default_rng(2)
    for _ in range(10):
        h, r = draw(rng, 2, 2), noise_covariance(draw(rng, 2, 2), 0.2)
        # two subcarriers stacked, the second conjugated (TS 36.211 clause 6.3.4.3)
        stacked = np.block([[h[:, :1], -h[:, 1:]], [h[:, 1:].conj(), h[:, :1].conj()]])
        colour = np.block([[r, np.zeros((2, 2))], [np.zeros((2, 2)), r.conj()]])
        expected = layer_sinr(stacked / np.sqrt(2.0), colour)
        assert expected[0] == pytest.approx(expected[1])
        assert diversity_sinr(h, r)[0] == pytest.approx(expected[0])


def test_four_ports_take_turns_in_pairs():
    h = np.array([[1.0, 2.0, 3.0, 4.0]])
    assert diversity_sinr(h, [[0.5]]) == pytest.approx([10.0, 20.0])


@pytest.mark.parametrize(("ports", "rank"), [(2, 2), (4, 2), (4, 3), (4, 4)])
def test_cyclic_delay_gives_every_layer_the_same_mean(ports, rank):
    w = cyclic_precoders(ports, rank)
    gram = w.conj().swapaxes(-1, -2) @ w
    assert gram == pytest.approx(np.broadcast_to(np.eye(rank) / rank, gram.shape), abs=1e-12)
    rng = np.random.default_rng(3)
    sinr = lte_sinr(3, draw(rng, 8, ports, ports), 0.05 * np.eye(ports), rank)
    assert sinr.shape == (8, len(w), rank)
    carried = mutual_information(10.0 * np.log10(sinr), 4).mean(axis=1)
    if ports == 2:
        assert carried[:, 0] == pytest.approx(carried[:, 1])
    assert np.ptp(carried, axis=1).max() < 0.6 * carried.max()


def test_two_port_cyclic_delay_swaps_the_layers():
    w = cyclic_precoders(2, 2)
    assert w[0] * 2.0 == pytest.approx(np.array([[1, 1], [1, -1]]))
    assert w[1] * 2.0 == pytest.approx(np.array([[1, 1], [-1, 1]]))


def test_modes_order_as_what_the_base_station_knows():
    rng = np.random.default_rng(4)
    h, noise = draw(rng, 2000, 2, 2), 0.1 * np.eye(2)
    book = lte_codebook(2, 1)
    closed = layer_sinr(h[:, None] @ book, noise)[..., 0].max(axis=1)
    open_loop = lte_sinr(2, h, noise)[:, 0, 0]
    eigen = lte_sinr(9, h, noise, precoder=svd_precoder(h, 1))[:, 0, 0]
    assert (closed <= eigen * (1.0 + 1e-9)).all()
    assert np.mean(np.log2(1 + closed)) > np.mean(np.log2(1 + open_loop))
    one = lte_sinr(1, h, noise)[:, 0, 0]
    assert np.mean(open_loop) == pytest.approx(np.mean(one), rel=0.03)
    assert np.std(open_loop) < np.std(one)
    assert lte_sinr(3, h, noise, rank=1)[:, 0, 0] == pytest.approx(open_loop)


def test_modes_that_cannot_be_are_refused():
    h, noise = np.ones((2, 2)), np.eye(2)
    with pytest.raises(SpectrumError, match="1, 2, 3, 4, 9"):
        lte_sinr(5, h, noise)
    with pytest.raises(InputError, match="needs a precoder"):
        lte_sinr(4, h, noise)
    with pytest.raises(SpectrumError, match="Use TM1"):
        diversity_sinr(np.ones((2, 1)), noise)
    with pytest.raises(SpectrumError, match="transmit diversity"):
        cyclic_precoders(4, 1)
    with pytest.raises(SpectrumError, match="1 to 2 are possible"):
        lte_sinr(3, np.ones((2, 4)), noise, rank=4)
