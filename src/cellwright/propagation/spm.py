"""A planner's standard propagation model: K1 to K6 and clutter, linear in K, open to tuning.

The form is that of the planning tools' "standard propagation model"; no standards body issued it.
Its untuned values come from Hata's and COST 231's formulas, written in metres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit

#: What each K multiplies, in the order of :func:`spm_terms`.
K_NAMES = ("k1", "k2", "k3", "k4", "k5", "k6")
_NO_CLUTTER: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class StandardModel:
    """Coefficients of a standard propagation model.

    Attributes
    ----------
    k1 : float
        Offset [dB]; carries the frequency.
    k2, k3, k5 : float
        Factors of log d, log Heff and log d log Heff [dB]; d and Heff in metres.
    k4 : float
        Factor of the diffraction loss.
    k6 : float
        Factor of the user's height [dB/m].
    k_clutter : float
        Factor of the clutter losses.
    clutter_db : mapping of str to float
        Loss by ground cover [dB]; empty: none.
    frequency_ghz, distance_m, base_height_m, user_height_m : (float, float)
        Where the coefficients hold: of the measurements, if they were tuned.
    sigma_db : float
        Standard deviation [dB]: the residual of the tuning.
    origin : str
        Where the coefficients come from.

    Notes
    -----
    K1 + K2 log d + K3 log Heff + K4 diffraction + K5 log d log Heff + K6 Hms + Kclutter clutter.

    References
    ----------
    Form: COST Action 231 final report (1999), section 4.4.1, with every factor left free, a
    diffraction and a clutter term added, as planning tools do.
    """

    k1: float
    k2: float = 44.9
    k3: float = 5.83
    k4: float = 0.0
    k5: float = -6.55
    k6: float = 0.0
    k_clutter: float = 1.0
    clutter_db: Mapping[str, float] = field(default_factory=lambda: _NO_CLUTTER)
    frequency_ghz: tuple[float, float] = (0.15, 2.0)
    distance_m: tuple[float, float] = (1000.0, 20_000.0)
    base_height_m: tuple[float, float] = (30.0, 200.0)
    user_height_m: tuple[float, float] = (1.0, 10.0)
    sigma_db: float = math.nan
    origin: str = "set by hand"

    def k(self) -> NDArray[np.float64]:
        """Return K1 to K6 as a vector, in the order of :func:`spm_terms`."""
        return np.array([getattr(self, name) for name in K_NAMES])

    def with_k(self, k: ArrayLike, *, sigma_db: float = math.nan, origin: str) -> StandardModel:
        """Return the model with other K1 to K6: those of a tuning, and where they come from."""
        values = np.asarray(k, dtype=np.float64)
        if values.shape != (len(K_NAMES),) or not np.isfinite(values).all():
            raise InputError(f"k has shape {values.shape}; give six numbers, K1 to K6.")
        named = dict(zip(K_NAMES, values.tolist(), strict=True))
        return replace(self, **named, sigma_db=sigma_db, origin=origin)

    def clutter_loss_db(self, cover: ArrayLike) -> NDArray[np.float64]:
        """Return Kclutter times the clutter loss by ground cover name [dB].

        Raises
        ------
        InputError
            A ground cover without a loss.
        """
        names, where = np.unique(np.asarray(cover, dtype=np.str_), return_inverse=True)
        for name in names.tolist():
            if name not in self.clutter_db:
                hint = did_you_mean(name, self.clutter_db) if self.clutter_db else "None is known."
                raise InputError(f'Ground cover "{name}" has no clutter loss. {hint}')
        losses = np.array([self.clutter_db[name] for name in names.tolist()])
        return np.asarray(self.k_clutter * losses[where].reshape(np.shape(cover)))


def spm_terms(
    distance_m: ArrayLike,
    effective_height_m: ArrayLike,
    user_height_m: ArrayLike = 1.5,
    diffraction_db: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Return what K1 to K6 multiply: the design matrix of a tuning by least squares.

    Parameters
    ----------
    distance_m, effective_height_m, user_height_m : array_like of float
        Distance, effective height of the base, height of the user [m].
    diffraction_db : array_like of float
        Diffraction loss of the path [dB], of any method.

    Returns
    -------
    ndarray, shape (..., 6)
        Ones, log d, log Heff, diffraction, log d log Heff, Hms.

    Examples
    --------
    >>> spm_terms(1000.0, 100.0, 1.5).tolist()
    [1.0, 3.0, 2.0, 0.0, 6.0, 1.5]
    """
    columns = np.broadcast_arrays(
        np.log10(np.asarray(distance_m, dtype=np.float64)),
        np.log10(np.asarray(effective_height_m, dtype=np.float64)),
        np.asarray(user_height_m, dtype=np.float64),
        np.asarray(diffraction_db, dtype=np.float64),
    )
    far, high, user, diffraction = columns
    return np.stack([np.ones_like(far), far, high, diffraction, far * high, user], axis=-1)


