"""How the users of a cell share it: round robin, proportional fair, or the best channel first.

Users come and go. A cell with n users serves them at G(n) times the rate of one, where G is the
scheduler's multi-user gain, so the number of users is a birth-death process with stationary
probabilities proportional to rho^n / (G(1) ... G(n)) (processor sharing; rho = demand over
single-user rate). By Little's law the mean rate of a user is

    sum n p(n) x(n) / sum n p(n),   x(n) = its rate among n users,

which for round robin (G = 1, x(n) = r / n) is ``r (1 - rho)``.

T. Bonald, A. Proutiere, Wireless downlink data channels: user performance and cell dimensioning,
ACM MobiCom 2003; S. Borst, User-level performance of channel-aware scheduling algorithms in
wireless data networks, IEEE INFOCOM 2003.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import Faults, did_you_mean
from cellwright.simulation.fading import faded, fading_power
from cellwright.simulation.link import LinkSettings, RateTable
from cellwright.simulation.link.rates import SNR_DB, STEP_DB
from cellwright.simulation.load import MOST_LOAD

Floats = NDArray[np.float64]
Scheduler = Literal["round-robin", "proportional-fair", "max-ci"]
#: Numbers of users at which shares are worked out; between them they are interpolated.
COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
#: Most users a cell is followed to.
MOST_USERS = 200
_BISECTIONS = 40


@dataclass(frozen=True)
class Sharing:
    """Options of the static level.

    Attributes
    ----------
    scheduler : {"round-robin", "proportional-fair", "max-ci"}
        Who gets the medium: everyone in turn, who is best against the own mean, who is best.
        The last two need ``fading="average"``: without fading there is nothing to choose from.
    fading : {"margin", "average"}
        Take ``LinkSettings.margin_db`` off every SINR, or average the rate over Rayleigh (out of
        sight) and Rician fading (in sight).
    margin_db : float
        Lost to channel estimation and old reports where fading is averaged [dB].
    uplink : {"fixed", "coupled"}
        Uplink interference: ``LinkSettings.noise_rise_db`` everywhere, or what the other cells'
        phones send at the loads that their demand makes.

    Raises
    ------
    InputError
        With every option that is unknown or does not fit the others.
    """

    scheduler: Scheduler = "round-robin"
    fading: Literal["margin", "average"] = "margin"
    margin_db: float = 1.0
    uplink: Literal["fixed", "coupled"] = "fixed"

    def __post_init__(self) -> None:
        faults = Faults()
        choices = {
            "scheduler": get_args(Scheduler),
            "fading": ("margin", "average"),
            "uplink": ("fixed", "coupled"),
        }
        for name, allowed in choices.items():
            value = getattr(self, name)
            if value not in allowed:
                hint = did_you_mean(value, allowed)
                faults.error(f"sharing.{name}", f'{name} is "{value}". {hint}')
        if self.scheduler != "round-robin" and self.fading != "average":
            faults.error(
                "sharing.scheduler",
                f'scheduler "{self.scheduler}" chooses among fades, and fading is "{self.fading}".',
                'Set fading to "average".',
            )
        if not 0.0 <= self.margin_db <= 20.0:
            faults.error("sharing.margin_db", f"margin_db is {self.margin_db:g}; 0 to 20 dB.")
        faults.raise_errors()

    def assumptions(self) -> list[tuple[str, str, str]]:
        """Return ``(name, value, reason)`` of every option in use, for the report."""
        used = [f.name for f in fields(self) if f.name != "margin_db" or self.fading == "average"]
        return [(name, str(getattr(self, name)), _REASONS[name]) for name in used]


_REASONS = {
    "scheduler": "equal time is what proportional fair gives where fading is not followed",
    "fading": "a fixed margin, or the mean over Rayleigh and Rician fading",
    "margin_db": "assumption: channel estimation and old reports, where fading is averaged",
    "uplink": "a customary noise rise, or the interference of the phones themselves",
}


class Scheduling:
    """Shares of users under a scheduler that follows fading; tables made once.

    Parameters
    ----------
    scheduler : {"proportional-fair", "max-ci"}
        Who gets the medium.
    table : RateTable
        Rates by SINR at one moment, without a margin for fading.
    antennas : int
        Antennas of the receiving end.
    settings : LinkSettings
        Gives the K-factor in sight.
    """

    def __init__(
        self, scheduler: Scheduler, table: RateTable, antennas: int, settings: LinkSettings
    ) -> None:
        self.scheduler = scheduler
        tables = [faded(table, antennas, settings, users) for users in COUNTS]
        #: Rate of a user among n who all have its mean SINR [count, sight, SINR].
        self.fair = np.array([one.mbps / n for one, n in zip(tables, COUNTS, strict=True)])
        self._moment = table.mbps
        self._spread = _spread(table, antennas, settings) if scheduler == "max-ci" else None

    def among(self, users: Floats) -> Floats:
        """Return the rate by mean SINR of a user among n of a cell [cell, count, sight, SINR].

        Parameters
        ----------
        users : array [cell, sight, SINR]
            Of what SINR a cell's users are: any weights.
        """
        if self._spread is None:
            return np.broadcast_to(self.fair, (users.shape[0], *self.fair.shape))
        seen = self._seen(users)
        shares = np.empty((len(users), *self.fair.shape))
        shares[:, 0] = self.fair[0]
        for k, n in enumerate(COUNTS[1:], 1):
            wins = _wins(seen.sum(axis=1), n)
            for sight in (0, 1):
                shares[:, k, sight] = (wins * self._moment[sight]) @ self._spread[sight].T
        return shares

    def gain(self, users: Floats) -> Floats:
        """Return the rate of n users together over that of one [cell, count]; 1 without users."""
        weight = users / np.maximum(users.sum(axis=(1, 2), keepdims=True), 1e-300)
        if self._spread is None:
            total = np.tensordot(weight, self.fair, axes=([1, 2], [1, 2])) * np.array(COUNTS)
        else:
            seen = self._seen(users)
            total = np.empty((len(users), len(COUNTS)))
            for k, n in enumerate(COUNTS):
                won = n * _wins(seen.sum(axis=1), n)[:, None, :] * self._moment
                total[:, k] = (seen * won).sum(axis=(1, 2))
        one = total[:, :1]
        return np.asarray(np.divide(total, one, out=np.ones_like(total), where=one > 0.0))

    def _seen(self, users: Floats) -> Floats:
        """Probability of a cell's momentary SINRs [cell, sight, SINR]."""
        assert self._spread is not None
        weight = users / np.maximum(users.sum(axis=(1, 2), keepdims=True), 1e-300)
        seen = [weight[:, sight] @ self._spread[sight] for sight in (0, 1)]
        return np.stack(seen, axis=1)


