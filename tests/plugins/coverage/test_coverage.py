# SPDX-License-Identifier: Apache-2.0
"""Coverage end to end: draws that match the data, miss a class, leave it or fill its loop; bad input; the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.coverage import workbench_entries
from tests.app.conftest import ROOT, said
from workbench.store import Store

HERE = Path(__file__).parent
SMALL: dict[str, Any] = {"trials": 6, "half": 60}


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "coverage,sampling")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("coverage") / "store")


def run(
    location: str, generate: str, data: str | None, model: str = "sampling", seed: int = 0, **params: Any
) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {**SMALL, "generate": generate, **params}
    return wb.run("coverage", model=model, data=data, store=location, inline=True, seed=seed, **given)


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


@pytest.mark.parametrize("seed", range(4))
def test_draws_from_the_distribution_of_the_data_give_what_its_halves_give(location: str, seed: int) -> None:
    result = run(location, "same", "normal", seed=seed)
    assert codes(result) == []
    table = result.tables["measures"].set_index("measure")
    for name, row in table.iterrows():
        assert row["shortfall_low"] <= 0 <= row["shortfall_high"] or abs(row["shortfall"]) < 0.03, name
    assert table.loc["coverage", "expected"] == pytest.approx(0.96953, abs=1e-5)  # N = M = 300, k = 5
    assert table.loc["coverage", "control"] == pytest.approx(0.96953, abs=0.02)
    assert table.loc["density", "control"] == pytest.approx(1, abs=0.1)


def test_truncated_draws_are_more_typical_and_cover_less(location: str) -> None:
    whole, cut = (run(location, "same", "normal", truncation=one).numbers() for one in (1.0, 0.5))
    assert cut["precision"] >= whole["precision"]
    assert cut["density"] > whole["density"]
    assert cut["recall"] < whole["recall"] - 0.1
    assert any("0.5 of their distance" in one for one in run(location, "same", "normal", truncation=0.5).notes)


def test_two_steps_from_the_prior_are_as_one(location: str) -> None:
    """A map that starts at a space without a prior draws from the one that leads there."""
    assert run(location, "second_step", "normal").numbers() == run(location, "same", "normal").numbers()


def test_a_class_that_is_never_drawn_is_missing(location: str) -> None:
    result = run(location, "left", "clusters")
    assert set(codes(result)) >= {"coverage.not-covered", "coverage.missing-class"}
    assert "coverage.off-data" not in codes(result)
    (missing,) = [one for one in result.findings if one.code == "coverage.missing-class"]
    assert "side right" in missing.statement
    assert missing.severity == "serious"
    classes = result.tables["classes"].set_index("class")
    assert classes.loc["right", "coverage"] == 0
    assert classes.loc["left", "coverage"] > 0.95
    assert result.numbers()["coverage"] == pytest.approx(0.5, abs=0.03)
    assert result.numbers()["precision"] > 0.9
    rows = result.arrays["rows"][result.arrays["not_covered"]]
    assert (rows % 2 == 1).all(), "the right cluster is at the odd rows"


def test_draws_far_out_are_off_the_data(location: str) -> None:
    result = run(location, "wide", "normal")
    assert "coverage.off-data" in codes(result)
    assert result.numbers()["precision"] < 0.3
    (found,) = [one for one in result.findings if one.code == "coverage.off-data"]
    assert found.low is not None and found.threshold is not None and found.low > found.threshold
    assert found.high is not None and found.high <= 1


def test_a_disc_lacks_the_loop_of_a_ring(location: str) -> None:
    result = run(location, "disc", "ring")
    loops = [one for one in result.findings if one.code == "coverage.shape-differs" and "loops" in one.statement]
    assert loops and loops[0].low is not None and loops[0].low > 0
    table = result.tables["shapes"].set_index(["measure", "dimension"])
    row = table.loc[("bottleneck", 1)]
    assert row["real_generated"] > 2 * row["halves_of_real"]
    betti = result.tables["betti"].set_index(["points", "dimension"])
    assert betti.loc[("real", 1), "low"].max() >= 1, "the loop of the ring is alive at one scale in every trial"


def test_compared_in_a_code_a_layer_and_by_angle(location: str) -> None:
    by_code = run(location, "wide", "normal", compare_in="code")
    by_layer = run(location, "wide", "normal", compare_in="halving")
    plain, turned = run(location, "wide", "normal"), run(location, "wide", "normal", compare_in="angle")
    assert by_layer.numbers()["coverage"] == pytest.approx(plain.numbers()["coverage"], abs=1e-9), "half is as good"
    assert by_code.numbers()["coverage"] != plain.numbers()["coverage"]
    assert "coverage.off-data" not in codes(turned), "ten times as far out is in the same direction"
    with pytest.raises(wb.WorkbenchError, match="no map leads there from 'x'"):
        run(location, "same", "normal", compare_in="w")


def test_equal_points_are_in_each_others_balls(location: str) -> None:
    result = run(location, "same", "equal")
    assert result.numbers()["coverage_control"] == result.numbers()["precision_control"] == 1
    assert any("there is no shape" in one for one in result.notes)
    assert any("their ball has no size" in one for one in result.notes)
    assert "shapes" not in result.tables


@pytest.mark.parametrize(
    ("generate", "data", "params", "words"),
    [
        ("same", "few", {}, "neighbour number 5 was asked for"),
        ("crack", "normal", {}, "NaN or infinity"),
        ("same", None, {}, "name a data set"),
        ("same", "clusters", {"limit": 8, "k": 1, "label": "colour"}, "'label' = 'colour'"),
    ],
)
def test_bad_input_is_refused_in_words(
    location: str, generate: str, data: str | None, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, generate, data, **params)


def test_a_model_without_a_prior_is_told_so(location: str) -> None:
    with pytest.raises(wb.DoesNotApply, match="needs a space of vectors with a prior"):
        run(location, "decode", None, model="bare")
    with Store.open(location) as store:
        subject = wb.describe(store, "bare", inline=True).subject()
    from plugins.coverage.analysis import Coverage

    assert Coverage.missing(subject) == ["'generate' needs a space of vectors with a prior that a map leads from"]


def test_pictures_of_what_stands_out(location: str) -> None:
    result = run(location, "paint", "bright", pictures=5, k=3)
    assert result.arrays["missed_pictures"].shape == (len(result.arrays["not_covered"]), 4, 4, 1)
    assert result.arrays["off_pictures"].shape == result.arrays["off_nearest"].shape == (5, 4, 4, 1)
    assert result.images["off_data"].dtype == np.uint8
    assert result.arrays["off_nearest"].min() > 220, "the real pictures are bright"


def test_same_run_gives_the_same_numbers(location: str, tmp_path: Path) -> None:
    assert run(location, "same", "normal").numbers() == run(str(tmp_path / "other"), "same", "normal").numbers()


def test_every_finding_has_an_entry() -> None:
    told = set(re.findall(r"(?<=- )coverage\.[a-z-]+", " ".join(one.read_text() for one in workbench_entries())))
    source = (ROOT / "plugins/coverage/findings.py").read_text()
    assert told == set(re.findall(r'"(coverage\.[a-z-]+)"', source))


@pytest.mark.parametrize(("generate", "data"), [("left", "clusters"), ("same", "equal"), ("paint", "bright")])
def test_page(monkeypatch: pytest.MonkeyPatch, location: str, generate: str, data: str) -> None:
    run(location, generate, data)
    with Store.open(location) as store:
        found = [
            one for one in store.runs(analysis="coverage", status="done")
            if one.params["generate"] == generate and one.data == data
        ]  # fmt: skip
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = found[0].id
    test.run()
    assert not test.exception, test.exception
    text = said(test)
    assert "does not work" not in text, text
    assert "Two halves of the data" in text
    assert "Draws far from all data" in text
    charts = {"clusters": 6, "equal": 1, "bright": 5}
    assert len(test.get("vega_lite_chart")) == charts[data]
