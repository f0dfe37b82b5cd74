# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of directions, against what must hold of any vectors and what is known exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from registry.errors import DataError
from workbench.directions import (
    combination,
    cosines,
    principal_angles,
    random_angles,
    random_cosine,
    scaled,
    step_within,
    unit,
    without,
)
from workbench.directions.chance import random_cosine_mean

REAL = st.floats(-1e3, 1e3, allow_nan=False)


@st.composite
def rows(draw: st.DrawFn, least: int = 1, most: int = 5) -> Any:
    """One to five vectors of one width, none of them close to zero."""
    shape = draw(st.tuples(st.integers(least, most), st.integers(1, 12)))
    found = draw(arrays(np.float64, shape, elements=REAL))
    assume((np.linalg.norm(found, axis=1) > 1e-3).all())
    return found


@given(rows())
def test_unit_rows_have_length_one_and_point_the_same_way(vectors: Any) -> None:
    found = unit(vectors)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(found * np.linalg.norm(vectors, axis=1, keepdims=True), vectors, atol=1e-9)


@given(rows(), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_cosines_are_symmetric_bounded_and_blind_to_length(vectors: Any, a: float, b: float) -> None:
    found = cosines(vectors)
    assert (np.abs(found) <= 1).all() and (np.diag(found) == 1).all()
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    np.testing.assert_allclose(cosines(a * vectors, -b * vectors), -found, atol=1e-9)


@given(rows(), st.data())
def test_a_combination_is_linear_in_its_weights(vectors: Any, data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.floats(-10, 10), min_size=len(vectors), max_size=len(vectors)))
    wanted = sum(weight * one for weight, one in zip(weights, vectors, strict=True))
    parts = np.abs(vectors * np.array(weights)[:, None]).max()
    assume(np.abs(wanted).max() > 1e-5 * parts > 0)
    found = combination(vectors, weights)
    np.testing.assert_allclose(found, wanted, atol=1e-9 * parts)
    np.testing.assert_allclose(
        combination(vectors, [3 * one for one in weights]), 3 * found, rtol=1e-9, atol=1e-9 * parts
    )


@given(rows(least=2))
def test_without_is_orthogonal_to_all_and_lies_in_their_common_span(vectors: Any) -> None:
    first, others = vectors[0], vectors[1:]
    span = np.linalg.matrix_rank(unit(others), tol=1e-6)
    assume(np.linalg.matrix_rank(unit(vectors), tol=1e-3) > span)
    sizes = np.linalg.svd(unit(others), compute_uv=False)
    assume(sizes[sizes > 1e-10 * sizes[0]].min() > 1e-5)
    rest = without(first, others)
    assert np.linalg.norm(rest) == pytest.approx(1)
    np.testing.assert_allclose(unit(others) @ rest, 0, atol=1e-8)
    assert float(rest @ first) > 0  # it is still a step of the same sense
    np.testing.assert_allclose(without(rest, others), rest, atol=1e-8)


@given(rows(most=1), st.floats(1e-3, 1e3))
def test_a_scaled_direction_has_its_length_and_its_way(vectors: Any, length: float) -> None:
    found = scaled(vectors[0], length)
    assert np.linalg.norm(found) == pytest.approx(length)
    assert cosines(vectors, found)[0, 0] == pytest.approx(1)


