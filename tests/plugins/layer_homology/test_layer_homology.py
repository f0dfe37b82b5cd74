# SPDX-License-Identifier: Apache-2.0
"""The analysis end to end: planted networks of which it is known which layer does what, and noise."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.layer_homology.analysis import LayerHomology
from workbench.store import Store

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "plugins_folder")]
from folding import AXES, Folding, N, circle  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "layer-homology,folding")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("shape") / "store")


def run(location: str, through: str, data: str | None = "circle", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file; neighbouring steps are compared only where asked."""
    given = {"landmarks": 100, "trials": 0, **params}
    return wb.run("layer-homology", model="folding", data=data, store=location, inline=True, through=through, **given)


def told(result: wb.Result, code: str) -> list[str]:
    return [one.statement for one in result.findings if one.code == f"layer-homology.{code}"]


def fates(result: wb.Result, loop: int) -> dict[str, str]:
    table = result.tables["loops"]
    mine = table[table["loop"] == loop]
    return dict(zip(mine["layer"], mine["state"], strict=True))


def test_a_loop_is_kept_by_turns_and_nothing_is_found(location: str) -> None:
    result = run(location, "keeps")
    assert fates(result, 1) == {"x": "start", "first": "kept", "back": "kept", "y": "kept"}
    table = result.tables["loops"].set_index("layer")
    assert set(table["loop"]) == {1}
    assert (table["correlation"].drop("x") > 0.99).all()
    assert (table["correlation_permuted"].drop("x") < 0.25).all()
    assert (table["share"] == 1).all()
    assert result.findings == []


@pytest.mark.parametrize(("through", "layer"), [("folds", "fold"), ("projects", "project")])
def test_the_layer_that_removes_the_loop_is_named(location: str, through: str, layer: str) -> None:
    result = run(location, through)
    (statement,) = told(result, "loop-removed")
    assert statement.startswith(f"{layer} removes loop 1 ")
    assert len(result.findings) == 1
    (finding,) = result.findings
    assert (finding.value, finding.n) == (1.0, 20)
    assert finding.low is not None
    assert 0.8 < finding.low < 1
    states = fates(result, 1)
    assert states["back"] == "kept"
    assert states[layer] == "removed"
    assert list(states.values())[-1] == "absent"
    layers = result.tables["layers"].set_index("layer")
    assert layers.loc["back", ["loops", "loops_low", "loops_high"]].tolist() == [1, 1, 1]
    assert layers.loc[layer, "loops_high"] == 0
    assert result.numbers()["loops_removed"] == 1


def test_a_loop_that_is_wound_twice_is_followed(location: str) -> None:
    result = run(location, "winds")
    assert fates(result, 1)["wind"] == "wound"
    assert fates(result, 1)["y"] == "kept"
    table = result.tables["loops"].set_index("layer")
    assert table.loc["wind", "times"] == 2
    assert result.findings == []


def test_the_layer_that_makes_a_loop_is_named(location: str) -> None:
    result = run(location, "bends", "segment")
    (statement,) = told(result, "loop-made")
    assert statement.startswith("bend makes loop 1 ")
    assert fates(result, 1) == {"x": "absent", "first": "absent", "back": "absent", "bend": "new", "y": "kept"}
    assert told(result, "loop-removed") == []


@pytest.mark.parametrize("metric", ["euclidean", "geodesic", "hops"])
def test_two_rings_are_two_loops_each_of_its_class(location: str, metric: str) -> None:
    result = run(location, "folds", "rings", label="ring", metric=metric, neighbours=8)
    table = result.tables["loops"]
    at_start = table[(table["layer"] == "x") & table["state"].eq("start")]
    assert sorted(at_start["group"]) == ["", "", "ring inner", "ring outer"]
    statements = told(result, "loop-removed")
    assert len(statements) == 3  # of four, three are stated
    assert all(one.startswith("fold removes loop") for one in statements)
    changes = result.tables["changes"]
    removed = changes[(changes["what"] == "loop removed") & changes["told"]]
    assert len(removed) == 4
    assert set(removed["layer"]) == {"fold"}
    after = result.tables["shapes"].query("layer == 'y'").set_index("group")
    assert (after["loops"] == 0).all()


def test_the_layer_that_merges_two_classes_is_named(location: str) -> None:
    result = run(location, "folds", "side-blobs", label="side")
    (statement,) = told(result, "classes-merged")
    assert statement.startswith("fold merges side left with side right: apart at back")
    table = result.tables["pairs"].set_index("layer")
    assert table["state"].to_dict() == {
        "x": "apart", "first": "apart", "back": "apart", "fold": "merged", "y": "merged",
    }  # fmt: skip
    assert table.loc["back", "ratio_low"] > 1.5
    assert table.loc["fold", "ratio_high"] < 1
    assert (table["shuffled_high"] <= 1.05).all()
    assert [one.code for one in result.findings] == ["layer-homology.classes-merged"]


def test_labels_that_say_nothing_neither_merge_nor_tear(location: str) -> None:
    result = run(location, "folds", "side-blobs", label="nothing")
    assert told(result, "classes-merged") == []
    assert set(result.tables["pairs"]["state"]) <= {"merged", "unclear"}


