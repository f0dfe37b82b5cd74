# SPDX-License-Identifier: Apache-2.0
"""The last picture of a run under way: replaced by the next, kept without a result, gone with one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from registry.errors import StoreError
from registry.result import Result
from workbench.store import Store


def grey(value: int) -> Any:
    return np.full((5, 7), value, np.uint8)


def test_the_last_picture_replaces_the_one_before_with_its_words(store: Store, claimed: Any) -> None:
    run = claimed()
    assert store.picture(run.id) is None
    store.save_picture(run.id, grey(1), "step 1")
    store.save_picture(run.id, grey(9), "Schritt 2: ±1 · größer")
    found = store.picture(run.id)
    assert found is not None and found.told == "Schritt 2: ±1 · größer"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(found.png))), grey(9))
    assert len(list((store.root / "pictures").iterdir())) == 1


def test_it_is_kept_when_the_run_is_cancelled_and_gone_when_it_is_published_or_deleted(
    store: Store, claimed: Any
) -> None:
    cancelled = claimed()
    store.save_picture(cancelled.id, grey(3))
    store.fail(cancelled.id, "cancelled", "cancelled")
    done = claimed()
    store.save_picture(done.id, grey(4))
    store.publish(done.id, Result(), {})
    assert store.picture(done.id) is None
    assert store.gc().removed == [] and store.picture(cancelled.id) is not None
    store.delete_run(cancelled.id)
    assert list((store.root / "pictures").iterdir()) == []


def test_a_killed_write_leaves_the_one_before_and_gc_takes_the_rest(store: Store, claimed: Any) -> None:
    running = claimed()
    store.save_picture(running.id, grey(3))
    half = store.root / "pictures" / f"{running.id}.123"
    half.write_bytes(b"half")
    (store.root / "pictures" / "dddddddddddd.png").write_bytes(b"of no run")
    assert store.gc().removed == ["pictures/dddddddddddd.png"] and half.exists()
    assert store.picture(running.id) is not None


def test_what_is_no_picture_or_no_run_is_refused(store: Store, claimed: Any) -> None:
    run = claimed()
    (store.root / "pictures" / f"{run.id}.png").write_bytes(b"not a picture")
    assert store.picture(run.id) is None
    with pytest.raises(StoreError, match="no id of a run"):
        store.save_picture("../escape", grey(0))
