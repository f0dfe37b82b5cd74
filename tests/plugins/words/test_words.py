# SPDX-License-Identifier: Apache-2.0
"""Neighbours, sums and odd ones out on real vectors and on planted ones, and what is not in the vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.words.arithmetic import METHODS, answer
from plugins.words.asked import asked_of, defaults
from plugins.words.expressions import read
from plugins.words.odd import odd_one_out
from plugins.words.pitfall import ask, occupations, published, share
from plugins.words.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def glove() -> Vocabulary:
    from sample_models.glove_words.model import read_vectors

    return Vocabulary(*read_vectors())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("words"))


def solve(vocabulary: Vocabulary, text: str, method: Any = "3cosadd", count: int = 10) -> Any:
    terms = read(text, vocabulary.known)
    places = [vocabulary.find(one.word) for one in terms]
    return answer(vocabulary, terms, [one for one in places if one is not None], method, count)


def test_as_gensim_answers(glove: Vocabulary) -> None:
    """gensim 4.4.0 on the same vectors: most_similar, most_similar_cosmul, doesnt_match."""
    for text, word, cosine in (
        ("king - man + woman", "queen", 0.8523508),
        ("paris - france + italy", "rome", 0.8465939),
        ("doctor - man + woman", "nurse", 0.8404498),
        ("king", "prince", 0.8236656),
        (",", ".", 0.9345461),
    ):
        found = solve(glove, text)
        assert glove.names[found.suppressed[0]] == word
        assert found.suppressed_scores[0] == pytest.approx(cosine, abs=1e-6)
    by_product = solve(glove, "doctor - man + woman", "3cosmul").suppressed
    told = "nurse pregnant child therapist patient physician dentist mother parents surgeon"
    assert " ".join(glove.names[one] for one in by_product) == told
    group = [glove.positions[one] for one in ("breakfast", "cereal", "dinner", "lunch")]
    found = odd_one_out(glove, np.array(group), np.random.default_rng(0))
    assert found.odd == 1 and found.margin > 0.2 and 0 < found.chance < 0.2


def test_every_answer_is_the_best_of_a_plain_loop(glove: Vocabulary) -> None:
    words = glove.rows(np.arange(2000))
    small = Vocabulary(glove.names[:2000], words)
    b, a, c = (small.positions[one] for one in ("king", "man", "woman"))
    for method in METHODS:
        scores = np.empty(len(words))
        for at, x in enumerate(words):
            if method == "3cosadd":
                total = words[b] - words[a] + words[c]
                scores[at] = x @ total / np.linalg.norm(total)
            elif method == "3cosmul":
                moved = [(1 + x @ words[one]) / 2 for one in (a, b, c)]
                scores[at] = moved[1] * moved[2] / (moved[0] + 0.001)
            else:
                way, step = x - words[c], words[b] - words[a]
                scores[at] = way @ step / np.linalg.norm(way) / np.linalg.norm(step) if at != c else -np.inf
        found = answer(small, read("king - man + woman"), (b, a, c), method, 5)
        assert found is not None
        order = np.argsort(-scores, kind="stable")
        assert found.plain.tolist() == order[:5].tolist()
        np.testing.assert_allclose(found.plain_scores, scores[order[:5]], rtol=1e-9)
        assert found.suppressed.tolist() == [one for one in order.tolist() if one not in (a, b, c)][:5]


def test_sums_that_have_no_answer_say_so(glove: Vocabulary) -> None:
    with pytest.raises(wb.ParameterError, match="cancel out"):
        solve(glove, "king - king")
    assert solve(glove, "king - man", "offset") is None


def test_what_the_vocabulary_lacks_is_told_with_what_is_spelled_alike(glove: Vocabulary) -> None:
    found, unknown = glove.look_up(["King", "PARIS", "pariss", "pаris", "x" * 10_000, ""])
    assert found == {"King": glove.positions["king"], "PARIS": glove.positions["paris"]}
    assert [one.near[:1] for one in unknown] == [("paris",), ("paris",), (), ()]
    assert "Cyrillic and Latin" in str(unknown[1]) and len(str(unknown[2])) < 200
    zero = Vocabulary(("here", "gone"), np.array([[1.0, 0], [0, 0]]))
    assert "no vector" in str(zero.look_up(["gone"])[1][0])
    with pytest.raises(wb.DataError, match="none of the 2 vectors"):
        Vocabulary(("a", "b"), np.zeros((2, 3)))


def test_a_vocabulary_without_english_words_chooses_its_own() -> None:
    names = tuple(f"item {at}" for at in range(40))
    own = Vocabulary(names, np.random.default_rng(0).normal(size=(40, 6)))
    words, sums, groups = defaults(own)
    asked = asked_of(own, "", "", "")
    assert asked.chosen and len(asked.words) == len(words) >= 3 and len(asked.sums) == len(sums) >= 2
    assert len(asked.groups) == len(groups) == 1 and not asked.unknown and not asked.left_out


def test_the_run_goes_on_without_unknown_words(store: wb.Store) -> None:
    result = wb.run(
        "words", model="glove-words", embed="embed", store=store, inline=True, count=3, vocabulary=3000,
        words=["king", "kingg"], expressions=["king - man + woman", "kingg - man"], odd=[["france", "italy", "dog"]],
    )  # fmt: skip
    neighbours, sums, odd = (result.tables[one] for one in ("neighbours", "arithmetic", "odd_one_out"))
    assert set(neighbours["word"]) == {"king"} and len(neighbours) == 3
    first = sums[sums["rank"] == 1].set_index("method")
    assert first.loc["3cosadd", "suppressed"] == "queen" and first.loc["3cosadd", "unsuppressed"] == "king"
    assert bool(first.loc["3cosadd", "returned_input"]) and len(sums) == 9
    assert odd[odd["odd"]]["word"].tolist() == ["dog"]
    assert (
        result.tables["unknown"]["word"].tolist() == ["kingg"]
        and "king" in result.tables["unknown"].loc[0, "spelled_alike"]
    )
    assert any("'kingg - man' was left out" in one for one in result.notes)
    assert result.metrics["returned_input_rate"].n == 1 and result.arrays["vectors"].shape == (3000, 50)
    with pytest.raises(wb.WorkbenchError, match="nothing of what was asked"):
        wb.run("words", model="glove-words", embed="embed", store=store, inline=True, words="kingg", vocabulary=3000)


def test_the_rule_decides_who_the_doctor_is(glove: Vocabulary) -> None:
    asked = ask(glove, "man", "doctor", "woman")
    assert asked is not None and len(asked.answers) == 3
    for found in asked.answers.values():
        assert glove.names[found.suppressed[0]] == "nurse" and glove.names[found.plain[0]] == "doctor"
    table = occupations(glove, "man", "woman")
    assert len(table) > 80 and share(table["returned"]).low > 0.9
    assert ask(glove, "man", "doctorr", "woman") is None


def test_published_questions_are_counted_as_the_analysis_counts_them(glove: Vocabulary) -> None:
    small = Vocabulary(glove.names[:3000], glove.table.vectors[:3000])
    told = published(small)
    assert told is not None and told.second + told.third <= told.returned.hits <= told.returned.n
    assert told.right.value > told.plain.value + 0.1
    assert published(Vocabulary(("x", "y"), np.eye(2))) is None
