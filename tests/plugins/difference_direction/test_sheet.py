# SPDX-License-Identifier: Apache-2.0
"""The sheet of a traversal: every picture where it belongs, the marks at the means, and charts that can be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plugins.difference_direction.pictures import AWAY, FAR, GAP, TOWARD, Row, Sheet
from registry.pictures import drawn
from tests.plugins.difference_direction.jobs import run, two_clouds


def colour(code: str) -> tuple[int, ...]:
    return tuple(int(code[at : at + 2], 16) for at in (1, 3, 5))


def where(picture: Any, code: str) -> Any:
    """Columns in which a colour stands."""
    return np.unique(np.flatnonzero((np.asarray(picture)[..., :3] == colour(code)).all(axis=2).any(axis=0)))


def shades(rows: int, steps: int, side: int = 96) -> Any:
    """Each picture of one grey of its own: 10 x (its number + 1)."""
    greys = 10 * (np.arange(rows * steps, dtype=np.uint8).reshape(rows, steps) + 1)
    return np.broadcast_to(greys[..., None, None, None], (rows, steps, side, side, 1)).copy()


STEPS = np.array([-1.0, 0.0, 1.0])
ROWS = [Row("row 1", "ones", -0.5, 0.5), Row("row 2", "zeros", -9.0, 9.0)]


@pytest.mark.parametrize("ground", ["white", None])
def test_pictures_stand_in_rows_and_columns(ground: str | None) -> None:
    sheet = Sheet(shades(2, 3), STEPS, ROWS)
    picture = sheet.draw(ground)
    assert picture.shape == (*sheet.size[::-1], 3 if ground else 4)
    found = [
        [
            int(picture[sheet.line + row * (96 + sheet.ticks + GAP) + 48, sheet.label + GAP + at * (96 + GAP) + 48, 0])
            for at in range(3)
        ]
        for row in range(2)
    ]
    assert found == [[10, 20, 30], [40, 50, 60]]


def test_triangles_stand_at_the_means_and_point_out_of_the_sheet_beyond_it() -> None:
    sheet = Sheet(shades(2, 3), STEPS, ROWS)
    picture = sheet.draw()
    below = sheet.line + 96 + 3
    middle = [sheet.label + GAP + round(at * (96 + GAP)) + 48 for at in (0.5, 1.5)]
    first = picture[below : below + sheet.ticks]
    assert where(first, AWAY).mean() == pytest.approx(middle[0], abs=1.5)
    assert where(first, TOWARD).mean() == pytest.approx(middle[1], abs=1.5)
    second = picture[below + 96 + sheet.ticks + GAP :]
    ends = sheet.label + GAP, sheet.label + GAP + 3 * 96 + 2 * GAP
    assert where(second, AWAY).min() == pytest.approx(ends[0], abs=2)
    assert where(second, TOWARD).max() == pytest.approx(ends[1], abs=2)


def test_only_codes_outside_the_shell_have_a_bar() -> None:
    outside = np.array([[False, False, True], [False, False, False]])
    picture = Sheet(shades(2, 3), STEPS, ROWS, outside).draw()
    sheet = Sheet(shades(2, 3), STEPS, ROWS)
    columns = where(picture, FAR)
    left = sheet.label + GAP + 2 * (96 + GAP)
    assert (columns.min(), columns.max()) == (left, left + 95)
    assert len(where(sheet.draw(), FAR)) == 0


def test_small_pictures_are_enlarged_and_words_grow_with_a_wide_sheet() -> None:
    assert Sheet(shades(1, 3, side=28), STEPS, ROWS[:1]).width == 84
    narrow, wide = Sheet(shades(1, 3), STEPS, ROWS[:1]), Sheet(shades(1, 15), np.arange(-7.0, 8), ROWS[:1])
    assert wide.font / wide.size[0] > 0.8 * narrow.font / max(narrow.size[0], 620)


def test_long_names_are_cut_to_the_column_of_words() -> None:
    long = [Row("row 1", "a" * 200, -0.5, 0.5)]
    sheet = Sheet(shades(1, 3), STEPS, long)
    assert (sheet.draw()[:, sheet.label - 2 : sheet.label + GAP - 2] == 255).all()


@pytest.mark.parametrize("shift", [0.0, 2.0])
def test_every_chart_can_be_drawn(shift: float) -> None:
    result = run(two_clouds(60, 50, np.array([shift, 0, 0])))
    assert set(result.charts) == {"positions", "examples", "random_directions"}
    for name, chart in result.charts.items():
        address, fault = drawn(dict(chart))
        assert address, f"{name}: {fault}"
    positions: Any = result.charts["positions"]
    rows = positions["layer"][0]["data"]["values"]
    for group in ("toward: a", "away: b"):
        assert sum(one["share"] for one in rows if one["group"] == group) == pytest.approx(1)
