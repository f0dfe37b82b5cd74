# SPDX-License-Identifier: Apache-2.0
"""Pictures of rows: images draw themselves, other rows as their data set says; what is no picture is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from registry.conformance import check_model
from registry.errors import DoesNotApply
from workbench.data import fit

ROWS = np.array([3, 0])
ANGLES = np.linspace(0, 1, 5, dtype=np.float32)[:, None]


class Dials(wb.ArrayDataset):
    """Numbers 0..1, drawn as a column of 4 pixels in grey."""

    def __init__(self) -> None:
        super().__init__(ANGLES, wb.vectors(1))

    def pictures(self, rows: Any) -> Any:
        return np.repeat(np.rint(self.batch(rows) * 255).astype(np.uint8)[:, :, None], 4, axis=1)


class Wrong(Dials):
    """Draws what it is given."""

    def __init__(self, given: Any) -> None:
        super().__init__()
        self.given = given

    def pictures(self, rows: Any) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


class Scorer(wb.Model):
    """A model of such numbers."""

    angle = wb.vectors(1)
    double = wb.vectors(1)

    @wb.maps(angle, to=double)
    def twice(self, x: Any) -> Any:
        return 2 * x


def test_rows_that_are_no_images_are_drawn_as_their_data_set_says() -> None:
    data = Dials()
    assert data.has_pictures
    drawn = data.checked_pictures(ROWS)
    assert drawn.shape == (2, 4, 1, 1) and drawn.dtype == np.uint8
    assert drawn[:, 0, 0, 0].tolist() == [191, 0]


def test_images_draw_themselves_in_the_range_of_their_space() -> None:
    values = np.array([-1, 0, 1], dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 3), dtype=np.float32)
    data = wb.ArrayDataset(values, wb.images(2, 2, 3, low=-1))
    assert data.has_pictures
    assert data.checked_pictures(np.arange(3))[:, 0, 0].tolist() == [[0], [128], [255]]  # two channels by their mean
    half = fit(wb.ArrayDataset(values[:, :1], wb.images(1, 2, 3, low=-1)), wb.images(1, 2, 3))
    assert half.has_pictures
    assert half.checked_pictures(np.arange(3))[:, 0, 0, 0].tolist() == [0, 128, 255]


def test_vectors_have_none_and_say_so() -> None:
    data = wb.ArrayDataset(ANGLES, wb.vectors(1))
    assert not data.has_pictures
    with pytest.raises(DoesNotApply, match="no pictures"):
        data.checked_pictures(ROWS)
    assert not fit(data, wb.vectors(1)).has_pictures


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.zeros((2, 4, 4)), r"float64 \[2, 4, 4\], expected uint8 \[2, height, width\]"),
        (np.zeros((3, 4, 4), dtype=np.uint8), r"uint8 \[3, 4, 4\], expected uint8 \[2,"),
        (np.zeros((2, 4, 4, 4), dtype=np.uint8), r"uint8 \[2, 4, 4, 4\]"),
        (np.zeros((2, 0, 4), dtype=np.uint8), r"uint8 \[2, 0, 4\]"),
        (None, "object"),
        (KeyError("frame"), "Wrong.pictures failed on 2 rows with KeyError: 'frame'"),
    ],
)
def test_what_is_no_picture_is_named(given: Any, told: str) -> None:
    with pytest.raises(wb.DataError, match=told):
        Wrong(given).checked_pictures(ROWS)


def test_the_kit_looks_at_the_pictures_of_the_data_it_is_given() -> None:
    def outcome(data: wb.Dataset | None) -> str:
        return next(one.outcome for one in check_model(Scorer(), data=data).checks if one.name == "pictures")

    assert outcome(None) == "does not apply"
    assert outcome(wb.ArrayDataset(ANGLES, wb.vectors(1))) == "does not apply"
    assert outcome(Dials()) == "pass"
    assert outcome(Wrong(np.zeros((2, 4, 4)))) == "fail"
