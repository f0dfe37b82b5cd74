# SPDX-License-Identifier: Apache-2.0
"""The page of a run, opened by its address; and a concept's vector that is kept from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from tests.app.conftest import ROOT, in_address, said
from workbench.store import Store

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "concept-sensitivity,planted")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("view") / "store")


def opened(monkeypatch: pytest.MonkeyPatch, location: str, layer: str | None) -> AppTest:
    """The page of a run on the planted concept; the same run is computed once for all tests of this file."""
    given: dict[str, Any] = {"through": "decide", "unit": 0, "by": "kind", "value": "planted", "repetitions": 10}
    wb.run("concept-sensitivity", model="planted", data="marked", store=location, inline=True, layer=layer, **given)
    with Store.open(location) as store:
        (run,) = [one for one in store.runs() if one.params["layer"] == layer]
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = run.id
    test.run()
    assert not test.exception, test.exception
    return test


def test_the_page_asks_answers_and_keeps_the_vector(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "turn")
    assert "**output 0 of decide** rise along the concept **kind" in said(test)
    assert len(test.get("vega_lite_chart")) == 3
    (name,) = [one for one in test.text_input if one.label == "Name"]
    name.set_value("planted-at-turn")
    (keep,) = [one for one in test.button if one.label == "Keep"]
    keep.click().run()
    assert not test.exception
    with Store.open(location) as store:
        kept = store.direction("planted-at-turn")
        result = store.result(str(kept.how["run"]))
        table = result.table("layers")
        assert kept.space == "turn"
        np.testing.assert_allclose(
            kept.vector(), np.asarray(result.array("vector")) * table["step"].iloc[0], rtol=1e-5, atol=1e-7
        )
        assert kept.card["p"]["value"] == table["p"].iloc[0]


def test_a_layer_is_chosen_and_stands_in_the_address(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, None)
    (layer,) = [one for one in test.selectbox if one.label == "Layer"]
    assert set(layer.options) == {"turn", "back"}
    other = ({"turn", "back"} - {layer.value}).pop()
    layer.set_value(other).run()
    assert not test.exception
    assert in_address(test, "layer") == other
    assert f"Most along the concept at {other}" in said(test)
