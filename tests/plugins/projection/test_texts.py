# SPDX-License-Identifier: Apache-2.0
"""A text among points, against what geometry says it must be."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.projection.texts import ORDINARY, nearest_captions, place, tightness

AWAY = np.array([[0.0, 0.0, 1.0]])  # at right angles to all points: a cosine of 0


def _ring(count: int = 60) -> np.ndarray:
    """Points on a circle in the first two of three dimensions, in order."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles), np.zeros(count)], axis=1)


def test_a_text_at_a_point_stands_where_that_point_does() -> None:
    points = _ring()
    found = place(points[7] * 5, points, points[:, :2], AWAY, k=3)
    assert found.nearest.tolist()[0] == 7 and set(found.nearest.tolist()) == {6, 7, 8}
    assert found.cosines[0] == pytest.approx(1.0)
    assert np.linalg.norm(found.place - points[7, :2]) < 0.01
    assert not found.refused and not found.apart and found.n == 60


def test_a_text_of_another_cloud_is_told_apart() -> None:
    points = _ring()
    found = place(np.array([1.0, 0.0, 2.0]), points, points[:, :2], AWAY)
    assert found.nearest[0] == 0 and found.cosines[0] == pytest.approx(1 / np.sqrt(5))
    assert found.apart and not found.refused


def test_a_text_no_nearer_than_ordinary_sentences_has_no_place() -> None:
    points = _ring()
    ordinary = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [1.0, 1.0, 0.5]])
    assert place(np.array([1.0, 0.0, 2.0]), points, points[:, :2], ordinary).refused


def test_the_scale_of_vectors_and_the_unit_of_the_map_change_nothing_but_the_place() -> None:
    rng = np.random.default_rng(0)
    points, text, plane = rng.normal(size=(50, 5)), rng.normal(size=5), rng.normal(size=(50, 2))
    one = place(text, points, plane, points[:3])
    other = place(text * 7, points * rng.uniform(1, 9, (50, 1)), plane * 3 + 1, points[:3])
    assert one.nearest.tolist() == other.nearest.tolist()
    assert np.allclose(other.place, one.place * 3 + 1)
    assert other.scatter == pytest.approx(one.scatter) and other.missed == pytest.approx(one.missed)


def test_points_without_a_direction_or_a_place_are_never_neighbours() -> None:
    points, plane = _ring(), _ring()[:, :2].copy()
    points[0], points[1] = 0, np.nan
    plane[2] = np.nan
    found = place(np.array([1.0, 0.0, 0.0]), points, plane, AWAY, k=3)
    assert not {0, 1, 2} & set(found.nearest.tolist()) and found.n == 57
    with pytest.raises(ValueError, match="lands at 0"):
        place(np.zeros(3), points, plane, AWAY)
    with pytest.raises(ValueError, match="two points"):
        place(np.ones(3), np.zeros((9, 3)), np.zeros((9, 2)), AWAY)


def test_a_selection_of_one_point_many_times_is_tight_and_a_random_one_is_not() -> None:
    points = np.random.default_rng(1).normal(size=(400, 20))
    points[:30] = points[0] + 0.1 * points[:30]
    close = tightness(points, np.arange(30))
    loose = tightness(points, np.arange(100, 130))
    assert close.value > 0.9 > close.high and close.n == 30
    assert loose.low - 0.05 < loose.value < loose.high + 0.05
    assert loose.low <= loose.high < 0.5
    assert tightness(np.ones((5, 3)), np.arange(3)).value == pytest.approx(1.0)


def test_a_gap_between_pictures_and_captions_does_not_choose_the_captions() -> None:
    rng = np.random.default_rng(2)
    meaning = np.eye(6)[np.repeat(np.arange(6), 20)]
    pictures = meaning + 0.01 * rng.normal(size=meaning.shape) + np.array([5.0, 0, 0, 0, 0, 0])
    captions = np.eye(6) + np.array([0, 0, 0, 0, 0, 5.0])
    for kind in range(1, 5):
        order, cosines = nearest_captions(pictures, np.flatnonzero(meaning[:, kind]), captions, 3)
        assert order[0] == kind and cosines[0] > cosines[1]
    order, cosines = nearest_captions(pictures, np.arange(len(pictures)), captions, 2)
    assert len(order) == 2 and np.abs(cosines).max() == 0  # everything selected: nothing is left of it


def test_ordinary_sentences_are_many_and_different() -> None:
    assert len(set(ORDINARY)) == len(ORDINARY) >= 20
