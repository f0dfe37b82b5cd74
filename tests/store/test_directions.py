# SPDX-License-Identifier: Apache-2.0
"""Directions with a name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from registry.errors import StoreError
from workbench.store import DirectionRecord, Store


def save(store: Store, name: str = "smile", vector: Any = (3.0, 4.0), **about: Any) -> DirectionRecord:
    return store.save_direction(name, vector=vector, **{"model": "vae", "fingerprint": "f" * 64, "space": "z", **about})


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32).filter(bool)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays.arrays(np.float32, st.integers(1, 64), elements=numbers))
def test_a_vector_comes_back_to_the_bit(store: Store, vector: Any) -> None:
    kept = save(store, vector=vector, replace=True)
    assert kept.vector().dtype == np.float32 and kept.vector().tobytes() == vector.tobytes()
    assert kept.size == len(vector)


def test_a_direction_keeps_what_was_said_of_it(store: Store) -> None:
    saved = save(store, how={"slices": ["a", "b"], "n": np.int64(3)}, card={"effect": 0.5, "leakage": float("nan")})
    assert store.direction("smile") == saved
    assert (saved.model, saved.fingerprint, saved.space) == ("vae", "f" * 64, "z")
    assert saved.how == {"slices": ["a", "b"], "n": 3} and saved.card == {"effect": 0.5, "leakage": None}


def test_directions_are_listed_by_model_and_space(store: Store) -> None:
    save(store, "b")
    save(store, "a", space="w")
    save(store, "c", model=None)
    assert [one.name for one in store.directions()] == ["a", "b", "c"]
    assert [one.name for one in store.directions("vae")] == ["a", "b"]
    assert [one.name for one in store.directions("vae", "w")] == ["a"]
    assert [one.name for one in store.directions(space="z")] == ["b", "c"]


def test_equal_vectors_share_a_file_until_the_last_name_goes(store: Store) -> None:
    one, other = save(store, "a"), save(store, "b")
    assert one.path == other.path and len(list((store.root / "directions").iterdir())) == 1
    store.delete_direction("a")
    assert store.gc().removed == [] and store.direction("b").vector().tolist() == [3, 4]
    store.delete_direction("b")
    (store.root / "directions" / ".half").write_bytes(b"x")
    assert store.gc().removed == ["directions/.half", f"directions/{one.sha256}.safetensors"]


def test_a_taken_name_is_refused_unless_it_is_to_be_replaced(store: Store) -> None:
    save(store)
    with pytest.raises(StoreError, match="a direction 'smile' already"):
        save(store, vector=[1.0])
    assert save(store, vector=[1.0], replace=True).vector().tolist() == [1] and len(store.directions()) == 1
    with pytest.raises(StoreError, match="no direction 'smlie': did you mean smile"):
        store.direction("smlie")
    with pytest.raises(StoreError, match="no direction 'x' to delete"):
        store.delete_direction("x")


def test_a_direction_is_renamed_with_all_that_is_known_of_it(store: Store) -> None:
    before = save(store, how={"run": "ab12"}, card={"effect": 0.5})
    save(store, "other")
    after = store.rename_direction("smile", "grin")
    assert {**vars(after), "name": "smile"} == vars(before) and after.vector().tolist() == [3, 4]
    assert [one.name for one in store.directions()] == ["grin", "other"]
    assert store.rename_direction("grin", "grin") == after
    for old, new, words in (
        ("smile", "x", "no direction 'smile' to rename"),
        ("grin", "other", "a direction 'other' already"),
        ("grin", "../x", "cannot name a direction"),
    ):
        with pytest.raises(StoreError, match=words):
            store.rename_direction(old, new)
    assert [one.name for one in store.directions()] == ["grin", "other"]


@pytest.mark.parametrize(
    "vector", [[], [0.0, 0.0], [1.0, float("nan")], [float("inf")], [1e39], [[1.0]], ["a"], 3.0, None, [True], [1j]]
)
def test_what_leads_nowhere_is_refused(store: Store, vector: Any) -> None:
    with pytest.raises(StoreError, match="vector of the direction 'smile'"):
        save(store, vector=vector)
    assert store.directions() == [] and list((store.root / "directions").iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "", "A", None])
def test_a_bad_name_is_refused(store: Store, name: Any) -> None:
    with pytest.raises(StoreError, match="cannot name a direction"):
        save(store, name)


def test_a_damaged_direction_is_found(store: Store) -> None:
    saved = save(store)
    saved.path.chmod(0o644)
    saved.path.write_bytes(saved.path.read_bytes()[:-1] + b"\x09")
    assert store.verify() == ["the vector of the direction 'smile' has changed since it was stored"]
    saved.path.write_bytes(b"{}")
    with pytest.raises(StoreError, match="vector of the direction 'smile' cannot be read"):
        saved.vector()
    saved.path.unlink()
    with pytest.raises(StoreError, match="vector of the direction 'smile' cannot be read"):
        saved.vector()
    assert store.verify() == ["the vector of the direction 'smile' is missing"]
