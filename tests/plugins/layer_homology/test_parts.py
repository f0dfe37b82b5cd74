# SPDX-License-Identifier: Apache-2.0
"""The arithmetic by hand: agreement of angles, where classes join, numbers of edges, loops that stand out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.homology.distances import pairwise
from plugins.homology.engines import rips
from plugins.layer_homology.classes import join_ratio, joined_at
from plugins.layer_homology.follow import AGREES, agreement
from plugins.layer_homology.loops import angles_of_longest, standing
from plugins.layer_homology.tables import hops, plane_of, table_of


def turns(n: int = 120, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random(n)


@settings(max_examples=25, deadline=None)
@given(start=st.floats(0, 1), mirrored=st.booleans(), seed=st.integers(0, 1000))
def test_start_and_direction_do_not_matter(start: float, mirrored: bool, seed: int) -> None:
    one = turns(seed=seed)
    found = agreement(one, (start + (-one if mirrored else one)) % 1)
    assert found.value == pytest.approx(1)
    assert found.times == 1
    assert found.n == 120


@pytest.mark.parametrize("seed", range(10))
def test_angles_of_other_samples_do_not_agree(seed: int) -> None:
    assert agreement(turns(seed=seed), turns(seed=seed + 100)).value < 0.3


def test_equal_angles_of_most_samples_agree_by_chance_alone() -> None:
    """Two angles that are nearly the same for all samples correlate at 0.99 and say nothing."""
    random = np.random.default_rng(0)
    one, two = 0.02 * random.standard_normal((2, 200)) % 1
    found = agreement(one, two)
    assert found.correlation > 0.97
    assert found.control > 0.97
    assert found.value < AGREES


@pytest.mark.parametrize("times", [2, 3])
def test_windings_are_counted(times: int) -> None:
    one = turns()
    found = agreement(one, times * one % 1)
    assert (found.times, found.value) == (times, pytest.approx(1))
    assert agreement(one, 4 * one % 1).value < AGREES


def test_samples_without_an_angle_are_left_out_and_too_few_say_nothing() -> None:
    one = turns()
    half = np.where(np.arange(120) < 60, one, np.nan)
    assert agreement(one, half).value == pytest.approx(1)
    assert agreement(one, half).n == 60
    other = np.where(np.arange(120) >= 50, one, np.nan)
    assert agreement(half, other).n == 0  # ten of sixty in common
    assert agreement(np.full(120, np.nan), one).value == 0


def test_join_of_two_lines_by_hand() -> None:
    """Steps of 1 within each, 10 between; four points each, so that two are more than a quarter, three than half."""
    line = np.array([0.0, 1, 2, 3, 13, 14, 15, 16])
    table = np.abs(line[:, None] - line)
    codes = np.repeat([0, 1], 4)
    assert joined_at(table, codes, 0.25) == 10
    assert joined_at(table[:4, :4], np.zeros(4), 0.5) == 1
    assert join_ratio(table, codes) == 10
    assert join_ratio(5 * table, codes) == 10
    assert join_ratio(table, np.arange(8) % 2) < 1


def test_classes_that_are_never_joined_and_heaps_of_equal_points() -> None:
    table = np.where(np.eye(2, dtype=bool).repeat(3, 0).repeat(3, 1), 1.0, np.inf)
    np.fill_diagonal(table, 0)
    assert join_ratio(table, np.repeat([0, 1], 3)) == np.inf
    heaps = np.where(np.isinf(table), 2.0, 0.0)
    assert join_ratio(heaps, np.repeat([0, 1], 3)) == np.inf
    assert join_ratio(heaps * 0, np.repeat([0, 1], 3)) == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_ratio_does_not_depend_on_order_or_names(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = pairwise(random.standard_normal((30, 3)))
    codes = np.repeat([0, 1], 15)
    order = random.permutation(30)
    assert join_ratio(table, codes) == join_ratio(table[np.ix_(order, order)], codes[order])
    assert join_ratio(table, codes) == join_ratio(table, 1 - codes)


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_halves_of_two_heaps_are_not_apart(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((80, 3)) + 20 * np.repeat([[0], [1]], 40, axis=0)
    table = pairwise(points)
    assert join_ratio(table, np.repeat([0, 1], 40)) > 5
    assert join_ratio(table, random.permutation(np.repeat([0, 1], 40))) < 1


def test_edges_are_counted_around_a_ring() -> None:
    turn = 2 * np.pi * np.arange(12) / 12
    ring = pairwise(np.c_[np.cos(turn), np.sin(turn)])
    found = hops(ring, 2)
    assert found[0].tolist() == [0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]
    assert rips(found, 1).dimension(1).tolist() == [[1, 4]]
    apart = np.where(np.arange(6)[:, None] // 3 == np.arange(6) // 3, 1.0, 50.0) - np.eye(6)
    assert np.isinf(hops(apart, 2)[0, 3:]).all()
    assert table_of(np.c_[np.cos(turn), np.sin(turn)].astype(np.float32), "hops", 2).tolist() == found.tolist()


def test_plane_keeps_the_distances_of_flat_points() -> None:
    points = np.random.default_rng(0).standard_normal((40, 2))
    found, kept = plane_of(pairwise(points))
    assert kept == pytest.approx(1)
    np.testing.assert_allclose(pairwise(found), pairwise(points), atol=1e-6)


def test_tiny_loops_along_a_line_do_not_stand_out_and_a_circle_does() -> None:
    random = np.random.default_rng(0)
    for seed in range(5):
        random = np.random.default_rng(seed)
        line = np.c_[np.linspace(0, 3, 100), 0.02 * random.standard_normal((100, 5))]
        assert standing(rips(pairwise(line), 1), 1) == 0
        turn = random.uniform(0, 2 * np.pi, 100)
        table = pairwise(np.c_[np.cos(turn), np.sin(turn)] + 0.02 * random.standard_normal((100, 2)))
        barcode = rips(table, 1)
        assert standing(barcode, 1) == 1
        (angles,) = angles_of_longest(table, barcode, 1)
        assert agreement(turn / (2 * np.pi), angles).value > 0.9
