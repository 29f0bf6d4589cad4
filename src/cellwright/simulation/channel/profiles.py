"""Clustered and tapped delay lines for studies of one link (TR 38.901 clause 7.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.simulation.channel.arrays import PanelArray, rotation
from cellwright.simulation.channel.clusters import OFFSETS, RAYS, Rays, couple, folded_zenith, room
from cellwright.simulation.channel.coefficients import Ends, channels
from cellwright.simulation.channel.draws import fill_uniform, key_of
from cellwright.simulation.channel.spreads import circular_spread_deg
from cellwright.simulation.channel.tables import read_table

Floats = NDArray[np.float64]
Profile = Literal["A", "B", "C", "D", "E"]
_ANGLES = ("aod", "zod", "aoa", "zoa")
_STREAM, _TAP_STREAM = 6, 7
#: Waves in the sum that makes a tap fade with Jakes' spectrum.
_WAVES = 32
#: Realisations whose rays are held in memory at once.
_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class DelayLine:
    """A profile: normalised delays, powers (sum 1) and, for clusters, angles.

    Attributes
    ----------
    delay : float64 [cluster]
        Delays for a delay spread of one.
    power : float64 [cluster]
        Linear; they sum to 1.
    angle_deg : float64 [cluster, 4]
        Departure azimuth and zenith, arrival azimuth and zenith; empty for tapped lines.
    specular : bool [cluster]
        The ray in line of sight.
    spread_deg : float64 [4]
        Spread within a cluster, in the order of ``angle_deg``.
    xpr_db : float
        Cross-polarisation ratio.
    """

    delay: Floats
    power: Floats
    angle_deg: Floats
    specular: NDArray[np.bool_]
    spread_deg: Floats
    xpr_db: float


@cache
def clustered_line(profile: str) -> DelayLine:
    """Return CDL-A to CDL-E (Tables 7.7.1-1 to 7.7.1-5).

    Examples
    --------
    >>> line = clustered_line("C")
    >>> len(line.delay), float(line.delay[-1]), line.xpr_db
    (24, 8.6523, 7.0)
    """
    rows = _rows("cdl", profile)
    angle = np.array([[float(row[f"{name}_deg"]) for name in _ANGLES] for row in rows])
    own = next(row for row in read_table("cdl_clusters") if row["profile"] == profile)
    spread = np.array([float(own[f"c_{name}_deg"]) for name in ("asd", "zsd", "asa", "zsa")])
    return DelayLine(*_delays_powers(rows), angle, _specular(rows), spread, float(own["xpr_db"]))


@cache
def tapped_line(profile: str) -> DelayLine:
    """Return TDL-A to TDL-E (Tables 7.7.2-1 to 7.7.2-5).

    Examples
    --------
    >>> line = tapped_line("D")
    >>> k = line.power[0] / line.power[1]
    >>> round(10.0 * float(np.log10(k)), 1)
    13.3
    """
    rows = _rows("tdl", profile)
    return DelayLine(*_delays_powers(rows), np.empty((0, 4)), _specular(rows), np.zeros(4), 0.0)


def _rows(table: str, profile: str) -> list[dict[str, str]]:
    rows = [row for row in read_table(table) if row["profile"] == profile]
    if not rows:
        raise InputError(f'profile is "{profile}"; A, B, C, D or E.')
    return rows


def _delays_powers(rows: list[dict[str, str]]) -> tuple[Floats, Floats]:
    power = 10.0 ** (np.array([float(row["power_db"]) for row in rows]) / 10.0)
    return np.array([float(row["delay"]) for row in rows]), power / power.sum()


def _specular(rows: list[dict[str, str]]) -> NDArray[np.bool_]:
    return np.array([row["specular"] == "1" for row in rows])


def scaled_angles_deg(
    angle_deg: ArrayLike, power: ArrayLike, mean_deg: float, spread_deg: float
) -> Floats:
    """Turn and stretch a profile's angles to a wanted mean and spread [deg].

    Parameters
    ----------
    angle_deg, power : array of float [cluster]
        Angles [deg] and powers of the profile.
    mean_deg : float
        Wanted mean [deg].
    spread_deg : float
        Wanted RMS spread [deg].

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.7.5.1, equation 7.7-5; mean as in Annex A.
    """
    angle, weight = np.asarray(angle_deg, float), np.asarray(power, float)
    sum_of_waves = np.sum(weight * np.exp(1j * np.radians(angle)))
    mean = np.degrees(np.angle(sum_of_waves))
    apart = (angle - mean + 180.0) % 360.0 - 180.0
    own = circular_spread_deg(angle, weight)
    return np.asarray(spread_deg / own * apart + mean_deg)


def cdl(
    profile: Profile,
    delay_spread_s: float,
    base: PanelArray,
    user: PanelArray,
    frequency_ghz: float,
    offsets_hz: ArrayLike,
    count: int,
    seed: int,
    *,
    time_s: float = 0.0,
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
    base_bearing_deg: float = 0.0,
    user_bearing_deg: float = 180.0,
    angles_deg: tuple[tuple[float, float] | None, ...] = (None, None, None, None),
) -> NDArray[np.complex64]:
    """Return realisations of a clustered delay line.

    Parameters
    ----------
    profile : {"A", "B", "C", "D", "E"}
        CDL-A to CDL-E.
    delay_spread_s : float
        Wanted RMS delay spread [s].
    base, user : PanelArray
        Arrays at both ends; the base looks along azimuth 0, the user along azimuth 180.
    frequency_ghz : float
        Carrier frequency [GHz].
    offsets_hz : array of float [block]
        Frequencies against the carrier [Hz].
    count : int
        Realisations: random coupling and phases.
    seed : int
        Seed of the draws.
    time_s : float
        Time at which the channel is seen [s].
    velocity_m_s : tuple of float
        Velocity of the user [m/s] in the profile's frame.
    base_bearing_deg, user_bearing_deg : float
        Bearings, counter-clockwise in the profile's frame [deg].
    angles_deg : tuple of (mean, spread) or None
        Wanted mean and spread of departure azimuth and zenith, arrival azimuth and zenith [deg];
        None keeps the profile's.

    Returns
    -------
    complex64 [realisation, block, receive, transmit]
        Channel of mean power 1 between isotropic, co-polarised elements.

    Raises
    ------
    InputError
        If the profile is unknown or a value is out of range.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clauses 7.7.1, 7.7.3 and 7.7.5.1.
    """
    offsets = _checked(delay_spread_s, offsets_hz, count)
    line = clustered_line(profile)
    angle = line.angle_deg.copy()
    for k, wanted in enumerate(angles_deg):
        if wanted is not None:
            angle[:, k] = scaled_angles_deg(angle[:, k], line.power, *wanted)
    wavelength = 299_792_458.0 / (frequency_ghz * 1e9)
    out = np.zeros((count, offsets.size, user.ports, base.ports), np.complex64)
    way = np.asarray(velocity_m_s, float) * time_s / wavelength
    weak = 10.0 ** (-line.xpr_db / 20.0)
    delay = line.delay * delay_spread_s
    for first in range(0, count, _AT_ONCE):
        rays = room(min(_AT_ONCE, count - first), line.delay.size)
        _line_rays(
            delay, line.power, angle, line.specular, line.spread_deg, weak, seed, first, rays
        )
        some = np.arange(rays.used.shape[0])
        alike = (some.size, 1, 1)
        ends = Ends(
            ray=some,
            slot=first + some,
            base_turn=np.tile(_tilted(base, base_bearing_deg), alike),
            user_turn=np.tile(_tilted(user, user_bearing_deg), alike),
            tilt_cosine=np.tile((_tilt_cosine(base), _tilt_cosine(user)), (some.size, 1)),
            doppler=np.tile(way, (some.size, 1)),
        )
        channels(rays, ends, base.form(), user.form(), offsets, out)
    return out


def _checked(delay_spread_s: float, offsets_hz: ArrayLike, count: int) -> Floats:
    faults = Faults()
    if not (math.isfinite(delay_spread_s) and delay_spread_s >= 0.0):
        faults.error("channel.delay-spread", f"delay_spread_s is {delay_spread_s}; 0 or more.")
    if count < 1:
        faults.error("channel.count", f"count is {count}; 1 or more.")
    offsets = np.atleast_1d(np.asarray(offsets_hz, dtype=float))
    if not np.all(np.isfinite(offsets)):
        faults.error("channel.offsets", "offsets_hz must be finite frequencies [Hz].")
    faults.raise_errors()
    return offsets


def _tilted(array: PanelArray, bearing_deg: float) -> Floats:
    return rotation(math.radians(bearing_deg), math.radians(array.mechanical_tilt_deg))


def _tilt_cosine(array: PanelArray) -> float:
    return -math.sin(math.radians(array.electrical_tilt_deg or 0.0))


@njit(cache=True)
def _line_rays(
    delay_s: Floats, power: Floats, angle_deg: Floats, specular: NDArray[np.bool_],
    spread_deg: Floats, weak: float, seed: int, first: int, rays: Rays,
) -> None:  # fmt: skip
    """Make the rays of a clustered delay line's realisations (clause 7.7.1, steps 1 to 4)."""
    draw = np.empty((delay_s.size, 7, RAYS))
    # arrival azimuth stays as it is; the other three are coupled to it
    orders = np.empty((4, RAYS), np.int64)
    orders[2] = np.arange(RAYS)
    for k in range(rays.used.shape[0]):
        fill_uniform(key_of(seed, _STREAM, first + k, 0), draw.ravel())
        made = 0
        for n in range(delay_s.size):
            rays.delay[k, n] = delay_s[n]
            for i in range(3):
                couple(orders[3 if i == 2 else i], False, draw[n, i])
            size = math.sqrt(power[n] if specular[n] else power[n] / RAYS)
            for m in range(1 if specular[n] else RAYS):
                for i in range(4):
                    value = angle_deg[n, i]
                    phase, amplitude = 0.0, size
                    if specular[n]:
                        amplitude = size if i == 0 else (-size if i == 3 else 0.0)
                    else:
                        value += spread_deg[i] * OFFSETS[orders[i, m]]
                        phase = 2.0 * math.pi * draw[n, 3 + i, m]
                        amplitude = size if i == 0 or i == 3 else size * weak
                    if i % 2 == 1:
                        value = folded_zenith(value)
                    rays.angle[k, made, i] = math.radians(value)
                    rays.polar[k, made, i] = amplitude * complex(math.cos(phase), math.sin(phase))
                rays.bin[k, made] = n
                made += 1
        rays.used[k, 0], rays.used[k, 1] = made, delay_s.size


