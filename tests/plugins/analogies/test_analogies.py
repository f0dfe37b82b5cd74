# SPDX-License-Identifier: Apache-2.0
"""Analogies: published accuracy on real vectors, planted offsets, and answers that repeat the question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.analogies.answering import answer, unit_rows
from plugins.analogies.questions import read, shipped


def ask(store: wb.Store, **params: Any) -> wb.Result:
    return wb.run("analogies", model="glove-words", embed="embed", store=store, inline=True, **params)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("analogies"))


def test_a_correct_reading_of_the_vectors_answers_as_many_as_was_measured(store: wb.Store) -> None:
    result = ask(store)
    metrics = result.metrics
    assert metrics["accuracy_suppressed"].n == 6762
    assert metrics["accuracy_suppressed"].value == pytest.approx(0.585, abs=0.001)
    sections = result.tables["sections"].set_index("section")
    assert sections.loc["family", "right_suppressed"] == pytest.approx(0.82, abs=0.005)
    assert metrics["accuracy_unsuppressed"].value < metrics["accuracy_suppressed"].value - 0.15
    assert [one.code for one in result.findings] == ["analogies.answered-by-input"]
    assert metrics["accuracy"].value == metrics["accuracy_suppressed"].value


def test_known_answers(store: wb.Store) -> None:
    model = wb.catalogue().model("glove-words").load("cpu")
    names = model.space("words").names
    vectors = np.asarray(model.maps["embed"](np.arange(len(names))))
    asked = read(": x\nman king woman queen\nfrance paris italy rome\nwalk walking swim swimming", names)
    assert [names[one] for one in answer(vectors, asked.words).suppressed] == ["queen", "rome", "swimming"]


def test_a_large_offset_needs_no_suppression_and_a_small_one_returns_its_input() -> None:
    rng = np.random.default_rng(0)
    pairs, width = 100, 50
    words = rng.standard_normal((pairs, width))
    for size, noise, returned in ((3.0, 0.5, True), (7.0, 0.0, False)):
        shift = np.zeros(width)
        shift[0] = size
        vectors = np.concatenate([words, words + shift + noise * rng.standard_normal(words.shape)])
        first, second = np.arange(0, pairs - 1), np.arange(1, pairs)
        asked = np.stack([first, first + pairs, second, second + pairs], axis=1)
        given = answer(vectors, asked)
        found = (given.found[:, None] == asked[:, :3]).any(axis=1).mean()
        assert (found > 0.5) == returned
        assert (given.suppressed == asked[:, 3]).mean() > 0.9


def test_multiplication_and_offsets_as_they_are_written() -> None:
    rng = np.random.default_rng(1)
    vectors = unit_rows(rng.standard_normal((30, 6)))
    asked = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    for method in ("3cosmul", "offset"):
        given = answer(vectors, asked, method)
        for row, (a, b, c, _) in enumerate(asked):
            scores = []
            for x in vectors:
                if method == "3cosmul":
                    cos = [(1 + float(x @ vectors[one])) / 2 for one in (a, b, c)]
                    scores.append(cos[1] * cos[2] / (cos[0] + 0.001))
                else:
                    way, step = x - vectors[c], vectors[b] - vectors[a]
                    length = np.linalg.norm(way) * np.linalg.norm(step)
                    scores.append(float(way @ step) / length if length > 1e-6 else -np.inf)
            assert given.found[row] == int(np.argmax(scores))


def test_questions_without_words_are_refused(store: wb.Store) -> None:
    with pytest.raises(wb.WorkbenchError, match="larger vocabulary"):
        ask(store, vocabulary=100)
    with pytest.raises(wb.WorkbenchError, match="another section"):
        ask(store, section="no such section")
    assert read(shipped(), ["he", "she"]).asked == 19_544


def test_questions_of_ones_own_as_text_and_from_a_file(store: wb.Store, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("# ours\n: Family\nhe she king queen\nman woman boy girl\nMan woman uncle zzzz\n")
    for given in (str(mine), ": family; he she king queen; man woman boy girl; man woman uncle zzzz"):
        result = ask(store, own=given)
        assert result.metrics["accuracy_suppressed"].n == 2 and "2 of 3 questions of your own" in result.notes[0]
        assert result.tables["questions"]["suppressed"].tolist() == ["queen", "girl"]
    (tmp_path / "empty.txt").write_text(" \n")  # no questions are not the published ones
    (tmp_path / "endless.txt").symlink_to("/dev/zero")
    for wrong, why in (
        (str(tmp_path / "gone.txt"), "cannot be read"),
        (str(tmp_path / "empty.txt"), "is empty"),
        (str(tmp_path / "endless.txt"), "no ordinary file"),
        ("three words here", "four words"),
    ):
        with pytest.raises(wb.WorkbenchError, match=why):
            ask(store, own=wrong)
