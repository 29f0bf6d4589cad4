"""The shelf of propagation models: what each one is, where it comes from, and where it holds.

To add a model: write its scalar function beside its document, give it the next number and a line
in :func:`loss_kernel`, and describe it in ``_SHELF``. The shared exam in
``tests/propagation/test_exam.py`` then tries it like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation import hata, tr38901
from cellwright.propagation import los_probability as odds
from cellwright.propagation.free_space import free_space_loss

Range = tuple[float, float]
Kernel = Callable[[float, float, float, float, bool], float]

FREE_SPACE, UMA, UMI, RMA, SMA, INH_MIXED, INH_OPEN = range(7)
UMA_OPTIONAL, UMI_OPTIONAL, INH_OPTIONAL = range(7, 10)
COST231, COST231_METROPOLITAN, HATA, HATA_LARGE_CITY, HATA_SUBURBAN = range(10, 15)


@njit(cache=True)
def loss_kernel(
    number: int,
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of the model with this ``Model.number``; for use inside other kernels.

    A number, not a function, is passed because Numba compiles a caller anew, and caches it apart,
    for every function handed to it; a chain of ``if`` costs about a nanosecond.

    Parameters
    ----------
    number : int
        ``Model.number``.
    distance_2d_m, frequency_ghz : float
        Distance on the map [m] and carrier [GHz].
    base_height_m, user_height_m : float
        Antenna heights above ground [m].
    sight : bool
        In line of sight or not; models that do not ask ignore it.

    Returns
    -------
    float
        Path loss between isotropic antennas [dB]; NaN for a number nobody has.

    Examples
    --------
    >>> round(loss_kernel(model("umi").number, 100.0, 3.5, 10.0, 1.5, True), 3)
    85.314
    """
    d, f, b, u = distance_2d_m, frequency_ghz, base_height_m, user_height_m
    if number == UMA:
        return tr38901.uma_loss(d, f, b, u, sight)
    if number == UMI:
        return tr38901.umi_loss(d, f, b, u, sight)
    if number == RMA:
        return tr38901.rma_loss(d, f, b, u, sight)
    if number == SMA:
        return tr38901.sma_loss(d, f, b, u, sight)
    if number in (INH_MIXED, INH_OPEN):
        return tr38901.inh_loss(d, f, b, u, sight)
    if number == COST231:
        return hata.cost231_loss(d, f, b, u, sight)
    if number == COST231_METROPOLITAN:
        return hata.cost231_metropolitan_loss(d, f, b, u, sight)
    if number == HATA:
        return hata.hata_loss(d, f, b, u, sight)
    if number == HATA_LARGE_CITY:
        return hata.hata_large_city_loss(d, f, b, u, sight)
    if number == HATA_SUBURBAN:
        return hata.hata_suburban_loss(d, f, b, u, sight)
    if number == UMA_OPTIONAL:
        return tr38901.uma_optional_loss(d, f, b, u, sight)
    if number == UMI_OPTIONAL:
        return tr38901.umi_optional_loss(d, f, b, u, sight)
    if number == INH_OPTIONAL:
        return tr38901.inh_optional_loss(d, f, b, u, sight)
    if number == FREE_SPACE:
        return free_space_loss(d, f, b, u, sight)
    return np.nan


@njit(cache=True)
def sight_odds_kernel(
    number: int,
    distance_2d_m: float,
    user_height_m: float,
    base_height_m: float,
    vegetation: float,
) -> float:
    """Probability of line of sight of a model (TR 38.901 Table 7.4.2-1); NaN if it has none."""
    if number in (UMA, UMA_OPTIONAL):
        return odds.uma_sight(distance_2d_m, user_height_m)
    if number in (UMI, UMI_OPTIONAL):
        return odds.umi_sight(distance_2d_m)
    if number == RMA:
        return odds.rma_sight(distance_2d_m)
    if number == SMA:
        return odds.sma_sight(distance_2d_m, user_height_m, base_height_m, vegetation)
    if number in (INH_MIXED, INH_OPTIONAL):
        return odds.mixed_office_sight(distance_2d_m)
    if number == INH_OPEN:
        return odds.open_office_sight(distance_2d_m)
    return np.nan


