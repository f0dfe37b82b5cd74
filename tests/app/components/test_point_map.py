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

from workbench.app.components.encoding import encode_colour, encode_coordinates, encode_sizes
from workbench.app.components.operation import Operation
from workbench.app.components.palette import CATEGORY_COLOURS, CATEGORY_LIMIT, CATEGORY_SHAPES, CYCLIC_RAMP
from workbench.app.components.payload import chosen_rows, mask_bits, pack
from workbench.app.components.resolver import Resolver
from workbench.app.components.selection import Progress, describe, follow, saved, start


def colour(column: Any, **options: Any) -> Any:
    cloud = encode_coordinates(np.zeros((len(column), 2)))
    return encode_colour(column, cloud, **({"label": "kind"} | options))


def luminance(name: str) -> float:
    parts = [int(name[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_category_colours_show_on_white_and_on_dark() -> None:
    assert len(set(CATEGORY_COLOURS)) == 10
    for name in CATEGORY_COLOURS:
        assert 1.05 / (luminance(name) + 0.05) > 1.9
        assert (luminance(name) + 0.05) / (luminance("#0E1117") + 0.05) > 2.7


#: What protan, deutan and tritan eyes see of linear light (full severity, Machado, Oliveira and Fernandes 2009).
SIGHTS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(light: Any) -> Any:
    """CIE 1976 L*a*b* of linear sRGB ``[n, 3]`` under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (light @ to_xyz.T / (0.9505, 1, 1.089)).T
    f, g, h = (np.where(one > 216 / 24389, np.cbrt(one), (24389 / 27 * one + 16) / 116) for one in (x, y, z))
    return np.stack([116 * g - 16, 500 * (f - g), 200 * (g - h)], axis=1)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("ground", "behind", "contrast"), [("light", "#FFFFFF", 2.2), ("dark", "#0E1117", 2.6)])
def test_colours_of_a_turn_tell_its_quarters_apart(ground: str, behind: str, contrast: float, sight: str) -> None:
    stops = CYCLIC_RAMP[ground]
    assert stops[0] == stops[-1]
    anchors = np.array([[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in stops])
    at = np.arange(64) / 64
    table = np.stack([np.interp(at, np.linspace(0, 1, len(stops)), one) for one in anchors.T], axis=1)
    light = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
    levels = np.array([light @ [0.2126, 0.7152, 0.0722], np.full(64, luminance(behind))]) + 0.05
    assert (levels.max(axis=0) / levels.min(axis=0)).min() > contrast
    seen = lab(np.clip(light @ np.asarray(SIGHTS[sight]).T, 0, 1))
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
    turns = np.abs(at[:, None] - at[None])
    assert apart[np.minimum(turns, 1 - turns) >= 0.25].min() >= 25


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(-3, 3))
def test_values_that_go_around_have_the_same_colour_a_turn_later(values: list[float], turns: int) -> None:
    angles = np.round(values, 3)
    first, later = colour(angles, period=360), colour(angles + 360 * turns, period=360)
    assert (first.legend["low"], first.legend["high"]) == (0, 360) and first.legend["ramp"] is CYCLIC_RAMP
    around = np.abs(first.codes.astype(int) - later.codes.astype(int))
    assert np.minimum(around, 65534 - around).max() <= 1


def test_what_is_no_period_is_refused() -> None:
    assert colour(np.array([0, 90, 180, 450]), period=360).codes.tolist() == [0, 16384, 32767, 16384]
    assert colour(np.array([0.25, np.nan]), period=1).codes[1] == 65535
    for period, diverging in ((0.0, False), (-1.0, False), (np.inf, False), (1.0, True)):
        with pytest.raises(ValueError, match="period"):
            colour([0.5], period=period, diverging=diverging)


def test_rows_without_coordinates_are_left_out_and_positions_in_the_plane_are_exact() -> None:
    points = np.array([[1, 2], [np.nan, 0], [0.1, -7], [0, np.inf]], dtype=np.float32)
    cloud = encode_coordinates(points)
    assert np.flatnonzero(cloud.drawn).tolist() == [0, 2]
    assert (cloud.total, cloud.count) == (4, 2)
    assert (cloud.positions[[0, 2]] == points[[0, 2]].astype(float)).all()
    assert (cloud.frame["low"], cloud.frame["high"]) == ([np.float32(0.1), -7], [1, 2])
    in_space = encode_coordinates(np.column_stack([points, np.ones(4)]))
    assert in_space.column.array[:, 3].tolist() == [0, 1, 0, 1]
    assert np.isnan(in_space.positions[[1, 3]]).all() and np.isfinite(in_space.positions[[0, 2]]).all()
    points[0] = 5
    assert cloud.positions[0].tolist() == [1, 2], "what was hashed stays as it was"
    with pytest.raises(ValueError, match="n, 2"):
        encode_coordinates(np.zeros((3, 4)))


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 3), min_size=1, max_size=30))
def test_positions_in_space_are_within_half_a_step(points: list[tuple[float, float, float]]) -> None:
    cloud = encode_coordinates(points)
    step = cloud.frame["step"]
    assert np.abs(cloud.positions - np.asarray(points, dtype=np.float32)).max() <= step * 0.5001
    assert cloud.column.array.dtype == np.uint16
    middle = (np.asarray(cloud.frame["low"]) + cloud.frame["high"]) / 2
    farthest = np.linalg.norm(np.asarray(points, dtype=np.float32) - middle, axis=1).max()
    assert cloud.frame["reach"] == pytest.approx(farthest, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_point_costs_at_most_twelve_bytes(dimensions: int) -> None:
    count = 10_000
    points = np.random.default_rng(0).normal(size=(count, dimensions)).astype(np.float32)
    cloud = encode_coordinates(points)
    blocks = {
        "coordinates": cloud.column.array,
        "colour": encode_colour(points[:, 0], cloud).codes,
        "sizes": encode_sizes(points[:, 1], cloud).column.array,
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
    found = encode_colour(None, encode_coordinates(np.zeros((2, 2)))) if column is None else colour(column)
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
        encode_colour([1], encode_coordinates(np.zeros((2, 2))))


def operation(kind: str, mode: str, identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "kind": kind, "mode": mode, **more}


#: Five rows, of which the second has no coordinates.
CLOUD = encode_coordinates([[0.5, 0.5], [np.nan, 0.5], [1.5, 0.5], [2.5, 0.5], [3.5, 0.5]])
RESOLVER = Resolver(CLOUD, encode_colour([0, 1, 1, 0, 1], CLOUD))


def find(_: Operation) -> Resolver:
    return RESOLVER


def begin(selected: Any = None, cloud: str = "cloud") -> Progress:
    return start(cloud, selected, CLOUD.drawn)


def box(left: float, right: float) -> list[list[float]]:
    return [[left, 0], [right, 0], [right, 1], [left, 1]]


def test_operations_fold_one_after_another_and_again_from_the_start() -> None:
    progress = begin([2])
    assert describe(progress).points.tolist() == [2]
    steps = [
        (operation("polygon", "add", "a", polygon=box(0, 1)), [0, 2], "add"),
        (operation("point", "subtract", "b", index=2), [0], "subtract"),
        (operation("category", "add", "c", index=1), [0, 2, 4], "add"),
        (operation("category", "subtract", "d", index=1), [0], "subtract"),
        (operation("point", "add", "e", index=4), [0, 4], "add"),
        (operation("invert", "invert", "f", hidden=[1]), [3, 4], "invert"),
        (operation("polygon", "subtract", "g", polygon=box(2, 4), hidden=[0]), [3], "subtract"),
    ]
    told: list[dict[str, Any]] = []
    for step, expected, mode in steps:
        told.append(step)
        progress = progress.fold(told, find)
        found = describe(progress)
        assert (found.points.tolist(), found.mode) == (expected, mode)
        assert (found.clicked, found.polygon is not None) == (step.get("index") if step["kind"] == "point" else None,
                                                              "polygon" in step)  # fmt: skip
    afresh = begin([2]).fold(told, find)
    assert describe(afresh).points.tolist() == [3]
    shorter = progress.fold([operation("point", "replace", "h", index=3)], find)
    assert (describe(shorter).points.tolist(), describe(shorter).clicked) == ([3], 3)
    assert describe(shorter.fold([operation("clear", "clear", "i")], find)).points.tolist() == []


def test_rows_without_coordinates_are_never_selected() -> None:
    assert describe(begin([0, 1])).points.tolist() == [0]
    for told in (
        operation("invert", "invert", "a"),
        operation("category", "replace", "a", index=1),
        operation("polygon", "replace", "a", polygon=box(-9, 9)),
        operation("point", "replace", "a", index=1),
    ):
        assert 1 not in describe(begin().fold([told], find)).points


def test_a_filter_narrows_what_is_selected_as_long_as_it_stands() -> None:
    progress = begin().fold([operation("polygon", "replace", "a", polygon=box(0, 3))], find)
    assert describe(progress, np.array([True, True, False, True, True])).points.tolist() == [0, 3]
    assert describe(progress).points.tolist() == [0, 2, 3]


def test_a_range_of_values_keeps_the_rest_and_missing_values_from_being_selected() -> None:
    cloud = encode_coordinates([[0, 0], [1, 0], [2, 0], [3, 0]])
    resolver = Resolver(cloud, encode_colour([0.0, 0.5, 1.0, np.nan], cloud))
    told = operation("polygon", "replace", "a", polygon=[[-9, -9], [9, -9], [9, 9], [-9, 9]])
    every = start("", None, cloud.drawn)
    assert describe(every.fold([told], lambda _: resolver)).points.tolist() == [0, 1, 2, 3]
    narrowed = every.fold([told | {"range": [32767, 65534]}], lambda _: resolver)
    assert describe(narrowed).points.tolist() == [1, 2]


@given(st.floats(0, 1))
def test_a_morphed_map_is_resolved_where_its_points_were_shown(share: float) -> None:
    generator = np.random.default_rng(3)
    one, two = generator.normal(size=(2, 50, 2)).astype(np.float32)
    resolver = Resolver(cloud := encode_coordinates(one), encode_colour(None, cloud), encode_coordinates(two))
    placed = resolver.positions(share)
    exact = one.astype(np.float64) * (1 - share) + two.astype(np.float64) * share
    assert np.allclose(placed, exact, rtol=1e-6, atol=1e-6)
    assert placed.dtype == np.float32
    told = operation("polygon", "replace", "a", polygon=[[-9, -9], [0, -9], [0, 9], [-9, 9]], t=share)
    found = describe(start("", None, cloud.drawn).fold([told], lambda _: resolver)).points
    assert found.tolist() == np.flatnonzero(placed[:, 0] <= 0).tolist()


def test_a_click_in_a_picture_takes_the_nearest_point_within_reach() -> None:
    def at(x: float, reach: float, **more: Any) -> Any:
        told = operation("near", "replace", "a", place=[x, 0.5, reach], **more)
        return describe(begin().fold([told], find))

    assert (at(1.6, 0.2).points.tolist(), at(1.6, 0.2).clicked) == ([2], 2)
    assert (at(1.6, 0.05).points.tolist(), at(1.6, 0.05).clicked) == ([], None)
    assert at(1.6, 1.5, hidden=[1]).points.tolist() == [3]
    assert at(2.0, 1).points.tolist() == [3], "of two that are equally near the last"


def test_what_was_done_on_a_linked_map_is_resolved_there_once_it_is_known() -> None:
    elsewhere = encode_coordinates([[9, 9], [0, 0], [0, 0], [0, 0], [9, 9]])
    known = {"other": Resolver(elsewhere, encode_colour(None, elsewhere))}
    told = [
        operation("point", "replace", "a", index=2),
        operation("polygon", "add", "b", polygon=[[8, 8], [10, 8], [10, 10], [8, 10]], cloud="other"),
    ]
    progress = begin().fold(told, lambda one: RESOLVER if not one.cloud else None)
    assert (describe(progress).points.tolist(), progress.is_behind(told)) == ([2], True)
    progress = progress.fold(told, lambda one: known.get(one.cloud, RESOLVER))
    assert (describe(progress).points.tolist(), progress.is_behind(told)) == ([0, 2, 4], False)


def test_flags_travel_as_rows_or_as_bits_whichever_is_shorter() -> None:
    flags = np.zeros(100, dtype=np.bool_)
    assert chosen_rows(flags) == {}
    flags[[3, 99]] = True
    assert chosen_rows(flags)["selected"].tolist() == [3, 99]
    flags[:50] = True
    bits = chosen_rows(flags)["selected_bits"]
    assert len(bits) == 13
    assert [int(bits[row >> 3]) >> (row & 7) & 1 for row in range(100)] == flags.astype(int).tolist()
    assert (bits == mask_bits(flags)).all()


def test_operations_of_other_points_are_not_taken() -> None:
    beginning = begin([2])
    record = {"cloud": "cloud", "base": beginning.base, "list": [1]}
    assert saved(record, beginning) == [1]
    assert saved(record | {"cloud": "other"}, beginning) is None
    assert saved(record, begin([3])) is None
    assert saved(None, beginning) is None


def test_a_start_that_comes_back_does_not_bring_its_old_operations_back() -> None:
    first, second = begin([2]), begin([3])
    told = [operation("point", "add", "a", index=0)]
    progress = follow(None, first, told).fold(told, find)
    assert describe(progress).points.tolist() == [0, 2]
    assert follow(progress, first, told) is progress
    progress = follow(progress, second, None)
    assert describe(progress).points.tolist() == [3]
    progress = follow(progress, first, told).fold(told, find)
    assert describe(progress).points.tolist() == [2]
    assert describe(progress.fold([operation("invert", "invert", "b")], find)).points.tolist() == [0, 3, 4]


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"id": "a", "kind": "eval", "mode": "add"},
        {"id": "a", "kind": "polygon", "mode": "add", "polygon": [[1]]},
        {"id": "a", "kind": "polygon", "mode": "add", "polygon": "text"},
        {"id": "a", "kind": "point", "mode": "add", "index": "x"},
        {"id": "a", "kind": "invert", "mode": "invert", "t": 1.5},
        {"id": "a", "kind": "invert", "mode": "invert", "t": float("nan")},
        {"id": "a", "kind": "invert", "mode": "invert", "range": [5, 4]},
        {"id": "a", "kind": "near", "mode": "add", "place": [1, 2]},
        {"id": "a", "kind": "near", "mode": "add", "place": [1, 2, float("inf")]},
        {"id": "a", "kind": "polygon", "mode": "add", "polygon": [[0, 0], [1, float("nan")], [1, 1]]},
    ],
)
def test_what_is_no_operation_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Operation.read(told)


def test_a_point_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="the point 5"):
        begin().fold([operation("point", "add", "a", index=5)], find)


def test_selected_rows_must_exist() -> None:
    for row in (5, -1):
        with pytest.raises(ValueError, match="from 0 to 4"):
            begin([row])


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
