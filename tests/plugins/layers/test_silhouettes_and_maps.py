# SPDX-License-Identifier: Apache-2.0
"""Silhouettes and small maps against scikit-learn and SciPy, and what rotation and scale leave alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_samples

from plugins.layers.distances import centred_products, squared_distances
from plugins.layers.flat_maps import principal_plane, turned
from plugins.layers.silhouettes import mean_interval, silhouettes


def squared(points: Any) -> Any:
    return squared_distances(centred_products(np.asarray(points, dtype=np.float64)))


@pytest.mark.parametrize("classes", [2, 5, 17])
def test_silhouettes_of_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(classes)
    codes = random.integers(0, classes, 120) * 3 + 1  # numbers with gaps
    codes[0] = 99  # alone in its class
    points = random.standard_normal((120, 7)) + codes[:, None] % 5
    assert silhouettes(squared(points), codes) == pytest.approx(silhouette_samples(points, codes), abs=1e-9)


def test_silhouettes_by_hand() -> None:
    """Two pairs on a line at 0, 1 and 10, 11: within 1; from 0 to the others 10.5, from 1 9.5."""
    found = silhouettes(squared([[0.0], [1], [10], [11]]), np.array([0, 0, 1, 1]))
    assert found == pytest.approx([1 - 1 / 10.5, 1 - 1 / 9.5, 1 - 1 / 9.5, 1 - 1 / 10.5])


def test_equal_points_of_two_classes_have_no_silhouette() -> None:
    assert silhouettes(np.zeros((4, 4)), np.array([0, 0, 1, 1])).tolist() == [0, 0, 0, 0]


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 classes"):
        silhouettes(np.zeros((3, 3)), np.zeros(3, dtype=np.int64))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3))
def test_scaling_rotation_and_shift_leave_silhouettes(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    points, codes = random.standard_normal((30, 4)), np.arange(30) % 3
    moved = scale * points @ ortho_group.rvs(4, random_state=seed % 2**31) + 5
    assert silhouettes(squared(moved), codes) == pytest.approx(silhouettes(squared(points), codes), abs=1e-6)


def test_interval_of_a_mean_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        _, low, high = mean_interval(np.random.default_rng(seed).standard_normal(80), seed)
        held += low <= 0 <= high
    assert 179 <= held <= 199


@pytest.mark.parametrize(("n", "width"), [(30, 200), (200, 30), (300, 3)])
def test_plane_is_that_of_scikit_learn(n: int, width: int) -> None:
    points = np.random.default_rng(0).standard_normal((n, width)) * np.linspace(4, 1, width) + 7
    mine, share = principal_plane(centred_products(points))
    theirs = PCA(2, svd_solver="full").fit(points)
    assert np.abs(mine) == pytest.approx(np.abs(theirs.transform(points)), abs=1e-6)
    assert share == pytest.approx(theirs.explained_variance_ratio_.sum(), abs=1e-9)
    largest = np.abs(mine).argmax(axis=0)
    assert (mine[largest, [0, 1]] > 0).all()


def test_plane_of_a_line_has_all_variance_on_its_first_axis() -> None:
    points = np.linspace(-1, 1, 80)[:, None] * np.ones((1, 5))
    coordinates, share = principal_plane(centred_products(points))
    assert share == pytest.approx(1)
    assert np.abs(coordinates[:, 1]).max() < 1e-6
    assert np.ptp(coordinates[:, 0]) == pytest.approx(2 * np.sqrt(5))


def test_plane_of_equal_points_is_a_point() -> None:
    coordinates, share = principal_plane(np.zeros((6, 6)))
    assert (coordinates == 0).all()
    assert np.isnan(share)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-2, 1e2))
def test_turning_finds_a_rotation_back_and_keeps_distances(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    still = random.standard_normal((20, 2)) * [3, 1]
    still -= still.mean(axis=0)
    moving = scale * still @ ortho_group.rvs(2, random_state=seed % 2**31)
    assert turned(moving, still) == pytest.approx(scale * still, rel=1e-6, abs=1e-6 * scale)
    rotation, _ = orthogonal_procrustes(moving, still)
    assert turned(moving, still) == pytest.approx(moving @ rotation, abs=1e-6 * scale)
    other = random.standard_normal((20, 2))
    assert np.linalg.norm(turned(moving, other), axis=1) == pytest.approx(np.linalg.norm(moving, axis=1))


def test_names_that_break_the_line_are_drawn_on_one() -> None:
    import pandas as pd

    from plugins.layers.classes import labels_of
    from plugins.layers.measures import measure
    from plugins.layers.strip import strip_picture
    from plugins.layers.walk import Step

    columns = pd.DataFrame({"a\nb": ["c\nd\x00", "e"] * 10})
    labels, _ = labels_of(columns, "a\nb", 5)
    points = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    one = measure(Step("x\ny", "input", (3,)), points, labels, [], 0)
    table = pd.DataFrame({"accuracy": [np.nan], "dimension": [np.nan], "state": ["measured"]})
    drawn = strip_picture([one], table, labels, "one\ntwo")
    assert drawn.ndim == 3 and drawn.min() < 100


def test_that_no_column_gives_classes_is_said() -> None:
    import pandas as pd

    from plugins.layers.classes import labels_of

    columns = pd.DataFrame({"name": [f"row {one}" for one in range(60)], "same": ["a"] * 60})
    labels, notes = labels_of(columns, None, 5)
    assert labels is None
    assert notes == [
        "Without labels, only maps and dimension: no column of the sample has 2 to 40 different values (name, same)."
    ]
    assert labels_of(pd.DataFrame(index=range(60)), None, 5) == (None, [])
