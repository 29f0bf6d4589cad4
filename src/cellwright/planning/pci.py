"""Physical cell identities: none equal among neighbours or neighbours' neighbours, few residues.

A *collision* is two neighbours with the same PCI; a *confusion* is a cell with two neighbours
of the same PCI. Equal residues modulo 3 share the primary synchronisation signal, modulo 4 (NR)
the place of the PBCH reference signal, modulo 6 (LTE) that of one-port cell reference signals,
modulo 30 the uplink sequence group.

References
----------
3GPP TS 38.211 clauses 7.4.2.1 (1008 identities), 7.4.1.4.1 (PBCH DM-RS), 6.4.1.1.1.1 (groups);
TS 36.211 clauses 6.11 (504 identities), 6.10.1.2, 5.5.1.3; TS 36.300 clause 22.3.5.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.network import PCI_COUNT
from cellwright.planning.neighbours import FloatArray, Neighbours
from cellwright.planning.pci_search import give_identities, permute_sites

Rat = Literal["nr", "lte"]
#: Moduli beside 3 that matter, with their price relative to modulo 3; assumptions.
SOFT_MODULI: dict[str, tuple[tuple[int, float], ...]] = {
    "nr": ((4, 0.5), (30, 0.3)),
    "lte": ((6, 0.5), (30, 0.3)),
}
#: Tabu rounds, and steps without a better plan that end a round.
_ROUNDS, _PATIENCE = 60, 1000
_PASSES = 20


@dataclass(frozen=True, eq=False)
class PciReport:
    """What a PCI plan is worth, counted from the plan alone.

    Attributes
    ----------
    collisions, confusions : int
        Pairs of neighbours with one PCI; pairs of neighbours of one cell with one PCI.
    same_residue : dict of int to float
        Modulus -> share of the neighbours' shared demand with equal residues. Chance alone
        would give 1 / modulus.
    relations : int
        Neighbour pairs.
    used : int
        Different PCIs in use.
    pairs : DataFrame
        Neighbour pairs ``cell_id, neighbour_id, overlap_share, pci, neighbour_pci,
        same_mod_3``..., the largest shared demand first.
    """

    collisions: int
    confusions: int
    same_residue: dict[int, float]
    relations: int
    used: int
    pairs: pd.DataFrame


def assign_pci(
    cells: pd.DataFrame,
    neighbours: Neighbours,
    *,
    rat: Rat = "nr",
    allowed: Sequence[int] | None = None,
    keep: bool = True,
    seed: int = 1,
) -> tuple[pd.DataFrame, PciReport]:
    """Give every cell a PCI.

    Parameters
    ----------
    cells : DataFrame
        ``network.CELL_COLUMNS`` of one carrier, in the order of ``neighbours``.
    neighbours : Neighbours
    rat : {"nr", "lte"}
        1008 or 504 identities.
    allowed : sequence of int, optional
        PCIs that may be used (for example those agreed at a border); default all.
    keep : bool
        Cells that have a PCI (0 or more) keep it.
    seed : int

    Returns
    -------
    cells, report
        A copy of the cells with ``pci``, and the audit of the plan.

    Raises
    ------
    InfeasiblePlanError
        When the allowed PCIs cannot keep neighbours apart; the message names a cell.
    InputError
        When cells and neighbours differ, or an allowed or kept PCI does not exist.
    """
    values = _allowed(allowed, rat)
    if tuple(cells["cell_id"].astype(str)) != neighbours.cell_id:
        raise InputError("cells and neighbours differ: find the neighbours of exactly these cells.")
    if len(cells) == 0:
        return cells.copy(), audit_pci(cells, neighbours, rat=rat)
    kept = cells["pci"].to_numpy(np.int64) if keep else np.full(len(cells), -1, np.int64)
    if (kept >= PCI_COUNT[rat]).any():
        raise InputError(
            f"a kept PCI is {kept.max()}; {rat.upper()} has 0 to {PCI_COUNT[rat] - 1}."
        )
    kept = np.where(kept < 0, -1, kept)
    residue = _residues(cells, neighbours, kept, seed)
    pci = give_identities(
        neighbours.adjacent,
        neighbours.overlap,
        residue,
        kept,
        values,
        np.array(SOFT_MODULI[rat], dtype=np.float64),
        _PASSES,
        seed,
    )
    if (pci < 0).any():
        _raise_short(cells, neighbours, pci, residue, values)
    planned = cells.copy()
    planned["pci"] = pci
    return planned, audit_pci(planned, neighbours, rat=rat)


def _allowed(allowed: Sequence[int] | None, rat: Rat) -> NDArray[np.int64]:
    count = PCI_COUNT[rat]
    if allowed is None:
        return np.arange(count)
    values = np.unique(np.asarray(list(allowed), dtype=np.int64))
    if len(values) == 0 or values[0] < 0 or values[-1] >= count:
        raise InputError(f"allowed PCIs must lie in 0 to {count - 1} for {rat.upper()}.")
    return values


def _residues(
    cells: pd.DataFrame, neighbours: Neighbours, kept: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Return the residue modulo 3 of every cell, by the permutation search over sites."""
    site = pd.factorize(cells["site_id"], sort=True)[0]
    order = np.argsort(site, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(site))]).astype(np.int64)
    options = _options(first)
    kept_there = kept[order]
    fits = (kept_there < 0) | (options == kept_there % 3)
    usable = np.logical_and.reduceat(fits, first[:-1], axis=1).T
    usable[~usable.any(axis=1)] = True  # kept PCIs clash within the site: any permutation then
    graph = _graph(neighbours.overlap[np.ix_(order, order)], site[order])
    residue, _ = permute_sites(graph, first, options, usable, _ROUNDS, _PATIENCE, seed)
    result = np.empty(len(cells), np.int64)
    result[order] = residue
    return np.where(kept >= 0, kept % 3, result)


