"""Linear and mixed-integer programmes as arrays, and the one way they are handed to HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import scipy.sparse as sp

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """A sparse matrix by rows; spares small programmes the import of ``scipy.sparse``.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns.
    indptr, indices, data : arrays
        First entry of each row (one more than rows), and column and value of each entry.
    """

    shape: tuple[int, int]
    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    data: Floats
    format: Literal["csr"] = "csr"


def matrix(
    rows: ArrayLike, columns: ArrayLike, values: ArrayLike, shape: tuple[int, int]
) -> Matrix:
    """Return a matrix from its entries, in any order; no place may be named twice.

    Examples
    --------
    >>> made = matrix([1, 0, 1], [0, 2, 1], [5.0, 7.0, 6.0], (2, 3))
    >>> made.indptr.tolist(), made.indices.tolist(), made.data.tolist()
    ([0, 1, 3], [2, 0, 1], [7.0, 5.0, 6.0])
    """
    row, column = np.asarray(rows, np.int32), np.asarray(columns, np.int32)
    order = np.lexsort((column, row))
    starts = np.r_[0, np.cumsum(np.bincount(row, minlength=shape[0]))]
    data = np.asarray(values, np.float64)[order]
    return Matrix(shape, starts.astype(np.int32), column[order], data)


def linear_program(
    cost: Floats,
    columns: tuple[ArrayLike, ArrayLike],
    constraints: Matrix | sp.csr_matrix | sp.csc_matrix,
    rows: tuple[ArrayLike, ArrayLike],
    *,
    whole: NDArray[np.bool_] | None = None,
    maximise: bool = False,
) -> Any:
    """Return the programme "least (or most) cost of x within bounds" as HiGHS takes it.

    Parameters
    ----------
    cost : float64 array [columns]
        Cost of each column.
    columns : pair of float or float64 array
        Least and largest value of each column.
    constraints : sparse matrix, rows x columns
        Factors, by rows or by columns.
    rows : pair of float or float64 array
        Least and largest value of each row; infinite where open.
    whole : bool array [columns], optional
        Columns that take whole numbers only.
    maximise : bool
        Seek the most instead of the least.

    Returns
    -------
    highspy.HighsLp
    """
    import highspy

    count, width = constraints.shape
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_, lp.col_cost_ = count, width, cost
    lp.col_lower_, lp.col_upper_ = (np.broadcast_to(one, width).astype(float) for one in columns)
    lp.row_lower_, lp.row_upper_ = (np.broadcast_to(one, count).astype(float) for one in rows)
    lp.sense_ = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
    by_rows = constraints.format == "csr"
    layout = highspy.MatrixFormat
    lp.a_matrix_.format_ = layout.kRowwise if by_rows else layout.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = constraints.indptr, constraints.indices
    lp.a_matrix_.value_ = constraints.data
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(one)] for one in whole]
    return lp


def solver(**options: bool | float | str) -> Any:
    """Return a silent HiGHS with its options set; ``passModel`` takes a `linear_program`."""
    import highspy

    found = highspy.Highs()
    for name, value in {"output_flag": False, **options}.items():
        found.setOptionValue(name, value)
    return found


def feasible(found: Any) -> bool:
    """Return whether HiGHS holds a solution that keeps every row."""
    import highspy

    status = found.getInfo().primal_solution_status
    return bool(status == highspy.SolutionStatus.kSolutionStatusFeasible)
