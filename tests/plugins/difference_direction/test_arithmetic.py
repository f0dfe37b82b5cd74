# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a difference of means: exact cases, invariances, and intervals that hold as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, ortho_group

import workbench as wb
from plugins.difference_direction import products, resampling
from plugins.difference_direction.difference import difference_of_means
from plugins.difference_direction.resampling import Sides
from plugins.difference_direction.separation import area_under_curve, interval_of_area, share, standardised_difference
from plugins.difference_direction.shell import Shell, shell_of

clouds = arrays(np.float64, (7, 3), elements=st.floats(-100, 100, width=32))


@settings(deadline=None, max_examples=50)
@given(clouds, clouds, arrays(np.float64, 3, elements=st.floats(-1000, 1000, width=32)), st.integers(0, 99))
def test_moved_and_turned_points_give_the_same_direction_moved_and_turned(a: Any, b: Any, by: Any, seed: int) -> None:
    if np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) < 1e-3:
        return
    turn = ortho_group.rvs(3, random_state=seed)
    one, moved, turned = (difference_of_means(*both) for both in ((a, b), (a + by, b + by), (a @ turn, b @ turn)))
    assert moved.vector == pytest.approx(one.vector, abs=1e-9)
    assert turned.vector == pytest.approx(one.vector @ turn, abs=1e-9)
    assert moved.position(a + by) == pytest.approx(one.position(a), abs=1e-6)
    assert turned.position(a @ turn) == pytest.approx(one.position(a), abs=1e-6)
    assert np.linalg.norm(one.unit) == pytest.approx(1)


@settings(deadline=None, max_examples=25)
@given(clouds, clouds, st.integers(0, 99))
def test_measures_do_not_see_where_the_points_are_and_how_they_are_turned(a: Any, b: Any, seed: int) -> None:
    values = np.concatenate([a, b])
    if np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) < 1e-2:
        return
    turned = values @ ortho_group.rvs(3, random_state=seed) + 50
    found = []
    for one in (values, turned):
        sides, rng = Sides(one, 7), np.random.default_rng(seed)
        halves = np.zeros((1, 7), dtype=bool)
        halves[0, :3] = True
        weights = np.concatenate([halves / 3 - ~halves / 4, halves * 0.0], axis=1)
        length = resampling.length_against_chance(sides, 1.0, (0.0, 0.0), rng)
        found.append((products.squared_lengths(one, weights)[0], length.permuted, products.total_variance(one)))
    for first, second in zip(*found, strict=True):
        assert second == pytest.approx(first, rel=1e-6, abs=1e-6)


def test_swapping_the_groups_turns_the_direction_round() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 20, 5)).astype(np.float32)
    there, back = difference_of_means(a, b), difference_of_means(b, a)
    assert (back.vector == -there.vector).all()
    assert back.length == there.length
    assert there.position(np.stack([there.away, there.middle, there.toward])) == pytest.approx([-0.5, 0, 0.5])


def test_equal_means_have_no_direction() -> None:
    with pytest.raises(wb.DataError, match="the same mean"):
        difference_of_means(np.ones((5, 2)), np.ones((6, 2)))


def test_threshold_of_a_normal_coordinate() -> None:
    """For z of N(0, I) and the groups n.z > 0 and n.z < 0 the difference of the means is 2 sqrt(2 / pi) n."""
    random = np.random.default_rng(0)
    z, n = random.standard_normal((50_000, 32)), np.eye(32)[3]
    one = difference_of_means(z[z @ n > 0], z[z @ n < 0])
    assert one.unit @ n > 0.999
    assert one.vector @ n == pytest.approx(2 * np.sqrt(2 / np.pi), abs=0.02)


# -- sums in parts


