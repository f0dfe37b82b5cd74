# SPDX-License-Identifier: Apache-2.0
"""Blobs and rings of drawn images, whose numbers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.cubical_homology import workbench_entries
from plugins.cubical_homology.analysis import CubicalHomology
from plugins.cubical_homology.measures import bars_of, share_explained
from tests.plugins.homology.jobs import Job


def drawn(rings: int, blobs: int = 0, noise: float = 0.0, seed: int = 0) -> Any:
    """An image 20 x 40 with so many bright rings and as many bright spots besides."""
    image = np.zeros((20, 40))
    for at in range(rings):
        image[2:7, 2 + 8 * at : 7 + 8 * at] = 0.9
        image[4, 4 + 8 * at] = 0.1
    for at in range(blobs):
        image[14:16, 3 + 8 * at : 5 + 8 * at] = 0.8
    return (image + noise * np.random.default_rng(seed).standard_normal(image.shape)).astype(np.float32)


def run(images: Any, labels: Any = None, **params: Any) -> wb.Result:
    values = np.asarray(images)[:, None]
    columns = None if labels is None else pd.DataFrame({"kind": labels})
    job = Job(values, columns, space=wb.images(1, *values.shape[2:], low=0, high=1))
    return CubicalHomology().run(job, CubicalHomology.Params.read({"space": "images", **params}))  # type: ignore[arg-type]


def test_blobs_and_rings_are_counted() -> None:
    result = run([drawn(0), drawn(1), drawn(3, 2), drawn(2, 4)])
    assert result.tables["images"]["rings"].tolist() == [0, 1, 3, 2]
    assert result.tables["images"]["blobs"].tolist() == [0, 1, 5, 6]
    assert result.metrics["rings"].value == 1.5  # type: ignore[union-attr]


def test_values_of_births_and_deaths_are_those_of_the_image() -> None:
    high, low = (CubicalHomology.Params.read({"space": "images", "levels": one}) for one in ("high", "low"))
    blobs, rings = bars_of(drawn(1).astype(np.float64), high)
    np.testing.assert_allclose(blobs, [[0.9, 0.0]], atol=1e-6)
    np.testing.assert_allclose(rings, [[0.9, 0.1]], atol=1e-6)
    dark, around = bars_of(drawn(1).astype(np.float64), low)
    np.testing.assert_allclose(np.sort(dark, axis=0), [[0.0, 0.9], [0.1, 0.9]], atol=1e-6)
    np.testing.assert_allclose(around, [[0.0, 0.9]], atol=1e-6)  # the ground goes around the ring


def test_a_field_that_repeats_goes_round() -> None:
    stripe = np.zeros((8, 8))
    stripe[3:5] = 1.0
    assert run([stripe] * 2, periodic=True).tables["images"]["rings"].tolist()[0] >= 1
    assert run([stripe] * 2).tables["images"]["rings"].tolist() == [0, 0]


def test_classes_that_differ_in_rings_are_stated_with_their_control() -> None:
    images = [drawn(1 + at % 2, at % 3, 0.02, at) for at in range(60)]
    result = run(images, [f"k{at % 2}" for at in range(60)], by="kind")
    (finding,) = [one for one in result.findings if one.figure == "rings"]
    assert finding.code == "cubical-homology.classes-differ"
    assert finding.value == 1.0
    assert finding.threshold < 0.3
    assert finding.n == 60
    classes = result.tables["classes"].query("count == 'rings'").set_index("group")
    assert classes.loc["kind k0", "mean"] == 1
    assert classes.loc["kind k1", "mean"] == 2
    assert classes.loc["", "low"] < 1.5 < classes.loc["", "high"]
    bars = result.tables["bars"].query("group == 'kind k1' and dimension == 1")
    assert (bars["length"] > 0.5).sum() == 2
    assert result.arrays["means"].shape == (3, 20, 40)


def test_classes_that_do_not_differ_are_not_stated() -> None:
    images = [drawn(1 + at % 2, 0, 0.02, at) for at in range(60)]
    labels = np.random.default_rng(1).permutation(["a", "b"] * 30)
    assert run(images, labels, by="kind").findings == []


def test_the_control_is_the_same_pixels_in_random_order() -> None:
    result = run([drawn(3, 2)] * 4, levels="high")
    assert (result.tables["images"]["shuffled_blobs"] > 10).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 10))
def test_bars_scale_with_the_values_and_not_with_the_frame(seed: int, factor: float) -> None:
    image = np.random.default_rng(seed).random((6, 7))
    params = CubicalHomology.Params.read({"space": "images"})
    for one, other, turned in zip(
        bars_of(image, params), bars_of(image * factor, params), bars_of(image[::-1].T.copy(), params), strict=True
    ):
        np.testing.assert_allclose(np.sort(one, axis=0) * factor, np.sort(other, axis=0), rtol=1e-9)
        np.testing.assert_allclose(np.sort(one, axis=0), np.sort(turned, axis=0))


def test_bad_images() -> None:
    spoilt = np.stack([drawn(1), drawn(2), np.full((20, 40), np.nan)])
    assert any("1 images hold NaN" in one for one in run(spoilt).notes)
    with pytest.raises(wb.DataError, match="at least 2 finite images"):
        run(spoilt[1:])
    with pytest.raises(wb.ParameterError, match="no such column"):
        run([drawn(1)] * 2, by="kind")
    with pytest.raises(wb.ParameterError, match="choose a prime"):
        run([drawn(1)] * 2, field=4)


def test_what_classes_explain_by_hand() -> None:
    values = np.array([0.0, 2.0, 4.0, 6.0])
    assert share_explained(values, np.array([0, 0, 1, 1])) == pytest.approx(16 / 20)
    assert np.isnan(share_explained(np.ones(4), np.array([0, 0, 1, 1])))


def test_every_code_has_its_entry() -> None:
    assert "  - cubical-homology.classes-differ\n" in "\n".join(one.read_text() for one in workbench_entries())
