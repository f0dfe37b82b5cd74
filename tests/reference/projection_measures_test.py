# SPDX-License-Identifier: Apache-2.0
"""Measures of maps against numbers others published, and against scikit-learn and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr, spearmanr
from sklearn.datasets import load_iris, make_blobs, make_swiss_roll
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from plugins.projection.measures import quality
from plugins.projection.methods import Settings, project


def test_the_example_in_the_documentation_of_scikit_learn() -> None:
    """`sklearn.manifold.trustworthiness` prints 0.92 for these blobs."""
    points, _ = make_blobs(n_samples=100, n_features=10, centers=3, random_state=42)
    found = quality(points, PCA(n_components=2).fit_transform(points), ks=[5])
    assert f"{found.get('trustworthiness', 5).value:.2f}" == "0.92"


def test_a_shuffled_line_of_five_points() -> None:
    """The case in scikit-learn's own tests that gives 0.2."""
    found = quality(np.arange(5.0), [0.0, 2.0, 4.0, 1.0, 3.0], ks=[1])
    assert found.get("trustworthiness", 1).value == pytest.approx(0.2, abs=1e-12)


@pytest.mark.parametrize("kind", ["noise", "structure", "offset"])
@pytest.mark.parametrize("k", [1, 5, 50])
def test_trustworthiness_and_continuity_of_scikit_learn(kind: str, k: int) -> None:
    random = np.random.default_rng(7)
    points: Any = random.standard_normal((400, 30))
    if kind != "noise":
        points = points * np.linspace(3, 0.1, 30)
    if kind == "offset":
        points = points + 100
    flat = random.standard_normal((400, 2)) if kind == "noise" else points[:, :2] ** 3
    found = quality(points, flat, ks=[k])
    assert found.get("trustworthiness", k).value == pytest.approx(
        trustworthiness(points, flat, n_neighbors=k), abs=1e-12
    )
    assert found.get("continuity", k).value == pytest.approx(trustworthiness(flat, points, n_neighbors=k), abs=1e-12)


def test_correlations_of_scipy() -> None:
    points = load_iris().data
    flat = points[:, :2]
    found = quality(points, flat, ks=[])
    far, near = pdist(points), pdist(flat)
    assert found.get("distance_pearson").value == pytest.approx(pearsonr(far, near)[0], abs=1e-12)
    assert found.get("distance_spearman").value == pytest.approx(spearmanr(far, near)[0], abs=1e-3)  # ties by rounding
    factor = far @ near / (near @ near)
    stress = np.sqrt(np.square(far - factor * near).sum() / np.square(far).sum())
    assert found.get("normalised_stress").value == pytest.approx(stress, abs=1e-12)


def test_a_swiss_roll_unrolled() -> None:
    """The sheet keeps the neighbours of the roll and not its distances; its shadow (PCA) the other way round."""
    roll, turn = make_swiss_roll(1500, random_state=0)
    arc = (turn * np.sqrt(1 + turn**2) + np.arcsinh(turn)) / 2  # length along the spiral r = turn
    sheet = quality(roll, np.stack([arc, roll[:, 1]], axis=1), ks=[10])
    shadow = quality(roll, project(roll, Settings("pca")).coordinates, ks=[10])
    for name in ("trustworthiness", "continuity"):
        assert sheet.get(name, 10).value > 0.999
        assert shadow.get(name, 10).value < sheet.get(name, 10).value
    assert shadow.get("trustworthiness", 10).value < 0.98
    kept, lost = (each.get("neighbourhood_preservation", 10).value for each in (sheet, shadow))
    assert kept > 0.8 > 0.6 > lost
    assert shadow.get("distance_pearson").value > sheet.get("distance_pearson").value + 0.2


def test_random_projection_of_noise_is_near_chance() -> None:
    """Gaussian noise in many dimensions has no neighbourhoods that two dimensions could keep."""
    random = np.random.default_rng(0)
    noise = random.standard_normal((1000, 500))
    found = quality(noise, noise @ random.standard_normal((500, 2)), ks=[12])
    assert found.get("trustworthiness", 12).value == pytest.approx(0.5, abs=0.05)
    assert found.get("neighbourhood_preservation_above_chance", 12).value == pytest.approx(0, abs=0.01)