def _wins(seen: Floats, users: int) -> Floats:
    """Probability that a user at this SINR is the best of so many [cell, SINR]; ties are drawn."""
    upto = np.cumsum(seen, axis=1)
    below = upto - seen
    tied = users * seen
    wins = np.divide(upto**users - below**users, tied, out=np.zeros_like(seen), where=tied > 1e-12)
    return np.asarray(np.where(tied > 1e-12, wins, upto ** (users - 1)))


def _spread(table: RateTable, antennas: int, settings: LinkSettings) -> Floats:
    """Probability that fading carries a mean SINR to another [sight, mean, moment]."""
    factor = 10.0 ** (settings.k_factor_db / 10.0)
    size = SNR_DB.size
    matrix = np.zeros((2, size, size))
    for sight in (0, 1):
        branches = np.maximum(antennas - np.maximum(table.layers[sight], 1).astype(int) + 1, 1)
        for count in np.unique(branches):
            power, weight = fading_power(factor if sight else 0.0, int(count), nodes=256)
            step = np.rint(10.0 * np.log10(power) / STEP_DB).astype(np.int64)
            rows = np.flatnonzero(branches == count)
            moment = np.clip(rows[:, None] + step, 0, size - 1) + size * rows[:, None]
            weights = np.broadcast_to(weight, moment.shape)
            whole = np.bincount(moment.ravel(), weights.ravel(), minlength=size * size)
            matrix[sight] += whole.reshape(size, size)
    return matrix