def _options(first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Residue of each cell under the six permutations; a fourth sector repeats the first's."""
    number = np.arange(first[-1]) - np.repeat(first[:-1], np.diff(first))
    return np.array([np.array(p)[number % 3] for p in itertools.permutations(range(3))])


def _graph(overlap: FloatArray, site: NDArray[np.int64]) -> tuple[Any, Any, Any]:
    other_site = site[:, None] != site[None, :]
    matrix = sparse.csr_matrix(np.where(other_site, overlap, 0.0))
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def _raise_short(
    cells: pd.DataFrame,
    neighbours: Neighbours,
    pci: NDArray[np.int64],
    residue: NDArray[np.int64],
    values: NDArray[np.int64],
) -> None:
    cell = int(np.flatnonzero(pci < 0)[0])
    near = _within_two(neighbours.adjacent)[cell]
    there = int((values % 3 == residue[cell]).sum())
    raise InfeasiblePlanError(
        f'no PCI is left for cell "{cells["cell_id"].iloc[cell]}": it has {int(near.sum())} '
        f"neighbours and neighbours' neighbours, and {there} allowed PCIs of its residue modulo 3. "
        "Allow more PCIs, or count fewer cells as neighbours."
    )


def _within_two(adjacent: NDArray[np.bool_]) -> NDArray[np.bool_]:
    number = adjacent.astype(np.float32)
    near = (adjacent | (number @ number > 0)).astype(bool)
    np.fill_diagonal(near, False)
    return near


def audit_pci(cells: pd.DataFrame, neighbours: Neighbours, *, rat: Rat = "nr") -> PciReport:
    """Count what is wrong with a PCI plan, whoever made it.

    Parameters
    ----------
    cells : DataFrame
        ``cell_id, pci``, in the order of ``neighbours``; PCI -1 counts for nothing.
    neighbours : Neighbours
    rat : {"nr", "lte"}

    Returns
    -------
    PciReport
    """
    pci = cells["pci"].to_numpy(np.int64)
    equal = (pci[:, None] == pci[None, :]) & (pci >= 0)[:, None]
    np.fill_diagonal(equal, False)
    upper = np.triu(np.ones_like(equal), 1)
    collisions = int((equal & neighbours.adjacent & upper).sum())
    shared = neighbours.adjacent.astype(np.int64)
    shared = shared @ shared  # how many cells have both as neighbours
    confusions = int(shared[equal & upper].sum())
    moduli = (3, *(modulus for modulus, _ in SOFT_MODULI[rat]))
    whole = neighbours.overlap[upper].sum()
    same = {
        modulus: float(neighbours.overlap[_same(pci, modulus) & upper].sum() / whole)
        if whole > 0
        else 0.0
        for modulus in moduli
    }
    return PciReport(
        collisions=collisions,
        confusions=confusions,
        same_residue=same,
        relations=int((neighbours.adjacent & upper).sum()),
        used=len(np.unique(pci[pci >= 0])),
        pairs=_pairs(pci, neighbours, moduli),
    )


def _same(pci: NDArray[np.int64], modulus: int) -> NDArray[np.bool_]:
    residue = pci % modulus
    same: NDArray[np.bool_] = (
        (residue[:, None] == residue[None, :]) & (pci >= 0)[:, None] & (pci >= 0)[None, :]
    )
    return same


def _pairs(pci: NDArray[np.int64], neighbours: Neighbours, moduli: tuple[int, ...]) -> pd.DataFrame:
    one, other = np.nonzero(np.triu(neighbours.adjacent, 1))
    names = np.asarray(neighbours.cell_id, dtype=object)
    table = pd.DataFrame(
        {
            "cell_id": names[one] if len(one) else [],
            "neighbour_id": names[other] if len(other) else [],
            "overlap_share": neighbours.overlap[one, other],
            "pci": pci[one],
            "neighbour_pci": pci[other],
        }
    )
    for modulus in moduli:
        table[f"same_mod_{modulus}"] = _same(pci, modulus)[one, other]
    return table.sort_values(
        ["overlap_share", "cell_id", "neighbour_id"], ascending=[False, True, True]
    ).reset_index(drop=True)
