from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cellwright.simulation.link import (
    code_block_error,
    code_blocks,
    dispersion,
    link_engine,
    mutual_information,
    transport_block_error,
)
from cellwright.simulation.link.bicm import ORDERS

jax = pytest.importorskip("jax")


@pytest.fixture
def engine():
    with jax.enable_x64(True):
        yield link_engine()


@pytest.mark.parametrize("order", ORDERS)
def test_batch_form_is_the_array_form(engine, order):
    rng = np.random.default_rng(order)
    snr = rng.uniform(-35.0, 60.0, 300)
    bits = np.round(rng.uniform(40.0, 8448.0, 300))
    symbols = bits / rng.uniform(0.1, 0.95, 300) / order
    assert engine.mutual_information(snr, order) == pytest.approx(
        mutual_information(snr, order), abs=1e-9
    )
    assert engine.dispersion(snr, order) == pytest.approx(dispersion(snr, order), abs=1e-9)
    for code in ("ldpc", "turbo"):
        batch = jax.jit(lambda *a: engine.code_block_error(a[0], order, *a[1:], code))  # noqa: B023
        assert batch(snr, symbols, bits) == pytest.approx(
            code_block_error(snr, order, symbols, bits, code), abs=1e-9
        )


def test_transport_blocks_of_several_code_blocks(engine):
    size, symbols = 80_000.0, 20_000.0
    cut = code_blocks(size, size / symbols / 6)
    count = float(cut.count)
    found = engine.transport_block_error(15.5, 6, symbols / count, float(cut.bits), count)
    assert float(found) == pytest.approx(
        float(transport_block_error(15.5, 6, symbols, size)), abs=1e-6
    )


@pytest.mark.parametrize("order", [2, 8])
def test_gradients_are_finite_differences(engine, order):
    bits = 1000.0
    symbols = bits / 0.6 / order
    middle = float(
        np.interp(
            -0.3,
            -np.asarray(code_block_error(np.arange(-5.0, 35.0, 0.01), order, symbols, bits)),
            np.arange(-5.0, 35.0, 0.01),
        )
    )

    @jax.jit
    def error(values):
        return engine.code_block_error(values[0], order, values[1], values[2])

    at = np.array([middle + 0.013, symbols, bits])
    slope = np.asarray(jax.jit(jax.grad(error))(at))
    for i, step in enumerate((1e-4, 1e-2, 1e-2)):
        move = np.eye(3)[i] * step
        finite = (float(error(at + move)) - float(error(at - move))) / (2.0 * step)
        assert slope[i] == pytest.approx(finite, rel=1e-4)
    assert slope[0] < 0.0
    assert slope[1] < 0.0
    assert slope[2] > 0.0


def test_gradients_are_finite_far_out(engine):
    slope = jax.jit(jax.vmap(jax.grad(lambda s: engine.code_block_error(s, 4, 500.0, 1000.0))))
    far = np.array([-60.0, -30.0, 0.0, 30.0, 55.0, 80.0])
    assert np.isfinite(np.asarray(slope(far))).all()


def test_jax_is_not_touched_before_it_is_asked_for():
    code = (
        "import sys, cellwright.simulation.link, cellwright.simulation.mimo; "
        "print('jax' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