def tdl(
    profile: Profile,
    delay_spread_s: float,
    offsets_hz: ArrayLike,
    count: int,
    seed: int,
    *,
    receive: int = 1,
    transmit: int = 1,
    times_s: ArrayLike = 0.0,
    doppler_hz: float = 0.0,
    correlation: tuple[ArrayLike, ArrayLike] | None = None,
) -> NDArray[np.complex64]:
    """Return realisations of a tapped delay line.

    Parameters
    ----------
    profile : {"A", "B", "C", "D", "E"}
        TDL-A to TDL-E.
    delay_spread_s : float
        Wanted RMS delay spread [s].
    offsets_hz : array of float [block]
        Frequencies against the carrier [Hz].
    count : int
        Realisations.
    seed : int
        Seed of the draws.
    receive, transmit : int
        Ports at both ends.
    times_s : float or array [time]
        Times at which the channel is seen [s].
    doppler_hz : float
        Greatest Doppler shift [Hz]; the specular part has 0.7 of it.
    correlation : tuple of arrays or None
        Correlation matrices [receive, receive] and [transmit, transmit]; None = none.

    Returns
    -------
    complex64 [realisation, time, block, receive, transmit]
        Channel of mean power 1.

    Raises
    ------
    InputError
        As for :func:`cdl`.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clauses 7.7.2, 7.7.3 and 7.7.5.2.
    """
    times = np.atleast_1d(np.asarray(times_s, dtype=float))
    line, offsets = tapped_line(profile), _checked(delay_spread_s, offsets_hz, count)
    taps = _taps(count, line, times, doppler_hz, receive * transmit, seed)
    taps = taps.reshape(count, times.size, line.delay.size, receive, transmit)
    if correlation is not None:
        left, right = (np.linalg.cholesky(np.asarray(matrix)) for matrix in correlation)
        scattered = ~line.specular
        mixed = np.einsum("ij,atnjk,lk->atnil", left, taps[:, :, scattered], right)
        taps[:, :, scattered] = mixed
    wave = np.exp(-2j * np.pi * np.outer(offsets, line.delay * delay_spread_s))
    response = np.einsum("fn,atnij->atfij", wave, taps, optimize=True)
    return np.asarray(response, dtype=np.complex64)


