# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the contract on effects that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.directions.measuring.effects import (
    Chance,
    effects_of,
    linearity,
    matched_step,
    monotonicity,
    recognised,
    selectivity,
    selectivity_interval,
    slopes_of,
    strongest,
)
from plugins.directions.measuring.travel import locality, travel

STEPS = np.arange(-3.0, 4.0)


def linear(slopes: np.ndarray, n: int = 40, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Scores ``[n, 7, j]`` that rise by ``slopes [j]`` each step, from another level for each code."""
    random = np.random.default_rng(seed)
    level = random.standard_normal((n, 1, len(slopes)))
    return level + STEPS[None, :, None] * slopes + noise * random.standard_normal((n, 7, len(slopes)))


@given(slopes=st.lists(st.floats(-5, 5), min_size=1, max_size=4), scale=st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_slopes_of_lines_are_their_slopes_in_units_of_the_spread(slopes: list[float], scale: float) -> None:
    found = slopes_of(linear(np.array(slopes)), STEPS, np.full(len(slopes), scale))
    np.testing.assert_allclose(found, np.tile(np.array(slopes) / scale, (40, 1)), atol=1e-9)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    hits = 0
    for seed in range(400):
        found = effects_of(slopes_of(linear(np.array([0.3]), n=12, noise=1.0, seed=seed), STEPS, np.ones(1)))
        hits += int(found.low[0] <= 0.3 <= found.high[0])
    assert 366 <= hits <= 393  # 95 % of 400, four standard errors


def test_codes_without_the_attribute_are_left_out() -> None:
    scores = linear(np.array([1.0, 2.0]))
    scores[::2, :, 1] = np.nan
    found = effects_of(slopes_of(scores, STEPS, np.ones(2)))
    np.testing.assert_allclose(found.mean, [1, 2])


def test_choosing_the_strongest_does_not_make_it_stronger() -> None:
    """Of many attributes that nothing changes, the strongest on half of the codes is none on the other half."""
    judged = []
    for seed in range(200):
        slopes = np.random.default_rng(seed).standard_normal((40, 20))
        own, sign, rest = strongest(slopes)
        judged.append(sign * effects_of(rest).mean[own])
    assert abs(np.mean(judged)) < 4 * np.std(judged) / np.sqrt(200)
    assert np.mean(np.abs(judged)) < 0.3


def test_selectivity_of_one_attribute_alone_is_one_and_of_equal_ones_their_share() -> None:
    assert selectivity([0.0, -3.0, 0.0], 1) == 1.0
    assert selectivity([1.0, -1.0, 1.0, 1.0], 2) == 0.25
    value, low, high = selectivity_interval(
        np.random.default_rng(0).normal([2, 1, 1], 0.5, (60, 3)), 0, np.random.default_rng(1)
    )
    assert low < value < high
    assert value == pytest.approx(0.5, abs=0.05)
    assert high - low < 0.1


def test_random_directions_have_large_p_values_and_a_planted_one_a_small_one() -> None:
    """In 100 axes: the effect of a random unit direction is a coordinate of it, times that of the best."""
    random = np.random.default_rng(0)
    units = random.standard_normal((40, 100))
    chance = Chance(5.0 * units[:, :1] / np.linalg.norm(units, axis=1, keepdims=True))
    others = random.standard_normal((4_000, 100))
    p = np.array([chance.p(5.0 * one, 0) for one in others[:, 0] / np.linalg.norm(others, axis=1)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.035)  # the scale is known from 40 alone
    assert chance.p(5.0, 0) < 1e-8
    assert np.isnan(Chance(np.zeros((10, 1))).p(1.0, 0))


def test_monotonicity_and_linearity() -> None:
    scores = linear(np.array([1.0]))[:, :, 0]
    assert monotonicity(scores, STEPS, 1.0) == pytest.approx((1, 1, 1))
    assert monotonicity(scores, STEPS, -1.0)[0] == pytest.approx(-1)
    assert linearity(scores, STEPS) == pytest.approx(1)
    assert monotonicity(np.exp(scores), STEPS, 1.0)[0] == pytest.approx(1)
    assert linearity(np.exp(scores), STEPS) < 0.9
    there_and_back = np.abs(STEPS)[None] + np.zeros((10, 1))
    assert monotonicity(there_and_back, STEPS, 1.0)[0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(linearity(np.ones((10, 7)), STEPS))


@pytest.mark.parametrize(
    ("curve", "step", "reached"),
    [
        (STEPS * 0.5, 2.0, True),
        (-STEPS * 0.5, -2.0, True),
        (STEPS * 0.1, 3.0, False),
        (np.zeros(7), 3.0, False),
        (np.abs(STEPS), 1.0, True),
    ],
)
def test_the_step_of_equal_effect(curve: np.ndarray, step: float, reached: bool) -> None:
    found = matched_step(curve, STEPS, 1.0)
    assert found == (pytest.approx(step), reached)


def test_directions_are_told_apart_by_what_they_change_and_not_by_noise() -> None:
    random = np.random.default_rng(0)
    labels, codes = np.repeat(np.arange(3), 60), np.tile(np.arange(60), 3)
    changes = np.eye(8)[labels] + 0.3 * random.standard_normal((180, 8))
    accuracy, low, high, each = recognised(changes, labels, codes, 0)
    assert low < accuracy < high or accuracy == 1
    assert accuracy > 0.9
    assert each.min() > 0.8
    noise, low, high, _ = recognised(random.standard_normal((180, 8)), labels, codes, 0)
    assert low < 1 / 3 < high
    assert noise < 0.5


def test_travel_reads_what_it_decodes_and_turns_round() -> None:
    from plugins.directions.measuring.readers import Reader

    reader = Reader("sum", "Sum", "", "test", lambda pixels: pixels.sum(axis=(1, 2, 3)).astype(float))
    codes = np.random.default_rng(0).random((10, 4))

    def decode(z: np.ndarray) -> np.ndarray:
        return (z * (1, 0, 0, 0)).reshape(-1, 1, 2, 2).astype(np.float32)

    def flat(pixels: np.ndarray) -> np.ndarray:
        return pixels.reshape(len(pixels), -1)

    there = travel(decode, codes, np.array([2.0, 0, 0, 1.0]), STEPS, [reader], few=3, features=flat)
    np.testing.assert_allclose(there.scores[:, :, 0], codes[:, :1] + 2 * STEPS, rtol=1e-5)
    assert there.pictures.shape == (3, 7, 1, 2, 2)
    np.testing.assert_allclose(there.changes[0], [[4, 0], [0, 0]], rtol=1e-5)
    back = travel(decode, codes, np.array([-2.0, 0, 0, -1.0]), STEPS, [reader], few=3, features=flat)
    np.testing.assert_allclose(there.turned().scores, back.scores, rtol=1e-6)
    np.testing.assert_allclose(there.turned().moved, back.moved, rtol=1e-6)
    np.testing.assert_allclose(there.turned().pictures, back.pictures)


def test_locality_of_all_some_and_no_pixels() -> None:
    assert locality(np.ones((8, 8))) == 0
    assert locality(np.pad(np.ones((2, 2)), 9)) == pytest.approx(1 - 2 * 2 / 400)
    assert np.isnan(locality(np.zeros((3, 3))))


def test_a_step_of_zero_is_never_taken_for_one_however_long_the_steps_are() -> None:
    steps = np.array([-5.0, 0.0, 5.0])
    found = travel(
        lambda codes: codes.astype(np.float32)[:, None, None, :], np.zeros((3, 2)), np.array([0.1, 0.0]), steps, [],
        features=lambda pixels: pixels.reshape(len(pixels), -1),
    )  # fmt: skip
    assert found.moved[0][:, 0] == pytest.approx(0.5)
    assert found.changes[0].sum() == pytest.approx(0.25)


def test_where_no_direction_changes_anything_none_is_told_from_another() -> None:
    accuracy, low, high, each = recognised(np.zeros((40, 6)), np.arange(40) % 2, np.arange(40) // 2, 0)
    assert np.isnan([accuracy, low, high, *each]).all()
