# SPDX-License-Identifier: Apache-2.0
"""Silhouettes: how much nearer a point is to its own class than to the nearest other one.

Source: Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", Journal of
Computational and Applied Mathematics 20, 1987.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.layers.distances import Float64

RESAMPLES = 1000


def silhouettes(squared: Float64, codes: NDArray[Any]) -> Float64:
    """Silhouette of each point, float64 ``[n]`` in -1..1, from squared distances ``[n, n]`` and class numbers ``[n]``.

    A point that is alone in its class has 0, as has one that is at the same mean distance from two classes.

    >>> silhouettes(np.array([[0.0, 1, 9], [1, 0, 4], [9, 4, 0]]), np.array([0, 0, 1])).round(3)
    array([0.667, 0.5  , 0.   ])
    """
    _, classes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if len(counts) < 2:
        raise ValueError("Silhouettes compare at least 2 classes.")
    member = np.eye(len(counts))[classes]
    sums = np.sqrt(squared) @ member
    own = counts[classes]
    within = sums[np.arange(len(classes)), classes] / np.maximum(own - 1, 1)
    means = np.where(member > 0, np.inf, sums / counts)
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    found: Float64 = np.where((own > 1) & (larger > 0), (nearest - within) / np.where(larger > 0, larger, 1), 0.0)
    return found


def mean_interval(values: Float64, seed: int) -> tuple[float, float, float]:
    """The mean of ``values [n]`` with its 95 % percentile interval over resampled points.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 6. For silhouettes the classes stay as they
    are: what changes is which points are asked.
    """
    n = len(values)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) @ values / n
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)