def _taps(
    count: int, line: DelayLine, times: Floats, doppler_hz: float, ports: int, seed: int
) -> NDArray[np.complex128]:
    """Return each tap's fading [realisation, time, tap, port]: Jakes' spectrum, or one wave."""
    out = np.empty((count, times.size, line.delay.size, ports), np.complex128)
    _fade(line.power, line.specular, times, doppler_hz, seed, out)
    return out


@njit(cache=True)
def _fade(
    power: Floats, specular: NDArray[np.bool_], times: Floats, doppler_hz: float, seed: int,
    out: NDArray[np.complex128],
) -> None:  # fmt: skip
    """Fill taps with sums of waves from random directions and with random phases."""
    draw = np.empty(2 * _WAVES)
    turn = 2.0 * math.pi
    for k in range(out.shape[0]):
        for n in range(power.size):
            for p in range(out.shape[3]):
                fill_uniform(key_of(seed, _TAP_STREAM, k, n * out.shape[3] + p), draw)
                for t in range(times.size):
                    if specular[n]:
                        value = complex(1.0, 0.0) * np.exp(1j * turn * 0.7 * doppler_hz * times[t])
                    else:
                        value = complex(0.0, 0.0)
                        for w in range(_WAVES):
                            arrive = turn * (w + draw[w]) / _WAVES
                            phase = turn * (
                                draw[_WAVES + w] + doppler_hz * times[t] * math.cos(arrive)
                            )
                            value += complex(math.cos(phase), math.sin(phase))
                        value /= math.sqrt(_WAVES)
                    out[k, t, n, p] = math.sqrt(power[n]) * value
