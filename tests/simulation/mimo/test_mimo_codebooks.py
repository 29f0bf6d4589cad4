from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo import (
    Type2Settings,
    beam_gains,
    beam_grid,
    best_beam,
    dft_beams,
    lte_codebook,
    most_ssb_beams,
    panel_of_ports,
    port_panel,
    svd_precoder,
    type1_codebook,
    type2_precoder,
)
from cellwright.simulation.mimo.tables import read_codebook_table

PANELS = [(1, 1), *((row["n1"], row["n2"]) for row in read_codebook_table("nr_type1_panels.csv"))]


def ranks_of(panel):
    return range(1, {2: 2, 4: 4}.get(panel.ports, 8) + 1)


def channel(rng, blocks, receive, transmit):
    shape = (blocks, receive, transmit)
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


@pytest.mark.parametrize("shape", PANELS)
def test_type1_columns_are_orthogonal_of_one_power_and_distinct(shape):
    panel = port_panel(*shape)
    for rank in ranks_of(panel):
        w = type1_codebook(panel, rank).matrices()
        gram = w.conj().swapaxes(-1, -2) @ w
        assert np.abs(gram - np.eye(rank) / rank).max() < 1e-12
        assert np.abs(w) == pytest.approx(1.0 / np.sqrt(panel.ports * rank))
        seen = w.reshape(len(w), -1) @ np.random.default_rng(0).normal(size=panel.ports * rank)
        assert len(np.unique(seen.round(9))) == len(w)


def by_the_book(n1, n2, o1, o2, rank, i11, i12, i13, i2):
    """One precoder, written out from the standard's tables as a sum over element indices."""

    def beam(across, up):
        return np.array(
            [
                np.exp(2j * np.pi * (across * a / (o1 * n1) + up * b / (o2 * n2)))
                for a in range(n1)
                for b in range(n2)
            ]
        )

    ports, phi = 2 * n1 * n2, 1j**i2
    v = beam(i11, i12)
    if rank == 1:
        return np.concatenate([v, phi * v])[:, None] / np.sqrt(ports)
    if rank == 2:
        wide = n1 > n2 > 1
        steps = [(0, 0), (1, 0), (0, 1), (2, 0) if wide else (1, 1)]
        if n2 == 1:
            steps = [(0, 0), (1, 0), (2, 0), (3, 0)]
        other = beam(i11 + steps[i13][0] * o1, i12 + steps[i13][1] * o2)
        pair = np.array([np.concatenate([v, phi * v]), np.concatenate([other, -phi * other])])
        return pair.T / np.sqrt(2 * ports)
    if rank == 4 and ports >= 16:
        half = np.array(
            [
                np.exp(1j * (4 * np.pi * i11 * a / (o1 * n1) + 2 * np.pi * i12 * b / (o2 * n2)))
                for a in range(n1 // 2)
                for b in range(n2)
            ]
        )
        theta = np.exp(1j * np.pi * i13 / 4)
        rows = [[1, 1, 1, 1], [theta, -theta, theta, -theta], [phi, phi, -phi, -phi]]
        rows.append([phi * theta, -phi * theta, -phi * theta, phi * theta])
        return np.concatenate([np.outer(half, row) for row in rows]) / np.sqrt(4 * ports)
    if rank == 8:
        beams = [(i11, i12), (i11 + o1, i12), (i11, i12 + o2), (i11 + o1, i12 + o2)]
        if n2 == 1:
            beams = [(i11 + k * o1, 0) for k in range(4)]
        turns = [phi, phi, 1, 1]
        columns = []
        for (across, up), turn in zip(beams, turns, strict=True):
            one = beam(across, up)
            columns += [np.concatenate([one, turn * one]), np.concatenate([one, -turn * one])]
        return np.array(columns).T / np.sqrt(8 * ports)
    raise AssertionError(rank)


@pytest.mark.parametrize("shape", [(2, 1), (4, 1), (2, 2), (4, 2), (8, 2), (4, 4), (16, 1)])
@pytest.mark.parametrize("rank", [1, 2, 4, 8])
def test_type1_precoders_are_the_standard_s(shape, rank):
    panel = port_panel(*shape)
    if rank > panel.ports or (rank == 4 and panel.ports < 16):
        pytest.skip("written out for other ranks")
    book, rng = type1_codebook(panel, rank), np.random.default_rng(1)
    for place in rng.integers(0, len(book), 25):
        expected = by_the_book(*shape, panel.o1, panel.o2, rank, *book.index[place])
        assert book.matrices(int(place)) == pytest.approx(expected, abs=1e-12)


def test_two_port_codebook_is_table_1():
    one = type1_codebook(port_panel(1), 1).matrices()
    expected = np.array([[[1], [1]], [[1], [1j]], [[1], [-1]], [[1], [-1j]]]) / np.sqrt(2.0)
    assert one == pytest.approx(expected)
    two = type1_codebook(port_panel(1), 2).matrices()
    assert two == pytest.approx(np.array([[[1, 1], [1, -1]], [[1, 1], [1j, -1j]]]) / 2.0)


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_lte_four_port_precoders(rank):
    w = lte_codebook(4, rank)
    gram = w.conj().swapaxes(-1, -2) @ w
    assert np.abs(gram - np.eye(rank) / rank).max() < 1e-12
    assert np.abs(w) == pytest.approx(0.5 / np.sqrt(rank))
    if rank == 2:
        # TS 36.211 Table 6.3.4.2.3-2, index 0, columns 1 and 4 of W0
        assert w[0] * 2.0 * np.sqrt(2.0) == pytest.approx(
            np.array([[1, 1], [1, -1], [1, -1], [1, 1]])
        )


def test_lte_two_port_precoders():
    assert lte_codebook(2, 1).shape == (4, 2, 1)
    assert lte_codebook(2, 2) * 2.0 == pytest.approx(
        np.array([[[1, 1], [1, -1]], [[1, 1], [1j, -1j]]])
    )


@pytest.mark.parametrize("settings", [Type2Settings(2, 4, False), Type2Settings(4, 8, True)])
def test_type2_finds_a_channel_made_of_its_own_beams(settings):
    panel, rng = port_panel(8, 2), np.random.default_rng(2)
    grid = panel.grid()
    # one path on a beam of the grid, another on an orthogonal one 6 dB down
    first, second = panel.beam(5, 2), panel.beam(5 + 3 * panel.o1, 2)
    direction = np.concatenate([grid[first] + 0.5 * grid[second], 1j * grid[first]])
    h = np.outer(rng.normal(size=2) + 1j, direction.conj())[None]
    w = type2_precoder(h, panel, 1, settings)
    match = abs(np.vdot(w[0, :, 0], direction)) / np.linalg.norm(direction)
    assert match > 0.999


def test_type2_comes_closer_than_type1_and_never_beats_the_eigenvector():
    panel, rng = port_panel(4, 2), np.random.default_rng(3)
    book = type1_codebook(panel, 1).matrices()[:, :, 0]
    first, second, fewer = [], [], []
    for _ in range(40):
        paths = panel.grid()[rng.integers(0, panel.beams, 3)]
        gains = rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2))
        direction = (gains.T @ paths).reshape(-1).conj()
        h = np.outer([1.0, 0.3j], direction)[None]
        top = np.linalg.svd(h[0])[1][0] ** 2
        second.append(np.linalg.norm(h[0] @ type2_precoder(h, panel)[0, :, 0]) ** 2 / top)
        few = type2_precoder(h, panel, 1, Type2Settings(2, 4, False))
        fewer.append(np.linalg.norm(h[0] @ few[0, :, 0]) ** 2 / top)
        first.append((np.linalg.norm(h[0] @ book.T, axis=0) ** 2).max() / top)
    assert max(second) <= 1.0 + 1e-12
    assert np.mean(second) > np.mean(fewer) > np.mean(first)
    assert np.mean(second) > 0.85


