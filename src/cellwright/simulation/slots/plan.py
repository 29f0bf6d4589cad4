"""What is simulated: cells and users with their gains, one carrier, traffic by class of user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.network import Carrier
from cellwright.simulation.drop import Drop
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.link.rates import Direction
from cellwright.simulation.slots.settings import Fading, SlotSettings
from cellwright.simulation.slots.tables import SlotRadio, slot_radio
from cellwright.simulation.slots.traffic import FullBuffer, Traffic

_FULL = FullBuffer()
#: A cell out of a user's reach on a map has no gain at all; this one adds nothing that counts [dB].
FAINTEST_DB = np.float32(-250.0)


@dataclass(frozen=True, eq=False)
class SlotPlan:
    """One drop, ready for the slot loop.

    Attributes
    ----------
    carrier : Carrier
        Bandwidth, duplex, powers, noise figures.
    gain_db : float32 [cell, user]
        Coupling gain, antennas of both ends in it [dB].
    serving : int [user]
        Serving cell.
    traffic : tuple of Traffic
        Classes of traffic.
    traffic_class : int [user]
        Class of each user.
    direction : {"downlink", "uplink"}
        Which way data flows.
    power_dbm : float [cell]
        Power of each cell [dBm].
    sight : bool [cell, user]
        In line of sight: Rician fading.
    name : int [user]
        Names of the users: random draws follow them, whatever the order.
    settings, link, fading
        Assumptions.
    fade : float32 [user, link, group] or None
        Power gain of fading on the explicit links, unit mean, in place of the drawn one.
    """

    carrier: Carrier
    gain_db: NDArray[np.float32]
    serving: NDArray[np.int64]
    traffic: tuple[Traffic, ...]
    traffic_class: NDArray[np.int64]
    direction: Direction
    power_dbm: NDArray[np.float64]
    sight: NDArray[np.bool_]
    name: NDArray[np.int64]
    settings: SlotSettings = field(default_factory=SlotSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    fading: Fading = field(default_factory=Fading)
    fade: NDArray[np.float32] | None = None

    @property
    def layers(self) -> int:
        """Most spatial layers of a user."""
        down = self.direction == "downlink"
        return self.carrier.dl_layers if down else self.carrier.ul_layers

    @property
    def radio(self) -> SlotRadio:
        """The carrier laid out for the loop."""
        rule = self.settings
        return slot_radio(
            self.carrier,
            self.direction,
            self.link,
            wideband=rule.wideband,
            layers=self.layers,
            feedback_slots=rule.feedback_slots,
            turnaround_slots=rule.turnaround_slots,
        )


def slot_plan(
    carrier: Carrier,
    gain_db: ArrayLike,
    *,
    serving: ArrayLike | None = None,
    traffic: Traffic | Sequence[Traffic] = _FULL,
    traffic_class: ArrayLike | None = None,
    direction: Direction = "downlink",
    power_dbm: ArrayLike | None = None,
    sight: ArrayLike | None = None,
    name: ArrayLike | None = None,
    settings: SlotSettings | None = None,
    link: LinkSettings | None = None,
    fading: Fading | None = None,
    fade: ArrayLike | None = None,
) -> SlotPlan:
    """Check and complete what a slot simulation needs.

    Parameters
    ----------
    carrier : Carrier
        The radio layer.
    gain_db : array [cell, user]
        Coupling gain [dB], negative.
    serving : int array [user], optional
        Serving cell; the strongest if left out.
    traffic : Traffic or sequence
        Classes of traffic.
    traffic_class : int array [user], optional
        Class of each user; in turn if left out.
    direction : {"downlink", "uplink"}
        Which way.
    power_dbm : float or array [cell], optional
        Cell power; the carrier's if left out [dBm].
    sight : bool array [cell, user], optional
        Links with a direct ray; none if left out.
    name : int array [user], optional
        Names for the random draws; the index if left out.
    settings, link, fading : optional
        Assumptions.
    fade : array [user, link, group], optional
        Power gain of fading to use in place of the drawn one.

    Returns
    -------
    SlotPlan

    Raises
    ------
    InputError
        With every fault: shapes that do not fit, no users, gains that are not finite.
    """
    gain = np.asarray(gain_db, np.float32)
    faults = Faults()
    if gain.ndim != 2 or 0 in gain.shape:
        raise InputError(
            f"gain_db has shape {gain.shape}; give [cell, user] with a cell and a user at least."
        )
    cells, users = gain.shape
    if not np.all(np.isfinite(gain)):
        faults.error("slots.gain", "gain_db holds values that are not finite.", "Mend the losses.")
    classes = tuple(traffic) if isinstance(traffic, Sequence) else (traffic,)
    if not classes:
        faults.error("slots.traffic", "There is no traffic.", "Name one class at least.")
    best = np.argmax(gain, axis=0) if serving is None else np.asarray(serving, np.int64)
    which = np.arange(users) % max(len(classes), 1)
    if traffic_class is not None:
        which = np.asarray(traffic_class, np.int64)
    power = carrier.power_dbm if power_dbm is None else power_dbm
    watts = np.broadcast_to(np.asarray(power, np.float64), (cells,))
    seen = np.zeros((cells, users), bool) if sight is None else np.asarray(sight, bool)
    names = np.arange(users) if name is None else np.asarray(name, np.int64)
    for label, values, top in (("serving", best, cells), ("traffic_class", which, len(classes))):
        if values.shape != (users,) or np.any((values < 0) | (values >= top)):
            faults.error(
                f"slots.{label}",
                f"{label} has shape {values.shape}; give {users} numbers from 0 to {top - 1}.",
            )
    if seen.shape != (cells, users):
        faults.error("slots.sight", f"sight has shape {seen.shape}; give {(cells, users)}.")
    if names.shape != (users,) or np.unique(names).size != users:
        faults.error("slots.name", f"name must be {users} different numbers.")
    faults.raise_errors()
    rule = settings or SlotSettings()
    plan = SlotPlan(
        carrier,
        gain,
        best.astype(np.int64),
        classes,
        which,
        direction,
        np.array(watts),
        seen,
        names.astype(np.int64),
        rule,
        link or LinkSettings(),
        fading or Fading(),
        None if fade is None else np.asarray(fade, np.float32),
    )
    _check_fade(plan)
    return plan


def _check_fade(plan: SlotPlan) -> None:
    links = 1 + min(plan.settings.interferers, plan.gain_db.shape[0] - 1)
    links = 1 if plan.direction == "uplink" else links
    shape = (plan.gain_db.shape[1], links, plan.radio.groups)
    if plan.fade is not None and plan.fade.shape != shape:
        raise InputError(f"fade has shape {plan.fade.shape}; [user, link, group] here is {shape}.")


def plan_of_drop(
    drop: Drop,
    carrier: Carrier,
    traffic: Traffic | Sequence[Traffic] = _FULL,
    *,
    direction: Direction = "downlink",
    settings: SlotSettings | None = None,
    link: LinkSettings | None = None,
    fading: Fading | None = None,
) -> SlotPlan:
    """Make a plan of a drop: strongest cell serves, Rician fading where there is sight.

    Parameters
    ----------
    drop : Drop
        Users and coupling gains.
    carrier : Carrier
        The radio layer; the user's antenna is the drop's where the drop has one.
    traffic : Traffic or sequence
        Classes, given to the users in turn.
    direction, settings, link, fading
        As in :func:`slot_plan`.
    """
    return slot_plan(
        drop.budget(carrier),
        np.maximum(drop.gain_db, FAINTEST_DB),
        serving=drop.serving(),
        traffic=traffic,
        sight=drop.sight[drop.cell_site],
        direction=direction,
        settings=settings,
        link=link,
        fading=fading,
    )
