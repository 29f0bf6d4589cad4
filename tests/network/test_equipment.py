"""The equipment list: honest about sources, checked row by row, extended by a user's own."""

from pathlib import Path

import pytest

from cellwright.errors import Faults, InputError
from cellwright.network import (
    CATALOGUE_COLUMNS,
    FUNCTIONS,
    LEAD_TIMES,
    ORIGINS,
    PRICES,
    catalogue,
    prices_of,
    read_catalogue,
)

HEADER = "item,vendor,function,unit,price_low,price_typical,price_high,currency,price_year,note\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_prices_rise_and_are_dated() -> None:
    table = catalogue()
    low, typical, high = (table[name] for name in PRICES)
    assert ((low <= typical) & (typical <= high) & (low >= 0.0)).all()
    assert table["price_year"].between(2018, 2026).all()
    assert (table["currency"] == "USD").all()
    assert table["function"].isin(FUNCTIONS).all()
    assert tuple(table.reset_index().columns) == CATALOGUE_COLUMNS


def test_every_row_names_a_source_or_says_assumption() -> None:
    table = catalogue()
    assert (table["source"] != "").all()
    pure = table["source"] == "assumption"
    assert (table.loc[pure, "assumed"].str.contains("low typical high")).all()
    # what is not assumed at all must stand on a licence or on public facts
    assert (table.loc[~pure, "licence"] != "").all()
    words = set(" ".join(table["assumed"]).split())
    assert words == {"low", "typical", "high", "lead"}


def test_quoted_facts_are_those_of_the_sources(shared_data: Path) -> None:
    """Prices said to be given stand in the list of facts, whole or in thirds (per sector)."""
    import pandas as pd

    facts = pd.read_csv(shared_data / "supply" / "cost_catalogue.csv")
    known = set(facts["value"])
    table = catalogue()
    for item, price in (
        ("lte_rru", "price_low"),
        ("lte_rru", "price_typical"),
        ("sector_antenna", "price_typical"),
        ("civil_works_rooftop", "price_low"),
        ("civil_works_rooftop", "price_typical"),
        ("fibre", "price_low"),
        ("fibre", "price_typical"),
        ("cell_site_router", "price_typical"),
        ("core_nsa", "price_typical"),
        ("core_sa", "price_typical"),
        ("rent_rooftop", "price_low"),
        ("rent_rooftop", "price_high"),
        ("maintenance_macro", "price_typical"),
        ("fibre_maintenance", "price_high"),
        ("nr_aau_mmwave", "price_low"),
        ("nr_aau_mmwave", "price_high"),
        ("microwave_link", "price_typical"),
    ):
        assert table.loc[item, price] in known, (item, price)
    for item, price in (("power_nr_sector", "price_high"), ("power_nr_sector", "price_low")):
        assert round(table.loc[item, price] * 3, -1) in known, (item, price)


def test_origins_wait_for_the_supply_room() -> None:
    assert (catalogue()[list(ORIGINS)] == "").all().all()
    bought = catalogue().query("function != 'opex'")
    assert bought[list(LEAD_TIMES)].notna().all().all()


def test_own_rows_override_and_extend(tmp_path: Path) -> None:
    own = write(
        tmp_path,
        HEADER
        + "lte_rru,acme,ran,each,,3000,,USD,2026,quote\nheater,acme,site,each,1,2,3,USD,2026,\n",
    )
    table = catalogue(own)
    assert table.index.is_unique
    assert prices_of(table, "lte_rru")[list(PRICES)].tolist() == [3000.0] * 3
    assert prices_of(table, "lte_rru")["vendor"] == "acme"
    assert prices_of(table, "heater")["price_high"] == 3.0
    assert len(table) == len(catalogue()) + 1
    assert catalogue().loc["lte_rru", "price_typical"] == 4000.0


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "item,functon,function,unit,price_low,price_typical,price_high,currency\n"
        "a,,ran,each,5,4,6,USD\n"
        "b,,rann,each,1,2,3,USD\n"
        "c,,ran,each,,,,USD\n"
        "d,,ran,each,1,two,3,USD\n"
        "e,,ran,each,1,2,3,EUR\n"
        "a,,ran,each,1,2,3,USD\n",
    )
    faults = Faults()
    table = read_catalogue(path, faults)
    assert {fault.row for fault in faults.errors} == {2, 3, 4, 5, 6, 7}
    text = "\n".join(map(str, faults))
    assert 'Did you mean "function"?' in text
    assert 'Did you mean "ran"?' in text
    assert "must rise" in text
    assert "kept in USD" in text
    assert "first in row 2" in text
    assert table.index.tolist() == ["d"]  # its range is known though its typical price is not read
    with pytest.raises(InputError, match="faults in the input"):
        catalogue(path)


@pytest.mark.parametrize("text", ["", HEADER, "item,unit\nx,each\n"])
def test_lists_without_prices_are_faults(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_catalogue(write(tmp_path, text))


def test_unknown_items_are_suggested() -> None:
    with pytest.raises(InputError, match='Did you mean "lte_rru"'):
        prices_of(catalogue(), "lte_ru")
