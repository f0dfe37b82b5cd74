# SPDX-License-Identifier: Apache-2.0
"""The page of a walk: whole, with broken layers, and what it says of a dense layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.layer_lens.moving import packed
from plugins.layer_lens.moving_view import verdict
from tests.app.conftest import ROOT, in_address, said
from workbench.store import Store

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layer-lens,lensed")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("view") / "store")


def opened(monkeypatch: pytest.MonkeyPatch, location: str, through: str, data: str, **query: str) -> AppTest:
    model = "lensed" if through == "look" else "bent"
    wb.run("layer-lens", model=model, data=data, store=location, inline=True, through=through)
    with Store.open(location) as store:
        (found,) = [one for one in store.runs(analysis="layer-lens") if one.params["through"] == through]
    monkeypatch.setenv("WORKBENCH_STORE", location)
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    test._page_hash = calc_hash("runs")
    for name, one in {"run": found.id, **query}.items():
        test.query_params[name] = one
    test.run()
    assert not test.exception, test.exception
    return test


def test_pictures_with_labels_that_hold_markup(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    test = opened(monkeypatch, location, "look", "pictures", layer="2 · relu")
    words = said(test)
    for part in ("Layer by layer through look", "3 of 6", "The 6 strongest of 6 units", "216 to 4", "No homeomorphism"):
        assert part in words
    assert in_address(test, "layer") in ("2 · relu", None)
    test.selectbox(key=next(one.key for one in test.selectbox if one.label == "Colour of the points")).select("number")
    test.run()
    assert not test.exception
    assert "bright: high" in said(test)


def test_layers_that_are_not_finite(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    words = said(opened(monkeypatch, location, "broken", "cloud"))
    assert "nothing is measured" in words
    assert "No dense layer that takes vectors" in words


def row(**changes: Any) -> dict[str, Any]:
    return {"entering": 2, "leaving": 2, "full_rank": True, "homeomorphism": True, "activation": "Tanh", **changes}


def test_what_is_said_of_a_layer_is_exact() -> None:
    assert verdict(row()).startswith("**A homeomorphism.**")
    assert "identity" in verdict(row(activation=""))
    assert "ReLU is not strictly increasing" in verdict(row(activation="ReLU", homeomorphism=False))
    assert "not of full rank" in verdict(row(full_rank=False, homeomorphism=False))
    assert "different points can become one" in verdict(row(entering=3, homeomorphism=False))


def test_what_is_sent_to_the_browser_can_be_read_there() -> None:
    frames = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    raw = packed({"key": "ä"}, frames)
    length = int.from_bytes(raw[:4], "little")
    assert length % 4 == 0
    assert json.loads(raw[4 : 4 + length]) == {"key": "ä"}
    assert np.array_equal(np.frombuffer(raw[4 + length :], "<f4").reshape(3, 2, 2), frames)
