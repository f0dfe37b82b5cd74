# SPDX-License-Identifier: Apache-2.0
"""The distance between the means of two clouds of unit vectors, its controls, and what closing it does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plugins.homology.trust import wilson
from plugins.retrieval.measures import Share, paired_difference
from plugins.retrieval.ranks import cosines, own_ranks
from plugins.words.neighbours import unit_rows

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

RESAMPLES: Final = 1000
SHARES: Final = tuple(float(one) for one in np.arange(-0.5, 2.01, 0.25))
FOLDS: Final = 5


@dataclass(frozen=True)
class Clouds:
    """Two clouds of unit vectors ``[n, d]``, row i of one paired with row i of the other."""

    first: Float64
    second: Float64

    @classmethod
    def of(cls, first: NDArray[np.floating], second: NDArray[np.floating]) -> Clouds:
        """Two clouds, each point brought to length 1."""
        return cls(unit_rows(first), unit_rows(second))

    def __len__(self) -> int:
        return len(self.first)

    def taken(self, at: Int64) -> Clouds:
        """These pairs alone."""
        return Clouds(self.first[at], self.second[at])

    @property
    def gap(self) -> Float64:
        """From the mean of the second to that of the first, ``[d]``."""
        return np.asarray(self.first.mean(axis=0) - self.second.mean(axis=0))

    @property
    def distance(self) -> float:
        """Euclidean distance of the means, from 0 to 2: Liang, Zhang, Kwon, Yeung and Zou, "Mind the gap", NeurIPS
        2022, section 4.2."""
        return float(np.linalg.norm(self.gap))

    @property
    def share(self) -> float:
        """Part of the spread of all points about their common mean that the distance of the two means makes up."""
        total = 1 - float(np.square((self.first.mean(axis=0) + self.second.mean(axis=0)) / 2).sum())
        return float(np.square(self.gap).sum()) / 4 / total if total > 1e-12 else 0.0


@dataclass(frozen=True)
class Halves:
    """Random halves of the pairs, float64 ``[draws]`` each: means of disjoint halves, all of the same size.

    Attributes
    ----------
    across : one half of the first cloud and the other half of the second
    first, second : the two halves of one cloud
    """

    across: Float64
    first: Float64
    second: Float64


def noise(clouds: Clouds) -> float:
    """What the noise of the two means adds to their squared distance, expected: variance of a pair's step over n."""
    return float((clouds.first - clouds.second).var(axis=0, ddof=1).sum()) / len(clouds)


def corrected(clouds: Clouds, times: float = 1.0) -> float:
    """Distance of the means without ``times`` the noise that their squared distance is expected to hold; 0 at least."""
    return math.sqrt(max(clouds.distance**2 - times * noise(clouds), 0.0))


def bootstrap(clouds: Clouds, rng: np.random.Generator) -> tuple[Share, Share]:
    """Distance and share of the spread, both without the noise of the means, with intervals of 95 % (1,000 resamples).

    Two means of one and the same cloud lie apart too. The squared distance is too long by :func:`noise`, and that of a
    resample of pairs by twice as much, for it adds its own: both are taken off.
    """
    n, bias = len(clouds), noise(clouds)
    squares, shares = np.empty(RESAMPLES), np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        weights = rng.multinomial(n, np.full(n, 1 / n)) / n
        one, other = weights @ clouds.first, weights @ clouds.second
        squares[at] = max(float(np.square(one - other).sum()) - 2 * bias, 0.0)
        total = 1 - float(np.square((one + other) / 2).sum())
        shares[at] = squares[at] / 4 / total if total > 1e-12 else 0.0
    value = corrected(clouds)
    part = clouds.share * (value / clouds.distance) ** 2 if clouds.distance > 0 else 0.0
    low, high = np.quantile(squares, [0.025, 0.975])
    part_low, part_high = np.quantile(shares, [0.025, 0.975])
    return Share(value, math.sqrt(low), math.sqrt(high)), Share(part, float(part_low), float(part_high))


def halves(clouds: Clouds, draws: int, rng: np.random.Generator) -> Halves:
    """Distances between means of random disjoint halves, across the clouds and within each."""
    found = np.empty((3, draws))
    size = len(clouds) // 2
    for at in range(draws):
        order = rng.permutation(len(clouds))
        a, b = order[:size], order[size : 2 * size]
        one, other = clouds.first[a].mean(axis=0), clouds.second[b].mean(axis=0)
        found[0, at] = np.linalg.norm(one - other)
        found[1, at] = np.linalg.norm(one - clouds.first[b].mean(axis=0))
        found[2, at] = np.linalg.norm(clouds.second[a].mean(axis=0) - other)
    return Halves(*found)


def swap_p(clouds: Clouds, draws: int, rng: np.random.Generator) -> float:
    """Chance of such a distance when the two points of each pair are swapped at random: exact for paired clouds."""
    difference = clouds.first - clouds.second
    signs = rng.integers(2, size=(draws, len(clouds))) * 2.0 - 1
    drawn = np.linalg.norm(signs @ difference / len(clouds), axis=1)
    return float((1 + (drawn >= clouds.distance - 1e-12).sum()) / (1 + draws))


