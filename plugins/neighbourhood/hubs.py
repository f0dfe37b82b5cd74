# SPDX-License-Identifier: Apache-2.0
"""Hubness: how often each point is among the nearest neighbours of others, and how unequal that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.words.neighbours import Table, unit_rows

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Metric = Literal["cosine", "euclidean"]

RESAMPLES: Final = 1000
BATCH: Final = 256


@dataclass(frozen=True)
class Occurrences:
    """Who is near whom.

    Attributes
    ----------
    counts : int64 ``[n]``, how often a point is among the ``neighbours`` nearest of another one
    nearest : int64 ``[n, k]``, positions of the nearest of each point, itself left out; -1 where there are none
    neighbours : k
    """

    counts: Int64
    nearest: Int64
    neighbours: int

    @property
    def skewness(self) -> float:
        """The skewness of the counts (hubness), see :func:`skewness`."""
        return skewness(self.counts)


def occurrences(
    points: NDArray[Any], neighbours: int, metric: Metric, progress: Callable[[float], None] | None = None
) -> Occurrences:
    """The k-occurrence N_k of each point of ``[n, d]``, by exact nearest neighbours.

    Source: Radovanovic, Nanopoulos and Ivanovic, "Hubs in space", JMLR 11, 2010, section 3.

    >>> occurrences(np.array([[0.0], [1.0], [1.9]]), 1, "euclidean").counts.tolist()
    [0, 2, 1]
    """
    rows = np.asarray(points) if metric == "cosine" else _off_zero(points)
    table = Table(rows, metric)
    n = len(rows)
    found = np.empty((n, min(neighbours, n)), dtype=np.int64)
    for start in range(0, n, BATCH):
        part = np.arange(start, min(start + BATCH, n))
        found[part] = table.nearest(rows[part], neighbours, suppress=part[:, None])[0]
        if progress is not None:
            progress(min(start + BATCH, n) / n)
    return Occurrences(np.bincount(found[found >= 0], minlength=n), found, neighbours)


def _off_zero(points: NDArray[Any]) -> Float64:
    """The same distances with no point at zero, which a :class:`Table` takes for a word without a vector."""
    rows = np.asarray(points, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    if not rows.any(axis=1).all():
        rows[:, 0] += 2 * np.abs(rows[:, 0]).max() + 1
    return np.asarray(rows)


def skewness(counts: NDArray[Any]) -> float:
    """Third standardised moment of the counts ``[n]``: 0 where hubs and orphans balance, NaN where all are equal.

    Source: Radovanovic and others 2010, equation 1.

    >>> round(skewness(np.array([0, 0, 0, 4])), 6)
    1.154701
    """
    values = np.asarray(counts, dtype=np.float64)
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return float((centred**3).mean() / spread**3) if spread > 0 else np.nan


def skewness_interval(counts: NDArray[Any], rng: np.random.Generator) -> tuple[float, float]:
    """A 95 % percentile interval of the skewness over resampled counts (1,000 resamples), lists as they are.

    Third moments hang on few large counts: where a single hub makes the skewness, the interval is wide.
    """
    values = np.asarray(counts, dtype=np.float64)
    centred, n = values - values.mean(), len(values)
    powers = np.stack([centred, centred**2, centred**3], axis=1)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    first, second, third = (weights @ powers).T
    spread = np.maximum(second - first**2, 0)
    found = (third - 3 * first * second + 2 * first**3)[spread > 0] / spread[spread > 0] ** 1.5
    if not len(found):
        return np.nan, np.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def robin_hood(counts: NDArray[Any]) -> float:
    """Share of all places in lists of neighbours that would have to move for every point to have as many.

    Half the mean absolute deviation over the mean (Hoover index), 0 .. 1. Source: Feldbauer, Leodolter, Plant and
    Flexer, "Fast approximate hubness reduction for large high-dimensional data", ICBK 2018, section II.

    >>> robin_hood(np.array([0, 0, 4, 4])), robin_hood(np.array([2, 2, 2, 2]))
    (0.5, 0.0)
    """
    values = np.asarray(counts, dtype=np.float64)
    return float(np.abs(values - values.mean()).sum() / (2 * values.sum()))


@dataclass(frozen=True)
class Concentration:
    """Distances from sampled points to all others: nearest, mean and farthest, and how much they vary.

    Attributes
    ----------
    relative : float64, distances over the mean of those of their point, a sample for drawing
    contrast : float64 ``[q]``, (farthest - nearest) / nearest (Beyer and others, ICDT 1999), without copies
    variation : standard deviation over mean of all distances looked at
    """

    relative: Float64
    contrast: Float64
    variation: float


def concentration(points: NDArray[Any], metric: Metric, rng: np.random.Generator, queries: int = 300) -> Concentration:
    """How much distances differ, from at most ``queries`` points of ``[n, d]`` to all others."""
    rows = unit_rows(points) if metric == "cosine" else np.asarray(points, dtype=np.float64)
    if metric == "euclidean":
        rows = rows - rows.mean(axis=0)  # squares of far-off points would lose their digits
    chosen = np.sort(rng.choice(len(rows), min(queries, len(rows)), replace=False))
    asked = rows[chosen]
    if metric == "cosine":
        found = np.maximum(1 - asked @ rows.T, 0)
    else:
        squares = (asked**2).sum(axis=1)[:, None] + (rows**2).sum(axis=1) - 2 * asked @ rows.T
        found = np.sqrt(np.maximum(squares, 0))
    others = np.ones(found.shape, dtype=bool)
    others[np.arange(len(chosen)), chosen] = False
    found = found[others].reshape(len(chosen), len(rows) - 1)
    near, far = found.min(axis=1), found.max(axis=1)
    apart = near > 1e-6 * far
    relative = found / np.maximum(found.mean(axis=1, keepdims=True), 1e-300)
    sample = rng.choice(relative.ravel(), min(20_000, relative.size), replace=False)
    return Concentration(sample, (far[apart] - near[apart]) / near[apart], float(found.std() / found.mean()))


def gaussian_like(points: NDArray[Any], rng: np.random.Generator) -> Float64:
    """As many draws ``[n, d]`` from the normal distribution with the mean and covariance of the points."""
    rows = np.asarray(points, dtype=np.float64)
    n, width = rows.shape
    mean = rows.mean(axis=0)
    centred = (rows - mean) / np.sqrt(n - 1)
    if width >= n:
        return np.asarray(mean + rng.standard_normal((n, n)) @ centred)
    sizes, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(mean + (rng.standard_normal((n, width)) * np.sqrt(np.maximum(sizes, 0))) @ axes.T)
