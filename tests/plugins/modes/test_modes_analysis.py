# SPDX-License-Identifier: Apache-2.0
"""The analysis on densities that are known: what it counts, what it states, and what it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

import plugins.homology
import workbench as wb
from plugins.modes.analysis import ModesOfDensity
from plugins.modes.measures import rand_index
from plugins.modes.peaks import nearest_of
from tests.plugins.homology.jobs import Job


def run(job: Job, **params: Any) -> wb.Result:
    return ModesOfDensity().run(job, ModesOfDensity.Params.read({"space": "points", **params}))  # type: ignore[arg-type]


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def two(apart: float, each: int = 300, width: int = 2, seed: int = 0) -> Any:
    points = np.random.default_rng(seed).standard_normal((2 * each, width))
    points[each:, 0] += apart
    return points


@pytest.mark.parametrize("seed", range(3))
def test_two_normal_laws_six_deviations_apart_are_two_modes(seed: int) -> None:
    kinds = pd.DataFrame({"kind": ["left"] * 300 + ["right"] * 300})
    result = run(Job(two(6, seed=seed), kinds, seed=seed), draws=10)
    assert result.numbers()["modes"] == 2 and codes(result) == ["modes.several"]
    table = result.tables["modes"]
    assert set(table["label"]) == {"left", "right"} and table["label_share"].min() > 0.98
    assert np.isinf(table["prominence"].iloc[0]) and table["prominence_low"].iloc[1] > result.numbers()["threshold"]
    index = result.metrics["adjusted_rand"]
    assert isinstance(index, wb.Metric) and index.low is not None and index.high is not None
    assert index.low < index.value <= index.high and index.value > 0.9
    assert (table["recurs"] == 1).all() and result.numbers()["alike"] > 0.9


@pytest.mark.parametrize("width", [2, 10, 16])
@pytest.mark.parametrize("seed", range(3))
def test_one_normal_law_is_one_mode(width: int, seed: int) -> None:
    points = np.random.default_rng([width, seed]).standard_normal((400, width))
    result = run(Job(points, seed=seed), draws=8)
    assert result.numbers()["modes"] == 1 and codes(result) == ["modes.one"]
    assert result.numbers()["normal_single"] == 1


def test_several_modes_under_a_normal_prior_are_a_warning() -> None:
    space = wb.vectors(2, prior=wb.normal())
    (finding,) = run(Job(two(8), space=space), draws=8).findings
    assert finding.severity == "warning" and "prior" in finding.statement
    (finding,) = run(Job(two(8)), draws=8).findings
    assert finding.severity == "info"


def test_the_dimension_of_the_density_has_an_interval_unless_it_was_asked_for() -> None:
    points = np.random.default_rng(0).standard_normal((400, 2))
    found = run(Job(points), draws=10).metrics["dimension"]
    assert isinstance(found, wb.Metric) and found.low is not None and found.high is not None
    assert found.low < found.value < found.high and found.high - found.low < 1
    asked = run(Job(points), draws=10, dimension=3.0).metrics["dimension"]
    assert isinstance(asked, wb.Metric) and (asked.value, asked.low) == (3.0, None)


def test_more_modes_than_there_are_peaks_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(wb.ParameterError, match=r"'count' = 1000: the density has \d+ peaks? in all"):
        run(Job(two(6)), draws=5, count=1000)
    printed = capfd.readouterr()
    assert printed.out == printed.err == ""


def test_a_class_in_two_modes_is_split() -> None:
    kinds = pd.DataFrame({"kind": ["one"] * 250 + ["two"] * 50 + ["one"] * 180 + ["two"] * 120})
    result = run(Job(two(8), kinds), draws=10)
    assert codes(result) == ["modes.several", "modes.split-class"]
    split = result.findings[1]
    assert split.value == pytest.approx(180 / 430, abs=0.01) and split.n == 430
    assert "kind one is split" in split.statement and split.low is not None and split.low > 0.2
    strewn = run(Job(two(8), pd.DataFrame({"kind": ["one", "two", "two"] * 200})), draws=10)
    assert [one.statement for one in strewn.findings if "kind one" in one.statement] == []
    whole = run(Job(two(8), pd.DataFrame({"kind": ["one"] * 300 + ["two"] * 300})), draws=10)
    assert "modes.split-class" not in codes(whole)


def test_a_number_that_was_asked_for_states_nothing() -> None:
    result = run(Job(two(0)), draws=5, count=3)
    assert result.numbers()["modes"] == 3 and not result.findings
    assert np.isnan(result.numbers()["threshold"])
    within = run(Job(two(0)), draws=5, prominence=0.1)
    assert within.numbers()["modes"] > 1 and not within.findings
    with pytest.raises(wb.ParameterError, match="not for both"):
        run(Job(two(0)), count=3, prominence=1.0)


def test_tables_and_arrays_agree() -> None:
    kinds = pd.DataFrame({"kind": [None if at % 7 == 0 else "x" for at in range(600)]})
    kinds.loc[300:, "kind"] = "y"
    result = run(Job(two(7), kinds), draws=5)
    labels, density = np.asarray(result.arrays["labels"]), np.asarray(result.arrays["log_density"])
    table = result.tables["modes"]
    assert table["size"].tolist() == np.bincount(labels).tolist()
    for row in table.to_dict("records"):
        mine = np.flatnonzero(labels == row["mode"] - 1)
        assert density[row["peak_row"]] == density[mine].max() == row["log_density"]
    assert result.tables["classes"]["samples"].sum() == kinds["kind"].notna().sum()
    peaks = result.tables["peaks"]
    kept = peaks[peaks["kind"] == "mode"]
    assert kept["prominence"].tolist() == table["prominence"].tolist()
    finite = kept[np.isfinite(kept["prominence"])]
    assert np.allclose(finite["height"] - finite["saddle"], finite["prominence"])
    assert set(peaks.loc[peaks["kind"] == "normal", "draw"]) == set(range(5))


@pytest.mark.parametrize("values", [np.zeros((1, 2)), np.ones((50, 2)), np.full((5, 2), np.nan)])
def test_fewer_than_three_different_points_are_refused(values: Any) -> None:
    with pytest.raises(wb.DataError, match="at least 3 different finite points"):
        run(Job(values))


def test_a_density_needs_more_than_a_few_points() -> None:
    with pytest.raises(wb.DataError, match="at least 20 points of 'points' are needed for a density, got 12"):
        run(Job(np.random.default_rng(0).normal(size=(12, 2))))


def test_bad_columns_and_neighbours() -> None:
    with pytest.raises(wb.ParameterError, match="no such column"):
        run(Job(two(0)), by="kind")
    with pytest.raises(wb.ParameterError, match="at most 40"):
        run(Job(two(0), pd.DataFrame({"number": range(600)})), by="number")
    with pytest.raises(wb.ParameterError, match="fewer neighbours or more samples"):
        run(Job(two(0, 20)), neighbours=30)


def test_missing_points_and_duplicates() -> None:
    points = np.repeat(two(6, 60), 3, axis=0)
    points[5] = np.inf
    result = run(Job(points), draws=5)
    assert any("1 of 360 points hold NaN or infinity" in one for one in result.notes)
    assert any("Only 120 of 359 points are different" in one for one in result.notes)
    assert 5 not in np.asarray(result.arrays["rows"])


@pytest.mark.parametrize("duplicates", [False, True])
def test_neighbours_without_a_tree_are_those_of_a_tree(duplicates: bool) -> None:
    points = 1000 + np.random.default_rng(0).standard_normal((300, 12))
    points = np.concatenate([points, points[:100]]) if duplicates else points
    away, found = nearest_of(points, 15)
    expected, which = cKDTree(points).query(points, k=15)
    assert np.allclose(away, expected, rtol=1e-3, atol=1e-12) and (found[:, 0] == np.arange(len(points))).all()
    if not duplicates:
        assert (np.sort(found, axis=1) == np.sort(which, axis=1)).mean() > 0.999


def test_rand_index_of_known_partitions() -> None:
    one = np.array([0, 0, 0, 1, 1, 1])
    assert rand_index(one, 1 - one) == 1
    # pairs together in both 2, in the first 6, in the second 7, of 15: (2 - 2.8) / (6.5 - 2.8)
    assert rand_index(one, np.array([0, 0, 1, 1, 1, 1])) == pytest.approx((4 - 2.8) / (6.5 - 2.8))


def test_gudhi_is_imported_by_one_module_and_only_when_it_is_asked() -> None:
    made = (
        "import sys, plugins.modes.peaks, plugins.modes.measures, plugins.modes.tomato; print('gudhi' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", made], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "False"
    root = Path(plugins.homology.__file__).parents[2]
    importing = re.compile(r"^\s*(?:from|import) gudhi\b", re.MULTILINE)
    rooms = (root / room for room in ("registry", "workbench", "plugins", "sample_models"))
    found = [
        one.relative_to(root).as_posix()
        for room in rooms
        for one in room.rglob("*.py")
        if importing.search(one.read_text(encoding="utf-8"))
    ]
    assert found == ["plugins/homology/gudhi_adapter.py"]
