# SPDX-License-Identifier: Apache-2.0
"""Retrieval where the answer is known: equal spaces, planted orders, chance, ties, hubs, ridge; and planted gaps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, skew
from sklearn.linear_model import Ridge

from plugins.modality_gap import gap
from plugins.retrieval import ranks
from plugins.retrieval.findings import findings_of
from plugins.retrieval.measures import main_k, measure, paired_difference
from plugins.retrieval.pairs import Pairs, groups_of
from plugins.retrieval.ridge import fit


def pairs(first: Any, second: Any, captions: Any = None) -> Pairs:
    n = len(first)
    alike = [np.arange(n), np.arange(n) if captions is None else np.unique(captions, return_inverse=True)[1]]
    words = None if captions is None else tuple(captions)
    return Pairs(np.asarray(first, float), np.asarray(second, float), np.arange(n), None, words, np.stack(alike),
                 ("picture", "caption"), "made")  # fmt: skip


def cloud(n: int, d: int = 16, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((n, d))


def test_equal_points_find_each_other_whatever_their_length() -> None:
    x = cloud(60)
    for way in measure(pairs(x, 7 * x), 50, np.random.default_rng(0)):
        assert way.recall(1).value == 1.0 and way.recall(1).low > 0.9
        assert ranks.median_interval(way.ranks) == (1.0, 1.0, 1.0)
        assert (way.first == 1).all()
        assert way.p_value(1) == pytest.approx(1 / 51)


def test_a_collapsed_side_finds_nothing_both_ways() -> None:
    n = 40
    found = pairs(np.ones((n, 8)), cloud(n, 8))
    there, back = measure(found, 50, np.random.default_rng(0))
    assert back.recall(1).value == back.recall(10).value == 0.0 == back.recall(10, back.kind_ranks).value
    assert (back.ranks == n).all() and back.by_shuffling(10).high == 0.0
    both = measure(pairs(np.ones((n, 8)), np.ones((n, 8))), 50, np.random.default_rng(0))
    assert all((way.ranks == n).all() and way.first.max() < n / 2 for way in both)  # ties are given in random order
    assert there.recall(1).value <= 1 / n  # every query has the same order of answers
    codes = [one.code for one in findings_of(found, (there, back), 50)]
    assert codes == ["retrieval.no-better-than-shuffled"] * 2


def test_a_planted_permutation_finds_its_fixed_points_alone() -> None:
    n = 50
    order = np.arange(n)
    order[:30] = np.roll(order[:30], 1)
    x = cloud(n, 64)
    for way in measure(pairs(x, x[order]), 50, np.random.default_rng(0)):
        assert way.recall(1).value == 20 / n
        assert sorted(np.flatnonzero(way.ranks == 1)) == list(range(30, n))


def test_random_points_are_at_chance_and_so_are_shuffled_pairs() -> None:
    n, draws = 100, 20
    hits = dict.fromkeys((1, 5, 10), 0)
    for seed in range(draws):
        scores = ranks.cosines(cloud(n, 32, 2 * seed), cloud(n, 32, 2 * seed + 1))
        own = ranks.own_ranks(scores)
        for k in hits:
            hits[k] += int((own <= k).sum())
    for k, count in hits.items():
        low, high = binom.ppf([0.0005, 0.9995], n * draws, k / n)
        assert low <= count <= high
    there, _ = measure(pairs(cloud(n), cloud(n, seed=1)), 200, np.random.default_rng(0))
    for k in (1, 5, 10):
        assert there.by_shuffling(k).value == pytest.approx(k / n, abs=4 * math.sqrt(k / n / n / 200))
        low, high = binom.ppf([0.001, 0.999], n, k / n) / n
        assert low - 0.01 <= there.by_shuffling(k).low <= there.by_shuffling(k).high <= high + 0.01


def test_repeated_captions_count_as_wrong_and_in_kind_as_right() -> None:
    x = cloud(20)
    x[1] = x[0]
    captions = ["same", "same", *map(str, range(18))]
    pictures = x + 1e-3 * cloud(20, seed=1)
    there, back = measure(pairs(pictures, x, captions), 50, np.random.default_rng(0))
    assert there.ranks[:3].tolist() == [2, 2, 1] and there.kind_ranks[:3].tolist() == [1, 1, 1]
    assert there.recall(1).value == 0.9 and there.recall(1, there.kind_ranks).value == 1.0
    assert sorted(back.ranks[:2].tolist()) == [1, 2]  # the one picture that is a little nearer is first for both


def test_few_candidates_have_no_recall_beyond_their_number() -> None:
    there, _ = measure(pairs(cloud(8), cloud(8)), 20, np.random.default_rng(0))
    assert math.isnan(there.recall(10).value) and not math.isnan(there.recall(5).value)
    assert there.at.max() == 7 and main_k(8) == 1 and main_k(20) == 10


@settings(max_examples=30)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_ranks_are_what_sorting_says(n: int, seed: int) -> None:
    scores = np.random.default_rng(seed).integers(0, 4, (n, n)) / 4
    table = ranks.rank_table(scores)
    plain = [[sum(other >= one for other in row) for one in row] for row in scores.tolist()]
    assert table.tolist() == plain
    assert ranks.own_ranks(scores).tolist() == [plain[at][at] for at in range(n)]
    same = np.eye(n, dtype=bool)
    assert ranks.kind_ranks(scores, same).tolist() == ranks.own_ranks(scores).tolist()
    best = ranks.first_answers(scores, n, np.random.default_rng(seed))
    assert (np.diff(np.take_along_axis(scores, best, axis=1), axis=1) <= 0).all()
    assert (np.sort(best, axis=1) == np.arange(n)).all()


def test_hubs_are_counted_and_local_scaling_is_as_written() -> None:
    n = 60
    x, y = cloud(n, 4), cloud(n, 4, seed=1)
    centre = np.ones(4) * 3
    x = x + centre
    y[0] = centre  # near every query
    there, _ = measure(pairs(x, y), 20, np.random.default_rng(0))
    assert there.first[0] == there.first.max() and there.near[0] > 40
    assert there.skew == pytest.approx(skew(there.near))
    scores = ranks.cosines(x, y)
    near = [np.sort(one)[-10:].mean() for one in scores], [np.sort(one)[-10:].mean() for one in scores.T]
    assert ranks.csls(scores)[3, 5] == pytest.approx(2 * scores[3, 5] - near[0][3] - near[1][5])
    counts = np.random.default_rng(0).binomial(500, 0.05, 200_000)
    assert ranks.skewness_of_chance(500, 200, 10) == pytest.approx(ranks.skewness(counts), abs=0.02)


def test_ridge_is_that_of_scikit_learn_and_finds_an_exact_map() -> None:
    random = np.random.default_rng(0)
    for n, d in ((80, 12), (30, 50)):
        x, weights = random.standard_normal((n, d)), random.standard_normal((d, 6))
        y = x @ weights + 3 * random.standard_normal((n, 6))
        found = fit(x, y, np.arange(n), random)
        scale = np.square(x - x.mean(axis=0)).sum() / min(n, d)
        known = Ridge(alpha=found.strength * scale).fit(x, y)
        assert np.allclose(found(x), known.predict(x), atol=1e-6)
        assert found.errors.argmin() == list(10.0 ** np.arange(-4, 3.5, 0.5)).index(found.strength)
    exact = fit(x := random.standard_normal((200, 5)), x @ weights[:5] + 1, np.arange(200), random)
    assert np.allclose(exact(x), x @ weights[:5] + 1, atol=1e-2) and exact.at_edge


def test_what_is_linked_by_way_of_others_is_one_group() -> None:
    found = pairs(cloud(5), cloud(5), ["a", "a", "b", "c", "c"])
    found.alike[0] = [0, 1, 1, 2, 3]  # pictures of rows 1 and 2 are one
    groups = groups_of(found)
    assert groups[0] == groups[1] == groups[2] and groups[3] == groups[4] != groups[0]


def test_a_planted_gap_has_its_length_and_is_closed_by_centring() -> None:
    n, d = 200, 12
    random = np.random.default_rng(0)
    base = random.standard_normal((n, d))
    base[:, :2] = 0
    apart = gap.Clouds.of(base + 3 * np.eye(d)[0], base + 0.05 * random.standard_normal((n, d)) + 3 * np.eye(d)[1])
    exact = gap.Clouds.of(np.tile(np.eye(d)[0], (n, 1)), np.tile(np.eye(d)[1], (n, 1)))
    assert exact.distance == pytest.approx(math.sqrt(2)) and exact.share == pytest.approx(1.0)
    whole, share = gap.bootstrap(apart, random)
    assert gap.bootstrap(exact, random)[0].value == pytest.approx(math.sqrt(2))
    assert whole.low < whole.value < apart.distance < whole.high and share.low < share.value < share.high
    within = gap.halves(apart, 50, random)
    assert within.across.min() > 3 * within.first.max()
    assert gap.swap_p(apart, 199, random) == pytest.approx(1 / 200)
    assert gap.separability(apart, random).value == 1.0
    parts = gap.two_halves(n, random)
    closing = gap.close(apart, parts)
    assert closing.distance_after < 0.2 * closing.distance and closing.before.shape == (2, n)
    curve = gap.shifted(apart, parts)
    left = {share: distance for share, distance, _ in curve}
    assert left[0.0] == pytest.approx(apart.distance, rel=0.1) and abs(left[1.0]) < 0.1 and left[2.0] < -0.5
    one, other = gap.along_gap(apart, parts)
    assert one.min() > 0 > other.max()


def test_two_samples_of_one_cloud_have_no_gap() -> None:
    random = np.random.default_rng(0)
    p_values, lows = [], []
    for _ in range(20):
        base = random.standard_normal((60, 8)) + 1
        clouds = gap.Clouds.of(base, base + random.standard_normal((60, 8)))
        swap = random.random((60, 1)) < 0.5
        one = np.where(swap, clouds.first, clouds.second)
        noisy = gap.Clouds(one, np.where(swap, clouds.second, clouds.first))
        p_values.append(gap.swap_p(noisy, 99, random))
        lows.append(gap.bootstrap(noisy, random)[0].low)
    assert np.mean(np.array(lows) == 0) > 0.85  # the interval of a distance of 0 reaches it
    assert 0.2 < np.mean(p_values) < 0.8 and min(p_values) > 0.005
    assert gap.separability(gap.Clouds.of(cloud(200), cloud(200, seed=1)), random).low < 0.5 + 0.05


def test_paired_differences_are_of_the_same_queries() -> None:
    after, before = np.array([1, 1, 0, 1] * 50), np.array([0, 1, 0, 1] * 50)
    change = paired_difference(after, before, np.random.default_rng(0))
    assert change.value == 0.25 and 0.18 < change.low < 0.25 < change.high < 0.32
