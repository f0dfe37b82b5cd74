# SPDX-License-Identifier: Apache-2.0
"""Where names of categories stand: at their densest place, and nowhere when they have none of their own."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.app.components.encoding import encode_colour, encode_coordinates
from workbench.app.components.places import label_places


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_name_stands_in_the_middle_of_its_cluster(dimensions: int) -> None:
    generator = np.random.default_rng(1)
    centres = generator.uniform(-5, 5, (4, dimensions))
    kinds = np.arange(20_000) % 4
    points = centres[kinds] + generator.normal(size=(len(kinds), dimensions)) * 0.2
    points[::100] = np.nan
    cloud = encode_coordinates(points)
    found = label_places(encode_colour(kinds, cloud), cloud)
    assert [code for code, _ in found] == [0, 1, 2, 3]
    assert np.allclose([place for _, place in found], centres, atol=0.25)


def test_of_two_lumps_the_denser_one_has_the_name() -> None:
    generator = np.random.default_rng(2)
    dense, thin = generator.normal([0, 0], 0.1, (3000, 2)), generator.normal([5, 5], 1.0, (4000, 2))
    cloud = encode_coordinates(np.concatenate([dense, thin]))
    ((_, place),) = label_places(encode_colour(["a"] * 7000, cloud), cloud)
    assert np.allclose(place, [0, 0], atol=0.2)


@pytest.mark.parametrize("count", [60, 2_000, 100_000])
def test_categories_spread_alike_have_no_place_of_their_own(count: int) -> None:
    generator = np.random.default_rng(3)
    cloud = encode_coordinates(generator.normal(size=(count, 2)))
    assert label_places(encode_colour(generator.integers(0, 5, count), cloud), cloud) == []


def test_a_rare_category_at_home_in_a_crowd_has_a_place() -> None:
    generator = np.random.default_rng(4)
    crowd, rare = generator.normal(size=(50_000, 2)), generator.normal([0.5, 0.5], 0.05, (500, 2))
    cloud = encode_coordinates(np.concatenate([crowd, rare]))
    names = ["crowd"] * 50_000 + ["rare"] * 500
    found = dict(label_places(encode_colour(names, cloud), cloud))
    assert np.allclose(found[1], [0.5, 0.5], atol=0.1)


def test_missing_values_the_rest_and_values_have_no_names() -> None:
    cloud = encode_coordinates(np.random.default_rng(5).normal(size=(600, 2)))
    assert label_places(encode_colour([None] * 600, cloud), cloud) == []
    assert label_places(encode_colour(np.linspace(0, 1, 600), cloud), cloud) == []
    assert label_places(encode_colour(None, cloud), cloud) == []
    many = encode_colour([f"c{row % 60}" for row in range(600)], cloud)
    assert all(code < 39 for code, _ in label_places(many, cloud))


@pytest.mark.parametrize(
    "points", [np.empty((0, 2)), np.array([[1.0, 2.0]]), np.full((50, 2), 3.0), np.full((3, 2), np.nan)]
)
def test_odd_sets_have_places_where_they_have_points(points: np.ndarray) -> None:
    cloud = encode_coordinates(points)
    found = label_places(encode_colour(["only"] * len(points), cloud), cloud)
    assert found == ([[0, points[0].tolist()]] if cloud.count else [])


def test_places_are_looked_for_once() -> None:
    cloud = encode_coordinates(np.random.default_rng(6).normal(size=(100, 2)))
    colour = encode_colour(["a"] * 100, cloud)
    assert label_places(colour, cloud) is label_places(colour, cloud)
