# SPDX-License-Identifier: Apache-2.0
"""The lens on a language that is known in closed form; its arithmetic; what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from plugins.logit_lens import measures
from plugins.logit_lens.charts import kept_steps
from plugins.logit_lens.prompts import cut, number_of, others

HERE = Path(__file__).parent
WORDS, CALL = 10, 4.0


@pytest.fixture(autouse=True)
def plugins(_own_places: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(HERE / "plugins_folder"))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "logit-lens,tiny_language")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("lens") / "store")


def run(location: str, **params: object) -> wb.Result:
    given = {"prompt": "ant bee cat", "limit": 60, **params}
    return wb.run("logit-lens", model="tiny-language", store=location, inline=True, **given)


def test_the_answer_rises_at_the_block_that_learns_of_it(location: str) -> None:
    """Own word 3, next word 0, 4, 8: ranks 10 (all ties count), then 1; probabilities in closed form."""
    layers = run(location).tables["layers"]
    assert layers["layer"].tolist() == ["stream.0", "stream.1", "stream.2", "residual"]
    np.testing.assert_allclose(layers["rank"], [10, 10, 1, 1])
    total = np.exp(3) + np.array([9, 9, np.exp(4) + 8, np.exp(8) + 8])
    np.testing.assert_allclose(layers["log_probability"], np.array([0, 0, 4, 8]) - np.log(total), atol=1e-5)
    np.testing.assert_allclose(layers["same"], [0, 0, 1, 1])
    own = np.stack([np.exp([3.0, level, *[0.0] * 8]) for level in (0, 0, CALL, 2 * CALL)])
    own /= own.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(layers["entropy"], -(own * np.log2(own)).sum(axis=1), atol=1e-4)
    np.testing.assert_allclose(layers["divergence"], (own[-1] * np.log2(own[-1] / own)).sum(axis=1), atol=1e-4)


def test_metrics_and_findings_are_of_these_numbers(location: str) -> None:
    result = run(location)
    numbers = result.numbers()
    assert numbers["right_at_the_end"] == 1
    assert numbers["settled_depth"] == pytest.approx(2 / 3)
    assert numbers["rank_shuffled"] > 3
    assert numbers["answer_depth"] == pytest.approx(2 / 3)
    assert numbers["unreadable_layers"] == pytest.approx(2 / 3)  # embedding and block 1 are worse than no look at all
    (told,) = result.findings
    assert told.code == "logit-lens.unreadable-layers"
    assert told.value > told.threshold and told.figure in result.charts
    assert len(result.tables["prompts"]) == 60


def test_the_prompt_is_shown_at_every_token(location: str) -> None:
    grid = run(location).tables["grid"]
    assert sorted(set(grid["position"])) == [0, 1, 2]
    for row in grid.itertuples():
        follows = [" ant", " bee", " cat", " dog"][row.position + (row.step >= 2)]
        assert row.says == follows
    ranks = grid[grid["position"] < 2].pivot(index="step", columns="position", values="rank_of_next")
    np.testing.assert_array_equal(ranks.to_numpy(), [[10, 10], [10, 10], [1, 1], [1, 1]])


def test_a_model_that_does_not_know_the_answers_is_told(location: str) -> None:
    told = {one.code: one for one in run(location, answer="noise").findings}["logit-lens.no-better-than-shuffled"]
    assert told.figure == "rank" and told.high >= told.threshold
    assert np.isnan(run(location, answer="noise").numbers()["answer_depth"])


def test_texts_without_answers_are_cut_before_a_word(location: str) -> None:
    """Stammers: the model expects the next of the ring, the text has the same word again."""
    result = wb.run(
        "logit-lens", model="tiny-language", data="tiny-stammers", store=location, inline=True, prompt="ant", limit=60
    )
    assert result.numbers()["right_at_the_end"] == 0
    assert result.numbers()["rank_at_the_end"] == pytest.approx(2)
    assert any("cut there at random" in one for one in result.notes)
    assert {len(one.split()) for one in result.tables["prompts"]["answer"]} == {1}


def test_the_same_seed_gives_the_same_again(location: str) -> None:
    first, again = run(location), run(location, again=True)
    assert first.numbers() == again.numbers()
    assert first.tables["layers"].equals(again.tables["layers"])


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": ""}, "prompt"),
        ({"answer": "kind"}, "0 of 120 texts have an answer"),
        ({"through": "nothing"}, "not a map"),
    ],
)
def test_what_cannot_be_read_is_refused(location: str, params: dict[str, object], told: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=told):
        run(location, **params)


def test_ranks_are_those_of_a_sort_with_ties_against() -> None:
    rng = np.random.default_rng(0)
    logits = rng.integers(0, 6, (20, 15)).astype(np.float32)
    chosen = rng.integers(0, 15, 20)
    expected = [sum(one >= row[at] for one in row) for row, at in zip(logits, chosen, strict=True)]
    np.testing.assert_array_equal(measures.ranks(torch.from_numpy(logits), chosen), expected)


def test_the_guess_without_the_prompt_is_the_mean_of_the_others() -> None:
    p = np.random.default_rng(1).dirichlet(np.ones(5), size=4)
    found = measures.without_prompt(torch.from_numpy(np.log(p)))
    for row in range(4):
        rest = np.delete(p, row, axis=0).mean(axis=0)
        assert found[row] == pytest.approx((p[row] * np.log2(p[row] / rest)).sum())


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.integers(0, 2**16))
def test_shuffled_answers_are_the_same_words_and_never_the_own_where_that_can_be(words: list[int], seed: int) -> None:
    answers = np.array(words)
    found = others(answers, np.random.default_rng(seed))
    assert sorted(found) == sorted(answers)
    if 2 * np.bincount(answers).max() <= len(answers):
        assert (found != answers).all()


@given(st.text(max_size=60), st.integers(0, 99))
def test_a_text_is_cut_before_a_word_of_its_own(text: str, seed: int) -> None:
    pair = cut(text, np.random.default_rng(seed))
    if pair is not None:
        assert pair[1].strip() in text and pair[0] in text and pair[0].strip()


def test_an_answer_is_found_by_tokens_or_by_the_longest_name() -> None:
    numbers = {" the": 0, " then": 1, " t": 2}
    assert number_of(None, numbers)("a", " thence") == 1
    assert number_of(None, numbers)("a", "x") is None
    split = {"a": ["a"], "a the": ["a", " t", "he"]}
    assert number_of(lambda one: split[one], numbers)("a", " the") == 2


def test_a_chart_shows_few_layers_and_always_the_last() -> None:
    for steps in (1, 2, 31, 33, 34, 49, 500):
        assert len(kept_steps(steps)) <= 33 and kept_steps(steps)[-1] == steps - 1
