# SPDX-License-Identifier: Apache-2.0
"""New slices made of others by and, or and not, against the sets of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import StoreError
from workbench.store import Store

some_rows = st.sets(st.integers(0, 40), min_size=1)


def combined(store: Store, how: str, names: list[str], length: int | None = None) -> list[int]:
    made = store.combine_slices("made", how, names, length=length, replace=True)  # type: ignore[arg-type]
    assert made.data == "digits" and made.length == len(made.rows()) and made.rows().dtype == np.int64
    return [int(one) for one in made.rows()]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(some_rows, min_size=2, max_size=4), st.integers(41, 60))
def test_and_or_not_are_those_of_sets(store: Store, sets: list[set[int]], length: int) -> None:
    names = [f"s{number}" for number in range(len(sets))]
    for name, rows in zip(names, sets, strict=True):
        store.save_slice(name, "digits", list(rows), replace=True)
    first, rest = sets[0], sets[1:]
    for how, wanted in (
        ("and", first.intersection(*rest)),
        ("or", first.union(*rest)),
        ("not", first.difference(*rest)),
    ):
        if wanted:
            assert combined(store, how, names) == sorted(wanted)
        else:
            with pytest.raises(StoreError, match="'made' would have no rows: there are none in s0"):
                combined(store, how, names)
    assert combined(store, "not", names[:1], length) == sorted(set(range(length)) - first)


@pytest.fixture
def few(store: Store) -> Store:
    """Three slices of digits and one of faces."""
    store.save_slice("low", "digits", range(5))
    store.save_slice("even", "digits", range(0, 10, 2))
    store.save_slice("high", "digits", range(5, 10))
    store.save_slice("noses", "faces", [0])
    return store


def test_a_combination_says_how_it_was_made(few: Store) -> None:
    assert few.combine_slices("a", "and", ["low", "even"], note="small").origin == "low and even"
    assert few.slice("a").note == "small"
    assert few.combine_slices("b", "or", ["low", "even", "high"]).origin == "low or even or high"
    assert few.combine_slices("c", "not", ["even", "low"]).origin == "even and not low"
    assert few.combine_slices("d", "not", ["even"], length=10).origin == "not even"
    assert few.slice("d").rows().tolist() == [1, 3, 5, 7, 9]


def test_what_cannot_be_combined_is_refused_and_leaves_nothing(few: Store) -> None:
    before = (few.slices(), sorted(one.name for one in (few.root / "slices").iterdir()))
    for how, names, length, sentence in (
        ("and", ["low", "noses"], None, "'low' is of 'digits' and 'noses' is of 'faces'"),
        ("and", ["low", "high"], None, "would have no rows: there are none in low and high"),
        ("not", ["low"], 5, None),
        ("not", ["low"], None, "known only with the number of rows in all"),
        ("not", ["low"], 4, "has the row 4, and 4 rows in all"),
        ("not", ["low"], -1, "cannot be -1 rows"),
        ("and", ["low"], None, "at least two slices"),
        ("or", [], None, "at least two slices"),
        ("not", [], None, "at least one slice"),
        ("xor", ["low", "even"], None, "by 'and', 'or' or 'not', got 'xor'"),
        ("or", ["low", "evne"], None, "no slice 'evne': did you mean even"),
    ):
        with pytest.raises(StoreError, match=sentence or "would have no rows"):
            few.combine_slices("made", how, names, length=length)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="there is a slice 'low'"):
        few.combine_slices("low", "or", ["even", "high"])
    with pytest.raises(StoreError, match="cannot name a slice"):
        few.combine_slices("../x", "or", ["even", "high"])
    assert (few.slices(), sorted(one.name for one in (few.root / "slices").iterdir())) == before


def test_rows_that_are_gone_are_said(few: Store) -> None:
    Path(few.slice("low").path).unlink()
    with pytest.raises(StoreError, match="rows of the slice 'low' cannot be read"):
        few.combine_slices("made", "or", ["low", "high"])
