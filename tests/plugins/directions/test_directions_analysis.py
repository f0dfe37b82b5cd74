# SPDX-License-Identifier: Apache-2.0
"""The analysis on generators whose directions are known: what it finds, what it says of it, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.directions import workbench_entries
from workbench.runs import draws_source

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "plugins_folder")]
from strokes import truth  # noqa: E402  -- the folders of the tests are no packages

SHAPES = ("stroke-thickness", "slant", "brightness")


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "directions,scorers,strokes")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("directions") / "store")


def run(location: str, model: str = "strokes", **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {"space": "z", "scorers": list(SHAPES), "limit": 600, "random": 30, "count": 3, **params}
    return wb.run("directions", model=model, store=location, inline=True, **given)


def row(result: wb.Result, name: str) -> Any:
    table = result.tables["directions"]
    return table[table["direction"] == name].iloc[0]


def vector(result: wb.Result, name: str) -> np.ndarray:
    return np.asarray(result.arrays["vectors"][int(row(result, name)["vector"])], dtype=np.float64)


def codes(result: wb.Result) -> dict[str, wb.Finding]:
    return {one.code: one for one in result.findings}


def test_regressions_find_the_planted_directions(location: str) -> None:
    result = run(location)
    thickness, slant, _ = truth()
    assert abs(vector(result, "regression stroke-thickness") @ thickness) > 0.95
    assert vector(result, "regression slant") @ slant > 0.98  # along it its own attribute rises
    for name in ("regression stroke-thickness", "regression slant"):
        found = row(result, name)
        assert found["beyond_random"]
        assert found["effect"] > 2 * found["random_effect"]
        assert found["effect_low"] < found["effect"] < found["effect_high"]
        assert found["monotonicity"] > 0.95
        assert found["stability"] > 0.97
        assert found["told"]
    assert row(result, "regression slant")["selectivity"] > 0.6
    assert "directions.better-than-random" in codes(result)


def test_erasing_its_line_from_the_code_takes_a_planted_attribute_away(location: str) -> None:
    left = run(location).tables["attributes"].set_index("attribute")["left_after_erasure"]
    assert left["slant"] < 0.15
    assert left["stroke-thickness"] < 0.3
    nowhere = run(location, "deaf", methods=["axes"]).tables["attributes"]["left_after_erasure"]
    assert nowhere.between(0.3, 3).all()


def test_interaction_is_told_beside_random_directions(location: str) -> None:
    rows = run(location).tables["interaction"].set_index("method")
    assert set(rows.index) == {"ganspace", "sefa", "jacobian", "regression"}
    assert (rows["penalty"] > 0).all()
    assert (rows["random_low"] <= rows["random"]).all()


def test_methods_without_labels_find_the_space_that_the_picture_depends_on(location: str) -> None:
    result = run(location)
    span = truth()
    for method in ("sefa", "jacobian", "ganspace"):
        rows = result.tables["directions"]
        mine = rows[rows["method"] == method]
        assert len(mine) == 3, method
        for at in mine["vector"]:
            inside = np.linalg.norm(span @ np.asarray(result.arrays["vectors"][int(at)], dtype=np.float64))
            assert inside > 0.97, method
    assert not any(one["told"] for one in result.tables["directions"].to_dict("records") if one["method"] == "sefa")


def test_the_result_has_what_its_readers_were_promised(location: str) -> None:
    result = run(location)
    table = result.tables["directions"]
    assert {"method", "index", "strength", "effect", "selectivity", "stability"} <= set(table.columns)
    vectors = np.asarray(result.arrays["vectors"], dtype=np.float64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert sorted(table["vector"]) == list(range(len(vectors)))
    pictures = result.arrays["traversals"]
    assert pictures.shape == (len(vectors), 4, 7, 24, 24, 1)
    assert pictures.dtype == np.uint8
    matrix = result.tables["rescoring"]
    assert len(matrix) == len(vectors) * len(result.tables["attributes"])
    assert (matrix.groupby("vector")["own"].sum() == 1).all()
    assert set(result.charts) == {"matrix", "effects", "curves"}
    assert any("No" not in one and "scorers and probes tell" in one for one in result.notes)


def test_the_same_seed_gives_the_same_and_another_one_nearly(location: str) -> None:
    first = run(location, methods=["regression"])
    again = wb.run(
        "directions", model="strokes", store=location, inline=True, again=True,
        space="z", scorers=list(SHAPES), limit=600, random=30, count=3, methods=["regression"],
    )  # fmt: skip
    np.testing.assert_array_equal(first.arrays["vectors"], again.arrays["vectors"])
    assert first.tables["directions"].equals(again.tables["directions"])


def test_a_direction_that_changes_two_things_is_called_entangled(location: str) -> None:
    result = run(location, "mixed", methods=["mean-difference"], share=0.5)
    found = row(result, "mean-difference stroke-thickness")
    assert found["leaks_into"] == "slant"
    assert found["leak_share"] > 0.5
    told = codes(result)["directions.entangled"]
    assert told.low is not None and told.threshold is not None
    assert told.low > told.threshold


def test_where_no_direction_leads_anywhere_none_is_found(location: str) -> None:
    """At most one run in twenty may say so: two of six would be one chance in thirty."""
    wrong = 0
    for seed in range(6):
        result = wb.run(
            "directions", model="deaf", store=location, inline=True, seed=seed,
            space="z", scorers=list(SHAPES), limit=400, random=30, methods=["regression", "axes"],
        )  # fmt: skip
        found = result.tables["directions"]["beyond_random"].any()
        assert ("directions.no-better-than-random" in codes(result)) is not bool(found)
        wrong += int(found)
    assert wrong <= 1


def test_classes_of_a_column_are_attributes_that_probes_read(location: str) -> None:
    result = run(
        location,
        "encoded",
        data="labelled-strokes",
        methods=["mean-difference"],
        by="wide",
        scorers=["slant"],
        limit=300,
        codes=40,
    )
    attributes = result.tables["attributes"].set_index("attribute")
    assert attributes.loc["wide=wide", "measured_by"] == "probe of the column wide"
    assert attributes.loc["wide=wide", "probe_quality"] > 0.9
    assert row(result, "mean-difference wide=wide")["told"]


def test_a_direction_that_was_kept_is_measured_with_the_others(location: str) -> None:
    slant = truth()[1]
    with wb.Store.open(location) as store:
        fingerprint = wb.describe(store, "strokes").fingerprint
        store.save_direction(
            "lean", model="strokes", fingerprint=fingerprint, space="z", vector=-2 * slant, card={"attribute": "slant"}
        )
    result = run(location, methods=["regression"], kept=["lean"])
    found = row(result, "lean")
    assert found["strength"] == pytest.approx(2)
    assert found["effect"] < -0.8  # told its attribute, it keeps its sense, and the slant falls
    assert not found["beyond_random"]
    with pytest.raises(wb.WorkbenchError, match="lean"):
        run(location, kept=["leen"])


def test_a_layer_can_be_named_for_ganspace(location: str) -> None:
    result = run(location, methods=["ganspace"], layer="read")
    assert len(result.tables["directions"]) == 3
    assert "layers" not in result.tables


@pytest.mark.parametrize(
    ("model", "params", "words"),
    [
        ("still", {}, "no attribute varies"),
        ("deaf", {"methods": ["sefa"]}, "no affine layer reads the code itself"),
        ("strokes", {"scorers": ["warmth"]}, "does not apply to these pictures"),
        ("strokes", {"scorers": ["slent"]}, "there is no scorer 'slent'"),
        ("strokes", {"methods": []}, "name at least one method"),
        ("strokes", {"steps": 4}, "odd number"),
        ("strokes", {"space": "read", "layer": "read"}, "no map of the model leads"),
        ("encoded", {"by": "one", "data": "labelled-strokes"}, "has 1 classes"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_name(
    location: str, model: str, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, model, **params)


def test_every_code_has_an_entry() -> None:
    written = "".join(one.read_text() for one in workbench_entries())
    named = (Path(wb.__file__).parents[1] / "plugins/directions/findings.py").read_text()
    shared = ("directions.unstable", "directions.no-better-than-random")  # entries of difference-direction
    mine = {one.split('"')[1] for one in named.splitlines() if one.strip().startswith('"directions.')}
    assert {one for one in mine if one not in shared} <= {
        line.strip(" -") for line in written.splitlines() if line.strip().startswith("- directions.")
    }
    assert len(mine) == 6


def test_attributes_are_read_off_the_codes_of_two_slices_alone(location: str) -> None:
    store = wb.Store.open(location)
    source = draws_source("strokes", "z", 0)
    store.save_slice("some", source, range(0, 300, 2))
    store.save_slice("others", source, range(1, 300, 2))  # 300 of 440 codes are in either
    result = run(location, toward="some", away="others", limit=400, methods=["regression"])
    _, slant, _ = truth()
    assert vector(result, "regression slant") @ slant > 0.95


def test_a_slice_that_no_method_is_told_of_is_refused_before_the_run(location: str) -> None:
    with pytest.raises(wb.ParameterError, match="'toward' is told to boundary, svm and mean-difference"):
        run(location, toward="some", methods=["regression"])
    with pytest.raises(wb.ParameterError, match="name in 'toward' what it leads to"):
        run(location, away="others", methods=["svm"])
