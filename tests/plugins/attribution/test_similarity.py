# SPDX-License-Identifier: Apache-2.0
"""What in a picture makes it like a text: cosines that can be told by hand, on pictures of four quarters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.attribution.parameters import AttributionParams
from plugins.attribution.questions import Similarity
from plugins.attribution.texts import shortened

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "attribution,quarters")


def run(through: str, **params: Any) -> wb.Result:
    given: dict[str, Any] = {
        "rows": (0, 1, 2), "methods": ("saliency", "integrated-gradients"), "baselines": ("black",), "checks": False,
        "steps": 60, "question": "similarity", **params,
    }  # fmt: skip
    return wb.run("attribution", model="quarters", data="pictures", inline=True, through=through, **given)


def levels(result: wb.Result) -> np.ndarray:
    """Brightness of the four quarters, ``[n, 4]``."""
    return np.asarray(result.arrays["inputs"])[:, 0, ::6, ::6].reshape(-1, 4)


def test_the_number_is_the_cosine_and_the_map_lies_on_the_quarter_that_the_text_names() -> None:
    result = run("encode", text="a picture with bottom-left")
    wanted = levels(result)[:, 2] / np.linalg.norm(levels(result), axis=1)
    assert np.allclose(result.arrays["answers"], wanted, atol=1e-5)
    slopes = np.asarray(result.arrays["values.integrated-gradients"])[:, 0, ::6, ::6].reshape(-1, 4)
    assert (slopes.argmax(axis=1) == 2).all() and (np.delete(slopes, 2, axis=1) < 0).all()
    assert "similarity to 'a picture with bottom-left'" in result.metrics["answer"].label
    assert any("'read' reads texts there, 'encode' lead" in one for one in result.notes)
    # from black a cosine jumps at once and is the same all the way: no step sees the change
    assert any("miss the change of the number by 100.0%" in one for one in result.notes)


def test_maps_that_lead_on_to_the_space_of_texts_are_taken_on_the_way() -> None:
    one, other = (run(through, text="top-right") for through in ("encode", "turn"))
    assert np.allclose(one.arrays["answers"], other.arrays["answers"], atol=1e-6)
    assert np.allclose(one.arrays["values.saliency"], other.arrays["values.saliency"], atol=1e-5)
    assert any("'turn' and 'turn_back' lead" in note for note in other.notes)


def test_one_text_against_another_is_the_difference_of_their_cosines() -> None:
    plain, other = (run("encode", text=one).arrays["answers"] for one in ("top-left", "top-right"))
    both = run("encode", text="top-left", against="top-right")
    assert np.allclose(both.arrays["answers"], np.asarray(plain) - np.asarray(other), atol=1e-6)
    assert "less that to 'top-right'" in both.metrics["answer"].label


def test_the_usual_checks_come_along() -> None:
    result = run("encode", text="bottom-left", checks=True, methods=("integrated-gradients",), rows=(0, 1), steps=10)
    assert {"deletion", "completeness"} & {one.split(".")[0].split("_")[0] for one in (*result.tables, *result.charts)}


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    with pytest.raises(wb.WorkbenchError, match="leads to no space that texts are read into"):
        run("classify", text="top-left")
    with pytest.raises(wb.WorkbenchError, match="'text' is empty"):
        run("encode", text=" \n ")
    with pytest.raises(wb.WorkbenchError, match="'a cat' lands at 0"):
        run("encode", text="a cat")
    with pytest.raises(ValueError, match="needs 'text'"):
        AttributionParams(through="encode", question="similarity")
    with pytest.raises(ValueError, match="makes no use of 'text'"):
        AttributionParams(through="encode", question="mean", text="a cat")
    with pytest.raises(ValueError, match="10000"):
        AttributionParams(through="encode", question="similarity", text="a" * 10_001)


def test_long_texts_are_said_to_be_cut_and_quoted_in_short() -> None:
    text = "top-left\n" + "word " * 1900
    result = run("encode", text=text)
    assert any("9,509 letters" in one and "cut" in one for one in result.notes)
    assert len(shortened(text)) == 60 and "\n" not in shortened(text)


def test_similarity_is_a_cosine_at_any_length_and_0_at_0() -> None:
    points = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert Similarity(torch.tensor([10.0, 0.0]))(points).tolist() == pytest.approx([0.6, 0.0])
    assert Similarity(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]))(points).tolist() == pytest.approx([-0.2, 0.0])
