# SPDX-License-Identifier: Apache-2.0
"""Clouds whose neighbourhoods are known: isotropic, a cone, a planted hub, frequency written into the vectors."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.neighbourhood.cosines import axes_of, isotropic_range, mean_cosine, without_top
from plugins.neighbourhood.hubs import concentration, gaussian_like, occurrences, robin_hood, skewness
from plugins.neighbourhood.measures import frequency_of
from plugins.word_similarity.correlation import bootstrapped, permuted, rank_correlation, spearman


def cloud(n: int, width: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((n, width))


def run(tmp_path: Path, points: Any, **params: Any) -> wb.Result:
    path = tmp_path / "points.npy"
    np.save(path, np.asarray(points, dtype=np.float32))
    return wb.run("neighbourhood", points=str(path), inline=True, clouds=1, **params)


def test_mean_cosine_is_that_of_all_pairs() -> None:
    points = cloud(30, 4) + 0.3
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    pairs = [unit[a] @ unit[b] for a in range(30) for b in range(a)]
    found = mean_cosine(points)
    assert found.value == pytest.approx(np.mean(pairs), abs=1e-12)
    without = [mean_cosine(np.delete(points, one, axis=0)).value for one in range(30)]
    half = 1.96 * math.sqrt(29 / 30 * ((np.array(without) - np.mean(without)) ** 2).sum())
    assert found.high - found.value == pytest.approx(half, rel=1e-4)


def test_uniform_directions_fall_into_the_isotropic_range_as_often_as_it_says() -> None:
    low, high = isotropic_range(100, 20)
    inside = [low <= mean_cosine(cloud(100, 20, seed)).value <= high for seed in range(200)]
    assert 0.90 < np.mean(inside) < 0.99  # 95 % of 200, three standard errors


def test_a_cone_has_the_cosine_of_its_shift_and_centring_takes_it_away() -> None:
    """Mean shift m: about |m|² / (|m|² + d)."""
    width = 400
    points = cloud(500, width)
    points[:, 0] += 20.0
    found = mean_cosine(points)
    assert found.value == pytest.approx(400 / (400 + width), abs=0.01)
    assert abs(mean_cosine(without_top(points, 0)).value) < 0.005
    axes = axes_of(points)
    assert axes.contribution.sum() == pytest.approx(found.value, abs=1e-12)
    assert axes.contribution[0] == pytest.approx(found.value, abs=0.01)  # one axis carries all of it


def test_top_components_are_gone_in_either_shape() -> None:
    for n, width in ((60, 8), (8, 60)):
        points = cloud(n, width) * np.linspace(5, 1, width)
        left = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
        found = np.linalg.svd(without_top(points, 2), compute_uv=False)
        assert np.sort(found)[::-1][: len(left) - 3] == pytest.approx(left[2:-1], rel=1e-9)
    even = axes_of(np.concatenate([np.eye(6), -np.eye(6)]))
    assert even.participation == pytest.approx(6)


def test_the_centre_of_a_sphere_is_a_hub() -> None:
    sphere = cloud(300, 60)
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    points = np.concatenate([sphere, np.zeros((1, 60))])
    found = occurrences(points, 10, "euclidean")
    assert found.counts[300] == 300  # every point is nearer to the centre than to any other
    assert found.skewness > 8
    assert occurrences(sphere, 10, "euclidean").skewness < 2
    assert found.counts.sum() == 10 * 301


def test_hubness_of_normal_clouds_grows_with_the_dimension() -> None:
    """Radovanovic and others 2010, figure 1: none in 3 dimensions, strong in 100."""
    few, many = (occurrences(cloud(600, width), 10, "euclidean").skewness for width in (3, 100))
    assert few < 0.6 and many > 2.5
    assert occurrences(cloud(600, 100), 10, "cosine").skewness < 1  # by angle there is no centre to be near to


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=3, max_size=30).filter(lambda one: len(set(one)) > 1))
def test_skewness_and_robin_hood(counts: list[int]) -> None:
    from scipy.stats import skew

    values = np.array(counts)
    assert skewness(values) == pytest.approx(skew(values), abs=1e-9)
    assert skewness(-values) == pytest.approx(-skewness(values), abs=1e-9)
    assert 0 <= robin_hood(values) < 1
    assert robin_hood(values * 3) == pytest.approx(robin_hood(values))


def test_normal_cloud_has_the_moments_of_the_points() -> None:
    points = cloud(300, 3) @ np.array([[2.0, 1, 0], [0, 1, 0], [0, 0, 0.1]]) + 5
    like = np.concatenate([gaussian_like(points, np.random.default_rng(seed)) for seed in range(20)])
    assert like.mean(axis=0) == pytest.approx(points.mean(axis=0), abs=0.15)
    assert np.cov(like.T) == pytest.approx(np.cov(points.T), abs=0.3)
    wide = cloud(40, 90)
    drawn = gaussian_like(wide, np.random.default_rng(0)) - wide.mean(axis=0)
    assert np.linalg.matrix_rank(drawn) <= 39  # nothing outside of what the points span


def test_distances_of_a_square() -> None:
    square = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    found = concentration(square, "euclidean", np.random.default_rng(0))
    assert found.contrast == pytest.approx(math.sqrt(2) - 1)
    assert found.variation == pytest.approx(np.std([1, 1, math.sqrt(2)]) / np.mean([1, 1, math.sqrt(2)]))


def test_frequency_that_is_written_into_the_points() -> None:
    """Frequent points near the origin are neighbours of all; shuffled, frequency says nothing."""
    rng = np.random.default_rng(0)
    frequency = np.arange(400, 0, -1.0)
    points = cloud(400, 30) * np.linspace(0.3, 1.5, 400)[:, None]
    found = occurrences(points, 10, "euclidean")
    lengths = np.linalg.norm(points, axis=1)
    tied = frequency_of(found, frequency, lengths, rng)
    assert tied.occurrence.low > 0.8 and tied.length.high < -0.9
    assert tied.share[1] > 0.5 and tied.table[0, 1] > 50
    free = frequency_of(found, rng.permutation(frequency), lengths, rng)
    assert free.occurrence.low < 0 < free.occurrence.high
    assert free.share[1] < 0.1 + 0.05


def test_rank_correlations_agree_and_cover() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    one = rng.integers(0, 8, 200)
    other = one + rng.integers(0, 8, 200)
    closed, drawn = rank_correlation(one, other), bootstrapped(one, other, rng)
    assert closed.value == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)
    assert (closed.low, closed.high) == pytest.approx((drawn.low, drawn.high), abs=0.03)
    chance = permuted(one, other, rng, 500)
    assert abs(chance.mean()) < 0.02 and chance.std() == pytest.approx(1 / math.sqrt(199), abs=0.01)
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))


def test_findings_of_a_cone_and_none_of_a_ball(tmp_path: Path) -> None:
    shifted = cloud(200, 20)
    shifted[:, 0] += 10
    result = run(tmp_path, shifted, metric="cosine")
    assert "neighbourhood.anisotropy" in [one.code for one in result.findings]
    assert result.metrics["mean_cosine"].value == pytest.approx(100 / 120, abs=0.03)
    plain = run(tmp_path, cloud(200, 5, seed=1))
    assert plain.findings == []
    assert plain.tables["steps"]["points"].tolist()[0] == "as they are"


def test_copies_and_points_without_a_direction_are_left_out_and_told(tmp_path: Path) -> None:
    points = np.concatenate([cloud(80, 6), cloud(80, 6)[:5], np.zeros((2, 6))])
    result = run(tmp_path, points, metric="cosine")
    assert len(result.arrays["rows"]) == 80
    assert any("6 points that equal" in one for one in result.notes)
    assert any("1 points of length 0" in one for one in result.notes)
    with pytest.raises(wb.WorkbenchError, match="at least 50 different points"):
        run(tmp_path, np.ones((60, 6)))


def test_words_have_names_and_an_order_of_frequency() -> None:
    result = wb.run("neighbourhood", model="glove-words", limit=400, clouds=1, inline=True)
    assert result.metrics["frequency_correlation"].low > 0.2
    assert 0.08 < result.metrics["mean_cosine"].value < 0.16
    assert [one.code for one in result.findings] == ["neighbourhood.frequency"]
    assert all(isinstance(one, str) and not one.startswith("row") for one in result.tables["hubs"]["point"])
