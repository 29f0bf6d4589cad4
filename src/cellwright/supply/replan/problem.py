"""What a compliant plan chooses from, and what it must keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellwright.errors import Faults, did_you_mean

Floats = NDArray[np.float64]
Kind = Literal["prohibit", "cap", "min-share", "min-suppliers"]
Basis = Literal["stock", "flow"]


@dataclass(frozen=True, eq=False)
class Restriction:
    """One rule as the choice of vendors feels it, linear in "site s runs vendor v in phase t".

    Attributes
    ----------
    name : str
        As it is told where it stands in the way.
    kind : {"prohibit", "cap", "min-share", "min-suppliers"}
        The vendors named run nowhere; at most, or at least, ``limit`` of the whole; at least
        ``limit`` of them run something.
    vendors : tuple of str
        Whom it is about.
    basis : {"stock", "flow"}
        What runs in a phase, or what is installed in it.
    limit : float
        Share 0 to 1, or a number of suppliers.
    weight : float [site], optional
        What is counted (sites, sectors, traffic, people, value); each site 1 by default.
    sites : bool [site], optional
        Where it holds; everywhere by default.
    phases : (int, int), optional
        First phase in which it holds, and the one after the last; all by default.
    """

    name: str
    kind: Kind
    vendors: tuple[str, ...]
    basis: Basis = "stock"
    limit: float = 0.0
    weight: Floats | None = field(default=None, repr=False)
    sites: NDArray[np.bool_] | None = field(default=None, repr=False)
    phases: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class ReplanProblem:
    """Sites, vendors and phases to choose from, with money, crews and stock.

    Attributes
    ----------
    sites, vendors, phases : tuple of str
        Names; phases in the order of time.
    months : float [phase]
        How long each phase lasts [months].
    covers : sparse bool [site, cell]
        Demand cells that a site covers, whoever made it.
    people : float [cell]
        People of each demand cell.
    install_usd : float [site, vendor, phase]
        Price of a vendor's equipment put up at a site [USD]; a change of vendor pays it again.
    civil_usd : float [site]
        Paid once, when a site is opened [USD].
    vendor_usd : float [vendor]
        Fixed cost of having a vendor at all [USD].
    running : int [site]
        Vendor that runs at the start, -1 for none.
    budget_usd, crews : float [phase]
        Money that comes in and sites that can be put up in a phase; money left is carried on.
        Infinite = no limit.
    stock : float [vendor, phase]
        Sites' worth of equipment a vendor has delivered by the end of each phase.
    cluster : int [site]
        Sites of one number run one vendor in a phase; -1 = alone.
    restrictions : tuple of Restriction
        What must be kept.
    """

    sites: tuple[str, ...]
    vendors: tuple[str, ...]
    phases: tuple[str, ...]
    months: Floats
    covers: sp.csr_matrix
    people: Floats
    install_usd: Floats
    civil_usd: Floats
    vendor_usd: Floats
    running: NDArray[np.int64]
    budget_usd: Floats
    crews: Floats
    stock: Floats
    cluster: NDArray[np.int64]
    restrictions: tuple[Restriction, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults()
        shape = len(self.sites), len(self.vendors), len(self.phases)
        for name, wanted in self._shapes(shape).items():
            given = np.shape(getattr(self, name))
            if given != wanted:
                faults.error(f"replan.{name}", f"{name} has shape {given}; {wanted} is needed.")
        for name in ("months", "people", "install_usd", "civil_usd", "vendor_usd", "stock"):
            values = np.asarray(getattr(self, name), float)
            if np.isnan(values).any() or (values < 0.0).any():
                faults.error(f"replan.{name}", f"{name} has values that are not 0 or more.")
        for number, rule in enumerate(self.restrictions):
            self._check(rule, number, faults)
        faults.raise_errors()

    def _shapes(self, shape: tuple[int, int, int]) -> dict[str, tuple[int, ...]]:
        sites, vendors, phases = shape
        return {
            "months": (phases,),
            "covers": (sites, np.size(self.people)),
            "install_usd": shape,
            "civil_usd": (sites,),
            "vendor_usd": (vendors,),
            "running": (sites,),
            "budget_usd": (phases,),
            "crews": (phases,),
            "stock": (vendors, phases),
            "cluster": (sites,),
        }

    def _check(self, rule: Restriction, number: int, faults: Faults) -> None:
        where = f'restriction {number + 1} ("{rule.name}")'
        for vendor in rule.vendors:
            if vendor not in self.vendors:
                words = did_you_mean(vendor, self.vendors)
                faults.error("replan.vendor", f'{where}: no vendor is named "{vendor}". {words}')
        most = len(self.vendors) if rule.kind == "min-suppliers" else 1.0
        if not 0.0 <= rule.limit <= most:
            faults.error("replan.limit", f"{where}: limit is {rule.limit:g}; 0 to {most:g}.")
        for name in ("weight", "sites"):
            values = getattr(rule, name)
            if values is not None and np.shape(values) != (len(self.sites),):
                faults.error("replan.rule", f"{where}: {name} needs one value a site.")

    def only(self, restrictions: tuple[Restriction, ...], **changes: Any) -> ReplanProblem:
        """Return the same problem under other restrictions."""
        return replace(self, restrictions=restrictions, **changes)
