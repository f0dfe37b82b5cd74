# SPDX-License-Identifier: Apache-2.0
"""Engines: the same bars whoever computes them, simplices and cocycles that are what they say, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform

import workbench as wb
from plugins.homology import engines
from plugins.homology.engines import rips, rips_cocycles, rips_pairs
from plugins.homology.simplices import Pairs

EXTRA = engines.has_redzed()
ENGINES: list[engines.Engine] = ["gudhi", "redzed"] if EXTRA else ["gudhi"]
needs_extra = pytest.mark.skipif(not EXTRA, reason="redzed-tda, the extra `fast`, is not installed")


def square(points: Any) -> Any:
    return squareform(pdist(np.asarray(points, dtype=np.float64))) if len(points) > 1 else np.zeros((1, 1))


def circle(n: int) -> Any:
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@st.composite
def tables(draw: st.DrawFn) -> Any:
    """Distances of points in space, of an integer grid with ties and duplicates, or of no metric at all."""
    m = draw(st.integers(1, 14))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["space", "grid", "whole", "pieces"]))
    if kind == "space":
        return square(random.standard_normal((m, 3)))
    if kind == "grid":
        return square(random.integers(0, 3, (m, 2)))
    table = random.integers(0, 6, (m, m)).astype(float) if kind == "whole" else random.random((m, m))
    if kind == "pieces":
        table[table > 0.7] = np.inf
    table = np.maximum(table, table.T)
    np.fill_diagonal(table, 0)
    return table


def long(bars: Any, scale: float) -> Any:
    return bars[bars[:, 1] - bars[:, 0] > 1e-6 * scale]


def thresholds(table: Any) -> list[float | None]:
    finite = table[np.isfinite(table)]
    return [None, float(np.median(finite)), float(finite.max())]


@settings(max_examples=60, deadline=None)
@given(tables())
def test_engines_agree_bar_by_bar(table: Any) -> None:
    scale = float(table[np.isfinite(table)].max())
    for threshold in thresholds(table):
        one = rips(table, 2, threshold=threshold, engine="gudhi")
        two = rips(table, 2, threshold=threshold, engine="redzed" if EXTRA else "auto")
        cocycles, named = rips_cocycles(table, 2, threshold)
        assert len(named) == len(cocycles.dimension(1))
        assert one.threshold == two.threshold == cocycles.threshold
        for k in range(3):
            np.testing.assert_allclose(long(one.dimension(k), scale), long(two.dimension(k), scale), atol=1e-6 * scale)
            if k < 2:
                np.testing.assert_allclose(
                    long(one.dimension(k), scale), long(cocycles.dimension(k), scale), atol=1e-6 * scale
                )


@settings(max_examples=30, deadline=None)
@given(tables(), st.booleans())
def test_simplices_are_those_of_the_bars(table: Any, fast: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.setattr(engines, "has_redzed", lambda: False)
        for threshold in thresholds(table):
            for dimension in range(3):
                pairs = rips_pairs(table, dimension, threshold)
                expected = rips(table, dimension, threshold=threshold, engine="gudhi").dimension(dimension)
                np.testing.assert_allclose(pairs.bars, expected, atol=1e-6)
                check_simplices(table, pairs, dimension)


def check_simplices(table: Any, pairs: Pairs, dimension: int) -> None:
    """The diameter of each simplex is the birth or death, and its longest edge is named."""
    assert pairs.births.shape == (len(pairs.bars), dimension + 1)
    assert pairs.deaths.shape == (len(pairs.bars), dimension + 2)
    for (birth, death), start, end, edge in zip(pairs.bars, pairs.births, pairs.deaths, pairs.death_edges, strict=True):
        assert len(set(start)) == dimension + 1 and start.min() >= 0
        assert table[np.ix_(start, start)].max() == birth
        if np.isinf(death):
            assert (end == -1).all() and (edge == -1).all()
        else:
            assert len(set(end)) == dimension + 2
            assert table[np.ix_(end, end)].max() == death == table[tuple(edge)]
            assert set(edge) <= set(end)


@settings(max_examples=30, deadline=None)
@given(tables(), st.sampled_from([2, 3, 47]), st.floats(0.05, 0.95))
def test_a_cocycle_vanishes_on_triangles(table: Any, field: int, share: float) -> None:
    found, cocycles = rips_cocycles(table, field)
    for (birth, death), cocycle in zip(found.dimension(1), cocycles, strict=True):
        scale = birth + share * (min(death, found.threshold) - birth)
        values = np.zeros_like(table)
        values[cocycle[:, 0], cocycle[:, 1]] = cocycle[:, 2]
        values[cocycle[:, 1], cocycle[:, 0]] = -cocycle[:, 2]
        m, joined = len(table), table <= scale * (1 + 1e-9)
        for i in range(m):
            for j in range(i):
                for k in range(j):
                    if joined[i, j] and joined[j, k] and joined[i, k]:
                        assert (values[i, j] + values[j, k] + values[k, i]) % field == 0


@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_order_of_points_and_scale(seed: int, factor: float) -> None:
    random = np.random.default_rng(seed)
    table = square(random.standard_normal((20, 2)))
    order = random.permutation(20)
    one, two = rips(table), rips(table[np.ix_(order, order)] * factor)
    for k in range(2):
        np.testing.assert_allclose(two.dimension(k), one.dimension(k) * factor, rtol=1e-6)


@pytest.mark.parametrize("engine", [*ENGINES, "auto"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_points(engine: Any, n: int) -> None:
    table = 1.0 - np.eye(n)
    found = rips(table, 2, engine=engine)
    assert found.dimension(0).tolist() == [[0.0, 1.0]] * (n - 1) + [[0.0, np.inf]]
    assert len(found.dimension(1)) == len(found.dimension(2)) == 0
    assert rips_cocycles(table)[1] == []
    assert rips_pairs(table).bars.shape == (0, 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_duplicates_change_nothing_but_their_number(engine: Any) -> None:
    points = circle(12)
    found = rips(square(np.concatenate([points, points, points])), 2, engine=engine)
    np.testing.assert_allclose(found.dimension(1), [[0.517638, 1.732051]], atol=1e-6)
    assert len(found.dimension(0)) == 12  # those of duplicates have no length
    assert len(rips(np.zeros((5, 5)), 1, engine=engine).dimension(0)) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_threshold_leaves_bars_open(engine: Any) -> None:
    found = rips(square(circle(12)), 1, threshold=1.0, engine=engine)
    np.testing.assert_allclose(found.dimension(1), [[0.517638, np.inf]], atol=1e-6)
    assert found.threshold == 1.0
    tie = square(circle(12))[0, 1]
    assert len(rips(square(circle(12)), 1, threshold=float(tie), engine=engine).dimension(0)) >= 1
    below = rips([1.0, 1.0, 1.0], 0, threshold=0.5, engine=engine)
    assert below.dimension(0).tolist() == [[0.0, np.inf]] * 3
    at = rips([1.0, 1.0, 1.0], 0, threshold=1.0, engine=engine)
    assert at.dimension(0).tolist() == [[0.0, 1.0], [0.0, 1.0], [0.0, np.inf]]


def test_threshold_is_the_enclosing_radius() -> None:
    assert rips([1.0, 3.0, 2.0]).threshold == 2.0


@pytest.mark.parametrize("engine", ENGINES)
def test_bars_are_distances_in_double_precision(engine: Any) -> None:
    table = square(np.random.default_rng(0).standard_normal((60, 4)))
    for bars in rips(table, 2, engine=engine).bars:
        scales = bars[np.isfinite(bars) & (bars > 0)]
        assert np.isin(scales, table).all()


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_scales_that_single_precision_cannot_hold(factor: float) -> None:
    found = rips(square(circle(12)) * factor)
    np.testing.assert_allclose(found.dimension(1) / factor, [[0.517638, 1.732051]], atol=1e-6)
    cocycles, named = rips_cocycles(square(circle(12)) * factor)
    np.testing.assert_allclose(cocycles.dimension(1) / factor, [[0.517638, 1.732051]], atol=1e-6)
    assert len(named) == 1
    np.testing.assert_allclose(rips_pairs(square(circle(12)) * factor).bars, found.dimension(1))


def test_pieces_that_are_never_joined() -> None:
    table = np.full((24, 24), np.inf)
    table[:12, :12] = table[12:, 12:] = square(circle(12))
    for engine in ENGINES:
        found = rips(table, engine=engine)
        assert np.isinf(found.dimension(0)[:, 1]).sum() == 2
        np.testing.assert_allclose(found.dimension(1), [[0.517638, 1.732051]] * 2, atol=1e-6)
    assert len(rips_cocycles(table)[1]) == 2


def test_a_barcode_answers() -> None:
    found = rips(square(circle(12)))
    assert (found.betti(0.1, 0), found.betti(1.0, 0), found.betti(1.0, 1), found.betti(1.8, 1)) == (12, 1, 1, 0)
    np.testing.assert_allclose(found.lengths(1), [1.732051 - 0.517638], atol=1e-6)
    assert found.dimension(5).shape == (0, 2)


def test_without_the_extra_gudhi_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table = square(circle(12))
    with_extra = rips(table)
    monkeypatch.setattr(engines, "has_redzed", lambda: False)
    for k in range(2):
        np.testing.assert_allclose(rips(table).dimension(k), with_extra.dimension(k), rtol=1e-6)
    with pytest.raises(wb.DataError, match="not installed"):
        rips(table, engine="redzed")


@pytest.mark.parametrize("shape", ["torus", "blob"])
def test_voids_agree_whichever_engine_is_chosen(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MANY", 100)
    random = np.random.default_rng(1)
    turns = 2 * np.pi * random.random((2, 160))
    torus = np.concatenate([np.cos(turns), np.sin(turns)]).T
    table = square(torus if shape == "torus" else np.repeat(random.standard_normal((80, 4)), 2, axis=0))
    assert engines._collapses(table, table.max(axis=1).min()) == (shape == "blob")
    one, two = rips(table, 2), rips(table, 2, engine="gudhi")
    for k in range(3):
        np.testing.assert_allclose(long(one.dimension(k), 2), long(two.dimension(k), 2), atol=1e-6)


@pytest.mark.parametrize(
    ("distances", "says"),
    [
        (np.zeros((2, 3)), "square"),
        (np.zeros((0, 0)), "at least one point"),
        ([1.0, 2.0], "which 2 is for no m"),
        ([[0.0, np.nan], [np.nan, 0.0]], "2 distances are NaN"),
        ([[0.0, -1.0], [-1.0, 0.0]], "2 distances are negative"),
        ([[0.0, 1.0], [2.0, 0.0]], "not symmetric: from 0 to 1 it is 1, back it is 2"),
        ([[1.0, 1.0], [1.0, 0.0]], "diagonal"),
        ([["a", "b"], ["c", "d"]], "real numbers"),
    ],
)
def test_tables_that_are_none(distances: Any, says: str) -> None:
    for door in (rips, rips_cocycles, rips_pairs):
        with pytest.raises(wb.DataError, match=says):
            door(distances)


def test_rounding_is_no_asymmetry() -> None:
    table = square(circle(12))
    table[0, 1] += 1e-12
    np.testing.assert_allclose(rips(table).dimension(1), [[0.517638, 1.732051]], atol=1e-6)


def test_parameters_that_cannot_be() -> None:
    table = square(circle(5))
    for field in (0, 1, 4, 9, 46339):
        with pytest.raises(wb.DataError, match="prime"):
            rips(table, field=field)
    with pytest.raises(wb.DataError, match="dimension 0 to 3, not 4"):
        rips(table, 4)
    with pytest.raises(wb.DataError, match="dimension 0 to 3, not -1"):
        rips_pairs(table, -1)
    with pytest.raises(wb.DataError, match="threshold"):
        rips(table, threshold=-1.0)
    with pytest.raises(wb.DataError, match="threshold"):
        rips(table, threshold=float("nan"))
    with pytest.raises(wb.DataError, match="engine"):
        rips(table, engine="fast")  # type: ignore[arg-type]


@needs_extra
def test_what_the_extra_cannot_do() -> None:
    with pytest.raises(wb.DataError, match="Z/2"):
        rips(square(circle(5)), field=3, engine="redzed")
    with pytest.raises(wb.DataError, match="single precision"):
        rips(square(circle(5)) * 1e200, engine="redzed")
