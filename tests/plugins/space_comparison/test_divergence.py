# SPDX-License-Identifier: Apache-2.0
"""RTD: the number that its authors print, zero where it must be, and what it does not depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group

import workbench as wb
from plugins.homology.engines import rips
from plugins.space_comparison.divergence import cross_table, divergence, one_way, scaled


def apart(points: Any) -> Any:
    return cdist(points, points)


def clouds(n: int = 60, seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    return random.random((n, 2)), random.random((n, 3))


@pytest.mark.slow
def test_number_of_the_authors() -> None:
    """Their README: two clouds of a thousand points in the unit square, ten subsets of 500, 35.55234398557805."""
    legacy = np.random.RandomState(7)
    first, second = legacy.rand(1000, 2), legacy.rand(1000, 2)
    found = []
    for _ in range(10):
        order = list(range(1000))
        legacy.shuffle(order)
        chosen = order[:500]
        found.append(divergence(apart(first[chosen]), apart(second[chosen])))
    assert np.mean(found) == pytest.approx(35.552344, abs=1e-5)


def test_same_cloud_is_at_zero() -> None:
    first, _ = clouds()
    assert divergence(apart(first), apart(first)) == 0.0


def test_a_circle_cut_open_by_hand() -> None:
    """Points of a circle, and the same laid on a line: the loop is there in one of the two alone, and so is its bar.

    The other way, each of the 39 steps is shorter on the line than in the circle, and a bar as long as the difference.
    """
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    one, other = scaled(apart(circle)), scaled(apart(angle[:, None]))
    (length,) = rips(cross_table(other, one), 1).lengths(1)
    (loop,) = rips(one, 1).lengths(1)
    assert 0.3 * loop < length < loop
    assert one_way(other, one) == length
    assert one_way(one, other) == pytest.approx(39 * (one[0, 1] - other[0, 1]), rel=1e-6)


def test_does_not_depend_on_size_place_turn_or_order() -> None:
    first, second = clouds()
    value = divergence(apart(first), apart(second))
    assert value > 0
    turned = 3.5 * (second @ ortho_group.rvs(3, random_state=1)) + 7
    assert divergence(apart(first), apart(turned)) == pytest.approx(value, rel=1e-6)
    assert divergence(apart(second), apart(first)) == pytest.approx(value, rel=1e-9)
    order = np.random.default_rng(1).permutation(len(first))
    assert divergence(apart(first[order]), apart(second[order])) == pytest.approx(value, rel=1e-9)


def test_grows_with_the_noise_between_the_spaces() -> None:
    first, _ = clouds()
    noise = np.random.default_rng(2).standard_normal(first.shape)
    values = [divergence(apart(first), apart(first + size * noise)) for size in (0.0, 0.01, 0.1, 1.0)]
    assert values[0] == 0.0
    assert values == sorted(values)


def test_engines_agree() -> None:
    first, second = (scaled(apart(one)) for one in clouds(40))
    table = cross_table(first, second)
    assert rips(table, 1, engine="gudhi").lengths(1).sum() == pytest.approx(one_way(first, second), rel=1e-6)


def test_points_that_are_all_equal_are_refused() -> None:
    first, _ = clouds()
    with pytest.raises(wb.DataError, match="nine in ten distances of a subset are zero"):
        divergence(apart(first), np.zeros((len(first), len(first))))
