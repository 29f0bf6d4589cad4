from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.link import cqi_adaptation
from cellwright.simulation.mimo import (
    codewords,
    layer_sinr,
    lte_codebook,
    lte_report,
    noise_covariance,
    port_panel,
    sum_rate,
    svd_precoder,
    type1_codebook,
    type1_report,
    whitened,
)
from cellwright.simulation.mimo.reports import _search

TABLE = cqi_adaptation("nr-256qam", 3000.0)
LTE = cqi_adaptation("lte-64qam", 3000.0)


def draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


def paths(rng, panel, blocks, receive, count=8, snr_db=15.0):
    """A channel of few paths over a panel with two polarisations."""
    out = np.zeros((blocks, receive, panel.ports), complex)
    for i in range(count):
        across = np.exp(1j * np.pi * rng.uniform(-1, 1) * np.arange(panel.n1))
        up = np.exp(1j * np.pi * rng.uniform(-0.4, 0.4) * np.arange(panel.n2))
        arrival = draw(rng, receive, 2) * 10.0 ** (-0.05 * i)
        place = np.kron(across, up)
        delay = np.exp(2j * np.pi * rng.uniform() * np.arange(blocks) / blocks)
        one = np.einsum("rp,t->rpt", arrival, place).reshape(receive, panel.ports)
        out += delay[:, None, None] * one
    power = 10.0 ** (snr_db / 10.0) / (np.abs(out) ** 2).mean()
    return out * np.sqrt(power / panel.ports)


def brute(white, matrices):
    heff = white[None] @ matrices[:, None]
    return sum_rate(layer_sinr(heff, np.eye(white.shape[1]))).mean(axis=1)


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (2, 2), (4, 2)])
def test_search_over_all_beams_finds_the_best_precoder(shape):
    panel, rng = port_panel(*shape), np.random.default_rng(1)
    for rank in range(1, min(panel.ports, 4) + 1):
        white = paths(rng, panel, 3, 4)
        book = type1_codebook(panel, rank)
        rates = brute(white, book.matrices())
        assert rates[_search(white, book, len(book))] == pytest.approx(rates.max(), rel=1e-9)


def test_search_on_the_strongest_beams_loses_little():
    panel, rng = port_panel(8, 2), np.random.default_rng(2)
    lost = []
    for _ in range(5):
        white = paths(rng, panel, 4, 4)
        for rank in (1, 2, 4):
            book = type1_codebook(panel, rank)
            rates = brute(white, book.matrices())
            lost.append(1.0 - rates[_search(white, book, 8)] / rates.max())
    assert max(lost) < 0.1
    assert np.mean(lost) < 0.02


def test_no_codebook_beats_the_singular_vectors():
    panel, rng = port_panel(4, 2), np.random.default_rng(3)
    for _ in range(10):
        white = paths(rng, panel, 1, 4)
        for rank in (1, 2, 3, 4):
            # over all power splits waterfilling is best; with one layer the eigenvector is
            best = brute(white, type1_codebook(panel, rank).matrices()).max()
            top = float(sum_rate(layer_sinr(white @ svd_precoder(white, rank), np.eye(4)))[0])
            assert best <= top * (1.0 + 1e-9)


def test_report_is_what_its_precoder_gives_against_coloured_noise():
    panel, rng = port_panel(4, 1), np.random.default_rng(4)
    h, r = paths(rng, panel, 6, 4), noise_covariance(draw(rng, 6, 4, 2), 0.4)
    report = type1_report(h, r, panel, TABLE)
    assert report.sinr == pytest.approx(layer_sinr(h @ report.precoder, r), rel=1e-6)
    book = type1_codebook(panel, report.rank)
    place = np.flatnonzero((book.index == report.precoder_index).all(axis=1))
    assert book.matrices(int(place[0])) == pytest.approx(report.precoder)
    row = int(TABLE.choose(10.0 * np.log10(report.sinr).ravel()))
    assert report.cqi == (row,)
    assert report.efficiency == pytest.approx(report.rank * TABLE.efficiency[0, row])


def test_rank_grows_with_snr_and_efficiency_too():
    panel, rng = port_panel(4, 1), np.random.default_rng(5)
    shape = draw(rng, 4, 4, 8)
    found = [
        type1_report(shape * 10.0 ** (snr / 20.0) / np.sqrt(8), np.eye(4), panel, TABLE)
        for snr in range(-10, 41, 5)
    ]
    ranks, rates = [r.rank for r in found], [r.efficiency for r in found]
    assert ranks[0] == 1
    assert ranks[-1] == 4
    assert (np.diff(rates) >= 0.0).all()


def test_out_of_range_is_reported_as_cqi_zero():
    report = type1_report(1e-4 * np.ones((2, 2, 4)), np.eye(2), port_panel(2), TABLE)
    assert report.cqi == (0,)
    assert report.efficiency == 0.0
    assert report.rank == 1


@pytest.mark.parametrize("ports", [2, 4])
def test_lte_report_takes_the_best_precoder_of_its_rank(ports):
    rng = np.random.default_rng(ports)
    for _ in range(10):
        h = draw(rng, 5, ports, ports) * 4.0
        report = lte_report(h, np.eye(ports), LTE)
        rates = brute(h, lte_codebook(ports, report.rank))
        assert report.precoder_index == (int(np.argmax(rates)),)
        assert len(report.cqi) == (1 if report.rank == 1 else 2)


def test_codewords_share_the_layers():
    assert [p.stop - p.start for p in codewords(4)] == [4]
    assert [p.stop - p.start for p in codewords(7)] == [3, 4]
    assert [p.stop - p.start for p in codewords(4, lte=True)] == [2, 2]


def test_ports_and_shapes_that_do_not_fit_are_refused():
    h = np.ones((2, 2, 8))
    with pytest.raises(SpectrumError, match="8 ports and the panel 4"):
        type1_report(h, np.eye(2), port_panel(2), TABLE)
    with pytest.raises(SpectrumError, match="1 to 2 are possible"):
        type1_report(h, np.eye(2), port_panel(4), TABLE, ranks=(3, 4))
    with pytest.raises(SpectrumError, match="2 or 4 ports"):
        lte_report(h, np.eye(2), LTE)
    with pytest.raises(InputError, match="give one, or one each"):
        whitened(h, np.tile(np.eye(2), (3, 1, 1)))
    with pytest.raises(InputError, match="no noise"):
        whitened(h, np.zeros((2, 2)))
    with pytest.raises(InputError, match="block, receive"):
        whitened(h[0], np.eye(2))
