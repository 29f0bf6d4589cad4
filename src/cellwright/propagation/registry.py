"""The registry: propagation models by name, and how likely sight is where no map tells."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.kernels import sight_odds_array, sight_odds_kernel
from cellwright.propagation.shelf import SHELF, Model

_BY_NAME = {entry.name: entry for entry in SHELF}


def models() -> tuple[Model, ...]:
    """Return every model on the shelf.

    Examples
    --------
    >>> "uma" in [entry.name for entry in models()]
    True
    """
    return SHELF


def model(name: str) -> Model:
    """Return the model of a name.

    Raises
    ------
    InputError
        No model has this name; the message suggests one.

    Examples
    --------
    >>> model("umi").source
    '3GPP TR 38.901 V19.4.0, 7.4.1, Table 7.4.1-1'
    """
    if name not in _BY_NAME:
        hint = did_you_mean(name, _BY_NAME)
        raise InputError(f'No propagation model is named "{name}". {hint}')
    return _BY_NAME[name]


def los_probability(
    model_name: str,
    distance_2d_m: ArrayLike,
    user_height_m: ArrayLike = 1.5,
    base_height_m: ArrayLike = 30.0,
    vegetation: float = 0.1,
) -> NDArray[np.float64]:
    """Probability of line of sight where no map tells (TR 38.901 V19.4.0, Table 7.4.2-1).

    Parameters
    ----------
    model_name : str
        A model of TR 38.901.
    distance_2d_m : array_like of float
        Distance on the map, outdoor part [m].
    user_height_m, base_height_m : array_like of float
        Heights above ground [m]; asked by ``uma`` (user) and ``sma`` (both).
    vegetation : float
        ``sma`` only: 0 none, 0.1 sparse, 0.2 dense.

    Returns
    -------
    ndarray
        Probability, 0 to 1.

    Raises
    ------
    InputError
        Unknown model, or one whose source gives no probability.

    Examples
    --------
    >>> los_probability("umi", [10.0, 100.0]).round(3)
    array([1.   , 0.231])
    """
    entry = model(model_name)
    if np.isnan(sight_odds_kernel(entry.number, 100.0, 1.5, 30.0, 0.1)):
        able = [m.name for m in SHELF if m.document == "3GPP TR 38.901"]
        raise InputError(
            f'"{model_name}" gives no probability of line of sight. Use one of {", ".join(able)}.'
        )
    chance: NDArray[np.float64] = sight_odds_array(
        entry.number,
        np.asarray(distance_2d_m, dtype=np.float64),
        np.asarray(user_height_m, dtype=np.float64),
        np.asarray(base_height_m, dtype=np.float64),
        float(vegetation),
    )
    return chance
