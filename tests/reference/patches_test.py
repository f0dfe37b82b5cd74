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
from sample_models.patches import datasets
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
        assert data.space.row_shape == (8,)
        np.testing.assert_allclose(np.linalg.norm(batch, axis=1), 1.0, atol=1e-5)
        assert len(data.columns) == len(data)
    assert all("CC BY 2.0" in card.licence for name, card in CARDS.items() if name.startswith("image"))
    with pytest.raises(wb.DataError, match="needs k from 1"):
        patches().core(10_000, 30)
