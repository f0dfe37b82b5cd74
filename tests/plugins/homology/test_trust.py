# SPDX-License-Identifier: Apache-2.0
"""Trust: no false loops in noise, the true ones found, and the arithmetic of each number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest

from plugins.homology.engines import Barcode
from plugins.homology.trust import (
    GAUSSIAN_LABEL,
    fasy_band,
    fasy_band_of,
    gap_rank,
    gaussian_clouds,
    gaussian_null,
    in_covering_radii,
    recurrence,
    standing_out,
    universal_p,
    wilson,
)
from tests.plugins.homology.clouds_of_known_shape import (
    barcode,
    circle,
    distances,
    factors,
    figure_eight,
    finite_bars,
    sphere,
)

NONE = np.empty((0, 2))
SEEDS = range(5)


def significant(points: np.ndarray) -> int:
    return int((universal_p(barcode(points).dimension(1), 1) < 0.05).sum())


def gaussian(seed: int, n: int = 500) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 16))


def cube(seed: int, n: int = 500) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(n, 16))


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_has_no_significant_loops(seed: int) -> None:
    assert significant(gaussian(seed)) == 0
    assert significant(cube(seed)) == 0
    assert significant(sphere(500, seed)) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_circle_has_one_significant_loop_and_a_figure_eight_two(seed: int) -> None:
    assert significant(circle(300, seed)) == 1
    assert significant(figure_eight(400, seed)) == 2


def test_the_universal_p_value_by_hand() -> None:
    ratios = np.array([1.01, 1.02, 1.03, 1.05, 1.1, 1.2, 8.0])
    bars = np.stack([np.full(7, 0.5), 0.5 * ratios], axis=1)
    x = np.array([math.log(math.log(one)) for one in ratios])
    expected = [min(1.0, 7 * math.exp(-math.exp(one - x.mean() - 0.5772156649))) for one in x]
    assert_allclose(universal_p(bars, 1), expected, rtol=1e-9)


def test_the_p_values_are_uniform_under_the_law_of_noise() -> None:
    """Bars drawn from the left-skewed Gumbel law itself: p below 0.05 in at most 5 % of diagrams, up to chance."""
    generator, hits = np.random.default_rng(0), 0
    for _ in range(400):
        x = np.log(-np.log(generator.uniform(size=80))) - 2.0  # the law, moved by a constant that must not matter
        bars = np.stack([np.ones(80), np.exp(np.exp(x))], axis=1)
        hits += bool((universal_p(bars, 1) < 0.05).any())
    assert binomtest(hits, 400, 0.05, alternative="greater").pvalue > 0.01
    assert hits > 4  # nor is it so strict that it tells nothing


def test_the_universal_null_is_undefined_where_it_has_nothing_to_stand_on() -> None:
    six = np.array([[1.0, 1.1], [1.0, 1.2], [1.0, 1.3], [1.0, 1.4], [1.0, 1.5], [1.0, 9.0]])
    assert np.isfinite(universal_p(six, 1)).all()
    assert np.isnan(universal_p(six, 0)).all()
    assert np.isnan(universal_p(six[:5], 1)).all()
    assert universal_p(NONE, 1).shape == (0,)
    odd = np.concatenate([six, [[0.5, np.inf], [0.0, 1.0], [1.0, 1.0 + 1e-9]]])  # essential, born at 0, rounding
    assert_allclose(universal_p(odd, 1), [*universal_p(six, 1), np.nan, np.nan, np.nan])


@given(finite_bars, factors, st.randoms(use_true_random=False))
def test_p_values_do_not_depend_on_order_or_unit(bars: np.ndarray, factor: float, random: object) -> None:
    bars = bars + [0.1, 0.1]
    order = list(range(len(bars)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert_allclose(universal_p(bars[order], 1), universal_p(bars, 1)[order], rtol=1e-6)
    assert_allclose(universal_p(factor * bars, 1), universal_p(bars, 1), rtol=1e-6)


@pytest.mark.parametrize(
    ("lengths", "rank"),
    [
        ([1.4, 0.2, 0.18], 1),
        ([0.2, 1.4, 1.3, 0.25], 2),
        ([1.0, 0.5, 0.25], 0),  # a ratio of 2 is not above 2
        ([4.0, 1.9, 0.6], 2),  # the largest ratio, not the first above 2
        ([*[1.0] * 10, 0.01], 0),  # the gap lies beyond the ten longest
        ([*[1.0] * 9, 0.01], 9),
        ([np.inf, 1.0, 0.9], 0),
        ([1.0], 0),
        ([], 0),
    ],
)
def test_the_gap_rule(lengths: list[float], rank: int) -> None:
    assert gap_rank(lengths) == rank
    assert gap_rank(lengths[::-1]) == rank


def test_lengths_below_the_floor_count_as_the_floor() -> None:
    assert gap_rank([1.0], floor=0.4) == 1
    assert gap_rank([1.0], floor=0.6) == 0
    assert gap_rank([0.3, 0.01], floor=0.3) == 0
    many = [1.0, *[0.1] * 20]
    assert gap_rank(many, floor=0.05) == 1
    assert gap_rank(many, floor=0.6) == 0
    assert gap_rank([], floor=1.0) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_voids_stand_out_of_a_sphere_and_not_of_noise(seed: int) -> None:
    assert standing_out(barcode(sphere(120, seed), 2), 2) == 1
    assert standing_out(barcode(gaussian(seed, 100), 2), 2) == 0
    assert standing_out(barcode(gaussian(seed, 120)[:, :3], 2), 2) == 0
    assert standing_out(barcode(cube(seed, 120)[:, :3], 2), 2) == 0


def test_pieces_stand_out_and_the_last_one_does_not_count() -> None:
    generator = np.random.default_rng(0)
    clusters = [generator.standard_normal((30, 2)) + [x, 0.0] for x in (0.0, 100.0, 210.0)]
    assert standing_out(barcode(np.concatenate(clusters)), 0) == 2  # two gaps between three pieces


def test_recurrence_is_a_share_of_draws_with_wilsons_interval() -> None:
    loops = [[[0.1, 1.6], [0.1, 1.5]], [[0.1, 1.6]], [[0.1, 0.15]]]  # rank 2, 1 and 0
    noise = np.array([[0.5, 0.5 + 0.05 + 0.001 * at] for at in range(10)])
    draws = [Barcode((NONE, np.concatenate([one, noise])), 2, np.inf) for one in loops]
    found = recurrence([*draws, draws[0]], 1, 3)
    assert found.share.tolist() == [0.75, 0.5, 0.0]
    exact = binomtest(3, 4).proportion_ci(method="wilson")
    assert (found.low[0], found.high[0]) == pytest.approx((exact.low, exact.high))
    assert found.draws == 4
    with pytest.raises(ValueError, match="at least one draw"):
        recurrence([], 1, 1)


def test_a_loop_comes_back_in_random_draws_and_noise_does_not() -> None:
    generator = np.random.default_rng(1)
    for points, at_least, at_most in ((circle(1500, 0), 1.0, 1.0), (gaussian(0, 1500), 0.0, 0.0)):
        draws = [barcode(points[generator.choice(1500, 200, replace=False)]) for _ in range(6)]
        assert at_least <= recurrence(draws, 1, 1).share[0] <= at_most


def test_an_essential_bar_counts_as_far_as_it_was_followed() -> None:
    bars = np.concatenate([[[0.2, np.inf]], [[0.3, 0.31 + 0.001 * at] for at in range(10)]])
    assert standing_out(Barcode((NONE, bars), 2, 0.9), 1) == 1
    assert standing_out(Barcode((NONE, bars), 2, 0.205), 1) == 0  # was followed too shortly to tell


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(counts: tuple[int, int]) -> None:
    exact = binomtest(*counts).proportion_ci(method="wilson")
    low, high = wilson(*counts)
    assert (float(low), float(high)) == pytest.approx((exact.low, exact.high), abs=1e-12)


def test_lengths_in_covering_radii() -> None:
    assert in_covering_radii([[0.0, 1.0], [1.0, 4.0], [0.0, np.inf]], 0.5).tolist() == [2.0, 6.0, np.inf]
    assert np.isnan(in_covering_radii([[0.0, 1.0]], 0.0)).all()


def test_bars_of_more_than_four_covering_radii_are_bars_of_all_points() -> None:
    from scipy.optimize import linear_sum_assignment

    points = circle(300, 5)
    few = points[:100]
    radius = float(distances(points)[:100].min(axis=0).max())
    sure = barcode(few).dimension(1)[in_covering_radii(barcode(few).dimension(1), radius) > 4]
    whole = barcode(points).dimension(1)
    cost = np.abs(sure[:, None] - whole[None]).max(axis=2)
    assert len(sure) == 1
    assert cost[linear_sum_assignment(cost)].max() <= 2 * radius


def test_the_strict_band_by_hand() -> None:
    points = np.array([[0.0], [1.0], [3.0]])
    band = fasy_band(points, subsample=2, draws=200, seed=0)  # what is left out is 1 (twice) or 2 from the others
    assert (band.radius, band.length, band.lenient) == (4.0, 16.0, 8.0)
    assert fasy_band(points, subsample=2, draws=200, level=0.5, seed=0).radius == 2.0


def test_the_strict_band_tells_a_clear_circle_and_nothing_of_noise() -> None:
    clear, noise = circle(1500, 0, noise=0.0), gaussian(0)
    bars, band = barcode(clear[:400]).lengths(1), fasy_band(clear, seed=1)
    assert (bars > band.length).sum() == 1
    assert (barcode(noise).lengths(1) > fasy_band(noise, seed=1).lenient).sum() == 0


def test_the_band_is_the_same_from_points_and_from_distances_and_scales_with_them() -> None:
    points = circle(80, 1)
    band = fasy_band(points, draws=20, seed=3)
    assert fasy_band_of(distances(points), draws=20, seed=3).radius == pytest.approx(band.radius)
    assert fasy_band(5 * points, draws=20, seed=3).radius == pytest.approx(5 * band.radius)
    for wrong in (0, 80):
        with pytest.raises(ValueError, match="between 1 and 79 of 80"):
            fasy_band(points, subsample=wrong)
    with pytest.raises(ValueError, match="at least 3 points"):
        fasy_band(points[:2])


def test_the_gaussian_null_has_the_mean_and_covariance_of_the_points() -> None:
    points = np.random.default_rng(0).uniform(size=(400, 3)) @ [[1.0, 0.5, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.1]] + 7
    drawn = np.concatenate(gaussian_clouds(points, 100, seed=1))
    assert_allclose(drawn.mean(axis=0), points.mean(axis=0), atol=0.02)
    assert_allclose(np.cov(drawn.T), np.cov(points.T), atol=0.02)
    few = points[:2]  # fewer points than dimensions: all clouds lie on their line
    assert np.linalg.matrix_rank(gaussian_clouds(few, 1, seed=1)[0] - few.mean(axis=0), tol=1e-9) == 1


def test_a_circle_differs_from_a_gaussian_blob_and_a_blob_does_not() -> None:
    points = circle(120, 0)
    bars = barcode(points).dimension(1)
    found = gaussian_null(points, bars, 1, draws=20, seed=0)
    assert found.label == GAUSSIAN_LABEL
    assert sorted(found.p)[0] == pytest.approx(1 / 21) and (found.p <= 0.05).sum() == 1
    blob = np.random.default_rng(2).standard_normal((120, 2))
    assert (gaussian_null(blob, barcode(blob).dimension(1), 1, draws=20, seed=0).p > 0.05).all()
    assert np.isnan(gaussian_null(points[:20], [[0.1, np.inf]], 1, draws=2).p).all()


def test_what_are_no_bars_is_refused() -> None:
    with pytest.raises(ValueError, match="pairs of birth and death"):
        universal_p([1.0, 2.0], 1)
    with pytest.raises(ValueError, match="death that is not before it"):
        universal_p([[2.0, 1.0]], 1)
    with pytest.raises(ValueError, match="finite birth"):
        in_covering_radii([[np.nan, 1.0]], 1.0)


def test_p_values_are_in_the_order_of_the_bars() -> None:
    bars = barcode(circle(300, 0, noise=0.1)).dimension(1)
    p = universal_p(bars, 1)
    assert p.argmin() == (bars[:, 1] / bars[:, 0]).argmax()
    assert_array_equal(universal_p(bars[::-1], 1), p[::-1])
