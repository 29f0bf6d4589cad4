"""The plan: candidates, the choice with its bound, cells of both carriers, PCI, kept in
``results/planning``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress, portion
from cellwright.errors import InfeasiblePlanError
from cellwright.project import store
from cellwright.project.steps.signal import path_loss, radio
from cellwright.project.work import Work

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from cellwright.planning import Goal, Plan, PlanSettings

TABLES = ("history", "places")
FIGURES = (
    "share",
    "cost_usd",
    "bound",
    "gap",
    "share_bound",
    "share_gap",
    "tuned_share",
    "counted_share",
    "tuning",
)


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Choose sites and settings, give them PCIs, and keep the plan."""
    from cellwright import planning

    work.forget("radio")
    given, sectors = user_sites(work)
    candidates = priced_candidates(work, given)
    try:
        plan = planning.plan(
            work.area,
            candidates,
            work.carriers["nr"],
            work.receivers,
            goal=goal(work),
            settings=plan_settings(work),
            given_cells=given_cells(work, given, sectors),
            every_loss=lambda sites: path_loss(work, "nr", sites),
            progress=portion(progress, 0.05, 0.8),
        )
    except InfeasiblePlanError as error:
        # the planner speaks of its goal; the person wrote project.toml
        raise InfeasiblePlanError(str(error).replace("goal.share", "planning.share")) from None
    cells = both_carriers(work, plan)
    work.keep("planning", sites=plan.sites, cells=cells)
    cells, pci = with_pci(work, plan.sites, cells, portion(progress, 0.8, 1.0))
    about = figures(plan) | {"pci": pci}
    _write(folder, plan, cells, about)
    work.keep("planning", **_results(plan, cells, about))
    progress(1.0)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the plan back."""
    import pandas as pd

    cells = pd.read_csv(folder / "cells.csv", dtype={"cell_id": str, "site_id": str})
    return {
        "sites": store.read_shapes(folder / "sites.gpkg"),
        "candidates": store.read_shapes(folder / "candidates.gpkg"),
        "cells": cells,
        "about": store.read_json(folder / "plan.json"),
        **{name: pd.read_csv(folder / f"{name}.csv") for name in TABLES},
    }


def _write(folder: Path, plan: Plan, cells: pd.DataFrame, about: dict[str, Any]) -> None:
    store.write_shapes(folder / "sites.gpkg", plan.sites, "sites")
    store.write_shapes(folder / "candidates.gpkg", plan.candidates, "candidates")
    cells.to_csv(folder / "cells.csv", index=False)
    for name in TABLES:
        getattr(plan, name).to_csv(folder / f"{name}.csv", index=False)
    store.write_json(folder / "plan.json", about)


def _results(plan: Plan, cells: pd.DataFrame, about: dict[str, Any]) -> dict[str, Any]:
    tables = {name: getattr(plan, name) for name in TABLES}
    return {
        "sites": plan.sites,
        "candidates": plan.candidates,
        "cells": cells,
        "about": store.plain(about),
        **tables,
    }


def user_sites(work: Work) -> tuple[gpd.GeoDataFrame | None, pd.DataFrame | None]:
    """Return the user's sites and sectors, or None where no file is given."""
    if "sites" not in work.files:
        return None, None
    found = work.read_sites(work.area)
    found.faults.raise_errors()
    return found.sites, found.sectors


def given_cells(
    work: Work, sites: gpd.GeoDataFrame | None, sectors: pd.DataFrame | None
) -> pd.DataFrame | None:
    """Return the cells of the user's sites whose sectors are given: they stay as they are."""
    if sites is None or sectors is None or sectors.empty:
        return None
    from cellwright import network

    standing = sites[sites["status"] == "existing"]
    standing = standing[standing["site_id"].isin(sectors["site_id"])]
    return network.cells_from_sectors(sectors, standing, work.carriers["nr"])


