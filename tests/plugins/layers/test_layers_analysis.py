# SPDX-License-Identifier: Apache-2.0
"""The walk through a small model, end to end: order, what is left out, what is measured, and what is found."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.layers import walk
from plugins.layers.analysis import Layers
from workbench.store import Store

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "plugins_folder")]
from winding import N, Winding, blobs  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layers,winding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("layers") / "store")


def run(location: str, through: str, data: str | None = "blobs", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    return wb.run("layers", model="winding", data=data, store=location, inline=True, through=through, **params)


def names(result: wb.Result) -> list[str]:
    return [str(one) for one in result.tables["layers"]["layer"]]


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def test_steps_are_in_the_order_in_which_they_run_without_repeats(location: str) -> None:
    result = run(location, "plain")
    assert names(result) == ["x", "early.0", "early.1", "pair", "y"]
    assert list(result.tables["layers"]["kind"]) == ["input", "Linear", "ReLU", "Pair", "output"]
    assert list(result.tables["layers"]["width"]) == [6, 8, 8, 8, 4]
    left_out = next(one for one in result.notes if one.startswith("Left out, since they give the same numbers"))
    assert set(re.findall(r"[a-z]+(?:\.\d)?", left_out.partition(":")[2])) == {"early.2", "early", "late"}
    assert any("one row for each point: summary" in one for one in result.notes)


def test_activations_are_those_of_the_layers(location: str) -> None:
    """The plane of each step has the distances of a PCA of what the layer gives when it is asked alone."""
    result = run(location, "plain")
    values = torch.from_numpy(np.array(blobs().batch(result.arrays["rows"])))
    model = Winding()
    with torch.no_grad():
        hidden = model.early[0](values)
        steps = [values, hidden.clone(), torch.relu(hidden), torch.relu(hidden) + 1, model.late(torch.relu(hidden))]
    for made, one in zip(np.asarray(result.arrays["layer_maps"]), steps, strict=True):
        flat = one.double().numpy()
        left, singular, _ = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
        plane = left[:, :2] * singular[:2]
        assert made @ made.T == pytest.approx(plane @ plane.T, abs=1e-3 * singular[0])
        assert made.shape == (N, 2)


def test_blobs_are_told_and_numbers_stand_with_their_intervals(location: str) -> None:
    result = run(location, "plain")
    table = result.tables["layers"]
    assert "classes" in result.tables
    assert set(result.tables["classes"]["column"]) == {"kind"}  # the first column with 2 to 40 values
    first = table.iloc[0]
    assert first["accuracy"] > 0.97
    assert 0.97 < first["accuracy_low"] < first["accuracy"] <= first["accuracy_high"]
    assert first["majority"] == pytest.approx(1 / 3)
    assert first["control"] < 0.5
    assert first["silhouette_low"] < first["silhouette"] < first["silhouette_high"]
    assert first["dimension_low"] < first["dimension"] < first["dimension_high"]
    assert result.numbers()["accuracy_first"] == first["accuracy"]
    assert set(result.charts) == {"accuracy", "dimension", "silhouette"}
    assert np.asarray(result.images["strip"]).shape[2] == 3
    assert "layers.readable-at-start" in codes(result)


def test_labels_that_say_nothing_are_not_readable(location: str) -> None:
    result = run(location, "plain", label="nothing")
    assert codes(result) == ["layers.not-readable"]
    table = result.tables["layers"]
    assert ((table["accuracy_low"] <= table["majority"]) & (table["majority"] <= table["accuracy_high"] + 0.1)).all()


def test_dead_layer_is_found_and_the_rest_is_measured(location: str) -> None:
    result = run(location, "dead")
    table = result.tables["layers"].set_index("layer")
    assert table["state"].to_dict() == {
        "x": "measured", "early.0": "measured", "early.1": "measured", "zero": "constant", "y": "constant",
    }  # fmt: skip
    assert table.loc["zero", ["accuracy", "dimension", "silhouette"]].isna().all()
    finding = next(one for one in result.findings if one.code == "layers.constant")
    assert (finding.value, finding.severity) == (2, "serious")
    assert "zero, y give the same values" in finding.statement
    maps = np.asarray(result.arrays["layer_maps"])
    assert (maps[3:] == 0).all()


def test_layer_with_nan_is_refused_by_name_and_the_rest_goes_on(location: str) -> None:
    result = run(location, "broken")
    table = result.tables["layers"].set_index("layer")
    bad = int((np.asarray(blobs().values)[:, 0] > 1).sum())
    assert table.loc["holes", "state"] == "not finite"
    assert (table.drop("holes")["state"] == "measured").all()
    (finding,) = [one for one in result.findings if one.code == "layers.not-finite"]
    assert finding.statement.startswith(f"holes gives NaN or infinity for {bad} of 240 points")
    assert np.isnan(np.asarray(result.arrays["layer_maps"])[names(result).index("holes")]).all()


def test_collapse_to_a_line_and_labels_lost_on_the_way_are_found(location: str) -> None:
    """The line is along the third number, which knows nothing of the classes."""
    result = run(location, "flat")
    assert {"layers.dimension-collapses", "layers.lost-on-the-way"} <= set(codes(result))
    last = result.tables["layers"].iloc[-1]
    assert last["dimension"] == pytest.approx(1, abs=0.3)
    assert last["explained"] == pytest.approx(1)
    lost = next(one for one in result.findings if one.code == "layers.lost-on-the-way")
    assert lost.low is not None and lost.high is not None
    assert 0 < lost.low <= lost.value <= lost.high


def test_equal_points_are_said_to_be_and_nothing_is_made_up(location: str) -> None:
    result = run(location, "plain", data="same")
    assert result.metrics == {}
    assert result.charts == {}
    assert set(result.tables["layers"]["state"]) == {"constant"}
    assert codes(result) == ["layers.constant"]


def test_draws_from_a_prior_have_maps_and_dimension_only(location: str) -> None:
    result = run(location, "draw", data=None)
    assert names(result) == ["z", "y"]
    assert result.tables["layers"]["accuracy"].isna().all()
    assert result.tables["layers"]["dimension"].notna().all()
    assert set(result.charts) == {"dimension"}
    assert result.findings == []
    assert "made by the model itself from its prior" in result.notes[0]


def test_items_have_no_input_that_is_a_vector(location: str) -> None:
    result = run(location, "look_up", data=None)
    assert names(result) == ["y"]
    assert result.tables["layers"].loc[0, "n"] == 30


@pytest.mark.parametrize("label", ["nothing", "gaps"])
def test_label_can_be_chosen(location: str, label: str) -> None:
    result = run(location, "plain", label=label)
    assert set(result.tables["classes"]["column"]) == {label}


def test_missing_labels_and_rare_classes_are_left_out_and_said_to_be(location: str) -> None:
    result = run(location, "plain", label="gaps")
    assert set(result.tables["layers"]["labelled"]) == {N - 40 - 2}
    assert (np.asarray(result.arrays["codes"]) == -1).sum() == 40
    table = result.tables["classes"].set_index("class")
    assert table["measured"].to_dict() == {"rare": False, "x": True, "y": True}
    assert any(one.startswith("40 points have no gaps") for one in result.notes)
    assert "Classes of gaps with fewer than 5 points are not measured: rare." in result.notes


def test_one_class_leaves_maps_and_dimension(location: str) -> None:
    result = run(location, "plain", label="single")
    assert result.tables["layers"]["accuracy"].isna().all()
    assert any("fewer than 2 classes of single" in one for one in result.notes)
    assert set(result.charts) == {"dimension"}


def test_column_with_too_many_values_is_refused(location: str) -> None:
    with pytest.raises(wb.WorkbenchError, match="'label' = 'number' has 240 values .* choose a column with 2 to 40"):
        run(location, "plain", label="number")


def test_label_of_points_that_are_no_rows_is_refused(location: str) -> None:
    with pytest.raises(wb.WorkbenchError, match="no such column"):
        run(location, "draw", label="kind")


def test_wide_layers_are_looked_at_in_part_and_many_layers_at_even_steps(location: str) -> None:
    result = run(location, "broad", most_units=100)
    (wide,) = result.tables["layers"].query("layer == 'wide'").to_dict("records")
    assert (wide["width"], wide["units"]) == (5000, 100)
    assert any("wider than 100 units" in one for one in result.notes)
    few = run(location, "plain", most_layers=2)
    assert names(few) == ["x", "early.0", "pair", "y"]
    assert any(one.startswith("2 of 3 layers") for one in few.notes)


def test_digits_through_the_sample_encoder(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layers,mnist-vae,sample-data")
    result = wb.run("layers", model="mnist-vae", store=location, inline=True, through="encode", limit=200)
    table = result.tables["layers"]
    steps = ["conv1", "relu1", "conv2", "relu2", "conv3", "relu3", "hidden", "relu4", "moments"]
    assert list(table["layer"]) == ["pixels", *(f"net.encoder.{one}" for one in steps), "z"]
    assert (table["accuracy_low"] > table["control_high"]).all()
    assert table["accuracy"].iloc[-1] > table["accuracy"].iloc[0]
    assert table["dimension"].between(2, 20).all()


def test_too_few_points_are_refused() -> None:
    class Job:
        model, device = Winding(), "cpu"

        def points(self, space: str, **_: Any) -> wb.Points:
            values = np.zeros((5, 6), dtype=np.float32)
            return wb.Points(values, np.arange(5), Winding.x, "points", blobs().columns.iloc[:5])

        def progress(self, fraction: float, stage: str = "") -> None: ...

    with pytest.raises(wb.DataError, match="at least 10 points of 'x' are needed, got 5"):
        Layers().run(Job(), Layers.Params.read({"through": "plain"}))  # type: ignore[arg-type]


def test_layers_that_fill_the_memory_are_captured_in_several_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are the same however many passes there are, and no hook is left."""

    class Job:
        device = "cpu"

        def __init__(self) -> None:
            self.model = Winding()

    batch = torch.from_numpy(np.array(blobs().batch(np.arange(50))))

    def walked() -> tuple[dict[str, Any], int]:
        job = Job()
        through = job.model.maps["plain"]
        way = walk.find_way(job.model, through, batch[:8], 24)
        before = job.model.count
        found = {one.name: values for one, values in walk.activations(job, through, batch, way, 8192, 0)}  # type: ignore[arg-type]
        assert not any(module._forward_hooks for module in job.model.layers().values())
        return found, job.model.count - before

    whole, passes = walked()
    assert passes == 1
    monkeypatch.setattr(walk, "NUMBERS_HELD", 500)  # one layer of 8 units and 50 points each
    parts, more = walked()
    assert more == 4
    assert list(whole) == list(parts)
    for name, values in whole.items():
        np.testing.assert_array_equal(values, parts[name])


def test_same_seed_same_result(location: str) -> None:
    with Store.open(location) as store:
        first = run(location, "plain")
        again = wb.run("layers", model="winding", data="blobs", store=store, inline=True, again=True, through="plain")
    assert first.numbers() == again.numbers()
    np.testing.assert_array_equal(np.asarray(first.arrays["layer_maps"]), np.asarray(again.arrays["layer_maps"]))
