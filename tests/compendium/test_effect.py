# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a trial: Student's interval, the sign-flip test, and what is called an effect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workbench.compendium.effect import effect_of, sign_flip

numbers = st.lists(st.integers(-1000, 1000).map(lambda one: one / 8), min_size=2, max_size=9)


@settings(max_examples=60, deadline=None)
@given(numbers)
def test_the_interval_is_that_of_a_paired_t_test(differences: list[float]) -> None:
    before = np.arange(len(differences), dtype=float)
    found = effect_of(before, before + differences, better="higher")
    if np.ptp(differences) > 0:
        expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
        assert found.low == pytest.approx(expected.low) and found.high == pytest.approx(expected.high)
    assert found.value == pytest.approx(np.mean(differences)) and found.n == len(differences)


@settings(max_examples=40, deadline=None)
@given(numbers)
def test_the_sign_flip_test_is_scipys(differences: list[float]) -> None:
    expected = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", alternative="two-sided", n_resamples=np.inf
    )  # of one sample it flips signs; two-sided is twice the smaller side there
    both = sign_flip(differences)
    assert both == sign_flip([-one for one in differences]) and both <= expected.pvalue + 1e-9
    assert both >= 2 / 2 ** len(differences) or all(one == 0 for one in differences)


def test_the_random_sign_flips_agree_with_theory() -> None:
    assert sign_flip([1.0] * 20) < 1e-3
    normal = np.random.default_rng(3).normal(size=40)
    assert sign_flip(normal) == pytest.approx(stats.ttest_1samp(normal, 0).pvalue, abs=0.03)


@pytest.mark.parametrize(
    ("differences", "better", "least", "verdict"),
    [
        ([2.0, 2.1, 1.9], "higher", 1.0, "helped"),
        ([2.0, 2.1, 1.9], "lower", 1.0, "harmed"),
        ([-2.0, -2.1, -1.9], "lower", 1.0, "helped"),
        ([0.1, -0.1, 0.0], "higher", 1.0, "no effect"),
        ([0.5, 0.6, 0.4], "higher", 1.0, "no effect"),  # an effect, and too small to count
        ([1.0, 1.1, 0.9], "higher", 1.0, "undecided"),
        ([5.0, -5.0, 4.0], "higher", 1.0, "undecided"),
        ([0.1, -0.1, 0.0], "higher", 0.0, "undecided"),
        ([0.0, 0.0, 0.0], "higher", 0.0, "no effect"),
        ([2.0, 2.0, 2.0], "higher", 0.0, "helped"),
        ([2.0], "higher", 0.0, "undecided"),
    ],
)
def test_verdicts(differences: list[float], better: Any, least: float, verdict: str) -> None:
    found = effect_of(np.zeros(len(differences)), differences, better=better, least=least)
    assert found.verdict == verdict


def test_what_an_interval_does_not_warrant_is_said() -> None:
    assert "does not depend on the seed" in effect_of([1, 1], [2, 2], better="higher").said[0]
    assert "differences are equal" in effect_of([1, 2], [2, 3], better="higher").said[0]
    assert "p = 0.25" in effect_of([1, 2, 3], [2, 3.5, 3], better="higher").said[0]
    assert "single pair" in effect_of([1], [2], better="higher").said[0]
    for wrong in (([], []), ([1], [1, 2]), ([math.nan], [1.0]), ([math.inf], [1.0])):
        with pytest.raises(ValueError, match="an effect needs"):
            effect_of(*wrong, better="higher")
