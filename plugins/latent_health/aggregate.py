# SPDX-License-Identifier: Apache-2.0
"""The aggregated posterior against the prior: shift of mean and covariance, and the kernel test, each with its control.

The aggregated posterior is the distribution of codes of all rows together, q(z) = mean of q(z | x).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64
from plugins.latent_holes.discrepancy import Discrepancy, discrepancy
from plugins.space_comparison.trials import Mean, mean_of


@dataclass(frozen=True)
class Shift:
    """Of codes and, as control, of as many draws from the prior: float64 ``[trials]`` each.

    Attributes
    ----------
    mean, mean_control : root mean square over axes of the mean, in deviations of the prior
    covariance, covariance_control : root of (squared entries of the covariance minus the identity, summed, over d)
    size, total : codes of a trial, and all
    apart, same : squared MMD of codes and draws, and of draws and other draws
    """

    mean: Float64
    mean_control: Float64
    covariance: Float64
    covariance_control: Float64
    size: int
    total: int
    apart: Discrepancy
    same: Discrepancy

    def of_codes(self, values: Float64) -> Mean:
        """Mean over trials with an interval for other rows: halves of the same rows overlap."""
        return mean_of(values, self.size, self.total)

    def of_draws(self, values: Float64) -> Mean:
        """Mean and the range of 95 % of trials."""
        low, high = np.quantile(values, (0.025, 0.975))
        return Mean(float(values.mean()), float(low), float(high))


def shift_of(
    codes: Callable[[], Float32],
    draw: Callable[[int], Float32],
    standardised: Callable[[Float32], Float64],
    trials: int,
    permutations: int,
    rng: np.random.Generator,
) -> Shift:
    """All trials; ``codes`` gives codes ``[n, d]``, ``draw(m)`` draws, ``standardised`` deviations of the prior."""
    found = {name: np.empty(trials) for name in ("mean", "mean_control", "covariance", "covariance_control")}
    size = total = 0
    for trial in range(trials):
        values = codes()
        total, size = len(values), len(values) // 2
        half = values[rng.permutation(total)[:size]]
        for name, points in (("", half), ("_control", draw(size))):
            found[f"mean{name}"][trial], found[f"covariance{name}"][trial] = moments(standardised(points))
    apart = discrepancy(codes(), draw(total), permutations, rng)
    same = discrepancy(draw(total), draw(total), permutations, rng)
    return Shift(**found, size=size, total=total, apart=apart, same=same)


def moments(points: Float64) -> tuple[float, float]:
    """How far mean and covariance of points ``[n, d]`` are from 0 and the identity, as :class:`Shift` has them.

    >>> moments(np.array([[1.0], [3.0]]))
    (2.0, 1.0)
    """
    n, d = points.shape
    middle = points.mean(axis=0)
    left = points - middle
    if d <= n:
        squared = float(np.square(left.T @ left / (n - 1) - np.eye(d)).sum())
    else:  # the same from products of points: |C - I|^2 = |C|^2 - 2 tr C + d
        gram = left @ left.T / (n - 1)
        squared = float(np.square(gram).sum() - 2 * np.trace(gram) + d)
    return float(np.sqrt(np.square(middle).mean())), float(np.sqrt(max(squared, 0.0) / d))
