# SPDX-License-Identifier: Apache-2.0
"""Two maps of the same points: what moved, and which neighbours are kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.projection.comparing import (
    by_group,
    common_points,
    mean_of_levels,
    most_changed,
    movement,
    neighbour_overlap,
    space_overlap,
)
from plugins.projection.procrustes import stability

SEEDS = st.integers(0, 2**31)


def cloud(seed: int, n: int = 60, dimensions: int = 2) -> Any:
    return np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)


def moved_as_a_whole(places: Any, seed: int, factor: float = 3.0, shift: float = 7.0) -> Any:
    """Turned, scaled and shifted; mirrored or not, by the seed."""
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((places.shape[1],) * 2))[0]
    return factor * places.astype(np.float64) @ turn + shift


def by_sets(left: Any, right: Any, k: int) -> Any:
    """The definition, point by point."""

    def near(places: Any, at: int) -> set[int]:
        away = np.linalg.norm(places.astype(np.float64) - places[at], axis=1)
        away[at] = np.inf
        return set(np.argsort(away, kind="stable")[:k].tolist())

    return np.array([len(near(left, at) & near(right, at)) / k for at in range(len(left))])


@pytest.mark.parametrize("dimensions", [1, 2, 3, 7])
def test_a_map_and_its_copy_share_all_neighbours_and_nothing_moves(dimensions: int) -> None:
    places = cloud(0, 200, dimensions)
    found = neighbour_overlap(places, places, 9)
    assert (found.values == 1).all() and (found.mean, found.low, found.high) == (1, 1, 1)
    assert (found.count, found.anchors, found.undefined) == (200, 200, 0)
    moved = movement(places, places)
    assert moved.disparity == pytest.approx(0, abs=1e-12) and moved.displacement.max() < 1e-6 and not moved.mirrored
    np.testing.assert_allclose(moved.coordinates, places, atol=1e-6)


@given(seed=SEEDS, dimensions=st.integers(1, 3), factor=st.floats(0.01, 100), shift=st.floats(-100, 100))
@settings(max_examples=40, deadline=None)
def test_a_map_turned_mirrored_scaled_and_shifted_is_the_same_map(
    seed: int, dimensions: int, factor: float, shift: float
) -> None:
    places = cloud(seed, 40, dimensions)
    other = moved_as_a_whole(places, seed, factor, shift)
    assert neighbour_overlap(places, other, 5).mean == 1
    moved = movement(places, other)
    assert moved.disparity == pytest.approx(0, abs=1e-9) and moved.displacement.max() < 1e-4
    np.testing.assert_allclose(moved.coordinates, places, atol=1e-4)


def test_a_mirrored_map_is_told_to_be_one() -> None:
    places = cloud(1)
    assert movement(places, places * [1, -1]).mirrored
    assert not movement(places, places @ [[0, 1], [-1, 0]]).mirrored


@given(seed=SEEDS, dimensions=st.tuples(st.integers(1, 6), st.integers(1, 6)), k=st.integers(1, 24))
@settings(max_examples=40, deadline=None)
def test_overlap_is_what_the_definition_says(seed: int, dimensions: tuple[int, int], k: int) -> None:
    left, right = cloud(seed, 25, dimensions[0]), cloud(seed + 1, 25, dimensions[1])
    right[:, 0] += 2 * left[:, 0]
    found = neighbour_overlap(left, right, k)
    np.testing.assert_allclose(found.values, by_sets(left, right, k), atol=1e-7)
    assert found.mean == pytest.approx(found.values.mean(dtype=np.float64))
    assert found.low <= found.mean + 1e-9 and found.mean <= found.high + 1e-9


@given(seed=SEEDS, k=st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_left_and_right_may_be_exchanged(seed: int, k: int) -> None:
    left, right = cloud(seed, 30), cloud(seed + 1, 30, 3)
    here, there = neighbour_overlap(left, right, k), neighbour_overlap(right, left, k)
    np.testing.assert_array_equal(here.values, there.values)
    assert (here.mean, here.low, here.high) == (there.mean, there.low, there.high)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_points_does_not_matter(seed: int) -> None:
    left, right = cloud(seed), cloud(seed + 1)
    order = np.random.default_rng(seed).permutation(len(left))
    whole = neighbour_overlap(left, right, 7)
    np.testing.assert_array_equal(neighbour_overlap(left[order], right[order], 7).values, whole.values[order])
    np.testing.assert_allclose(
        movement(left[order], right[order]).displacement, movement(left, right).displacement[order], atol=1e-5
    )


def test_maps_that_have_nothing_to_do_with_each_other_give_chance() -> None:
    n, k = 3000, 15
    places = cloud(3, n)
    found = neighbour_overlap(places, places[np.random.default_rng(4).permutation(n)], k)
    assert found.chance == k / (n - 1)
    assert found.low < found.chance < found.high
    assert found.high - found.low < 0.003
    moved = movement(places, places[np.random.default_rng(4).permutation(n)])
    assert 0.99 < moved.disparity <= 1 + 1e-9


def test_overlap_is_the_stability_of_two_maps() -> None:
    left, right = cloud(5, 300), cloud(5, 300) + cloud(6, 300) / 3
    np.testing.assert_allclose(neighbour_overlap(left, right, 11).values, stability([left, right], 11), atol=1e-7)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_disparity_is_the_mean_squared_displacement(seed: int) -> None:
    moved = movement(cloud(seed), 50 * cloud(seed + 1) + 3)
    assert moved.disparity == pytest.approx(float(np.square(moved.displacement, dtype=np.float64).mean()), rel=1e-5)


def test_displacement_is_in_units_of_the_radius_of_the_left_map() -> None:
    """Of four corners at distance 1 from their mean, one is taken 0.2 away on a map drawn a thousand times larger."""
    corners = np.tile([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], (2500, 1))
    right = corners.copy()
    right[0] += [0.2, 0.0]
    for factor in (1, 1000):
        moved = movement(factor * corners, right)
        assert moved.radius == pytest.approx(factor)
        assert moved.displacement[0] == pytest.approx(0.2, rel=1e-3) and moved.displacement[1:].max() < 1e-3


def test_points_in_one_place_have_no_nearest_neighbours() -> None:
    left, right = cloud(7, 30), cloud(8, 30)
    left[:8] = left[0]
    found = neighbour_overlap(left, right, 5)
    assert np.isnan(found.values[:8]).all() and np.isfinite(found.values[8:]).all()
    assert (found.undefined, found.anchors) == (8, 22)
    exactly = neighbour_overlap(left, left, 7)  # eight in one place: the seven others are the nearest
    assert exactly.undefined == 0 and exactly.mean == 1


@pytest.mark.parametrize("dimensions", [2, 5])
def test_maps_without_extent_are_not_measured(dimensions: int) -> None:
    same, other = np.ones((20, dimensions), dtype=np.float32), cloud(9, 20, dimensions)
    for left, right in ((same, other), (other, same), (same, same)):
        found, moved = neighbour_overlap(left, right, 3), movement(left, right)
        assert np.isnan([found.mean, found.low, found.high, moved.disparity, moved.median]).all()
        assert (found.anchors, found.undefined) == (0, 20)
        assert np.isnan(moved.displacement).all() and np.isfinite(moved.coordinates).all()


def test_of_very_many_points_random_ones_are_looked_at_among_all() -> None:
    left, right = cloud(10, 400), cloud(10, 400) + cloud(11, 400) / 4
    whole = neighbour_overlap(left, right, 10)
    some = neighbour_overlap(left, right, 10, most=1000, seed=2)
    taken = ~np.isnan(some.values)
    assert some.anchors == taken.sum() == 100 and some.count == 400
    np.testing.assert_array_equal(some.values[taken], whole.values[taken])
    assert some.low < whole.mean < some.high
    again = neighbour_overlap(left, right, 10, most=1000, seed=3)
    assert not np.array_equal(np.isnan(again.values), ~taken)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = cloud(12, 500), cloud(13, 500, 6)
    whole = neighbour_overlap(left, right, 6)
    monkeypatch.setattr("plugins.projection.comparing.BLOCK", 17)
    monkeypatch.setattr("plugins.projection.comparing.BLOCK_BYTES", 20_000)
    np.testing.assert_array_equal(neighbour_overlap(left, right, 6).values, whole.values)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="same points"):
        neighbour_overlap(cloud(0, 10), cloud(0, 11), 2)
    with pytest.raises(ValueError, match="at most 9 neighbours"):
        neighbour_overlap(cloud(0, 10), cloud(0, 10), 10)
    with pytest.raises(ValueError, match="one shape"):
        movement(cloud(0, 10, 2), cloud(0, 10, 3))
    with pytest.raises(ValueError, match="NaN"):
        neighbour_overlap(cloud(0, 10) * np.nan, cloud(0, 10), 2)


@given(left=st.sets(st.integers(0, 60)), right=st.sets(st.integers(0, 60)), seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_common_points_are_found_in_both(left: set[int], right: set[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, others = (random.permutation(sorted(each)).astype(np.int64) for each in (left, right))
    here, there = common_points(rows, others)
    assert rows[here].tolist() == others[there].tolist() == sorted(left & right)
    back, forth = common_points(others, rows)
    assert (back.tolist(), forth.tolist()) == (there.tolist(), here.tolist())


def test_the_interval_of_a_mean_is_that_of_a_bootstrap_over_points() -> None:
    values = np.random.default_rng(0).integers(0, 6, 400) / 5
    mean, low, high = mean_of_levels(values, 1)
    resampled = values[np.random.default_rng(2).integers(0, 400, (4000, 400))].mean(axis=1)
    np.testing.assert_allclose([low, high], np.percentile(resampled, [2.5, 97.5]), atol=0.004)
    assert mean == pytest.approx(values.mean())
    assert np.isnan(mean_of_levels([], 0)).all()


def test_groups_are_ordered_by_their_mean_and_what_has_no_group_is_left_out() -> None:
    values = [1.0, 0.8, 0.2, np.nan, 0.4, 0.0]
    found = by_group(values, ["a", "a", "b", "b", "b", None])
    assert [(one.name, one.count) for one in found] == [("b", 2), ("a", 2)]
    assert [one.mean for one in found] == pytest.approx([0.3, 0.9])
    assert found[0].low == pytest.approx(0.2) and found[0].high == pytest.approx(0.4)


def test_what_changed_most_comes_first_and_what_is_not_known_not_at_all() -> None:
    overlap = np.array([0.5, 0.1, np.nan, 0.1, 0.9])
    moved = np.array([0.3, 0.2, 9.0, 0.4, np.nan])
    assert most_changed(overlap, moved, "overlap", 10).tolist() == [3, 1, 0, 4]
    assert most_changed(overlap, moved, "displacement", 2).tolist() == [2, 3]


def test_neighbours_in_spaces_are_looked_at_in_a_sample_and_in_too_large_ones_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, right = cloud(14, 300, 8), cloud(14, 300, 8) + cloud(15, 300, 8) / 2
    whole = neighbour_overlap(left, right, 6)
    every = space_overlap(left, right, 6)
    assert every is not None and every.anchors == 300 and every.mean == whole.mean
    monkeypatch.setattr("plugins.projection.comparing.ANCHORS_IN_SPACE", 120)
    some = space_overlap(left, right, 6)
    assert some is not None and some.anchors == 120 and some.low < whole.mean < some.high
    monkeypatch.setattr("plugins.projection.comparing.MOST_IN_SPACE", 2000)
    assert space_overlap(left, right, 6) is None


def test_points_without_a_place_on_one_of_the_maps_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.projection import compare_runs
    from registry.errors import DoesNotApply

    def sides(gaps: int) -> list[Any]:
        places = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
        holed = places.copy()
        holed[:gaps] = np.nan
        parts = [{"rows": np.arange(40), "coordinates": one} for one in (places, holed)]
        return [SimpleNamespace(record=SimpleNamespace(array=part.__getitem__)) for part in parts]

    monkeypatch.setattr(compare_runs.engine, "result_of", lambda record: record)
    pair = compare_runs.read_pair(*sides(7))
    assert pair.rows.tolist() == pair.here.tolist() == pair.there.tolist() == list(range(7, 40))
    assert pair.moved is not None and pair.moved.disparity < 1e-9
    with pytest.raises(DoesNotApply, match="only 9 of the common points have a place on both maps, and 10 are needed"):
        compare_runs.read_pair(*sides(31))


def test_a_model_that_was_trained_on_has_another_space_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.projection import compare_runs

    def side(space: str, fingerprint: str | None, model: str | None = "vae") -> Any:
        preimage = {"model": None if fingerprint is None else {"name": model, "fingerprint": fingerprint}}
        manifest = {"preimage": preimage}
        return SimpleNamespace(record=SimpleNamespace(model=model, params={"space": space}, manifest=manifest))

    monkeypatch.setattr(compare_runs.engine, "result_of", lambda record: record)
    assert compare_runs.same_space(side("z", "one"), side("z", "one"))
    assert not compare_runs.same_space(side("z", "one"), side("z", "two"))
    assert not compare_runs.same_space(side("z", "one"), side("layer", "one"))
    assert compare_runs.same_space(side("points", None, None), side("points", None, None))
