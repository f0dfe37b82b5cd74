# SPDX-License-Identifier: Apache-2.0
"""Points in polygons, against shapes whose inside is known by a formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.app.components.polygon import contains, project

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2)]
#: The letter U: everything of the square [0, 3] x [0, 3] but for the slot 1 < x < 2, y > 1.
SLOTTED = [(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]


def grid(step: float = 0.25) -> npt.NDArray[np.float64]:
    """Places of [-1, 4] x [-1, 4], exact in binary."""
    line = np.arange(-1, 4 + step, step)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("turned", [False, True])
def test_a_square_holds_its_inside_its_edges_and_its_corners(turned: bool) -> None:
    x, y = grid().T
    expected = (x >= 0) & (x <= 2) & (y >= 0) & (y <= 2)
    assert (contains(grid(), SQUARE[::-1] if turned else SQUARE) == expected).all()


def test_a_concave_outline_leaves_its_slot_out_but_holds_the_slots_border() -> None:
    x, y = grid().T
    inside = (x >= 0) & (x <= 3) & (y >= 0) & (y <= 3)
    slot = (x > 1) & (x < 2) & (y > 1)
    assert (contains(grid(), SLOTTED) == (inside & ~slot)).all()


def test_what_an_outline_goes_around_twice_is_inside() -> None:
    twice = [(0, 0), (3, 0), (3, 3), (1, 3), (1, 1), (2, 1), (2, 4), (0, 4)]
    assert contains([[1.5, 2]], twice).all()


def test_a_figure_of_eight_holds_both_of_its_lobes() -> None:
    eight = [(0, 0), (2, 2), (2, 0), (0, 2)]
    assert contains([[0.25, 1], [1.75, 1], [1, 1], [1, 1.5], [1, 0.5]], eight).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_slanting_edges_are_exact_where_floats_are() -> None:
    triangle = [(0, 0), (4, 0), (0, 4)]
    x, y = grid(0.5).T
    assert (contains(grid(0.5), triangle) == ((x >= 0) & (y >= 0) & (x + y <= 4))).all()


def test_a_regular_polygon_takes_its_share_of_a_disc() -> None:
    generator = np.random.default_rng(3)
    points = generator.uniform(-1, 1, (50_000, 2))
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # Inside when its distance along every normal stays below the apothem.
    sides = (angles + np.pi / 200) % (2 * np.pi)
    apothem = np.cos(np.pi / 200)
    distance = np.max(points @ np.stack([np.cos(sides), np.sin(sides)]), axis=1)
    clear = np.abs(distance - apothem) > 1e-9
    assert (contains(points, ring)[clear] == (distance < apothem)[clear]).all()


@pytest.mark.parametrize("few", [[], [(1, 1)], [(0, 0), (2, 2)]])
def test_too_few_vertices_enclose_nothing_but_touch(few: list[tuple[float, float]]) -> None:
    touched = contains([[1, 1], [1, 0], [3, 3]], np.asarray(few, dtype=float).reshape(-1, 2))
    assert touched.tolist() == [bool(few), False, False]


def test_points_without_coordinates_are_outside() -> None:
    assert not contains([[np.nan, 1], [1, np.nan], [np.inf, 1]], SQUARE).any()
    assert contains(np.empty((0, 2)), SQUARE).shape == (0,)


@pytest.mark.parametrize(
    ("points", "polygon", "said"),
    [([1, 2], SQUARE, "points"), ([[1, 2]], [1, 2, 3], "polygon"), ([[1, 2]], [(0, 0), (np.nan, 1), (1, 1)], "finite")],
)
def test_wrong_shapes_are_named(points: list[float], polygon: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        contains(points, polygon)


numbers = st.integers(-8, 8)
places = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=8)


@given(places, places, st.integers(0, 7))
def test_start_direction_and_mirror_image_do_not_matter(
    points: list[tuple[int, int]], outline: list[tuple[int, int]], shift: int
) -> None:
    expected = contains(points, outline)
    assert (contains(points, np.roll(outline, shift, axis=0)) == expected).all()
    assert (contains(points, outline[::-1]) == expected).all()
    assert (contains(np.array(points)[:, ::-1], np.array(outline)[:, ::-1]) == expected).all()
    assert (contains(points[::-1], outline)[::-1] == expected).all()


@given(places)
def test_every_vertex_and_every_middle_of_an_edge_is_inside(outline: list[tuple[int, int]]) -> None:
    corners = np.array(outline, dtype=float)
    assert contains(corners, corners).all()
    assert contains((corners + np.roll(corners, -1, axis=0)) / 2, corners).all()


def test_projection_is_the_matrix_product() -> None:
    generator = np.random.default_rng(5)
    points, view = generator.normal(size=(100, 3)), generator.normal(size=(3, 4))
    assert np.allclose(project(points, view), points @ view[:2, :3].T + view[:2, 3], rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="rows of four"):
        project(points, view[:, :3])
    with pytest.raises(ValueError, match="n, 3"):
        project(points[:, :2], view)
