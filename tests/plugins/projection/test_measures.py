# SPDX-License-Identifier: Apache-2.0
"""Measures of a map: worked by hand, against their definitions, invariances, and the intervals of estimates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from plugins.projection import measures as module
from plugins.projection.measures import Quality, quality
from plugins.projection.neighbours import nearest_neighbours

TRIANGLE = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def value(found: Quality, name: str, k: int | None = None) -> float:
    return found.get(name, k).value


def values(found: Quality) -> list[float]:
    return [measure.value for measure in found.measures]


def sample(seed: int, n: int = 60) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, 6)) * [3, 2, 1, 1, 0.5, 0.5]
    return points, points[:, :2] + 0.1 * random.standard_normal((n, 2))


def test_a_triangle_laid_on_a_line_by_hand() -> None:
    found = quality(TRIANGLE, [0.0, 1.0, 2.0], ks=[])
    # distances 1, 1, 1 become 1, 1, 2: the best factor is 4/6 and leaves 1/9, 1/9 and 1/9 of 3
    assert found.scale == pytest.approx(2 / 3)
    assert value(found, "normalised_stress") == pytest.approx(1 / 3)
    # each point has two of the pairs, all with the same residual
    np.testing.assert_allclose(found.stress, [1 / 3, 1 / 3, 1 / 3])
    assert np.isnan(value(found, "distance_pearson"))  # the distances of the triangle do not vary


def test_a_point_out_of_place_carries_the_stress() -> None:
    points = np.random.default_rng(0).standard_normal((50, 2))
    moved = points.copy()
    moved[7] += 10
    found = quality(points, moved, ks=[5])
    assert found.stress[7] > 3 * np.delete(found.stress, 7).max()
    assert found.stress.sum() == pytest.approx(1)


def test_points_that_are_flat_already_are_mapped_perfectly() -> None:
    points = np.random.default_rng(0).standard_normal((200, 2)) @ np.random.default_rng(1).standard_normal((2, 30))
    flat = points @ np.linalg.svd(points)[2][:2].T
    found = quality(points, flat, ks=[5, 50])
    for k in (5, 50):
        for name in ("trustworthiness", "continuity", "neighbourhood_preservation"):
            assert value(found, name, k) == pytest.approx(1, abs=1e-12)
    assert value(found, "distance_pearson") == pytest.approx(1)
    assert value(found, "distance_spearman") == pytest.approx(1)
    assert value(found, "normalised_stress") == pytest.approx(0, abs=1e-6)
    assert found.stress.tolist() == [0.0] * 200


def test_a_map_of_nothing_to_do_with_the_points_is_at_chance() -> None:
    random = np.random.default_rng(0)
    found = quality(random.standard_normal((1500, 30)), random.standard_normal((1500, 2)), ks=[15])
    assert value(found, "trustworthiness", 15) == pytest.approx(0.5, abs=0.03)
    assert value(found, "continuity", 15) == pytest.approx(0.5, abs=0.03)
    assert value(found, "neighbourhood_preservation", 15) == pytest.approx(15 / 1499, abs=0.003)
    assert value(found, "neighbourhood_preservation_above_chance", 15) == pytest.approx(0, abs=0.003)
    assert value(found, "distance_pearson") == pytest.approx(0, abs=0.05)


def test_ranks_with_ties_by_index() -> None:
    random = np.random.default_rng(0)
    points, flat = random.integers(0, 3, (40, 20)).astype(float), random.integers(0, 4, (40, 2)).astype(float)
    found = quality(points, flat, ks=[4])
    assert value(found, "trustworthiness", 4) == pytest.approx(_by_definition(points, flat, 4), abs=1e-12)
    assert value(found, "continuity", 4) == pytest.approx(_by_definition(flat, points, 4), abs=1e-12)


def _by_definition(space: Any, flat: Any, k: int) -> float:
    """Trustworthiness as in Venna & Kaski 2001, equation 1, with sets and ranks."""
    n = len(space)

    def ranking(points: Any, i: int) -> list[int]:
        others = [j for j in range(n) if j != i]
        return sorted(others, key=lambda j: (float(np.square(points[i] - points[j]).sum()), j))

    excess = 0
    for i in range(n):
        order = ranking(space, i)
        excess += sum(order.index(j) + 1 - k for j in set(ranking(flat, i)[:k]) - set(order[:k]))
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess


@given(seed=st.integers(0, 2**31), angle=st.floats(0, 6.28), factor=st.floats(0.01, 100), shift=st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_turning_mirroring_shifting_and_enlarging_the_map_change_nothing(
    seed: int, angle: float, factor: float, shift: float
) -> None:
    points, flat = sample(seed)
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    one, other = quality(points, flat, ks=[3, 10]), quality(points, factor * flat @ turn + shift, ks=[3, 10])
    np.testing.assert_allclose(values(one), values(other), atol=1e-6)
    np.testing.assert_allclose(one.stress, other.stress, atol=1e-6)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_order_of_points_does_not_matter(seed: int) -> None:
    points, flat = sample(seed)
    order = np.random.default_rng(seed).permutation(len(points))
    one, other = quality(points, flat, ks=[5]), quality(points[order], flat[order], ks=[5])
    np.testing.assert_allclose(values(one), values(other), atol=1e-9)
    np.testing.assert_allclose(one.stress[order], other.stress, atol=1e-9)


@given(seed=st.integers(0, 2**31), k=st.integers(1, 29))
@settings(max_examples=25, deadline=None)
def test_continuity_is_trustworthiness_the_other_way_round(seed: int, k: int) -> None:
    points, flat = sample(seed)
    one, other = quality(points, flat, ks=[k]), quality(flat, points, ks=[k])
    assert value(one, "continuity", k) == pytest.approx(value(other, "trustworthiness", k), abs=1e-12)
    assert 0 <= value(one, "trustworthiness", k) <= 1


def test_neighbours_found_before_are_used() -> None:
    points, flat = sample(0, 300)
    given_before = quality(points, flat, ks=[5, 20], neighbours=nearest_neighbours(points, 30))
    assert values(given_before) == values(quality(points, flat, ks=[5, 20]))


def test_estimates_are_unbiased_and_their_intervals_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAIRS", 40_000)
    points, flat = sample(0, 800)
    exact = quality(points, flat, ks=[10])
    runs = [quality(points, flat, ks=[10], anchors=150, seed=seed) for seed in range(25)]
    truths = list(exact.measures)
    ranks = next(number for number, each in enumerate(truths) if each.name == "distance_spearman")
    assert truths[ranks].pairs == 800 * (module.PAIRS // 800)  # at all points, but not of all their pairs
    whole = replace(truths[ranks], value=float(spearmanr(pdist(points), pdist(flat))[0]), interval=None)
    low, high = truths[ranks].interval or (np.nan, np.nan)
    assert low < whole.value < high
    assert high - low < 0.02
    truths[ranks] = whole
    for number, truth in enumerate(truths):
        assert truth.interval is None
        assert truth.anchors == 800
        estimates = [run.measures[number] for run in runs]
        intervals = [estimate.interval for estimate in estimates]
        held = sum(low <= truth.value <= high for low, high in (pair for pair in intervals if pair is not None))
        assert held >= 20, truth.name
        spread = np.std([estimate.value for estimate in estimates])
        assert np.mean([estimate.value for estimate in estimates]) == pytest.approx(truth.value, abs=float(spread)), (
            truth.name
        )
        assert all(estimate.anchors == 150 and estimate.count == 800 for estimate in estimates)
    stress = np.mean([run.stress for run in runs], axis=0)
    assert np.corrcoef(stress, exact.stress)[0, 1] > 0.97


def test_many_points_are_estimated_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_LIMIT", 100)
    monkeypatch.setattr(module, "ANCHORS", 50)
    points, flat = sample(0, 101)
    assert quality(points, flat, ks=[5]).get("continuity", 5).anchors == 50
    assert quality(points[:100], flat[:100], ks=[5]).get("continuity", 5).interval is None


def test_the_same_seed_gives_the_same_numbers_and_progress_reaches_the_end() -> None:
    points, flat = sample(0, 400)
    seen: list[float] = []
    one = quality(points, flat, ks=[5], anchors=50, seed=3, progress=seen.append)
    assert values(one) == values(quality(points, flat, ks=[5], anchors=50, seed=3))
    assert values(one) != values(quality(points, flat, ks=[5], anchors=50, seed=4))
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_all_points_equal_and_duplicates_give_numbers() -> None:
    equal = quality(np.ones((20, 5)), np.ones((20, 2)), ks=[3])
    assert value(equal, "trustworthiness", 3) == 1  # ties by index in both
    assert value(equal, "normalised_stress") == 0
    assert np.isnan(value(equal, "distance_spearman"))
    points, flat = sample(0, 30)
    twice = quality(np.tile(points, (2, 1)), np.tile(points, (2, 1)), ks=[1])
    assert value(twice, "neighbourhood_preservation", 1) == 1


@pytest.mark.parametrize(
    ("points", "flat", "options", "message"),
    [
        (np.ones((5, 2)), np.ones((4, 2)), {"ks": [1]}, "5 points, but coordinates of 4"),
        (np.ones((2, 2)), np.ones((2, 2)), {"ks": []}, "at least 3 points"),
        (np.eye(6), np.eye(6), {"ks": [3]}, r"below half the number of points \(6 / 2\), but is 3"),
        (np.eye(6), np.eye(6), {"ks": [0]}, "at least 1"),
        (np.eye(6), np.eye(6), {"ks": [1], "anchors": 7}, "from 2 to the 6 points"),
        (np.eye(6), np.full((6, 2), np.inf), {"ks": [1]}, "coordinates hold NaN or infinity in 6 of 6 rows"),
    ],
)
def test_refuses(points: Any, flat: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quality(points, flat, **options)


def test_names_what_is_not_there() -> None:
    with pytest.raises(KeyError, match="trustworthiness"):
        quality(TRIANGLE, TRIANGLE, ks=[1]).get("trustworthiness", 2)
