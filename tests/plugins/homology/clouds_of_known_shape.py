# SPDX-License-Identifier: Apache-2.0
"""Clouds whose shape is known, and bars for tests of arithmetic."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugins.homology.engines import Barcode, rips

Float64 = NDArray[np.float64]


def distances(points: Float64) -> Float64:
    """Euclidean, ``[n, n]``."""
    from scipy.spatial.distance import pdist, squareform

    return np.asarray(squareform(pdist(points)), dtype=np.float64)


def barcode(points: Float64, max_dim: int = 1) -> Barcode:
    """Rips, Euclidean, to the enclosing radius."""
    return rips(distances(points), max_dim)


def circle(n: int, seed: int, noise: float = 0.02) -> Float64:
    """Independent points of the unit circle with Gaussian noise, ``[n, 2]``."""
    generator = np.random.default_rng(seed)
    angle = generator.uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + noise * generator.standard_normal((n, 2))


def figure_eight(n: int, seed: int, noise: float = 0.02) -> Float64:
    """Two unit circles that meet in a point, ``[n, 2]``: half of the points on each."""
    left, right = circle(n // 2, seed, noise), circle(n - n // 2, seed + 1000, noise)
    return np.concatenate([left - [1.0, 0.0], right + [1.0, 0.0]])


def sphere(n: int, seed: int) -> Float64:
    """Independent points of the unit sphere, ``[n, 3]``: no loop, one void."""
    points = np.random.default_rng(seed).standard_normal((n, 3))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


#: Bars ``[n, 2]`` with 1 to 30 finite ones of lengths that matter, in some order.
finite_bars = st.lists(st.tuples(st.floats(0.0, 10.0), st.floats(0.01, 10.0)), min_size=1, max_size=30).map(
    lambda pairs: np.array([(birth, birth + length) for birth, length in pairs])
)
factors = st.floats(1e-3, 1e3)
