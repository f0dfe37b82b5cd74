# SPDX-License-Identifier: Apache-2.0
"""Nearest rows agree with a plain loop, whatever the vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import workbench as wb
from plugins.words.neighbours import Table, nearest

SMALL = st.integers(-3, 3)  # many ties, rows of zeros, repeated rows


def plain(vectors: Any, query: Any, count: int, suppress: Any, metric: str) -> tuple[list[int], list[float]]:
    """One row after the other, in float64."""
    found = []
    for at, row in enumerate(vectors.astype(np.float64)):
        if at in suppress or not np.isfinite(row).all() or not row.any():
            continue
        if metric == "cosine":
            if not query.any():
                continue
            value = float(row @ query / np.sqrt(float(row @ row)) / np.sqrt(float(query @ query)))
            found.append((round(-value, 11), at, value))
        else:
            value = float(np.sqrt(((row - query) ** 2).sum()))
            found.append((value, at, value))
    found.sort()
    return [one[1] for one in found[:count]], [one[2] for one in found[:count]]


@settings(max_examples=60, deadline=None)
@given(
    vectors=arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=SMALL),
    queries=arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=SMALL),
    count=st.integers(1, 12),
    out=st.lists(st.integers(-1, 29), max_size=3),
    metric=st.sampled_from(["cosine", "euclidean"]),
    batch=st.integers(1, 5),
)
def test_agrees_with_a_plain_loop(vectors: Any, queries: Any, count: int, out: Any, metric: Any, batch: int) -> None:
    out = [one for one in out if one < len(vectors)]
    positions, values = nearest(vectors, queries, count, suppress=[out] * len(queries), metric=metric, batch=batch)
    assert positions.shape == values.shape == (len(queries), min(count, len(vectors)))
    for at, query in enumerate(queries.astype(np.float64)):
        places, expected = plain(vectors, query, count, out, metric)
        known = positions[at] >= 0
        assert positions[at][known].tolist() == places
        np.testing.assert_allclose(values[at][known], expected, rtol=1e-6, atol=1e-6)
        assert np.isnan(values[at][~known]).all() and not known[len(places) :].any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_of_any_floating_type_over_several_blocks(monkeypatch: pytest.MonkeyPatch, dtype: Any, metric: Any) -> None:
    monkeypatch.setattr("plugins.words.neighbours.ROWS", 64)
    draw = np.random.default_rng(0)
    vectors = draw.normal(size=(300, 20)).astype(dtype)
    query = draw.normal(size=20)
    positions, values = nearest(vectors, query[None], 7, metric=metric)
    places, expected = plain(vectors, query, 7, (), metric)
    assert positions[0].tolist() == places
    np.testing.assert_allclose(values[0], expected, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e-160])
def test_no_length_is_too_small_or_too_large_for_an_angle(scale: float) -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 8))
    positions, cosines = nearest(vectors * scale, vectors[:3], 5)
    expected, same = nearest(vectors, vectors[:3], 5)
    assert positions.tolist() == expected.tolist() and positions[:, 0].tolist() == [0, 1, 2]
    np.testing.assert_allclose(cosines, same, rtol=1e-6)


def test_differences_below_float32_decide() -> None:
    vectors = np.array([[1.0, 1e-5 * k] for k in range(5)][::-1])
    assert nearest(vectors, np.array([[1.0, 0.0]]), 5)[0].tolist() == [[4, 3, 2, 1, 0]]
    far = np.array([[1e6 + 1e-3 * k, 0.0] for k in range(5)])
    assert nearest(far, np.array([[1e6 + 0.0021, 0.0]]), 3, metric="euclidean")[0].tolist() == [[2, 3, 1]]


def test_rows_of_zeros_and_rows_that_are_not_finite_are_never_answers() -> None:
    vectors = np.array([[0, 0], [np.nan, 1], [1, np.inf], [1, 1]], dtype=np.float32)
    for metric in ("cosine", "euclidean"):
        assert nearest(vectors, np.ones((1, 2)), 4, metric=metric)[0].tolist() == [[3, -1, -1, -1]]
    assert nearest(vectors, np.zeros((1, 2)), 1)[0].tolist() == [[-1]]
    assert nearest(vectors, np.array([[np.nan, 1]]), 1)[0].tolist() == [[-1]]


def test_what_does_not_fit_is_refused() -> None:
    table = Table(np.eye(3))
    with pytest.raises(wb.DataError, match="queries have shape"):
        table.nearest(np.ones((1, 2)), 1)
    with pytest.raises(wb.DataError, match="at least 1"):
        table.nearest(np.ones((1, 3)), 0)
    with pytest.raises(wb.DataError, match="expected floats"):
        Table(np.ones((3, 2), dtype=np.int64))