def test_the_layer_that_tears_a_class_is_named(location: str) -> None:
    result = run(location, "tears", "middle", label="kind")
    (statement,) = told(result, "class-torn")
    assert statement.startswith("steep tears kind across: it falls into more pieces than at back")
    table = result.tables["shapes"]
    pieces = table[table["layer"] == "steep"].set_index("group")["pieces"]
    assert pieces["kind across"] == 2
    assert pieces["kind beside"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_normal_points_through_turns_are_noise(location: str, seed: int) -> None:
    result = run(location, "draws", None, seed=seed, trials=4, limit=300)
    assert result.findings == []
    assert set(result.tables["layers"]["loops"]) == {0}
    assert "loops" not in result.tables or not result.tables["loops"]["state"].eq("kept").all()
    layers = result.tables["layers"].dropna(subset="rtd")
    assert len(layers) == 3
    assert (layers["rtd"] < 1e-3).all()  # a turn keeps the order
    assert (layers["rtd_control_low"] > 0.1).all()


def test_rtd_of_a_fold_stands_between_none_and_random_order(location: str) -> None:
    layers = run(location, "folds", trials=6).tables["layers"].set_index("layer")
    assert layers.loc["first", "rtd"] < 1e-3
    assert layers.loc["first", "rtd_high"] < layers.loc["fold", "rtd_low"]
    assert layers.loc["fold", "rtd_high"] < layers.loc["fold", "rtd_control_low"]


def test_scales_are_those_of_the_step(location: str) -> None:
    """A turn that enlarges by three changes the median distance alone."""
    layers = run(location, "keeps").tables["layers"].set_index("layer")
    assert layers.loc["first", "median_distance"] == pytest.approx(3 * layers.loc["x", "median_distance"], rel=1e-5)
    assert layers.loc["first", "longest_loops"] == pytest.approx(layers.loc["x", "longest_loops"], rel=1e-4)


def test_dead_and_broken_layers_are_found_and_the_rest_is_measured(location: str) -> None:
    dead = run(location, "dies")
    assert dead.tables["layers"].set_index("layer")["state"].to_dict() == {
        "x": "measured", "first": "measured", "y": "constant",
    }  # fmt: skip
    assert told(dead, "constant")
    (removed,) = told(dead, "loop-removed")
    assert removed.startswith("y removes loop 1 ")
    broken = run(location, "breaks")
    (statement,) = told(broken, "not-finite")
    values = np.asarray(circle().batch(np.arange(N)))
    bad = int(((values @ Folding().first.matrix.numpy())[:, 0] > 0).sum())
    assert statement.startswith(f"holes gives NaN or infinity for {bad} of {N} points")
    assert fates(broken, 1)["holes"] == "not measured"
    assert fates(broken, 1)["y"] == "kept"
    assert told(broken, "loop-removed") == []


def test_maps_and_angles_are_of_the_same_landmarks(location: str) -> None:
    result = run(location, "keeps")
    maps, theta = np.asarray(result.arrays["layer_maps"]), np.asarray(result.arrays["theta_1"])
    assert maps.shape == (4, 100, 2)
    assert theta.shape == (4, 100)
    rows = np.asarray(result.arrays["rows"])[np.asarray(result.arrays["landmarks"])]
    points = np.asarray(circle().batch(rows))[:, :2]
    true = np.exp(1j * np.arctan2(points[:, 1], points[:, 0]))
    for step in theta:
        found = np.exp(2j * np.pi * step)
        assert max(abs((true * found).mean()), abs((true * found.conj()).mean())) > 0.95


def test_voids_and_pieces_alone(location: str) -> None:
    few = run(location, "keeps", max_dim=0)
    assert "loops" not in few.tables
    assert not [name for name in few.tables["layers"] if name.startswith("voids")]
    more = run(location, "keeps", max_dim=2, landmarks=40, draws=4)
    assert {0, 1, 2} == set(more.tables["betti"]["dimension"])
    assert set(more.tables["layers"]["voids"]) == {0}


def test_bars_stand_with_what_they_are_worth(location: str) -> None:
    bars = run(location, "keeps").tables["bars"]
    first = bars[(bars["dimension"] == 1) & (bars["rank"] == 1)]
    assert (first["p_value"] < 0.001).all()
    assert (first["recurrence"] == 1).all()
    assert (first["loop"] == 1).all()
    assert (bars["loop"] == 1).sum() == 4


@pytest.mark.parametrize(
    ("through", "params", "words"),
    [
        ("keeps", {"label": "number"}, "'label' = 'number' has 400 values"),
        ("draws", {"data": None, "max_dim": 2, "landmarks": 1000, "limit": 3000}, "Take fewer landmarks"),
        ("draws", {"data": None, "label": "kind"}, "is not a column"),
    ],
)
def test_what_cannot_be_done_is_refused(location: str, through: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=re.escape(words)):
        run(location, through, **params)


def test_too_few_points_are_refused() -> None:
    class Job:
        model, device, seed, rng = Folding(), "cpu", 0, np.random.default_rng(0)

        def points(self, space: str, **_: Any) -> wb.Points:
            values = np.full((30, AXES), np.nan, dtype=np.float32)
            values[:5] = 1
            return wb.Points(values, np.arange(30), Folding.x, "points", circle().columns.iloc[:30])

        def progress(self, fraction: float, stage: str = "") -> None: ...

    with pytest.raises(wb.DataError, match="at least 20 finite points are needed, got 5"):
        LayerHomology().run(Job(), LayerHomology.Params.read({"through": "keeps"}))  # type: ignore[arg-type]


def test_same_seed_same_result(location: str) -> None:
    given = {"through": "folds", "landmarks": 60, "draws": 4, "trials": 2, "limit": 200}
    with Store.open(location) as store:
        first, again = (
            wb.run("layer-homology", model="folding", data="circle", store=store, inline=True, again=True, **given)
            for _ in range(2)
        )
    assert first.numbers() == again.numbers()
    for name, table in first.tables.items():
        assert table.equals(again.tables[name]), name
