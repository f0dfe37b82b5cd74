# SPDX-License-Identifier: Apache-2.0
"""What chance alone would give: halves, permuted labels, random directions, and fewer examples; plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plugins.difference_direction.products import (
    FloatArray,
    Membership,
    cosines_with_rest,
    projected,
    projected_at_random,
    squared_lengths,
)
from plugins.difference_direction.separation import area_under_curve

if TYPE_CHECKING:
    from registry.arrays import Array

TRIALS: Final = 200  # permutations, random directions, splits into halves, bootstrap resamples
DRAWS: Final = 100  # of examples, for each number of them


@dataclass(frozen=True)
class Sides:
    """The points of two groups one after the other: ``values [n + m, d]``, of which the first ``n`` are of the one."""

    values: Array
    n: int

    @property
    def m(self) -> int:
        """Size of the second group."""
        return len(self.values) - self.n

    @property
    def smaller(self) -> int:
        """Size of the smaller group."""
        return min(self.n, self.m)


def chosen(size: int, count: int, trials: int, rng: np.random.Generator) -> Membership:
    """``trials`` random choices of ``count`` out of ``size``, as booleans ``[trials, size]``."""
    order = rng.permuted(np.broadcast_to(np.arange(size), (trials, size)), axis=1)
    return np.asarray(order < count)


# -- halves


@dataclass(frozen=True)
class HeldOut:
    """Half of each group, measured along the direction that the other half gave.

    Attributes
    ----------
    toward, away : positions along it, float64: -1/2 and 1/2 are the means of the halves that gave the direction
    areas : area under the curve along ``TRIALS`` random directions, float64 ``[200]``
    """

    toward: FloatArray
    away: FloatArray
    areas: FloatArray

    @property
    def area(self) -> float:
        """Area under the curve along the direction."""
        return float(area_under_curve(self.toward, self.away))

    @property
    def p_random(self) -> float:
        """Share of random directions that separate the groups as well, in either sense; the found one counts too."""
        beaten = np.abs(self.areas - 0.5) >= abs(self.area - 0.5) - 1e-12
        return float((1 + beaten.sum()) / (1 + len(self.areas)))


def held_out(sides: Sides, rng: np.random.Generator) -> HeldOut:
    """Split each group at random in two, take the direction from the one halves and measure the others along it.

    When the halves that give the direction have the same mean, all positions are 0.
    """
    first = chosen(sides.n, sides.n // 2, 1, rng)[0]
    second = chosen(sides.m, sides.m // 2, 1, rng)[0]
    source = sides.values[: sides.n][first], sides.values[sides.n :][second]
    kept = np.concatenate([~first, ~second])
    means = [one.mean(axis=0, dtype=np.float64) for one in source]
    vector = means[0] - means[1]
    squared = float(vector @ vector)
    measured = sides.values[kept]
    # positions need the middle between the means of the source, and deviations are taken from the mean of the measured
    offset = float((measured.mean(axis=0, dtype=np.float64) - (means[0] + means[1]) / 2) @ vector)
    along = (projected(measured, vector) + offset) / squared if squared > 0 else np.zeros(len(measured))
    count = int((~first).sum())
    random = projected_at_random(measured, TRIALS, rng)
    return HeldOut(along[:count], along[count:], area_under_curve(random[:count], random[count:]))


def agreement(sides: Sides, rng: np.random.Generator) -> FloatArray:
    """Cosine between the directions of two halves of the groups, for ``TRIALS`` random splits, float64 ``[200]``."""
    first = chosen(sides.n, sides.n // 2, TRIALS, rng), chosen(sides.m, sides.m // 2, TRIALS, rng)
    return cosines_with_rest(sides.values, sides.n, *first)


def settled(cosine: FloatArray) -> FloatArray:
    """Cosine of the direction of all points to that of endlessly many, from the cosine ``c`` between two halves.

    With independent errors of equal size in both halves it is sqrt(2c / (1 + c)), the square root of the formula of
    Spearman, 1910, and Brown, 1910; 0 where the halves do not agree at all.

    >>> settled(np.array([1.0, 0.5, -0.1])).round(3)
    array([1.   , 0.816, 0.   ])
    """
    known = np.clip(cosine, 0, 1)
    return np.asarray(np.sqrt(2 * known / (1 + known)), dtype=np.float64)


# -- length


@dataclass(frozen=True)
class Length:
    """How far apart the means are, against chance.

    Attributes
    ----------
    permuted : lengths of the difference under permuted labels, float64 ``[200]``
    p : share of permutations with a difference as long; the labels as they are count too
    unbiased, low, high : the distance between the true means, without what sampling adds, and its 95 % interval
    noise : summed variance of all axes on both sides, tr(S) + tr(T), in squared units of the space
    """

    permuted: FloatArray
    p: float
    unbiased: float
    low: float
    high: float
    noise: float


def length_against_chance(
    sides: Sides, length: float, variances: tuple[float, float], rng: np.random.Generator
) -> Length:
    """Permute the labels (sizes kept), and resample the points of each group.

    The squared length of a difference of sample means is too large by tr(S)/n + tr(T)/m on average, where S and T are
    the covariances of the groups; a bootstrap adds as much again, so that twice of it is taken from the resamples.
    The p value is that of Phipson and Smyth, *Permutation p-values should never be zero*, 2010.
    """
    added = variances[0] / sides.n + variances[1] / sides.m
    labels = chosen(len(sides.values), sides.n, TRIALS, rng)
    weights = np.asarray(labels / sides.n - ~labels / sides.m, dtype=np.float64)
    permuted = np.sqrt(squared_lengths(sides.values, weights))
    p = float((1 + (permuted >= length * (1 - 1e-12)).sum()) / (1 + TRIALS))
    resampled = np.concatenate(
        [
            rng.multinomial(sides.n, np.full(sides.n, 1 / sides.n), size=TRIALS) / sides.n,
            -rng.multinomial(sides.m, np.full(sides.m, 1 / sides.m), size=TRIALS) / sides.m,
        ],
        axis=1,
    )
    squared = squared_lengths(sides.values, resampled) - 2 * added
    low, high = np.sqrt(np.maximum(np.quantile(squared, [0.025, 0.975]), 0))
    unbiased = float(np.sqrt(max(length**2 - added, 0)))
    return Length(permuted, p, unbiased, float(low), float(high), sum(variances))


# -- fewer examples


def numbers_of_examples(most: int) -> list[int]:
    """1, 3, 10, 30, ... up to ``most``, and ``most`` itself.

    >>> numbers_of_examples(50), numbers_of_examples(3)
    ([1, 3, 10, 30, 50], [1, 3])
    """
    steps = [base * 10**power for power in range(7) for base in (1, 3) if base * 10**power <= most]
    return steps if not steps or steps[-1] == most else [*steps, most]


def with_few_examples(sides: Sides, count: int, rng: np.random.Generator) -> FloatArray:
    """Cosine between the direction of ``count`` examples a side and that of all the others, float64 ``[100]``.

    The examples are left out of what they are compared with: else a large ``count`` would agree with itself.
    """
    toward, away = chosen(sides.n, count, DRAWS, rng), chosen(sides.m, count, DRAWS, rng)
    return cosines_with_rest(sides.values, sides.n, toward, away)


def expected_cosine(count: FloatArray, distance: float, noise: float) -> FloatArray:
    """Cosine to the true direction that ``count`` examples a side give: D / sqrt(D^2 + V / count).

    D is the distance between the means and V the summed variance of both sides over all axes; with unit variance in d
    axes, V = 2d.

    >>> expected_cosine(np.array([1.0, 3.0, 10.0, 50.0]), 3.0, 200.0).round(3)
    array([0.208, 0.345, 0.557, 0.832])
    """
    return np.asarray(distance / np.sqrt(distance**2 + noise / np.asarray(count)), dtype=np.float64)


def examples_for(cosine: float, distance: float, noise: float) -> float:
    """Examples a side after which the expected cosine is ``cosine``; NaN when the means do not differ.

    >>> round(examples_for(0.9, 3.0, 200.0), 1)
    94.7
    """
    return noise * cosine**2 / (distance**2 * (1 - cosine**2)) if distance > 0 else float("nan")