# The array forms have names of their own: a ufunc cached under its kernel's name would be taken for
# the kernel by the next process.
@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _loss_array(number: int, d: float, f: float, base: float, user: float, sight: bool) -> float:
    return loss_kernel(number, d, f, base, user, sight)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _sight_odds_array(number: int, d: float, user: float, base: float, vegetation: float) -> float:
    return sight_odds_kernel(number, d, user, base, vegetation)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _rural_turn_array(f: float, base: float, user: float) -> float:
    return tr38901.rural_break_point_m(f, base, user)


def _floats(value: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64)


@dataclass(frozen=True)
class Model:
    """One propagation model: its source, where it holds, and its formula.

    Attributes
    ----------
    name, title : str
        Short name for settings; name for people.
    number : int
        What :func:`loss_kernel` knows it by.
    document, edition, clause : str
        Source.
    frequency_ghz, distance_m, base_height_m, user_height_m : (float, float)
        Where results are marked valid; distance on the map unless ``distance_3d``.
    sigma_los_db, sigma_nlos_db : float
        Standard deviation of shadowing [dB] in and out of sight.
    kernel : callable
        The formula: ``kernel(distance_2d_m, frequency_ghz, base_height_m, user_height_m, sight)``.
    sigma_los_far_db : float or None
        Standard deviation in sight beyond the break point, where it differs.
    asks_sight : bool
        False where the formula is one for all.
    distance_3d : bool
        The distance range is of the slant path.
    note : str
        What a reader of the range must know.
    """

    name: str
    title: str
    number: int
    document: str
    edition: str
    clause: str
    frequency_ghz: Range
    distance_m: Range
    base_height_m: Range
    user_height_m: Range
    sigma_los_db: float
    sigma_nlos_db: float
    kernel: Kernel
    sigma_los_far_db: float | None = None
    asks_sight: bool = True
    distance_3d: bool = False
    note: str = ""

    @property
    def source(self) -> str:
        """Document, edition and clause in one line."""
        return f"{self.document} {self.edition}, {self.clause}"

    def loss_db(
        self,
        distance_2d_m: ArrayLike,
        frequency_ghz: ArrayLike,
        base_height_m: ArrayLike,
        user_height_m: ArrayLike = 1.5,
        sight: ArrayLike = True,
    ) -> NDArray[np.float64]:
        """Path loss between isotropic antennas [dB]; all arguments broadcast.

        Parameters
        ----------
        distance_2d_m, frequency_ghz, base_height_m, user_height_m : array_like of float
            Distance on the map [m], carrier [GHz], antenna heights above ground [m].
        sight : array_like of bool
            In line of sight or not.

        Returns
        -------
        ndarray
            Path loss [dB], finite also where :meth:`valid` is False; nearer than the model's
            shortest distance the loss at that distance.

        Examples
        --------
        >>> model("uma").loss_db([100.0, 500.0], 3.5, 25.0, 1.5, False).round(3)
        array([103.038, 129.916])
        """
        loss: NDArray[np.float64] = _loss_array(
            self.number,
            _floats(distance_2d_m),
            _floats(frequency_ghz),
            _floats(base_height_m),
            _floats(user_height_m),
            np.asarray(sight, dtype=np.bool_),
        )
        return loss

    def valid(
        self,
        distance_2d_m: ArrayLike,
        frequency_ghz: ArrayLike,
        base_height_m: ArrayLike,
        user_height_m: ArrayLike = 1.5,
    ) -> NDArray[np.bool_]:
        """Mark where the source vouches for the model; arguments as in :meth:`loss_db`.

        Examples
        --------
        >>> model("umi").valid([5.0, 50.0, 9000.0], 3.5, 10.0)
        array([False,  True, False])
        """
        distance, base, user = (
            _floats(distance_2d_m),
            _floats(base_height_m),
            _floats(user_height_m),
        )
        if self.distance_3d:
            distance = np.hypot(distance, base - user)
        return (
            _within(distance, self.distance_m)
            & _within(_floats(frequency_ghz), self.frequency_ghz)
            & _within(base, self.base_height_m)
            & _within(user, self.user_height_m)
        )

    def sigma_db(
        self,
        distance_2d_m: ArrayLike,
        frequency_ghz: ArrayLike,
        base_height_m: ArrayLike,
        user_height_m: ArrayLike = 1.5,
        sight: ArrayLike = True,
    ) -> NDArray[np.float64]:
        """Return the standard deviation of shadowing [dB]; arguments as in :meth:`loss_db`."""
        seen = np.asarray(sight, dtype=np.bool_)
        distance = _floats(distance_2d_m)
        near = np.where(seen, self.sigma_los_db, self.sigma_nlos_db)
        if self.sigma_los_far_db is None:
            return np.broadcast_to(near, np.broadcast_shapes(near.shape, distance.shape)).copy()
        turn = _rural_turn_array(
            _floats(frequency_ghz), _floats(base_height_m), _floats(user_height_m)
        )
        return np.where(seen & (distance >= turn), self.sigma_los_far_db, near)


