"""PCI plans: counted independently, against brute force, and on a published GSM network."""

from __future__ import annotations

import gzip
import itertools
import re

import numpy as np
import pandas as pd
import pytest

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.network import CELL_COLUMNS
from cellwright.planning import assign_pci, audit_pci, neighbours_from


def make_cells(sectors: list[int]) -> pd.DataFrame:
    rows = [(f"S{s:03d}", k + 1) for s, count in enumerate(sectors) for k in range(count)]
    cells = pd.DataFrame(rows, columns=["site_id", "sector"])
    cells["cell_id"] = cells["site_id"] + "-" + cells["sector"].astype(str)
    cells["pci"] = -1
    return cells.reindex(columns=list(CELL_COLUMNS))


def random_network(seed: int, sites: int, near: int = 6):
    """Three-sector sites on a plane; each cell hears the nearest cells of other sites."""
    rng = np.random.default_rng(seed)
    cells = make_cells([3] * sites)
    place = np.repeat(rng.random((sites, 2)), 3, axis=0) + 0.01 * rng.random((3 * sites, 2))
    pairs = []
    for i in range(len(cells)):
        distance = np.hypot(*(place - place[i]).T)
        for j in np.argsort(distance)[1 : near + 1]:
            pairs.append((cells["cell_id"][i], cells["cell_id"][j], float(rng.random())))
    return cells, neighbours_from(cells, pairs)


def count_faults(cells, relations):
    """Collisions and confusions by plain loops over cells and their neighbour lists."""
    pci, adjacent = cells["pci"].tolist(), relations.adjacent
    collisions = confusions = 0
    for i in range(len(pci)):
        own = [j for j in range(len(pci)) if adjacent[i][j]]
        collisions += sum(pci[i] == pci[j] for j in own if j > i)
        confusions += sum(pci[a] == pci[b] for a, b in itertools.combinations(own, 2))
    return collisions, confusions


@pytest.mark.parametrize("rat", ["nr", "lte"])
@pytest.mark.parametrize("sites", [1, 30, 200])
def test_no_collision_and_no_confusion(rat, sites):
    cells, relations = random_network(1, sites, near=min(12, 3 * sites - 1))
    planned, report = assign_pci(cells, relations, rat=rat)
    assert (report.collisions, report.confusions) == count_faults(planned, relations) == (0, 0)
    assert planned["pci"].between(0, {"nr": 1007, "lte": 503}[rat]).all()
    residues = planned["pci"].to_numpy().reshape(-1, 3) % 3
    assert (np.sort(residues, axis=1) == [0, 1, 2]).all()


def test_audit_finds_what_is_wrong():
    cells = make_cells([1, 1, 1])
    relations = neighbours_from(cells, [("S000-1", "S001-1", 1.0), ("S001-1", "S002-1", 3.0)])
    confused = audit_pci(cells.assign(pci=[7, 8, 7]), relations)
    assert (confused.collisions, confused.confusions) == (0, 1)
    collided = audit_pci(cells.assign(pci=[7, 7, 10]), relations)
    assert (collided.collisions, collided.confusions) == (1, 0)
    assert collided.same_residue[3] == 1.0
    assert confused.same_residue[3] == 0.0
    assert collided.pairs["overlap_share"].tolist() == [3.0, 1.0]


def test_tight_lists_of_pcis_still_work_or_say_why_not():
    cells, relations = random_network(4, 40, near=5)
    planned, report = assign_pci(cells, relations, allowed=range(90, 150))
    assert planned["pci"].between(90, 149).all()
    assert report.collisions == report.confusions == 0
    with pytest.raises(InfeasiblePlanError, match='no PCI is left for cell "S'):
        assign_pci(cells, relations, allowed=range(6))
    with pytest.raises(InputError, match="0 to 1007"):
        assign_pci(cells, relations, allowed=[1008])


def test_given_pcis_are_kept():
    cells, relations = random_network(2, 12)
    cells.loc[[0, 1, 2, 5], "pci"] = [301, 302, 303, 77]
    planned, report = assign_pci(cells, relations)
    assert planned.loc[[0, 1, 2, 5], "pci"].tolist() == [301, 302, 303, 77]
    assert report.collisions == report.confusions == 0


def residue_cost(residue, relations, site):
    same = (residue[:, None] == residue[None, :]) & (site[:, None] != site[None, :])
    return float(relations.overlap[np.triu(same, 1)].sum())


@pytest.mark.parametrize("seed", range(5))
def test_modulo_3_equals_brute_force_on_small_networks(seed):
    cells, relations = random_network(seed, 5)
    site = pd.factorize(cells["site_id"])[0]
    choices = list(itertools.permutations(range(3)))
    best = min(
        residue_cost(np.array(sum(plan, ())), relations, site)
        for plan in itertools.product(choices, repeat=5)
    )
    planned, _ = assign_pci(cells, relations)
    assert residue_cost(planned["pci"].to_numpy() % 3, relations, site) == pytest.approx(best)


def read_cost259(path):
    """Cells and interference of a COST 259 scenario: (site, sector) and (cell, cell, weight)."""
    text = gzip.decompress(path.read_bytes()).decode()
    text = re.sub(r"#.*", "", text)
    head, tail = text.split("CELL_RELATIONS")
    found = re.findall(r"(\w+)\s*\{\s*(\w+)\s*;\s*(\d+)\s*;", head.split("CELLS", 1)[1])
    number = {cell: k for k, (cell, _, _) in enumerate(found)}
    cells = pd.DataFrame(
        [(site, f"c{cell}", -1) for cell, site, _ in found],
        columns=["site_id", "cell_id", "pci"],
    )
    pairs = []
    for one, other, body in re.findall(r"(\w+)\s+(\w+)\s*\{([^}]*)\}", tail):
        given = re.search(r"DA([\s\d.eE+-]+)", body)
        weight = sum(map(float, given.group(1).split())) if given else 0.01
        if one in number and other in number:
            pairs.append((f"c{one}", f"c{other}", weight))
    return cells, pairs


@pytest.mark.parametrize("name", ["Tiny", "Swisscom"])
def test_published_gsm_networks(shared_data, name):
    cells, pairs = read_cost259(shared_data / "optimisation" / "pci_cost259" / f"{name}.scen.gz")
    relations = neighbours_from(cells, pairs)
    planned, report = assign_pci(cells, relations)
    assert (report.collisions, report.confusions) == count_faults(planned, relations) == (0, 0)
    site = pd.factorize(cells["site_id"])[0]
    cost = residue_cost(planned["pci"].to_numpy() % 3, relations, site)
    naive = cells.groupby("site_id").cumcount().to_numpy() % 3
    assert cost < 0.7 * residue_cost(naive, relations, site) or cost == 0.0
    # the record of 23.791 is ours (long runs of this search): COST 259 publishes none for modulo 3
    assert cost <= 1.02 * {"Tiny": 0.07, "Swisscom": 23.791}[name] + 1e-12


def test_same_plan_for_the_same_seed():
    cells, relations = random_network(9, 30)
    one, two = (assign_pci(cells, relations)[0]["pci"].tolist() for _ in range(2))
    assert one == two
