# SPDX-License-Identifier: Apache-2.0
"""Distances: exact zeros and symmetry, known lengths of ways, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import workbench as wb
from plugins.homology import distances as module
from plugins.homology.distances import enclosing_radius, median_distance, pairwise
from plugins.homology.engines import rips


def cloud(m: int = 40, width: int = 5, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((m, width))


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "geodesic"])
def test_symmetric_with_zeros_for_equal_points(metric: Any) -> None:
    points = cloud()
    points[7] = points[3]
    table = pairwise(points, metric)
    assert table.dtype == np.float64
    np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(table), 0)
    assert table[3, 7] == 0
    others = np.setdiff1d(np.arange(40), [3, 7])
    np.testing.assert_allclose(table[3, others], table[7, others], rtol=1e-12)


def test_euclidean_and_cosine_as_scipy_has_them() -> None:
    points = cloud() + 3
    np.testing.assert_allclose(pairwise(points), cdist(points, points), atol=1e-12)
    np.testing.assert_allclose(pairwise(points, "cosine"), cdist(points, points, "cosine"), atol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_wide_points_by_products(offset: float, monkeypatch: pytest.MonkeyPatch) -> None:
    points = cloud(30, 50) + offset
    points[1] = points[0]
    points[2] = points[0] + 1e-5
    direct = pairwise(points)
    monkeypatch.setattr(module, "DIRECT", 0)
    by_products = pairwise(points)
    assert by_products[0, 1] == 0
    np.testing.assert_allclose(by_products, direct, rtol=1e-7)
    np.testing.assert_array_equal(by_products, by_products.T)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_coordinates_whose_squares_overflow(factor: float) -> None:
    np.testing.assert_allclose(pairwise(cloud() * factor) / factor, pairwise(cloud()), rtol=1e-9)


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 100), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_ways_are_a_metric_no_shorter_than_straight(m: int, width: int, seed: int, k: int) -> None:
    points = np.random.default_rng(seed).integers(0, 4, (m, width)).astype(float)
    straight, ways = pairwise(points), pairwise(points, "geodesic", k=k)
    assert (ways >= straight - 1e-9).all()
    np.testing.assert_array_equal(ways == 0, straight == 0) if k >= m - 1 else None
    through = (ways[:, :, None] + ways[None, :, :]).min(axis=1)
    np.testing.assert_allclose(ways, through, rtol=1e-9)
    if k >= m - 1:
        np.testing.assert_allclose(ways, straight, atol=1e-9)


def test_way_around_a_circle() -> None:
    angles = 2 * np.pi * np.arange(100) / 100
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ways = pairwise(points, "geodesic", k=2)
    np.testing.assert_allclose(ways[0, 50], 100 * np.sin(np.pi / 100), rtol=1e-9)  # half of the polygon
    # the loop of a circle is filled when a third of its length is reached
    np.testing.assert_allclose(rips(ways).dimension(1)[0, 1], 34 * 2 * np.sin(np.pi / 100), rtol=1e-9)


def test_pieces_are_infinitely_far_apart() -> None:
    points = np.concatenate([cloud(20), cloud(20) + 100])
    ways = pairwise(points, "geodesic", k=5)
    assert np.isinf(ways[:20, 20:]).all() and np.isfinite(ways[:20, :20]).all()
    assert np.isinf(enclosing_radius(ways)) and np.isfinite(median_distance(ways))
    assert np.isinf(rips(ways).dimension(0)[:, 1]).sum() == 2


def test_pulled_back_by_a_linear_map_are_its_lengths() -> None:
    points, matrix = cloud(15, 3), cloud(3, 7, seed=1)
    found = pairwise(points, "pull-back", k=14, decode=lambda z: z @ matrix)
    np.testing.assert_allclose(found, pairwise(points @ matrix), rtol=1e-9)


def test_pulled_back_by_a_turn_are_lengths_of_arcs() -> None:
    angles = np.linspace(0, np.pi, 30)[:, None]
    found = pairwise(angles, "pull-back", k=2, steps=8, decode=lambda t: np.concatenate([np.cos(t), np.sin(t)], axis=1))
    np.testing.assert_allclose(found[0, -1], np.pi, rtol=1e-4)  # the straight way between the ends is 2


def test_pulled_back_by_a_torch_function() -> None:
    import torch

    matrix = torch.ones(2, 4, dtype=torch.float64, requires_grad=True)
    found = pairwise([[0.0, 0.0], [1.0, 0.0]], "pull-back", decode=lambda z: torch.as_tensor(z) @ matrix)
    np.testing.assert_allclose(found, [[0, 2], [2, 0]])


def test_radius_and_median() -> None:
    table = pairwise([[0.0], [1.0], [3.0]])
    assert enclosing_radius(table) == 2 and median_distance(table) == 2
    assert np.isnan(median_distance(np.zeros((1, 1))))


@pytest.mark.parametrize("metric", ["euclidean", "geodesic"])
def test_one_point(metric: Any) -> None:
    assert pairwise([[1.0, 2.0]], metric).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("points", "options", "says"),
    [
        ([], {}, "no points"),
        ([[1.0, np.nan], [0.0, 0.0]], {}, "1 of 2 points hold NaN or infinity .the first is at position 0"),
        ([["a"]], {}, "real numbers"),
        ([[0.0, 0.0], [1.0, 0.0]], {"metric": "cosine"}, "zero vectors"),
        ([[0.0], [1.0]], {"metric": "geodesic", "k": 0}, "at least 1 neighbour"),
        ([[0.0], [1.0]], {"metric": "pull-back"}, "needs the decoder"),
        ([[0.0], [1.0]], {"metric": "pull-back", "decode": lambda z: z, "steps": 0}, "at least 1 piece"),
        ([[0.0], [1.0], [3.0]], {"metric": "pull-back", "decode": lambda z: z[:1]}, "returned 1 outputs for 3"),
        ([[0.0], [1.0]], {"metric": "manhattan"}, "metric is"),
    ],
)
def test_what_is_refused(points: Any, options: Any, says: str) -> None:
    with pytest.raises(wb.DataError, match=says):
        pairwise(points, **options)
