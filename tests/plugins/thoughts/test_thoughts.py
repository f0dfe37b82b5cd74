# SPDX-License-Identifier: Apache-2.0
"""Sentences whose words are axes: neighbours, sums and paths are known by hand; and how well thoughts are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.thought_decoding.bleu import bleu, counts, tokens
from plugins.thoughts.asked import asked_of
from plugins.thoughts.paths import angle_between, spherical, straight
from tests.app.conftest import ROOT, said

FOLDER = Path(__file__).parent / "plugins_folder"


@pytest.fixture(autouse=True)
def _plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(FOLDER))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "thoughts,thought-decoding,tiny_thoughts")


def run(analysis: str, model: str = "tiny-exact", **params: Any) -> wb.Result:
    return wb.run(analysis, model=model, inline=True, **params)


def test_sums_and_paths_of_sentences_whose_words_are_axes() -> None:
    result = run(
        "thoughts",
        sentences="red dog runs here",
        expressions='"red dog runs here" - "dog" + "cat"',
        paths="red dog runs here -> blue dog runs here",
        steps=5,
        count=3,
    )
    near = result.tables["neighbours"]
    assert (near["cosine"].round(6) == 0.75).all()  # three of four words shared
    assert "red dog runs here" not in set(near["neighbour"])
    # single words have length 1, so that the sum is (red + runs + here - dog) / 2 + cat, of length sqrt(2)
    first = result.tables["arithmetic"].iloc[0]
    assert first["suppressed"] == "red cat runs here"
    assert first["suppressed_cosine"] == pytest.approx(2.5 / 2 / np.sqrt(0.25 * 4 + 1))
    short = result.tables["sums"].iloc[0]
    assert short["told"] == "red cat runs here"
    assert short["length"] == pytest.approx(np.sqrt(2.0))
    path = result.tables["path"]
    angle = np.degrees(np.arccos(0.75))
    round_way = path[path["way"] == "spherical"]
    assert round_way["angle"].to_numpy() == pytest.approx(np.linspace(0, angle, 5), abs=1e-4)
    assert round_way["length"].to_numpy() == pytest.approx(1.0)
    line = path[path["way"] == "straight"]
    assert line["length"].iloc[2] == pytest.approx(np.cos(np.radians(angle / 2)), rel=1e-6)
    assert not set(path["nearest"]) & {"red dog runs here", "blue dog runs here"}
    assert path["told"].iloc[0] == "red dog runs here"
    assert path["told_cosine"].iloc[0] == pytest.approx(1.0)


def test_without_a_map_back_paths_are_shown_by_their_nearest_texts() -> None:
    result = run("thoughts", "tiny-one-way", paths=["red dog runs here -> blue cat eats there"], steps=3)
    assert "told" not in result.tables["path"]
    assert any("no map back" in one for one in result.notes)
    assert result.tables["paths"]["angle"].iloc[0] == pytest.approx(90.0, abs=1e-4)


def test_examples_are_chosen_where_nothing_is_asked() -> None:
    asked = asked_of("", "", "")
    assert asked.chosen and asked.sentences and asked.sums and asked.paths


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"paths": "a dog -> \x07"}, "empty"),
        ({"sentences": ["a dog", "  "]}, "one of the texts is empty"),
        ({"paths": "a dog and a cat"}, "->"),
        ({"expressions": '"a dog" "a cat"'}, "no \\+ or -"),
        ({"expressions": '"a dog" - "a dog"'}, "cancel out"),
        ({"sentences": "x" * 30_000}, "at most 20,000"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(given: dict[str, Any], said: str) -> None:
    with pytest.raises(wb.WorkbenchError, match=said):
        run("thoughts", **given)


def test_texts_that_all_read_alike_cannot_answer() -> None:
    one, *others = wb.catalogue().dataset("tiny-alike").open().columns["text"].unique()
    with pytest.raises(wb.WorkbenchError, match="1 texts that read differently"):
        run("thoughts", data="tiny-alike", sentences=[one, others[0]], paths="")
    assert len(run("thoughts", data="tiny-alike", sentences=[one]).tables["neighbours"]) == 2


def test_odd_texts_are_answered() -> None:
    odd = ["日本語 и русский 😀", "red " * 2500, "red\x00 dog"]
    result = run("thoughts", sentences=odd, limit=30)
    assert result.tables["neighbours"]["text"].nunique() == 3
    assert np.isfinite(result.tables["neighbours"]["cosine"]).all()


def test_ways_between_two_thoughts() -> None:
    first, second = np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.8, 0.0])
    way = spherical(first, second, 9)
    turns = [angle_between(one, other) for one, other in zip(way[:-1], way[1:], strict=True)]
    assert turns == pytest.approx([np.arccos(0.6) / 8] * 8)
    assert spherical(first, first, 3) == pytest.approx(straight(first, first, 3))
    with pytest.raises(wb.ParameterError, match="opposite"):
        spherical(first, -first, 3)


def test_an_exact_decoder_beats_recall_and_copies_nothing() -> None:
    found = run("thought-decoding", texts=12).metrics
    assert isinstance(found["similarity_tell"], wb.Metric)
    values = {name: one.value for name, one in found.items() if isinstance(one, wb.Metric)}
    assert values["similarity_tell"] == pytest.approx(1.0)
    assert values["bleu_tell"] == pytest.approx(100.0)
    assert values["similarity_recall"] == pytest.approx(0.75)  # the nearest train sentence shares three of four words
    assert values["copied_rate"] == 0.0
    assert values["similarity_gain"] == pytest.approx(0.25)


def test_a_decoder_that_recalls_is_found_out() -> None:
    result = run("thought-decoding", tell="recall", texts=12)
    assert {one.code for one in result.findings} == {"thought-decoding.memorised"}
    assert result.numbers()["copied_rate"] == 1.0
    assert result.numbers()["similarity_recall"] == pytest.approx(1.0)  # compared with the other map, the exact one


def test_a_model_without_a_map_back_is_refused() -> None:
    with pytest.raises(wb.DoesNotApply, match="'tell' needs"):
        run("thought-decoding", "tiny-one-way")


def test_held_out_texts_must_be_told_apart() -> None:
    with pytest.raises(wb.WorkbenchError, match="'split'"):
        run("thought-decoding", held_out="validation")


def test_bleu_of_pairs_counted_by_hand() -> None:
    assert tokens("The cat's mat.") == ["the", "cat", "'", "s", "mat", "."]
    told, original = "the the the cat", "the cat sat down"
    # one word: the 1 of 3, cat 1 -> 2/4; two: the cat -> 1/3; three and four: none, smoothed to 1/(2*2) and 1/(4*1)
    assert counts(told, original)[:8].tolist() == [2, 1, 0, 0, 4, 3, 2, 1]
    assert float(bleu(counts(told, original))) == pytest.approx(100 * (2 / 4 * 1 / 3 * 1 / 4 * 1 / 4) ** 0.25)
    assert float(bleu(counts("cat", "a dog"))) == 0.0
    short = counts("a b c d e", "a b c d e f g h i j")
    assert float(bleu(short)) == pytest.approx(100 * np.exp(1 - 10 / 5))


def test_pages_say_what_came_back_and_the_desk_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    location = str(tmp_path / "store")
    monkeypatch.setenv("WORKBENCH_STORE", location)
    run("thoughts", store=location, paths="red dog runs here -> blue cat runs here", steps=3)
    run("thought-decoding", store=location, texts=12, resamples=100)
    with wb.Store.open(location) as store:
        runs = {one.analysis: one.id for one in store.runs()}
    for analysis, words in (
        ("thoughts", ("Told by 'tell': **green bird eats there**", "degrees apart")),
        ("thought-decoding", ("Each held-out text", "Text by text")),
    ):
        page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        page._page_hash = calc_hash("runs")
        page.query_params["run"] = runs[analysis]
        page.query_params["ask"] = "green bird eats there"
        page.run()
        assert not page.exception
        told = said(page)
        assert all(one in told for one in words), told
