# SPDX-License-Identifier: Apache-2.0
"""Clusters whose effect is known, permutations by hand, symmetry, the null, missing words, random lists."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.association_test.measures import find
from plugins.association_test.published import PUBLISHED, Lists
from plugins.association_test.testing import (
    associations,
    bootstrap,
    effect_size,
    largest_effect,
    matched,
    p_values,
    without_each,
)

numbers = st.lists(st.floats(-1, 1, allow_nan=False).map(lambda one: round(one, 6)), min_size=3, max_size=8)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("association"))


def run(store: wb.Store, **params: Any) -> wb.Result:
    return wb.run("association-test", model="glove-words", store=store, inline=True, **{"controls": 60, **params})


def test_two_orthogonal_clusters_have_the_largest_effect() -> None:
    """X = A and Y = B at right angles: all s are +1 or -1, so d = 2 sqrt((2 n - 1) / (2 n))."""
    n = 8
    x, y = np.tile([3.0, 0.0], (n, 1)), np.tile([0.0, 0.5], (n, 1))
    first, second = associations(x, x, y), associations(y, x, y)
    assert first.tolist() == [1.0] * n and second.tolist() == [-1.0] * n
    d = effect_size(first, second)
    assert d == pytest.approx(2 * math.sqrt((2 * n - 1) / (2 * n))) == largest_effect(n, n)
    found = p_values(first, second, np.random.default_rng(0))
    assert found.exact and found.divisions == math.comb(16, 8)
    assert found.one_sided == 1 / math.comb(16, 8) and found.two_sided == 2 / math.comb(16, 8)


@settings(max_examples=40, deadline=None)
@given(numbers, numbers)
def test_bound_sign_and_scale(first: list[float], second: list[float]) -> None:
    one, other = np.array(first), np.array(second)
    d = effect_size(one, other)
    if math.isnan(d):
        assert np.ptp(np.concatenate([one, other])) < 1e-6
        return
    assert abs(d) <= largest_effect(len(one), len(other)) + 1e-9
    assert effect_size(other, one) == pytest.approx(-d)
    assert effect_size(3 * one + 5, 3 * other + 5) == pytest.approx(d, abs=1e-5)


def test_divisions_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal(4), rng.standard_normal(3)
    whole = np.concatenate([first, second])
    observed = first.mean() - second.mean()
    differences = np.array(
        [whole[list(chosen)].mean() - np.delete(whole, chosen).mean() for chosen in itertools.combinations(range(7), 4)]
    )
    found = p_values(first, second, rng)
    assert found.one_sided == pytest.approx((differences >= observed - 1e-12).mean())
    assert found.two_sided == pytest.approx((np.abs(differences) >= abs(observed) - 1e-12).mean())


def test_exchanged_lists_have_the_other_tail() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.standard_normal(6) + 0.5, rng.standard_normal(6)
    here, there = p_values(first, second, rng), p_values(second, first, rng)
    assert here.one_sided + there.one_sided == pytest.approx(1 + 1 / here.divisions)  # both count the words themselves
    assert here.two_sided == pytest.approx(there.two_sided)


def test_random_divisions_agree_with_all_and_are_never_zero() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.standard_normal(8) + 1, rng.standard_normal(8)
    exact = p_values(first, second, rng)
    whole = np.concatenate([first, second])
    from plugins.association_test.testing import _random_sums

    sums = _random_sums(whole - whole.mean(), 8, 40_000, rng)
    assert (sums >= (first - whole.mean()).sum() - 1e-12).mean() == pytest.approx(exact.one_sided, abs=0.004)
    many = p_values(np.arange(15) + 100.0, np.arange(15) + 0.5, rng, 2000)
    assert not many.exact and many.one_sided == 1 / 2001 and many.low == 0 < many.high < 0.003


def test_p_is_uniform_when_lists_mean_nothing() -> None:
    values = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        values.append(p_values(rng.standard_normal(5), rng.standard_normal(5), rng).one_sided)
    for level in (0.05, 0.25, 0.5, 0.75):
        assert np.mean(np.array(values) <= level) == pytest.approx(
            level, abs=3.2 * math.sqrt(level * (1 - level) / 300)
        )


def test_words_left_out_and_drawn_again() -> None:
    rng = np.random.default_rng(4)
    cosines = rng.uniform(-0.3, 0.3, (9, 7))
    cosines[:5, :4] += 0.3
    sizes = (5, 4, 4, 3)
    found = without_each(cosines, sizes)
    values = np.delete(cosines, 6, axis=0)
    along = values[:, :4].mean(axis=1) - values[:, 4:].mean(axis=1)
    assert found[6] == pytest.approx(effect_size(along[:5], along[5:])) and len(found) == 16
    low, high = bootstrap(cosines, sizes, rng)
    along = cosines[:, :4].mean(axis=1) - cosines[:, 4:].mean(axis=1)
    assert low < effect_size(along[:5], along[5:]) < high + 0.2


def test_random_words_have_the_frequency_of_those_they_stand_for() -> None:
    rng = np.random.default_rng(5)
    rows = np.array([3, 500, 4000, 19_000, 25_000])
    found = matched(rows, rows, 20_000, rng)
    assert len(set(found.tolist()) | set(rows.tolist())) == 10 and found.max() < 20_000
    assert found[0] < 60 and 330 < found[1] < 760 and 2600 < found[2] < 6010 and found[4] > 12_000


def test_published_lists_are_whole() -> None:
    sizes = {name: [len(words) for words in one.words] for name, one in PUBLISHED.items()}
    assert sizes["flowers-insects"] == sizes["instruments-weapons"] == [25] * 4
    assert sizes["names-race"] == [32, 32, 25, 25] and sizes["names-race-letters"] == [16, 16, 25, 25]
    assert sizes["career-family"] == sizes["maths-arts"] == [8] * 4 and sizes["illness"] == [6, 6, 7, 7]
    for one in PUBLISHED.values():
        assert all(len(set(words)) == len(words) for words in one.words)


def test_words_that_are_missing_or_twice() -> None:
    names = ("x", "y", "a", "b")
    position = {
        word: at
        for at, word in enumerate(
            ["red", "green", "blue", "one", "two", "three", "good", "fine", "nice", "bad", "poor", "sad"]
        )
    }
    lists = ("red green Blue zzz", "one two three", "good fine nice", "bad poor sad")
    found = find(Lists("t", names, tuple(tuple(one.split()) for one in lists)), position)  # type: ignore[arg-type]
    assert found.words[0] == ("red", "green", "Blue") and found.missing[0] == ("zzz",)
    for wrong, said in (("red green", "at least 3"), ("red one blue", "is in both")):
        other = tuple(tuple(one.split()) for one in (wrong, *lists[1:]))
        with pytest.raises(wb.DataError, match=said):
            find(Lists("t", names, other), position)  # type: ignore[arg-type]


def test_instruments_and_weapons_in_glove(store: wb.Store) -> None:
    """The paper has 1.53 with larger vectors and all words."""
    result = run(store, draws=5000)
    metrics = result.metrics
    assert metrics["effect_size"].value == pytest.approx(1.5184, abs=1e-3)
    assert metrics["p_value"].value < 0.001 and metrics["random_targets_share"].value < 0.05
    tests = result.tables["tests"].set_index("test")
    assert tests.loc["career-family", "effect"] == pytest.approx(1.7077, abs=1e-3)
    assert tests.loc["flowers-insects", "known"] == 62
    assert any("lacks" in one for one in result.notes) and any("no independent sample" in one for one in result.notes)


def test_own_lists_and_their_exchange(store: wb.Store) -> None:
    own = {"first": "king, prince, duke, lord", "second": "queen princess duchess lady", "test": "own"}
    attributes = {"attributes_first": "he him his man", "attributes_second": "she her hers woman"}
    here = run(store, **own, **attributes)
    there = run(store, **own, attributes_first="she her hers woman", attributes_second="he him his man")
    assert here.metrics["effect_size"].value == pytest.approx(-there.metrics["effect_size"].value)
    assert here.metrics["effect_size"].value > 1.5 and here.metrics["p_value"].value == pytest.approx(1 / 70)
    with pytest.raises(wb.WorkbenchError, match="needs four lists"):
        run(store, test="own", first="a b c")
    with pytest.raises(wb.WorkbenchError, match="brings its lists"):
        run(store, test="age", first="a b c")
