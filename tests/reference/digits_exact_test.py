# SPDX-License-Identifier: Apache-2.0
"""Bodies of known dimension, the digits of scikit-learn (1,797 of 8 x 8 pixels), and the middle of straight lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_s_curve, make_swiss_roll

from plugins.geometry.paths import lerp, slerp
from plugins.intrinsic_dimension.estimators import maximum_likelihood
from plugins.layers.dimension import from_ratios, two_nearest
from plugins.layers.distances import centred_products, squared_distances
from plugins.projection.principal_components import principal_components

DIGITS = load_digits().data
COUNT = 2000


def squared(points: Any) -> Any:
    return squared_distances(centred_products(np.asarray(points, dtype=np.float64)))


def two_nn(points: Any) -> float:
    return from_ratios(*two_nearest(squared(points))).value


def sphere(d: int) -> Any:
    points = np.random.default_rng(d).standard_normal((COUNT, d + 1))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_bodies_without_edges_or_of_few_dimensions() -> None:
    """The circle, both rolled sheets and the 6-sphere: within 8 % of the truth."""
    found = [
        two_nn(points)
        for points in (
            make_swiss_roll(COUNT, random_state=0)[0],
            make_s_curve(COUNT, random_state=0)[0],
            sphere(1),
            sphere(6),
        )
    ]
    np.testing.assert_allclose(found, [2, 2, 1, 6], rtol=0.08)


@pytest.mark.parametrize(
    ("kind", "d", "low", "high"), [("cube", 10, 0.8, 0.9), ("gaussian", 10, 0.9, 1.0), ("gaussian", 20, 0.78, 0.9)]
)
def test_many_dimensions_are_counted_too_low(kind: str, d: int, low: float, high: float) -> None:
    """The known bias: published runs of 5,000 points give 8.57 (cube), 9.60 and 16.73 (10 and 20 normal axes)."""
    random = np.random.default_rng(0)
    points = random.random((COUNT, d)) if kind == "cube" else random.standard_normal((COUNT, d))
    assert low < two_nn(points) / d < high


def test_dimension_of_the_digits() -> None:
    """TwoNN 8.91 and, with 20 neighbours, maximum likelihood 6.845, as scikit-dimension gives them."""
    assert two_nn(DIGITS) == pytest.approx(8.91, abs=0.01)
    assert maximum_likelihood(squared(DIGITS), 20) == pytest.approx(6.845, abs=0.001)


def test_components_of_the_digits() -> None:
    """Shares, how many hold 90, 95 and 99 %, the rank, and the error of ten as the sum of what they leave."""
    found = principal_components(DIGITS)
    np.testing.assert_allclose(found.explained_variance_ratio[:5], [0.1489, 0.1362, 0.1179, 0.0841, 0.0578], atol=5e-5)
    held = np.cumsum(found.explained_variance_ratio)
    assert [int(np.searchsorted(held, share)) + 1 for share in (0.9, 0.95, 0.99)] == [21, 29, 41]
    assert int((found.explained_variance > 1e-9 * found.explained_variance[0]).sum()) == 61
    coordinates = found.transform(DIGITS)
    coordinates[:, 10:] = 0
    error = float(np.square(DIGITS - found.inverse_transform(coordinates)).mean())
    n = len(DIGITS)
    assert error == pytest.approx(found.explained_variance[10:].sum() * (n - 1) / n / 64, rel=1e-9)
    assert error == pytest.approx(4.9143, abs=5e-5)


def test_the_middle_of_a_straight_line_is_nearer_to_the_centre_and_that_of_a_spherical_one_is_not() -> None:
    """Of independent normal codes of d axes the middle has a length of sqrt(d / 2): 0.7071 of the typical one."""
    d, middle = 512, np.array([0.5])
    random = np.random.default_rng(0)
    pairs = random.standard_normal((400, 2, d))
    straight = np.array([np.linalg.norm(lerp(a, b, middle)) for a, b in pairs]) / np.sqrt(d)
    round_ = np.array([np.linalg.norm(slerp(a, b, middle)) for a, b in pairs]) / np.sqrt(d)
    assert straight.mean() == pytest.approx(np.sqrt(0.5), abs=0.004)
    ends = np.linalg.norm(pairs, axis=2).mean(axis=1) / np.sqrt(d)
    np.testing.assert_allclose(round_, ends, rtol=1e-9)
