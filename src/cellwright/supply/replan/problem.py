"""What a compliant plan chooses from, and what it must keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellwright.errors import Faults
from cellwright.supply.linear import Rows

Floats = NDArray[np.float64]


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
        Infinite: the vendor does not offer it.
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
    restrictions : tuple of Rows [rows, site, vendor, phase]
        What must be kept: rules as :func:`cellwright.supply.replan.restrictions` compiles them.
    opening : bool [phase], optional
        Phases in which sites may be opened; in the others vendors can only be changed.
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
    restrictions: tuple[Rows, ...] = ()
    opening: NDArray[np.bool_] | None = None

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
        for rule in self.restrictions:
            given = rule.coefficients.shape[1:]
            if given != shape:
                faults.error(
                    "replan.rule", f'rule "{rule.rule_id}" is for {given}; {shape} is needed.'
                )
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

    def only(self, restrictions: tuple[Rows, ...], **changes: Any) -> ReplanProblem:
        """Return the same problem under other restrictions."""
        return replace(self, restrictions=restrictions, **changes)
