"""What a walk through the network gave: events, stays, failures, shares and their confidence.

3GPP TR 36.839 V11.1.0 clause 5.2.1 (handover failure, ping-pong, time of stay).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.confidence import Rate, rate_with_confidence
from cellwright.simulation.mobility.settings import HandoverSettings

Floats = NDArray[np.float64]
_FAILED_HANDOVERS = ("link-lost-in-handover", "command-lost", "target-missed")


@dataclass(frozen=True, eq=False)
class Mobility:
    """Events and samples of all users.

    Attributes
    ----------
    events : DataFrame
        ``t_s, user, event, source, target, cause, x_m, y_m``, in order of user and time. Events:
        ``report``, ``execute`` (leaves the source), ``complete``, ``failure``, ``return``. Causes
        of failures: ``link-lost`` (state 1 of TR 36.839), ``link-lost-in-handover`` (2),
        ``command-lost`` (2), ``target-missed`` (3).
    along : Dataset
        Dims ``user``, ``sample``: ``serving`` (int16, -1 while away), ``sinr_db``, ``best`` (the
        strongest cell) and ``best_sinr_db``; ``user``: ``speed_m_s``, ``speed_class``,
        ``unusable_s`` (time away, or with less SINR than Qout); ``sample``: ``t_s``.
    settings : HandoverSettings
        What was simulated.
    """

    events: pd.DataFrame
    along: xr.Dataset
    settings: HandoverSettings

    @property
    def users(self) -> int:
        """Number of users."""
        return int(self.along.sizes["user"])

    @property
    def duration_s(self) -> float:
        """Time each user walked [s]."""
        return float(self.along.attrs["duration_s"])

    def stays(self) -> pd.DataFrame:
        """Return every stay in a cell between two handovers.

        Returns
        -------
        DataFrame
            ``user, cell, before, after, start_s, end_s, stay_s, ping_pong``: one row for each
            stay that began with a completed handover and ended with one. ``ping_pong``: back to
            the cell it came from, sooner than ``min_stay_s``.

        References
        ----------
        3GPP TR 36.839 V11.1.0 clause 5.2.1: from handover complete to handover complete.
        """
        kept = self.events[self.events["event"].isin(["complete", "return"])]
        user, moved = kept["user"].to_numpy(), (kept["event"] == "complete").to_numpy()
        pair = np.flatnonzero((user[1:] == user[:-1]) & moved[1:] & moved[:-1])
        first, then = kept.iloc[pair], kept.iloc[pair + 1]
        stay = then["t_s"].to_numpy() - first["t_s"].to_numpy()
        back = then["target"].to_numpy() == first["source"].to_numpy()
        return pd.DataFrame(
            {
                "user": user[pair],
                "cell": first["target"].to_numpy(),
                "before": first["source"].to_numpy(),
                "after": then["target"].to_numpy(),
                "start_s": first["t_s"].to_numpy(),
                "end_s": then["t_s"].to_numpy(),
                "stay_s": stay,
                "ping_pong": back & (stay < self.settings.min_stay_s - 1e-9),
            }
        )

    def per_user(self) -> pd.DataFrame:
        """Return what each user went through.

        Returns
        -------
        DataFrame
            By user: ``speed_class``, ``handovers``, ``handover_failures`` (TR 36.839 states 2 and
            3), ``link_failures`` (all states), ``ping_pongs``, ``short_stays``, ``away_s`` (no
            connection: interruptions of handovers and failures) and ``unusable_s``.
        """
        events, count = self.events, self.users
        cause = events["cause"]

        def tally(rows: pd.Series) -> NDArray[np.int64]:
            return np.bincount(events["user"].to_numpy()[rows.to_numpy()], minlength=count)

        stays = self.stays()
        short = stays["stay_s"] < self.settings.min_stay_s - 1e-9
        return pd.DataFrame(
            {
                "speed_class": self.along["speed_class"].to_numpy(),
                "handovers": tally(events["event"] == "complete"),
                "handover_failures": tally(cause.isin(_FAILED_HANDOVERS)),
                "link_failures": tally(cause.isin(["link-lost", "link-lost-in-handover"])),
                "failures": tally(events["event"] == "failure"),
                "ping_pongs": np.bincount(stays["user"][stays["ping_pong"]], minlength=count),
                "short_stays": np.bincount(stays["user"][short], minlength=count),
                "away_s": self._away_s(),
                "unusable_s": self.along["unusable_s"].to_numpy(),
            }
        ).rename_axis("user")

    def _away_s(self) -> Floats:
        """Time from leaving a cell to joining one [s]; what the end cuts off counts to the end."""
        rows = self.events[self.events["event"] != "report"]
        user, t = rows["user"].to_numpy(), rows["t_s"].to_numpy()
        joins = rows["event"].isin(["complete", "return"]).to_numpy()
        last = np.r_[user[1:] != user[:-1], True] if user.size else np.zeros(0, bool)
        until = np.where(last, self.duration_s, np.r_[t[1:], 0.0][: t.size])
        away = np.where(joins, 0.0, until - t)
        return np.asarray(np.bincount(user, away, minlength=self.users), np.float64)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return the key figures with their confidence.

        Parameters
        ----------
        level : float
            Confidence of the intervals.

        Returns
        -------
        DataFrame
            By figure: ``value, low, high, out_of, unit``. ``out_of`` is what was divided by; 0
            marks a figure without a single case.

        Notes
        -----
        Handover failure rate: failures over failures and successes; ping-pong rate: ping-pongs
        over successful handovers (TR 36.839 V11.1.0 clause 5.2.1). Users are the independent
        draws of the intervals.
        """
        people = self.per_user()
        minutes = np.full(self.users, self.duration_s / 60.0)
        tries = people["handovers"] + people["handover_failures"]
        seconds = minutes * 60.0
        stays = self.stays()
        count = np.bincount(stays["user"], minlength=self.users)
        stay = np.bincount(stays["user"], stays["stay_s"], minlength=self.users)
        done = people["handovers"]
        figures: dict[str, tuple[ArrayLike, ArrayLike, float, str]] = {
            "handovers": (done, minutes, np.inf, "per user and minute"),
            "handover_failure_rate": (people["handover_failures"], tries, 1.0, "share"),
            "ping_pong_rate": (people["ping_pongs"], done, 1.0, "share"),
            "short_stay_rate": (people["short_stays"], done, 1.0, "share"),
            "link_failures": (people["link_failures"], minutes, np.inf, "per user and minute"),
            "time_of_stay": (stay, count, np.inf, "s"),
            "interruption": (people["away_s"], seconds, 1.0, "share of time"),
            "outage": (people["unusable_s"], seconds, 1.0, "share of time"),
        }
        rows: dict[str, Rate] = {
            name: rate_with_confidence(above, below, level, most)
            for name, (above, below, most, _) in figures.items()
        }
        table = pd.DataFrame(
            [[rate.value, rate.low, rate.high, rate.out_of] for rate in rows.values()],
            index=pd.Index(rows, name="figure"),
            columns=["value", "low", "high", "out_of"],
        )
        table["unit"] = [unit for *_, unit in figures.values()]
        return table

    def places(self, event: str = "complete") -> pd.DataFrame:
        """Return where one kind of event happened, for a map: ``x_m, y_m, source, target, cause``.

        Raises
        ------
        InputError
            An event that does not exist.
        """
        allowed = ("report", "execute", "complete", "failure", "return")
        if event not in allowed:
            raise InputError(f'There is no event "{event}". Allowed: {", ".join(allowed)}.')
        rows = self.events[self.events["event"] == event]
        return rows[["x_m", "y_m", "source", "target", "cause"]].reset_index(drop=True)

    def throughput(self, rate_of: Callable[[Floats], ArrayLike]) -> pd.DataFrame:
        """Return what mobility costs each user in speed.

        Parameters
        ----------
        rate_of : callable
            SINR [dB] -> rate [Mbit/s], such as a :class:`RateTable` at a fixed sight.

        Returns
        -------
        DataFrame
            By user: ``mbps`` (mean along the way), ``best_mbps`` (always at the strongest cell and
            never interrupted), ``lost_away`` and ``lost_late`` (shares of ``best_mbps`` lost while
            away, and by hanging on to a weaker cell; the latter may be slightly negative).
        """
        serving = self.along["serving"].to_numpy()
        own = np.asarray(rate_of(self.along["sinr_db"].to_numpy().astype(np.float64)), np.float64)
        best = np.asarray(rate_of(self.along["best_sinr_db"].to_numpy().astype(np.float64)))
        there = serving >= 0
        mbps, best_mbps = (own * there).mean(axis=1), best.mean(axis=1)
        away = (best * ~there).mean(axis=1)

        def share(lost: Floats) -> Floats:
            none = np.zeros_like(lost)
            return np.asarray(np.divide(lost, best_mbps, out=none, where=best_mbps > 0.0))

        return pd.DataFrame(
            {
                "mbps": mbps,
                "best_mbps": best_mbps,
                "lost_away": share(away),
                "lost_late": share(best_mbps - mbps - away),
            }
        ).rename_axis("user")