def _within(value: NDArray[np.float64], limits: Range) -> NDArray[np.bool_]:
    return (value >= limits[0]) & (value <= limits[1])


def _tr38901(name: str, title: str, number: int, kernel: Kernel, **other: Any) -> Model:
    """Describe a model of TR 38.901; the defaults are those of the two urban scenarios."""
    facts: dict[str, Any] = {
        "document": "3GPP TR 38.901",
        "edition": "V19.4.0",
        "clause": "7.4.1, Table 7.4.1-1",
        "frequency_ghz": (0.5, 100.0),
        "distance_m": (10.0, 5000.0),
        "user_height_m": (1.5, 22.5),
        "sigma_los_db": 4.0,
    }
    return Model(name=name, title=title, number=number, kernel=kernel, **(facts | other))


def _hata(name: str, title: str, number: int, kernel: Kernel, **other: Any) -> Model:
    """Describe a model of Hata's family: one formula whatever the sight."""
    facts: dict[str, Any] = {
        "document": "M. Hata, IEEE Trans. Veh. Technol. 29(3)",
        "edition": "1980",
        "clause": "section III",
        "frequency_ghz": (0.15, 1.5),
        "distance_m": (1000.0, 20_000.0),
        "base_height_m": (30.0, 200.0),
        "user_height_m": (1.0, 10.0),
        "sigma_los_db": 8.0,
        "sigma_nlos_db": 8.0,
        "asks_sight": False,
        "note": "The source gives no sigma; 8 dB is customary. Below 1 km held at free space.",
    }
    return Model(name=name, title=title, number=number, kernel=kernel, **(facts | other))


_COST231_SOURCE = {
    "document": "COST Action 231 final report, EUR 18957",
    "edition": "1999",
    "clause": "section 4.4.1",
    "frequency_ghz": (1.5, 2.0),
}
_UMA_FACTS = {
    "base_height_m": (10.0, 150.0),
    "note": "The table names one height, 25 m; 10 to 150 m is the range of its parent formula in "
    "3GPP TR 36.873 Table 7.2-1 (NOTE 3). h_E of NOTE 1 is 1 m.",
}
_UMI_FACTS = {
    "base_height_m": (3.0, 20.0),
    "note": "The table names one height, 10 m; 3 to 20 m is Cellwright's reading of a base below "
    "the roofs.",
}
_INH_FACTS = {
    "distance_m": (1.0, 150.0),
    "distance_3d": True,
    "base_height_m": (1.0, 10.0),
    "user_height_m": (0.5, 10.0),
    "sigma_los_db": 3.0,
    "note": "The table names no heights; the customary ones are 3 m and 1 m above the floor.",
}