def test_parts_of_columns_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    values = (random.standard_normal((9, 11)) + 1e4).astype(np.float32)
    weights = random.standard_normal((3, 9))
    weights -= weights.mean(axis=1, keepdims=True)
    monkeypatch.setattr(products, "COLUMNS", 4)
    exact = np.square(weights @ values.astype(np.float64)).sum(axis=1)
    assert products.squared_lengths(values, weights) == pytest.approx(exact)
    direction = random.standard_normal(11)
    deviations = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    assert products.projected(values, direction) == pytest.approx(deviations @ direction)
    assert products.total_variance(values) == pytest.approx(values.astype(np.float64).var(axis=0, ddof=1).sum())


@pytest.mark.parametrize("sparse", [0.0, 1.0])
def test_cosine_with_the_others_is_that_of_the_means_themselves(monkeypatch: pytest.MonkeyPatch, sparse: float) -> None:
    monkeypatch.setattr(products, "SPARSE", sparse)
    monkeypatch.setattr(products, "COLUMNS", 2)
    random = np.random.default_rng(0)
    values = random.standard_normal((16, 5)) + 3
    a, b = resampling.chosen(9, 4, 6, random), resampling.chosen(7, 3, 6, random)
    found = products.cosines_with_rest(values, 9, a, b)
    for trial in range(6):
        one = values[:9][a[trial]].mean(axis=0) - values[9:][b[trial]].mean(axis=0)
        two = values[:9][~a[trial]].mean(axis=0) - values[9:][~b[trial]].mean(axis=0)
        assert found[trial] == pytest.approx(one @ two / np.linalg.norm(one) / np.linalg.norm(two))


def test_direction_of_length_zero_has_no_cosine() -> None:
    half = np.array([[True, False]])
    assert np.isnan(products.cosines_with_rest(np.ones((4, 3)), 2, half, half)).all()


@pytest.mark.parametrize(("spreads", "expected"), [(np.ones(20), 20), (np.array([1.0, 1, 1, 0, 0]), 3)])
def test_effective_dimension_counts_axes_of_equal_spread(spreads: Any, expected: int) -> None:
    values = np.random.default_rng(0).standard_normal((500, len(spreads))) * spreads
    assert products.effective_dimension(values) == pytest.approx(expected, rel=0.1)


def test_points_that_are_all_equal_fill_one_axis() -> None:
    assert products.effective_dimension(np.ones((5, 3))) == 1


# -- separation


def test_area_is_the_share_of_pairs_in_order() -> None:
    random = np.random.default_rng(0)
    a, b = random.integers(0, 6, 30).astype(float), random.integers(0, 5, 20).astype(float)
    pairs = (a[:, None] > b).mean() + (a[:, None] == b).mean() / 2
    assert area_under_curve(a, b) == pytest.approx(pairs)
    assert area_under_curve(b, a) == pytest.approx(1 - pairs)
    assert area_under_curve(np.stack([a, -a], axis=1), np.stack([b, -b], axis=1)) == pytest.approx([pairs, 1 - pairs])


def test_interval_of_the_area_ends_where_the_area_is_196_deviations_away() -> None:
    """At both ends (area - t)^2 = 1.96^2 V(t); exchanged groups give the mirrored interval; 0 and 1 are not passed."""
    n, m = 20, 35
    weight = (n + m) / 2 - 1
    for area in (0.0, 0.3, 0.5, 0.97, 1.0):
        one, other = interval_of_area(area, n, m), interval_of_area(1 - area, m, n)
        assert 0 <= one.low <= area <= one.high <= 1
        assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-6)
        for t in (one.low, one.high):
            variance = t * (1 - t) * (1 + weight * ((1 - t) / (2 - t) + t / (1 + t))) / (n * m)
            assert abs(area - t) == pytest.approx(norm.ppf(0.975) * np.sqrt(variance), abs=1e-6)
    assert interval_of_area(1.0, n, m).low < 0.95 < interval_of_area(1.0, 200, 200).low


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.5])
def test_interval_of_the_area_holds_the_truth(shift: float) -> None:
    """For two normal groups the area is Phi(shift / sqrt 2); 400 samples of 25 and 40, about 95 % of them."""
    random = np.random.default_rng(1)
    truth, held = norm.cdf(shift / np.sqrt(2)), 0
    for _ in range(400):
        a, b = random.standard_normal(25) + shift, random.standard_normal(40)
        one = interval_of_area(float(area_under_curve(a, b)), 25, 40)
        held += one.low <= truth <= one.high
    assert 366 <= held <= 398


