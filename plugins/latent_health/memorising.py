# SPDX-License-Identifier: Apache-2.0
"""Copies of the training data: how near to a training sample draws lie, beside samples that were held out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64, Int64, nearest
from plugins.homology.trust import wilson

QUANTILE = 0.01
FEWEST = 50  # held-out points below which one in a hundred is no quantile
RESAMPLES = 500


@dataclass(frozen=True)
class Memorised:
    """Distances to the nearest training sample.

    Attributes
    ----------
    generated, held_out : float64 ``[m]`` and ``[h]``
    near : int64 ``[m]``, position of the nearest training sample of each draw
    threshold : the distance that one in a hundred held-out points falls below
    share, low, high : share of draws below it, with a bootstrap interval over draws and held-out points
    control : of one half of the held-out points below the threshold of the other, mean of both ways
    expected : of draws that are distributed as the held-out points are
    training : training samples looked at
    """

    generated: Float64
    held_out: Float64
    near: Int64
    threshold: float
    share: float
    low: float
    high: float
    control: float
    expected: float
    training: int


def memorised(generated: Float32, held_out: Float32, training: Float32, rng: np.random.Generator) -> Memorised:
    """Of draws ``[m, d]``, held-out points ``[h, d]`` and training samples ``[t, d]``.

    Draws that are new are as far from the training samples as held-out points are: a share of one in a hundred is
    below the threshold. Source of the comparison with held-out points: Meehan, Chaudhuri and Dasgupta,
    "A non-parametric test to detect data-copying in generative models", AISTATS 2020.
    """
    away, near = nearest(generated, training)
    held, _ = nearest(held_out, training)
    threshold = _threshold(held)
    shares = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        one = away[rng.integers(len(away), size=len(away))]
        other = held[rng.integers(len(held), size=len(held))]
        shares[at] = (one <= _threshold(other)).mean()
    order = rng.permutation(len(held))
    first, second = held[order[: len(held) // 2]], held[order[len(held) // 2 :]]
    control = float(((first <= _threshold(second)).mean() + (second <= _threshold(first)).mean()) / 2)
    share = float((away <= threshold).mean())
    low, high = np.quantile(shares, (0.025, 0.975))
    least, most = wilson(share * len(away), len(away))  # no hits are no proof of none
    rank = max(1, math.ceil(QUANTILE * len(held)))
    return Memorised(
        away, held, near, threshold, share, min(float(low), float(least)), max(float(high), float(most)), control,
        rank / (len(held) + 1), len(training),
    )  # fmt: skip


def _threshold(held: Float64) -> float:
    return float(np.quantile(held, QUANTILE, method="inverted_cdf"))
