# SPDX-License-Identifier: Apache-2.0
"""The way back from a map: exact in a plane, exact for linear maps, and aware of empty places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plugins.projection.inverse import Inverse, local_weights, nearest_real
from plugins.projection.methods import Settings, project
from plugins.projection.neighbours import nearest_neighbours
from tests.plugins.projection.jobs import OneSpace, run


def grid(side: int = 12) -> Any:
    return np.stack(np.meshgrid(np.arange(float(side)), np.arange(float(side))), axis=-1).reshape(-1, 2)


LINEAR = np.array([[1.0, 0.5, -2.0, 0.0, 3.0], [0.0, 1.0, 1.0, 4.0, -1.0]])


def test_points_in_a_plane_come_back_exactly() -> None:
    random = np.random.default_rng(0)
    points = 7 + random.standard_normal((200, 2)) @ random.standard_normal((2, 30))
    arrays = run(OneSpace(points), seeds=0).arrays
    back = Inverse(arrays["coordinates"], arrays["points"], mean=arrays["mean"], components=arrays["components"])
    landing = back.at(arrays["coordinates"][17])
    assert landing.method == "exact"
    assert landing.positions[0] == 17
    assert landing.map_distance == 0 == landing.away
    np.testing.assert_allclose(landing.point, points[17], atol=1e-4)
    assert back.error().upper90 < 1e-4
    assert back.nearest_real(landing.point).position == 17
    # and a place between two points is between them in the space
    between = back.at(arrays["coordinates"][[3, 4]].mean(axis=0)).point
    np.testing.assert_allclose(between, points[[3, 4]].mean(axis=0), atol=1e-4)


def test_the_error_of_a_plane_is_what_lies_off_it() -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((400, 3)) * [100, 100, 1]
    found = project(points, Settings("pca")).fitted
    assert found.components is not None
    back = Inverse(found.coordinates, points, mean=found.components.mean, components=found.components.components[:2])
    off = np.abs((points - points.mean(axis=0)) @ found.components.components[2])
    error = back.error(sample=400)
    assert error.n == 400
    assert error.median == pytest.approx(np.median(off), rel=1e-3)
    assert error.upper90 == pytest.approx(np.percentile(off, 90), rel=1e-3)
    typical = np.median(nearest_neighbours(points, 1).distances)
    assert back.typical == pytest.approx(typical)
    assert error.typical == pytest.approx(error.median / typical)
    nearest = back.nearest_real(points[3] + [0, 0, 0.01])
    assert (nearest.position, nearest.typical, nearest.n) == (3, back.typical, 400)


@pytest.mark.parametrize("place", [(5.5, 5.5), (5.0, 6.0), (5.5, 6.0)])
def test_a_linear_map_is_followed_exactly_in_the_middle_of_a_grid(place: Any) -> None:
    coordinates = grid()
    landing = Inverse(coordinates, coordinates @ LINEAR, neighbours=13).at(place)
    assert landing.method == "neighbours"
    assert landing.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(landing.weights @ coordinates[landing.positions], place, atol=0.02)
    centred = Inverse(coordinates, coordinates @ LINEAR, neighbours=12).at((5.5, 5.5))
    np.testing.assert_allclose(centred.point, np.array([5.5, 5.5]) @ LINEAR, atol=1e-5)


def test_a_linear_map_is_nearly_followed_among_uneven_points() -> None:
    random = np.random.default_rng(0)
    coordinates = random.random((2000, 2))
    back = Inverse(coordinates, coordinates @ LINEAR)
    spacing = np.median(nearest_neighbours(coordinates, 1).distances)
    for place in random.uniform(0.1, 0.9, (50, 2)):
        off = np.linalg.lstsq(LINEAR.T, back.at(place).point - place @ LINEAR, rcond=None)[0]
        assert np.linalg.norm(off) < 0.25 * spacing
    inverse_distance = [_shepard(coordinates, place, 15) - place for place in random.uniform(0.1, 0.9, (50, 2))]
    ours = [back.at(p).weights @ coordinates[back.at(p).positions] - p for p in random.uniform(0.1, 0.9, (50, 2))]
    assert np.linalg.norm(ours, axis=1).mean() < 0.5 * np.linalg.norm(inverse_distance, axis=1).mean()


def _shepard(coordinates: Any, place: Any, k: int) -> Any:
    near = nearest_neighbours(coordinates, k, queries=place[None])
    weights = 1 / near.distances[0] ** 2
    return weights @ coordinates[near.indices[0]] / weights.sum()


def test_a_click_far_from_all_is_said_to_be_far_and_does_not_run_away() -> None:
    coordinates = grid()
    back = Inverse(coordinates, coordinates @ LINEAR)
    among, far = back.at((5.2, 5.4)), back.at((500.0, 500.0))
    assert among.away < 1
    assert far.away > 500
    assert np.abs(far.point).max() < 10 * np.abs(coordinates @ LINEAR).max()
    plane = Inverse(coordinates, coordinates @ LINEAR, mean=np.zeros(5), components=LINEAR)
    assert plane.nearest_real(plane.at((5.2, 5.4)).point).ratio < 1
    assert plane.nearest_real(plane.at((500.0, 500.0)).point).ratio > 100


def test_a_gap_is_told_from_known_territory() -> None:
    """Two clusters: halfway between them is nothing, whatever the map says."""
    random = np.random.default_rng(0)
    labels = np.arange(300) % 2
    points = random.standard_normal((300, 8)) + 40 * labels[:, None]
    coordinates = random.standard_normal((300, 2)) + 6 * labels[:, None]
    back = Inverse(coordinates, points, neighbours=15)
    inside = back.nearest_real(back.at((0.0, 0.0)).point)
    gap = back.nearest_real(back.at((3.0, 3.0)).point)
    assert inside.ratio < 2 < 5 < gap.ratio


@given(
    offsets=arrays(np.float64, st.tuples(st.integers(1, 20), st.sampled_from([2, 3])), elements=st.floats(-1e3, 1e3))
)
@settings(max_examples=200, deadline=None)
def test_weights_sum_to_one_and_stay_finite(offsets: Any) -> None:
    offsets = offsets[np.argsort(np.linalg.norm(offsets, axis=1))]
    weights = local_weights(offsets)
    assert weights.sum() == pytest.approx(1)
    assert np.abs(weights).max() < 20


def test_errors_are_left_out_of_their_own_neighbours() -> None:
    """Points that have nothing to do with the map: a sample's own point must not give itself away."""
    random = np.random.default_rng(0)
    error = Inverse(random.random((500, 2)), random.standard_normal((500, 10))).error()
    assert error.n == 300
    assert error.median > 0.9 * np.sqrt(10)
    assert error.median <= error.upper90


