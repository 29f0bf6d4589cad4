"""Which parameters the data can support, and in plain words why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.measurement.design import (
    ENTRY,
    HIDDEN,
    OFFSET,
    SLOPE,
    TuneSettings,
)
from cellwright.measurement.fit import Fit, alike, fit, inflation, ridge, solve
from cellwright.measurement.folds import Fold, by_cell, by_place

Array = NDArray[np.float64]
#: Held-back parts while parameters are chosen: the final figures have more.
_CHOOSING_FOLDS = 5
UNITS = {OFFSET: "dB", SLOPE: "dB/decade", HIDDEN: "dB", ENTRY: "times"}


class Choice(NamedTuple):
    """What is fitted, and what is not.

    Attributes
    ----------
    names : list of str
        Parameters kept.
    fit : Fit or None
        Their numbers; None where not even an offset can be had.
    refused : dict of str to str
        The others, and why.
    """

    names: list[str]
    fit: Fit | None
    refused: dict[str, str]


def choose(
    points: pd.DataFrame, columns: pd.DataFrame, wanted: Array, settings: TuneSettings
) -> Choice:
    """Keep the parameters that the points support and that held-back points confirm.

    Parameters
    ----------
    points : DataFrame
        Local means beside their prediction.
    columns : DataFrame [point, parameter]
        From :func:`design`.
    wanted : float [point]
        Correction that would make each point right [dB].
    settings : TuneSettings
        How careful to be.
    """
    refused: dict[str, str] = {}
    names = _told_apart(points, columns, refused, settings)
    if OFFSET not in names:
        return Choice([], None, refused)
    _drop_collinear(columns, names, refused, settings)
    _drop_useless(points, columns, wanted, names, refused, settings)
    made = _drop_unsure(points, columns, wanted, names, refused, settings)
    return Choice(names, made, refused)


def _told_apart(
    points: pd.DataFrame, columns: pd.DataFrame, refused: dict[str, str], settings: TuneSettings
) -> list[str]:
    """Keep parameters with enough points on either side, and a slope with enough distance."""
    least, names, all_names = settings.least_points, list[str](), [str(one) for one in columns]
    if len(points) < least:
        why = f"only {len(points)} local means; at least {least} are needed"
        refused.update(dict.fromkeys(all_names, why))
        return names
    for name in all_names:
        why = ""
        if name == SLOPE:
            near, far = np.percentile(points["distance_m"], [5, 95])
            if far < settings.least_range * max(near, 1.0):
                why = (
                    f"distances from {near:.0f} to {far:.0f} m span less than a factor "
                    f"{settings.least_range:g}: a slope cannot be told from the offset"
                )
        elif name != OFFSET:
            on = int((columns[name] > 0.0).sum())
            if min(on, len(points) - on) < least:
                why = (
                    f"{on} of {len(points)} local means are {_of(name)}; at least {least} on "
                    "either side are needed"
                )
        if why:
            refused[name] = why
        else:
            names.append(name)
    return names


def _of(name: str) -> str:
    """Say which points a parameter is about.

    Examples
    --------
    >>> _of("out_of_sight_db"), _of("clutter_db.open")
    ('out of sight', 'in open surroundings')
    """
    if name == HIDDEN:
        return "out of sight"
    if name == ENTRY:
        return "indoors"
    return f"in {name.partition('.')[2]} surroundings"


def _drop_collinear(
    columns: pd.DataFrame, names: list[str], refused: dict[str, str], settings: TuneSettings
) -> None:
    """Refuse, one by one, parameters that others say already."""
    while len(names) > 2:
        table = inflation(columns[names])
        worst = max(table, key=lambda name: table[name])
        if table[worst] <= settings.most_inflation:
            return
        others = columns[[n for n in names if n not in (worst, OFFSET)]]
        twin = others.corrwith(columns[worst]).abs().idxmax()
        names.remove(worst)
        refused[worst] = (
            f'it says the same as "{twin}" at these points (variance inflation '
            f"{min(table[worst], 999.0):.0f}, allowed {settings.most_inflation:g})"
        )


def _drop_useless(
    points: pd.DataFrame,
    columns: pd.DataFrame,
    wanted: Array,
    names: list[str],
    refused: dict[str, str],
    settings: TuneSettings,
) -> None:
    """Refuse, one by one, parameters without which held-back points are told no worse."""
    few = replace(settings, most_folds=min(settings.most_folds, _CHOOSING_FOLDS))
    schemes = [folds for folds in (by_place(points, few), by_cell(points, few)) if folds]
    if not schemes:
        return
    now = _held_back_error(columns[names], wanted, schemes)
    while len(names) > 1:
        without = {
            name: _held_back_error(columns[[n for n in names if n != name]], wanted, schemes)
            for name in names if name != OFFSET
        }  # fmt: skip
        worst = min(without, key=lambda name: without[name])
        if without[worst] > now * (1.0 + settings.least_gain):
            return
        names.remove(worst)
        refused[worst] = (
            f"it does not help on held-back points: error {without[worst]:.2f} dB without it, "
            f"{now:.2f} dB with it"
        )
        now = without[worst]


def _held_back_error(
    columns: pd.DataFrame, wanted: Array, schemes: Sequence[Sequence[Fold]]
) -> float:
    """Return the RMSE on held-back points [dB], over place and cell alike."""
    squares = []
    for folds in schemes:
        left = held_back_left(columns, wanted, folds)
        squares.append(float(np.nanmean(left**2)))
    return float(np.sqrt(np.mean(squares)))


def held_back_left(columns: pd.DataFrame, wanted: Array, folds: Sequence[Fold]) -> Array:
    """Return what is left of ``wanted`` at each point by numbers learnt without it; NaN if none."""
    left, matrix, pull = np.full(len(wanted), np.nan), columns.to_numpy(float), ridge(columns)
    for train, test in folds:
        found, _, _ = solve(matrix[train], pull, wanted[train])
        left[test] = wanted[test] - matrix[test] @ found
    return left


def _drop_unsure(
    points: pd.DataFrame,
    columns: pd.DataFrame,
    wanted: Array,
    names: list[str],
    refused: dict[str, str],
    settings: TuneSettings,
) -> Fit | None:
    """Refuse, one by one, parameters that could be zero by chance; the offset comes last."""
    groups = alike(points, settings)
    while names:
        made = fit(columns[names], wanted, groups)
        least = made.least_t(settings.level)
        weak = {name: abs(t) for name, t in made.t.items() if abs(t) < least and name != OFFSET}
        if not weak and abs(made.t[OFFSET]) < least and len(names) == 1:
            weak = {OFFSET: abs(made.t[OFFSET])}
        if not weak:
            return made
        worst = min(weak, key=lambda name: weak[name])
        names.remove(worst)
        refused[worst] = (
            f"{made.numbers[worst]:+.2f} {UNITS.get(worst, 'dB')} with a standard error of "
            f"{made.errors[worst]:.2f} (t {weak[worst]:.1f}, needed {least:.1f}) could be chance"
        )
    return None
