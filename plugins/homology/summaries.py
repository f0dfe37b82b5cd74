# SPDX-License-Identifier: Apache-2.0
"""A diagram in numbers: Betti curves, entropy, total persistence, landscapes and images, each with its unit.

Bars are float64 ``[n, 2]`` of births and deaths in units of the distance. None of the summaries depends on the order
of the bars. All but the Betti curve take finite bars only, as their definitions ask: an essential bar counts once it
has been given an end with :func:`clipped`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plugins.homology.trust import as_bars

if TYPE_CHECKING:
    from plugins.homology.engines import Barcode

Float64 = NDArray[np.float64]

#: The unit of each summary; u is the unit of the distance. With all distances times c, u, u^p and so on scale with c.
UNITS: Final[dict[str, str]] = {
    "betti_curve": "number of bars at a scale; the scale is in u",
    "persistence_entropy": "share of its maximum, 0 to 1 (without normalisation: nats)",
    "total_persistence": "u^p",
    "landscape": "u (half a length), over a scale in u",
    "image": "weight of bars in a pixel, without unit; both axes are in u",
}


def clipped(bars: ArrayLike, end: float) -> Float64:
    """Bars ``[n, 2]`` with every death after ``end`` set to it; those born at or after it are gone.

    >>> clipped([[0.0, np.inf], [1.0, 2.0], [5.0, 6.0]], 3.0).tolist()
    [[0.0, 3.0], [1.0, 2.0]]
    """
    pairs = as_bars(bars)
    pairs = pairs[pairs[:, 0] < end]
    return np.stack([pairs[:, 0], np.minimum(pairs[:, 1], end)], axis=1)


def betti_curve(bars: ArrayLike, grid: ArrayLike) -> NDArray[np.int64]:
    """How many bars are alive at each scale of ``grid [g]`` (birth <= scale < death), int64 ``[g]``.

    >>> betti_curve([[0.0, 2.0], [1.0, np.inf]], [0.0, 1.0, 2.0]).tolist()
    [1, 2, 1]
    """
    pairs, scales = as_bars(bars), np.asarray(grid, dtype=np.float64)
    born = np.searchsorted(np.sort(pairs[:, 0]), scales, side="right")
    died = np.searchsorted(np.sort(pairs[:, 1]), scales, side="right")
    return np.asarray(born - died, dtype=np.int64)


def scales(barcodes: Sequence[Barcode], count: int = 200) -> Float64:
    """``count`` even scales from 0 to a little past the last death of any dimension, float64 ``[count]``.

    They end at the lowest threshold where that comes first: beyond it nothing is known. Without any death they reach
    the threshold, or 1.
    """
    deaths = [bars[np.isfinite(bars[:, 1]), 1] for one in barcodes for bars in one.bars]
    last = 1.05 * max((float(one.max(initial=0.0)) for one in deaths), default=0.0)
    ends = [one.threshold for one in barcodes if np.isfinite(one.threshold) and one.threshold > 0]
    ends += [last] if last > 0 else []
    return np.linspace(0.0, min(ends, default=1.0), count)


@dataclass(frozen=True)
class Band:
    """A Betti curve over draws of landmarks: median and 5 % to 95 % of the draws, each float64 ``[g]``."""

    median: Float64
    low: Float64
    high: Float64
    draws: int


def betti_band(draws: Sequence[Barcode], dimension: int, grid: ArrayLike) -> Band:
    """Median, 5 % and 95 % quantile of the Betti curves of the draws, scale by scale (not a simultaneous band).

    Quantiles are values that draws had (inverted distribution function), so that a band of counts holds whole numbers;
    the median of an even number of draws may lie between two. Raises :class:`ValueError` without draws.
    """
    if not draws:
        raise ValueError("A band of Betti curves needs at least one draw of landmarks.")
    curves = np.stack([betti_curve(one.dimension(dimension), grid) for one in draws])
    low, high = np.quantile(curves, [0.05, 0.95], axis=0, method="inverted_cdf").astype(np.float64)
    return Band(np.median(curves, axis=0), low, high, len(draws))


def persistence_entropy(bars: ArrayLike, *, normalised: bool = True) -> float:
    """Entropy of the lengths as shares of their sum: 1 if all are equal, near 0 if one outlasts all others.

    Divided by log n, so that it is a share of its maximum whatever the number n of bars; in nats if not ``normalised``.
    NaN where it is not defined: without finite bars, and normalised with a single one. The same whatever all distances
    are multiplied with.

    Source: Chintakunta, Gentimis, Gonzalez-Diaz, Jimenez and Krim, "An entropy-based persistence barcode", Pattern
    Recognition 48, 2015, definition 2; normalised as by Rucco, Castiglione, Merelli and Pettini, ECCS 2014.

    >>> round(persistence_entropy([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), 12)
    1.0
    """
    lengths = _lengths(bars)
    n = len(lengths)
    if n == 0 or (normalised and n == 1):
        return math.nan
    shares = lengths / lengths.max()
    shares = shares / shares.sum()
    shares = shares[shares > 0]  # a length may vanish beside one that is 1e308 times as long
    entropy = float(-(shares * np.log(shares)).sum())
    return min(entropy / math.log(n), 1.0) if normalised else entropy


def total_persistence(bars: ArrayLike, p: float = 1.0) -> float:
    """Sum of the lengths to the power ``p``, in the unit of the distance to the power p; 0 without finite bars.

    Source: Cohen-Steiner, Edelsbrunner, Harer and Mileyko, "Lipschitz functions have L_p-stable persistence",
    Foundations of Computational Mathematics 10, 2010, section 2.

    >>> total_persistence([[0.0, 1.0], [1.0, 4.0], [0.0, np.inf]], p=2)
    10.0
    """
    return float((_lengths(bars) ** p).sum())


def landscape(bars: ArrayLike, k: int, grid: ArrayLike) -> Float64:
    """The first ``k`` landscapes at the scales ``grid [g]``, float64 ``[k, g]`` in the unit of the distance.

    The j-th landscape at a scale t is the j-th largest of max(0, min(t - birth, death - t)) over the bars: of one bar,
    a tent of half its length over its middle. (GUDHI's are larger by the square root of 2.)

    Source: Bubenik, "Statistical topological data analysis using persistence landscapes", Journal of Machine Learning
    Research 16, 2015, definition 3.

    >>> landscape([[0.0, 2.0]], 2, [0.0, 0.5, 1.0, 2.0]).tolist()
    [[0.0, 0.5, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    pairs, at = _finite(bars), np.asarray(grid, dtype=np.float64)
    tents = np.maximum(np.minimum(at - pairs[:, :1], pairs[:, 1:] - at), 0.0)
    found = np.zeros((k, len(at)))
    kept = min(k, len(pairs))
    if kept:
        found[:kept] = -np.sort(-tents, axis=0)[:kept]
    return found


@dataclass(frozen=True)
class Image:
    """A persistence image.

    Attributes
    ----------
    values : float64 ``[rows, columns]``, weight within each pixel; rows by length from 0 up, columns by birth
    births, lengths : edges of the pixels, float64 ``[columns + 1]`` and ``[rows + 1]``, in the unit of the distance
    spread : standard deviation of the Gaussian around each bar, in the unit of the distance
    full : length from which on a bar has weight 1, in the unit of the distance
    """

    values: Float64
    births: Float64
    lengths: Float64
    spread: float
    full: float


def image(
    bars: ArrayLike,
    *,
    births: tuple[float, float] | None = None,
    lengths: tuple[float, float] | None = None,
    spread: float | None = None,
    full: float | None = None,
    pixels: int = 20,
) -> Image:
    """The persistence image of a diagram: a sum of weighted Gaussians over (birth, length), integrated over pixels.

    The weight of a bar rises linearly from 0 at length 0 to 1 at ``full``, and stays 1. What is not given is taken
    from the bars, which is fine for one diagram; **images that are to be compared need the same settings**:
    ``full`` the longest length, ``spread`` a twentieth of that, ranges three spreads beyond the bars.
    All values in the unit of the distance. Raises :class:`ValueError` for a range or spread that is not positive.

    Source: Adams and others, "Persistence images: a stable vector representation of persistent homology", Journal of
    Machine Learning Research 18, 2017, sections 4 and 5.
    """
    from scipy.special import ndtr

    pairs = _finite(bars)
    born, alive = pairs[:, 0], pairs[:, 1] - pairs[:, 0]
    longest = float(alive.max(initial=0.0)) or 1.0
    full = longest if full is None else full
    spread = longest / 20 if spread is None else spread
    if births is None:
        births = (float(born.min()) - 3 * spread, float(born.max()) + 3 * spread) if len(born) else (0.0, 1.0)
    lengths = (0.0, longest + 3 * spread) if lengths is None else lengths
    if not (spread > 0 and full > 0 and births[0] < births[1] and lengths[0] < lengths[1]):
        raise ValueError("An image needs ranges that rise, and a spread and a full length above 0.")
    across, up = (np.linspace(low, high, pixels + 1) for low, high in (births, lengths))
    columns = np.diff(ndtr((across[None, :] - born[:, None]) / spread), axis=1)
    rows = np.diff(ndtr((up[None, :] - alive[:, None]) / spread), axis=1)
    weights = np.minimum(alive / full, 1.0)
    return Image(np.einsum("i,ir,ic->rc", weights, rows, columns), across, up, spread, full)


def _finite(bars: ArrayLike) -> Float64:
    """Finite bars in an order of their own, so that sums do not depend on the order they were given in."""
    pairs = as_bars(bars)
    pairs = pairs[np.isfinite(pairs[:, 1])]
    return np.asarray(pairs[np.lexsort(pairs.T)], dtype=np.float64)


def _lengths(bars: ArrayLike) -> Float64:
    pairs = _finite(bars)
    lengths = np.sort(pairs[:, 1] - pairs[:, 0])
    return np.asarray(lengths[lengths > 0], dtype=np.float64)
