"""Outer loop of link adaptation: corrects reported quality until blocks fail as often as wanted.

A. Sampath, P. S. Kumar, J. M. Holtzman, On setting reverse link target SIR in a CDMA system, IEEE
VTC 1997; K. I. Pedersen et al., Frequency domain scheduling for OFDMA with limited and noisy
channel feedback, IEEE VTC 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

from numba import njit

from cellwright.errors import Faults


@dataclass(frozen=True)
class OuterLoop:
    """Steps and limits of the outer loop.

    Attributes
    ----------
    target_error : float
        Share of first transmissions that shall fail, 0 to 1.
    step_db : float
        How far a failure lowers the offset [dB]; a success raises it by
        ``step_db target_error / (1 - target_error)``, so that the offset rests at the target.
    least_db, most_db : float
        Limits of the offset [dB].
    """

    target_error: float = 0.1
    step_db: float = 0.5
    least_db: float = -15.0
    most_db: float = 10.0

    def __post_init__(self) -> None:
        faults = Faults()
        if not 0.0 < self.target_error < 1.0:
            faults.error(
                "link.target-error",
                f"target_error is {self.target_error:g}; it must lie between 0 and 1.",
                "0.1 is customary.",
            )
        if not self.step_db > 0.0:
            faults.error(
                "link.step", f"step_db is {self.step_db:g}; it must be above 0.", "Try 0.5."
            )
        if not self.least_db <= 0.0 <= self.most_db:
            faults.error(
                "link.limits",
                f"Offsets from {self.least_db:g} to {self.most_db:g} dB leave out 0.",
                "The loop starts at 0: give least_db below it and most_db above.",
            )
        faults.raise_errors()

    @property
    def raise_db(self) -> float:
        """How far a success raises the offset [dB]."""
        return self.step_db * self.target_error / (1.0 - self.target_error)

    def after(self, offset_db: float, received: bool) -> float:
        """Offset [dB] after a block was received or lost.

        Examples
        --------
        >>> loop = OuterLoop()
        >>> loop.after(0.0, False), round(loop.after(0.0, True), 4)
        (-0.5, 0.0556)
        """
        return float(
            outer_loop_kernel(
                offset_db, received, self.raise_db, self.step_db, self.least_db, self.most_db
            )
        )


@njit(cache=True, nogil=True, error_model="numpy")
def outer_loop_kernel(
    offset_db: float,
    received: bool,
    raise_db: float,
    step_db: float,
    least_db: float,
    most_db: float,
) -> float:
    """:meth:`OuterLoop.after` inside compiled loops."""
    moved = offset_db + raise_db if received else offset_db - step_db
    return min(max(moved, least_db), most_db)
