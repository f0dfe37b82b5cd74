# SPDX-License-Identifier: Apache-2.0
"""Directions that are known: a planted offset, none at all; folds that keep shared words; controls; keeping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.word_direction.arithmetic import (
    agreement,
    apart,
    bootstraps,
    consistency,
    folds_of,
    held_out,
    mean_direction,
    pca_direction,
    random_directions,
    shuffled_pairs,
    turned_pairs,
)
from plugins.word_direction.pairs import PRESETS, groups_of, in_vocabulary, of_preset, own


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("directions"))


@pytest.fixture(scope="module")
def gender(store: wb.Store) -> wb.Result:
    return run(store, preset="gender", words="king queen nurse table")


def run(store: wb.Store, **params: Any) -> wb.Result:
    return wb.run("word-direction", model="glove-words", store=store, inline=True, **{"controls": 60, **params})


def planted(pairs: int, width: int, offset: float, noise: float, seed: int = 0) -> tuple[Any, Any]:
    """First words at random; second ones moved along the first axis, and a little at random."""
    rng = np.random.default_rng(seed)
    first = rng.standard_normal((pairs, width))
    second = first + noise * rng.standard_normal((pairs, width))
    second[:, 0] += offset
    return first, second


def test_equal_offsets_are_found_exactly() -> None:
    first, second = planted(12, 20, 3.0, 0.0)
    for way in (mean_direction(second - first), pca_direction(second - first), pca_direction(first - second) * -1):
        assert way == pytest.approx(np.eye(20)[0], abs=1e-12)
    found = held_out(first, second, np.arange(12) % 4, "mean")
    assert found.steps == pytest.approx(3.0) and found.cosines == pytest.approx(1.0) and found.accuracy == 1
    assert consistency(first, second) == pytest.approx(1.0)
    assert agreement(second - first, np.arange(12), "pca", 5, np.random.default_rng(0)) == pytest.approx(1.0)
    assert bootstraps(second - first, np.arange(12), "mean", 5, np.random.default_rng(0)) == pytest.approx(1.0)


def test_principal_axis_does_not_mind_turned_pairs() -> None:
    first, second = planted(30, 10, 2.0, 0.3)
    differences = second - first
    signs = np.where(np.arange(30) % 3 == 0, -1, 1)[:, None]
    assert abs(pca_direction(signs * differences) @ pca_direction(differences)) == pytest.approx(1)
    assert mean_direction(signs * differences) @ mean_direction(differences) < 1 - 1e-6


def test_cosine_to_the_true_direction_is_the_closed_form() -> None:
    """Mean of m differences with offset D and noise s in d axes: about D / sqrt(D² + s² d / m)."""
    expected = 2 / np.sqrt(4 + 1.0 * 50 / 20)
    found = []
    for seed in range(60):
        first, second = planted(20, 50, 2.0, 1.0, seed)
        found.append(mean_direction(second - first)[0])
    assert np.mean(found) == pytest.approx(expected, abs=0.02)


def test_without_a_common_way_accuracy_is_that_of_turned_pairs() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for seed in range(40):
        first, second = planted(20, 15, 0.0, 1.0, seed)
        fold = folds_of(np.arange(20), rng)
        found = held_out(first, second, fold, "mean").accuracy
        chance = turned_pairs(first, second, fold, "mean", 60, rng)
        inside += np.quantile(chance, 0.025) <= found <= np.quantile(chance, 0.975)
    assert inside >= 34  # 95 % of 40, less three standard errors


def test_shuffled_pairs_know_only_where_the_two_kinds_lie() -> None:
    rng = np.random.default_rng(2)
    first, second = planted(40, 30, 4.0, 0.2)
    shuffled = shuffled_pairs(first, second, 40, rng)
    assert consistency(first, second) > 0.9 > shuffled.max()
    expected = 16 / (16 + 60)  # of the squares of the offset and of the distance of two words
    assert shuffled.mean() == pytest.approx(expected, abs=0.05)
    unpaired = first[rng.permutation(40)] + 4 * np.eye(30)[0]
    assert abs(consistency(first, unpaired) - shuffled_pairs(first, unpaired, 40, rng).mean()) < 0.05


def test_random_directions_take_their_better_side() -> None:
    found = random_directions(np.eye(1, 5), 50, np.random.default_rng(3))
    assert (found == 1).all()
    first, second = planted(200, 30, 0.0, 1.0)
    assert 0.5 <= random_directions(second - first, 200, np.random.default_rng(3)).mean() < 0.56


def test_one_threshold_asks_for_more_than_the_order_in_pairs() -> None:
    first, second = planted(60, 5, 0.5, 0.0)
    found = held_out(first, second, np.arange(60) % 5, "mean")
    assert found.accuracy == 1 and 0.5 < apart(found) < 0.8


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(13, 25)), min_size=6, max_size=30, unique=True),
    st.integers(0, 9),
)
def test_pairs_that_share_a_word_are_held_out_together(edges: list[tuple[int, int]], seed: int) -> None:
    rows = np.array(edges)
    groups = groups_of(rows)
    fold = folds_of(groups, np.random.default_rng(seed))
    for one in range(len(rows)):
        for other in range(one):
            if set(rows[one]) & set(rows[other]):
                assert groups[one] == groups[other] and fold[one] == fold[other]
    assert len(np.unique(fold)) == min(5, len(np.unique(groups)))


def test_pairs_of_the_questions_and_of_ones_own() -> None:
    sizes = {name: len(of_preset(name)) for name in PRESETS}
    assert sizes["gender"] == 23 and sizes["tense"] == 40 and sizes["capital-country"] == 23 and sizes["number"] == 37
    assert ("Athens", "Greece") in of_preset("capital-country")
    assert own("a:b;c:d\na:b") == (("a", "b"), ("c", "d"))
    for wrong in ("walk", "a:b:c", "a:a"):
        with pytest.raises(ValueError, match="is no pair"):
            own(wrong)
    found = in_vocabulary((("Athens", "Greece"), ("x", "athens")), {"athens": 0, "greece": 1})
    assert found.rows.tolist() == [[0, 1]] and found.missing == ("x",) and found.asked == 2


def test_gender_of_glove(gender: wb.Result) -> None:
    metrics = gender.metrics
    assert metrics["held_out_accuracy"].value > 0.9 and metrics["held_out_accuracy"].n == 18
    assert metrics["consistency"].value > 0.15
    places = gender.tables["words"].set_index("word")["place"]
    assert places["king"] < places["queen"] and places["nurse"] > places["table"]
    vectors = gender.arrays["directions"]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(metrics["step"].value, rel=1e-5)
    leakage = gender.tables["leakage"]
    assert len(leakage) == 13 and "gender" not in set(leakage["direction"])
    assert np.abs(gender.arrays["cosines"]).max() < 1 + 1e-9


def test_pairs_without_a_common_way_are_found_out(store: wb.Store) -> None:
    text = "cat:seven, river:green, music:john, army:bread, window:monday, doctor:five, happy:metal, paper:france"
    result = run(store, preset="own", pairs=text)
    assert [one.code for one in result.findings] == ["word-direction.no-common-way"]
    assert abs(result.metrics["consistency"].value) < 0.1
    frequency = run(store, preset="opposite")  # words with un- and in- are the rarer ones
    assert [one.code for one in frequency.findings] == ["word-direction.as-frequency"]


def test_a_kept_direction_is_one_of_the_space_of_vectors(store: wb.Store, gender: wb.Result) -> None:
    from types import SimpleNamespace

    from plugins.word_direction.keeping import keep

    record = store.runs(analysis="word-direction", status="done")[-1]
    stored = store.result(record.id)
    view = SimpleNamespace(store=store, run=record, result=stored)
    row = stored.table("directions").iloc[0]
    kept = keep(view, row, "she-for-he")  # type: ignore[arg-type]
    assert kept.space == "vectors" and kept.model == "glove-words"
    assert kept.how["array"] == "directions" and kept.card["held_out_accuracy"]["low"] > 0.5
    assert np.asarray(store.direction("she-for-he").vector()) == pytest.approx(
        np.asarray(stored.array("directions")[0])
    )


def test_what_cannot_be_measured_is_refused(store: wb.Store) -> None:
    for params, said in (
        ({"preset": "own"}, "needs pairs"),
        ({"preset": "own", "pairs": "he:she, king:queen"}, "at least 6"),
        ({"preset": "own", "pairs": "he:she, he:her, he:hers, he:woman, he:girl, he:sister"}, "share their words"),
        ({"preset": "tense", "pairs": "he:she"}, "brings its pairs"),
        ({"preset": "tense", "words": "walked zzxqq"}, "lacks zzxqq"),
    ):
        with pytest.raises(wb.WorkbenchError, match=said):
            run(store, **params)
