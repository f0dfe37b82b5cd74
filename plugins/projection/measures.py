# SPDX-License-Identifier: Apache-2.0
"""How far a map can be trusted: ranks and distances of the space compared with those of its map.

Up to `EXACT_LIMIT` points every measure but one is exact. Above, it is estimated from random anchor points: ranks and
distances are taken from each anchor to *all* points, so that means over anchors are unbiased, with a 95 % percentile
bootstrap over anchors (Efron & Tibshirani 1993, section 13.3). Anchors are drawn without replacement, so the intervals
are a little too wide where the anchors are a large part of the points.

The one is Spearman's correlation of distances, which cannot be summed block by block: it takes every pair of points
where these are at most `PAIRS`, else so many random pairs, spread evenly over the anchors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points
from plugins.projection.distances import Float64Array, RowDistances
from plugins.projection.neighbours import Neighbours, nearest_neighbours

EXACT_LIMIT = 4000
ANCHORS = 1000
PAIRS = 200_000  # pairs whose distances are ranked
RESAMPLES = 2000
BLOCK_BYTES = 64 * 2**20
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Measure:
    """One measured number and what it rests on.

    Attributes
    ----------
    name : such as "trustworthiness".
    value : the number.
    interval : 95 % interval of an estimate; None where the number is exact.
    count : n, the number of points.
    anchors : how many points it was taken at (n where exact).
    k : neighbours, where it speaks of them.
    seed : of the anchors and pairs.
    pairs : of points that it was taken at, where these were drawn.
    """

    name: str
    value: float
    interval: tuple[float, float] | None
    count: int
    anchors: int
    seed: int
    k: int | None = None
    pairs: int | None = None


@dataclass(frozen=True)
class Quality:
    """All measures of one map.

    Attributes
    ----------
    measures : in a fixed order; those with a k for each k.
    stress : float64 [n], share of each point in the squared residual of the distances (sums to 1; zeros without
        residual); above `EXACT_LIMIT` estimated from the distances of each point to the anchors.
    scale : factor that brings the distances of the map closest to those of the space.
    """

    measures: tuple[Measure, ...]
    stress: Float64Array
    scale: float

    def get(self, name: str, k: int | None = None) -> Measure:
        """The measure of that name (and k).

        Raises
        ------
        KeyError
            there is none.
        """
        for measure in self.measures:
            if measure.name == name and measure.k == k:
                return measure
        raise KeyError(f"There is no measure {name!r} with k = {k}.")


def quality(
    points: Any,
    coordinates: Any,
    ks: Sequence[int] = (15,),
    *,
    neighbours: Neighbours | None = None,
    anchors: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Quality:
    """Every measure of one map, in one pass over the distances.

    For each k, with N_i the k nearest of point i in the space, M_i those in the map, r and s the ranks there (1 =
    nearest):

    - `trustworthiness`: 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_(j in M_i - N_i) (r(i, j) - k); low when the map shows
      neighbours that are none. Venna & Kaski 2001, "Neighborhood preservation in nonlinear projection methods",
      equation 1. Random maps: about 0.5.
    - `continuity`: the same with the two spaces swapped; low when the map tears neighbours apart (ibid., equation 2).
    - `neighbourhood_preservation`: mean of |N_i and M_i| / k. Random maps: k / (n - 1).
    - `neighbourhood_preservation_above_chance`: the same, rescaled so that random maps give 0 and perfect ones 1 (Lee &
      Verleysen 2009, "Quality assessment of dimensionality reduction", as R_NX in Lee et al. 2013).

    Over pairs of points:

    - `distance_pearson`, `distance_spearman`: correlation of the distances in the space with those in the map, of their
      values and of their ranks. This is what is often, loosely, called "distance correlation"; the distance correlation
      of Szekely, Rizzo & Bakirov 2007 is another thing (a measure of dependence of two variables) and is not computed
      here. NaN where all distances are equal.
    - `normalised_stress`: sqrt(sum (D - a d)^2 / sum D^2) with the factor a that makes it least; 0 is perfect, at most
      1. Without the factor the number depends on the size of the drawing (Smelser et al. 2024, "Normalized Stress is
      not normalized").

    Parameters
    ----------
    points : [n, d].
    coordinates : [n, e], their map.
    ks : numbers of neighbours, each below n / 2.
    neighbours : of every point in the space (Euclidean), at least max(ks) of them, when they are there already; where
        they are approximate, exact ones are found for the anchors.
    anchors : how many points to measure at; default all up to `EXACT_LIMIT` points, else `ANCHORS`.
    seed : of the anchors, partners and bootstrap.
    progress : called with the fraction done.

    Returns
    -------
    Quality.

    Raises
    ------
    ValueError
        different numbers of rows, fewer than 3 points, k out of range, NaN or infinity.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.1]])
    >>> quality(square, 3 * square, ks=[1]).get("trustworthiness", 1).value
    1.0
    """
    space, drawn = as_points(points), as_points(coordinates, "coordinates")
    n = len(space)
    if len(drawn) != n:
        raise ValueError(f"There are {n} points, but coordinates of {len(drawn)}.")
    if n < 3:
        raise ValueError(f"A map is measured on at least 3 points, but there are {n}.")
    for k in ks:
        if not 1 <= k < n / 2:
            raise ValueError(f"k must be at least 1 and below half the number of points ({n} / 2), but is {k}.")
    if anchors is not None and not 2 <= anchors <= n:
        raise ValueError(f"The number of anchors must be from 2 to the {n} points, but is {anchors}.")
    taken = anchors or (n if n <= EXACT_LIMIT else min(n, ANCHORS))
    random = np.random.default_rng(seed)
    rows = np.arange(n) if taken == n else np.sort(random.choice(n, taken, replace=False))
    collected = _collect(space, drawn, rows, sorted(set(ks)), neighbours, random, progress)
    weights = None if taken == n else _resampled(taken, random)

    def measure(
        name: str,
        statistic: Callable[[Float64Array], Float64Array],
        k: int | None = None,
        weights: Float64Array | None = weights,
        groups: int = taken,
        pairs: int | None = None,
    ) -> Measure:
        value = float(statistic(np.ones((1, groups)))[0])
        return Measure(name, value, _interval(value, statistic, weights), n, taken, seed, k, pairs)

    measures: list[Measure] = []
    for k in sorted(set(ks)):
        overlap, intrusion, extrusion = (values[:, None] for values in collected.by_k[k])
        worst, chance = k * (2 * n - 3 * k - 1) / 2, k / (n - 1)
        measures += [
            measure("trustworthiness", partial(_rescaled, values=intrusion, factor=-1 / worst, offset=1.0), k),
            measure("continuity", partial(_rescaled, values=extrusion, factor=-1 / worst, offset=1.0), k),
            measure("neighbourhood_preservation", partial(_rescaled, values=overlap, factor=1 / k, offset=0.0), k),
            measure(
                "neighbourhood_preservation_above_chance",
                partial(_rescaled, values=overlap, factor=1 / k / (1 - chance), offset=-chance / (1 - chance)),
                k,
            ),
        ]
    moments, ranked = collected.moments, collected.ranked
    by_pairs = weights
    if collected.pairs is not None and (weights is None or len(ranked) != taken):
        by_pairs = _resampled(len(ranked), random)
    measures += [
        measure("distance_pearson", lambda w: _correlation(w @ moments)),
        measure("distance_spearman", lambda w: _correlation(w @ ranked), None, by_pairs, len(ranked), collected.pairs),
        measure("normalised_stress", lambda w: _stress(w @ moments)),
    ]
    return _with_stress(collected, rows, tuple(measures), n)


def _resampled(count: int, random: np.random.Generator) -> Float64Array:
    """How often each of `count` parts is in each bootstrap resample: [resamples, count]."""
    return random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)


def _interval(
    value: float, statistic: Callable[[Float64Array], Float64Array], weights: Float64Array | None
) -> tuple[float, float] | None:
    """95 % percentile interval; None without resamples, NaN where the value is not defined."""
    if weights is None:
        return None
    low, high = np.nanpercentile(statistic(weights), [2.5, 97.5]) if np.isfinite(value) else (np.nan, np.nan)
    return float(low), float(high)


@dataclass
class _Collected:
    """Sums of one pass.

    by_k: for each k, per anchor: shared neighbours, excess ranks of trustworthiness, of continuity.
    moments: [m, 6] per anchor: number, sums of D, d, D^2, d^2, D d of the distances.
    ranked: the same of the ranks of distances, per anchor, or per group of anchors where these are many.
    columns: [3, n] per point over anchors: sums of D^2, d^2, D d.
    pairs: how many were ranked; None: every pair.
    """

    by_k: dict[int, tuple[Float64Array, Float64Array, Float64Array]]
    moments: Float64Array
    ranked: Float64Array
    columns: Float64Array
    pairs: int | None


def _collect(
    space: FloatArray,
    drawn: FloatArray,
    rows: NDArray[np.int64],
    ks: Sequence[int],
    neighbours: Neighbours | None,
    random: np.random.Generator,
    progress: Progress | None,
) -> _Collected:
    """One pass over the distances from the anchors to all points."""
    n, m = len(space), len(rows)
    exact = m == n
    most = max(ks, default=0)
    if most:
        if neighbours is None or not neighbours.exact:
            near_space = nearest_neighbours(space, most, rows=rows).indices
        elif neighbours.metric != "euclidean" or len(neighbours.indices) != n:
            raise ValueError("neighbours must be the Euclidean neighbours of all the points.")
        else:
            near_space = neighbours.first(most).indices[rows]
        near_drawn = nearest_neighbours(drawn, most, rows=rows).indices
    by_k = {k: (np.empty(m), np.empty(m), np.empty(m)) for k in ks}
    moments, columns = np.empty((m, 6)), np.zeros((3, n))
    # a rank correlation needs all its pairs at once: every pair of few points, else a sample
    every_pair = exact and n * (n - 1) // 2 <= PAIRS
    partners = max(1, PAIRS // m)
    pairs: list[tuple[Float64Array, Float64Array]] = []
    in_space, in_drawn = RowDistances(space), RowDistances(drawn)
    for part in _blocks(m, n):
        chosen = rows[part]
        far, flat = in_space(chosen), in_drawn(chosen)
        moments[part] = _sums(far, flat, n - 1)
        for total, product in zip(columns, ((far, far), (flat, flat), (far, flat)), strict=True):
            total += np.einsum("ij,ij->j", *product)
        if every_pair:
            later = np.arange(n)[None, :] > chosen[:, None]
            pairs.append((far[later], flat[later]))
        else:
            others = random.integers(0, n - 1, (len(chosen), partners))
            others += others >= chosen[:, None]  # never the anchor itself
            pairs.append((np.take_along_axis(far, others, 1).ravel(), np.take_along_axis(flat, others, 1).ravel()))
        if most:
            near, shown = near_space[part], near_drawn[part]
            rank_in_space = _ranks(far, chosen, shown)
            rank_in_drawn = _ranks(flat, chosen, near)
            shared = (near[:, :, None] == shown[:, None, :]) if most <= 64 else None
            for k, (overlap, intrusion, extrusion) in by_k.items():
                overlap[part] = _overlap(near[:, :k], shown[:, :k], None if shared is None else shared[:, :k, :k])
                intrusion[part] = np.maximum(rank_in_space[:, :k] - k, 0).sum(axis=1)
                extrusion[part] = np.maximum(rank_in_drawn[:, :k] - k, 0).sum(axis=1)
        if progress is not None:
            progress(float(part.stop) / m)
    # a bootstrap over so many groups of anchors is as good as over the anchors, and much less work
    groups = min(m, ANCHORS)
    owner = np.repeat(np.arange(m) % groups, n - 1 - rows if every_pair else partners)
    x, y = (_average_ranks(np.concatenate(side)) for side in zip(*pairs, strict=True))
    ranked = [np.bincount(owner, terms, groups) for terms in (None, x, y, x * x, y * y, x * y)]
    return _Collected(by_k, moments, np.stack(ranked, axis=1), columns, None if every_pair else len(owner))


def _blocks(m: int, n: int) -> Iterator[slice]:
    """Slices of the anchors such that a block of distances stays within bounds."""
    step = max(1, BLOCK_BYTES // (8 * n))
    return (slice(start, min(start + step, m)) for start in range(0, m, step))


def _ranks(distances: Float64Array, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank [b, k] of the columns among all points but the row itself, 1 = nearest, equal distances by index."""
    own = (np.arange(len(rows)), rows)
    distances[own] = -1.0  # for now, so that the row itself is first and others begin at 1
    wanted = np.take_along_axis(distances, columns, axis=1)
    ranks = np.empty(columns.shape, dtype=np.int64)
    for i, (every, values) in enumerate(zip(distances, wanted, strict=True)):
        row = every[every <= values.max()]  # the others have no part in these ranks, and in a good map they are most
        row.sort()
        ranks[i] = row.searchsorted(values, side="left")
        tied = row.searchsorted(values, side="right") - ranks[i] > 1
        if tied.any():  # those of lower index come before
            for j in np.flatnonzero(tied):
                ranks[i, j] += np.count_nonzero(distances[i, : columns[i, j]] == values[j])
    distances[own] = 0.0
    return ranks


