# SPDX-License-Identifier: Apache-2.0
"""Selections kept by what they hold."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import StoreError
from workbench.store import Store


def files(store: Store) -> list[Path]:
    return sorted((store.root / "selections").iterdir())


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 99)), st.integers(100, 3000))
def test_a_selection_comes_back_by_its_id(store: Store, positions: list[int], length: int) -> None:
    kept = store.keep_selection(length, positions)
    assert len(kept) == 16 and int(kept, 16) >= 0
    found = store.kept_selection(kept)
    assert found is not None and found.dtype == np.int64 and found.tolist() == sorted(set(positions))
    assert store.keep_selection(length, positions[::-1]) == kept
    assert store.keep_selection(length + 1, positions) != kept
    assert store.kept_selection(kept, length) is not None and store.kept_selection(kept, length + 1) is None


def test_a_million_selected_rows_take_little_room(store: Store) -> None:
    everything = store.keep_selection(1_000_000, np.arange(1_000_000))
    few = store.keep_selection(1_000_000, np.arange(0, 1_000_000, 100_003))
    half = store.keep_selection(1_000_000, np.flatnonzero(np.random.default_rng(0).random(1_000_000) < 0.5))
    sizes = {one.name: one.stat().st_size for one in files(store)}
    assert sizes[everything] < 2_000 and sizes[few] < 2_000 and sizes[half] < 130_000
    assert store.kept_selection(everything).tolist() == list(range(1_000_000))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("length", "positions"),
    [(3, [3]), (3, [-1]), (3, [0.5]), (3, [[1]]), (-1, []), (2**40, []), (True, []), ("3", []), (0, [0]), (3, ["1"])],
)
def test_what_is_no_selection_is_refused(store: Store, length: Any, positions: Any) -> None:
    with pytest.raises(StoreError, match="selection"):
        store.keep_selection(length, positions)
    assert files(store) == []


def test_an_id_that_is_none_finds_nothing(store: Store) -> None:
    kept = store.keep_selection(5, [1])
    for wrong in ("", "0" * 16, kept.upper() if kept != kept.upper() else "G" * 16, f"../selections/{kept}", None, 3):
        assert store.kept_selection(wrong) is None  # type: ignore[arg-type]
    assert store.keep_selection(0, []) and store.kept_selection(store.keep_selection(0, [])) is not None


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "long", "text", "bomb"])
def test_a_damaged_file_is_nothing_and_is_mended_by_keeping_again(store: Store, damage: str) -> None:
    import zlib

    kept = store.keep_selection(4000, range(0, 4000, 7))
    (path,) = files(store)
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(
        {
            "cut": whole[:-9],
            "flip": whole[:20] + bytes([whole[20] ^ 4]) + whole[21:],
            "empty": b"",
            "long": (2**63).to_bytes(8, "little") + whole[8:],
            "text": b"not a selection at all",
            "bomb": whole[:8] + zlib.compress(bytes(50_000_000)),
        }[damage]
    )
    assert store.kept_selection(kept) is None
    assert store.verify() == [f"the selection {kept} has changed since it was stored"]
    assert store.keep_selection(4000, range(0, 4000, 7)) == kept
    assert path.read_bytes() == whole and store.verify() == []


def test_gc_takes_what_was_not_used_for_ninety_days(store: Store) -> None:
    used, unused = store.keep_selection(9, [1]), store.keep_selection(9, [2])
    (store.root / "selections" / ".0123456789abcdef").write_bytes(b"half")
    assert store.gc().removed == []  # it may be being written
    long_ago = time.time() - 91 * 86_400
    for path in files(store):
        os.utime(path, (long_ago, long_ago))
    assert store.kept_selection(used) is not None  # which is a use
    assert store.gc().removed == ["selections/.0123456789abcdef", f"selections/{unused}"]
    assert store.kept_selection(used) is not None and store.kept_selection(unused) is None
    path = store.root / "selections" / used
    os.utime(path, (long_ago, long_ago))
    assert store.keep_selection(9, [1]) == used and store.gc().removed == []