def test_standardised_difference_of_normal_groups() -> None:
    random = np.random.default_rng(0)
    one = standardised_difference(random.standard_normal(4000) * 2 + 3, random.standard_normal(3000) * 2, random)
    assert one.value == pytest.approx(1.5, abs=0.08)
    assert one.low < 1.5 < one.high
    assert one.high - one.low == pytest.approx(2 * 1.96 * np.sqrt(7 / 12_000 + 1.5**2 / 14_000), rel=0.15)


def test_groups_without_spread_have_no_standardised_difference() -> None:
    one = standardised_difference(np.full(6, 0.1), np.full(6, 0.7), np.random.default_rng(0))
    assert np.isnan([one.value, one.low, one.high]).all()


def test_share_never_leaves_the_unit_interval() -> None:
    assert (share(0, 7).low, share(7, 7).high) == (0, 1)
    assert share(5, 10).low == pytest.approx(0.2366, abs=1e-4)


# -- chance


def test_no_difference_gives_p_values_of_every_size() -> None:
    """Under no difference the p value of the permutations is uniform: its mean over 60 samples is near 1/2."""
    random = np.random.default_rng(0)
    found, covered = [], 0
    for _ in range(60):
        values = random.standard_normal((40, 10))
        length = float(np.linalg.norm(values[:18].mean(axis=0) - values[18:].mean(axis=0)))
        variances = products.total_variance(values[:18]), products.total_variance(values[18:])
        one = resampling.length_against_chance(Sides(values, 18), length, variances, random)
        found.append(one.p)
        covered += one.low == 0
    assert 0.4 < np.mean(found) < 0.6
    assert np.mean(np.array(found) <= 0.1) < 0.25
    assert covered >= 50  # the interval of the true distance holds 0


def test_true_distance_is_found_where_noise_is_longer_than_it() -> None:
    """Distance 1 in 200 axes with 60 a side: the length of the difference is about sqrt(1 + 400 / 60) = 2.8."""
    random = np.random.default_rng(0)
    found, held = [], 0
    for _ in range(40):
        values = random.standard_normal((120, 200))
        values[:60, 0] += 1
        length = float(np.linalg.norm(values[:60].mean(axis=0) - values[60:].mean(axis=0)))
        variances = products.total_variance(values[:60]), products.total_variance(values[60:])
        one = resampling.length_against_chance(Sides(values, 60), length, variances, random)
        assert length > 2
        found.append(one.unbiased**2)
        held += one.low <= 1 <= one.high
    assert np.mean(found) == pytest.approx(1, abs=0.2)
    assert held >= 34


def test_without_a_difference_held_out_points_are_not_separated() -> None:
    """Over 80 samples the area is 1/2 on average, its interval holds 1/2, and no random direction is beaten by more."""
    random = np.random.default_rng(0)
    found, held, p = [], 0, []
    for _ in range(80):
        one = resampling.held_out(Sides(random.standard_normal((80, 20)), 40), random)
        assert len(one.toward) == len(one.away) == 20
        interval = interval_of_area(one.area, 20, 20)
        held += interval.low <= 0.5 <= interval.high
        found.append(one.area)
        p.append(one.p_random)
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)
    assert held >= 71
    assert 0.4 < np.mean(p) < 0.6


def test_held_out_positions_are_those_of_the_means() -> None:
    """With points that are all at their mean, held-out points lie at exactly -1/2 and 1/2."""
    values = np.repeat([[3.0, 4.0, 100.0], [0.0, 0.0, 100.0]], 10, axis=0)
    one = resampling.held_out(Sides(values, 10), np.random.default_rng(0))
    assert one.toward == pytest.approx(0.5)
    assert one.away == pytest.approx(-0.5)
    assert one.area == 1


