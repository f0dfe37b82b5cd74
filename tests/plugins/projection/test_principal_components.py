# SPDX-License-Identifier: Apache-2.0
"""Streamed principal components equal those of the whole, on well- and ill-conditioned data."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.projection import principal_components as module
from plugins.projection.principal_components import principal_components

SPREAD = np.logspace(0, -6, 20)


def rotated(seed: int, n: int, spread: Any, offset: float = 0.0) -> Any:
    """Gaussian points with the given standard deviations along random axes."""
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.standard_normal((len(spread), len(spread))))[0]
    return (random.standard_normal((n, len(spread))) * spread) @ axes + offset


def by_svd(points: Any) -> tuple[Any, Any]:
    """Variances and axes by the singular value decomposition of the whole."""
    centred = points.astype(np.float64) - points.astype(np.float64).mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    return singular**2 / (len(points) - 1), axes


def in_batches(points: Any, size: int) -> Callable[[], Iterator[Any]]:
    return lambda: (points[start : start + size] for start in range(0, len(points), size))


@pytest.mark.parametrize("solver", ["auto", "covariance", "qr", "subspace"])
@pytest.mark.parametrize("batch", [1, 7, 500])
def test_equals_the_svd_of_the_whole(solver: Any, batch: int) -> None:
    points = rotated(0, 500, np.linspace(3, 1, 20), offset=1e4)
    found = principal_components(in_batches(points, batch), 20, solver=solver)
    variances, axes = by_svd(points)
    np.testing.assert_allclose(found.explained_variance, variances, rtol=1e-5)
    np.testing.assert_allclose(np.abs((found.components * axes).sum(axis=1)), 1, rtol=1e-5)
    np.testing.assert_allclose(found.mean, points.mean(axis=0), rtol=1e-12)
    assert found.total_variance == pytest.approx(points.var(axis=0, ddof=1).sum(), rel=1e-9)
    assert found.explained_variance_ratio.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "points", [rotated(1, 400, SPREAD, 1e4), rotated(1, 400, SPREAD) * np.logspace(3, -3, 20) + 1e4]
)
def test_holds_small_variances_on_ill_conditioned_data(points: Any) -> None:
    from sklearn.decomposition import PCA

    found = principal_components(in_batches(points, 64))
    full = PCA(svd_solver="full").fit(points)
    assert found.solver == "qr"  # a covariance would have lost the small ones
    np.testing.assert_allclose(found.explained_variance, full.explained_variance_, rtol=1e-5)
    np.testing.assert_allclose(found.explained_variance_ratio, full.explained_variance_ratio_, rtol=1e-5)
    np.testing.assert_allclose(np.abs((found.components * full.components_).sum(axis=1)), 1, rtol=1e-5)


def test_incremental_pca_is_not_exact_where_this_is() -> None:
    from sklearn.decomposition import IncrementalPCA

    points = rotated(2, 600, np.linspace(1.2, 1, 30))
    variances, _ = by_svd(points)
    ours = principal_components(in_batches(points, 60), 3).explained_variance
    theirs = IncrementalPCA(3, batch_size=60).fit(points).explained_variance_
    np.testing.assert_allclose(ours, variances[:3], rtol=1e-9)
    assert np.abs(theirs / variances[:3] - 1).max() > 1e-2


@pytest.mark.parametrize("solver", ["auto", "gram", "subspace"])
def test_more_coordinates_than_points(solver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SQUARE_LIMIT", 50)
    points = rotated(3, 30, np.linspace(2, 1, 80), offset=1e4)
    found = principal_components(in_batches(points, 8), 12, solver=solver)
    variances, axes = by_svd(points)
    assert found.solver == ("gram" if solver == "auto" else solver)
    np.testing.assert_allclose(found.explained_variance, variances[:12], rtol=1e-5)
    np.testing.assert_allclose(np.abs((found.components * axes[:12]).sum(axis=1)), 1, rtol=1e-5)


def test_all_components_of_few_points_are_orthonormal() -> None:
    found = principal_components(rotated(4, 6, np.ones(9)), solver="gram")
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(6), atol=1e-12)
    assert found.explained_variance[-1] == pytest.approx(0, abs=1e-20)


def test_points_beyond_the_memory_limit_are_iterated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SQUARE_LIMIT", 50)
    points = rotated(5, 60, np.linspace(2, 1, 80))
    found = principal_components(points, 3, memory_limit=1000)
    assert found.solver == "subspace"
    np.testing.assert_allclose(found.explained_variance, by_svd(points)[0][:3], rtol=1e-5)


def test_says_when_it_has_not_converged() -> None:
    points = rotated(6, 400, np.linspace(1.01, 1, 200))
    with pytest.raises(RuntimeError, match="have not converged in 2 passes"):
        principal_components(points, 5, solver="subspace", passes=2)


def test_memory_is_bounded_by_the_batch() -> None:
    def batches() -> Iterator[Any]:
        random = np.random.default_rng(0)
        return (random.standard_normal((1000, 64)) for _ in range(60))

    tracemalloc.start()
    found = principal_components(batches, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.count == 60_000
    assert peak < 8 * 2**20  # the points are 29 MiB


@given(seed=st.integers(0, 2**31), n=st.integers(2, 40), d=st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_transform_and_back(seed: int, n: int, d: int) -> None:
    points = np.random.default_rng(seed).standard_normal((n, d)) * 3 + 5
    found = principal_components(points)
    coordinates = found.transform(points)
    np.testing.assert_allclose(found.inverse_transform(coordinates), points, atol=1e-9)
    np.testing.assert_allclose(coordinates.var(axis=0, ddof=1), found.explained_variance, atol=1e-9)
    assert (found.components[np.arange(len(found.components)), np.abs(found.components).argmax(axis=1)] > 0).all()


@given(seed=st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_order_of_points_and_batches_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((50, 6)) * [6, 5, 4, 3, 2, 1]
    one = principal_components(points)
    other = principal_components(in_batches(points[random.permutation(50)], int(random.integers(1, 50))))
    np.testing.assert_allclose(one.explained_variance, other.explained_variance, rtol=1e-9)
    np.testing.assert_allclose(one.components, other.components, atol=1e-9)


def test_constant_coordinates_equal_points_and_one_dimension() -> None:
    constant = principal_components(np.array([[1.0, 7.0], [2.0, 7.0], [4.0, 7.0]]))
    np.testing.assert_allclose(constant.explained_variance, [7 / 3, 0], atol=1e-15)
    equal = principal_components(np.full((5, 3), 0.1))
    assert equal.total_variance == 0
    assert equal.explained_variance_ratio.tolist() == [0, 0, 0]
    np.testing.assert_allclose(equal.components @ equal.components.T, np.eye(3), atol=1e-12)
    line = principal_components(np.arange(5.0))
    assert line.components.tolist() == [[1.0]]
    assert line.explained_variance[0] == pytest.approx(2.5)


def test_float32_points_are_summed_in_float64() -> None:
    points = (np.random.default_rng(0).standard_normal((3000, 4)) + 1e4).astype(np.float32)
    np.testing.assert_allclose(principal_components(points).explained_variance, by_svd(points)[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("points", "components", "message"),
    [
        (np.ones((1, 3)), None, "at least 2 points"),
        (np.ones((4, 3)), 4, "have 3 principal components, but 4"),
        (np.array([[1.0], [np.nan], [np.inf]]), None, r"NaN or infinity in 2 of 3 rows \(rows 1, 2\)"),
        (lambda: iter([]), None, "no points"),
        (lambda: iter([np.ones((2, 3)), np.ones((2, 4))]), None, "differ in width: 3, then 4"),
        (np.array(["a"]), None, "real numbers"),
        (np.ones((2, 2, 2)), None, r"shape \[n, d\]"),
    ],
)
def test_refuses_what_has_no_components(points: Any, components: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        principal_components(points, components)


def test_a_covariance_summed_by_torch_is_that_of_numpy() -> None:
    """What runs on a CUDA device, here on the processor: far from the origin, in uneven batches."""
    random = np.random.default_rng(0)
    points = (random.standard_normal((500, 7)) * np.linspace(3, 1, 7) + 1e4).astype(np.float32)
    stream = module._Stream(lambda: np.array_split(points, [3, 200, 201]))
    mean, covariance, count = module._covariance_on(stream, "cpu")
    assert count == 500
    wide = points.astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(covariance, np.cov(wide.T), rtol=1e-10, atol=1e-12)
