# SPDX-License-Identifier: Apache-2.0
"""The page of a walk, opened by its address: whole, without labels, with broken steps, and with a selection."""

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
CASES: dict[str, dict[str, Any]] = {
    "plain": {"through": "plain", "data": "blobs"},
    "dead": {"through": "dead", "data": "blobs"},
    "broken": {"through": "broken", "data": "blobs"},
    "draw": {"through": "draw"},
    "same": {"through": "plain", "data": "same"},
    "marked": {"through": "plain", "data": "marked"},
}


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layers,winding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("view") / "store")


def opened(monkeypatch: pytest.MonkeyPatch, location: str, case: str, **query: str) -> AppTest:
    """The page of a run; the same run is computed once for all tests of this file."""
    wb.run("layers", model="winding", store=location, inline=True, limit=100, **CASES[case])
    with Store.open(location) as store:
        found = [
            one for one in store.runs(analysis="layers")
            if one.params["through"] == CASES[case]["through"] and one.data == CASES[case].get("data")
        ]  # fmt: skip
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": found[0].id, **query}.items():
        test.query_params[name] = one
    test.run()
    assert not test.exception, test.exception
    return test


def captions(test: AppTest) -> list[str]:
    return [str(one.value) for one in test.caption]


def test_every_step_has_its_map_and_its_numbers(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "plain")
    shown = [one for one in captions(test) if one.startswith("**")]
    assert len(shown) == 5
    assert shown[0].startswith("**0 · x**")
    assert all("% told" in one and "dimension" in one for one in shown)
    assert "Majority rate" in said(test)
    assert len(test.get("vega_lite_chart")) == 3


def test_a_step_is_chosen_and_stands_in_the_address(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "plain")
    (step,) = [one for one in test.selectbox if one.label == "Step"]
    step.set_value("4 · y").run()
    assert not test.exception
    assert in_address(test, "layer") == "4 · y"
    assert "**y** · output · 4 units" in said(test)


def test_selected_points_stay_selected_at_the_next_step(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "plain", selected="3.5.8")
    assert "3 selected" in said(test)
    assert any("The 3 selected points in colour" in one for one in captions(test))
    (step,) = [one for one in test.selectbox if one.label == "Step"]
    step.set_value("4 · y").run()
    assert not test.exception
    assert "3 selected" in said(test)
    assert in_address(test, "selected") == "3.5.8"


@pytest.mark.parametrize(
    ("case", "layer", "words"),
    [
        ("dead", "3 · zero", "All points are equal at this step"),
        ("broken", "1 · holes", "Some points hold NaN or infinity at this step"),
        ("same", "0 · x", "All points are equal at this step"),
    ],
)
def test_steps_that_are_not_measured_say_why(
    monkeypatch: pytest.MonkeyPatch, location: str, case: str, layer: str, words: str
) -> None:
    assert words in said(opened(monkeypatch, location, case, layer=layer))


def test_draws_without_labels_have_maps_and_dimension(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "draw")
    assert "told" not in " ".join(one for one in captions(test) if one.startswith("**"))
    assert "Majority rate" not in said(test)
    assert len(test.get("vega_lite_chart")) == 1


def test_labels_with_markup_are_text(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "marked", selected="1.2")
    assert "2 selected" in said(test)
    assert r"\<i\>kind\<\/i\> \*\*b\*\*" in said(test)
    assert "<i>" not in said(test)
