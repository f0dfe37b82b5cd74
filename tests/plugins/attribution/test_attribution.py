# SPDX-License-Identifier: Apache-2.0
"""The analysis on pictures of four quarters, each of which drives one number: every question, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.attribution.methods import METHODS
from plugins.attribution.parameters import BaselineName, MethodName

HERE = Path(__file__).parent
HALF = 6
QUICK = ("saliency", "integrated-gradients")


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "attribution,quarters")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("attribution") / "store")


def run(location: str, through: str = "classify", **params: Any) -> wb.Result:
    given = {"samples": 5, "methods": QUICK, "baselines": ("black",), "checks": False, "steps": 20, **params}
    data = None if through == "decode" else "pictures"
    return wb.run("attribution", model="quarters", data=data, store=location, inline=True, through=through, **given)


def shares(values: Any) -> np.ndarray:
    """Share of the absolute mass in each quarter, ``[n, 4]``."""
    mass = np.abs(np.asarray(values, dtype=np.float64)).sum(axis=1)
    parts = mass.reshape(len(mass), 2, HALF, 2, HALF).sum(axis=(2, 4)).reshape(len(mass), 4)
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def test_every_method_finds_the_quarter_that_drives_the_class(location: str) -> None:
    names = tuple(METHODS)
    rows = tuple(int(one) for one in np.flatnonzero(_classes() == "bottom-left")[:3])
    result = run(
        location, question="class", class_name="bottom-left", methods=names, rows=rows, segments=36, draws=10, steps=80
    )
    table = result.tables["methods"].set_index("method")
    assert set(table.index) == set(names)
    for name in names:
        values = np.asarray(result.arrays[f"values.{name}"])
        if METHODS[name].layer:
            assert values.shape[1:] == (4,)
            assert (np.abs(values).argmax(axis=1) == 2).all(), name
        elif name not in ("grad-cam", "guided-grad-cam", "vargrad"):  # one map of 2 x 2 places; no variance in a line
            assert shares(values)[:, 2].min() > (0.6 if name in ("occlusion", "lime", "kernel-shap") else 0.95), name
    assert np.isnan(table.loc["vargrad", "gap"])  # it promises no sum
    complete = table[table["complete"]]
    assert (complete["gap"] < 0.02).all()
    assert (table["forwards"] > 0).all()
    assert result.arrays["rows"].tolist() == list(rows)
    assert "not checked" in result.notes[-1]


def _classes() -> np.ndarray:
    return np.asarray(wb.catalogue().datasets["pictures"].data().columns["quarter"])  # type: ignore[operator]


@pytest.mark.parametrize(
    ("through", "params", "words", "quarter"),
    [
        ("encode", {"question": "unit", "unit": 1}, "unit 1 of z", 1),
        ("encode", {"question": "unit", "unit": 3, "space": "net.0"}, "unit 3 of net.0", 3),
        ("classify", {"question": "probe", "space": "net.2", "by": "quarter", "value": "top-right"}, "log odds", None),
        ("encode", {"question": "distance", "other": 3}, "distance in z from row 3", None),
        ("encode", {"question": "channel", "unit": 0, "space": "net.0"}, "mean of channel 0 of net.0", None),
        ("classify", {"question": "mean"}, "mean of logits", None),
        ("classify", {}, "logit of", None),
        ("encode", {}, "of z", None),
    ],
)
def test_every_kind_of_number(location: str, through: str, params: Any, words: str, quarter: int | None) -> None:
    result = run(location, through, **params)
    assert words in result.notes[0]
    if quarter is not None:
        np.testing.assert_allclose(shares(result.arrays["values.saliency"])[:, quarter], 1)
    if params.get("question") == "probe":
        told = next(one for one in result.notes if "held-out" in one)
        assert "with accuracy 1.00" in told
        assert "probes of shuffled labels reach" in told


def test_which_units_drive_a_region_of_the_decoded_picture(location: str) -> None:
    result = run(location, "decode", question="region", top=1, left=7, height=4, width=4, baselines=("prior-mean",))
    values = np.asarray(result.arrays["values.integrated-gradients"])
    assert values.shape == (5, 4)
    np.testing.assert_allclose(values[:, [0, 2, 3]], 0, atol=1e-7)
    inputs = np.asarray(result.arrays["inputs"])
    np.testing.assert_allclose(values[:, 1], np.clip(inputs[:, 1], 0, 1) - 0.5, atol=5e-2)
    assert result.arrays["region"].tolist() == [1, 7, 4, 4]
    assert result.arrays["outputs"].shape == (5, 1, 12, 12)
    assert "rows 3 to 8, columns 3 to 8" in run(location, "decode", baselines=("prior-mean",)).notes[0]


def test_a_kept_direction_is_asked_by_its_name(location: str) -> None:
    with wb.Store.open(location) as store:
        described = wb.describe(store, "quarters")
        how = {"made": "import"}
        store.save_direction(
            "both", model="quarters", fingerprint=described.fingerprint, space="z", how=how, card={},
            vector=np.array([3.0, 0.0, 0.0, 4.0], dtype=np.float32),
        )  # fmt: skip
    result = run(location, "encode", question="direction", kept=("both",), space="z")
    found = shares(result.arrays["values.saliency"])
    np.testing.assert_allclose(found, np.tile([3 / 7, 0, 0, 4 / 7], (5, 1)), atol=1e-6)
    assert "component along 'both' in z" in result.notes[0]


def test_checks_and_other_baselines_come_with_the_maps(location: str) -> None:
    params: Any = {"question": "class", "class_name": "top-left", "baselines": ("black", "mean", "blurred")}
    result = run(location, checks=True, **params)
    assert {"checks", "methods", "samples"} <= set(result.tables)
    assert {"by_baseline.integrated-gradients.mean", "by_baseline.integrated-gradients.blurred"} <= set(result.arrays)
    assert "by_baseline.saliency.mean" not in result.arrays  # it needs none
    checked = result.tables["checks"]
    assert {"completeness", "deletion", "randomisation"} <= set(checked["check"])
    again = run(location, checks=True, again=True, **params)
    for name, one in result.arrays.items():
        np.testing.assert_array_equal(one, again.arrays[name])


def test_a_model_without_gradients_is_asked_by_taking_parts_away(location: str) -> None:
    result = run(location, "without_gradient", methods=("saliency", "deeplift", "feature-ablation"), segments=4)
    assert result.tables["methods"]["method"].tolist() == ["feature-ablation"]
    refused = result.tables["refused"].set_index("method")["reason"]
    assert "detach" in refused["saliency"] and "detach" in refused["deeplift"]
    assert any("has no gradient" in one for one in result.notes)


@pytest.mark.parametrize(
    ("through", "params", "words"),
    [
        ("encode", {"question": "unit", "unit": 4}, "'unit' = 4: there are 4 numbers, 0 to 3"),
        ("encode", {"question": "unit"}, "needs 'unit'"),
        ("encode", {"question": "mean", "unit": 1}, "makes no use of 'unit'"),
        ("encode", {"question": "region", "top": 0, "left": 0, "height": 2, "width": 2}, "no images"),
        ("decode", {"question": "region", "top": 9, "left": 0, "height": 9, "width": 2}, "leaves"),
        ("encode", {"question": "class"}, "no named classes"),
        ("classify", {"question": "class", "class_name": "top-lefd"}, "there is top-left"),
        ("encode", {"question": "mean", "space": "draw.0"}, "does not drive the layer 'draw.0'"),
        ("encode", {"question": "mean", "space": "pixels"}, "the number is read at a layer"),
        ("constant", {"question": "mean"}, "nothing drives it"),
        ("broken_gradient", {"question": "mean", "methods": ("saliency",)}, "NaN or infinite"),
        ("name", {"question": "mean"}, "no real numbers"),
        ("encode", {"baselines": ("prior-mean",)}, "has no prior"),
        ("encode", {"methods": ("saliency", "saliency")}, "names one twice"),
        ("encode", {"methods": ("magic",)}, "magic"),
        ("classify", {"question": "probe", "space": "net.2", "by": "quarter", "value": "up"}, "'up'"),
        ("decode", {"methods": ("grad-cam",), "baselines": ("black",)}, "no method can answer"),
    ],
)
def test_what_cannot_be_asked_is_told(location: str, through: str, params: Any, words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, through, **params)


def test_the_names_of_the_parameters_are_those_of_the_methods() -> None:
    from typing import get_args

    from plugins.attribution.baselines import BASELINES

    assert set(get_args(MethodName)) == set(METHODS)
    assert get_args(BaselineName) == BASELINES
