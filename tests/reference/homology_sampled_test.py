# SPDX-License-Identifier: Apache-2.0
"""Bars of surfaces sampled as evenly as farthest points are; what others measured of them, up to the spacing.

The numbers are those of Rips complexes of noiseless surfaces: Clifford torus (200 points), projective plane in its
Veronese embedding (150), sphere (120) and figure of eight (100).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.homology.distances import pairwise
from plugins.homology.engines import Barcode, rips
from plugins.homology.landmarks import landmarks

DENSE = 6000  # points among which the evenly spread ones are chosen


def evenly(points: Any, m: int) -> Any:
    return pairwise(points[landmarks(points, m, how="farthest").positions])


def longest(found: Barcode, dimension: int, count: int) -> Any:
    bars = found.dimension(dimension)
    return bars[np.argsort(bars[:, 0] - bars[:, 1])][:count]


def sphere() -> Any:
    points = np.random.default_rng(0).standard_normal((DENSE, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_clifford_torus() -> None:
    turns = 2 * np.pi * np.random.default_rng(0).random((2, DENSE))
    found = rips(evenly(np.concatenate([np.cos(turns), np.sin(turns)]).T, 200), 2)
    np.testing.assert_allclose(longest(found, 1, 2), [[0.428, 1.748], [0.458, 1.750]], atol=0.06)
    assert np.sort(found.lengths(1))[-3] < 0.35
    np.testing.assert_allclose(longest(found, 2, 1), [[0.715, 1.835]], atol=0.06)


def test_projective_plane_over_two_fields() -> None:
    x, y, z = sphere().T
    root = 2**0.5
    table = evenly(np.c_[x * x, y * y, z * z, root * x * y, root * x * z, root * y * z], 150)
    two, three = (rips(table, 2, field=field) for field in (2, 3))
    np.testing.assert_allclose(longest(two, 1, 1), [[0.285, 1.227]], atol=0.05)
    np.testing.assert_allclose(longest(two, 2, 1), [[0.488, 1.253]], atol=0.05)
    assert three.lengths(1).max() < 0.3
    assert three.lengths(2).max() < 0.1


def test_sphere() -> None:
    found = rips(evenly(sphere(), 120), 2)
    np.testing.assert_allclose(longest(found, 2, 1), [[0.532, 1.658]], atol=0.05)
    assert len(found.dimension(2)) == 1 or np.sort(found.lengths(2))[-2] < 0.05


def test_figure_of_eight() -> None:
    random = np.random.default_rng(0)
    turn, side = 2 * np.pi * random.random(DENSE), np.where(np.arange(DENSE) % 2, 1.0, -1.0)
    found = rips(evenly(np.c_[np.cos(turn) + side, np.sin(turn)], 100))
    np.testing.assert_allclose(longest(found, 1, 2), [[0.156, 1.740], [0.165, 1.738]], atol=0.03)
    assert len(found.dimension(1)) == 2 or np.sort(found.lengths(1))[-3] < 0.1


def test_sphere_of_192_points_has_one_void() -> None:
    """As many pieces as points, some fifty loops of noise, one void: Ripser's benchmark is such a set (192, 53, 1)."""
    points = np.random.default_rng(3).standard_normal((192, 3))
    found = rips(pairwise(points / np.linalg.norm(points, axis=1, keepdims=True)), 2)
    counts = [len(bars) for bars in found.bars]
    assert counts[0] == 192
    assert 40 <= counts[1] <= 70
    assert (found.lengths(2) > 0.5).sum() == 1


def test_fifty_random_points_in_sixteen_dimensions() -> None:
    """Ripser's random16 has 50, 39, 16 and 5 bars; as many of the same law have about as many."""
    counts = np.array(
        [
            [len(bars) for bars in rips(pairwise(np.random.default_rng(seed).random((50, 16))), 3).bars]
            for seed in range(8)
        ]
    )
    assert (counts[:, 0] == 50).all()
    np.testing.assert_allclose(counts[:, 1:].mean(axis=0), [39, 16, 5], atol=6)
