# SPDX-License-Identifier: Apache-2.0
"""Scorers on pictures whose brightness, colour, thickness, slant and shape are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb

SIZE = 64


def score(name: str, pixels: np.ndarray) -> np.ndarray:
    return wb.catalogue().scorer(name)(pixels.astype(np.float32))


def bar(angle: float, thickness: float, length: float = 36.0, strength: float = 1.0) -> np.ndarray:
    """A straight stroke through the middle, ``angle`` degrees from upright to the right, soft at its edge."""
    along = np.radians(angle)
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    side = columns * np.cos(along) + rows * np.sin(along)
    way = columns * np.sin(along) - rows * np.cos(along)
    inside = np.clip(thickness / 2 - np.abs(side) + 0.5, 0, 1) * np.clip(length / 2 - np.abs(way) + 0.5, 0, 1)
    return strength * inside[None]


def ellipse(wide: float, high: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    return (np.hypot(columns / wide, rows / high) <= 1).astype(float)[None]


@pytest.mark.parametrize("thickness", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 70.0, 90.0])
def test_thickness_of_a_stroke_whatever_its_angle(thickness: float, angle: float) -> None:
    known = 2 * thickness * 36 / (2 * (thickness + 36))  # twice the area over the outline, ends included
    assert score("stroke-thickness", bar(angle, thickness)[None])[0] == pytest.approx(known, rel=0.08)


@given(strength=st.floats(0.2, 1.0), ground=st.booleans())
@settings(max_examples=20, deadline=None)
def test_shape_does_not_depend_on_strength_or_on_which_of_both_is_dark(strength: float, ground: bool) -> None:
    picture = bar(20, 4)[None]
    shown = 1 - strength * picture if ground else strength * picture
    for name in ("stroke-thickness", "slant", "roundness", "extent", "across", "down"):
        assert score(name, shown)[0] == pytest.approx(score(name, picture)[0], rel=2e-2, abs=2e-3), name


@pytest.mark.parametrize("shear", [-0.5, -0.2, 0.0, 0.3, 0.6])
def test_slant_is_the_shear_that_was_applied(shear: float) -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    upright = columns + shear * rows  # a row above the middle moves to the right where shear is above 0
    picture = np.clip(2.5 - np.abs(upright), 0, 1) * (np.abs(rows) <= 20)
    assert score("slant", picture[None, None])[0] == pytest.approx(np.degrees(np.arctan(shear)), abs=0.3)


def test_roundness_is_the_ratio_of_the_axes() -> None:
    found = score("roundness", np.stack([ellipse(20, 20), ellipse(24, 12), ellipse(6, 24)]))
    assert found == pytest.approx([1.0, 0.5, 0.25], abs=0.02)


def test_position_and_extent() -> None:
    picture = np.zeros((1, 1, 40, 20))
    picture[0, 0, 10, 15] = 1
    assert score("across", picture)[0] == pytest.approx(15.5 / 20)
    assert score("down", picture)[0] == pytest.approx(10.5 / 40)
    assert score("extent", picture)[0] == 0
    disc = ellipse(16, 16)[None]
    assert score("extent", disc)[0] == pytest.approx(16 / np.sqrt(2) / (SIZE * np.sqrt(2) / 2), rel=0.02)


def test_light_and_colour() -> None:
    red, grey, blue = (np.array(one).reshape(3, 1, 1) * np.ones((3, 8, 8)) for one in ((1, 0, 0), [0.5] * 3, (0, 0, 1)))
    pixels = np.stack([red, grey, blue])
    assert score("brightness", pixels) == pytest.approx([0.2126, 0.5, 0.0722])
    assert score("saturation", pixels) == pytest.approx([1, 0, 1])
    assert score("warmth", pixels) == pytest.approx([1, 0, -1])
    half = np.concatenate([np.zeros((1, 1, 8, 4)), np.ones((1, 1, 8, 4))], axis=3)
    assert score("contrast", half)[0] == pytest.approx(0.5)
    assert score("mirror-symmetry", half)[0] == pytest.approx(-1)
    assert score("mirror-symmetry", ellipse(9, 20)[None])[0] == pytest.approx(1)


def test_what_is_sharper_scores_higher_whatever_its_contrast() -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    edges = [1 / (1 + np.exp(-(columns - SIZE / 2) / width)) for width in (1.0, 3.0, 9.0)]
    sharp, soft, softest = score("sharpness", np.stack(edges)[:, None])
    assert sharp > soft > softest
    assert score("sharpness", 0.3 * edges[1][None, None])[0] == pytest.approx(soft, rel=1e-5)


def test_a_picture_without_ink_or_of_one_tone_has_no_shape() -> None:
    for name in ("stroke-thickness", "slant", "roundness", "extent", "across", "down", "sharpness", "mirror-symmetry"):
        assert np.isnan(score(name, np.full((2, 1, 16, 16), 0.4))).all(), name


def test_colour_is_not_offered_for_grey_pictures() -> None:
    grey = wb.images(1, 28, 28)
    offered = {name for name, one in wb.catalogue().scorers.items() if one.lacks(grey) is None}
    assert {"brightness", "slant", "stroke-thickness"} <= offered
    assert not offered & {"saturation", "warmth"}