def test_type2_layers_share_the_power():
    panel, rng = port_panel(4, 1), np.random.default_rng(4)
    w = type2_precoder(channel(rng, 5, 4, 8), panel, 2)
    assert w.shape == (5, 8, 2)
    assert np.linalg.norm(w, axis=1) == pytest.approx(np.sqrt(0.5))


def test_dft_beams_are_an_orthogonal_basis_without_oversampling():
    beams = dft_beams(6)
    assert beams @ beams.conj().T == pytest.approx(6.0 * np.eye(6), abs=1e-12)


def test_ssb_beams_cover_the_sector_and_the_nearest_wins():
    panel = port_panel(8, 2)
    grid = beam_grid(panel, 8, azimuth_span_deg=120.0)
    assert np.linalg.norm(grid.weights, axis=1) == pytest.approx(1.0)
    from cellwright.simulation.mimo import steering

    for target in (-50.0, -12.0, 3.0, 44.0):
        arriving = np.concatenate([steering(panel, target, 0.0).conj()] * 2)[None, None]
        chosen = int(best_beam(arriving, grid.weights))
        offset = np.abs(np.sin(np.radians(grid.azimuth_deg)) - np.sin(np.radians(target)))
        assert chosen == int(np.argmin(offset))
        # at most a beam's edge below the panel's full gain
        assert beam_gains(arriving, grid.weights).max() > 2.0 * 0.4


def test_ssb_count_follows_the_band():
    assert [most_ssb_beams(f) for f in (0.7, 3.0, 3.1, 7.125, 28.0)] == [4, 4, 8, 8, 64]


def test_bad_codebook_input_says_what_is_allowed():
    with pytest.raises(SpectrumError, match=r"\(8, 2\)"):
        port_panel(5, 2)
    with pytest.raises(SpectrumError, match="allowed: 2, 4, 8, 12, 16, 24, 32"):
        panel_of_ports(6)
    with pytest.raises(SpectrumError, match="ranks 1 to 2"):
        type1_codebook(port_panel(1), 3)
    with pytest.raises(SpectrumError, match="ranks 1 to 4"):
        type1_codebook(port_panel(2), 5)
    with pytest.raises(SpectrumError, match="2 or 4 ports"):
        lte_codebook(8, 2)
    with pytest.raises(SpectrumError, match="1 layer to as many"):
        lte_codebook(2, 3)
    with pytest.raises(SpectrumError, match="2 faults"):
        Type2Settings(beams=6, phases=16)
    with pytest.raises(SpectrumError, match="ranks 1 and 2"):
        type2_precoder(np.ones((1, 4, 8)), port_panel(4), 3)
    with pytest.raises(SpectrumError, match="panel of 8 ports"):
        type2_precoder(np.ones((1, 4, 16)), port_panel(4))
    with pytest.raises(SpectrumError, match="positive"):
        most_ssb_beams(0.0)
    with pytest.raises(InputError, match="180"):
        beam_grid(port_panel(4), 4, azimuth_span_deg=200.0)
    with pytest.raises(InputError, match="1 or more"):
        dft_beams(0)


def test_more_layers_than_antennas_are_refused():
    with pytest.raises(SpectrumError, match="1 to 2 are possible"):
        svd_precoder(np.ones((2, 8)), 3)
    with pytest.raises(InputError, match="at least one antenna"):
        svd_precoder(np.ones((0, 8)), 1)
    with pytest.raises(InputError, match="not finite"):
        svd_precoder(np.full((2, 2), np.nan), 1)
