# SPDX-License-Identifier: Apache-2.0
"""The picture of the map: every point where it belongs, in the colours that the app has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from plugins.projection import picture
from plugins.projection.picture import COLOURS, SHAPES, map_picture
from workbench.app.components import palette

NONE = pd.DataFrame(index=range(4))
SQUARE = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])


def pixels(image: Any, colour: str) -> Any:
    """Rows and columns of the pixels of exactly this colour."""
    return np.argwhere((image == np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])).all(axis=2))


def test_colours_and_shapes_are_those_of_the_app() -> None:
    assert COLOURS == palette.CATEGORY_COLOURS
    assert SHAPES == palette.CATEGORY_SHAPES
    assert picture.MOST_CATEGORIES == palette.CATEGORY_LIMIT


def test_points_stand_where_they_belong_one_unit_as_long_across_as_up() -> None:
    image = map_picture(SQUARE, NONE, "square")
    assert image.dtype == np.uint8
    assert image.shape == (700, 900, 3)
    assert (image[-1, -1] == 255).all()
    found = pixels(image[40:], COLOURS[0])
    assert len(found) > 4 * 15
    high, wide = found.max(axis=0) - found.min(axis=0)
    assert abs(int(high) - int(wide)) <= 1
    top_left = map_picture(np.array([[0.0, 1], [0.01, 0.99], [1, 0], [0, 0]]), NONE, "")
    assert len(pixels(top_left[:100], COLOURS[0])) > len(pixels(top_left[:100, 450:], COLOURS[0]))


def test_categories_have_colours_and_a_legend() -> None:
    columns = pd.DataFrame({"id": range(4), "same": 1, "kind": ["a", "b", "a", None]})
    columns["id"] = columns["id"] + 0.5
    image = map_picture(SQUARE, columns[["same", "kind"]], "kinds")
    legend = image[:, 710:]
    for colour in (COLOURS[0], COLOURS[1], picture.MISSING):
        assert len(pixels(legend, colour)) > 20
        assert len(pixels(image[:, :700], colour)) > 10
    assert len(pixels(image, COLOURS[2])) == 0
    many = pd.DataFrame({"kind": [f"kind number {i} with a long name" for i in range(40)]})
    forty = map_picture(np.random.default_rng(0).random((40, 3)), many, "forty")
    for colour in COLOURS:
        assert len(pixels(forty[:, 710:], colour)) > 50


def test_more_values_than_can_be_told_apart_are_one_colour() -> None:
    columns = pd.DataFrame({"value": np.arange(41.0)})
    image = map_picture(np.random.default_rng(0).random((41, 2)), columns, "")
    assert len(pixels(image, COLOURS[0]))
    assert not any(len(pixels(image, each)) for each in COLOURS[1:])


def test_placed_points_are_ringed_and_on_top() -> None:
    placed = np.array([False, False, False, True])
    points = np.array([[0.0, 0], [1, 1], [0.5, 0.5], [0.5, 0.5]])
    columns = pd.DataFrame({"kind": ["made", "made", "made", "new"]})
    ringed, plain = (map_picture(points, columns, "", mask)[60:650, :700] for mask in (placed, None))
    assert len(pixels(ringed, "#000000")) > len(pixels(plain, "#000000")) == 0
    assert len(pixels(ringed, COLOURS[1])) > 10


@pytest.mark.parametrize("points", [np.zeros((4, 2)), SQUARE * [1, 0], SQUARE * 1e-30, SQUARE * 1e30])
def test_poor_maps_are_drawn(points: Any) -> None:
    assert len(pixels(map_picture(points, NONE, ""), COLOURS[0])) > 10
