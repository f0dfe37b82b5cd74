# SPDX-License-Identifier: Apache-2.0
"""Shapes of image patches as published: three circles, one circle, the Klein bottle; and what noise has."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

import workbench as wb
from plugins.homology.engines import rips
from plugins.homology.landmarks import landmarks
from sample_models import patches as plugin
from sample_models.patches import arithmetic, datasets
from sample_models.patches.sampling import patches

CARDS = {card.name: card for card in plugin.workbench_datasets()}
DRAWS = range(3)


@cache
def points(name: str) -> NDArray[np.float64]:
    data = CARDS[name].open()
    found: NDArray[np.float64] = data.batch(np.arange(len(data))).astype(np.float64)
    return found


def loops(cloud: NDArray[np.float64], seed: int, count: int = 700) -> NDArray[np.float64]:
    """Lengths of the loops' bars of random points, longest first."""
    drawn = cloud[np.random.default_rng(seed).choice(len(cloud), count, replace=False)]
    return longest(drawn)


def longest(cloud: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sort(rips(cdist(cloud, cloud)).lengths(1))[::-1]
    return lengths


@pytest.mark.parametrize(("field", "betti"), [(2, (1, 2, 1)), (3, (1, 1, 0))])
def test_klein_bottle_of_patches(field: int, betti: tuple[int, ...]) -> None:
    """Carlsson and others 2008, section 5: a Klein bottle has a second loop and a void over Z/2 alone."""
    cloud = points("klein-bottle")
    assert cloud.shape == (288, 8)
    barcode = rips(cdist(cloud, cloud), 2, field=field, threshold=1.05)
    for scale in (0.8, 0.9, 1.0):
        assert tuple(barcode.betti(scale, k) for k in range(3)) == betti


@pytest.mark.parametrize("seed", DRAWS)
def test_photographs_have_three_circles_in_the_fine_core(seed: int) -> None:
    """Carlsson and others 2008, section 4: X(15, 30) has five loops, of three circles that meet."""
    lengths = loops(points("image-patches-x15"), seed)
    assert lengths[4] > 0.5
    assert lengths[4] > 1.5 * lengths[5]


@pytest.mark.parametrize("seed", DRAWS)
def test_halved_photographs_have_one_circle_in_the_coarse_core(seed: int) -> None:
    """De Silva and Carlsson 2004; Carlsson and others 2008, section 4: X(300, 30) is the primary circle."""
    lengths = loops(points("image-patches-x300"), seed)
    assert lengths[0] > 0.65
    assert lengths[0] > 2.4 * lengths[1]


def test_landmarks_of_the_analysis_show_the_same() -> None:
    fine, coarse = points("image-patches-x15"), points("image-patches-x300")
    five = longest(fine[landmarks(fine, 500, seed=0).positions])
    one = longest(coarse[landmarks(coarse, 500, seed=0).positions])
    assert five[4] > max(0.5, 1.5 * five[5])
    assert one[0] > max(0.65, 2.4 * one[1])


@pytest.mark.parametrize("seed", DRAWS)
def test_white_noise_has_no_loop(seed: int) -> None:
    lengths = loops(points("noise-patches-x300"), seed)
    assert lengths[0] < 1.3 * lengths[1]
    assert loops(points("noise-patches"), seed)[0] < 0.5


@pytest.mark.parametrize("seed", DRAWS)
def test_blurred_noise_has_the_primary_circle_alone(seed: int) -> None:
    lengths = loops(points("blurred-patches-x15"), seed)
    assert (lengths > 0.5).sum() == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_what_the_page_says_of_eight_seeds(seed: int) -> None:
    """Other patches, other noise, and another draw of 700 points for each seed: as the page and card say."""
    fine = loops(patches(seed=seed).core(15, 30).points, seed)
    assert fine[4] > 0.51
    assert 1.85 < fine[4] / fine[5] < 3.05
    coarse = loops(patches(half=True, seed=seed).core(300, 30).points, seed)
    assert coarse[0] > 0.67
    assert coarse[0] > 2.3 * coarse[1]
    white = patches("white noise", seed=seed)
    assert loops(white.core(15, 30).points, seed)[0] < 0.56
    assert loops(white.core(300, 30).points, seed)[0] < 0.25
    blurred = loops(patches("blurred noise", seed=seed).core(15, 30).points, seed)
    assert (blurred > 0.5).sum() == 1


def lengths_of(cloud: NDArray[np.float64], field: int) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sort(rips(cdist(cloud, cloud), field=field).lengths(1))[::-1]
    return lengths


@pytest.mark.parametrize("seed", [0, 1])
def test_photographs_selected_by_the_model_have_its_shape(seed: int) -> None:
    """Carlsson and others 2008, section 5: points along the model, here the nearest of 50,000 to each of its 288."""
    data = datasets.open_nearest(seed=seed)
    cloud = data.batch(np.arange(len(data))).astype(np.float64)
    away = arithmetic.nearest(cloud, arithmetic.klein_bottle()[0])[1]
    assert 0.14 < np.median(away) < 0.17
    for field, betti in ((2, (1, 2, 1)), (3, (1, 1, 0))):
        barcode = rips(cdist(cloud, cloud), 2, field=field, threshold=1.05)
        assert tuple(barcode.betti(0.8, k) for k in range(3)) == betti
    two, three = lengths_of(cloud, 2), lengths_of(cloud, 3)
    assert two[1] > 1.8 * two[2]
    assert three[0] > 1.5 * three[1]


@pytest.mark.parametrize("seed", [0, 1])
def test_selection_by_the_model_makes_its_loops_of_points_without_shape(seed: int) -> None:
    """The control that makes the shape alone no evidence; photographs are nearer to the model."""
    data = datasets.open_nearest("points of the sphere", seed=seed)
    cloud = data.batch(np.arange(len(data))).astype(np.float64)
    two, three = lengths_of(cloud, 2), lengths_of(cloud, 3)
    assert two[1] > 1.5 * two[2]
    assert three[0] > 1.4 * three[1]
    model = arithmetic.klein_bottle()[0]
    assert np.median(arithmetic.nearest(cloud, model)[1]) > 0.25
    noise = datasets.open_nearest("white noise", seed=seed)
    assert np.median(arithmetic.nearest(noise.batch(np.arange(len(noise))), model)[1]) > 0.55


@pytest.mark.parametrize("field", [2, 3])
def test_the_torus_has_its_void_over_every_field(field: int) -> None:
    cloud = points("flat-torus")
    barcode = rips(cdist(cloud, cloud), 2, field=field, threshold=1.05)
    for scale in (0.8, 0.9, 1.0):
        assert tuple(barcode.betti(scale, k) for k in range(3)) == (1, 2, 1)


def test_counts_in_titles_are_those_of_the_data() -> None:
    for name, card in CARDS.items():
        assert f"({len(card.open()):,})" in card.title, name


def test_the_circle_of_the_coarse_core_is_that_of_edges() -> None:
    """The primary circle is the angle of the gradient: all angles are there, mostly as ramps."""
    columns = CARDS["image-patches-x300"].open().columns
    counts, _ = np.histogram(columns["angle"], bins=24, range=(0, 360))
    assert counts.min() > 0
    assert columns["gradient_share"].mean() > 0.8


@pytest.mark.parametrize("seed", [1, 2])
def test_other_patches_of_the_same_photographs_agree(seed: int) -> None:
    fine = loops(patches(seed=seed).core(15, 30).points, seed)
    assert (fine[:5] > 1.2 * fine[5]).all()


def test_the_data_sets_are_the_same_every_time() -> None:
    first = datasets.open_patches("blurred noise", seed=3).fingerprint()
    datasets._found.cache_clear()
    patches.cache_clear()
    assert datasets.open_patches("blurred noise", seed=3).fingerprint() == first
    assert datasets.open_patches("blurred noise", seed=4).fingerprint() != first


def test_cards_are_complete_and_open() -> None:
    for name, card in CARDS.items():
        assert all((card.title, card.description, card.licence, card.provenance, card.tags)), name
        data = card.open()
        batch = data.batch(np.arange(len(data)))
        data.space.validate(batch)
        assert data.space.row_shape == (4 if name == "flat-torus" else 8,)
        assert data.has_pictures == (name != "flat-torus")
        np.testing.assert_allclose(np.linalg.norm(batch, axis=1), 1.0, atol=1e-5)
        assert len(data.columns) == len(data)
    assert all("CC BY 2.0" in card.licence for name, card in CARDS.items() if name.startswith("image"))
    with pytest.raises(wb.DataError, match="needs k from 1"):
        patches().core(10_000, 30)