@dataclass(frozen=True, eq=False)
class Queue:
    """How many users a cell has, at the multi-user gain of its scheduler.

    Attributes
    ----------
    gain : array [cell, MOST_USERS]
        Rate of n users together over that of one, n = 1, 2, ...
    """

    gain: Floats

    def present(self, rho: Floats) -> Floats:
        """Return the probability of n users [cell, MOST_USERS + 1] at demand over rate."""
        logs = np.zeros((rho.size, MOST_USERS + 1))
        step = np.log(np.maximum(rho, 1e-12))[:, None] - np.log(self.gain)
        np.cumsum(step, axis=1, out=logs[:, 1:])
        logs -= logs.max(axis=1, keepdims=True)
        shares = np.exp(logs)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def busy(self, rho: Floats) -> Floats:
        """Return the share of time with at least one user [cell]."""
        return np.asarray(np.where(rho > 0.0, 1.0 - self.present(rho)[:, 0], 0.0))

    def rho(self, busy: Floats) -> Floats:
        """Return the demand over single-user rate [cell] that keeps cells this busy, 0 to 1."""
        low, high = np.zeros(len(self.gain)), self.gain.max(axis=1).copy()
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            over = self.busy(middle) > busy
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return np.asarray(0.5 * (low + high))

    def most(self) -> Floats:
        """Return the demand over single-user rate [cell] at which a cell is full."""
        return self.rho(np.full(len(self.gain), MOST_LOAD))

    def wanted(self, rho: Floats) -> Floats:
        """Return the load asked for [cell]; above ``MOST_LOAD`` as demand over what is admitted."""
        most = np.maximum(self.most(), 1e-12)
        return np.asarray(np.where(rho > most, MOST_LOAD * rho / most, self.busy(rho)))


def interpolated(values: Floats) -> Floats:
    """Fill in [cell, MOST_USERS] from values at ``COUNTS``, flat beyond the last."""
    n = np.arange(1, MOST_USERS + 1, dtype=np.float64)
    return np.array([np.interp(n, COUNTS, row) for row in values]).reshape(-1, n.size)


def mean_shares(queue: Queue, rho: Floats, among: Floats) -> Floats:
    """Mean rate of an admitted user by SINR [cell, sight, SINR].

    Parameters
    ----------
    queue : Queue
        Of every cell.
    rho : array [cell]
        Admitted demand over single-user rate.
    among : array [cell, count, sight, SINR]
        From :meth:`Scheduling.among`.
    """
    n = np.arange(MOST_USERS + 1, dtype=np.float64)
    met = queue.present(rho) * n
    met /= np.maximum(met.sum(axis=1, keepdims=True), 1e-300)
    alone = met.sum(axis=1) <= 0.0
    met[alone, 1] = 1.0
    # n x(n) hardly changes between counts, so that is what is interpolated
    weight = np.array(
        [[(row[1:] / n[1:] * _hat(k)).sum() for k in range(len(COUNTS))] for row in met]
    ).reshape(-1, len(COUNTS))
    counts = np.asarray(COUNTS, np.float64)
    return np.asarray(np.einsum("cn,cnsx->csx", weight * counts, among, optimize=True))


def _hat(k: int) -> Floats:
    """Weight of the k-th count at n = 1 ... ``MOST_USERS`` in linear interpolation."""
    n = np.arange(1, MOST_USERS + 1, dtype=np.float64)
    return np.asarray(np.interp(n, COUNTS, np.eye(len(COUNTS))[k]))
