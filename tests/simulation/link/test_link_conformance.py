"""V6: block sizes of both standards and simulated LDPC points, as the conformance page has them."""

from __future__ import annotations

import pytest
from scripts.conformance import link


@pytest.mark.parametrize("name", list(link.CASES))
def test_every_row_lies_inside(reference_data, monkeypatch, name):
    monkeypatch.setenv("CELLWRIGHT_REFERENCE_DATA", str(reference_data))
    rows = link.CASES[name]()["rows"]
    assert [row["what"] for row in rows if not row["inside"]] == []


def test_ten_percent_points(reference_data):
    found = link.points()
    assert len(found) == 20
    assert found["off_10_db"].abs().max() <= 0.15
    # nine in ten points within the band of V6 and three of their own standard errors
    assert (found["off_db"].abs() <= 3.0 * found["error_db"] + 0.05).mean() >= 0.9


def test_a_decoder_half_a_decibel_worse_is_seen(reference_data, monkeypatch):
    honest = link.code_block_error
    monkeypatch.setattr(link, "code_block_error", lambda snr, *rest: honest(snr - 0.5, *rest))
    assert not all(row["inside"] for row in link.ldpc()["rows"])
