"""Tuning a model to measurements, and how well the tuned model tells points it has not seen."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.measurement.design import (
    ENTRY,
    TuneSettings,
    design,
    reference_distance,
    usual_clutter,
)
from cellwright.measurement.folds import Fold, by_cell, by_place
from cellwright.measurement.score import errors_by_group
from cellwright.measurement.support import Choice, choose
from cellwright.propagation import CLUTTER, Tuning

Array = NDArray[np.float64]
PARAMETER_COLUMNS = ("parameter", "value", "standard_error", "t_value", "verdict")
_ORDER = ["x_m", "y_m", "cell_id", "rsrp_dbm", "row"]


@dataclass(frozen=True)
class Tuned:
    """A tuning and the evidence for it.

    Attributes
    ----------
    tuning : Tuning
        What the data support; without any number where they support nothing.
    parameters : DataFrame
        Columns `PARAMETER_COLUMNS`: each parameter with its error, or why it was refused.
    errors : DataFrame
        Columns ``score.ERROR_COLUMNS``: before and after, on held-back points.
    points : DataFrame
        The points, with ``residual_after_db`` (in sample) and ``held_back_db`` (by place, else by
        cell; NaN if neither).
    notes : tuple of str
        What a reader should know, in plain words.
    """

    tuning: Tuning
    parameters: pd.DataFrame
    errors: pd.DataFrame
    points: pd.DataFrame
    notes: tuple[str, ...]


def tune(
    points: pd.DataFrame,
    settings: TuneSettings | None = None,
    *,
    carrier: str = "",
    source: str = "",
    date: str | None = None,
) -> Tuned:
    """Fit a tuning to points beside their prediction.

    Parameters
    ----------
    points : DataFrame
        ``Prediction.points`` of the untuned model, strangers dropped.
    settings : TuneSettings, optional
        How careful to be.
    carrier, source, date : str
        Kept in the tuning; date defaults to today.

    Returns
    -------
    Tuned

    Raises
    ------
    InputError
        No points at all.

    Notes
    -----
    The held-back figures are of the whole procedure: within each part the parameters are chosen
    anew without the points held back, so choosing gives nothing away. The sigma by sight is the
    RMSE of held-back outdoor points, bias included, for that is what coverage must allow for.
    """
    settings = settings or TuneSettings()
    if points.empty:
        raise InputError(
            "there are no points to tune by: see the table of rules for what took them."
        )
    points = points.sort_values(_ORDER, kind="stable", ignore_index=True)
    reference = reference_distance(points, settings)
    notes: list[str] = []
    before = points["residual_db"].to_numpy(float)
    choice = _chosen(points, reference, settings)
    left, errors = _validated(points, before, reference, settings, notes)
    tuning = _tuning(points, choice, reference, carrier, source, date)
    if choice.names and _no_better(before, left):
        why = "the tuned model tells held-back points no better than the untuned one"
        choice = Choice([], None, {**choice.refused, **dict.fromkeys(choice.names, why)})
        tuning = _tuning(points, choice, reference, carrier, source, date)
        left = np.where(np.isfinite(left), before, np.nan)
        notes.append(f"nothing is tuned: {why}.")
    tuning = _with_sigma(tuning, points, left, settings, notes)
    after = before + tuning.correction_db(
        points["distance_m"], points["in_sight"], points["entry_db"], points["clutter"]
    )
    kept = points.assign(residual_after_db=after, held_back_db=left)
    return Tuned(tuning, _parameters(points, choice), errors, kept, tuple(notes))


def _chosen(points: pd.DataFrame, reference_m: float, settings: TuneSettings) -> Choice:
    """Choose and fit on these points alone."""
    columns = design(points, reference_m, usual_clutter(points))
    return choose(points, columns, -points["residual_db"].to_numpy(float), settings)


def _validated(
    points: pd.DataFrame,
    before: Array,
    reference_m: float,
    settings: TuneSettings,
    notes: list[str],
) -> tuple[Array, pd.DataFrame]:
    """Return residuals of held-back points (by place if that can be), and the errors by group."""
    first, tables = np.full(len(points), np.nan), []
    for name, folds in (
        ("by place", by_place(points, settings)),
        ("by cell", by_cell(points, settings)),
    ):
        if not folds:
            lack = "three squares of the map" if name == "by place" else "two cells"
            notes.append(f"the points cannot be cross-validated {name}: fewer than {lack}.")
            continue
        left = held_back(points, folds, reference_m, settings)
        tables.append(errors_by_group(points, before, left, name))
        if not np.isfinite(first).any():
            first = left
    if tables:
        return first, pd.concat(tables, ignore_index=True)
    notes.append("no error on held-back points can be given; those shown are of the untuned model.")
    return first, errors_by_group(points, before, before, "none")


def held_back(
    points: pd.DataFrame, folds: Sequence[Fold], reference_m: float, settings: TuneSettings
) -> Array:
    """Return each point's residual [dB] by a tuning chosen and fitted without it; NaN if none."""
    left = np.full(len(points), np.nan)
    residual = points["residual_db"].to_numpy(float)
    for train, test in folds:
        known = points[train].reset_index(drop=True)
        tuning = _tuning(known, _chosen(known, reference_m, settings), reference_m)
        told = points[test]
        left[test] = residual[test] + tuning.correction_db(
            told["distance_m"], told["in_sight"], told["entry_db"], told["clutter"]
        )
    return left


