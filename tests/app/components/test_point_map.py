# SPDX-License-Identifier: Apache-2.0
"""What the point map sends, how it reads what comes back, and that its door works in a page without a browser."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from workbench.app.components.encoding import encode_colour, encode_coordinates, encode_sizes, pack
from workbench.app.components.palette import CATEGORY_COLOURS, CATEGORY_LIMIT, CATEGORY_SHAPES
from workbench.app.components.selection import Operation, Resolver, describe, follow, saved, start

Colours = dict[str, Any]


def colour(column: Any, **options: Any) -> Any:
    total = len(column)
    given_options: Colours = {"label": "kind", "categorical": None, "diverging": False} | options
    return encode_colour(column, np.arange(total), total, **given_options)


def luminance(name: str) -> float:
    parts = [int(name[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_category_colours_show_on_white_and_on_dark() -> None:
    assert len(set(CATEGORY_COLOURS)) == 10
    for name in CATEGORY_COLOURS:
        assert 1.05 / (luminance(name) + 0.05) > 1.9
        assert (luminance(name) + 0.05) / (luminance("#0E1117") + 0.05) > 2.7


def test_rows_without_coordinates_are_left_out_and_positions_in_the_plane_are_exact() -> None:
    points = np.array([[1, 2], [np.nan, 0], [0.1, -7], [0, np.inf]], dtype=np.float32)
    cloud = encode_coordinates(points)
    assert cloud.rows.tolist() == [0, 2]
    assert cloud.total == 4
    assert (cloud.positions == points[[0, 2]].astype(float)).all()
    with pytest.raises(ValueError, match="n, 2"):
        encode_coordinates(np.zeros((3, 4)))


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 3), min_size=1, max_size=30))
def test_positions_in_space_are_within_half_a_step(points: list[tuple[float, float, float]]) -> None:
    cloud = encode_coordinates(points)
    step = cloud.frame["step"]
    assert np.abs(cloud.positions - np.asarray(points, dtype=np.float32)).max() <= step * 0.5001
    assert all(block.dtype == np.uint16 for block in cloud.blocks.values())


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_point_costs_at_most_twelve_bytes(dimensions: int) -> None:
    count = 10_000
    points = np.random.default_rng(0).normal(size=(count, dimensions)).astype(np.float32)
    cloud = encode_coordinates(points)
    blocks = dict(cloud.blocks) | {
        "colour": colour(points[:, 0]).codes,
        "sizes": encode_sizes(points[:, 1], cloud.rows, count),
    }
    assert len(pack({}, blocks, None)) <= 12 * count


def test_the_payload_can_be_read_back() -> None:
    blocks: dict[str, npt.NDArray[Any]] = {"a": np.arange(3, dtype=np.uint8), "b": np.arange(5, dtype=np.float32)}
    payload = pack({"name": "ä"}, blocks, ["<b>", "ü"])
    assert payload[:4] == b"WBSC"
    size = int.from_bytes(payload[4:8], "little")
    header, body = json.loads(payload[8 : 8 + size]), payload[8 + size :]
    assert header["name"] == "ä"
    assert (8 + size) % 8 == 0
    for name, kind, offset, count in header["blocks"]:
        assert offset % 8 == 0
        if name == "labels":
            assert json.loads(body[offset : offset + count]) == ["<b>", "ü"]
        else:
            assert (np.frombuffer(body, kind, count, offset) == blocks[name]).all()


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["a", "b", None], "category"),
        ([True, False], "category"),
        (pd.Series(pd.Categorical(["x", "y"])), "category"),
        (np.arange(10) % 3, "category"),
        (np.arange(100), "value"),
        ([0.5, np.nan], "value"),
        (pd.Series([1, None, 3], dtype="Int64"), "category"),
        (None, "none"),
    ],
)
def test_the_type_of_a_column_says_how_it_is_coloured(column: Any, kind: str) -> None:
    found = (
        encode_colour(None, np.arange(2), 2, label="", categorical=None, diverging=False)
        if column is None
        else colour(column)
    )
    assert found.legend["kind"] == kind


def test_categories_are_in_natural_order_with_missing_ones_last() -> None:
    found = colour(["item 10", "item 2", None, "item 10"])
    assert [(mark["name"], mark["count"]) for mark in found.legend["categories"]] == [
        ("item 2", 1),
        ("item 10", 2),
        ("missing", 1),
    ]
    assert found.codes.tolist() == [1, 0, 2, 1]
    ordered = colour(pd.Series(pd.Categorical(["low", "high"], categories=["low", "high"])))
    assert [mark["name"] for mark in ordered.legend["categories"]] == ["low", "high"]


def test_forty_categories_have_forty_marks_and_the_rest_share_one() -> None:
    exact = colour([f"c{at}" for at in range(CATEGORY_LIMIT)]).legend["categories"]
    assert (
        len({(mark["colour"], mark["shape"]) for mark in exact}) == len(CATEGORY_COLOURS) * len(CATEGORY_SHAPES) == 40
    )
    names = [f"c{at}" for at in range(60) for _ in range(60 - at)]
    more = colour(names)
    assert len(more.legend["categories"]) == 40
    rest = more.legend["categories"][-1]
    assert (rest["name"], rest["count"]) == ("21 smaller categories", sum(range(1, 22)))
    assert np.bincount(more.codes).tolist() == [mark["count"] for mark in more.legend["categories"]]


def test_values_are_quantised_over_their_range_and_diverging_ones_about_zero() -> None:
    found = colour([0.0, 1.0, np.nan, 4.0])
    assert found.codes.tolist() == [0, 16384, 65535, 65534]
    centred = colour([-1.0, 0.0, 4.0], diverging=True)
    assert (centred.legend["low"], centred.legend["high"]) == (-4, 4)
    assert centred.codes[1] == 32767
    assert colour([3.0, 3.0]).codes.tolist() == [32767, 32767]
    assert colour([-1.7e308, 1.7e308]).codes.tolist() == [0, 65534]
    with pytest.raises(ValueError, match="no numbers"):
        colour(["a"], categorical=False)
    with pytest.raises(ValueError, match="one value a point"):
        encode_colour([1], np.arange(2), 2, label="", categorical=None, diverging=False)


def operation(kind: str, mode: str, identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "kind": kind, "mode": mode, **more}


POSITIONS = np.array([[0.5, 0.5], [1.5, 0.5], [2.5, 0.5], [3.5, 0.5]])
RESOLVER = Resolver(POSITIONS, np.array([0, 1, 0, 1], dtype=np.uint8))
ROWS = np.array([10, 20, 30, 40])


def box(left: float, right: float) -> list[list[float]]:
    return [[left, 0], [right, 0], [right, 1], [left, 1]]


def test_operations_fold_one_after_another_and_again_from_the_start() -> None:
    progress = start("cloud", [20], ROWS, 50)
    assert describe(progress, ROWS).points.tolist() == [20]
    steps = [
        (operation("polygon", "add", "a", polygon=box(0, 1)), [10, 20], "add"),
        (operation("point", "subtract", "b", index=1), [10], "subtract"),
        (operation("category", "add", "c", index=1), [10, 20, 40], "add"),
        (operation("invert", "invert", "d", hidden=[1]), [20, 30, 40], "invert"),
        (operation("polygon", "subtract", "e", polygon=box(1, 3), hidden=[0]), [30, 40], "subtract"),
    ]
    told: list[dict[str, Any]] = []
    for step, expected, mode in steps:
        told.append(step)
        progress = progress.fold(told, RESOLVER)
        found = describe(progress, ROWS)
        assert (found.points.tolist(), found.mode) == (expected, mode)
        assert (found.clicked, found.polygon is not None) == (
            20 if step["kind"] == "point" else None,
            "polygon" in step,
        )
    afresh = start("cloud", [20], ROWS, 50).fold(told, RESOLVER)
    assert describe(afresh, ROWS).points.tolist() == [30, 40]
    shorter = progress.fold([operation("point", "replace", "f", index=2)], RESOLVER)
    assert (describe(shorter, ROWS).points.tolist(), describe(shorter, ROWS).clicked) == ([30], 30)
    assert describe(shorter.fold([operation("clear", "clear", "g")], RESOLVER), ROWS).points.tolist() == []


def test_operations_of_other_points_are_not_taken() -> None:
    beginning = start("cloud", [20], ROWS, 50)
    record = {"cloud": "cloud", "base": beginning.base, "list": [1]}
    assert saved(record, beginning) == [1]
    assert saved(record | {"cloud": "other"}, beginning) is None
    assert saved(record, start("cloud", [30], ROWS, 50)) is None
    assert saved(None, beginning) is None


def test_a_start_that_comes_back_does_not_bring_its_old_operations_back() -> None:
    first, second = start("cloud", [20], ROWS, 50), start("cloud", [30], ROWS, 50)
    told = [operation("point", "add", "a", index=0)]
    progress = follow(None, first, told).fold(told, RESOLVER)
    assert describe(progress, ROWS).points.tolist() == [10, 20]
    assert follow(progress, first, told) is progress
    progress = follow(progress, second, None)
    assert describe(progress, ROWS).points.tolist() == [30]
    progress = follow(progress, first, told).fold(told, RESOLVER)
    assert describe(progress, ROWS).points.tolist() == [20]
    assert describe(progress.fold([operation("invert", "invert", "b")], RESOLVER), ROWS).points.tolist() == [10, 30, 40]


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"id": "a", "kind": "eval", "mode": "add"},
        {"id": "a", "kind": "polygon", "mode": "add", "polygon": [[1]]},
        {"id": "a", "kind": "polygon", "mode": "add", "polygon": "text"},
        {"id": "a", "kind": "point", "mode": "add", "index": "x"},
    ],
)
def test_what_is_no_operation_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Operation.read(told)


def test_a_point_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="the point 4"):
        start("", None, ROWS, 50).fold([operation("point", "add", "a", index=4)], RESOLVER)


def test_selected_rows_must_exist() -> None:
    with pytest.raises(ValueError, match="from 0 to 49"):
        start("", [50], ROWS, 50)


def page() -> None:
    import numpy as np
    import streamlit as st

    from workbench.app.components.scatter import scatter

    points = np.arange(10, dtype=np.float32).reshape(5, 2)
    chosen = scatter(points, key="map", selected=[3, 1], colour=list("aabbc"), labels=[str(row) for row in range(5)])
    st.text(f"{chosen.points.tolist()} {chosen.mode}")
    try:
        scatter(points, key="other", labels=["too few"])
    except ValueError as error:
        st.text(str(error))


def test_the_door_works_in_a_page_without_a_browser() -> None:
    test = AppTest.from_function(page).run(timeout=30)
    assert not test.exception
    assert [text.value for text in test.text] == ["[1, 3] initial", "labels must have one text a point: 5, not 1"]