def test_choices_are_of_the_size_asked_for_and_all_alike_likely() -> None:
    picked = resampling.chosen(6, 2, 3000, np.random.default_rng(0))
    assert (picked.sum(axis=1) == 2).all()
    assert picked.mean(axis=0) == pytest.approx(1 / 3, abs=0.03)


def test_agreement_of_halves_and_what_it_says_of_the_whole() -> None:
    """Halves of k a side in d axes agree with D^2 / (D^2 + 2d / k); the whole with D / sqrt(D^2 + d / k)."""
    random = np.random.default_rng(0)
    values = random.standard_normal((400, 100))
    values[:200, 0] += 3
    cosine = resampling.agreement(Sides(values, 200), random)
    assert np.median(cosine) == pytest.approx(9 / (9 + 2), abs=0.03)
    assert np.median(resampling.settled(cosine)) == pytest.approx(3 / np.sqrt(9 + 1), abs=0.015)


def test_agreement_without_a_difference_is_one_over_the_root_of_the_axes() -> None:
    random = np.random.default_rng(0)
    found = [
        resampling.agreement(Sides(random.standard_normal((40, 100)), 20), random)[0] for _ in range(150)
    ]  # one split each: splits of one sample are not independent
    assert np.mean(found) == pytest.approx(0, abs=0.03)
    assert np.std(found) == pytest.approx(0.1, rel=0.2)


def test_few_examples_point_elsewhere() -> None:
    """Distance 3 in 100 axes: 1, 3, 10, 50 examples a side give cosines of .208, .345, .557, .832."""
    random = np.random.default_rng(0)
    values = random.standard_normal((8_000, 100)).astype(np.float32)
    values[:4000, 7] += 3
    sides = Sides(values, 4000)
    found = [resampling.with_few_examples(sides, count, random).mean() for count in (1, 3, 10, 50)]
    assert found == pytest.approx([0.208, 0.345, 0.557, 0.832], abs=0.03)
    assert resampling.expected_cosine(np.array([1, 3, 10, 50]), 3, 200) == pytest.approx(found, abs=0.03)


def test_number_of_examples_gives_the_cosine_it_is_for() -> None:
    count = resampling.examples_for(0.9, 1.3, 40)
    assert resampling.expected_cosine(np.array([count]), 1.3, 40) == pytest.approx([0.9])
    assert np.isnan(resampling.examples_for(0.9, 0, 40))


# -- the shell of a prior


def test_draws_lie_in_the_shell() -> None:
    space = wb.vectors(100, prior=wb.normal(2.0, 3.0))
    shell = shell_of(space)
    assert shell is not None
    draws = np.random.default_rng(0).standard_normal((4000, 100)) * 3 + 2
    steps, vector = np.array([-1.0, 0.0, 2.0]), np.full(100, 0.4)
    moved = shell.moved(draws, vector, steps)
    for column, step in zip(moved.T, steps, strict=True):
        assert column == pytest.approx(np.linalg.norm((draws + step * vector - 2) / 3, axis=1))
    assert (moved[:, 1] > shell.outer).mean() == pytest.approx(0.01, abs=0.006)
    assert shell.share_below(np.array([0.0, 10.0, 30.0])) == pytest.approx([0, 0.5, 1], abs=0.03)


@pytest.mark.parametrize("space", [wb.vectors(3), wb.vectors(3, prior=wb.uniform()), wb.images(1, 2, 2)])
def test_other_spaces_have_no_shell(space: Any) -> None:
    assert shell_of(space) is None


def test_shell_of_one_axis_is_the_normal_distribution() -> None:
    assert Shell(1, np.zeros(1), np.ones(1)).outer == pytest.approx(norm.ppf(0.995))
