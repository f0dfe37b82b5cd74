# SPDX-License-Identifier: Apache-2.0
"""The page of a projection: what stands where, what its address keeps, and what it asks of other analyses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from registry.result import Result
from workbench.app import engine
from workbench.app.parts import launching, pictures
from workbench.runs import draws_source
from workbench.runs.spec import RunSpec
from workbench.store import RunRecord, Store

SEED = 3


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "store"))
    return engine.store()


def published(store: Store, of: str, **spec: Any) -> RunRecord:
    """A finished projection of ``z`` whose manifest says what its points are rows of."""
    asked = RunSpec("projection", params={"space": "z"}, seed=SEED, **spec)
    run, _ = store.submit(asked, of.ljust(64, "0")[:64], {})
    store.claim("test", run.id)
    result = Result(arrays={"rows": np.arange(4), "coordinates": np.zeros((4, 2), dtype=np.float32)})
    store.publish(run.id, result, {"seed": SEED, "samples": {"z": {"of": of}}})
    return store.run(run.id)


@pytest.mark.parametrize(
    ("of", "left"),
    [(draws_source("faces-dcgan", "z", SEED), None), ("orl-faces", "orl-faces")],
    ids=["draws", "rows"],
)
def test_a_run_asked_for_on_the_page_names_data_only_where_its_points_are_rows_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, of: str, left: str | None
) -> None:
    record = published(store, of, model="faces-dcgan", data="orl-faces")
    asked: list[RunSpec] = []

    def submit(_: Store, spec: RunSpec) -> RunRecord:
        asked.append(spec)
        return record

    monkeypatch.setattr("workbench.runs.submit", submit)
    launching.submit(record, "contrast", {"selection": "some"})
    assert asked == [RunSpec("contrast", "faces-dcgan", left, params={"selection": "some"}, seed=SEED)]
    assert pictures.source_of(record, engine.result_of(record)) == left
