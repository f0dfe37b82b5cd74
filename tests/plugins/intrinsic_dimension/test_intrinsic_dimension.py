# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension of spaces of a small model, end to end: a sheet, a full Gaussian, bad input, and the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.intrinsic_dimension import workbench_entries
from plugins.intrinsic_dimension.measures import METHODS
from tests.app.conftest import ROOT, said
from workbench.store import Store

FOLDER = Path(__file__).parents[1] / "space_comparison" / "plugins_folder"


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(FOLDER))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "intrinsic-dimension,folding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("dimension") / "store")


def run(location: str, data: str, space: str = "x", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {"space": space, "halves": 8, "neighbourhood": 15, **params}
    return wb.run("intrinsic-dimension", model="folding", data=data, store=location, inline=True, **given)


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def test_a_sheet_is_two_and_thinner_than_its_covariance(location: str) -> None:
    result = run(location, "sheet")
    assert list(result.metrics) == list(METHODS)
    for name in ("two_nn", "mle", "ph0"):
        one = result.metrics[name]
        assert isinstance(one, wb.Metric)
        assert one.value == pytest.approx(2, abs=0.3), name
        assert one.low is not None and one.high is not None and one.low < one.value < one.high
        assert one.n == 400
    table = result.tables["estimates"]
    assert list(table["neighbours"]) == [2, 10, 15, 0]
    assert (table["control"] > table["dimension"]).all()
    assert "intrinsic-dimension.thinner-than-gaussian" in codes(result)


def test_turning_and_stretching_changes_no_number(location: str) -> None:
    here, there = run(location, "sheet"), run(location, "sheet", "turned")
    for name in ("two_nn", "mle", "lpca"):
        assert there.numbers()[name] == pytest.approx(here.numbers()[name], rel=1e-3)


def test_a_full_space_is_no_thinner_and_says_what_is_missing(location: str) -> None:
    result = run(location, "full")
    found = {one.code: one for one in result.findings}
    assert "intrinsic-dimension.thinner-than-gaussian" not in found
    few = found["intrinsic-dimension.too-few-points"]
    assert few.threshold == pytest.approx(2 * np.log10(320))
    assert few.value > few.threshold
    repeated = found["intrinsic-dimension.repeated-points"]
    assert repeated.value == pytest.approx(80 / 400)


def test_a_ring_with_noise_has_no_one_dimension(location: str) -> None:
    """Neighbours see the noise in six numbers, components and the tree see the circle."""
    result = run(location, "ring")
    (found,) = [one for one in result.findings if one.code == "intrinsic-dimension.estimates-disagree"]
    assert found.threshold is not None and found.low is not None and found.low > found.threshold


def test_components_held_down_by_few_neighbours_are_no_disagreement(location: str) -> None:
    """Five neighbours hold five components at most; six dimensions are there."""
    result = run(location, "full", neighbourhood=5)
    assert result.numbers()["lpca"] < 4.5
    assert "intrinsic-dimension.estimates-disagree" not in codes(result)
    assert any("not held against the others" in one for one in result.notes)


@pytest.mark.parametrize(
    ("space", "params", "words"),
    [
        ("holes", {}, "layer 'holes' gave NaN or infinity in 200 of 400 rows"),
        ("crushed", {}, "at least 100 distinct points of 'crushed' are needed, got 1 among 400"),
        ("x", {"limit": 100, "neighbourhood": 60}, "100 distinct points are too few for neighbourhoods of 60"),
    ],
)
def test_bad_input_is_refused_in_words(location: str, space: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, "ring", space, **params)


def test_points_without_a_model(location: str, tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((500, 3)) @ np.random.default_rng(1).standard_normal((3, 50))
    np.save(tmp_path / "points.npy", values.astype(np.float32))
    result = wb.run(
        "intrinsic-dimension", points=tmp_path / "points.npy", store=location, inline=True, space="points", halves=5
    )
    assert list(result.numbers().values()) == pytest.approx([3] * 4, abs=0.5)


def test_every_finding_has_an_entry() -> None:
    told = set(re.findall(r"intrinsic-dimension\.[a-z-]+", " ".join(one.read_text() for one in workbench_entries())))
    source = (ROOT / "plugins/intrinsic_dimension/findings.py").read_text()
    assert told == set(re.findall(r'"(intrinsic-dimension\.[a-z-]+)"', source))


def test_page(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    run(location, "sheet")
    with Store.open(location) as store:
        found = [one for one in store.runs(analysis="intrinsic-dimension") if one.data == "sheet"]
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = found[0].id
    test.run()
    assert not test.exception, test.exception
    assert len(test.get("vega_lite_chart")) == 1
    text = said(test)
    assert "Gaussian of the same covariance" in text
    assert "TwoNN" in text
