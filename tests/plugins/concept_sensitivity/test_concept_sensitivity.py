# SPDX-License-Identifier: Apache-2.0
"""The analysis on nets whose decision depends on a planted concept: what it finds, what it says, what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "plugins_folder")]
from planted import PLANTED, UNUSED, WIDTH, Planted, marked, slices  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "concept-sensitivity,planted")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = str(tmp_path_factory.mktemp("concepts") / "store")
    with wb.Store.open(place) as store:
        slices(store)
    return place


def run(location: str, **params: Any) -> wb.Result:
    """The same run is computed once for all tests of this file."""
    given = {"through": "decide", "unit": 0, "layer": "turn", "kind": "mean-difference", **params}
    if "concept" not in given:
        given = {"by": "kind", "value": "planted", **given}
    settings = {name: given.pop(name) for name in ("seed", "again", "data") if name in given}
    return wb.run(
        "concept-sensitivity", model="planted", store=location, inline=True, **{"data": "marked", **settings, **given}
    )


def codes(result: wb.Result) -> dict[str, wb.Finding]:
    return {one.code.partition(".")[2]: one for one in result.findings}


def axis(which: int) -> np.ndarray:
    """The concept's direction in the layer ``turn``."""
    return Planted().turn.weight.detach().numpy()[:, which]


@pytest.mark.parametrize(("kind", "cosine"), [("logistic", 0.75), ("svm", 0.75), ("mean-difference", 0.9)])
def test_a_planted_concept_is_found_with_its_vector(location: str, kind: str, cosine: float) -> None:
    result = run(location, kind=kind, repetitions=10, random=59)
    numbers = result.numbers()
    assert np.asarray(result.arrays["vector"]) @ axis(PLANTED) > cosine
    assert numbers["tcav"] > 0.95
    assert numbers["p"] == pytest.approx(1 / 60)
    assert numbers["agreement"] > 0.5
    assert numbers["accuracy"] > 0.75
    assert 0.4 < numbers["accuracy_random"] < 0.6
    assert set(codes(result)) == {"sensitive"}
    told = codes(result)["sensitive"]
    assert told.low is not None and told.threshold is not None
    assert told.low > told.threshold
    assert told.figure in result.charts


def test_a_concept_that_the_layer_holds_and_the_decision_does_not_follow_is_no_better_than_random(
    location: str,
) -> None:
    result = run(location, value="unused")
    assert np.asarray(result.arrays["vector"]) @ axis(UNUSED) > 0.9
    assert result.numbers()["p"] > 0.2
    assert result.numbers()["accuracy"] > 0.75  # it was learnt: that is not why
    assert set(codes(result)) == {"no-better-than-random"}


def test_score_and_slope_are_those_of_the_closed_form(location: str) -> None:
    """Decision 0 is 2 a + sum sin(2 h) over the other axes: its derivative along a unit vector v of the layer."""
    result = run(location)
    x = np.asarray(marked().batch(np.asarray(result.arrays["asked"])), dtype=np.float64)
    v = np.asarray(result.arrays["vector"], dtype=np.float64)
    inside = Planted().turn.weight.detach().numpy().astype(np.float64).T @ v  # in the axes of x
    gradient = 2 * np.cos(2 * x)
    gradient[:, 0] = 2
    np.testing.assert_allclose(result.arrays["derivatives"][0], gradient @ inside, atol=1e-5)
    np.testing.assert_allclose(result.arrays["projections"][0], x @ inside, atol=1e-5)
    assert result.numbers()["tcav"] == pytest.approx((gradient @ inside > 0).mean())
    value = 2 * x[:, 0] + np.sin(2 * x[:, 1:]).sum(axis=1)
    np.testing.assert_allclose(result.arrays["decision"], value, atol=1e-4)


def test_of_a_linear_decision_the_score_means_nothing_and_the_derivative_is_told(location: str) -> None:
    result = run(location, unit=2)
    assert set(np.unique(np.asarray(result.arrays["random_scores"]))) == {0.0, 1.0}
    assert result.numbers()["tcav"] in (0.0, 1.0)
    assert result.numbers()["p"] == 1.0
    assert set(codes(result)) == {"linear-decision"}
    assert any("score 0 or 1" in one for one in result.notes)


def test_several_layers_are_corrected_together(location: str) -> None:
    alone, every = run(location), run(location, layer=None)
    table = every.tables["layers"]
    assert table["layer"].tolist() == ["turn", "back"]
    assert (table["p"] >= table["p_alone"] - 1e-12).all()
    assert every.arrays["vector.0"].shape == every.arrays["vector.1"].shape == (WIDTH,)
    assert np.asarray(every.arrays["vector.1"])[PLANTED] > 0.9
    assert table["score"].iloc[0] == pytest.approx(alone.numbers()["tcav"], abs=0.02)
    assert any(one.startswith("Left out: aside (the decision does not hang on it)") for one in every.notes)
    assert len(every.tables["repetitions"]) == 2 * 30


def test_the_same_seed_gives_the_same_again(location: str) -> None:
    first, again = run(location), run(location, again=True)
    assert first.numbers() == again.numbers()
    assert first.tables["layers"].equals(again.tables["layers"])


def test_slices_and_draws_of_a_prior_can_be_asked(location: str) -> None:
    by_slice = run(location, concept="first", others="second")
    assert by_slice.numbers()["p"] == pytest.approx(0.01)
    with wb.Store.open(location) as store:
        from workbench.runs import draws_source

        store.save_slice("drawn", draws_source("planted", "z", 0), np.arange(40))
    drawn = run(location, concept="drawn", through="draw", data=None)
    assert set(codes(drawn)) == {"no-better-than-random", "unstable-concept"}


def test_what_a_later_layer_writes_over_is_asked_as_the_layer_gave_it(location: str) -> None:
    result = run(location, through="overwritten", unit=1)
    net = Planted()
    x = np.asarray(marked().batch(np.asarray(result.arrays["asked"])))
    given = x @ net.turn.weight.detach().numpy().T
    v = np.asarray(result.arrays["vector"])
    np.testing.assert_allclose(result.arrays["projections"][0], given @ v, atol=1e-5)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"concept": "three"}, "'three' has 3 exemplars: at least 10 are needed"),
        ({"concept": "first", "others": "first"}, "are the same slice 'first'"),
        ({"concept": "first", "others": "again"}, "hold the same rows"),
        ({"value": "purple"}, "'purple' is no value of the column 'kind': it has plain, planted, unused"),
        ({"value": None}, "go together"),
        ({"concept": "first", "by": "kind", "value": "planted"}, "not both"),
        ({"concept": None}, "name the concept by a slice"),
        ({"unit": 4}, "has 4 numbers, 0 to 3"),
        ({"unit": 3}, "0 at every asked point"),
        ({"layer": "plain"}, "does not drive layer 'plain'"),
        ({"layer": "aside"}, "the decision does not hang on it"),
        ({"through": "twice"}, "runs it 2 times a pass"),
        ({"through": "detached"}, "has no gradient by its layers"),
        ({"through": "sealed"}, "cannot be differentiated|has no gradient"),
        ({"through": "recurrent", "layer": "pair"}, "gives a tuple, not one tensor"),
        ({"through": "roots"}, "the derivative of the decision by the layer 'turn' is NaN or infinite"),
        ({"through": "draw"}, "are no rows of the data"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(location: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=words):
        run(location, **params)
