# SPDX-License-Identifier: Apache-2.0
"""Effects of a comparison against examples that were printed with their numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plugins.contrast.effects import compare, newcombe_superiority, rank

# Hanley and McNeil, Radiology 143 (1982), 29-36, table I: ratings 1 to 5 of 58 normal and 51 abnormal tomograms
NORMAL = np.repeat(np.arange(1.0, 6.0), [33, 6, 6, 11, 2])[:, None]
ABNORMAL = np.repeat(np.arange(1.0, 6.0), [3, 2, 2, 11, 33])[:, None]

# Hollander and Wolfe, Nonparametric Statistical Methods, 1973, pages 69 to 71: permeability of membranes, as in R's
# help of wilcox.test: W = 35; large-sample approximation without continuity correction: one-sided p = 0.1103
TERM = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])[:, None]
EARLY = np.array([1.15, 0.88, 0.90, 0.74, 1.21])[:, None]


def test_area_of_the_tomograms() -> None:
    """Area 0.893; DeLong's standard error 0.0307 as Stata's manual prints it for these data (roctab)."""
    found = rank(ABNORMAL, NORMAL)
    assert found.auc[0] == pytest.approx(0.8932, abs=5e-5)
    assert np.sqrt(found.variance[0]) == pytest.approx(0.0307, abs=5e-5)


def test_newcombe_interval_of_the_tomograms_is_near_that_of_hanley_and_mcneil() -> None:
    """They print a standard error of 0.032: the interval of Newcombe is about as wide, and shifted inward."""
    low, high = newcombe_superiority(np.array([0.8932]), 51, 58)
    assert (high - low)[0] == pytest.approx(2 * 1.96 * 0.032, abs=0.01)
    assert 0.8932 - low[0] > high[0] - 0.8932


def test_mann_whitney_of_the_membranes() -> None:
    found = compare(TERM, EARLY)
    assert found.auc[0] * 50 == pytest.approx(35)
    z = (35 - 25 - 0.5) / np.sqrt(10 * 5 * 16 / 12)  # no ties; ours is corrected for continuity
    assert stats.norm.sf(10 / np.sqrt(10 * 5 * 16 / 12)) == pytest.approx(0.1103, abs=5e-5)
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(z))
