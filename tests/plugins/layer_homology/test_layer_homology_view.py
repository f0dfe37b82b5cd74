# SPDX-License-Identifier: Apache-2.0
"""The page of a walk by shape, opened by its address: with loops and classes, without any, and with broken steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from tests.app.conftest import ROOT, in_address, said
from workbench.store import Store

HERE = Path(__file__).parent
SMALL = {"landmarks": 100, "draws": 6, "trials": 2}
CASES: dict[str, dict[str, Any]] = {
    "rings": {"through": "folds", "data": "rings", "label": "ring", **SMALL},
    "noise": {"through": "draws", **SMALL},
    "broken": {"through": "breaks", "data": "circle", **SMALL},
    "dead": {"through": "dies", "data": "circle", "max_dim": 0, **SMALL},
}


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layer-homology,folding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("view") / "store")


def opened(monkeypatch: pytest.MonkeyPatch, location: str, case: str, **query: str) -> AppTest:
    """The page of a run; the same run is computed once for all tests of this file."""
    wb.run("layer-homology", model="folding", store=location, inline=True, **CASES[case])
    with Store.open(location) as store:
        found = [
            one for one in store.runs(analysis="layer-homology") if one.params["through"] == CASES[case]["through"]
        ]
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": found[0].id, **query}.items():
        test.query_params[name] = one
    test.run()
    assert not test.exception, test.exception
    return test


def captions(test: AppTest) -> list[str]:
    return [str(one.value) for one in test.caption if str(one.value).startswith("**")]


def test_every_step_has_its_curve_and_its_counts(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "rings")
    shown = captions(test)
    assert [one.split("**")[1] for one in shown] == ["0 · x", "1 · first", "2 · back", "3 · fold", "4 · y"]
    assert "piece" in shown[0]
    assert "2 loops" in shown[0]
    assert "0 loops" in shown[3]
    assert "fold removes loop" in said(test)
    assert "What becomes of each loop" in said(test)
    assert "Which classes lie apart" in said(test)


def test_points_step_and_colour_are_chosen_and_stand_in_the_address(
    monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    test = opened(monkeypatch, location, "rings")
    boxes = {one.label: one for one in test.selectbox}
    boxes["Points"].set_value("ring inner").run()
    assert "1 piece · 1 loop" in captions(test)[0]
    {one.label: one for one in test.selectbox}["Step"].set_value("3 · fold").run()
    {one.label: one for one in test.selectbox}["Colour"].set_value("ring").run()
    assert not test.exception
    assert in_address(test, "layer") == "3 · fold"
    assert in_address(test, "colour") == "ring"
    assert in_address(test, "group") == "ring inner"
    assert "The longest bars of ring inner at fold" in said(test)


def test_noise_has_no_loop_to_follow(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "noise")
    assert "What becomes of each loop" not in said(test)
    assert "No loop is more than noise at any step" in said(test)


@pytest.mark.parametrize(
    ("case", "words"), [("broken", "NaN or infinity"), ("dead", "more than half of the pairs are equal")]
)
def test_steps_that_are_not_measured_say_why(
    monkeypatch: pytest.MonkeyPatch, location: str, case: str, words: str
) -> None:
    test = opened(monkeypatch, location, case)
    assert any(words in one for one in captions(test))
