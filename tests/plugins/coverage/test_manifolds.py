# SPDX-License-Identifier: Apache-2.0
"""Distances, balls and the four measures against plain code, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

import workbench as wb
from plugins.coverage import neighbours
from plugins.coverage.manifolds import expected_coverage, precision_recall_density_coverage
from plugins.coverage.neighbours import distances, nearest, radii, unit_rows

GRID = st.integers(-3, 3).map(float)  # many ties


@given(arrays(np.float64, (7, 2), elements=GRID), arrays(np.float64, (5, 2), elements=GRID), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_measures_are_those_of_the_definition(real: np.ndarray, made: np.ndarray, k: int) -> None:
    found = precision_recall_density_coverage(real, made, k)
    across = cdist(real, made)
    own, others = cdist(real, real), cdist(made, made)
    ball = np.array([np.sort(np.delete(own[i], i))[k - 1] for i in range(len(real))])
    far = np.array([np.sort(np.delete(others[j], j))[k - 1] for j in range(len(made))])
    inside = across <= ball[:, None] + 1e-6
    held = (own <= ball[:, None] + 1e-6).sum(axis=1) - 1
    assert found.precision == inside.any(axis=0).mean()
    assert found.coverage == inside.any(axis=1).mean()
    assert found.recall == (across <= far[None] + 1e-6).any(axis=1).mean()
    assert found.density == pytest.approx((inside / held[:, None]).sum() / len(made))
    assert ((found.real_ratio <= 1 + 1e-6) == found.covered)[ball > 0].all()


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_order_place_and_size_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    real, made = random.standard_normal((40, 3)), random.standard_normal((30, 3)) * 1.3
    plain = precision_recall_density_coverage(real, made, 3)
    mixed = precision_recall_density_coverage(7 * real[random.permutation(40)] + 2, 7 * made[::-1] + 2, 3)
    assert mixed.numbers == pytest.approx(plain.numbers)


def test_all_equal_points_are_covered() -> None:
    """With ``<`` in place of ``<=`` all four would be 0 here."""
    found = precision_recall_density_coverage(np.ones((50, 3)), np.ones((50, 3)), 5)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    assert found.density == pytest.approx(50 / 49)


def test_blocks_do_not_change_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    one, other = random.standard_normal((70, 5)) + 1000, random.standard_normal((53, 5)) + 1000
    one[:10] = other[:10]
    expected = cdist(one, other)
    whole = distances(one, other)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 2000)
    parts = distances(one, other)
    assert whole == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert parts == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert (np.diag(parts)[:10] == 0).all()
    away, which = nearest(one, other)
    assert away == pytest.approx(expected.min(axis=1), rel=1e-6, abs=1e-6)
    assert (expected[np.arange(70), which] <= expected.min(axis=1) + 1e-9).all()


def test_wrong_points_are_refused() -> None:
    with pytest.raises(wb.DataError, match="1 of 2 points hold NaN"):
        distances([[1.0], [float("nan")]], [[1.0]])
    with pytest.raises(wb.DataError, match="2 and 1 axes"):
        distances([[1.0, 2.0]], [[1.0]])
    with pytest.raises(wb.DataError, match="no points"):
        distances(np.empty((0, 2)), [[1.0, 2.0]])
    with pytest.raises(wb.DataError, match="neighbour number 3 of 3"):
        radii(distances([[0.0], [1.0], [2.0]], [[0.0], [1.0], [2.0]]), 3)
    with pytest.raises(wb.DataError, match="no direction"):
        unit_rows([[0.0, 0.0]])


def test_expected_coverage_is_what_draws_give() -> None:
    random = np.random.default_rng(1)
    for real, made in ((200, 200), (400, 100), (100, 400)):
        found = [
            precision_recall_density_coverage(
                random.standard_normal((real, 4)), random.standard_normal((made, 4)), 5
            ).coverage
            for _ in range(20)
        ]
        error = np.std(found, ddof=1) / np.sqrt(20)
        assert np.mean(found) == pytest.approx(expected_coverage(real, made, 5), abs=4 * error + 0.002)
