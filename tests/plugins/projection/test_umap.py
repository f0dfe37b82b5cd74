# SPDX-License-Identifier: Apache-2.0
"""UMAP, where its extra is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from plugins.projection.methods import Settings, project
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.seed_strip import seed_strip

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="the extra umap is not installed"),
    pytest.mark.slow,  # numba compiles at first use
]


def clusters() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    labels = np.arange(120) % 3
    return 20 * np.eye(3, 10)[labels] + random.standard_normal((120, 10)), labels


@pytest.mark.parametrize("dimensions", [2, 3])
def test_map_repeats_and_places_held_out_points(dimensions: int) -> None:
    points, labels = clusters()
    settings = Settings("umap", dimensions)
    whole = project(points, settings, seed=1)
    np.testing.assert_array_equal(whole.coordinates, project(points, settings, seed=1).coordinates)
    assert (labels[nearest_neighbours(whole.coordinates, 5).indices] == labels[:, None]).mean() > 0.99
    assert any("one thread" in note for note in whole.notes)
    assert any("gaps between them say little" in note for note in whole.notes)
    found = project(points, settings, fit_limit=90, seed=1)
    assert found.placed.sum() == 30
    near = nearest_neighbours(found.fitted.coordinates, 3, queries=found.coordinates[found.placed]).indices
    assert (labels[~found.placed][near] == labels[found.placed][:, None]).mean() > 0.95


@pytest.mark.parametrize(
    "points",
    [
        np.arange(20.0)[:, None],
        np.ones((20, 5)),
        np.repeat(np.eye(5), 4, axis=0),
        np.random.default_rng(0).random((5, 40)),
    ],
    ids=["one dimension", "all equal", "duplicates", "fewer points than dimensions"],
)
def test_poor_points_still_give_finite_maps(points: Any) -> None:
    found = project(points, Settings("umap"))
    assert np.isfinite(found.coordinates).all()


def test_strip_of_seeds() -> None:
    points, _ = clusters()
    strip = seed_strip(points, Settings("umap", neighbours=500), 2, k=10)
    assert strip.maps.shape == (2, 120, 2)
    assert strip.stability.mean() > strip.chance
