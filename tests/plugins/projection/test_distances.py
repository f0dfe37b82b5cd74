# SPDX-License-Identifier: Apache-2.0
"""Distances from some rows to all: exact zeros, equal for duplicates, and the same in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from plugins.projection import distances as module
from plugins.projection.distances import RowDistances


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", [1, 16, 17, 80])
@pytest.mark.parametrize("offset", [0, 1e4])
def test_equal_those_of_scipy(dtype: str, width: int, offset: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 1000)
    points: Any = (np.random.default_rng(0).standard_normal((90, width)) + offset).astype(dtype)
    rows = np.array([3, 89, 0])
    np.testing.assert_allclose(RowDistances(points)(rows), cdist(points[rows], points), rtol=1e-9, atol=1e-6)


def test_duplicates_are_at_no_distance_and_at_one_distance_from_others() -> None:
    random = np.random.default_rng(0)
    which = random.integers(0, 7, 60)
    points = random.standard_normal((7, 40))[which]
    points[which == 0] = 0.0
    points[np.flatnonzero(which == 0)[0]] *= -1.0  # minus zero is zero
    found = RowDistances(points)(np.arange(60))
    assert (found[which[:, None] == which[None, :]] == 0).all()
    for row in found:
        assert len(np.unique(row)) == 7  # one distance to each place, however many points are there


def test_whole_numbers_keep_their_ties() -> None:
    points = np.random.default_rng(0).integers(0, 17, (200, 64)).astype(float)
    squared = np.square(RowDistances(points)(np.arange(200)))
    np.testing.assert_allclose(squared, np.rint(squared), atol=1e-9)
    exact = np.square(points[:, None] - points[None]).sum(axis=2)
    for row, truth in zip(RowDistances(points)(np.arange(200)), exact, strict=True):
        assert len(np.unique(row)) == len(np.unique(truth))
