# SPDX-License-Identifier: Apache-2.0
"""Maps by each method: shapes, seeds, new points, and input that is none."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from plugins.projection.measures import quality
from plugins.projection.methods import Settings, project
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.principal_components import principal_components
from registry.errors import DataError


def clusters(n: int = 150, d: int = 10) -> tuple[Any, Any]:
    """Points of three well separated clusters, and which is whose."""
    random = np.random.default_rng(0)
    labels = np.arange(n) % 3
    centres = 20 * np.eye(3, d)
    return centres[labels] + random.standard_normal((n, d)), labels


FAST = {"pca": Settings("pca"), "tsne": Settings("tsne", iterations=150)}


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_map_keeps_clusters_apart_and_repeats_under_its_seed(method: Any, dimensions: int) -> None:
    points, labels = clusters()
    settings = Settings(method, dimensions, iterations=150)
    found = project(points, settings, seed=1)
    assert found.coordinates.shape == (150, dimensions)
    assert found.coordinates.dtype == np.float32
    assert not found.placed.any()
    assert (labels[nearest_neighbours(found.coordinates, 5).indices] == labels[:, None]).mean() > 0.99
    np.testing.assert_array_equal(found.coordinates, project(points, settings, seed=1).coordinates)


def test_pca_map_is_the_leading_principal_components() -> None:
    points, _ = clusters()
    components = principal_components(points, 2)
    np.testing.assert_allclose(project(points).coordinates, components.transform(points), rtol=1e-5)
    found = project(points).fitted.components
    assert found is not None
    np.testing.assert_allclose(found.explained_variance[:2], components.explained_variance)


def test_seeds_change_a_random_start_of_tsne() -> None:
    points, _ = clusters(60)
    settings = Settings("tsne", iterations=50, initialisation="random")
    assert not np.allclose(
        project(points, settings, seed=1).coordinates, project(points, settings, seed=2).coordinates, atol=0.1
    )


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_held_out_points_are_placed_without_moving_the_map(method: Any, dimensions: int) -> None:
    points, labels = clusters()
    settings = Settings(method, dimensions, iterations=150)
    found = project(points, settings, fit_limit=100, seed=1)
    assert found.placed.sum() == 50
    assert any("50 of 150 points were placed" in note for note in found.notes)
    before = found.fitted.coordinates.copy()
    # each new point stands in the cluster of its own, and where it stands does not hang on its company
    near = nearest_neighbours(before, 3, queries=found.coordinates[found.placed]).indices
    assert (labels[~found.placed][near] == labels[found.placed][:, None]).mean() > 0.95
    alone = found.fitted.place(points[found.placed][:1])
    np.testing.assert_allclose(alone[0], found.coordinates[found.placed][0], atol=1e-3)
    np.testing.assert_array_equal(found.fitted.coordinates, before)
    np.testing.assert_array_equal(found.coordinates[~found.placed], before)


def test_pca_places_exactly() -> None:
    points, _ = clusters()
    found = project(points, fit_limit=100, seed=2)
    expected = principal_components(points[~found.placed], 2).transform(points)
    np.testing.assert_allclose(found.coordinates, expected, rtol=1e-4, atol=1e-5)


def test_tsne_of_many_points_by_interpolation(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.projection import tsne

    monkeypatch.setattr(tsne, "FFT_FROM", 100)
    points, labels = clusters()
    found = project(points, Settings("tsne", iterations=50), fit_limit=130)
    assert (labels[nearest_neighbours(found.coordinates, 5).indices] == labels[:, None]).mean() > 0.99


def test_neighbours_are_computed_once_and_handed_on() -> None:
    points, _ = clusters()
    ready = nearest_neighbours(points, 100)
    settings = Settings("tsne", perplexity=20, iterations=50)
    found = project(points, settings, neighbours=ready)
    assert found.neighbours is ready
    np.testing.assert_array_equal(found.coordinates, project(points, settings).coordinates)
    assert project(points, settings).neighbours.k == 60  # type: ignore[union-attr]


def test_progress_names_stages_and_rises_to_one() -> None:
    seen: list[tuple[float, str]] = []
    project(clusters()[0], FAST["tsne"], progress=lambda fraction, stage: seen.append((fraction, stage)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert any("step 400 of 400" in stage for _, stage in seen)


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize(
    "points",
    [
        np.arange(20.0)[:, None],
        np.ones((20, 5)),
        np.repeat(np.random.default_rng(0).standard_normal((5, 4)), 4, axis=0),
        np.concatenate([np.random.default_rng(0).standard_normal((20, 2)), np.full((20, 2), 7.0)], axis=1),
        np.random.default_rng(0).standard_normal((5, 40)),
    ],
    ids=["one dimension", "all equal", "duplicates", "constant columns", "fewer points than dimensions"],
)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_poor_points_still_give_finite_maps(method: Any, points: Any, dimensions: int) -> None:
    found = project(points, Settings(method, dimensions, iterations=20))
    assert found.coordinates.shape == (len(points), dimensions)
    assert np.isfinite(found.coordinates).all()


def test_missing_directions_are_said() -> None:
    found = project(np.arange(20.0), Settings("pca", 3))
    assert any("vary in 1 directions only" in note for note in found.notes)
    assert (found.coordinates[:, 1:] == 0).all()


def test_perplexity_is_lowered_by_default_only() -> None:
    assert Settings("tsne").perplexity_for(31) == 10
    assert Settings("tsne").perplexity_for(1000) == 30
    with pytest.raises(ValueError, match="10.0 for 31 points, but is 30"):
        project(clusters(31)[0], Settings("tsne", perplexity=30))


@pytest.mark.parametrize(
    ("points", "settings", "options", "message"),
    [
        (np.eye(5), Settings("isomap"), {}, "no method 'isomap'"),  # type: ignore[arg-type]
        (np.eye(5), Settings("pca", 4), {}, "2 or 3 dimensions, not 4"),
        (np.eye(1), Settings("pca"), {}, "at least 2 points"),
        (np.eye(3), Settings("tsne"), {}, "at least 4 points"),
        (np.eye(3), Settings("umap"), {}, "at least 4 points"),
        (np.eye(8), Settings("umap", neighbours=8), {}, "from 2 to one less than the 8 points"),
        (np.eye(8), Settings("tsne", perplexity=0.5), {}, "from 1 to a third"),
        (np.eye(8), Settings("pca"), {"fit_limit": 1}, "made from at least 2 points"),
        (np.eye(8), Settings("umap", min_dist=2), {}, "min_dist must be from 0 to 1"),
        (np.full((9, 2), np.nan), Settings("pca"), {}, "NaN or infinity in 9 of 9 rows"),
    ],
)
def test_refuses(points: Any, settings: Settings, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        project(points, settings, **options)


def test_without_the_extra_umap_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ImportError, match=r'pip install "latent-workbench\[umap\]"'):
        project(np.eye(8), Settings("umap"))


def test_more_dimensions_keep_more() -> None:
    points = np.random.default_rng(0).standard_normal((200, 6))
    flat, deep = (project(points, Settings("pca", dimensions)).coordinates for dimensions in (2, 3))
    name = "trustworthiness"
    assert quality(points, deep).get(name, 15).value > quality(points, flat).get(name, 15).value


def test_points_too_large_for_tsne_are_refused_with_the_way_out() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32) * np.float32(1e37)
    with pytest.raises(DataError, match=r"no finite map of these points, which are as large as .*e\+37: divide them"):
        project(points, Settings("tsne", iterations=50))
