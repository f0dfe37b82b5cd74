# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours equal brute force in float64, ties by index, whatever the blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.projection.neighbours import nearest_neighbours


def brute_force(points: Any, k: int) -> tuple[Any, Any]:
    """Indices and distances by definition: all differences, stable sort."""
    points = np.asarray(points, dtype=np.float64)
    squared = np.square(points[:, None] - points[None]).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return order, np.sqrt(np.take_along_axis(squared, order, axis=1))


def cases() -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        "gaussian": random.standard_normal((300, 20)),
        "far from the origin": random.standard_normal((300, 5)) + 1e6,
        "tight clusters far apart": random.standard_normal((300, 5)) * 1e-6 + 1e4 * random.integers(0, 3, (300, 1)),
        "grid full of ties": np.stack(np.meshgrid(*[np.arange(7.0)] * 3), axis=-1).reshape(-1, 3),
        "every point many times": random.standard_normal((10, 8))[random.integers(0, 10, 300)],
        "all equal": np.ones((100, 4)),
        "one dimension": random.standard_normal((200, 1)),
        "large and small": random.standard_normal((200, 6)) * np.logspace(-8, 8, 6),
    }


@pytest.mark.parametrize("name", list(cases()))
@pytest.mark.parametrize("k", [1, 15, 90])
def test_equals_brute_force(name: str, k: int) -> None:
    points = cases()[name]
    order, distances = brute_force(points, k)
    found = nearest_neighbours(points, k)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12)
    np.testing.assert_array_equal(found.indices, order)


@given(seed=st.integers(0, 2**31), n=st.integers(2, 60), d=st.integers(1, 5), data=st.data())
@settings(max_examples=60, deadline=None)
def test_equals_brute_force_on_small_integers(seed: int, n: int, d: int, data: Any) -> None:
    k = data.draw(st.integers(1, n - 1))
    points = np.random.default_rng(seed).integers(0, 4, (n, d)).astype(np.float32)
    order, distances = brute_force(points, k)
    found = nearest_neighbours(torch.from_numpy(points), k)
    np.testing.assert_array_equal(found.indices, order)
    np.testing.assert_allclose(found.distances, distances)


@pytest.mark.parametrize("block_bytes", [1, 5000, 10**6])
def test_blocks_change_nothing(block_bytes: int) -> None:
    points = cases()["every point many times"]
    np.testing.assert_array_equal(
        nearest_neighbours(points, 40, block_bytes=block_bytes).indices, nearest_neighbours(points, 40).indices
    )


def test_only_some_rows() -> None:
    points = cases()["gaussian"]
    rows = np.array([7, 0, 299])
    np.testing.assert_array_equal(
        nearest_neighbours(points, 5, rows=rows).indices, nearest_neighbours(points, 5).indices[rows]
    )


def test_other_points_that_look_for_neighbours() -> None:
    points = cases()["gaussian"]
    found = nearest_neighbours(points, 1, queries=points[:4] + 1e-9)
    assert found.indices.ravel().tolist() == [0, 1, 2, 3]
    assert nearest_neighbours(points[:3], 3, queries=points[:1]).indices[0, 0] == 0


def test_duplicates_are_neighbours_the_point_itself_is_not() -> None:
    found = nearest_neighbours(np.array([[0.0], [0.0], [0.0], [5.0]]), 2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    assert found.distances[0].tolist() == [0, 0]


def test_cosine_looks_at_directions_only() -> None:
    random = np.random.default_rng(1)
    points = random.standard_normal((200, 10))
    stretched = points * random.uniform(0.1, 10, (200, 1))
    found = nearest_neighbours(stretched, 20, metric="cosine")
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    cosine = 1 - units @ units.T
    np.testing.assert_array_equal(found.indices, brute_force(units, 20)[0])
    np.testing.assert_allclose(found.distances, np.take_along_axis(cosine, found.indices, axis=1), atol=1e-12)
    assert nearest_neighbours(np.array([[1.0, 0], [-2, 0]]), 1, metric="cosine").distances[0, 0] == 2


def test_fewer_of_those_held() -> None:
    found = nearest_neighbours(cases()["gaussian"], 10)
    np.testing.assert_array_equal(found.first(3).indices, nearest_neighbours(cases()["gaussian"], 3).indices)
    with pytest.raises(ValueError, match="only 10 are held"):
        found.first(11)


@pytest.mark.parametrize(
    ("points", "k", "options", "message"),
    [
        (np.ones((3, 2)), 3, {}, "3 points have at most 2 neighbours"),
        (np.ones((3, 2)), 0, {}, "at least 1"),
        (np.ones((1, 2)), 1, {}, "at most 0"),
        (np.array([[0.0, 0], [1, 0], [0, 0]]), 1, {"metric": "cosine"}, "2 of the points are zero vectors"),
        (np.eye(3), 1, {"metric": "manhattan"}, "'euclidean' or 'cosine'"),
        (np.eye(3), 1, {"queries": np.ones((1, 2))}, "queries have 2 coordinates"),
        (np.eye(3), 1, {"queries": np.ones((1, 3)), "rows": [0]}, "not both"),
        (np.array([[0.0], [np.nan]]), 1, {}, r"1 of 2 rows \(rows 1\)"),
        (np.array([[0.0], [1e200]]), 1, {}, "overflow"),
    ],
)
def test_refuses(points: Any, k: int, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nearest_neighbours(points, k, **options)
