# SPDX-License-Identifier: Apache-2.0
"""Effects of numeric features: known distributions, intervals that hold, agreement with scipy, invariances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from plugins.contrast.effects import compare, hedges, mann_whitney, newcombe_superiority, rank, superiority_interval
from plugins.contrast.table import q_values


@pytest.mark.parametrize("shift", [0.0, 0.5, -1.0, 2.0])
def test_area_of_two_normals_is_phi_of_the_shift_over_root_two(shift: float) -> None:
    random = np.random.default_rng(0)
    inside, outside = random.standard_normal((4000, 20)) + shift, random.standard_normal((4000, 20))
    found = compare(inside, outside)
    truth = stats.norm.cdf(shift / np.sqrt(2))
    assert found.auc.mean() == pytest.approx(truth, abs=0.005)  # 20 means, each with a standard error of 0.007 at most
    assert found.g.mean() == pytest.approx(shift, abs=0.02)
    assert ((found.low <= truth) & (truth <= found.high)).sum() >= 16
    assert found.spread_ratio == pytest.approx(np.ones(20), abs=0.06)


@pytest.mark.parametrize(
    ("m", "n", "shift", "scale"), [(20, 20, 0.0, 1.0), (20, 200, 1.0, 1.0), (60, 40, 2.0, 1.0), (200, 50, 0.0, 0.2)]
)
def test_the_interval_covers_as_often_as_it_says(m: int, n: int, shift: float, scale: float) -> None:
    """4,000 samples: the 95 % interval covers the area, Phi(shift / sqrt(1 + scale^2)), in 93.5 to 97.5 %.

    The last one is a tight group amid a wide one, where intervals that suppose equal spreads hold too rarely.
    """
    random = np.random.default_rng(1)
    found = compare(scale * random.standard_normal((m, 4000)) + shift, random.standard_normal((n, 4000)))
    truth = stats.norm.cdf(shift / np.sqrt(1 + scale**2))
    share = ((found.low <= truth) & (truth <= found.high)).mean()
    assert 0.935 <= share <= 0.975


def test_the_interval_of_hedges_g_covers_for_normals_of_equal_spread() -> None:
    random = np.random.default_rng(2)
    found = compare(random.standard_normal((15, 4000)) + 0.8, random.standard_normal((30, 4000)))
    assert 0.94 <= ((found.g_low <= 0.8) & (found.g_high >= 0.8)).mean() <= 0.965
    assert found.g.mean() == pytest.approx(0.8, abs=0.02)  # without the bias: uncorrected it is 0.814


@pytest.mark.parametrize("kind", ["continuous", "ties", "rectified", "float64"])
@pytest.mark.parametrize(("m", "n"), [(5, 9), (40, 23)])
def test_agrees_with_scipy(kind: str, m: int, n: int) -> None:
    random = np.random.default_rng(3)
    inside, outside = random.standard_normal((m, 6)) + 0.3, random.standard_normal((n, 6))
    if kind == "ties":
        inside, outside = inside.round(), outside.round()
    if kind == "rectified":
        inside, outside = np.maximum(inside, 0), np.maximum(outside, 0)
    if kind != "float64":
        inside, outside = inside.astype(np.float32), outside.astype(np.float32)
    found = compare(inside, outside)
    expected = stats.mannwhitneyu(inside.astype(np.float64), outside.astype(np.float64), method="asymptotic")
    assert found.auc == pytest.approx(expected.statistic / (m * n), abs=1e-12)
    assert found.p == pytest.approx(np.minimum(expected.pvalue, 1), rel=1e-9)


def test_delong_variance_is_that_of_the_placements_one_by_one() -> None:
    random = np.random.default_rng(4)
    inside, outside = random.integers(0, 6, (13, 3)).astype(float), random.integers(1, 7, (9, 3)).astype(float)
    above = (inside[:, None] > outside).astype(float) + 0.5 * (inside[:, None] == outside)  # each pair
    found = rank(inside, outside)
    assert found.auc == pytest.approx(above.mean(axis=(0, 1)))
    variance = above.mean(axis=1).var(axis=0, ddof=1) / 13 + above.mean(axis=0).var(axis=0, ddof=1) / 9
    assert found.variance == pytest.approx(variance)
    for at in range(3):
        counts = np.unique(np.concatenate([inside[:, at], outside[:, at]]), return_counts=True)[1]
        assert found.ties[at] == (counts**3 - counts).sum()


def test_groups_that_do_not_overlap_have_an_interval_all_the_same() -> None:
    low = np.arange(10.0)[:, None]
    above, below = compare(low + 100, low), compare(low, low + 100)
    assert (above.auc[0], above.high[0], below.auc[0], below.low[0]) == (1, 1, 0, 0)
    assert 0.75 < above.low[0] < 0.9
    assert below.high[0] == pytest.approx(1 - above.low[0])
    tight = compare(np.ones((500, 1)), np.zeros((500, 1)))
    assert 0.99 < tight.low[0] < 1


def test_method_five_of_newcombe_solves_its_equation() -> None:
    m, n, seen = 12, 30, np.array([0.5, 0.7, 0.97])
    low, high = newcombe_superiority(seen, m, n)
    assert (low < seen).all()
    assert (seen < high).all()
    middle = (m + n) / 2 - 1
    for area in (low, high):
        q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)  # Hanley and McNeil, Radiology 143, 1982
        variance = (area * (1 - area) + middle * (q1 - area**2) + middle * (q2 - area**2)) / (m * n)
        assert np.abs(seen - area) == pytest.approx(stats.norm.ppf(0.975) * np.sqrt(variance), rel=1e-9)


def test_all_values_equal_is_no_difference() -> None:
    found = compare(np.full((6, 1), 3.0, dtype=np.float32), np.full((8, 1), 3.0, dtype=np.float32))
    assert (found.auc[0], found.p[0], found.low[0], found.high[0]) == (0.5, 1.0, 0.5, 0.5)
    assert np.isnan(found.g[0])


def test_minus_zero_is_zero() -> None:
    found = rank(np.float32([[-0.0], [0.0]]), np.float32([[0.0], [-0.0], [0.0]]))
    assert (found.auc[0], found.variance[0]) == (0.5, 0.0)


def test_no_features() -> None:
    assert rank(np.empty((5, 0)), np.empty((6, 0))).auc.shape == (0,)


def test_hedges_corrects_the_bias_of_small_samples() -> None:
    """J(4) = Gamma(2) / (sqrt(2) Gamma(1.5)) = 0.7979: the factor of Hedges 1981, table of c(m)."""
    assert hedges(np.array([1.0]), np.array([1.0]), np.array([1.0]), 3, 3)[0] == pytest.approx(0.7979, abs=1e-4)


def test_the_null_is_called_different_rarely() -> None:
    """200 selections of nothing, 200 features each: with BH at 0.05 any is called different in about 5 % of them."""
    random = np.random.default_rng(5)
    called = 0
    for _ in range(200):
        values = random.standard_normal((60, 200)).astype(np.float32)
        found = compare(values[:25], values[25:])
        called += bool((q_values(found.p, ["dimension"] * 200) < 0.05).any())
    assert called <= 18  # 10 expected, binomial standard deviation 3.1


def test_p_values_of_the_null_are_uniform() -> None:
    random = np.random.default_rng(6)
    found = compare(random.standard_normal((80, 5000)), random.standard_normal((120, 5000)))
    assert stats.kstest(found.p, "uniform").statistic < 0.025


# -- properties

numbers = st.floats(-50, 50, width=32)
groups = st.tuples(st.integers(2, 9), st.integers(2, 9)).flatmap(
    lambda sizes: st.tuples(
        arrays(np.float32, (sizes[0], 2), elements=numbers | st.sampled_from([0.0, 1.0])),
        arrays(np.float32, (sizes[1], 2), elements=numbers | st.sampled_from([0.0, 1.0])),
    )
)


@settings(deadline=None, max_examples=100)
@given(groups)
def test_swapping_the_sides_mirrors_everything(pair: Any) -> None:
    inside, outside = pair
    there, back = compare(inside, outside), compare(outside, inside)
    assert there.auc == pytest.approx(1 - back.auc)
    assert there.low == pytest.approx(1 - back.high)
    assert there.high == pytest.approx(1 - back.low)
    assert there.p == pytest.approx(back.p)
    assert there.g == pytest.approx(-back.g, nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(pair: Any, random: Any) -> None:
    inside, outside = pair
    order = random.sample(range(len(inside)), len(inside))
    assert np.array_equal(rank(inside, outside).auc, rank(inside[order], outside).auc)
    assert np.array_equal(rank(inside, outside).variance, rank(inside[order], outside).variance)


@settings(deadline=None, max_examples=50)
@given(groups)
def test_monotone_transforms_leave_areas_and_p_values(pair: Any) -> None:
    plain = compare(*pair)
    signed_roots = (np.sign(one) * np.sqrt(np.abs(one)) for one in (side.astype(np.float64) for side in pair))
    rooted = compare(*signed_roots)  # of single precision in double: values that differ still do
    assert np.array_equal(plain.auc, rooted.auc)
    assert np.array_equal(plain.p, rooted.p)
    assert np.array_equal(plain.low, rooted.low)


@settings(deadline=None, max_examples=50)
@given(groups)
def test_intervals_hold_their_estimate_within_0_and_1(pair: Any) -> None:
    found = compare(*pair)
    assert ((found.low >= 0) & (found.high <= 1)).all()
    assert ((found.low <= found.auc + 1e-12) & (found.auc <= found.high + 1e-12)).all()
    assert ((found.p >= 0) & (found.p <= 1)).all()


@settings(deadline=None, max_examples=30)
@given(groups)
def test_single_and_double_precision_agree(pair: Any) -> None:
    single, double = rank(*pair), rank(*(one.astype(np.float64) for one in pair))
    assert np.array_equal(single.auc, double.auc)
    assert np.array_equal(single.ties, double.ties)


def test_blocks_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    inside, outside = random.standard_normal((30, 11)), random.standard_normal((20, 11))
    whole = rank(inside, outside)
    monkeypatch.setattr("plugins.contrast.effects.BLOCK", 100)
    parts = rank(inside, outside)
    assert np.array_equal(whole.auc, parts.auc)
    assert np.array_equal(whole.variance, parts.variance)


def test_wider_level_wider_interval() -> None:
    narrow = superiority_interval([0.7], [0.002], 30, 30, 0.9)
    wide = superiority_interval([0.7], [0.002], 30, 30, 0.99)
    assert wide[0] < narrow[0] < 0.7 < narrow[1] < wide[1]


def test_mann_whitney_of_no_difference_is_one() -> None:
    assert mann_whitney(np.array([0.5]), np.array([0.0]), 10, 10)[0] == 1
