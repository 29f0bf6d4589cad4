"""A bill of materials with stocks and suppliers, checked."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from cellwright.errors import InputError

#: Column of a node -> what it is where a table does not say.
NODE_COLUMNS = {
    "stock": 0.0,
    "demand": 0.0,
    "capacity": math.inf,
    "cost": 1.0,
    "other_use": 0.0,
    "supplier": "",
    "country": "",
}
_FIGURES = ["stock", "demand", "capacity", "cost", "other_use"]


@dataclass(frozen=True, eq=False)
class Chain:
    """A bill of materials with stocks and suppliers.

    Attributes
    ----------
    nodes : DataFrame
        Index ``node``; ``stock`` [units], ``demand`` [units a month asked of it], ``capacity``
        [units a month it can be made or bought at; inf: any], ``cost`` [of one unit short],
        ``other_use`` [units a month that others draw from its stock], ``supplier`` and ``country``
        (several with ";" between: all of them are needed), and any further columns given.
    edges : DataFrame
        ``parent, child, quantity``: one parent takes `quantity` of the child.
    substitutes : tuple of (str, str)
        (part, other): the other can stand in for the part.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    substitutes: tuple[tuple[str, str], ...] = ()


def chain(
    nodes: pd.DataFrame, edges: pd.DataFrame, substitutes: Collection[tuple[str, str]] = ()
) -> Chain:
    """Return a checked chain; absent columns get stock 0, demand 0, any capacity, cost 1.

    Raises
    ------
    InputError
        For names that no node has, negative figures, and a bill that contains itself.
    """
    table = nodes if "node" not in nodes else nodes.set_index("node")
    full = pd.DataFrame(
        {name: table.get(name, default) for name, default in NODE_COLUMNS.items()},
        index=table.index,
    )
    full = full.join(table[table.columns.difference(list(NODE_COLUMNS), sort=False)])
    named = {*edges["parent"], *edges["child"], *(name for pair in substitutes for name in pair)}
    wrong = [f'"{name}" is no node' for name in sorted(named - set(full.index))]
    figures = full[_FIGURES]
    wrong += [
        f'"{name}" has a negative or missing figure'
        for name in full.index[(figures < 0.0).any(axis=1) | figures.isna().any(axis=1)]
    ]
    wrong += [f'"{name}" is given twice' for name in full.index[full.index.duplicated()]]
    wrong += [f'"{name}" contains itself' for name in _loops(edges)]
    if wrong:
        raise InputError("the bill of materials cannot be used: " + "; ".join(wrong) + ".")
    return Chain(full, edges.reset_index(drop=True), tuple(substitutes))


def _loops(edges: pd.DataFrame) -> list[str]:
    left = list(zip(edges["parent"], edges["child"], strict=True))
    while left:
        inner = {child for _, child in left}
        kept = [pair for pair in left if pair[0] in inner]
        if len(kept) == len(left):
            return sorted({parent for parent, _ in left} & inner)
        left = kept
    return []


def roots_of(made: Chain) -> list[str]:
    """Return the nodes that are no child and stand in for nothing."""
    inner = set(made.edges["child"]) | {other for _, other in made.substitutes}
    return [str(name) for name in made.nodes.index if name not in inner]


def needs_of(made: Chain, top: str) -> dict[str, float]:
    """Return how many of each node one root takes, itself included.

    Examples
    --------
    >>> nodes = pd.DataFrame({"node": ["site", "unit", "chip"]})
    >>> edges = pd.DataFrame({"parent": ["site", "unit"], "child": ["unit", "chip"],
    ...                       "quantity": [3.0, 2.0]})
    >>> needs_of(chain(nodes, edges), "site")
    {'site': 1.0, 'unit': 3.0, 'chip': 6.0}
    """
    children: dict[str, list[tuple[str, float]]] = {}
    for parent, child, quantity in made.edges[["parent", "child", "quantity"]].to_numpy():
        children.setdefault(parent, []).append((str(child), float(quantity)))
    needs, todo = dict[str, float](), [(top, 1.0)]
    while todo:
        name, number = todo.pop()
        needs[name] = needs.get(name, 0.0) + number
        todo += [(child, number * q) for child, q in children.get(name, ()) if q > 0.0]
    return needs


def words(text: str) -> tuple[str, ...]:
    """Return the names in a text with ";" between.

    Examples
    --------
    >>> words("Lattice; xilinx")
    ('Lattice', 'xilinx')
    """
    return tuple(word.strip() for word in str(text).split(";") if word.strip())
