"""Screening 200 parties against 20,000 listed names.

Run: PYTHONPATH=src pytest benchmarks/test_screening.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import random
import subprocess
import sys

import pandas as pd

from cellwright.supply.screening import Listed, screen
from cellwright.supply.screening.words import taken

WORDS = ["north", "star", "delta", "radio", "optic", "micro", "power", "wave", "signal", "orion"]


def names(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    made = [
        "".join(draw.choices("abcdefghiklmnoprstuv", k=draw.randint(4, 9))) for _ in range(6000)
    ]
    ends = ("Ltd", "GmbH", "Inc.", "Co., Ltd.", "OOO", "S.A.")
    return [f"{draw.choice(made)} {draw.choice(WORDS)} {draw.choice(ends)}" for _ in range(count)]


def test_screen(benchmark):
    listed = [Listed(name) for name in names(20_000, 1)]
    parties = pd.DataFrame({"party": names(200, 2)})

    def cold():
        taken.cache_clear()

    benchmark.pedantic(screen, (parties, listed), setup=cold, rounds=2)


def test_first_answer(benchmark):
    code = (
        "import pandas as pd; from cellwright.supply.screening import Listed, screen; "
        "assert len(screen(pd.DataFrame({'party': ['ZTE']}), [Listed('ZTE Corporation')]))"
    )
    benchmark.pedantic(subprocess.run, ([sys.executable, "-c", code],), {"check": True}, rounds=3)
