"""From a plan to the kernel's arrays: users sorted by cell, powers over noise, uplink power."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.link.settings import layer_gain
from cellwright.simulation.slots.plan import SlotPlan
from cellwright.simulation.slots.qos import five_qi
from cellwright.simulation.slots.state import Net

#: Width of the block P0 is given for [Hz].
_P0_HZ = 180e3


def links_of(plan: SlotPlan, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the explicit cells [user, link]: the serving one, then the strongest others."""
    gain = plan.gain_db[:, order] + plan.power_dbm[:, None]
    own = plan.serving[order]
    if plan.direction == "uplink":
        return own[:, None]
    users = np.arange(order.size)
    ranked = gain.copy()
    ranked[own, users] = np.inf
    count = 1 + min(plan.settings.interferers, gain.shape[0] - 1)
    return np.ascontiguousarray(np.argsort(-ranked, axis=0, kind="stable")[:count].T)


def network(plan: SlotPlan) -> tuple[Net, NDArray[np.int64]]:
    """Lay out a plan for the kernel.

    Returns
    -------
    net : Net
        Arrays, users sorted by serving cell.
    order : int array [user]
        Index in the plan of each sorted user.
    """
    cells, users = plan.gain_db.shape
    order = np.lexsort((plan.name, plan.serving))
    own = plan.serving[order]
    first = np.searchsorted(own, np.arange(cells + 1))
    cell = links_of(plan, order)
    fixed = plan.carrier.user_gain_dbi - plan.carrier.user_loss_db - plan.carrier.base_loss_db
    gain = plan.gain_db[:, order].astype(np.float64) + fixed
    subcarriers = plan.carrier.n_subcarriers
    down = gain + plan.power_dbm[:, None] - 10.0 * np.log10(subcarriers)
    ratio = 10.0 ** ((down - plan.carrier.noise_dbm_per_re) / 10.0)
    level = ratio.T[np.arange(users)[:, None], cell]
    rest = np.maximum(ratio.sum(axis=0) - level.sum(axis=1), 0.0)
    noise_dbm = plan.carrier.base_noise_dbm_per_re + 10.0 * np.log10(12.0)
    up = 10.0 ** ((gain - noise_dbm) / 10.0)
    density, most, power = _uplink_power(plan, gain[own, np.arange(users)])
    if plan.direction == "uplink":
        level = up[own, np.arange(users)][:, None]
    single = np.float32
    return (
        Net(
            first.astype(np.int64),
            plan.name[order],
            plan.traffic_class[order],
            own,
            np.ascontiguousarray(cell, np.int64),
            np.ascontiguousarray(level, single),
            rest.astype(single),
            np.ascontiguousarray(up.T, single),
            density.astype(single),
            most,
            power.astype(single),
            _layer_gains(plan, order),
        ),
        order,
    )


def _layer_gains(plan: SlotPlan, order: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the gain of each layer's SINR [user, layers] by the link's law for many antennas.

    The loop's own fading takes the place of ``margin_db``.
    """
    antennas = plan.carrier.user_antennas
    if plan.direction == "uplink":
        antennas = max(plan.link.base_branches, plan.layers)
    law = np.array(
        [
            [layer_gain(n, antennas, seen, plan.link) for n in range(1, plan.layers + 1)]
            for seen in (False, True)
        ],
        np.float32,
    )
    sight = plan.sight[plan.serving[order], order].astype(np.intp)
    return np.ascontiguousarray(law[sight])


def _uplink_power(
    plan: SlotPlan, own_gain_db: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Power in a block [mW], groups it reaches for, most power [mW].

    Notes
    -----
    P0 + alpha PL in a block (TS 38.213 clause 7.1.1, open loop), at most what the phone has for
    its smallest grant; a phone gets no more groups than it can feed at that power.
    """
    radio, rule = plan.radio, plan.settings
    biggest = float(radio.tables.prbs.max())
    width = 10.0 * np.log10(radio.block_hz / _P0_HZ)
    wanted_dbm = rule.p0_dbm + width - rule.alpha * own_gain_db
    limit_dbm = plan.carrier.user_power_dbm
    # wideband: one group of everything, the power spread over it
    cap_dbm = limit_dbm - 10.0 * np.log10(biggest)
    density = np.minimum(wanted_dbm, cap_dbm)
    most = np.floor(10.0 ** ((limit_dbm - density) / 10.0) / biggest + 1e-6).astype(np.int64)
    most = np.clip(most, 1, radio.groups)
    if plan.direction == "downlink":
        most = np.full(most.size, radio.groups)
    power = np.full(density.size, 10.0 ** (limit_dbm / 10.0))
    return 10.0 ** (density / 10.0), most, power


def qos_numbers(plan: SlotPlan) -> NDArray[np.float64]:
    """Weights of the classes [class, 3]: 100 / priority, delay budget [slot], -lg error rate."""
    classes = [five_qi(item.five_qi) for item in plan.traffic]
    slot_ms = plan.radio.slot_s * 1000.0
    return np.array(
        [
            [
                100.0 / item.priority,
                item.delay_budget_ms / slot_ms,
                -np.log10(item.packet_error_rate),
            ]
            for item in classes
        ]
    )
