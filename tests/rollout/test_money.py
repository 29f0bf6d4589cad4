"""Money over the years."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.rollout import BILL_COLUMNS, cost, rounded


def make_bill(capex: float = 1000.0, opex: float = 100.0) -> pd.DataFrame:
    rows = [
        (
            "A",
            "rooftop_new",
            "x",
            "v",
            "ran",
            1.0,
            "each",
            False,
            capex / 2,
            capex,
            capex * 2,
            2020.0,
            "",
            "",
        ),
        (
            "B",
            "pole_new",
            "x",
            "v",
            "site",
            1.0,
            "each",
            False,
            capex / 2,
            capex,
            capex * 2,
            2021.0,
            "",
            "",
        ),
        (
            "A",
            "rooftop_new",
            "y",
            "v",
            "opex",
            1.0,
            "site/y",
            True,
            opex / 2,
            opex,
            opex * 2,
            2020.0,
            "",
            "",
        ),
    ]
    return pd.DataFrame(rows, columns=list(BILL_COLUMNS))


def test_present_value_is_the_annuity_formula() -> None:
    """capex + opex (1 - (1 + r)^-n) / r."""
    found = cost(make_bill(), years=10, discount=0.08)
    annuity = (1 - 1.08**-10) / 0.08
    assert found.totals.loc["npv", "typical"] == pytest.approx(2000.0 + 100.0 * annuity)
    assert found.totals.loc["tco", "typical"] == pytest.approx(2000.0 + 1000.0)
    assert found.by_year["year"].tolist() == list(range(11))
    assert found.price_years == (2020, 2021)


def test_sites_and_functions_add_up_to_the_total() -> None:
    found = cost(make_bill())
    for table in (found.by_site, found.by_function):
        assert table["capex_typical"].sum() == found.totals.loc["capex", "typical"]
        assert table["opex_high"].sum() == found.totals.loc["opex", "high"]
    assert found.by_site.set_index("site_id").loc["A", "opex_typical"] == 100.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.floats(0.0, 0.5), st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_laws(years: int, discount: float, capex: float, opex: float) -> None:
    bill = make_bill(capex, opex)
    found = cost(bill, years=years, discount=discount)
    assert (found.totals["low"] <= found.totals["typical"]).all()
    assert (found.totals["typical"] <= found.totals["high"]).all()
    npv, tco = found.totals.loc["npv", "typical"], found.totals.loc["tco", "typical"]
    assert npv <= tco * (1 + 1e-9)
    assert cost(bill, years=years + 1, discount=discount).totals.loc["npv", "typical"] >= npv
    assert cost(bill, years=years, discount=0.0).totals.loc["npv", "typical"] == pytest.approx(tco)


def test_currency_is_a_setting() -> None:
    usd, eur = cost(make_bill()), cost(make_bill(), currency="EUR", rate=0.9)
    assert (eur.currency, usd.currency) == ("EUR", "USD")
    pd.testing.assert_frame_equal(usd.totals * 0.9, eur.totals)


def test_opex_of_no_years_is_still_told() -> None:
    found = cost(make_bill(), years=0)
    assert found.totals.loc["opex", "typical"] == 100.0
    assert found.totals.loc["npv", "typical"] == 2000.0


def test_cost_per_covered_person() -> None:
    found = cost(make_bill(), years=0)
    assert found.per_person(100.0).tolist() == [10.0, 20.0, 40.0]
    with pytest.raises(InputError, match="more than 0"):
        found.per_person(0.0)


@pytest.mark.parametrize("bad", [{"years": -1}, {"rate": 0.0}, {"discount": -1.0}])
def test_impossible_settings_are_refused(bad: dict) -> None:
    with pytest.raises(InputError):
        cost(make_bill(), **bad)


@settings(deadline=None)
@given(st.floats(1e-3, 1e9))
def test_rounding_keeps_three_digits(value: float) -> None:
    assert rounded(value) == pytest.approx(value, rel=5.001e-3)
    assert rounded(rounded(value)) == rounded(value)
    assert rounded(-value) == -rounded(value)
