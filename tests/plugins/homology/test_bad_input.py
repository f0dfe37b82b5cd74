# SPDX-License-Identifier: Apache-2.0
"""What people hand in: nothing, one point, duplicates, NaN, broken tables, too much; each through the public door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.homology.distances import pairwise
from tests.plugins.homology.jobs import circle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


def run(folder: Path, values: Any, **params: Any) -> wb.Result:
    path = folder / f"points{len(list(folder.glob('*.npy')))}.npy"
    np.save(path, np.asarray(values, dtype=np.float32))
    return wb.run("homology", points=str(path), store=str(folder / "store"), inline=True, **params)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros((1, 4)), "at least 3 different finite points"),
        (np.eye(2), "at least 3 different finite points"),
        (np.ones((500, 4)), r"got 1 among 500"),
        (np.full((20, 3), np.nan), r"NaN.*first: row 0"),
        (np.r_[circle(20), np.full((3, 16), np.nan)], r"NaN.*first: row 20.*leave those rows out"),
    ],
)
def test_too_little_for_a_shape(folder: Path, values: Any, says: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=says):
        run(folder, values)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [((3, 7, 0.5), "not symmetric: from 3 to 7"), ((4, 4, 1.0), "from 4 to 4"), ((2, 9, -1.0), "from 2 to 9")],
)
def test_a_table_that_is_none_names_its_first_pair(folder: Path, spoil: tuple[int, int, float], says: str) -> None:
    table = pairwise(circle(40))
    table[spoil[0], spoil[1]] = spoil[2]
    with pytest.raises(wb.WorkbenchError, match=says):
        run(folder, table, metric="precomputed")


def test_a_table_that_is_not_square(folder: Path) -> None:
    with pytest.raises(wb.WorkbenchError, match=r"30 rows of 16 numbers"):
        run(folder, circle(30), metric="precomputed")


def test_a_sound_table_runs(folder: Path) -> None:
    result = run(folder, pairwise(circle(150)), metric="precomputed", draws=4)
    assert result.metrics["loops"].value == 1  # type: ignore[union-attr]


def test_fifty_thousand_points_with_no_limit_set(folder: Path) -> None:
    result = run(folder, circle(50_000, axes=4), draws=2, cycles=1)
    assert result.metrics["loops"].value == 1  # type: ignore[union-attr]
    assert len(result.arrays["landmarks"]) == 500


def test_fifty_thousand_landmarks_are_refused_before_the_run(folder: Path) -> None:
    with pytest.raises(wb.WorkbenchError, match=r"50,000 points .* of memory.* allowed\. Take fewer landmarks \("):
        run(folder, circle(50_000, axes=4), limit=50_000, landmarks=50_000)


def test_loops_of_too_many_landmarks_over_another_field_are_refused(folder: Path) -> None:
    with pytest.raises(wb.WorkbenchError, match="Take fewer landmarks"):
        run(folder, np.random.default_rng(0).standard_normal((2500, 3)), landmarks=2500, field=3)


def test_draws_of_a_few_points_often_repeated_are_no_proof(folder: Path) -> None:
    few = run(folder, np.repeat(circle(10), 50, axis=0))
    assert [(one.code, one.severity) for one in few.findings] == [("homology.pieces", "info")]
    assert "No random draws say" in few.findings[0].statement
    assert "There were no random draws" in " ".join(few.notes)
    once, often = run(folder, circle(300), draws=4), run(folder, np.repeat(circle(300), 2, axis=0), draws=4)
    assert [one.metrics["loops"].value for one in (once, often)] == [1, 1]
    assert "4 of 150 random points each" in " ".join(often.notes)


def test_a_table_taken_for_coordinates_is_told(folder: Path) -> None:
    table = pairwise(circle(60))
    assert "set metric to 'precomputed'" in " ".join(run(folder, table, draws=0).notes)
    assert "precomputed" not in " ".join(run(folder, table[:, ::-1], draws=0).notes)


def test_of_few_points_none_is_left_out_for_voids(folder: Path) -> None:
    small = run(folder, circle(210), max_dim=2, draws=0)
    assert small.tables["groups"]["landmarks"].tolist() == [210]
    large = run(folder, circle(310), max_dim=2, draws=0)
    assert large.tables["groups"]["landmarks"].tolist() == [200]


def test_more_landmarks_than_points_are_all_of_them_and_so_it_is_said(folder: Path) -> None:
    result = run(folder, circle(600, axes=3), landmarks=1_000_000, draws=2)
    assert len(result.arrays["landmarks"]) == 600
    assert any("All 600 points are landmarks, as 'landmarks' = 1,000,000 asks for" in one for one in result.notes)
    assert not any("asks for" in one for one in run(folder, circle(100), landmarks=100, draws=0).notes)
