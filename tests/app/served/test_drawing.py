# SPDX-License-Identifier: Apache-2.0
"""Pictures drawn by the server: ink where the points are, in the colours of the palette, and nowhere else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays
from PIL import Image

from registry.errors import ParameterError
from workbench.app.components.palette import CATEGORY_COLOURS, NEUTRAL_COLOUR, SEQUENTIAL_RAMP
from workbench.app.components.polygon import contains
from workbench.app.served.drawing import MISSING, Painter, draw
from workbench.app.served.inking import Ink, over
from workbench.app.served.view import View

# The window and its steps are powers of two: the place of a point in the picture is exact.
VIEW = View(low=(-4, -2), high=(4, 2), width=64, height=32, size=1)


def rgb(text: str) -> list[int]:
    return list(bytes.fromhex(text[1:]))


def places(points: Any, view: View = VIEW) -> Any:
    """By definition: which pixels have a point in them."""
    hit = np.zeros((view.height, view.width), dtype=bool)
    for x, y in points.astype(np.float64):
        column = (x - view.low[0]) / (view.high[0] - view.low[0]) * view.width
        row = (view.high[1] - y) / (view.high[1] - view.low[1]) * view.height
        if 0 <= column <= view.width and 0 <= row <= view.height:
            # The lower border of a pixel is in it, and the upper border of the picture too.
            hit[max(int(np.ceil(row)) - 1, 0), min(int(column), view.width - 1)] = True
    return hit


def cloud(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(scale=2, size=(count, 2)).astype(np.float32)


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, (7, 2), elements=some.integers(-40, 40).map(lambda one: one / 8)),
    some.sampled_from([np.float32, np.float64]),
)
def test_there_is_ink_exactly_where_points_are(points: Any, kind: Any) -> None:
    drawn = Painter(points.astype(kind)).pixels(VIEW)
    assert np.array_equal(drawn[..., 3] > 0, places(points))


def test_every_category_has_its_colour_and_hidden_ones_are_absent() -> None:
    points = np.stack([np.arange(12) / 2 - 3, np.arange(12) / 4 - 1.5], axis=1).astype(np.float32)
    codes = np.arange(12, dtype=np.uint8)[::-1].copy()
    painter = Painter(points, codes)
    drawn = painter.pixels(VIEW)
    assert np.array_equal(drawn[..., 3] > 0, places(points))
    for point, code in zip(points, codes, strict=True):
        assert drawn[places(point[None])][:, :3].tolist() == [rgb(CATEGORY_COLOURS[code % 10])]
    drawn = painter.pixels(VIEW.model_copy(update={"hidden": frozenset({3, 11})}))
    assert np.array_equal(drawn[..., 3] > 0, places(points[~np.isin(codes, (3, 11))]))
    drawn = Painter(points, codes, colours=["#010203"]).pixels(VIEW)
    assert (drawn[drawn[..., 3] > 0][:, :3] == (1, 2, 3)).all()


def test_two_categories_in_a_pixel_mix_by_their_number() -> None:
    codes = np.array([0, 1, 1, 1], dtype=np.uint8)
    drawn = Painter(np.zeros((4, 2), dtype=np.float32), codes, colours=["#000000", "#FF8000"]).pixels(VIEW)
    assert drawn[drawn[..., 3] > 0][:, :3].tolist() == [[191, 96, 0]]


@pytest.mark.parametrize("dark", [False, True])
def test_values_take_the_ramp_of_the_ground_and_missing_ones_are_grey(dark: bool) -> None:
    points = np.array([[-3, 0], [-1, 0], [1, 0], [3, 0]], dtype=np.float32)
    codes = np.array([0, MISSING - 1, MISSING, 30000], dtype=np.uint16)
    view = VIEW.model_copy(update={"dark": dark})
    ramp = SEQUENTIAL_RAMP["dark" if dark else "light"]
    painter = Painter(points, codes)
    colour = {tuple(at): painter.pixels(view)[places(np.array([at]))][0, :3].tolist() for at in points}
    assert colour[-3, 0] == rgb(ramp[0])
    assert colour[-1, 0] == rgb(ramp[-1])
    assert colour[1, 0] == rgb(NEUTRAL_COLOUR)
    drawn = painter.pixels(view.model_copy(update={"between": (30000, 65534)}))
    assert np.array_equal(drawn[..., 3] > 0, places(points[[1, 3]]))
    together = Painter(np.zeros((2, 2), dtype=np.float32), np.array([20000, 40000], dtype=np.uint16)).pixels(view)
    alone = Painter(np.zeros((1, 2), dtype=np.float32), np.array([30000], dtype=np.uint16)).pixels(view)
    assert together[together[..., 3] > 0][0, :3].tolist() == alone[alone[..., 3] > 0][0, :3].tolist()


@pytest.mark.parametrize("codes", [None, np.uint8, np.uint16])
def test_the_selected_stand_on_top_and_the_rest_is_faded(codes: Any) -> None:
    points = cloud(400)
    given = None if codes is None else (np.arange(400) % 5).astype(codes)
    painter, chosen = Painter(points, given), points[:, 0] > 0.25
    whole, drawn = painter.pixels(VIEW), painter.pixels(VIEW, selected=chosen)
    assert np.array_equal(drawn[..., 3] > 0, places(points))
    top, rest = places(points[chosen]), places(points[~chosen]) & ~places(points[chosen])
    assert drawn[top][:, 3].min() >= 0.84 * 255
    assert drawn[rest][:, 3].max() <= 0.29 * 255 < whole[rest][:, 3].min()
    assert np.array_equal(painter.pixels(VIEW, selected=np.zeros(400, dtype=bool)), whole)


def test_a_selected_point_keeps_its_colour_under_a_crowd() -> None:
    codes = np.array([0] * 1000 + [3], dtype=np.uint8)
    drawn = Painter(np.zeros((1001, 2), dtype=np.float32), codes).pixels(VIEW, selected=codes == 3)
    mixed = drawn[drawn[..., 3] > 0][0, :3].astype(int)
    assert np.abs(mixed - rgb(CATEGORY_COLOURS[3])).max() < 12


def test_a_filter_takes_points_away_selected_or_not() -> None:
    points = cloud(300)
    chosen, left = points[:, 0] > 0, points[:, 1] > 0
    painter = Painter(points, (np.arange(300) % 7).astype(np.uint8))
    assert np.array_equal(painter.pixels(VIEW, visible=left)[..., 3] > 0, places(points[left]))
    assert np.array_equal(painter.pixels(VIEW, visible=left, selected=chosen)[..., 3] > 0, places(points[left]))


def test_what_a_polygon_encloses_on_the_picture_is_what_it_encloses_among_the_points() -> None:
    points = cloud(5000)
    polygon = np.array([[-2.2, -1.1], [1.7, -0.9], [2.4, 1.3], [0.1, 0.2], [-1.9, 1.6]])
    inside = contains(points.astype(np.float64), polygon)
    view = VIEW.model_copy(update={"width": 512, "height": 256})
    inked = np.argwhere(Painter(points).pixels(view, visible=inside)[..., 3])
    corners = [
        np.stack([(inked[:, 1] + right) / 64 - 4, 2 - (inked[:, 0] + down) / 64], axis=1)
        for right in (0, 1)
        for down in (0, 1)
    ]
    assert inside.sum() > 500
    assert np.any([contains(one, polygon) for one in corners], axis=0).all()


def test_rows_that_are_not_finite_are_not_drawn() -> None:
    bad = np.array([[np.nan, 0], [0, np.nan], [np.inf, 0], [0, -np.inf], [np.nan, np.nan]], dtype=np.float32)
    points = np.concatenate([bad, cloud(20), bad])
    finite = np.isfinite(points).all(axis=1)
    assert np.array_equal(Painter(points).pixels(VIEW)[..., 3] > 0, places(points[finite]))
    moved = Painter(np.nan_to_num(points, posinf=0, neginf=0), other=points)
    half = VIEW.model_copy(update={"morph": 0.5})
    assert np.array_equal(moved.pixels(half)[..., 3] > 0, places(points[finite]))
    space = np.concatenate([points, np.zeros((30, 1), dtype=np.float32)], axis=1)
    flat = VIEW.model_copy(update={"matrix": (1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0)})
    assert np.array_equal(Painter(space).pixels(flat)[..., 3] > 0, places(points[finite]))


@pytest.mark.parametrize("codes", [None, np.uint8, np.uint16])
@pytest.mark.parametrize("density", [False, True])
def test_no_point_one_point_and_points_all_equal(codes: Any, density: bool) -> None:
    for count in (0, 1, 50):
        points = np.full((count, 2), 0.125, dtype=np.float32)
        painter = Painter(points, None if codes is None else np.full(count, 2, dtype=codes))
        for size in (1, 0):
            view = VIEW.model_copy(update={"density": density, "size": size})
            drawn = painter.pixels(view)
            assert drawn.shape == (32, 64, 4)
            # By itself the size is a disc of 7 pixels across.
            assert (drawn[..., 3] > 0).sum() == (0 if not count else 1 if size else 37)
            assert np.array_equal(
                painter.pixels(view, selected=np.ones(count, dtype=bool))[..., 3] > 0, drawn[..., 3] > 0
            )


@pytest.mark.parametrize("dark", [False, True])
def test_density_grows_away_from_the_ground(dark: bool) -> None:
    counts = [1, 10, 100, 1000]
    points = np.repeat(np.array([[at, 0.0] for at in range(4)], dtype=np.float32), counts, axis=0)
    drawn = Painter(points).pixels(VIEW.model_copy(update={"density": True, "dark": dark}))
    light = [float(drawn[places(np.array([[at, 0.0]]))][0, :3].mean()) for at in range(4)]
    assert light == sorted(light, reverse=not dark)
    assert len(set(light)) == 4


def test_points_in_space_stand_where_the_matrix_puts_them() -> None:
    points = np.random.default_rng(1).integers(-8, 9, (200, 3)) / 4
    matrix = (0.5, 1.0, 0.0, 0.25, -0.25, 0.0, 0.5, 0.5, 0.0, 0.0, 1.0, 0.0)
    shown = points @ np.array(matrix).reshape(3, 4)[:2, :3].T + (0.25, 0.5)
    drawn = Painter(points).pixels(VIEW.model_copy(update={"matrix": matrix}))
    assert np.array_equal(drawn[..., 3] > 0, places(shown))


def test_points_move_from_one_place_to_the_other() -> None:
    first, second = (np.random.default_rng(seed).integers(-16, 17, (40, 2)) / 4 for seed in (1, 2))
    painter = Painter(first, other=second)
    for part in (0.0, 0.25, 0.5, 1.0):
        drawn = painter.pixels(VIEW.model_copy(update={"morph": part}))
        assert np.array_equal(drawn[..., 3] > 0, places(first * (1 - part) + second * part))


def test_marks_of_points_just_outside_reach_in() -> None:
    outside = np.array([[4 + 0.125 * 1.5, 0.0625]], dtype=np.float32)  # the second pixel beyond the border
    drawn = Painter(outside).pixels(VIEW.model_copy(update={"size": 7}))
    assert np.argwhere(drawn[..., 3])[:, 1].min() == 62
    assert not Painter(outside).pixels(VIEW)[..., 3].any()


def test_wrong_shapes_colours_and_views_are_said() -> None:
    points = cloud(4)
    for wrong in (
        lambda: Painter(points[:, :1]),
        lambda: Painter(points, np.zeros(3, dtype=np.uint8)),
        lambda: Painter(points, np.zeros(4)),
        lambda: Painter(points, other=points[:2]),
        lambda: Painter(points, colours=["red"]),
        lambda: Painter(points).pixels(VIEW, selected=np.zeros(3, dtype=bool)),
        lambda: Painter(points).pixels(VIEW, visible=np.zeros(4)),
    ):
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(ParameterError, match="no second place"):
        Painter(points).pixels(VIEW.model_copy(update={"morph": 0.5}))
    with pytest.raises(ParameterError, match="3 dimensions needs the matrix"):
        Painter(np.zeros((4, 3))).pixels(VIEW)
    with pytest.raises(ParameterError, match="2 dimensions has no use"):
        Painter(points).pixels(VIEW.model_copy(update={"matrix": (1.0,) * 12}))


def test_a_million_points_in_forty_categories_are_one_png() -> None:
    points, codes = cloud(1_000_000), (np.arange(1_000_000) % 40).astype(np.uint8)
    made = Image.open(io.BytesIO(draw(points, VIEW, codes=codes, selected=codes == 7)))
    assert (made.format, made.size, made.mode) == ("PNG", (64, 32), "RGBA")
    assert (np.asarray(made)[..., 3] > 0).mean() > 0.99


pictures = arrays.arrays(np.float32, (2, 3, 4), elements=some.floats(0, 1, width=32))


@given(pictures, pictures)
def test_one_picture_over_another(top: Any, below: Any) -> None:
    made = over(top, below)
    alpha = top[..., 3:] + below[..., 3:] * (1 - top[..., 3:])
    inked = top[..., :3] * top[..., 3:] + below[..., :3] * below[..., 3:] * (1 - top[..., 3:])
    assert np.allclose(made[..., 3:], alpha, atol=1e-6)
    assert np.allclose(made[..., :3] * made[..., 3:], inked, atol=1e-5)


def test_ink_adds_up() -> None:
    ink = Ink(2, 3)
    ink.add(np.array([[1, 0, 2], [0, 0, 1]]), (1.0, 0.5, 0.0))
    ink.add_each(
        np.array([[0, 1, 2], [0, 0, 0]]), np.array([[0.0, 0, 1], [0, 1, 0]], dtype=np.float32), np.eye(2, 3, dtype=int)
    )
    assert ink.total.tolist() == [[1, 1, 4], [0, 0, 1]]
    assert ink.colour[:, 0].tolist() == [[1, 0, 2], [0.5, 0, 1], [0, 1, 2]]
