# SPDX-License-Identifier: Apache-2.0
"""Circular coordinates: angles that are known, and loops that have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.homology.circular import carry, carry_smoothly, circular_coordinates, correlation, scale_of
from plugins.homology.engines import rips_cocycles
from plugins.homology.representatives import cycle, edges_within
from tests.plugins.homology.clouds_of_loops import circle, distances, figure_eight


def coordinate(apart: Any, rank: int = 0, field: int = 47) -> tuple[Any, Any]:
    """Coordinates of the loop of a rank by length, and the order of the samples on its cycle."""
    barcode, cocycles = rips_cocycles(apart, field=field)
    bars = barcode.dimension(1)
    one = np.argsort(bars[:, 0] - bars[:, 1])[rank]
    birth, death = bars[one]
    within = edges_within(apart, scale_of(birth, death, apart.max()))
    return circular_coordinates(cocycles[one], len(apart), within, field), cycle(
        apart, cocycles[one], birth, death, field
    )


@pytest.mark.parametrize("seed", range(6))
def test_circle(seed: int) -> None:
    points, turns = circle(300, 0.02, seed)
    theta, path = coordinate(distances(points))
    assert theta.shape == (300,) and ((theta >= 0) & (theta < 1)).all()
    assert correlation(theta, turns) >= 0.99
    steps = np.diff(theta[np.r_[path.positions, path.positions[:1]]])
    steps -= np.round(steps)
    assert steps.sum() == pytest.approx(1) and steps.min() > -0.02  # it rises once along the cycle


def test_crowded_places_do_not_slow_it_down() -> None:
    """Ten times as dense on one quarter; with equal weights of the edges it comes to 0.81."""
    random = np.random.default_rng(0)
    turns = np.r_[random.random(200) / 4, random.random(60) * 0.75 + 0.25]
    points = np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=1)
    theta, _ = coordinate(distances(points + 0.02 * random.standard_normal(points.shape)))
    assert correlation(theta, turns) >= 0.93


def test_regular_polygon_is_exact() -> None:
    angles = 2 * np.pi * np.arange(40) / 40
    theta, _ = coordinate(distances(np.stack([np.cos(angles), np.sin(angles)], axis=1)))
    assert correlation(theta, np.arange(40) / 40) == pytest.approx(1, abs=1e-6)


def test_torus_has_two_independent_angles() -> None:
    random = np.random.default_rng(0)
    turns = random.random((400, 2))
    angles = 2 * np.pi * turns
    points = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    theta = [coordinate(distances(points), rank)[0] for rank in (0, 1)]
    # each is a sum of the two angles with whole coefficients, of which the table has determinant plus or minus one
    sums = {(a, b): turns @ [a, b] for a in (-1, 0, 1) for b in (0, 1) if (a, b) != (0, 0) and (a, b) != (-1, 0)}
    best = [max(sums, key=lambda one: correlation(found, sums[one])) for found in theta]
    assert all(correlation(found, sums[one]) > 0.9 for found, one in zip(theta, best, strict=True))
    assert abs(best[0][0] * best[1][1] - best[0][1] * best[1][0]) == 1


def test_each_lobe_of_a_figure_eight_turns_once() -> None:
    points = figure_eight(400, 0.02, 0)
    theta = [coordinate(distances(points), rank)[0] for rank in (0, 1)]
    right = np.arctan2(points[:200, 1], points[:200, 0] - 1) / (2 * np.pi)
    left = np.arctan2(points[200:, 1], points[200:, 0] + 1) / (2 * np.pi)
    table = np.array([[correlation(one[:200], right), correlation(one[200:], left)] for one in theta])
    assert sorted(table.argmax(axis=1)) == [0, 1] and table.max(axis=1).min() > 0.95
    still = [theta[0][200:], theta[0][:200]] if table[0, 0] > table[0, 1] else [theta[0][:200], theta[0][200:]]
    assert abs(np.exp(2j * np.pi * still[0]).mean()) > 0.9  # the other lobe hardly moves


def test_pieces_without_the_loop_have_no_angle() -> None:
    points, turns = circle(100, 0.02, 1)
    far = np.random.default_rng(0).random((30, 2)) * 0.1 + 50
    theta, _ = coordinate(distances(np.concatenate([points, far])))
    assert np.isnan(theta[100:]).all() and correlation(theta[:100], turns) > 0.98
    assert np.isnan(correlation(theta[100:], np.zeros(30)))


def test_loop_with_torsion_has_no_angle() -> None:
    """The projective plane of six points, subdivided: modulo 2 it has a loop which twice around is none."""
    faces = [
        (0, 1, 4),
        (0, 1, 5),
        (0, 2, 3),
        (0, 2, 5),
        (0, 3, 4),
        (1, 2, 3),
        (1, 2, 4),
        (1, 3, 5),
        (2, 4, 5),
        (3, 4, 5),
    ]
    simplices = sorted({part for face in faces for size in (1, 2, 3) for part in _subsets(face, size)})
    apart = np.array(
        [[0 if a == b else 1 if set(a) < set(b) or set(b) < set(a) else 2 for b in simplices] for a in simplices]
    )
    barcode, cocycles = rips_cocycles(apart.astype(float), field=2)
    assert len(cocycles) == 1
    with pytest.raises(wb.DataError, match="another prime"):
        circular_coordinates(cocycles[0], len(apart), edges_within(apart, 1.0), 2)
    assert not len(rips_cocycles(apart.astype(float), field=47)[1])


def _subsets(face: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    from itertools import combinations

    return list(combinations(face, size))


def test_nothing_of_the_loop_on_the_edges() -> None:
    assert np.isnan(circular_coordinates([[1, 0, 1]], 3, np.empty((0, 2)), 47)).all()
    assert circular_coordinates(np.empty((0, 3)), 0, [], 47).shape == (0,)


def test_carried_to_all_points() -> None:
    points, turns = circle(3000, 0.02, 0)
    theta, _ = coordinate(distances(points[:200]))
    nearest = distances(points[:200]).argmin(axis=1)
    assert np.array_equal(carry(theta, nearest), theta)
    all_nearest = np.array([np.linalg.norm(points[:200] - one, axis=1).argmin() for one in points])
    smooth = carry_smoothly(theta, points[:200], points)
    assert correlation(smooth, turns) > 0.98
    assert correlation(smooth, turns) > correlation(carry(theta, all_nearest), turns)
    assert ((smooth >= 0) & (smooth < 1)).all()


def test_carrying_what_little_there_is() -> None:
    landmarks = np.array([[0.0], [1.0], [2.0]])
    points = np.array([[0.1], [1.5], [1.9]])
    assert np.isnan(carry_smoothly([np.nan] * 3, landmarks, points)).all()
    assert np.allclose(carry_smoothly([np.nan, 0.25, np.nan], landmarks, points), 0.25)
    around = carry_smoothly([0.95, 0.05], landmarks[:2], np.array([[0.5]]))
    assert min(around[0], 1 - around[0]) == pytest.approx(0, abs=1e-9)  # not 0.5: shares are on a circle
    opposite = carry_smoothly([0.0, 0.5], landmarks[:2], np.array([[0.5]]))
    assert opposite[0] in (0.0, 0.5)


def test_correlation_ignores_start_and_direction_only() -> None:
    random = np.random.default_rng(0)
    one = random.random(2000)
    assert correlation(one, one + 0.3) == pytest.approx(1)
    assert correlation(one, 0.7 - one) == pytest.approx(1)
    assert correlation(one, 2 * one) < 0.1
    assert correlation(one, random.random(2000)) < 0.1
