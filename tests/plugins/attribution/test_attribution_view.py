# SPDX-License-Identifier: Apache-2.0
"""The page of a run, opened by its address: pictures with their checks, codes with a region of what they draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.attribution.view.colours import bar, drawn, enlarged, family_of, scale_of
from plugins.attribution.view.region import brush, outlined, rectangle
from tests.app.conftest import ROOT, in_address, said
from workbench.store import Store

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "attribution,unit-drivers,quarters")


def opened(monkeypatch: pytest.MonkeyPatch, location: Path, analysis: str, data: str | None, **params: Any) -> AppTest:
    """The page of a run that is computed here."""
    wb.run(analysis, model="quarters", data=data, store=str(location), inline=True, **params)
    with Store.open(str(location)) as store:
        (run,) = store.runs()
    monkeypatch.setenv("WORKBENCH_STORE", str(location))
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
    test._page_hash = calc_hash("runs")
    test.query_params["run"] = run.id
    test.run()
    assert not test.exception, test.exception
    return test


def test_maps_checks_and_refusals_of_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"through": "classify", "question": "class", "class_name": "top-left", "samples": 3, "steps": 8}
    names = ("saliency", "integrated-gradients", "lrp", "layer-conductance")
    test = opened(monkeypatch, tmp_path / "store", "attribution", "pictures", **given, methods=names)
    words = said(test)
    for told in (
        "What drives **logit",
        "What it is measured from",
        "What the maps are worth",
        "Which units of a layer",
    ):
        assert told in words, told
    assert "shares of the answer" in words and "slopes, without sign" in words
    assert "trained elsewhere" in words  # why labels were not shuffled
    (sample,) = [one for one in test.selectbox if one.label.startswith("Sample")]
    sample.set_value(sample.options[1]).run()
    (methods,) = test.multiselect
    methods.set_value(["Saliency"]).run()
    assert not test.exception
    assert in_address(test, "sample") == sample.options[1] and in_address(test, "shown") == "saliency"


def test_codes_have_bars_and_a_region_to_draw_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"through": "decode", "samples": 3, "methods": ("saliency", "integrated-gradients"), "checks": False}
    test = opened(monkeypatch, tmp_path / "store", "attribution", None, **given)
    words = said(test)
    assert "Which units of the input" in words and "The region that was asked about" in words
    assert "were not checked" in words
    (ask,) = [one for one in test.button if one.label == "Attribute this region"]
    assert ask.disabled


def test_the_page_of_units(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"space": "z", "unit": 1, "shuffles": 19, "per_class": 4, "steps": 4}
    test = opened(monkeypatch, tmp_path / "store", "unit-drivers", "pictures", **given)
    words = said(test)
    for told in ("The samples that drive unit 1 most", "What the units follow", "of two classes"):
        assert told in words, told
    (unit,) = [one for one in test.selectbox if one.label == "Unit"]
    unit.set_value("3").run()
    assert not test.exception
    assert "The maps of this run are of unit 1" in said(test)
    assert any(one.label == "Make the maps of unit 3" for one in test.button)


def test_one_scale_is_centred_at_zero_and_says_what_it_clips() -> None:
    maps = [np.linspace(-1, 1, 1000).reshape(25, 40), np.full((25, 40), 0.1)]
    maps[1][0, 0] = 50.0
    scale = scale_of(maps, True)
    assert 0.9 < scale.end < 1.1 and 0.05 < scale.beyond < 0.1
    light = drawn(np.array([[0.0, 5.0, -5.0, np.nan]]), scale, False)
    assert light[0, 0].tolist() == [255, 255, 255] and light[0, 3].tolist() == [128, 128, 128]
    assert light[0, 1, 0] > light[0, 1, 2] and light[0, 2, 2] > light[0, 2, 0]  # orange above, blue below
    assert scale_of([np.zeros((2, 2))], True).end == 1 and scale_of([], False).beyond == 0
    assert bar(scale, True).shape == (14, 220, 3) and enlarged(np.ones((10, 10, 1)), 100).shape == (100, 100, 1)
    assert family_of("deeplift", True) == family_of("integrated-gradients", True) != family_of("saliency", False)


def test_a_brush_gives_the_pixels_that_it_touches() -> None:
    assert rectangle({"x": [0.1, 0.2], "y": [11.9, 12.0]}, 12, 12) == (11, 0, 1, 1)
    assert rectangle({"x": [12.0, 14.0], "y": [0.0, 1.0]}, 12, 12) == (0, 11, 1, 1)
    assert rectangle({"x": []}, 12, 12) is None
    picture = np.zeros((12, 12, 1), dtype=np.uint8)
    framed = outlined(picture, (2, 3, 4, 5))
    assert framed.shape == (300, 300, 3) and framed[2 * 25, 3 * 25].any() and not framed[4 * 25, 5 * 25].any()
    chart = brush(np.zeros((130, 65, 3), dtype=np.uint8), True)
    assert len(chart["data"]["values"]) <= 56 * 56 and chart["params"][0]["name"] == "brush"
