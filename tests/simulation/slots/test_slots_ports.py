"""The slot loop with many ports: laws, and the one-port loop as its limit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation.link.adaptation import cqi_adaptation
from cellwright.simulation.mimo import port_panel, type1_report
from cellwright.simulation.slots import (
    Ftp3,
    SlotSettings,
    explicit_cells,
    ports,
    rayleigh_ports,
    run_drop,
    run_ports,
    slot_plan,
)
from cellwright.simulation.slots.network import network
from cellwright.simulation.slots.ports import wideband_precoders
from cellwright.simulation.slots.ports_engine import factor, new_port_room

RADIO = carrier("n78").changed(bandwidth_mhz=20.0)
CELLS, PER = 4, 5


def plan(**more):
    rng = np.random.default_rng(2)
    users = CELLS * PER
    gain = -122.0 - rng.exponential(8.0, (CELLS, users))
    gain[np.repeat(np.arange(CELLS), PER), np.arange(users)] = -98.0 - rng.exponential(8.0, users)
    return slot_plan(RADIO, gain, **more)


def one_port(made, seed=1):
    """A channel of one receive antenna and two ports that are the same: one port in truth."""
    h = rayleigh_ports(made, 1, 2, seed)
    h[..., 1] = h[..., 0]
    return h


def test_two_equal_ports_and_one_antenna_are_the_one_port_engine():
    """Precoder (1, 1) / sqrt(2) adds both: power 2, so the channel is halved; no fading moves."""
    made = plan(settings=SlotSettings(scheduler="rr"))
    h = one_port(made)
    many = run_ports(made, h / np.sqrt(2.0), port_panel(1), 1.0, ranks=1, seed=4)
    fade = np.abs(h[..., 0, 0]) ** 2
    alone = RADIO.changed(dl_layers=1, user_antennas=1)
    still = dataclasses.replace(made, carrier=alone, fade=fade.astype(np.float32))
    single = run_drop(still, 1.0, seed=4)
    assert many.user_mbps == pytest.approx(single.user_mbps, rel=0.1, abs=0.3)
    assert many.total_mbps.estimate == pytest.approx(single.total_mbps.estimate, rel=0.02)
    assert many.block_error == pytest.approx(single.block_error, abs=0.01)


def steered(made, columns, seed=3):
    """Plane waves on a row of dual-polarised ports; a wider row sees the same waves."""
    rng = np.random.default_rng(seed)
    links = explicit_cells(made).shape
    sine = rng.uniform(-1.0, 1.0, links)
    turn = rng.uniform(0.0, 2.0 * np.pi, (*links, 1, 2, 2, 1))
    steps = np.pi * sine[:, :, None, None, None, None] * np.arange(columns)
    wave = np.exp(1j * (turn + steps)).reshape(*links, 1, 2, 2 * columns)
    return np.repeat(wave, made.radio.groups, axis=2).astype(np.complex64)


def test_more_ports_never_lower_the_median():
    """A plane wave gains with every port; the same waves, so nothing else differs."""
    made, median = plan(), []
    for columns in (1, 2, 4, 8):
        panel, h = port_panel(columns), steered(made, columns)
        found = run_ports(made, h, panel, 0.6, ranks=1, seed=1)
        median.append(float(np.median(found.user_mbps)))
    assert np.all(np.diff(median) > 0.0)


def test_blocks_fail_as_often_as_wanted_and_layers_pay():
    made = plan(settings=SlotSettings(scheduler="rr"))
    h = rayleigh_ports(made, 4, 8, 5)
    found = {n: run_ports(made, h, port_panel(2, 2), 1.0, warmup_s=0.6, ranks=n) for n in (1, 4)}
    assert found[4].block_error == pytest.approx(0.1, abs=0.02)
    assert found[4].total_mbps.estimate > 1.3 * found[1].total_mbps.estimate
    # the channel stands still, so that nothing is given up once the loop has settled
    assert found[4].given_up.sum() < 0.001 * found[4].firsts.sum()


def test_same_seed_same_result_and_no_bit_vanishes():
    made = plan(traffic=Ftp3(30_000, 20.0))
    h = rayleigh_ports(made, 2, 4, 1)
    first, again, other = (
        run_ports(made, h, port_panel(2), 0.3, warmup_s=0.0, seed=s, ranks=2) for s in (7, 7, 8)
    )
    for item in dataclasses.fields(first):
        assert np.array_equal(getattr(first, item.name), getattr(again, item.name))
    assert not np.array_equal(first.batch_bits, other.batch_bits)
    assert np.all(first.balance_bits == 0)


def test_what_finds_no_place_is_made_again(monkeypatch):
    made = plan()
    h = rayleigh_ports(made, 2, 4, 1)
    found = []
    for most in (ports.MOST_KEPT, 0.0):
        monkeypatch.setattr(ports, "MOST_KEPT", most)
        found.append(run_ports(made, h, port_panel(2), 0.3, warmup_s=0.0, ranks=2))
    assert np.array_equal(found[0].batch_bits, found[1].batch_bits)


def test_interference_is_that_of_the_precoders_on_the_air():
    """Kept or made anew: R = white + sum of (H w)(H w)^H, by NumPy."""
    rng = np.random.default_rng(6)
    made = plan()
    net, order = network(made)
    h = rayleigh_ports(made, 3, 4, 1)[order]
    q = ports.ports_of(made, net, h, port_panel(2), 3)
    q.layers[:] = rng.integers(1, 4, q.layers.shape)
    q.on[1] = -1
    room, out = new_port_room(3, 3, q.on.shape[1]), np.zeros((3, 3), np.complex128)
    channel, w = q.real + 1j * q.imag, q.precode_real + 1j * q.precode_imag
    for _ in range(2):
        for u, r in ((0, 0), (7, 1), (19, 2)):
            factor(
                u, r, 0.3, 0.1, net.level, net.cell, net.first, q.on, q.layers, q.real, q.imag,
                q.precode_real, q.precode_imag, q.kept, room, out,
            )  # fmt: skip
            want = 1.3 * np.eye(3, dtype=complex)
            for j, c in enumerate(net.cell[u][1:], 1):
                v, rank = q.on[c, r], q.layers[c, r]
                if v < 0:
                    want += 0.1 * net.level[u, j] * np.eye(3)
                    continue
                heard = channel[u, j, r] @ w[v, rank - 1, :rank].T
                want += heard @ heard.conj().T
            lower = np.tril(out)
            assert lower @ lower.conj().T == pytest.approx(want, rel=1e-5)


def test_precoders_of_many_users_are_those_of_one_report_each():
    rng = np.random.default_rng(0)
    shape = (4, 3, 4, 16)
    h = (2.0 * (rng.normal(size=shape) + 1j * rng.normal(size=shape))).astype(np.complex64)
    panel, table = port_panel(4, 2), cqi_adaptation("nr-64qam")
    mine = wideband_precoders(h, panel, 4)
    for user in range(4):
        for rank in range(1, 5):
            theirs = type1_report(h[user], np.eye(4), panel, table, ranks=(rank,), keep=4)
            assert mine[user, rank - 1, :rank] == pytest.approx(theirs.precoder.T, abs=1e-6)


def test_bad_channels_are_refused():
    made = plan()
    h = rayleigh_ports(made, 2, 4, 1)
    assert h.shape[:2] == explicit_cells(made).shape
    for wrong in (h[:, :1], h[..., :2], np.full_like(h, np.nan)):
        with pytest.raises(InputError):
            run_ports(made, wrong, port_panel(2))
    with pytest.raises(InputError, match="layers"):
        run_ports(made, h, port_panel(2), ranks=3)
    with pytest.raises(InputError, match="downlink"):
        run_ports(plan(direction="uplink"), h, port_panel(2))
