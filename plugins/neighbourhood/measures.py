# SPDX-License-Identifier: Apache-2.0
"""Everything that a run measures: the points as they are, centred, without their top components, and normal clouds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from plugins.neighbourhood.cosines import Axes, MeanCosine, axes_of, isotropic_range, mean_cosine, without_top
from plugins.neighbourhood.hubs import (
    Concentration,
    Occurrences,
    concentration,
    gaussian_like,
    occurrences,
    skewness_interval,
)
from plugins.word_similarity.correlation import Correlation, rank_correlation

if TYPE_CHECKING:
    from plugins.neighbourhood.analysis import Neighbourhood
    from plugins.neighbourhood.ground import Ground

    Params = Neighbourhood.Params

REMOVED: Final = 3  # principal components that are taken away, one after the other
FREQUENT: Final = 0.1  # share of the points that counts as the frequent ones

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """The points after a correction: mean cosine, what isotropy would give, and hubness."""

    name: str
    cosine: MeanCosine
    isotropic: tuple[float, float]
    skewness: float
    low: float
    high: float


@dataclass(frozen=True)
class Frequency:
    """How frequency goes with neighbourhoods.

    Attributes
    ----------
    occurrence : rank correlation of frequency and k-occurrence
    length : rank correlation of frequency and length of the vectors
    around : rank correlation of a point's frequency and the median frequency of its neighbours
    share : of the places in lists of neighbours, those that the most frequent 10 % hold; with its interval
    table : by tenth of the points, the most frequent first: k-occurrence and length, mean and interval ``[10, 6]``
    """

    occurrence: Correlation
    length: Correlation
    around: Correlation
    share: tuple[float, float, float]
    table: Float64


@dataclass(frozen=True)
class Measured:
    """What :func:`measure` gives; ``spherical`` and ``matched`` hold one entry for each normal cloud."""

    found: Occurrences
    steps: list[Step]
    spherical: list[Occurrences]
    matched: list[Occurrences]
    distances: Concentration
    distances_spherical: Concentration
    axes: Axes
    to_mean: Float64
    lengths: Float64
    frequency: Frequency | None


def measure(
    ground: Ground, params: Params, rng: np.random.Generator, progress: Callable[[float, str], None]
) -> Measured:
    """Measure the points of a run; everything random comes from ``rng``."""
    points = np.asarray(ground.points, dtype=np.float64)
    n, width = points.shape
    total = 2 + REMOVED + 2 * params.clouds
    done = 0

    def neighbours(of: Float64, stage: str) -> Occurrences:
        nonlocal done
        start = 0.05 + 0.9 * done / total
        found = occurrences(
            of, params.neighbours, ground.metric, lambda part: progress(start + 0.9 * part / total, stage)
        )
        done += 1
        return found

    found = neighbours(points, "neighbours")
    steps = [_step("as they are", points, found, rng)]
    removable = min(REMOVED, width - 1)
    for count in range(removable + 1):
        corrected = without_top(points, count)
        name = (
            "mean taken away"
            if count == 0
            else f"and the top {count if count > 1 else ''} component".replace("  ", " ")
        )
        name += "s" if count > 1 else ""
        steps.append(_step(name, corrected, neighbours(corrected, "without the mean and top components"), rng))
    spherical_points = rng.standard_normal((n, width))
    spherical = [neighbours(spherical_points, "normal clouds")]
    spherical += [neighbours(rng.standard_normal((n, width)), "normal clouds") for _ in range(params.clouds - 1)]
    matched = [neighbours(gaussian_like(points, rng), "normal clouds") for _ in range(params.clouds)]
    centred = points - points.mean(axis=0)
    lengths = np.linalg.norm(points, axis=1)
    mean = points.mean(axis=0)
    long = np.linalg.norm(mean)
    to_mean = (
        points @ mean / np.maximum(lengths * long, 1e-300)
        if ground.metric == "cosine"
        else np.linalg.norm(centred, axis=1)
    )
    return Measured(
        found,
        steps,
        spherical,
        matched,
        concentration(points, ground.metric, rng),
        concentration(spherical_points, ground.metric, rng),
        axes_of(points),
        np.asarray(to_mean),
        lengths,
        None if ground.frequency is None else frequency_of(found, ground.frequency, lengths, rng),
    )


def _step(name: str, points: Float64, found: Occurrences, rng: np.random.Generator) -> Step:
    first, last = skewness_interval(found.counts, rng)
    return Step(name, mean_cosine(points), isotropic_range(*points.shape), found.skewness, first, last)


def frequency_of(found: Occurrences, frequency: Float64, lengths: Float64, rng: np.random.Generator) -> Frequency:
    """Correlations and shares; the interval of the share resamples the points whose lists are read."""
    n = len(frequency)
    order = np.argsort(-frequency, kind="stable")
    top = np.zeros(n, dtype=bool)
    top[order[: max(round(FREQUENT * n), 1)]] = True
    held = np.where(found.nearest >= 0, top[found.nearest], False).sum(axis=1)
    listed = (found.nearest >= 0).sum(axis=1)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=1000)
    low, high = np.quantile((weights @ held) / (weights @ listed), [0.025, 0.975])
    ranks = np.empty(n)
    ranks[order] = np.arange(n)
    around = np.array([np.median(ranks[one[one >= 0]]) if (one >= 0).any() else np.nan for one in found.nearest])
    known = np.isfinite(around)
    rows = []
    for part in np.array_split(order, 10):
        row = [len(part)]
        for values in (found.counts[part].astype(float), lengths[part]):
            half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
            row += [values.mean(), values.mean() - half, values.mean() + half]
        rows.append(row)
    return Frequency(
        rank_correlation(frequency, found.counts),
        rank_correlation(frequency, lengths),
        rank_correlation(-ranks[known], -around[known]),
        (float(held.sum() / listed.sum()), float(low), float(high)),
        np.array(rows, dtype=np.float64),
    )