@settings(deadline=None)  # the first call imports scipy
@given(st.integers(1, 4), st.floats(0.05, 1.5), st.integers(0, 2**32 - 1))
def test_principal_angles_of_planes_turned_by_a_known_angle(count: int, angle: float, seed: int) -> None:
    """``count`` axes, each turned by its own angle towards an axis of the complement: these are the angles."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((10, 10)))[0].T
    angles = angle / np.arange(1, count + 1)
    turned = np.cos(angles)[:, None] * basis[:count] + np.sin(angles)[:, None] * basis[count : 2 * count]
    mixing = rng.standard_normal((count, count)) + 3 * np.eye(count)
    assume(np.linalg.cond(mixing) < 100)
    np.testing.assert_allclose(principal_angles(basis[:count], mixing @ turned), np.degrees(np.sort(angles)), atol=1e-6)
    np.testing.assert_allclose(principal_angles(basis[:count], mixing @ basis[:count]), 0, atol=1e-6)


def test_angles_of_dependent_directions_are_those_of_their_span() -> None:
    assert principal_angles([[1, 0, 0], [2, 0, 0]], [[0, 1, 0], [1, 0, 0]]).round(6).tolist() == [0.0]
    assert principal_angles([[1, 0]], [[1, 1]]).round(6).tolist() == [45.0]


@pytest.mark.parametrize("width", [1, 2, 3, 20, 512])
def test_what_random_directions_give_is_what_drawing_them_gives(width: int) -> None:
    rng = np.random.default_rng(0)
    drawn = np.abs(
        (unit(rng.standard_normal((20_000, width))) * unit(rng.standard_normal((20_000, width)))).sum(axis=1)
    )
    assert np.mean(drawn <= random_cosine(width) + 1e-12) == pytest.approx(0.95 if width > 1 else 1.0, abs=0.006)
    assert drawn.mean() == pytest.approx(random_cosine_mean(width), rel=0.02)


def test_in_three_dimensions_the_cosine_is_uniform() -> None:
    """Archimedes: the height of a random point of the sphere is evenly distributed."""
    for level in (0.1, 0.5, 0.95):
        assert random_cosine(3, level) == pytest.approx(level)


def test_random_angles_of_lines_in_the_plane_are_even() -> None:
    """Two random lines of the plane meet at an angle evenly distributed from 0 to 90 degrees."""
    low, middle, high = random_angles(2, 1, 1, draws=4000)[0]
    assert (low, middle, high) == pytest.approx((2.25, 45, 87.75), abs=2.5)
    assert random_angles(5, 2, 3).shape == (2, 3)
    np.testing.assert_array_equal(random_angles(5, 2, 3), random_angles(5, 3, 2))
    assert random_angles(3, 3, 1).round(4).tolist() == [[0, 0, 0]]  # any line lies within the whole space


def test_a_step_by_the_points_is_what_share_of_them_lies_within() -> None:
    points = np.random.default_rng(0).standard_normal((20_000, 3)) * [1, 2, 3]
    assert step_within([0, 5, 0], points, 0.95) == pytest.approx(2 * 1.96, rel=0.02)
    assert step_within([0, 5, 0], points + 7, 0.95) == pytest.approx(2 * 1.96, rel=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: unit([[0.0, 0.0]]), "a direction is zero"),
        (lambda: unit([[math.nan, 0.0]]), "NaN or infinity"),
        (lambda: unit([[]]), "no numbers"),
        (lambda: cosines([[1.0, 0.0]], [[1.0]]), "of 2 and of 1 numbers are of different spaces"),
        (lambda: principal_angles([[1.0, 0.0]], [[1.0]]), "different spaces"),
        (lambda: without([1.0, 0.0], [[1.0]]), "different spaces"),
        (lambda: without([1.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]), "nothing is left"),
        (lambda: combination([[1.0], [2.0]], [1.0]), "2 directions need 2 weights, got 1"),
        (lambda: combination([[1.0], [2.0]], [2.0, -1.0]), "cancel each other"),
        (lambda: combination([[1.0]], [0.0]), "all weights are 0"),
        (lambda: combination([[1.0]], [math.inf]), "finite"),
        (lambda: combination([[1e308]], [10.0]), "beyond what numbers can hold"),
        (lambda: scaled([1.0], 0.0), "greater than 0"),
        (lambda: scaled([1.0], math.nan), "greater than 0"),
        (lambda: step_within([1.0], [[1.0], [1.0]], 0.5), "do not vary along"),
        (lambda: step_within([1.0], [[1.0]], 1.5), "above 0 and at most 1"),
        (lambda: random_angles(2, 3, 1), "do not fit"),
        (lambda: random_cosine(0), "no random directions"),
    ],
)
def test_what_leads_nowhere_is_refused_in_words(call: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        call()
