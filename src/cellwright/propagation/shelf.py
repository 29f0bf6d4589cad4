"""What is known of each propagation model: its source, where it holds, its shadowing.

To add a model: write its scalar function beside its document, give it the next number and a line
in :func:`cellwright.propagation.kernels.loss_kernel`, and describe it in ``SHELF``. The shared exam
in ``tests/propagation/test_exam.py`` then tries it like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation import extended_hata, hata, kernels, tr38901
from cellwright.propagation.free_space import free_space_loss

Range = tuple[float, float]
Kernel = Callable[[float, float, float, float, bool], float]


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
        What :func:`~cellwright.propagation.kernels.loss_kernel` knows it by.
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
    over_map : bool
        Worked out over roofs and ground of the district (``coverage.path_loss``); the formula
        here is only its part in free space.
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
    over_map: bool = False
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
        >>> from cellwright.propagation import model
        >>> model("uma").loss_db([100.0, 500.0], 3.5, 25.0, 1.5, False).round(3)
        array([103.038, 129.916])
        """
        loss: NDArray[np.float64] = kernels.loss_array(
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
        >>> from cellwright.propagation import model
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
        turn = kernels.rural_turn_array(
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
_EXTENDED_SOURCE = {
    "document": "CEPT ECC Report 252",
    "edition": "2016 (SEAMCAT Handbook)",
    "clause": "annex of propagation models, Extended Hata",
    "frequency_ghz": (0.03, 3.0),
    "distance_m": (1.0, 40_000.0),
    "sigma_los_db": 9.0,
    "sigma_nlos_db": 9.0,
    "note": "Sigma beyond 600 m; nearer that of extended_hata_sigma_db, up to 17 dB. Heights are "
    "those of Hata's fit; lower masts are computed as the report says.",
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

_MAP_FACTS: dict[str, Any] = {
    "kernel": free_space_loss,
    "asks_sight": False,
    "distance_3d": True,
    "over_map": True,
    "sigma_los_db": 4.0,
    "sigma_nlos_db": 6.0,
}

SHELF = (
    Model(
        name="urban",
        title="Urban path: over the roofs and around the buildings",
        number=kernels.URBAN,
        document="ITU-R P.526, P.1411",
        edition="P.526-15 (2019), P.1411-12 (2023)",
        clause="P.526 4.5 over the map's roofs; P.1411 4.1.3.2 along its streets",
        frequency_ghz=(0.45, 38.0),
        distance_m=(1.0, 20_000.0),
        base_height_m=(1.5, 300.0),
        user_height_m=(1.0, 300.0),
        note="Sigma is that of TR 38.901 UMa, an assumption until measurements are given.",
        **_MAP_FACTS,
    ),
    Model(
        name="p1812",
        title="Over terrain and roofs, path-specific",
        number=kernels.P1812,
        document="ITU-R P.1812",
        edition="P.1812-8 (2025)",
        clause="Annex 1, at half of the time and places",
        frequency_ghz=(0.03, 6.0),
        distance_m=(250.0, 3_000_000.0),
        base_height_m=(1.0, 3000.0),
        user_height_m=(1.0, 3000.0),
        note="In the vertical plane only: street level in a city comes out dark. Sigma is that of "
        "TR 38.901 UMa, an assumption.",
        **_MAP_FACTS,
    ),
    _tr38901(
        "uma", "3GPP urban macro", kernels.UMA, tr38901.uma_loss, sigma_nlos_db=6.0, **_UMA_FACTS
    ),
    _tr38901(
        "umi",
        "3GPP urban micro, street canyon",
        kernels.UMI,
        tr38901.umi_loss,
        sigma_nlos_db=7.82,
        **_UMI_FACTS,
    ),
    _tr38901(
        "rma",
        "3GPP rural macro",
        kernels.RMA,
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
        kernels.SMA,
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
        kernels.INH_MIXED,
        tr38901.inh_loss,
        sigma_nlos_db=8.03,
        **_INH_FACTS,
    ),
    _tr38901(
        "inh-open",
        "3GPP indoor open office",
        kernels.INH_OPEN,
        tr38901.inh_loss,
        sigma_nlos_db=8.03,
        **_INH_FACTS,
    ),
    _tr38901(
        "uma-optional",
        "3GPP urban macro, optional formula out of sight",
        kernels.UMA_OPTIONAL,
        tr38901.uma_optional_loss,
        sigma_nlos_db=7.8,
        **_UMA_FACTS,
    ),
    _tr38901(
        "umi-optional",
        "3GPP urban micro, optional formula out of sight",
        kernels.UMI_OPTIONAL,
        tr38901.umi_optional_loss,
        sigma_nlos_db=8.2,
        **_UMI_FACTS,
    ),
    _tr38901(
        "inh-optional",
        "3GPP indoor office, optional formula out of sight",
        kernels.INH_OPTIONAL,
        tr38901.inh_optional_loss,
        sigma_nlos_db=8.29,
        **_INH_FACTS,
    ),
    _hata(
        "cost231-hata",
        "COST231-Hata, medium city and suburban",
        kernels.COST231,
        hata.cost231_loss,
        **_COST231_SOURCE,
    ),
    _hata(
        "cost231-hata-metropolitan",
        "COST231-Hata, metropolitan centre",
        kernels.COST231_METROPOLITAN,
        hata.cost231_metropolitan_loss,
        **_COST231_SOURCE,
    ),
    _hata("okumura-hata", "Okumura-Hata, small or medium city", kernels.HATA, hata.hata_loss),
    _hata(
        "okumura-hata-large-city",
        "Okumura-Hata, large city",
        kernels.HATA_LARGE_CITY,
        hata.hata_large_city_loss,
    ),
    _hata(
        "okumura-hata-suburban",
        "Okumura-Hata, suburban",
        kernels.HATA_SUBURBAN,
        hata.hata_suburban_loss,
    ),
    Model(
        name="free-space",
        title="Free space",
        number=kernels.FREE_SPACE,
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
    _hata(
        "extended-hata",
        "Extended Hata, urban",
        kernels.EXTENDED_HATA,
        extended_hata.extended_hata_urban_loss,
        **_EXTENDED_SOURCE,
    ),
    _hata(
        "extended-hata-suburban",
        "Extended Hata, suburban",
        kernels.EXTENDED_HATA_SUBURBAN,
        extended_hata.extended_hata_suburban_loss,
        **_EXTENDED_SOURCE,
    ),
    _hata(
        "extended-hata-open",
        "Extended Hata, open country",
        kernels.EXTENDED_HATA_OPEN,
        extended_hata.extended_hata_open_loss,
        **_EXTENDED_SOURCE,
    ),
)
