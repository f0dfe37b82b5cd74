# SPDX-License-Identifier: Apache-2.0
"""Summaries of diagrams: analytic truths, no dependence on order, and how each scales with the data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from plugins.homology.engines import Barcode
from plugins.homology.summaries import (
    UNITS,
    betti_band,
    betti_curve,
    clipped,
    image,
    landscape,
    persistence_entropy,
    scales,
    total_persistence,
)
from tests.plugins.homology.clouds_of_known_shape import barcode, circle, factors, finite_bars

NONE = np.empty((0, 2))


def test_the_betti_curve_counts_bars_that_are_born_and_not_yet_dead() -> None:
    bars = [[0.0, 1.0], [0.5, 2.0], [0.5, np.inf], [3.0, 4.0]]
    assert betti_curve(bars, [-1, 0, 0.5, 0.99, 1.0, 2.0, 3.0, 4.0, 9.0]).tolist() == [0, 1, 3, 3, 2, 1, 2, 1, 1]
    assert betti_curve(NONE, [0.0, 1.0]).tolist() == [0, 0]


@given(finite_bars, st.lists(st.floats(0.0, 30.0), min_size=1, max_size=20))
def test_the_betti_curve_is_what_counting_one_by_one_gives(bars: np.ndarray, grid: list[float]) -> None:
    counted = [sum(birth <= scale < death for birth, death in bars) for scale in grid]
    assert betti_curve(bars, grid).tolist() == counted


@given(finite_bars, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_bars(bars: np.ndarray, random: object) -> None:
    order = list(range(len(bars)))
    random.shuffle(order)  # type: ignore[attr-defined]
    other, grid = bars[order], np.linspace(0, 20, 23)
    assert_array_equal(betti_curve(bars, grid), betti_curve(other, grid))
    assert_array_equal(landscape(bars, 3, grid), landscape(other, 3, grid))
    assert_array_equal(image(bars).values, image(other).values)
    assert total_persistence(bars) == total_persistence(other)
    assert_array_equal(persistence_entropy(bars), persistence_entropy(other))  # NaN is equal here


@given(finite_bars, factors, st.floats(0.5, 3.0))
def test_each_scales_with_the_data_as_its_unit_says(bars: np.ndarray, factor: float, p: float) -> None:
    grid = np.linspace(0, 20, 23) + math.pi / 1000  # away from births and deaths, where rounding decides
    assert_allclose(persistence_entropy(factor * bars), persistence_entropy(bars), rtol=1e-9)
    assert_allclose(total_persistence(factor * bars, p), factor**p * total_persistence(bars, p), rtol=1e-9)
    scaled = landscape(factor * bars, 3, factor * grid)
    assert_allclose(scaled, factor * landscape(bars, 3, grid), rtol=1e-9, atol=1e-9 * factor)
    before, after = image(bars), image(factor * bars)
    assert_allclose(after.values, before.values, rtol=1e-6, atol=1e-9)
    assert_allclose([after.spread, after.full], [factor * before.spread, factor * before.full], rtol=1e-9)
    assert set(UNITS) == {"betti_curve", "persistence_entropy", "total_persistence", "landscape", "image"}


@pytest.mark.parametrize("n", [2, 3, 10, 499])
def test_the_entropy_of_equal_bars_is_1(n: int) -> None:
    bars = np.stack([np.arange(n), np.arange(n) + 0.5], axis=1)
    assert persistence_entropy(bars) == pytest.approx(1.0, abs=1e-12)
    assert persistence_entropy(bars, normalised=False) == pytest.approx(math.log(n))


@given(finite_bars)
def test_the_entropy_is_a_share(bars: np.ndarray) -> None:
    entropy = persistence_entropy(bars)
    assert math.isnan(entropy) if len(bars) == 1 else 0 <= entropy <= 1


def test_one_long_bar_has_little_entropy_and_none_has_none() -> None:
    assert persistence_entropy([[0.0, 1e6], [0.0, 1e-3]]) < 1e-6
    assert persistence_entropy([[0.0, 1e300], [0.0, 1e-300]]) == 0.0
    assert math.isnan(persistence_entropy(NONE)) and math.isnan(persistence_entropy([[0.0, np.inf]]))
    assert persistence_entropy([[1.0, 3.0]], normalised=False) == 0.0


def test_total_persistence_of_bars_known_by_hand() -> None:
    bars = [[0.0, 1.0], [1.0, 3.0], [2.0, np.inf]]
    assert total_persistence(bars) == 3.0
    assert total_persistence(bars, 2) == 5.0
    assert total_persistence(NONE) == 0.0
    assert total_persistence(clipped(bars, 4.0), 2) == 9.0


@given(st.floats(0.0, 5.0), st.floats(0.1, 5.0))
def test_the_landscape_of_one_bar_is_a_tent_of_half_its_length(birth: float, length: float) -> None:
    middle, end = birth + length / 2, birth + length
    first, second = landscape([[birth, end]], 2, [birth, birth + length / 4, middle, end - length / 4, end, end + 1])
    assert_allclose(first, [0, length / 4, length / 2, length / 4, 0, 0], atol=1e-12)
    assert not second.any()


@given(finite_bars)
def test_landscapes_lie_one_above_the_other_and_vanish_past_the_number_of_bars(bars: np.ndarray) -> None:
    grid = np.linspace(0, 20, 41) + math.pi / 1000
    found = landscape(bars, len(bars) + 2, grid)
    assert (np.diff(found, axis=0) <= 0).all() and not found[len(bars) :].any()
    assert_array_equal((found > 0).sum(axis=0), betti_curve(bars, grid))  # inside a bar its tent is above 0


def test_landscapes_are_those_of_gudhi_but_for_the_square_root_of_2() -> None:
    from gudhi.representations import Landscape

    bars = np.array([[0.0, 2.0], [0.5, 1.5], [1.0, 3.0]])
    theirs = Landscape(num_landscapes=3, resolution=31, sample_range=[0.0, 3.0], keep_endpoints=True).fit_transform(
        [bars]
    )
    ours = landscape(bars, 3, np.linspace(0.0, 3.0, 31))
    assert_allclose(theirs.reshape(3, 31) / math.sqrt(2), ours, atol=1e-12)


def test_an_image_holds_the_weights_of_the_bars() -> None:
    bars = [[1.0, 3.0], [1.0, 2.0], [0.0, np.inf]]
    whole = image(bars, births=(-4, 6), lengths=(-4, 6), spread=0.1, full=2.0)
    assert whole.values.sum() == pytest.approx(1.5)  # 1 of the bar of length 2, 1/2 of that of length 1
    row, column = np.unravel_index(whole.values.argmax(), whole.values.shape)
    assert whole.births[column] <= 1.0 <= whole.births[column + 1]
    assert whole.lengths[row] <= 2.0 <= whole.lengths[row + 1]


def test_an_image_is_an_integral_not_a_value_at_the_middle_of_a_pixel() -> None:
    fine = image([[1.0, 3.0]], births=(0, 2), lengths=(1, 3), spread=0.3, pixels=40)
    coarse = image([[1.0, 3.0]], births=(0, 2), lengths=(1, 3), spread=0.3, pixels=4)
    assert_allclose(fine.values.reshape(4, 10, 4, 10).sum(axis=(1, 3)), coarse.values, rtol=1e-12)


def test_images_of_nothing_and_settings_that_make_none() -> None:
    assert not image(NONE).values.any()
    with pytest.raises(ValueError, match="ranges that rise"):
        image([[0.0, 1.0]], births=(1.0, 1.0))
    with pytest.raises(ValueError, match="spread"):
        image([[0.0, 1.0]], spread=0.0)


def test_the_band_is_the_spread_of_the_draws() -> None:
    draws = [Barcode((NONE, np.array([[0.0, float(end)]])), 2, np.inf) for end in range(1, 21)]
    band = betti_band(draws, 1, [0.5, 10.5, 18.5, 19.5, 20.5])
    assert band.median.tolist() == [1, 0.5, 0, 0, 0]
    assert band.low.tolist() == [1, 0, 0, 0, 0]
    assert band.high.tolist() == [1, 1, 1, 0, 0]  # at 19.5 one draw of 20 is left: 5 %
    assert band.draws == 20
    with pytest.raises(ValueError, match="at least one draw"):
        betti_band([], 1, [0.0])


def test_the_scales_reach_past_the_last_death_but_not_past_a_threshold() -> None:
    bars = (np.array([[0.0, 1.0], [0.0, np.inf]]), np.array([[1.0, 2.0]]))
    assert scales([Barcode(bars, 2, np.inf)])[-1] == pytest.approx(2.1)
    assert scales([Barcode(bars[:1], 2, np.inf)])[-1] == pytest.approx(1.05)
    assert scales([Barcode(bars, 2, 2.05)])[-1] == 2.05
    assert scales([Barcode((NONE,), 2, np.inf)])[-1] == 1.0
    assert len(scales([], 7)) == 7


def test_summaries_do_not_depend_on_the_order_of_points_and_scale_with_them() -> None:
    points = circle(60, seed=3, noise=0.1)
    order = np.random.default_rng(0).permutation(60)
    bars, moved, larger = (barcode(one).dimension(1) for one in (points, points[order], 7 * points))
    for summary in (persistence_entropy, total_persistence):
        assert summary(bars) == pytest.approx(summary(moved), rel=1e-6)
    assert persistence_entropy(larger) == pytest.approx(persistence_entropy(bars), rel=1e-6)
    assert total_persistence(larger, 2) == pytest.approx(49 * total_persistence(bars, 2), rel=1e-6)
    grid = np.linspace(0.0, 2.0, 57)
    assert_array_equal(betti_curve(moved, grid), betti_curve(bars, grid))
    assert_allclose(landscape(larger, 2, 7 * grid), 7 * landscape(bars, 2, grid), atol=1e-5)
