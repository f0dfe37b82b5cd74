# SPDX-License-Identifier: Apache-2.0
"""Slices, data sets and descriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import StoreError
from workbench.store import Store


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=50))
def test_rows_come_back_in_order_each_once(store: Store, rows: list[int]) -> None:
    record = store.save_slice("s", "digits", rows, replace=True)
    assert record.rows().tolist() == sorted(set(rows)) and record.rows().dtype == np.int64
    assert len(record) == record.length == len(set(rows))


def test_a_slice_keeps_what_was_said_of_it(store: Store) -> None:
    saved = store.save_slice("fours", "digits", np.array([3, 1]), note="look alike", origin="run 1")
    assert store.slice("fours") == saved
    assert (saved.data, saved.note, saved.origin) == ("digits", "look alike", "run 1")
    store.save_slice("noses", "faces", [0])
    assert [one.name for one in store.slices()] == ["fours", "noses"]
    assert [one.name for one in store.slices("faces")] == ["noses"]


def test_equal_rows_share_a_file_until_the_last_name_goes(store: Store) -> None:
    one, other = store.save_slice("a", "digits", [1, 2]), store.save_slice("b", "digits", [2, 1, 1])
    assert one.sha256 == other.sha256 and len(list((store.root / "slices").iterdir())) == 1
    store.delete_slice("a")
    assert store.gc().removed == [] and store.slice("b").rows().tolist() == [1, 2]
    store.delete_slice("b")
    assert store.gc().removed == [f"slices/{one.sha256}.npy"]


def test_a_taken_name_is_refused_unless_it_is_to_be_replaced(store: Store) -> None:
    store.save_slice("s", "digits", [1])
    with pytest.raises(StoreError, match=r"a slice 's' \(of 'digits'\) already"):
        store.save_slice("s", "faces", [2])
    assert store.slice("s").rows().tolist() == [1]
    assert store.save_slice("s", "faces", [2], replace=True).rows().tolist() == [2]
    assert len(store.slices()) == 1


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", "..", "a" * 81, "é", "a b", None, 3])
def test_a_bad_name_is_refused(store: Store, name: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot name a slice"):
        store.save_slice(name, "digits", [1])
    with pytest.raises(StoreError, match="cannot name a data set"):
        store.add_dataset(name, tmp_path)


@pytest.mark.parametrize("rows", [[], [-1], [0.5], [[1, 2]], ["a"], 3, [True, False]])
def test_what_are_no_positions_is_refused(store: Store, rows: Any) -> None:
    with pytest.raises(StoreError, match="rows"):
        store.save_slice("s", "digits", rows)
    assert store.slices() == [] and list((store.root / "slices").iterdir()) == []


def test_a_slice_that_is_not_there_is_named_with_near_ones(store: Store) -> None:
    with pytest.raises(StoreError, match="no slice 'fours': none has been saved yet"):
        store.slice("fours")
    store.save_slice("fives", "digits", [1])
    with pytest.raises(StoreError, match="did you mean fives"):
        store.slice("five")
    with pytest.raises(StoreError, match="no slice 'x' to delete"):
        store.delete_slice("x")


def test_a_damaged_slice_is_found(store: Store) -> None:
    saved = store.save_slice("s", "digits", [1, 2])
    saved.path.chmod(0o644)
    saved.path.write_bytes(saved.path.read_bytes()[:-1] + b"\x09")
    assert store.verify() == ["the rows of the slice 's' have changed since they were stored"]
    saved.path.unlink()
    assert store.verify() == ["the rows of the slice 's' are missing"]
    with pytest.raises(StoreError, match="rows of the slice 's' cannot be read"):
        saved.rows()


def test_data_sets_are_remembered_by_absolute_path(store: Store, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    record = store.add_dataset("mine", "folder/points.npy", {"size": 64, "columns": ["a"]})
    assert record.path == str(tmp_path / "folder" / "points.npy") and record.options == {"size": 64, "columns": ["a"]}
    assert store.datasets() == [record]
    with pytest.raises(StoreError, match="a data set 'mine' already"):
        store.add_dataset("mine", "other")
    store.remove_dataset("mine")
    assert store.datasets() == []
    with pytest.raises(StoreError, match="no data set 'mine' to remove"):
        store.remove_dataset("mine")


def test_a_description_goes_from_wanted_to_ready(store: Store) -> None:
    assert store.description("vae") is None
    assert store.want_description("vae", "s1").status == "wanted"
    assert [one.model for one in store.wanted_descriptions()] == ["vae"]
    ready = store.save_description("vae", "s1", json='{"spaces": {}}')
    assert (ready.status, ready.json, store.wanted_descriptions()) == ("ready", '{"spaces": {}}', [])
    assert store.want_description("vae", "s1") == ready
    assert store.want_description("vae", "s2").status == "wanted"


def test_a_description_of_what_is_no_longer_wanted_is_dropped(store: Store) -> None:
    store.want_description("vae", "new")
    assert store.save_description("vae", "old", json="{}").status == "wanted"
    assert store.save_description("vae", "new", status="failed", error="no weights").error == "no weights"
    assert store.want_description("vae", "new").status == "wanted"  # asked again after a failure