def _overlap(near: NDArray[np.int64], shown: NDArray[np.int64], shared: NDArray[np.bool_] | None) -> Float64Array:
    """Number of common neighbours per row."""
    if shared is not None:
        return np.asarray(shared.sum(axis=(1, 2)), dtype=np.float64)
    common = [len(np.intersect1d(a, b, assume_unique=True)) for a, b in zip(near, shown, strict=True)]
    return np.array(common, dtype=np.float64)


def _sums(far: Float64Array, flat: Float64Array, number: int) -> Float64Array:
    """Per row: number, sums of D, d, D^2, d^2, D d."""
    square = [np.einsum("ij,ij->i", a, b) for a, b in ((far, far), (flat, flat), (far, flat))]
    return np.stack([np.full(len(far), float(number)), far.sum(axis=1), flat.sum(axis=1), *square], axis=1)


def _average_ranks(values: Float64Array) -> Float64Array:
    """Ranks with ties at their mean, centred, as Spearman's correlation takes them."""
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    length = np.diff(first, append=len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(first + (length - 1) / 2, length) - (len(values) - 1) / 2
    return ranks


def _rescaled(weights: Float64Array, values: Float64Array, factor: float, offset: float) -> Float64Array:
    """Weighted means [w] of values [m, 1] under weights [w, m], times a factor, plus an offset."""
    means: Float64Array = (weights @ values)[:, 0] / weights.sum(axis=1)
    return offset + factor * means


def _correlation(sums: Float64Array) -> Float64Array:
    """Pearson's correlation from sums [..., 6]; NaN where one side does not vary."""
    number, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    spread_x, spread_y = xx - x * x / number, yy - y * y / number
    # below rounding of the sums there is no variation to speak of
    varies = (spread_x > 1e-12 * xx) & (spread_y > 1e-12 * yy)
    product = np.sqrt(np.where(varies, spread_x * spread_y, 1.0))
    return np.where(varies, np.clip((xy - x * y / number) / product, -1, 1), np.nan)


def _stress(sums: Float64Array) -> Float64Array:
    """Normalised stress with the best factor: the residual of D on d is 1 - (D.d)^2 / (D.D d.d)."""
    _, _, _, xx, yy, xy = np.moveaxis(sums, -1, 0)
    explained = np.divide(xy * xy, xx * yy, out=np.zeros_like(xx), where=xx * yy > 0)
    return np.where(xx > 0, np.sqrt(np.clip(1 - explained, 0, 1)), 0.0)


def _with_stress(collected: _Collected, rows: NDArray[np.int64], measures: tuple[Measure, ...], n: int) -> Quality:
    """Share of each point in the residual, with the factor that fits all distances best."""
    _, _, _, xx, yy, xy = collected.moments.sum(axis=0)
    scale = xy / yy if yy > 0 else 0.0
    far, flat, mixed = collected.columns
    residual = np.maximum(far - 2 * scale * mixed + scale**2 * flat, 0)
    partners = np.full(n, float(len(rows)))
    partners[rows] -= 1  # an anchor is no partner of its own
    residual /= partners
    total = residual.sum()
    noise = 1e-13 * (far / partners).sum()  # what is left of a perfect map by rounding is no residual
    shares = residual / total if total > noise else np.zeros(n)
    return Quality(measures, shares, float(scale))
