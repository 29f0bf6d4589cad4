"""Kernels of the MIMO part: a layer's SINR, zero forcing, reports and block errors.

Run: PYTHONPATH=src pytest benchmarks/test_mimo.py --benchmark-enable --benchmark-only
Rows named "numpy" do the same with NumPy's batched linear algebra, as a measure of the kernels.
"""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.simulation.link import cqi_adaptation, information_tables, transport_block_error
from cellwright.simulation.link.block_error import transport_error_kernel
from cellwright.simulation.mimo import (
    layer_sinr,
    port_panel,
    svd_precoder,
    type1_report,
    zero_forcing,
)
from cellwright.simulation.mimo.kernels import regularised_zf_kernel

COUNT = 2000


def _draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


@pytest.fixture(scope="module")
def links():
    """Effective channels [link, 4, 4] and covariances."""
    rng = np.random.default_rng(1)
    other = _draw(rng, COUNT, 4, 6)
    return _draw(rng, COUNT, 4, 4), other @ other.conj().swapaxes(-1, -2) + 0.1 * np.eye(4)


def _numpy_sinr(h, r):
    """The error matrix, batched: what most simulators do."""
    error = np.linalg.inv(np.eye(4) + h.conj().swapaxes(-1, -2) @ np.linalg.solve(r, h))
    return 1.0 / np.einsum("...ii->...i", error).real - 1.0


@pytest.mark.parametrize("way", ["ours", "numpy"])
def test_irc_sinr_4x4(benchmark, links, way):
    work = layer_sinr if way == "ours" else _numpy_sinr
    found = benchmark(work, *links)
    assert found == pytest.approx(_numpy_sinr(*links), rel=1e-6)


@pytest.mark.parametrize("way", ["ours", "numpy"])
def test_zero_forcing_12_of_64(benchmark, way):
    rows = _draw(np.random.default_rng(2), 12, 64)
    w, work = np.empty((64, 12), np.complex128), np.empty((24, 12), np.complex128)
    if way == "ours":
        benchmark(regularised_zf_kernel, rows, 12, 0.1, work, w)
    else:
        benchmark(zero_forcing, rows, 0.1)


@pytest.mark.parametrize("way", ["ours", "numpy"])
def test_block_error(benchmark, way):
    tables = information_tables()
    if way == "ours":
        benchmark(transport_error_kernel, 15.5, 6, 20_000.0, 80_000.0, False, tables)
    else:
        benchmark(transport_block_error, 15.5, 6, 20_000.0, 80_000.0)


@pytest.mark.parametrize("ports", [(2, 1), (8, 2)], ids=["4T", "32T"])
@pytest.mark.parametrize("keep", [4, None], ids=["best-beams", "all"])
def test_type1_report_17_blocks(benchmark, ports, keep):
    panel, table = port_panel(*ports), cqi_adaptation("nr-256qam")
    h = 3.0 * _draw(np.random.default_rng(3), 17, 4, panel.ports) / np.sqrt(panel.ports)
    report = benchmark(type1_report, h, np.eye(4), panel, table, keep=keep, stride=4)
    assert report.rank >= 1


def test_svd_precoder_32t4r(benchmark):
    h = _draw(np.random.default_rng(4), 200, 4, 32)
    assert benchmark(svd_precoder, h, 4).shape == (200, 32, 4)
