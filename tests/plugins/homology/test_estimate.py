# SPDX-License-Identifier: Apache-2.0
"""The cost of a barcode: counts are right, refusals name number and way out."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.homology import estimate as module
from plugins.homology.distances import pairwise
from plugins.homology.estimate import PAIR_SECONDS, estimate, refuse, refuse_together


def cliques(joined: Any, size: int) -> int:
    return sum(all(joined[i, j] for i, j in combinations(some, 2)) for some in combinations(range(len(joined)), size))


@given(st.integers(1, 16), st.floats(0, 3), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_counts_of_few_points_are_exact(m: int, threshold: float, seed: int) -> None:
    table = pairwise(np.random.default_rng(seed).standard_normal((m, 2)))
    cost = estimate(table, 2, threshold)
    joined = table <= threshold
    assert (cost.edges, round(cost.triangles, 6), round(cost.tetrahedra, 6)) == tuple(
        cliques(joined, size) for size in (2, 3, 4)
    )


def test_counts_of_many_points_are_close() -> None:
    table = pairwise(np.random.default_rng(0).standard_normal((600, 3)))
    threshold = float(np.median(table))
    cost = estimate(table, 2, threshold)
    joined = (table <= threshold).astype(np.float64)
    np.fill_diagonal(joined, 0)
    assert cost.edges == joined.sum() / 2
    triangles = np.trace(joined @ joined @ joined) / 6
    assert abs(cost.triangles / triangles - 1) < 0.15
    whole = [joined[np.ix_(near, near)] for near in (np.flatnonzero(row) for row in joined[:100])]
    tetrahedra = sum(np.trace(link @ link @ link) / 6 for link in whole) * 6 / 4
    assert abs(cost.tetrahedra / tetrahedra - 1) < 0.4


def test_the_worst_case_is_everything() -> None:
    table = 1.0 - np.eye(50)
    for max_dim in (0, 1, 2, 3):
        known, worst = estimate(table, max_dim), estimate(50, max_dim)
        assert known.triangles == pytest.approx(worst.triangles) == math.comb(50, 3)
        assert known.bytes == pytest.approx(worst.bytes) and known.seconds == pytest.approx(worst.seconds)
    assert estimate(1).triangles == 0
    assert estimate(50, 1, 0.5).triangles == 0  # with a threshold only the distances are certain
    assert estimate(50, 1, 0.5).bytes > 8 * 50 * 50


def test_cost_rises_with_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert estimate(300, 2).seconds > estimate(300, 1).seconds > estimate(300, 0).seconds
    assert estimate(1000, 1, field=3).bytes >= estimate(1000, 1).bytes
    monkeypatch.setattr(module, "has_redzed", lambda: False)
    assert estimate(1000).bytes == estimate(1000, field=3).bytes > 1e9


def test_a_torus_of_a_thousand_points_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 155 million triangles lie below the enclosing radius; GUDHI took 9.4 s and 1.2 GB for them."""
    monkeypatch.setattr(module, "has_redzed", lambda: False)
    turns = 2 * np.pi * np.random.default_rng(0).random((2, 1000))
    cost = estimate(pairwise(np.concatenate([np.cos(turns), np.sin(turns)]).T))
    assert cost.triangles > 1e8 and 3 < cost.seconds < 30 and 4e8 < cost.bytes < 4e9
    with pytest.raises(wb.DataError, match="fewer landmarks"):
        refuse(cost, 5e8)


def test_fifty_thousand_points_are_refused_by_their_number() -> None:
    with pytest.raises(wb.DataError, match="50,000 points .* [GT]B of memory") as caught:
        refuse(estimate(50_000))
    fewer = int(re.search(r"\(([\d,]+) would do", str(caught.value))[1].replace(",", ""))  # type: ignore[index]
    assert 500 < fewer < 50_000


@pytest.mark.parametrize("max_dim", [1, 2, 3])
@pytest.mark.parametrize("field", [2, 3])
@pytest.mark.parametrize("limit", [1e8, 1e9])
def test_the_way_out_is_one(max_dim: int, field: int, limit: float) -> None:
    with pytest.raises(wb.DataError) as caught:
        refuse(estimate(9000, max_dim, field=field), limit, seconds=60)
    text = str(caught.value)
    fewer = int(re.search(r"\(([\d,]+) would do", text)[1].replace(",", ""))  # type: ignore[index]
    refuse(estimate(fewer, max_dim, field=field), limit, seconds=60)
    assert "threshold" in text and ("up to dimension" in text)


def test_time_is_refused_too() -> None:
    refuse(estimate(200, 2))
    with pytest.raises(wb.DataError, match="processor time"):
        refuse(estimate(1000, 2), 1e15, seconds=1)


def test_what_is_refused() -> None:
    with pytest.raises(wb.DataError, match="At least 1 point"):
        estimate(0)
    with pytest.raises(wb.DataError, match="NaN"):
        estimate([[0.0, np.nan], [np.nan, 0.0]])


def test_draws_are_counted_with_the_barcode_and_refused_together() -> None:
    """Loops go with the cube of the points: a draw of half of them costs an eighth, but for the pairs."""
    cost = estimate(1000, 1)
    pairs = PAIR_SECONDS * 1000**2
    assert refuse_together(cost, 500, 0) == cost.seconds
    expected = cost.seconds + 20 * (pairs / 4 + (cost.seconds - pairs) / 8)
    assert refuse_together(cost, 500, 20) == pytest.approx(expected)
    with pytest.raises(wb.DataError, match=r"With 200 random draws of 500 .*Take fewer landmarks.*Fewer 'draws'"):
        refuse_together(replace(cost, seconds=500.0), 500, 200)
