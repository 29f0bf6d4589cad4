"""How fast the radio room answers: patterns, gain look-ups, transport blocks.

Run: PYTHONPATH=src pytest benchmarks/radio_tables.py --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest

from cellwright import radio

BLOCKS = np.arange(1, 274)[:, None]


@pytest.mark.parametrize("name", ["nr-64t64r", "mmwave-256", "lte-sector"])
@pytest.mark.parametrize("beams", ["traffic", "ssb"])
def test_pattern(benchmark, name, beams):
    design = radio.antenna(name).design
    benchmark(design.power, 6.0, beams)


def test_transport_blocks_at_once(benchmark):
    table = radio.mcs_table("nr-256qam")
    benchmark(
        radio.nr_transport_block_size, BLOCKS, table.modulation_order, table.code_rate, layers=4
    )


def test_transport_blocks_one_by_one(benchmark):
    table = radio.mcs_table("nr-256qam")

    def each():
        return [
            radio.nr_transport_block_size(100, order, rate, layers=4)
            for order, rate in zip(table.modulation_order, table.code_rate, strict=True)
        ]

    benchmark(each)


def test_lte_blocks_at_once(benchmark):
    benchmark(radio.lte_subframe_bits, np.arange(34)[:, None], np.arange(1, 111), 4)


def test_gain_look_up(benchmark):
    pattern = radio.antenna("nr-64t64r").pattern(6.0)
    rng = np.random.default_rng(1)
    azimuth, zenith = rng.uniform(-180, 180, 100_000), rng.uniform(60, 120, 100_000)

    def look_up():
        return radio.pattern_gain(pattern, *radio.local_angles(azimuth, zenith, 120.0, 3.0))

    benchmark(look_up)
