"""Tuning: what measurements add to a model's loss, and the spread they leave (TR 38.901 style).

A tuned model is the model plus a correction: offset, slope about a reference distance, an offset
out of sight, one for each class of clutter, and a scale of the entry loss. Arrays in, arrays out:
who measured, and on which map, is known above.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError, did_you_mean, shown_path

#: Classes of clutter by the share of the ground built over within `CLUTTER_RADIUS_M`.
CLUTTER = ("open", "loose", "dense")
#: From this share on, a place is of the next class. Assumption: a square or a quay has below a
#: tenth built, detached houses and slabs up to a third, closed blocks with street canyons more.
CLUTTER_EDGES = (0.10, 0.33)
#: A place's surroundings [m]; assumption, within the 50 to 100 m that a street crossing spans.
CLUTTER_RADIUS_M = 75.0
_NUMBERS = (
    "offset_db",
    "slope_db_per_decade",
    "reference_m",
    "nearest_m",
    "farthest_m",
    "out_of_sight_db",
    "entry_scale",
    "sigma_out_of_sight_db",
    "sigma_in_sight_db",
)


def clutter_class(built_share: ArrayLike) -> NDArray[np.uint8]:
    """Return the class of clutter (number in `CLUTTER`) for a share built over, 0 to 1.

    Examples
    --------
    >>> [CLUTTER[c] for c in clutter_class([0.0, 0.2, 0.5])]
    ['open', 'loose', 'dense']
    """
    number: NDArray[np.uint8] = np.digitize(
        np.asarray(built_share, dtype=float), CLUTTER_EDGES
    ).astype(np.uint8)
    return number


@dataclass(frozen=True)
class Tuning:
    """Corrections to the path loss of one carrier, fitted to measurements.

    Attributes
    ----------
    carrier : str
        The carrier they hold for; "" for any.
    source, date : str
        File measured, and the day of the fit.
    points, cells : int
        Local means and cells the fit rests on.
    offset_db : float
        Added to every loss [dB].
    slope_db_per_decade, reference_m : float
        Added per decade of distance on the map beyond (less before) the reference [dB, m].
    nearest_m, farthest_m : float
        Distances measured [m]; the slope's share is held constant beyond them.
    out_of_sight_db : float
        Added where the antenna is not seen [dB].
    clutter_db : mapping of str to float
        Added by class of clutter (`CLUTTER`) [dB]; a class not named adds nothing.
    entry_scale : float
        Factor on the loss of entering buildings.
    sigma_out_of_sight_db, sigma_in_sight_db : float
        Spread left on held-back points outdoors [dB]; NaN where not measured: the model's own
        stays.
    errors : mapping of str to float
        Standard error of each fitted number.
    refused : mapping of str to str
        What the data could not support, and why.

    Raises
    ------
    InputError
        A number out of range or an unknown class of clutter.

    Examples
    --------
    >>> found = Tuning(offset_db=2.0, slope_db_per_decade=5.0, clutter_db={"dense": 3.0})
    >>> found.correction_db([100.0, 1000.0], [1, 1], [0.0, 0.0], [0, 2]).tolist()
    [2.0, 10.0]
    """

    carrier: str = ""
    source: str = ""
    date: str = ""
    points: int = 0
    cells: int = 0
    offset_db: float = 0.0
    slope_db_per_decade: float = 0.0
    reference_m: float = 100.0
    nearest_m: float = 1.0
    farthest_m: float = math.inf
    out_of_sight_db: float = 0.0
    clutter_db: Mapping[str, float] = field(default_factory=dict)
    entry_scale: float = 1.0
    sigma_out_of_sight_db: float = math.nan
    sigma_in_sight_db: float = math.nan
    errors: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = Faults()
        _check(self, faults)
        faults.raise_errors()

    def correction_db(
        self,
        distance_m: ArrayLike,
        in_sight: ArrayLike,
        entry_db: ArrayLike,
        clutter: ArrayLike,
    ) -> NDArray[np.float64]:
        """Return what is added to the model's loss [dB]; the arguments broadcast.

        Parameters
        ----------
        distance_m : array_like
            Distance on the map [m].
        in_sight : array_like
            1 or True where the antenna is seen.
        entry_db : array_like
            Loss of entering the building that the model counted [dB]; 0 outdoors.
        clutter : array_like of int
            Class of clutter, number in `CLUTTER`.
        """
        held = np.clip(np.asarray(distance_m, float), self.nearest_m, self.farthest_m)
        by_class = np.array([float(self.clutter_db.get(name, 0.0)) for name in CLUTTER])
        total = self.offset_db + self.slope_db_per_decade * np.log10(held / self.reference_m)
        total = total + np.where(np.asarray(in_sight) > 0, 0.0, self.out_of_sight_db)
        total = total + by_class[np.asarray(clutter, dtype=np.intp)]
        added: NDArray[np.float64] = total + (self.entry_scale - 1.0) * np.asarray(entry_db, float)
        return added

    def sigma_db(self, in_sight: ArrayLike) -> NDArray[np.float64]:
        """Return the spread left outdoors by sight [dB]; NaN where it was not measured."""
        seen = np.asarray(in_sight) > 0
        return np.where(seen, self.sigma_in_sight_db, self.sigma_out_of_sight_db).astype(float)


def _check(made: Tuning, faults: Faults) -> None:
    """Note every value that cannot be meant."""
    ranges = {
        "offset_db": (-60.0, 60.0),
        "slope_db_per_decade": (-60.0, 60.0),
        "reference_m": (1.0, 100_000.0),
        "nearest_m": (1.0, 1e6),
        "out_of_sight_db": (-60.0, 60.0),
        "entry_scale": (0.0, 5.0),
    }
    for name, (low, high) in ranges.items():
        value = float(getattr(made, name))
        if not low <= value <= high:
            message = f"{name} is {value:g}; allowed: {low:g} to {high:g}."
            faults.error(f"tuning.{name}", message, "Correct the number, or tune anew.")
    if not made.farthest_m >= made.nearest_m:
        message = f"farthest_m is {made.farthest_m:g}, below nearest_m {made.nearest_m:g}."
        faults.error("tuning.farthest_m", message, "Swap them.")
    for name in ("sigma_out_of_sight_db", "sigma_in_sight_db"):
        value = float(getattr(made, name))
        if not (math.isnan(value) or 0.0 <= value <= 40.0):
            message = f"{name} is {value:g}; allowed: 0 to 40, or nan for not measured."
            faults.error(f"tuning.{name}", message)
    for name, value in made.clutter_db.items():
        if name not in CLUTTER:
            message = f'clutter_db names "{name}".'
            faults.error("tuning.clutter_db", message, did_you_mean(name, CLUTTER))
        elif not abs(value) <= 60.0:
            faults.error(
                "tuning.clutter_db", f"clutter_db.{name} is {value:g}; allowed: -60 to 60."
            )


def write_tuning(tuning: Tuning, path: str | Path) -> None:
    """Write a tuning as TOML that :func:`read_tuning` reads back."""
    Path(path).write_text(tuning_text(tuning), encoding="utf-8")


def tuning_text(tuning: Tuning) -> str:
    """Return a tuning as TOML text.

    Examples
    --------
    >>> "offset_db = 2.5" in tuning_text(Tuning(offset_db=2.5))
    True
    """
    lines = ["# What measurements add to the path loss; losses are positive, in dB."]
    for name in ("carrier", "source", "date"):
        lines.append(f"{name} = {json.dumps(getattr(tuning, name), ensure_ascii=False)}")
    lines += [f"points = {tuning.points}", f"cells = {tuning.cells}"]
    lines += [f"{name} = {float(getattr(tuning, name))!r}" for name in _NUMBERS]
    for table in ("clutter_db", "errors", "refused"):
        lines += ["", f"[{table}]"]
        for key, value in getattr(tuning, table).items():
            said = (
                json.dumps(value, ensure_ascii=False) if table == "refused" else repr(float(value))
            )
            lines.append(f"{json.dumps(key)} = {said}")
    return "\n".join(lines) + "\n"


def read_tuning(path: str | Path) -> Tuning:
    """Read a tuning from TOML.

    Raises
    ------
    InputError
        No such file, not TOML, unknown keys, numbers out of range: all faults, with the file.
    """
    shown, faults = shown_path(path), Faults()
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        cure = "Make it: cellwright tune."
        faults.error("tuning.no-file", "there is no such file.", cure, file=shown)
        data = {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.error("tuning.toml", f"is not TOML: {error}.", file=shown)
        data = {}
    known = _known(data, shown, faults)
    faults.raise_errors()
    try:
        return Tuning(**known)
    except InputError as error:
        for fault in error.faults:
            faults.error(fault.code, fault.message, fault.cure, file=shown)
    faults.raise_errors()
    raise AssertionError("unreachable: the faults were raised")


def _known(data: Mapping[str, Any], file: str, faults: Faults) -> dict[str, Any]:
    """Keep the keys that are ours with values of the right kind; the others are faults."""
    fields = Tuning.__dataclass_fields__
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key not in fields:
            faults.error(
                "tuning.unknown-key", f'"{key}" is no part of a tuning.',
                did_you_mean(key, fields), file=file,
            )  # fmt: skip
            continue
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        table = key in ("clutter_db", "errors", "refused")
        wants = (
            "a table" if table else "text" if key in ("carrier", "source", "date") else "a number"
        )
        right = isinstance(value, dict) if table else isinstance(value, str)
        if not (number if wants == "a number" else right):
            faults.error("tuning.value", f"{key} is {value!r}; it must be {wants}.", file=file)
            continue
        kept[key] = value
    return kept
