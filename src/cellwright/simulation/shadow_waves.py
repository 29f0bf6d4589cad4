"""Correlated shadowing at scattered users: a sum of waves with the spectrum of exp(-d / d_cor).

The shadow of a site at a point is ``sqrt(2 / M) sum cos(k_m . x + phi_m)`` with wave vectors drawn
from the spectrum of the wanted correlation, in the plane proportional to (1 / d_cor^2 +
k^2)^(-3/2). Users who stand near one another so share their shadow, at the cost of M cosines each
and without a map. Sites share half of the variance through waves common to all.

3GPP TR 38.901 V19.4.0, 7.4.4 (correlation in distance), TR 36.814 Table A.2.1.1-2 (0.5 between
sites); X. Cai, G. B. Giannakis, A two-dimensional channel simulation model for shadowing processes,
IEEE Trans. Veh. Technol. 52(6), 2003.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
WAVES = 96
#: Correlation of two sites' shadowing at one place; customary (TR 36.814 Table A.2.1.1-2).
BETWEEN_SITES = 0.5


#: cos(2 pi r) for r within half a turn, as a polynomial in r squared, to 1e-6: what a compiler
#: turns into vector instructions.
_COSINE = np.asarray(
    np.polynomial.Chebyshev.interpolate(
        lambda square: np.cos(2.0 * math.pi * np.sqrt(np.maximum(square, 0.0))), 6, [0.0, 0.25]
    )
    .convert(kind=np.polynomial.Polynomial)
    .coef,
    np.float64,
)


@njit(cache=True, nogil=True, fastmath=True)
def _sum_waves(
    x_m: Floats, y_m: Floats, scale: Floats, wave: Floats, cosine: Floats, out: Singles
) -> None:
    """Fill one site's unit shadow at every user.

    ``scale`` is 1 / d_cor of each user; ``wave`` [3, wave] wave numbers and phases in turns.
    """
    share = math.sqrt(2.0 / wave.shape[1])
    for user in range(x_m.size):
        east, north = x_m[user] * scale[user], y_m[user] * scale[user]
        total = 0.0
        for k in range(wave.shape[1]):
            turns = wave[0, k] * east + wave[1, k] * north + wave[2, k]
            turns -= math.floor(turns + 0.5)
            r = turns * turns
            total += cosine[0] + r * (
                cosine[1]
                + r
                * (cosine[2] + r * (cosine[3] + r * (cosine[4] + r * (cosine[5] + r * cosine[6]))))
            )
        out[user] = share * total


def waves(*key: int) -> Floats:
    """Draw wave vectors for d_cor = 1 and phases [3, wave], in turns; same key, same waves.

    Notes
    -----
    The share of the spectrum within wave number k is 1 - 1 / sqrt(1 + k^2), which is inverted.
    """
    rng = np.random.default_rng(key)
    share, turn, phase = rng.random((3, WAVES))
    # one wave from each of as many equal parts of the spectrum
    share = (np.arange(WAVES) + share) / WAVES
    number = np.sqrt(1.0 / (1.0 - share) ** 2 - 1.0)
    turn *= 2.0 * math.pi
    return np.array([number * np.cos(turn), number * np.sin(turn), 2.0 * math.pi * phase]) / (
        2.0 * math.pi
    )


def unit_shadow(
    sites: Sequence[str],
    x_m: Floats,
    y_m: Floats,
    correlation_m: Floats,
    seed: int,
    drop: int = 0,
    between_sites: float = BETWEEN_SITES,
) -> Singles:
    """Return shadowing of standard deviation 1 [site, user].

    Parameters
    ----------
    sites : sequence of str
        Names: a site keeps its shadow whatever other sites there are.
    x_m, y_m : array [user]
        Places [m].
    correlation_m : array [site, user]
        Distance over which correlation falls to 1/e [m], such as 37 in sight and 50 out of it.
    seed, drop : int
        Same numbers, same shadow.
    between_sites : float
        Correlation of two sites' shadowing at one place, 0 to 1.
    """
    own = np.empty((len(sites), x_m.size), np.float32)
    widths, which = np.unique(correlation_m, return_inverse=True)
    shared = np.empty((widths.size, x_m.size), np.float32)
    for row, width in enumerate(widths):
        scale = np.full(x_m.size, 1.0 / width)
        _sum_waves(x_m, y_m, scale, waves(seed, drop, 0), _COSINE, shared[row])
    which = which.reshape(correlation_m.shape)
    mix, rest = np.float32(math.sqrt(between_sites)), np.float32(math.sqrt(1.0 - between_sites))
    for row, name in enumerate(sites):
        drawn = waves(seed, drop, 1, crc32(name.encode()))
        _sum_waves(x_m, y_m, 1.0 / correlation_m[row], drawn, _COSINE, own[row])
        own[row] = mix * shared[which[row], np.arange(x_m.size)] + rest * own[row]
    return own
