# SPDX-License-Identifier: Apache-2.0
"""The four estimates of a cloud, their intervals, and the same numbers for a Gaussian of the same covariance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plugins.intrinsic_dimension.estimators import (
    Float64,
    local_components,
    maximum_likelihood,
    persistent_homology,
)
from plugins.layers.dimension import from_ratios, two_nearest
from plugins.layers.distances import squared_distances

METHODS = ("two_nn", "mle", "lpca", "ph0")
LEVEL = 0.95


@dataclass(frozen=True)
class Neighbourhoods:
    """How many neighbours the estimators look at: ``mle`` at the first number, ``lpca`` at the second."""

    mle: int
    lpca: int


@dataclass(frozen=True)
class Estimates:
    """The four numbers in the order of ``METHODS``, with 95 % intervals.

    Attributes
    ----------
    values, low, high : float64 ``[4]``
    halves : float64 ``[halves, 4]``, the same of random halves of the points; empty where none were asked for
    """

    values: Float64
    low: Float64
    high: Float64
    halves: Float64


def estimate(squared: Float64, near: Neighbourhoods, rng: np.random.Generator) -> Float64:
    """The four numbers ``[4]`` of points with these squared distances; NaN where one is not defined."""
    return np.array(
        [
            from_ratios(*two_nearest(squared)).value,
            maximum_likelihood(squared, near.mle),
            local_components(squared, near.lpca),
            persistent_homology(np.sqrt(squared), rng),
        ]
    )


def estimates(
    squared: Float64,
    near: Neighbourhoods,
    halves: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Estimates:
    """The four numbers with intervals from random halves of the points.

    The standard deviation of an estimate over random halves (without replacement) is the standard error of that of all
    points: the jackknife that deletes half of them, whose factor is 1. Source: Shao and Wu, "A general theory for
    jackknife variance estimation", Annals of Statistics 17, 1989. It is taken of the logarithm, with Student's law.
    The interval says nothing of bias: edges, curvature and many dimensions.
    """
    from scipy.stats import t

    n = len(squared)
    values = estimate(squared, near, rng)
    drawn = []
    for at in range(halves):
        progress(at / halves)
        half = np.sort(rng.permutation(n)[: n // 2])
        drawn.append(estimate(squared[np.ix_(half, half)], near, rng))
    found = np.array(drawn).reshape(-1, len(METHODS))
    low, high = np.full(4, np.nan), np.full(4, np.nan)
    for at in range(len(METHODS)):
        seen = found[:, at][np.isfinite(found[:, at])]
        if len(seen) >= 3 and math.isfinite(values[at]):
            reach = math.exp(float(np.log(seen).std(ddof=1) * t.ppf((1 + LEVEL) / 2, len(seen) - 1)))
            low[at], high[at] = values[at] / reach, values[at] * reach
    return Estimates(values, low, high, found)


def gaussian_of(products: Float64, rng: np.random.Generator) -> Float64:
    """Squared distances ``[n, n]`` of as many Gaussian points with the covariance of the given ones.

    Parameters
    ----------
    products : inner products ``[n, n]`` of the centred points

    Sums of the centred points with independent normal weights are Gaussian with their covariance, in however many axes.
    """
    n = len(products)
    weights = rng.standard_normal((n, n))
    return squared_distances(weights @ products @ weights.T / n)


def ratio_interval(found: Estimates, one: int, other: int) -> tuple[float, float, float]:
    """How many times estimate ``one`` is ``other``, with its interval: both are taken on the same halves."""
    from scipy.stats import t

    value = float(found.values[one] / found.values[other])
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.log(found.halves[:, one] / found.halves[:, other])
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < 3:
        return value, math.nan, math.nan
    reach = math.exp(float(drawn.std(ddof=1) * t.ppf((1 + LEVEL) / 2, len(drawn) - 1)))
    return value, value / reach, value * reach