def spm_loss_db(
    coefficients: StandardModel,
    distance_m: ArrayLike,
    effective_height_m: ArrayLike,
    user_height_m: ArrayLike = 1.5,
    *,
    diffraction_db: ArrayLike = 0.0,
    cover: ArrayLike | None = None,
    beyond_range: bool = False,
) -> Estimate:
    """Path loss by a standard propagation model [dB].

    Parameters
    ----------
    coefficients : StandardModel
        K1 to K6 and clutter.
    distance_m : array_like of float
        Distance on the map [m].
    effective_height_m : array_like of float
        Effective height of the base [m], by any method, at least 1.
    user_height_m : array_like of float
        Height of the user [m].
    diffraction_db : array_like of float
        Diffraction loss of the path [dB].
    cover : array_like of str, optional
        Ground cover at the user.
    beyond_range : bool
        Compute outside the limits of the coefficients too and mark it.

    Returns
    -------
    Estimate
        Loss [dB], with the sigma of the coefficients.

    Raises
    ------
    InputError
        Inputs outside the limits; a ground cover without a loss.

    Examples
    --------
    >>> spm_loss_db(spm_from_hata(1.8), [1000.0, 5000.0], 30.0).loss_db.round(2)
    array([136.2 , 160.82])
    """
    limits = [
        limit("distance_m", distance_m, *coefficients.distance_m, "m"),
        limit("effective_height_m", effective_height_m, *coefficients.base_height_m, "m"),
        limit("user_height_m", user_height_m, *coefficients.user_height_m, "m"),
        limit("diffraction_db", diffraction_db, 0.0, 200.0, "dB", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    terms = spm_terms(distance_m, effective_height_m, user_height_m, diffraction_db)
    loss = terms @ coefficients.k()
    if cover is not None:
        loss = loss + coefficients.clutter_loss_db(cover)
    return Estimate(np.asarray(loss), inside, coefficients.sigma_db)


def spm_from_hata(frequency_ghz: float, *, beyond_range: bool = False) -> StandardModel:
    """Return the untuned coefficients of a carrier: Hata below 1.5 GHz, COST 231 from there.

    Parameters
    ----------
    frequency_ghz : float
        Carrier [GHz], 0.15 to 2.
    beyond_range : bool
        Take any carrier: COST 231's formula is often continued to 3.5 GHz.

    Returns
    -------
    StandardModel
        The same loss as the formula at every distance and height.

    Raises
    ------
    InputError
        A carrier outside 0.15 to 2 GHz, unless asked.

    References
    ----------
    M. Hata, IEEE Trans. Veh. Technol. 29(3), 1980; COST Action 231 final report (1999), 4.4.1.

    Examples
    --------
    >>> first = spm_from_hata(1.8)
    >>> round(first.k1, 2), first.k2, round(first.k3, 2), first.k5, round(first.k6, 2)
    (26.23, 44.9, 5.83, -6.55, -2.88)
    """
    check_limits([limit("frequency_ghz", frequency_ghz, 0.15, 2.0, "GHz")], beyond_range)
    carrier = math.log10(1000.0 * frequency_ghz)
    hata = frequency_ghz < 1.5
    at_1_km = 69.55 + 26.16 * carrier if hata else 46.3 + 33.9 * carrier
    return StandardModel(
        k1=at_1_km + 1.56 * carrier - 0.8 - 3.0 * 44.9,
        k3=3.0 * 6.55 - 13.82,
        k6=-(1.1 * carrier - 0.7),
        frequency_ghz=(frequency_ghz, frequency_ghz),
        sigma_db=8.0,
        origin="Hata (1980)" if hata else "COST Action 231 (1999), 4.4.1",
    )
