"""What can be wrong with the values of a drive or walk test, each said with its cure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import Faults, did_you_mean

#: Row of the file, as a person counts it (the header is row 1); carried to the end.
ROW = "row"
#: RSRP and SS-RSRP can be reported from -156 to -31 dBm (TS 38.133 table 10.1.6.1-1); a test
#: receiver shows a little more either way.
LEVELS_DBM = (-170.0, -10.0)
HEIGHTS_M = (0.0, 600.0)
#: So many rows are named one by one; the rest are counted.
NAMED_ROWS = 5


def name_rows(
    code: str,
    rows: Iterable[Any],
    message: str,
    cure: str,
    file: str,
    faults: Faults,
    severity: str = "error",
) -> None:
    """Note one fault a row for the first few rows, and one that counts the rest."""
    say = faults.error if severity == "error" else faults.warn
    found = [int(row) for row in rows]
    for row in found[:NAMED_ROWS]:
        say(code, message, cure, file=file, row=row)
    rest = len(found) - NAMED_ROWS
    if rest > 0:
        say(code, f"{rest} more rows: {message}", cure, file=file, count=rest)


def counted(
    code: str,
    table: pd.DataFrame,
    where: NDArray[np.bool_],
    message: str,
    cure: str,
    file: str,
    faults: Faults,
) -> None:
    """Note one warning for all rows of a kind, naming the first and their number."""
    number = int(where.sum())
    if number:
        first = int(table.loc[where, ROW].iloc[0])
        faults.warn(
            code, f"{number} of {len(table)} rows, the first here: {message}", cure,
            file=file, row=first, count=number,
        )  # fmt: skip


def check_levels(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Check levels: dBm are negative; losses in dB and report numbers are not."""
    level = table["rsrp_dbm"].to_numpy(float)
    known = level[np.isfinite(level)]
    low, high = LEVELS_DBM
    if known.size and float((known > 0.0).mean()) > 0.5:
        faults.error(
            "measurements.loss-not-level",
            f"rsrp_dbm is {float(np.median(known)):g} in the middle, a positive number: dBm given "
            f"as dB loss, or report numbers 0 to 127? Levels are {low:g} to {high:g} dBm.",
            "Write levels: transmitted dBm per resource element plus gains less the loss; a report "
            "number less 157 (NR) or 141 (LTE).",
            file=file, row=int(table.loc[level > 0.0, ROW].iloc[0]), count=int((known > 0.0).sum()),
        )  # fmt: skip
        return
    wrong = np.isfinite(level) & ~((level >= low) & (level <= high))
    shown = f"rsrp_dbm is not {low:g} to {high:g} dBm"
    if wrong.any():
        shown = f"rsrp_dbm is {level[wrong][0]:g}; levels are {low:g} to {high:g} dBm."
    name_rows(
        "measurements.level", table.loc[wrong, ROW], shown,
        "Correct the level or remove the row.", file, faults,
    )  # fmt: skip


def check_heights(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Check the phone's height above ground, where it is given."""
    height = table["height_m"].to_numpy(float)
    low, high = HEIGHTS_M
    wrong = np.isfinite(height) & ~((height >= low) & (height <= high))
    if wrong.any():
        message = f"height_m is {height[wrong][0]:g}; allowed: {low:g} to {high:g} m above ground."
        cure = "Heights are above the ground, not above the sea; in metres."
        name_rows("measurements.height", table.loc[wrong, ROW], message, cure, file, faults)


def in_time_order(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Return the rows in order of time; a file that goes back in time is said and sorted."""
    back = (table["time"].diff() < pd.Timedelta(0)).to_numpy()
    counted(
        "measurements.time-order", table, back,
        "the time is before that of the row above; the rows are sorted by time.",
        "Check that the times are read right (day before month?) and the file is one test.",
        file, faults,
    )  # fmt: skip
    if not back.any():
        return table
    return table.sort_values("time", kind="stable", na_position="last")


def known_cells(
    table: pd.DataFrame, cells: Iterable[str], file: str, faults: Faults
) -> pd.DataFrame:
    """Return the rows of known cells; the names of the others are told, with the nearest known.

    Names differ between tools in case and punctuation only too often: those that differ in
    nothing else are taken as the same.
    """
    names = sorted({str(cell) for cell in cells})
    same = {_bare(name): name for name in names}
    own = table["cell_id"].astype(str)
    mine = own.where(own.isin(names), own.map(lambda name: same.get(_bare(name), name)))
    unknown = ~mine.isin(names) & (own != "")
    if unknown.all() and (table["pci"] >= 0).all():  # numbers of the core network: PCIs will tell
        faults.warn(
            "measurements.cell-by-pci", "no cell_id is one of the network's; cells are told by "
            "PCI: the nearest that has it.", "Give cell_id as in the site file.", file=file,
        )  # fmt: skip
        return table.assign(cell_id="")
    some_known = bool(mine.isin(names).any()) or bool((own == "").any())
    counts = own[unknown].value_counts()
    for name, number in counts.head(NAMED_ROWS).items():
        say = faults.warn if some_known else faults.error
        say(
            "measurements.unknown-cell",
            f'{number} rows are of cell "{name}", which the network has not; they are left out.',
            did_you_mean(str(name), names), file=file,
            row=int(table.loc[unknown & (own == name), ROW].iloc[0]), count=int(number),
        )  # fmt: skip
    rest = int(counts.iloc[NAMED_ROWS:].sum())
    if rest:
        faults.warn(
            "measurements.unknown-cell", f"{rest} rows of {len(counts) - NAMED_ROWS} more cells "
            "the network has not are left out.", file=file, count=rest,
        )  # fmt: skip
    return table.assign(cell_id=mine)[~unknown]


def _bare(name: str) -> str:
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def check_set(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Check the set as a whole: that there is something in it, and more than one cell."""
    if table.empty:
        if not faults.errors:
            faults.error(
                "measurements.empty", "no row with a position and a level is left.",
                "Check the columns; the warnings say which rows were left out.", file=file,
            )  # fmt: skip
        return
    cells = [name for name in table["cell_id"].unique() if name]
    if len(cells) == 1:
        faults.warn(
            "measurements.one-cell",
            f'all {len(table)} points are of one cell, "{cells[0]}": a fit cannot be '
            "cross-validated by cell, and an error of this antenna cannot be told from one of the "
            "model.",
            "Add points of other cells.", file=file,
        )  # fmt: skip
