# SPDX-License-Identifier: Apache-2.0
"""The analysis on classes of known shape: a circle cut in two, heaps, a class in two pieces; and bad input."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import workbench as wb
from tests.plugins.class_homology.jobs import codes, half_circles, heaps, run
from tests.plugins.homology.jobs import circle


@cache
def of_half_circles() -> wb.Result:
    return run(*half_circles(150))


def test_two_half_circles_are_joined_by_a_loop_and_no_other_pair_is() -> None:
    result = of_half_circles()
    pairs = result.tables["pairs"]
    joined = pairs[pairs["joined_by_loop"]]
    assert joined[["first", "second"]].to_numpy().tolist() == [["lower", "upper"]]
    row = joined.iloc[0]
    assert row["loop_share"] == 1.0
    assert row["halves_share"] == 0.0
    assert row["blob_share"] <= 0.5 and row["controls_high"] < row["loop_share_low"]
    assert row["p_value"] < 1e-3
    (found,) = [one for one in result.findings if one.code == "class-homology.joined-by-loop"]
    assert "kind lower and kind upper" in found.statement
    assert found.low is not None and found.threshold is not None and found.low > found.threshold
    assert found.n == 300


def test_the_cycle_is_an_arc_of_each_and_goes_once_around() -> None:
    result = of_half_circles()
    row = result.tables["loops"].query("joined_by_loop").iloc[0]
    assert row["changes"] == 2 and not row["first_alone"] and not row["second_alone"]
    points, kinds = half_circles(150)
    cycle = result.arrays["rows"][result.arrays[f"cycle_{row['loop']}"]]
    labels = np.array([kinds[one] for one in cycle])
    assert set(labels) == {"lower", "upper"}
    assert (labels == "lower").sum() == row["samples_of_first"]
    middle = points[:300].mean(axis=0)
    _, _, axes = np.linalg.svd(points[:300] - middle, full_matrices=False)
    x, y = (points[cycle] - middle) @ axes[:2].T @ np.eye(2)[:, 0], (points[cycle] - middle) @ axes[1]
    steps = np.diff(np.unwrap(np.r_[np.arctan2(y, x), np.arctan2(y, x)[:1]]))
    assert abs(steps.sum()) == pytest.approx(2 * np.pi)
    assert row["birth"] < 0.8 < 1.6 < row["death"] < 2.0  # sqrt(3) of a circle of radius 1


def test_a_far_heap_has_a_gap_and_halves_have_none() -> None:
    result = of_half_circles()
    pairs = result.tables["pairs"].set_index(["first", "second"])
    assert pairs.loc[("heap", "lower"), "join_low"] > 3
    assert pairs.loc[("heap", "upper"), "join_low"] > 3
    assert pairs.loc[("lower", "upper"), "join_high"] < 1.6
    assert (result.tables["classes"]["halves_join"] < 1.2).all()
    assert pairs.loc[("heap", "lower"), "shapes_differ"]


def test_one_class_that_is_a_whole_circle_is_joined_to_nothing() -> None:
    ring = circle(240, noise=0.05)
    random = np.random.default_rng(1)
    inside = ring[:150] * 0.1 + 0.05 * random.standard_normal((150, 16))
    split = np.where(np.arange(240) % 2, "odd", "even").tolist()  # every second point: both have the whole loop
    result = run(np.r_[ring, inside.astype(np.float32)], [*split, *["inside"] * 150])
    assert not result.tables["pairs"]["joined_by_loop"].any()
    classes = result.tables["classes"].set_index("class")
    assert classes.loc["odd", "loops"] == classes.loc["even", "loops"] == 1
    assert classes.loc["inside", "loops"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_heaps_are_joined_by_nothing(seed: int) -> None:
    result = run(*heaps(100, 4, seed), seed=seed)
    assert not result.tables["pairs"]["joined_by_loop"].any()
    assert "class-homology.joined-by-loop" not in codes(result)
    (none,) = [one for one in result.findings if one.code == "class-homology.none"]
    assert none.low is not None and none.high is not None and none.low <= none.value <= none.high
    assert not result.tables["classes"]["pieces"].gt(1).any()
    assert result.numbers()["joined_pairs"] == 0


def test_a_class_in_two_pieces_is_told() -> None:
    points, kinds = heaps(120, 2, axes=8)
    points[:60, 0] += 40
    result = run(points, kinds)
    (found,) = [one for one in result.findings if one.code == "class-homology.class-in-pieces"]
    assert found.statement.startswith("kind 0 falls into 2 pieces")
    assert "50.0%" in found.statement
    assert found.low is not None and found.low > 0.5
    assert result.tables["classes"]["pieces"].tolist() == [2, 1]


def test_two_samples_of_one_heap_do_not_differ_in_shape() -> None:
    random = np.random.default_rng(3)
    result = run(random.standard_normal((300, 6)).astype(np.float32), ["a"] * 150 + ["b"] * 150)
    assert "class-homology.shapes-differ" not in codes(result)
    assert result.tables["pairs"]["join"].iloc[0] == pytest.approx(1, abs=0.2)


def test_a_dense_class_and_one_of_a_line_differ_in_shape() -> None:
    random = np.random.default_rng(3)
    line = np.c_[random.uniform(0, 9, 150), 0.01 * random.standard_normal((150, 5))]
    points = np.r_[random.standard_normal((150, 6)), line].astype(np.float32)
    result = run(points, ["ball"] * 150 + ["line"] * 150)
    (found,) = [one for one in result.findings if one.code == "class-homology.shapes-differ"]
    assert found.low is not None and found.low > 0


def test_a_flat_projection_can_make_a_loop_that_is_not_there() -> None:
    turn = np.random.default_rng(0).uniform(0, np.pi, 200)
    lift = np.where(np.arange(200) < 100, 0.0, 1.5)  # the half circles lie on different floors
    sign = np.where(np.arange(200) < 100, 1.0, -1.0)
    points = np.c_[3 * sign * np.cos(turn), 3 * sign * np.sin(turn), lift, lift, lift].astype(np.float32)
    kinds = ["lower"] * 100 + ["upper"] * 100
    whole, flat = run(points, kinds), run(points, kinds, components=2)
    assert flat.tables["pairs"]["loop_share"].iloc[0] == 1.0
    assert flat.tables["pairs"]["join"].iloc[0] < 0.7 * whole.tables["pairs"]["join"].iloc[0]
    assert any("2 principal components" in one for one in flat.notes)


def test_the_same_seed_gives_the_same_and_another_seed_other_numbers() -> None:
    given = heaps(60, 2)
    first, again, other = run(*given), run(*given), run(*given, seed=1)
    for name in ("classes", "pairs", "loops"):
        assert first.tables[name].equals(again.tables[name])
    assert first.tables["pairs"]["stretch"].iloc[0] != other.tables["pairs"]["stretch"].iloc[0]


@pytest.mark.parametrize(("noise", "joined"), [(0.15, True), (0.25, False)])
def test_how_thick_a_loop_is_still_seen(noise: float, joined: bool) -> None:
    """What the page of the digits says of planted loops."""
    points, kinds = half_circles(200, noise=noise)
    result = run(points[:400], kinds[:400], per_class=100, draws=20)
    assert result.tables["pairs"]["joined_by_loop"].tolist() == [joined]


def test_along_the_graph_the_half_circles_are_joined_too() -> None:
    points, kinds = half_circles(110)
    result = run(points[:220], kinds[:220], metric="geodesic", draws=20)
    assert result.tables["pairs"]["joined_by_loop"].tolist() == [True]
    assert result.tables["pairs"]["loop_share"].iloc[0] == 1.0


def test_by_angle_two_heaps_make_the_same_loop_and_the_control_says_so() -> None:
    """Directions of two heaps around opposite middles go all around: the loop is the metric's, not the classes'."""
    points, kinds = half_circles(110)
    result = run(points[:220], kinds[:220], metric="cosine")
    row = result.tables["pairs"].iloc[0]
    assert row["loop_share"] == 1.0
    assert row["blob_share"] > 0.5
    assert not row["joined_by_loop"]


def test_voids_of_each_class() -> None:
    random = np.random.default_rng(0)
    ball = random.standard_normal((500, 3))
    points = np.r_[ball[:400] / np.linalg.norm(ball[:400], axis=1, keepdims=True), 0.5 * ball[400:] + 3]
    result = run(points.astype(np.float32), ["sphere"] * 400 + ["ball"] * 100, max_dim=2, per_class=50, draws=8)
    voids = result.tables["classes"].set_index("class")["voids"]
    assert voids["sphere"] == 1 and voids["ball"] == 0
    assert "bottleneck_h2" in result.tables["pairs"]


def test_the_classes_asked_for_and_small_ones_left_out() -> None:
    points, kinds = heaps(60, 4)
    kinds[-55:] = ["2"] * 55  # five are left of the last
    result = run(points, kinds, classes="2, 0")
    assert result.tables["classes"]["class"].tolist() == ["0", "2"]
    assert len(result.tables["pairs"]) == 1
    assert any("fewer than 20 points" in one for one in result.notes)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"classes": "7"}, "kind has no class '7'"),
        ({"classes": "0"}, "two classes with at least 20 points each are needed, but 'kind' has 1"),
        ({"by": "colour"}, "no such column"),
    ],
)
def test_bad_input_is_refused_in_words(params: dict[str, str], words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=re.escape(words)):
        run(*heaps(40, 2), **params)


def test_points_that_are_equal_do_no_harm() -> None:
    points, kinds = heaps(60, 2)
    points[5:40] = points[5]
    result = run(points, kinds, draws=3)
    assert len(result.tables["pairs"]) == 1
