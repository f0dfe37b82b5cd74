# SPDX-License-Identifier: Apache-2.0
"""Diagrams of known shapes, distances of diagrams made by hand, and the interval of a mean over subsets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import t

import workbench as wb
from plugins.homology.distances import median_distance
from plugins.space_comparison.diagrams import RELATIVE, bottleneck, diagrams, wasserstein
from plugins.space_comparison.measures import KINDS, check_cost, measure
from plugins.space_comparison.trials import mean_of, subset

EMPTY = np.empty((0, 2))


def circle(n: int) -> Any:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@st.composite
def a_diagram(draw: st.DrawFn) -> Any:
    number = st.floats(0, 10, allow_subnormal=False)
    bars = draw(st.lists(st.tuples(number, number), max_size=8))
    return np.array([[birth, birth + length] for birth, length in bars if length > 1e-3]).reshape(-1, 2)


def test_diagrams_of_a_twelve_gon() -> None:
    pieces, loops, voids = diagrams(cdist(circle(12), circle(12)), 2, 1.0)
    side = 2 * np.sin(np.pi / 12)
    assert pieces == pytest.approx(np.tile([0, side], (11, 1)), abs=1e-6)
    assert loops == pytest.approx(np.array([[side, np.sqrt(3)]]), abs=1e-6)
    assert voids == pytest.approx(np.tile([np.sqrt(3), 2 * np.sin(5 * np.pi / 12)], (3, 1)), abs=1e-6)


def test_units_of_the_median_distance_take_the_size_away() -> None:
    points = circle(12)
    for size in (0.01, 1.0, 50.0):
        apart = cdist(size * points, size * points)
        (_, loops) = diagrams(apart, 1, median_distance(apart))
        assert loops[0] * median_distance(cdist(points, points)) == pytest.approx(
            [2 * np.sin(np.pi / 12), np.sqrt(3)], abs=1e-6
        )


@pytest.mark.parametrize(
    ("one", "other", "largest", "total"),
    [
        ([[0, 1]], [[0, 1.2]], 0.2, 0.2),
        ([[0, 1]], EMPTY, 0.5, 0.5),
        (EMPTY, EMPTY, 0.0, 0.0),
        ([[0, 1], [2, 6]], [[2.5, 6.25]], 0.5, 1.0),  # 2..6 moves by 0.5, 0..1 to the diagonal
        ([[0, 4]], [[10, 14]], 2.0, 4.0),  # both to the diagonal, which is nearer than each other
        ([[0, 10], [0, 2]], [[0, 9], [0, 3]], 1.0, 2.0),
    ],
)
def test_distances_of_diagrams_made_by_hand(one: Any, other: Any, largest: float, total: float) -> None:
    first, second = (np.asarray(part, dtype=float).reshape(-1, 2) for part in (one, other))
    assert bottleneck(first, second) == pytest.approx(largest, rel=2 * RELATIVE, abs=1e-12)
    assert wasserstein(first, second) == pytest.approx(total, rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(a_diagram(), a_diagram(), st.randoms(use_true_random=False))
def test_what_every_pair_of_diagrams_keeps(one: Any, other: Any, random: Any) -> None:
    order = list(range(len(one)))
    random.shuffle(order)
    for far in KINDS.values():
        value = far(one, other)
        assert far(one, one[order]) == pytest.approx(0, abs=1e-9)
        assert far(other, one) == pytest.approx(value, rel=3 * RELATIVE, abs=1e-9)
        assert far(3 * one, 3 * other) == pytest.approx(3 * value, rel=3 * RELATIVE, abs=1e-9)
    assert wasserstein(one, other) >= bottleneck(one, other) * (1 - 2 * RELATIVE) - 1e-9


def test_interval_covers_the_mean_of_all_although_subsets_overlap() -> None:
    """Means of 40 out of 100 normal numbers: the interval of ten such means must hold 0 in 95 % of samples."""
    random = np.random.default_rng(0)
    n, used, trials, repeats, held, naive = 100, 40, 10, 400, 0, 0
    for _ in range(repeats):
        sample = random.standard_normal(n)
        found = np.array([sample[subset(n, used, random)].mean() for _ in range(trials)])
        mean = mean_of(found, used, n)
        held += mean.low < 0 < mean.high
        reach = t.ppf(0.975, trials - 1) * found.std(ddof=1) / np.sqrt(trials)
        naive += abs(found.mean()) < reach
    assert 0.92 * repeats < held < 0.98 * repeats
    assert naive < 0.7 * repeats  # what the usual standard error would give


def test_no_interval_from_the_whole_sample_or_one_trial() -> None:
    assert np.isnan(mean_of(np.array([1.0, 2.0]), 10, 10).low)
    assert np.isnan(mean_of(np.array([1.0]), 5, 10).high)


def test_a_space_and_its_turned_copy_are_alike_and_a_circle_is_no_disc() -> None:
    random = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    round_ = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    turned = 5 * round_[:, ::-1] + 1
    disc = round_ * np.sqrt(random.random((400, 1)))
    same = measure(cdist(round_, round_), cdist(turned, turned), 4, 100, 60, 1, np.random.default_rng(1))
    assert same.rtd == pytest.approx(0, abs=1e-9)
    assert same.same == pytest.approx(0, abs=1e-9)
    assert (same.unpaired > 1).all()
    differ = measure(cdist(round_, round_), cdist(disc, disc), 4, 100, 60, 1, np.random.default_rng(1))
    assert (differ.rtd > 1).all()
    assert differ.apart[:, 0, 1].mean() > 2 * max(differ.first[:, 0, 1].mean(), differ.second[:, 0, 1].mean())


def test_trials_that_take_too_long_are_refused_before_they_begin() -> None:
    """A circle is the dearest: no point is near to all others, so that every tetrahedron is looked at."""
    apart = cdist(circle(900), circle(900))
    check_cost(apart, apart, 10, 500, 150, 2)
    with pytest.raises(wb.DataError, match=r"diagrams with this 'half' would take too much in 100 trials.*would do"):
        check_cost(apart, apart, 100, 500, 400, 2)
