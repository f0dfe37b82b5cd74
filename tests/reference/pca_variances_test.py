# SPDX-License-Identifier: Apache-2.0
"""Principal components of data sets whose variances others have published."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA

from plugins.projection.principal_components import principal_components


def test_iris() -> None:
    """Variances as R's `prcomp(iris[, 1:4])` and the scikit-learn gallery ("PCA example with iris") print them."""
    found = principal_components(load_iris().data)
    np.testing.assert_allclose(
        found.explained_variance_ratio, [0.92461872, 0.05306648, 0.01710261, 0.00521218], atol=1e-8
    )
    np.testing.assert_allclose(
        np.sqrt(found.explained_variance), [2.0562689, 0.4926162, 0.2796596, 0.1543862], atol=1e-7
    )
    # the first rotation of prcomp, sign aside: 0.36138659, -0.08452251, 0.85667061, 0.35828920
    np.testing.assert_allclose(found.components[0], [0.36138659, -0.08452251, 0.85667061, 0.35828920], atol=1e-8)


def test_digits() -> None:
    """Shares of the first three components of the 8 x 8 digits, as widely printed: 14.9 %, 13.6 %, 11.8 %."""
    found = principal_components(load_digits().data, 3)
    np.testing.assert_allclose(found.explained_variance_ratio, [0.14890594, 0.13618771, 0.11794594], atol=1e-8)


def test_digits_in_batches_against_scikit_learn() -> None:
    """All 64, three of them constant, against the full singular value decomposition."""
    points = load_digits().data
    found = principal_components(lambda: np.array_split(points, 13))
    full = PCA(svd_solver="full").fit(points)
    np.testing.assert_allclose(found.explained_variance, full.explained_variance_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.transform(points)[:, :9] ** 2, full.transform(points)[:, :9] ** 2, atol=1e-8)