def priced_candidates(work: Work, given: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the sites to choose from, each with what it would cost."""
    from dataclasses import replace

    from cellwright import planning, rollout

    settings, rules = work.settings.planning, planning.CandidateRules()
    rules = replace(
        rules,
        rooftops=replace(planning.RooftopRules(), spacing_m=settings.rooftop_spacing_m),
        poles=replace(planning.PoleRules(), spacing_m=settings.pole_spacing_m),
    )
    sites = planning.candidates(work.area, rules, given)
    costs = rollout.site_costs(sites, work.carriers["nr"], work.catalogue, settings.sectors)
    return sites.assign(
        site_cost_usd=costs["site_cost_usd"].to_numpy(),
        sector_cost_usd=costs["sector_cost_usd"].to_numpy(),
    )


def goal(work: Work) -> Goal:
    """Return what the plan must reach."""
    from cellwright import planning

    wanted, levels = work.settings.planning, work.settings.coverage
    return planning.Goal(
        kind=wanted.goal,
        share=wanted.share,
        budget_usd=wanted.budget_usd,
        outdoor_dbm=levels.outdoor_target_dbm,
        indoor_dbm=levels.indoor_target_dbm,
        probability=levels.probability,
        weights=wanted.weights,
        max_sites=wanted.max_sites,
    )


def plan_settings(work: Work) -> PlanSettings:
    """Return how the plan is searched for."""
    from cellwright import planning

    wanted = work.settings.planning
    sectors = {**planning.Ways().sectors, "rooftop": wanted.sectors, "tower": wanted.sectors}
    return planning.PlanSettings(
        ways=planning.Ways(sectors=sectors),
        effort=planning.Effort(rounds=wanted.rounds, seed=work.settings.project.seed),
        reach_m=min(work.settings.coverage.reach_m, planning.PlanSettings().reach_m),
        entry=work.settings.coverage.entry_loss,
        measured=work.tunings.get("nr"),
    )


def both_carriers(work: Work, plan: Plan) -> pd.DataFrame:
    """Return the plan's cells and the 4G baseline's on the same sites and sectors."""
    import pandas as pd

    lte, kinds = work.carriers["lte"], plan.sites.set_index("site_id")["kind"]
    baseline = plan.cells.assign(carrier=lte.name)
    kind = baseline["site_id"].map(kinds)
    baseline["power_dbm"] = [lte.power_for(one) for one in kind]
    baseline["antenna"] = [lte.antenna_for(one) for one in kind]
    return pd.concat([plan.cells, baseline], ignore_index=True)


def figures(plan: Plan) -> dict[str, Any]:
    """Return what is said about a plan, as plain data."""
    from dataclasses import asdict

    return {
        **{name: getattr(plan, name) for name in FIGURES},
        "goal": asdict(plan.goal),
        "status": plan.status,
        "method": plan.method,
        "sizes": plan.sizes,
        "seconds": plan.seconds,
        "candidate_rules": plan.candidates.attrs.get("candidates", {}),
    }


def with_pci(
    work: Work, sites: gpd.GeoDataFrame, cells: pd.DataFrame, progress: Progress | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Give the cells of each carrier their physical cell identities; say what the plan is worth."""
    import pandas as pd

    from cellwright import planning

    parts, told = [], {}
    for number, (rat, carrier) in enumerate(work.carriers.items()):
        received = radio(work, rat, portion(progress, number / 2, (number + 1) / 2))["received"]
        mine = cells[cells["carrier"] == carrier.name].reset_index(drop=True)
        heard = planning.neighbours(received, mine, sites, block=4)
        named, audit = planning.assign_pci(
            mine, heard, rat=carrier.rat, seed=work.settings.project.seed
        )
        parts.append(named)
        told[rat] = {
            "collisions": audit.collisions,
            "confusions": audit.confusions,
            "relations": audit.relations,
            "used": audit.used,
            "same_residue": audit.same_residue,
        }
    return pd.concat(parts, ignore_index=True), told
