# SPDX-License-Identifier: Apache-2.0
"""The scale at which classes join, against single linkage; whether a class has a loop by itself, on regular rings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.class_homology.around import changes, goes_around, loops_of
from plugins.class_homology.findings import is_joined
from plugins.class_homology.joining import joining_scale, scale_of_most
from plugins.homology.distances import pairwise
from plugins.homology.engines import rips
from plugins.homology.representatives import cochain


@given(st.integers(0, 10_000), st.integers(4, 24), st.sampled_from([0.3, 0.5, 0.9, 1.0]))
@settings(max_examples=60, deadline=None)
def test_the_scale_is_that_of_single_linkage(seed: int, n: int, share: float) -> None:
    from scipy.cluster.hierarchy import fcluster, linkage

    random = np.random.default_rng(seed)
    points = random.standard_normal((n, 3))
    labels = np.r_[0, 1, random.integers(0, 2, n - 2)]
    found = joining_scale(pairwise(points), labels, share)
    tree = linkage(points)
    counts = np.bincount(labels)
    for scale in [0.0, *tree[:, 2].tolist()]:
        pieces = fcluster(tree, scale * (1 + 1e-9), criterion="distance")
        held = [
            all((labels[pieces == one] == label).sum() >= np.ceil(share * counts[label] - 1e-9) for label in (0, 1))
            for one in np.unique(pieces)
        ]
        if any(held):
            assert found == pytest.approx(scale)
            return
    raise AssertionError("they never joined")


def test_pieces_that_are_infinitely_far_apart_never_join() -> None:
    apart = np.array([[0, 1, np.inf, np.inf], [1, 0, np.inf, np.inf], [np.inf, np.inf, 0, 2], [np.inf, np.inf, 2, 0]])
    assert joining_scale(apart, np.array([0, 0, 1, 1])) == np.inf
    assert scale_of_most(apart) == 1.0
    assert scale_of_most(apart, 1.0) == np.inf


def ring(n: int) -> np.ndarray:
    turn = 2 * np.pi * np.arange(n) / n
    return pairwise(np.c_[np.cos(turn), np.sin(turn)])


@pytest.mark.parametrize(
    ("first", "joins", "alone"),
    [
        (12, True, (False, False)),  # half and half
        (6, True, (False, False)),  # the gap of the larger is as wide as three quarters of a turn leave
        (22, False, (True, False)),  # its gap of three steps is closed by a chord below the middle of the bar
    ],
)
def test_a_regular_ring_cut_in_two(first: int, joins: bool, alone: tuple[bool, bool]) -> None:
    distances = ring(24)
    labels = (np.arange(24) >= first).astype(np.int64)
    (loop,) = loops_of(distances, labels, rips(distances, 1), 3, float(distances.max()))
    assert loop.birth == pytest.approx(2 * np.sin(np.pi / 24), rel=1e-6)
    assert loop.changes == 2
    assert loop.alone == alone
    assert loop.joins is joins
    assert sorted(loop.cycle.positions.tolist()) == list(range(24))


def test_every_second_point_of_a_ring_has_the_loop_by_itself() -> None:
    distances = ring(24)
    labels = np.arange(24) % 2
    (loop,) = loops_of(distances, labels, rips(distances, 1), 1, float(distances.max()))
    assert loop.alone == (True, True)
    assert not loop.joins


def test_only_paths_that_go_around_are_seen() -> None:
    distances = ring(8)
    table = cochain([[7, 0, 1]], 8, 47)
    step = 2 * np.sin(np.pi / 8) + 1e-9
    assert goes_around(distances, table, range(8), step)
    assert not goes_around(distances, table, range(7), step)  # open
    assert not goes_around(distances, table, [0, 7], step)  # back and forth


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.integers(0, 39))
def test_changes_are_even_and_begin_anywhere(labels: list[int], turn: int) -> None:
    found = changes(labels)
    assert found % 2 == 0
    assert found == changes(np.roll(labels, turn)) == changes([1 - one for one in labels])
    if len(set(labels)) == 1:
        assert found == 0


@pytest.mark.parametrize(
    ("share", "low", "p", "radii", "controls", "high", "expected"),
    [
        (1.0, 0.84, 1.0, 4.0, 0.0, 0.16, True),  # by draws
        (0.4, 0.22, 0.01, 4.0, 0.1, 0.30, True),  # by the universal null
        (1.0, 0.84, float("nan"), float("nan"), 0.0, 0.16, True),  # neither p nor radii are defined along a graph
        (1.0, 0.84, 0.01, 4.0, 1.0, 1.00, False),  # a control shows it as often
        (0.0, 0.00, 0.01, 4.0, 0.0, 0.16, False),  # p alone, in no draw
        (0.4, 0.22, 0.20, 4.0, 0.0, 0.16, False),
        (1.0, 0.84, 0.01, 0.9, 0.0, 0.16, False),  # below what the sample resolves
    ],
)
def test_when_a_pair_counts_as_joined(
    share: float, low: float, p: float, radii: float, controls: float, high: float, expected: bool
) -> None:
    assert is_joined(share, low, p, radii, controls, high) is expected