_SHELF = (
    _tr38901("uma", "3GPP urban macro", UMA, tr38901.uma_loss, sigma_nlos_db=6.0, **_UMA_FACTS),
    _tr38901(
        "umi",
        "3GPP urban micro, street canyon",
        UMI,
        tr38901.umi_loss,
        sigma_nlos_db=7.82,
        **_UMI_FACTS,
    ),
    _tr38901(
        "rma",
        "3GPP rural macro",
        RMA,
        tr38901.rma_loss,
        frequency_ghz=(0.5, 30.0),
        base_height_m=(10.0, 150.0),
        user_height_m=(1.0, 10.0),
        sigma_los_far_db=6.0,
        sigma_nlos_db=8.0,
        note="Buildings 5 m, streets 20 m wide, the table's defaults. In sight up to 10 km.",
    ),
    _tr38901(
        "sma",
        "3GPP suburban macro",
        SMA,
        tr38901.sma_loss,
        frequency_ghz=(0.5, 30.0),
        base_height_m=(25.0, 35.0),
        user_height_m=(1.0, 14.0),
        sigma_los_far_db=6.0,
        sigma_nlos_db=8.0,
        note="Buildings 10 m, streets 10 m wide. The frequency range is that of RMa, its parent.",
    ),
    _tr38901(
        "inh-mixed",
        "3GPP indoor mixed office",
        INH_MIXED,
        tr38901.inh_loss,
        sigma_nlos_db=8.03,
        **_INH_FACTS,
    ),
    _tr38901(
        "inh-open",
        "3GPP indoor open office",
        INH_OPEN,
        tr38901.inh_loss,
        sigma_nlos_db=8.03,
        **_INH_FACTS,
    ),
    _tr38901(
        "uma-optional",
        "3GPP urban macro, optional formula out of sight",
        UMA_OPTIONAL,
        tr38901.uma_optional_loss,
        sigma_nlos_db=7.8,
        **_UMA_FACTS,
    ),
    _tr38901(
        "umi-optional",
        "3GPP urban micro, optional formula out of sight",
        UMI_OPTIONAL,
        tr38901.umi_optional_loss,
        sigma_nlos_db=8.2,
        **_UMI_FACTS,
    ),
    _tr38901(
        "inh-optional",
        "3GPP indoor office, optional formula out of sight",
        INH_OPTIONAL,
        tr38901.inh_optional_loss,
        sigma_nlos_db=8.29,
        **_INH_FACTS,
    ),
    _hata(
        "cost231-hata",
        "COST231-Hata, medium city and suburban",
        COST231,
        hata.cost231_loss,
        **_COST231_SOURCE,
    ),
    _hata(
        "cost231-hata-metropolitan",
        "COST231-Hata, metropolitan centre",
        COST231_METROPOLITAN,
        hata.cost231_metropolitan_loss,
        **_COST231_SOURCE,
    ),
    _hata("okumura-hata", "Okumura-Hata, small or medium city", HATA, hata.hata_loss),
    _hata(
        "okumura-hata-large-city",
        "Okumura-Hata, large city",
        HATA_LARGE_CITY,
        hata.hata_large_city_loss,
    ),
    _hata(
        "okumura-hata-suburban", "Okumura-Hata, suburban", HATA_SUBURBAN, hata.hata_suburban_loss
    ),
    Model(
        name="free-space",
        title="Free space",
        number=FREE_SPACE,
        document="ITU-R P.525",
        edition="P.525-4 (2019)",
        clause="Annex, equation (3)",
        frequency_ghz=(0.001, 1000.0),
        distance_m=(1.0, 1e8),
        base_height_m=(0.0, 10_000.0),
        user_height_m=(0.0, 10_000.0),
        sigma_los_db=0.0,
        sigma_nlos_db=0.0,
        kernel=free_space_loss,
        asks_sight=False,
        distance_3d=True,
        note="Far field only; gases and obstacles are not counted.",
    ),
)
_BY_NAME = {entry.name: entry for entry in _SHELF}


def models() -> tuple[Model, ...]:
    """Return every model on the shelf.

    Examples
    --------
    >>> "uma" in [entry.name for entry in models()]
    True
    """
    return _SHELF


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
        able = [m.name for m in _SHELF if m.document == "3GPP TR 38.901"]
        raise InputError(
            f'"{model_name}" gives no probability of line of sight. Use one of {", ".join(able)}.'
        )
    chance: NDArray[np.float64] = _sight_odds_array(
        entry.number,
        _floats(distance_2d_m),
        _floats(user_height_m),
        _floats(base_height_m),
        float(vegetation),
    )
    return chance