def _no_better(before: Array, left: Array) -> bool:
    told = np.isfinite(left)
    if not told.any():
        return False
    return bool(np.mean(left[told] ** 2) >= np.mean(before[told] ** 2))


def _tuning(
    points: pd.DataFrame,
    choice: Choice,
    reference_m: float,
    carrier: str = "",
    source: str = "",
    date: str | None = None,
) -> Tuning:
    """Put what was fitted into a tuning."""
    values = choice.fit.numbers if choice.fit is not None else {}
    errors = choice.fit.errors if choice.fit is not None else {}
    numbers = {name: value for name, value in values.items() if "." not in name}
    numbers[ENTRY] = max(1.0 + values.get(ENTRY, 0.0), 0.0)
    clutter = {name.partition(".")[2]: v for name, v in values.items() if "." in name}
    near, far = np.percentile(points["distance_m"], [1, 99])
    return Tuning(
        carrier=carrier,
        source=source,
        date=date or datetime.datetime.now(datetime.UTC).date().isoformat(),
        points=len(points),
        cells=int(points["cell_id"].nunique()),
        reference_m=reference_m,
        nearest_m=max(float(near), 1.0),
        farthest_m=max(float(far), 1.0),
        clutter_db=clutter,
        errors=errors,
        refused=choice.refused,
        **numbers,
    )


def _with_sigma(
    tuning: Tuning, points: pd.DataFrame, left: Array, settings: TuneSettings, notes: list[str]
) -> Tuning:
    """Add the spread of held-back outdoor points by sight; too few leave the model's own."""
    outdoors = np.isfinite(left) & ~points["indoor"].to_numpy(bool)
    seen = points["in_sight"].to_numpy(bool)
    found = {}
    for name, state in (("in_sight", seen), ("out_of_sight", ~seen)):
        here = outdoors & state
        if here.sum() >= settings.least_points:
            found[f"sigma_{name}_db"] = float(np.sqrt(np.mean(left[here] ** 2)))
        else:
            notes.append(
                f"{int(here.sum())} held-back points outdoors {name.replace('_', ' ')}: the "
                "model's own sigma stays."
            )
    return Tuning(**{**vars(tuning), **found})


def _parameters(points: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return every parameter with its number and error, or why it was refused."""
    rows: list[tuple[str, float, float, float, str]] = []
    if choice.fit is not None:
        for name in choice.names:
            value, error = choice.fit.numbers[name], choice.fit.errors[name]
            shown = 1.0 + value if name == ENTRY else value
            rows.append((name, shown, error, choice.fit.t[name], "fitted"))
    usual = CLUTTER[usual_clutter(points)]
    rows.append((f"clutter_db.{usual}", 0.0, np.nan, np.nan, "most points: the offset is theirs"))
    for name, why in choice.refused.items():
        rows.append((name, np.nan, np.nan, np.nan, f"refused: {why}"))
    return pd.DataFrame(rows, columns=list(PARAMETER_COLUMNS))
