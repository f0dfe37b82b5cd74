# SPDX-License-Identifier: Apache-2.0
"""Landmarks: they cover, outliers do not decide them, every point knows its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import workbench as wb
from plugins.homology import landmarks as module
from plugins.homology.distances import pairwise
from plugins.homology.engines import rips
from plugins.homology.landmarks import landmarks


def circle_with_outliers(n: int, seed: int = 0) -> Any:
    random = np.random.default_rng(seed)
    angles = 2 * np.pi * random.random(n)
    points = 0.05 * random.standard_normal((n, 16))
    points[:, 0] += np.cos(angles)
    points[:, 1] += np.sin(angles)
    points[: n // 100] = 3 * random.standard_normal((n // 100, 16))
    return points.astype(np.float32)


@given(
    st.integers(1, 60),
    st.integers(1, 70),
    st.sampled_from(["trimmed", "random", "farthest"]),
    st.booleans(),
    st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_every_point_has_its_nearest_landmark(n: int, m: int, how: Any, tied: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.integers(0, 4, (n, 2)).astype(float) if tied else random.standard_normal((n, 3))
    found = landmarks(points, m, how=how, seed=seed)
    assert 1 <= len(found.positions) <= min(m, n) and len(set(found.positions)) == len(found.positions)
    table = cdist(points, points[found.positions])
    np.testing.assert_allclose(found.distances, table.min(axis=1), atol=1e-5)
    np.testing.assert_allclose(table[np.arange(n), found.nearest], table.min(axis=1), atol=1e-5)
    assert found.counts.sum() == n and len(found.counts) == len(found.positions)
    kept = np.setdiff1d(np.arange(n), found.trimmed)
    np.testing.assert_allclose(found.covering_radius, table[kept].min(axis=1).max(), atol=1e-5)
    assert set(found.outside) <= set(found.trimmed)
    assert not set(found.positions) & set(found.trimmed)
    assert len(found.trimmed) == (int(0.2 * n) if how == "trimmed" and n > 1 else 0)


def test_farthest_points_are_within_twice_the_best() -> None:
    """Gonzalez 1985; five tight groups: with five landmarks one in each."""
    random = np.random.default_rng(0)
    centres = 10 * np.eye(5)
    points = centres[np.arange(500) % 5] + 0.01 * random.standard_normal((500, 5))
    found = landmarks(points, 5, how="farthest")
    assert sorted(found.positions % 5) == [0, 1, 2, 3, 4]
    assert found.covering_radius < 0.2 and found.counts.tolist() == [100] * 5


def test_the_first_landmarks_are_those_of_fewer() -> None:
    points = circle_with_outliers(500)
    assert landmarks(points, 30).positions.tolist() == landmarks(points, 80).positions[:30].tolist()


def test_duplicates_end_the_search() -> None:
    points = np.repeat(np.eye(3), 20, axis=0)
    found = landmarks(points, 10, how="farthest")
    assert len(found.positions) == 3 and found.covering_radius == 0


def test_outliers_hide_the_loop_from_farthest_points_only() -> None:
    points = circle_with_outliers(10_000)
    longest = {}
    for how in ("trimmed", "random", "farthest"):
        found = landmarks(points, 80, how=how, seed=1)
        lengths = np.sort(rips(pairwise(points[found.positions])).lengths(1))
        longest[how] = lengths[-1] / lengths[-2]
        if how == "trimmed":
            assert set(range(100)) <= set(found.trimmed)  # all outliers are named
            assert set(range(100)) <= set(found.outside)
    assert longest["trimmed"] > 3 and longest["random"] > 3 and longest["farthest"] < 2


def test_a_memory_map_and_a_pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = circle_with_outliers(4000)
    np.save(tmp_path / "points.npy", points)
    mapped = np.load(tmp_path / "points.npy", mmap_mode="r")
    whole = landmarks(mapped, 50)
    assert whole.positions.tolist() == landmarks(points, 50).positions.tolist()
    monkeypatch.setattr(module, "POOL", 1500)
    monkeypatch.setattr(module, "REFERENCE", 700)
    monkeypatch.setattr(module, "BLOCK_BYTES", 10_000)
    found = landmarks(mapped, 50)
    assert len(found.pool) == 1500 and set(found.positions) <= set(found.pool) and set(found.trimmed) <= set(found.pool)
    assert len(found.nearest) == 4000
    lengths = np.sort(rips(pairwise(points[found.positions])).lengths(1))
    assert lengths[-1] > 3 * lengths[-2]


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_moving_and_scaling_change_nothing(factor: float) -> None:
    points = circle_with_outliers(400).astype(np.float64)
    one, two = landmarks(points, 20), landmarks((points + 7) * factor, 20)
    assert one.positions.tolist() == two.positions.tolist()
    np.testing.assert_allclose(two.covering_radius / factor, one.covering_radius, rtol=1e-4)


def test_the_seed_decides() -> None:
    points = circle_with_outliers(400)
    for how in ("trimmed", "random", "farthest"):
        one, same, other = (landmarks(points, 20, how=how, seed=seed) for seed in (1, 1, 2))
        assert one.positions.tolist() == same.positions.tolist() != other.positions.tolist()


@pytest.mark.parametrize(
    ("points", "options", "says"),
    [
        (np.empty((0, 2)), {}, "no points"),
        (np.array([[0.0, np.inf], [0.0, 1.0]]), {}, "1 of 2 points hold NaN or infinity .the first is at position 0"),
        (np.array([["a"]]), {}, "real numbers"),
        (np.eye(3), {"m": 0}, "At least 1 landmark"),
        (np.eye(3), {"trim": 1.0}, "0 to 0.9"),
        (np.eye(3), {"k": 0}, "1st"),
        (np.eye(3), {"how": "best"}, "best"),
    ],
)
def test_what_is_refused(points: Any, options: Any, says: str) -> None:
    with pytest.raises(wb.DataError, match=says):
        landmarks(points, **{"m": 2, **options})