@given(
    points=arrays(np.float32, st.tuples(st.integers(1, 80), st.integers(1, 4)), elements=st.integers(-9, 9)),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_nearest_real_is_the_least_distance(points: Any, data: Any) -> None:
    point = data.draw(arrays(np.float32, points.shape[1], elements=st.integers(-9, 9)))
    distances = np.linalg.norm(points.astype(np.float64) - point, axis=1)
    for given_as in (points, lambda positions: points[positions]):
        found = nearest_real(point, given_as, count=len(points), typical=2.0)
        assert found.distance == pytest.approx(distances.min())
        assert found.position == int(distances.argmin())
        assert found.ratio == pytest.approx(distances.min() / 2)


def test_directions_are_compared_in_a_cosine_space() -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((100, 6)) * random.uniform(0.1, 10, (100, 1))
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    found = nearest_real(5 * units[7], points, metric="cosine")
    assert (found.position, found.distance) == (7, pytest.approx(0, abs=1e-7))
    fitted = project(units, Settings("pca")).fitted
    assert fitted.components is not None
    mean, axes = fitted.components.mean, fitted.components.components[:2]
    back = Inverse(fitted.coordinates, points, mean=mean, components=axes, metric="cosine")
    exact = mean + fitted.coordinates[3].astype(float) @ axes
    typical_length = np.median(np.linalg.norm(points, axis=1))
    np.testing.assert_allclose(back.at(fitted.coordinates[3]).point, exact * typical_length, rtol=1e-5)


def test_rows_that_are_not_on_the_map_are_left_out() -> None:
    coordinates = grid()
    coordinates[5] = np.nan
    back = Inverse(coordinates, grid() @ LINEAR)
    assert 5 not in back.at((5.0, 0.0)).positions
    assert np.isfinite(back.error().median)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_all_on_one_spot(value: float) -> None:
    back = Inverse(np.full((9, 2), value), np.arange(18.0).reshape(9, 2))
    np.testing.assert_allclose(back.at((value, value)).weights, 1 / 8)
    assert back.at((value, value)).away == 0
    assert back.at((value + 1, value)).away == np.inf


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Inverse(np.ones(4), np.ones((4, 2))), "shape"),
        (lambda: Inverse(np.ones((4, 2)), np.ones((3, 2))), "3 points, but the map has 4"),
        (lambda: Inverse(np.full((4, 2), np.nan), np.ones((4, 2))), "at least 2 points"),
        (lambda: Inverse(grid(), grid(), mean=np.zeros(2)), "or neither"),
        (lambda: Inverse(grid(), grid(), mean=np.zeros(2), components=np.ones((3, 2))), "3 components"),
        (lambda: Inverse(grid(), grid()).at((1.0, np.nan)), "2 finite numbers"),
        (lambda: nearest_real([1.0], lambda positions: positions), "how many"),
        (lambda: nearest_real([1.0], np.full((3, 1), np.nan)), "no points"),
    ],
)
def test_refuses(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("place", [[1e308, 1e308], [-1e200, 3.0], [np.nan, 1.0], [np.inf, 0.0], [1.0, 2.0, 3.0]])
def test_no_place_of_the_map_is_refused_in_a_sentence(place: list[float]) -> None:
    back = Inverse(grid(), grid() @ LINEAR)
    with pytest.raises(ValueError, match=r"A place on this map is 2 finite numbers of at most 1e\+37"):
        back.at(place)


@pytest.mark.parametrize("exact", [True, False])
def test_a_place_very_far_away_is_unknown_territory_and_no_error(exact: bool) -> None:
    axes = np.eye(5)[:2]
    ways = {"mean": np.zeros(5), "components": axes} if exact else {}
    back = Inverse(grid(), grid() @ axes, **ways)
    landing = back.at([1e36, -1e36])
    nearest = back.nearest_real(landing.point)
    assert np.isfinite(landing.point).all()
    assert landing.away > 1e30
    assert not exact or nearest.ratio == pytest.approx(np.sqrt(2) * 1e36, rel=1e-5)


def test_points_whose_squares_leave_single_precision_are_compared() -> None:
    points = (grid() @ LINEAR * 1e36).astype(np.float32)
    found = nearest_real(points[17], points)
    assert (found.position, found.distance) == (17, 0.0)


def test_rows_that_are_not_finite_do_not_hide_the_others() -> None:
    points = grid() @ LINEAR
    places = grid()
    points[5], places[5] = np.nan, np.nan
    assert Inverse(places, points).typical == pytest.approx(np.linalg.norm(LINEAR, axis=1).min())
