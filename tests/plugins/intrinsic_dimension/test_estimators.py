# SPDX-License-Identifier: Apache-2.0
"""Four estimates of bodies whose dimension is known, exact small cases, invariance, and the intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group
from sklearn.datasets import make_swiss_roll

from plugins.intrinsic_dimension.estimators import (
    local_components,
    maximum_likelihood,
    persistent_homology,
    subset_sizes,
    tree_length,
)
from plugins.intrinsic_dimension.measures import METHODS, Neighbourhoods, estimate, estimates, gaussian_of
from plugins.layers.distances import centred_products, squared_distances

NEAR = Neighbourhoods(10, 30)


def squared(points: Any) -> Any:
    return squared_distances(centred_products(np.asarray(points, dtype=np.float64)))


def four(points: Any, seed: int = 0) -> dict[str, float]:
    return dict(zip(METHODS, estimate(squared(points), NEAR, np.random.default_rng(seed)).tolist(), strict=True))


def body(kind: str, n: int, d: int, seed: int) -> Any:
    random = np.random.default_rng(seed)
    if kind == "cube":
        return random.random((n, d))
    points = random.standard_normal((n, d))
    if kind == "gaussian":
        return points
    return points / np.linalg.norm(points, axis=1, keepdims=True) * random.random((n, 1)) ** (1 / d)


@pytest.mark.parametrize("kind", ["cube", "ball", "gaussian"])
@pytest.mark.parametrize(("d", "low", "high"), [(2, 0.9, 1.15), (5, 0.85, 1.15), (10, 0.75, 1.05)])
def test_bodies_within_the_stated_bias(kind: str, d: int, low: float, high: float) -> None:
    """Over the dimension: a thousand points; edges make ten dimensions of a cube about 8.2."""
    means = np.mean([list(four(body(kind, 1000, d, seed)).values()) for seed in range(2)], axis=0) / d
    assert (means > low).all() and (means < high).all(), dict(zip(METHODS, means, strict=True))


def test_line_in_a_hundred_dimensions_is_one() -> None:
    random = np.random.default_rng(0)
    found = four(random.random((1000, 1)) @ random.standard_normal((1, 100)) + random.standard_normal(100))
    assert found["lpca"] == 1.0
    assert list(found.values()) == pytest.approx([1.0] * 4, abs=0.12)


def test_swiss_roll_is_two_although_it_lies_in_three() -> None:
    found = four(make_swiss_roll(2000, random_state=0)[0])
    assert [found[name] for name in ("two_nn", "mle", "ph0")] == pytest.approx([2, 2, 2], abs=0.25)
    assert 2 <= found["lpca"] < 2.6  # the roll is curved within thirty neighbours


def test_noise_is_counted_by_neighbours_and_not_by_components() -> None:
    """A plane with a little noise in eight more axes: at the distance of neighbours it is more than a plane."""
    random = np.random.default_rng(0)
    points = np.concatenate([random.random((1000, 2)), 0.02 * random.standard_normal((1000, 8))], axis=1)
    assert four(points)["two_nn"] > 3
    assert four(points[:, :2])["two_nn"] < 2.3


def test_likelihood_of_three_points_by_hand() -> None:
    """0, 1 and 3 on a line with two neighbours: mean of log(3), log(2) and log(3 / 2); they are used as inverses."""
    table = squared([[0.0], [1.0], [3.0]])
    expected = 3 / (math.log(3) + math.log(2) + math.log(1.5))
    assert maximum_likelihood(table, 2) == pytest.approx(expected, rel=1e-9)


def test_likelihood_averages_inverses_as_mackay_and_ghahramani() -> None:
    points = body("cube", 300, 3, 0)
    distances = np.sort(cdist(points, points), axis=1)[:, 1:11]
    local = 9 / np.log(distances[:, -1:] / distances[:, :-1]).sum(axis=1)
    assert maximum_likelihood(squared(points), 10) == pytest.approx(1 / np.mean(1 / local), rel=1e-6)


def test_components_are_those_of_the_neighbourhoods() -> None:
    points = body("gaussian", 200, 4, 0) * [3.0, 2.0, 0.5, 0.05]
    table = cdist(points, points)
    counts = []
    for at in range(len(points)):
        near = points[np.argsort(table[at])[:21]]
        spectrum = np.linalg.svd(near - near.mean(axis=0), compute_uv=False) ** 2
        counts.append(1 + int((np.cumsum(spectrum) < 0.95 * spectrum.sum()).sum()))
    assert local_components(squared(points), 20) == pytest.approx(np.mean(counts), abs=1e-9)


def test_tree_is_that_of_scipy_and_joins_equal_points() -> None:
    points = body("cube", 120, 3, 0)
    table = cdist(points, points)
    assert tree_length(table) == pytest.approx(float(minimum_spanning_tree(table).sum()), rel=1e-9)
    twice = np.concatenate([points, points])
    assert tree_length(cdist(twice, twice)) == pytest.approx(tree_length(table), rel=1e-9)


def test_growth_of_the_tree_on_a_grid_line_is_one() -> None:
    """Subsets of evenly spaced points of a segment nearly span it: the length does not grow, the dimension is one."""
    table = np.abs(np.subtract.outer(np.arange(512.0), np.arange(512.0)))
    assert persistent_homology(table, np.random.default_rng(0)) == pytest.approx(1, abs=0.02)
    assert subset_sizes(512)[[0, -1]].tolist() == [64, 512]


def test_do_not_depend_on_size_place_turn_or_order() -> None:
    points = body("ball", 300, 4, 0)
    turned = 30 * points @ ortho_group.rvs(4, random_state=0) - 5
    order = np.random.default_rng(1).permutation(300)
    for name in ("two_nn", "mle", "lpca"):
        assert four(turned)[name] == pytest.approx(four(points)[name], rel=1e-6)
        assert four(points[order])[name] == pytest.approx(four(points)[name], rel=1e-6)
    assert four(turned)["ph0"] == pytest.approx(four(points)["ph0"], rel=1e-6)
    assert four(points[order])["ph0"] == pytest.approx(four(points)["ph0"], rel=0.1)  # other subsets


def test_intervals_are_as_wide_as_other_samples_are_apart() -> None:
    """The standard error from random halves is not below the spread of fresh samples, nor far above it."""
    fresh = np.array(
        [estimate(squared(body("cube", 300, 6, seed)), NEAR, np.random.default_rng(seed)) for seed in range(60)]
    )
    spread = np.log(fresh).std(axis=0, ddof=1)
    told = []
    for seed in range(5):
        found = estimates(squared(body("cube", 300, 6, 100 + seed)), NEAR, 20, np.random.default_rng(seed))
        assert (found.low < found.values).all() and (found.values < found.high).all()
        told.append(np.log(found.halves).std(axis=0, ddof=1))
    ratio = np.mean(told, axis=0) / spread
    assert (ratio > 0.7).all() and (ratio < 2).all(), dict(zip(METHODS, ratio, strict=True))


def test_gaussian_beside_them_has_their_covariance() -> None:
    points = body("cube", 400, 6, 0) * [5.0, 3.0, 1.0, 1.0, 0.2, 0.1]
    products = centred_products(points)
    drawn = gaussian_of(products, np.random.default_rng(0))
    whole = squared_distances(products).mean()
    assert drawn.mean() == pytest.approx(whole, rel=0.1)
    centring = np.eye(400) - 1 / 400
    spectrum = np.linalg.eigvalsh(-0.5 * centring @ drawn @ centring)[::-1]
    assert spectrum[:6] / 400 == pytest.approx(np.sort(points.var(axis=0))[::-1], rel=0.35)
    assert np.abs(spectrum[6:]).max() < 1e-6 * spectrum[0]


def test_what_is_not_defined_is_not_a_number() -> None:
    lattice = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), axis=-1).reshape(-1, 2)
    assert math.isnan(four(lattice)["two_nn"])
    assert math.isnan(maximum_likelihood(squared([[0.0], [1.0]]), 5))
    assert math.isnan(local_components(squared([[0.0], [1.0]]), 5))
    assert math.isnan(persistent_homology(np.ones((8, 8)) - np.eye(8), np.random.default_rng(0)))
