# SPDX-License-Identifier: Apache-2.0
"""Alpha, cubical and weighted complexes: closed forms and GUDHI's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.homology.complexes import alpha, cubical, dtm
from plugins.homology.distances import pairwise
from plugins.homology.engines import rips


def circle(n: int) -> Any:
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.mark.parametrize("how", ["alpha", "delaunay-cech"])
def test_alpha_of_a_circle_and_an_octahedron(how: Any) -> None:
    """Balls close the circle at its side and fill it at the radius, so at a diameter of 2."""
    found = alpha(circle(12), how=how)
    np.testing.assert_allclose(found.dimension(1), [[2 * np.sin(np.pi / 12), 2]], atol=1e-9)
    assert len(found.dimension(0)) == 12
    solid = alpha(np.concatenate([np.eye(3), -np.eye(3)]), how=how)
    np.testing.assert_allclose(solid.dimension(2), [[2 * np.sqrt(2 / 3), 2]], atol=1e-9)  # faces, then the middle


def test_alpha_and_rips_have_the_same_pieces() -> None:
    points = np.random.default_rng(0).standard_normal((80, 3))
    points[5] = points[4]
    np.testing.assert_allclose(alpha(points).dimension(0), rips(pairwise(points), 0).dimension(0), rtol=1e-6)


def test_alpha_of_few_points() -> None:
    assert alpha([[1.0, 2.0]]).dimension(0).tolist() == [[0.0, np.inf]]
    np.testing.assert_allclose(alpha([[0.0], [1.0], [3.0]]).dimension(0), np.array([[0, 1], [0, 2], [0, np.inf]]))
    assert alpha(np.zeros((4, 2))).dimension(0).tolist() == [[0.0, np.inf]]


def test_cubical_ring_and_shell() -> None:
    image = np.ones((5, 5))
    image[1:4, 1:4] = 0
    image[2, 2] = 0.7
    found = cubical(image)
    assert found.dimension(0).tolist() == [[0.0, np.inf]] and found.dimension(1).tolist() == [[0.0, 0.7]]
    shell = np.zeros((5, 5, 5))
    shell[2, 2, 2] = 3
    assert cubical(shell).dimension(2).tolist() == [[0.0, 3.0]]
    assert cubical(-shell, superlevel=True).dimension(2).tolist() == [[0.0, 3.0]]


def test_a_periodic_image_is_a_torus() -> None:
    found = cubical(np.zeros((6, 6)), periodic=True)
    assert [len(bars) for bars in found.bars] == [1, 2, 1] and all(np.isinf(bars[:, 1]).all() for bars in found.bars)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("m0", [0.001, 0.2, 1.0])
def test_weighted_complex_as_gudhi_has_it(rounded: bool, m0: float) -> None:
    from gudhi.dtm_rips_complex import DTMRipsComplex

    points = np.random.default_rng(3).standard_normal((30, 2))
    points = points.round() if rounded else points
    found = dtm(points, m0)
    tree = DTMRipsComplex(points=points, k=int(np.ceil(m0 * 30))).create_simplex_tree(2)
    tree.compute_persistence(homology_coeff_field=2)
    for k in (0, 1):
        expected, bars = tree.persistence_intervals_in_dimension(k).reshape(-1, 2), found.dimension(k)
        expected, bars = (one[one[:, 1] - one[:, 0] > 1e-9] for one in (expected, bars))
        expected, bars = (one[np.lexsort(one.round(9).T[::-1])] for one in (expected, bars))
        np.testing.assert_allclose(bars, expected, atol=1e-9)


def test_weights_tell_a_noisy_loop_from_its_outliers() -> None:
    """Points inside the circle fill it for Rips long before they come in the weighted complex."""
    random = np.random.default_rng(0)
    points = np.concatenate([circle(200), random.uniform(-0.6, 0.6, (12, 2))])
    ratio = []
    for found in (rips(pairwise(points)), dtm(points, 0.1)):
        lengths = np.sort(np.append(found.lengths(1), [0.05, 0.05]))
        ratio.append(lengths[-1] / lengths[-2])
    assert ratio[1] > 1.5 * ratio[0]
    assert dtm([[0.0, 1.0]]).dimension(0).tolist() == [[0.0, np.inf]]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: alpha(np.zeros((5, 4))), "1 to 3 coordinates, and these have 4"),
        (lambda: alpha([[np.nan, 0.0]]), "NaN"),
        (lambda: alpha([[0.0, 0.0]], field=4), "prime"),
        (lambda: alpha([[0.0, 0.0]], how="cech"), "complex is"),  # type: ignore[arg-type]
        (lambda: cubical(np.zeros((0, 3))), "needs pixels"),
        (lambda: cubical(3.0), "needs pixels"),
        (lambda: cubical([[np.nan, 1.0]]), "1 pixels are NaN"),
        (lambda: cubical([["a"]]), "real numbers"),
        (lambda: dtm(np.eye(3), 0.0), "share of points"),
        (lambda: dtm(np.eye(3), 0.5, max_dim=9), "dimension 0 to 3"),
        (lambda: dtm([]), "no points"),
    ],
)
def test_what_is_refused(call: Any, says: str) -> None:
    with pytest.raises(wb.DataError, match=says):
        call()