def separability(clouds: Clouds, rng: np.random.Generator) -> Share:
    """Share of points that a plane fitted to other pairs puts on the right side; Wilson interval as of n pairs.

    Logistic regression with an L2 penalty, in five folds; both points of a pair are in one fold. Chance is 0.5.
    """
    from sklearn.linear_model import LogisticRegression

    n = len(clouds)
    fold = rng.permutation(n) % min(FOLDS, n)
    right = 0
    scale = max(float(np.concatenate([clouds.first, clouds.second]).std(axis=0).mean()), 1e-12)
    for one in np.unique(fold):
        seen, rest = fold != one, fold == one
        x = np.concatenate([clouds.first[seen], clouds.second[seen]]) / scale
        y = np.repeat([0, 1], int(seen.sum()))
        model = LogisticRegression(max_iter=1000).fit(x, y)
        right += int((model.predict(clouds.first[rest] / scale) == 0).sum())
        right += int((model.predict(clouds.second[rest] / scale) == 1).sum())
    low, high = wilson(right / 2, n)
    return Share(right / (2 * n), float(low), float(high))


@dataclass(frozen=True)
class Closing:
    """Closing the gap with the means of one half of the pairs, measured in the other half, both halves in turn.

    Attributes
    ----------
    before, after : ranks of the right answer, int64 ``[2, n]``: first to second, second to first
    distance, distance_after : distance of the means of a half without their noise, mean of both halves
    candidates : how many candidates each query has (those of its half)
    """

    before: Int64
    after: Int64
    distance: float
    distance_after: float
    candidates: int

    def change(self, k: int, way: int, rng: np.random.Generator) -> Share:
        """What centring adds to recall at ``k``, of the same queries; NaN where there are no more candidates than k."""
        if k >= self.candidates:
            return Share(np.nan, np.nan, np.nan)
        return paired_difference(self.after[way] <= k, self.before[way] <= k, rng)


def two_halves(n: int, rng: np.random.Generator) -> tuple[Int64, Int64]:
    """Positions of two random halves, of equal size; one is left over of an odd number."""
    order = rng.permutation(n)
    return order[: n // 2], order[n // 2 : 2 * (n // 2)]


def close(clouds: Clouds, parts: tuple[Int64, Int64]) -> Closing:
    """Take from each cloud its own mean in the other half, and bring the points to length 1 again."""
    before, after, distances = [], [], []
    for here, there in (parts, parts[::-1]):
        seen, held = clouds.taken(there), clouds.taken(here)
        moved = Clouds.of(held.first - seen.first.mean(axis=0), held.second - seen.second.mean(axis=0))
        before.append(both_ranks(held))
        after.append(both_ranks(moved))
        distances.append((corrected(held), corrected(moved, 2.0)))  # the means taken off have noise as well
    mean = np.mean(distances, axis=0)
    return Closing(
        np.concatenate(before, axis=1), np.concatenate(after, axis=1), float(mean[0]), float(mean[1]), len(parts[0])
    )


def shifted(clouds: Clouds, parts: tuple[Int64, Int64]) -> list[tuple[float, float, Int64]]:
    """For each of ``SHARES`` of the gap: the share, the distance along the gap that is left, and ranks ``[2, n]``.

    Each cloud moves half of the share toward the other along the gap of the other half of the pairs, and its points are
    brought to length 1 again: Liang and others, section 4.2. Beyond 1 the clouds have changed sides (distance < 0).
    """
    found = []
    for share in SHARES:
        ranks, left = [], []
        for here, there in (parts, parts[::-1]):
            gap, held = clouds.taken(there).gap, clouds.taken(here)
            moved = Clouds.of(held.first - share / 2 * gap, held.second + share / 2 * gap)
            ranks.append(both_ranks(moved))
            left.append(float(moved.gap @ gap / max(float(np.linalg.norm(gap)), 1e-12)))
        found.append((share, float(np.mean(left)), np.concatenate(ranks, axis=1)))
    return found


def both_ranks(clouds: Clouds) -> Int64:
    """Pessimistic ranks of the right answer, first to second and second to first, int64 ``[2, n]``."""
    scores = cosines(clouds.first, clouds.second)
    return np.stack([own_ranks(scores), own_ranks(scores.T)])


def plane(clouds: Clouds) -> tuple[Float64, Float64, Float64]:
    """Both clouds on the first two principal components of all points, ``[n, 2]`` each, and their shares ``[2]``."""
    everything = np.concatenate([clouds.first, clouds.second])
    centred = everything - everything.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    if axes.shape[1] < 2:
        axes = np.concatenate([axes, np.zeros((len(axes), 1))], axis=1)
    at = centred @ axes
    spread = np.maximum(values[::-1], 0)
    shares = np.append(spread, 0.0)[:2] / max(float(spread.sum()), 1e-300)
    return at[: len(clouds)], at[len(clouds) :], shares


def along_gap(clouds: Clouds, parts: tuple[Int64, Int64]) -> tuple[Float64, Float64]:
    """Places of the points along the gap of the other half of the pairs, 0 half way, ``[n]`` each.

    The pair that is left over of an odd number is placed by the first half.
    """
    n = len(clouds)
    found = np.empty((2, n))
    rest = np.setdiff1d(np.arange(n), np.concatenate(parts))
    for here, there in ((np.concatenate([parts[1], rest]), parts[0]), (parts[0], parts[1])):
        seen = clouds.taken(there)
        way = seen.gap / max(seen.distance, 1e-12)
        middle = (seen.first.mean(axis=0) + seen.second.mean(axis=0)) / 2
        found[0, here], found[1, here] = (clouds.first[here] - middle) @ way, (clouds.second[here] - middle) @ way
    return found[0], found[1]
