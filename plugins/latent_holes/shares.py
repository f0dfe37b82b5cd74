# SPDX-License-Identifier: Apache-2.0
"""Shares of the prior that no code is near to, and of the codes that no draw from the prior is near to.

Idea: half of the codes are held out. The distance that a share ``q`` of them keeps to the nearest code of the other
half is the **typical distance**: by definition a share 1 - q of held-out codes is farther away. A draw from the prior
that is farther than that from every code of that half is *uncovered*. If the codes were distributed as the prior is, a
share 1 - q of the draws would be. A hole of prior mass h that is deep beside the typical distance adds to that: the
share is then h + (1 - h)(1 - q).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64, nearest
from plugins.space_comparison.trials import Mean, mean_of


@dataclass(frozen=True)
class Shares:
    """Numbers of each trial, float64 ``[t]``.

    Attributes
    ----------
    uncovered : share of draws farther than the typical distance of the codes from every code
    at_prior_distance : share of draws farther from every code than the typical distance **of draws**; unlike
        ``uncovered`` it does not grow because codes are crowded in clumps that lie all over the prior
    perfect : the same when draws from the prior take the place of the codes: what a perfect encoder gives, 1 - q
    same_radius : share of draws farther than the typical distance **of the codes** from equally many other draws
    outside : share of held-out codes farther than the typical distance of draws from every draw
    radius, prior_radius : the typical distance of codes and of draws
    size : points of each set in a trial
    total : codes there are
    quantile : q
    """

    uncovered: Float64
    at_prior_distance: Float64
    perfect: Float64
    same_radius: Float64
    outside: Float64
    radius: Float64
    prior_radius: Float64
    size: int
    total: int
    quantile: float

    def of_sample(self, values: Float64, level: float = 0.95) -> Mean:
        """Mean with an interval for other codes: halves of the same codes overlap."""
        return mean_of(values, self.size, self.total, level)

    def of_draws(self, values: Float64) -> Mean:
        """Mean with an interval, of numbers that rest on fresh draws in each trial."""
        from scipy.stats import t

        reach = float(values.std(ddof=1)) / math.sqrt(len(values)) * float(t.ppf(0.975, len(values) - 1))
        value = float(values.mean())
        return Mean(value, value - reach, value + reach)


def measure(
    codes: Callable[[], Float32],
    draw: Callable[[int], Float32],
    quantile: float,
    trials: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Shares:
    """All trials; ``codes`` gives the codes ``[n, d]`` of a trial, ``draw(m)`` fresh draws ``[m, d]``."""
    names = ("uncovered", "at_prior_distance", "perfect", "same_radius", "outside", "radius", "prior_radius")
    found = {name: np.empty(trials) for name in names}
    size = total = 0
    for trial in range(trials):
        progress(trial / trials)
        values = codes()
        total, size = len(values), len(values) // 2
        order = rng.permutation(total)
        kept, held = values[order[:size]], values[order[size : 2 * size]]
        others, tested, fresh = draw(size), draw(size), draw(size)
        radius = _typical(nearest(held, kept)[0], quantile)
        prior_radius = _typical(nearest(tested, others)[0], quantile)
        among_draws = nearest(fresh, others)[0]
        found["radius"][trial], found["prior_radius"][trial] = radius, prior_radius
        away = nearest(fresh, kept)[0]
        found["uncovered"][trial] = (away > radius).mean()
        found["at_prior_distance"][trial] = (away > prior_radius).mean()
        found["perfect"][trial] = (among_draws > prior_radius).mean()
        found["same_radius"][trial] = (among_draws > radius).mean()
        found["outside"][trial] = (nearest(held, others)[0] > prior_radius).mean()
    return Shares(**found, size=size, total=total, quantile=quantile)


def hole_mass(share: float, quantile: float) -> float:
    """Prior mass without codes, from the uncovered share: (share - (1 - q)) / q.

    >>> round(hole_mass(0.3 + 0.7 * 0.05, 0.95), 12)
    0.3
    """
    return (share - (1 - quantile)) / quantile


def _typical(away: Float64, quantile: float) -> float:
    return float(np.quantile(away, quantile, method="inverted_cdf"))
