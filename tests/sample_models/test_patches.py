# SPDX-License-Identifier: Apache-2.0
"""Patches: listing them is cheap, their arithmetic is exact, and the page reads runs as they are."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import workbench as wb
from sample_models.patches import arithmetic, drawing, fields, sampling, story

PATCHES = hnp.arrays(np.float64, (3, 9), elements=st.integers(-20, 20).map(float))


def test_listing_imports_nothing_heavy() -> None:
    told = "import sys; from sample_models import patches as p; p.workbench_datasets(); p.workbench_pages();"
    told += "print([one for one in ('sklearn', 'scipy', 'pandas', 'streamlit', 'torch') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_basis_is_orthonormal_under_contrast() -> None:
    own = arithmetic.basis()
    np.testing.assert_allclose(own.sum(axis=1), 0, atol=1e-12)
    for i in range(8):
        for j in range(i):
            # parallelogram: |a + b|^2 - |a - b|^2 is four times the inner product
            total, apart = arithmetic.contrast([own[i] + own[j], own[i] - own[j]])
            assert total**2 - apart**2 == pytest.approx(0, abs=1e-12)


@given(PATCHES, st.floats(0.1, 10), st.floats(-5, 5))
def test_coordinates_forget_brightness_and_contrast_alone(patches: np.ndarray, gain: float, shift: float) -> None:
    patches = patches[arithmetic.contrast(patches) > 0]
    points = arithmetic.coordinates(patches)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(arithmetic.coordinates(patches * gain + shift), points, atol=1e-9)
    centred = patches - patches.mean(axis=1, keepdims=True)
    again = arithmetic.pictures(points).reshape(-1, 9) * arithmetic.contrast(patches)[:, None]
    np.testing.assert_allclose(again, centred, atol=1e-9)


@pytest.mark.parametrize("degrees", [0, 30, 90, 200, 315])
def test_the_angle_is_that_of_the_light_side(degrees: float) -> None:
    x, y = np.tile([-1.0, 0.0, 1.0], 3), np.repeat([1.0, 0.0, -1.0], 3)
    ramp = np.cos(np.radians(degrees)) * x + np.sin(np.radians(degrees)) * y
    angle, share = arithmetic.gradient(arithmetic.coordinates([ramp]))
    assert angle[0] == pytest.approx(degrees, abs=1e-6) or angle[0] == pytest.approx(360 + degrees, abs=1e-6)
    assert share[0] == pytest.approx(1)


def test_the_klein_bottle_is_glued_with_a_twist() -> None:
    points, t, s = arithmetic.klein_bottle()
    assert len(np.unique(points.round(9), axis=0)) == 288
    turned = np.radians(t + 180), np.radians(-s)
    x, y = np.tile([-1.0, 0.0, 1.0], 3), np.repeat([1.0, 0.0, -1.0], 3)
    across = np.cos(turned[0])[:, None] * x + np.sin(turned[0])[:, None] * y
    again = np.cos(turned[1])[:, None] * across**2 + np.sin(turned[1])[:, None] * across
    np.testing.assert_allclose(arithmetic.coordinates(again), points, atol=1e-9)


def test_the_most_contrasty_fifth_of_each_picture_is_kept() -> None:
    found = sampling.patches("white noise", cut=1000, seed=5)
    assert len(found) == 400
    assert pd.Series(found.picture).value_counts().to_dict() == {"first": 200, "second": 200}
    picture = fields.log_light("white noise", seed=5)["first"]
    row, column = found.row[0], found.column[0]
    patch = picture[row : row + 3, column : column + 3].ravel()
    np.testing.assert_allclose(arithmetic.coordinates([patch])[0], found.points[0], atol=1e-12)
    assert found.contrast[0] == pytest.approx(arithmetic.contrast([patch])[0])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(wb.DataError, match="flat"):
        arithmetic.coordinates(np.ones((2, 9)))
    with pytest.raises(wb.DataError, match="p percent"):
        arithmetic.core(np.eye(4), 1, 0)
    with pytest.raises(wb.DataError, match="no source 'paintings'"):
        fields.log_light("paintings")  # type: ignore[arg-type]
    with pytest.raises(wb.DataError, match="at least 5"):
        sampling.patches(cut=2)


def test_patches_around_the_circle_are_in_order() -> None:
    points, _, _ = arithmetic.klein_bottle(24, 24)
    angle, _ = arithmetic.gradient(points[drawing.around(points, 12)])
    assert (np.diff(np.where(angle > 345, angle - 360, angle)) > 0).all()
    pixels = drawing.pixels(points[:2])
    assert pixels[0].dtype == np.uint8
    assert pixels[0].shape == (3, 3)


def test_the_run_of_a_chapter_is_told_by_its_parameters() -> None:
    chapter = story.CHAPTERS[0]
    params = {**chapter.params, "trim": 0.2}

    def run(status: str, **changed: object) -> SimpleNamespace:
        return SimpleNamespace(data=chapter.data, model=None, slice=None, status=status, params={**params, **changed})

    failed, done = run("failed"), run("done")
    assert story.found(chapter, [run("done", field=3), failed, done]) is done
    assert story.found(chapter, [failed]) is failed
    assert story.found(story.CHAPTERS[1], [done]) is None


def test_betti_numbers_count_bars_that_are_alive() -> None:
    bars = pd.DataFrame(
        {
            "group": ["", "", "", "", "a"],
            "dimension": [0, 1, 1, 2, 1],
            "birth": [0.0, 0.2, 0.8, 0.5, 0.0],
            "death": [np.inf, 0.8, 1.0, 2.0, 9.0],
        }
    )
    assert story.betti_numbers(bars, 0.8) == (1, 1, 1)
    assert story.betti_numbers(bars, 0.3) == (1, 1, 0)
    assert story.standing_out([]) == 0


def test_low_recurrence_is_explained_by_the_numbers_of_the_run() -> None:
    def loops(share: float, *lengths: float) -> pd.DataFrame:
        return pd.DataFrame({"length": lengths, "recurrence": share})

    told = story.why_recurrence(loops(0.3, 0.7, 0.6, 0.3, 0.2))
    assert "the 2 loops" in told and "30%" in told and "2.00 times" in told
    assert story.why_recurrence(loops(1.0, 0.7, 0.6, 0.3)) == ""
    assert story.why_recurrence(loops(0.3, 0.7, 0.6, 0.5)) == ""


def test_the_torus_is_a_product_of_two_circles() -> None:
    points, s, t = arithmetic.torus()
    assert len(np.unique(points.round(9), axis=0)) == 288
    turn = np.radians([s, t])
    expected = np.stack([np.cos(turn[0]), np.sin(turn[0]), np.cos(turn[1]), np.sin(turn[1])], axis=1) / 2**0.5
    np.testing.assert_allclose(points, expected, atol=1e-12)


def test_the_nearest_are_those_of_a_plain_search() -> None:
    random = np.random.default_rng(0)
    points, model = random.normal(size=(200, 3)), random.normal(size=(40, 3))
    rows, away, which = arithmetic.nearest(points, to=model)
    distances = np.linalg.norm(points[:, None] - model[None], axis=2)
    assert rows.tolist() == sorted(set(distances.argmin(axis=0).tolist()))
    np.testing.assert_allclose(away, distances.min(axis=0))
    for row, one in zip(rows, which, strict=True):
        mine = np.flatnonzero(distances.argmin(axis=0) == row)
        assert one == mine[distances[row, mine].argmin()]
