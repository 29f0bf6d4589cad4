"""Bill of materials and cost of the plan, kept in ``results/rollout``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellwright.compute import Progress
from cellwright.project import store
from cellwright.project.work import Work

TABLES = ("bill_of_materials", "bill_by_item", "cost_totals", "cost_by_year", "cost_by_site")


def make(work: Work, folder: Path, progress: Progress) -> None:
    """List what the 5G network needs and what it costs over the years."""
    from cellwright import network, report, rollout

    nr, settings = work.carriers["nr"], work.settings.cost
    planned = network.Network(work.sites, work.cells_on("nr"), {nr.name: nr})
    bill = rollout.bill_of_materials(planned, work.catalogue)
    money = rollout.cost(
        bill,
        years=settings.years,
        discount=settings.discount,
        currency=settings.currency,
        rate=settings.usd_rate,
    )
    tables = {
        "bill_of_materials": bill,
        "bill_by_item": rollout.bill_totals(bill),
        "cost_totals": money.totals.rename_axis("figure").reset_index(),
        "cost_by_year": money.by_year,
        "cost_by_site": money.by_site,
    }
    report.write_tables(folder, tables)
    about = {"price_years": money.price_years, "currency": money.currency}
    store.write_json(folder / "cost.json", about)
    work.keep("rollout", about=store.plain(about), **tables)
    progress(1.0)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the tables back."""
    import pandas as pd

    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}
    return tables | {"about": store.read_json(folder / "cost.json")}
