# SPDX-License-Identifier: Apache-2.0
"""Steering on a language whose log-probabilities are known in closed form; what it says, leaves and refuses."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import workbench as wb
from plugins.steering.intervention import steered
from plugins.steering.measuring import Step, breaking, recommended
from plugins.steering.quality import distinct_pairs, full_stops
from plugins.steering.texts import groups_of

FOLDER = Path(__file__).parent.parent / "logit_lens" / "plugins_folder"
sys.path[:0] = [str(FOLDER)]
from tiny_language import CALL, OWN, WORDS, TinyWriter, open_stammers  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(FOLDER))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "steering,tiny_language")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("steering") / "store")


def run(location: str, **params: object) -> wb.Result:
    given = {"toward": "ant", "away": "fox", "space": "stream.3", "measured": 8, "tokens": 6, **params}
    return wb.run("steering", model="tiny-writer", store=location, inline=True, **given)


def log_probability(word: str, vector: np.ndarray) -> float:
    """Of a word after itself, with ``vector`` added to the logits."""
    logits = np.zeros(len(WORDS)) + vector
    logits[WORDS.index(word)] += OWN
    logits[(WORDS.index(word) + 1) % len(WORDS)] += 2 * CALL
    return float(logits[WORDS.index(word)] - np.log(np.exp(logits).sum()))


def test_effect_and_perplexity_are_those_of_the_closed_form(location: str) -> None:
    result = run(location, scales=(0.25, 1.0, -0.5))
    vector = np.zeros(len(WORDS))
    for word, sign in (("ant", 1), ("fox", -1)):
        vector[WORDS.index(word)] += sign * OWN
        vector[(WORDS.index(word) + 1) % len(WORDS)] += sign * 2 * CALL
    np.testing.assert_allclose(result.arrays["direction"], vector, atol=1e-5)
    table = result.tables["scales"].set_index("scale")
    assert list(table.index) == [-0.5, 0.0, 0.25, 1.0]
    for scale, row in table.iterrows():
        change = {
            one: log_probability(one, scale * vector) - log_probability(one, 0 * vector)
            for one in ("ant", "fox", "jay")
        }
        assert row["effect"] == pytest.approx(change["ant"] - change["fox"], abs=1e-4)
        assert row["toward"] == pytest.approx(change["ant"], abs=1e-4)
        assert row["perplexity"] == pytest.approx(np.exp(-change["jay"]), rel=1e-4)
        assert row["effect_low"] == pytest.approx(row["effect"], abs=1e-4)  # texts of one word are all alike


def test_what_is_written_follows_the_direction(location: str) -> None:
    """Toward the word after "ant" by more than the model calls: nothing else is written, and that is told."""
    result = run(location, scales=(0.05, 3.0))
    written = result.tables["written"]
    assert set(written[written["scale"] == 3.0]["written"]) == {" ".join(["bee"] * 6)}
    assert set(written[written["scale"] == 0.0]["written"]) == {"ant bee cat dog elk fox"}
    told = {one.code: one for one in result.findings}
    finding = told["steering.breaks-text"]
    assert finding.figure in result.charts
    assert ("times as perplexing" in finding.statement) == (finding.figure == "perplexity")
    assert "repeats" in finding.statement
    assert result.numbers()["breaking_scale"] == 3.0


def test_the_model_is_as_it_was(location: str) -> None:
    model = TinyWriter()
    before = model.score(["ant bee cat", "jay jay"])
    for failing in (False, True):
        try:
            with steered(model, "stream.2", torch.ones(len(WORDS)) * torch.arange(len(WORDS))):
                assert not torch.allclose(model.score(["ant bee cat", "jay jay"]), before)
                if failing:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert torch.equal(model.score(["ant bee cat", "jay jay"]), before)
        assert not any(one._forward_hooks for one in model.stream)


def test_a_layer_that_a_vector_does_not_fit_is_refused() -> None:
    model = TinyWriter()
    with pytest.raises(wb.SpaceError, match="nothing that 3 numbers"), steered(model, "stream.2", torch.ones(3)):
        model.score(["ant bee"])
    with pytest.raises(wb.SpaceError, match="no layer 'gone'"), steered(model, "gone", torch.ones(10)):
        pass
    assert not any(one._forward_hooks for one in model.stream)


def test_bare_defaults_do_and_a_kept_direction_gives_the_same(location: str) -> None:
    with wb.Store.open(location) as store:
        bare = wb.run("steering", model="tiny-writer", store=store, inline=True)
        assert bare.tables["subject"].iloc[0]["layer"] == "stream.2"
        first = run(location, scales=(0.3,))
        store.save_direction(
            "to-ant", model="tiny-writer", fingerprint=wb.describe(store, "tiny-writer").fingerprint, space="stream.3",
            vector=np.asarray(first.arrays["direction"], dtype=np.float64), how={}, card={},
        )  # fmt: skip
    again = run(location, scales=(0.3,), kept=("to-ant",))
    assert again.tables["scales"]["effect"].tolist() == pytest.approx(first.tables["scales"]["effect"].tolist())


def step(scale: float, effect: float, ratio: float = 1.0, random: float = 0.0, stops: float = 0.1) -> Step:
    return Step(scale, (effect, effect / 2, effect * 2), (ratio, ratio, ratio), (random,), (1.0,), 0, 0, stops, 0.9, ())


def test_the_recommended_scale_works_and_comes_before_what_breaks() -> None:
    base = step(0, 0)
    steps = [base, step(0.3, 0.1), step(0.6, 0.2), step(1.2, 0.5, ratio=3), step(2.4, 0.6)]
    assert (recommended(steps), breaking(steps)) == (steps[2], steps[3])
    assert recommended([base, step(0.3, 0.1, random=0.2)]) is None
    assert recommended([base, step(0.3, 0.1, stops=0.4)]) is None
    assert breaking([base, step(0.3, 0.1)]) is None


def test_what_is_broken_is_told_with_its_own_number() -> None:
    base = step(0, 0)
    (stops,) = step(1, 0.1, stops=0.4).signs(base)
    assert (stops.value, stops.threshold, stops.figure) == (0.4, pytest.approx(0.3), "broken")
    (repeats,) = replace(step(1, 0.1), distinct=0.4).signs(base)
    assert (repeats.value, repeats.threshold, repeats.figure) == (0.4, 0.45, "broken")
    assert [one.value for one in step(1, 0.1, ratio=3, stops=0.4).signs(base)] == [3, 0.4]
    assert step(1, 0.1, ratio=1.9, stops=0.29).signs(base) == []


def test_groups_share_no_row() -> None:
    data = open_stammers()
    rng = np.random.default_rng(0)
    groups = groups_of(data, np.arange(len(data)), None, "", "jay", 60, 8, 2, rng)
    assert {groups.toward, groups.away} == {"ant", "jay"} and groups.column == "kind"
    made = {data.texts[one] for one in groups.made_toward}
    assert len(made) == 12 and not made & set(groups.texts_toward)
    assert set(" ".join(groups.neutral).split()) == {"fox"}
    two = groups_of(data, np.arange(40), None, "", "", 4 + 8, 8, 2, rng)
    assert two.whence.startswith("the held-out texts")


@pytest.mark.parametrize("column", ["document", "split"])
def test_what_is_measured_comes_from_other_documents(column: str) -> None:
    documents = np.repeat(np.arange(20), 5)
    beside = documents.astype(str) if column == "document" else np.where(documents < 12, "train", "test")
    kinds = np.where(documents % 2 == 0, "ant", "bee")
    columns = pd.DataFrame({"kind": kinds, column: beside})
    data = wb.TextDataset([f"text {row} of {one}" for row, one in enumerate(documents)], columns)
    groups = groups_of(data, np.arange(100), "kind", "ant", "bee", 60, 12, 2, np.random.default_rng(0))
    made = {int(documents[row]) for row in (*groups.made_toward, *groups.made_away)}
    held = {int(one.split()[-1]) for one in (*groups.texts_toward, *groups.texts_away)}
    assert len(groups.texts_toward) == len(groups.texts_away) == 12 and not made & held
    assert column == "document" or max(made) < 12 <= min(held)


def test_signs_of_broken_text() -> None:
    assert full_stops([". . .", "a"]) == 0.75
    assert np.isnan(full_stops(["", " "]))
    assert distinct_pairs(["a b c", "b c d"]) == 0.75
    assert np.isnan(distinct_pairs(["a"]))
    whole = Step(0.0, (0, 0, 0), (1, 1, 1), (), (), 0, 0, full_stops(["a b."]), distinct_pairs(["a b."]), ("a b.",))
    assert whole.broken(whole) == ""
    assert replace(whole, stops=full_stops([""]), distinct=distinct_pairs([""])).broken(whole) == "nothing is written"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"scales": (float("nan"),)}, "finite"),
        ({"scales": (float("inf"), 1.0)}, "finite"),
        ({"scales": ()}, "1 to 8"),
        ({"scales": (1.0, 1.0)}, "different"),
        ({"space": "stream.9"}, "stream.9"),
        ({"toward": "gnu"}, "no class 'gnu': the column has ant"),
        ({"toward": "ant", "away": "ant"}, "both groups are 'ant'"),
        ({"by": "text"}, "does not have two classes of 16 texts"),
        ({"kept": ("nobody",)}, "nobody"),
    ],
)
def test_what_cannot_be_steered_is_refused(location: str, params: dict[str, object], told: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=told):
        run(location, **params)
