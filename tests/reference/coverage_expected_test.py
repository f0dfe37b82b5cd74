# SPDX-License-Identifier: Apache-2.0
"""Coverage of equal distributions: the closed form of Naeem and others (ICML 2020, lemma 2), and draws against it."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.coverage.manifolds import expected_coverage, precision_recall_density_coverage

CASES = [(1000, 1000, 0.9690), (2000, 500, 0.6728), (500, 2000, 0.9997)]


@pytest.mark.parametrize(("real", "generated", "published"), CASES)
def test_closed_form(real: int, generated: int, published: float) -> None:
    assert expected_coverage(real, generated, 5) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(("real", "generated", "published"), CASES)
def test_draws_from_one_distribution(real: int, generated: int, published: float) -> None:
    random = np.random.default_rng(0)
    found = precision_recall_density_coverage(
        random.standard_normal((real, 8)), random.standard_normal((generated, 8)), 5
    )
    assert found.coverage == pytest.approx(published, abs=0.025)
    assert found.density == pytest.approx(1, abs=0.08)
