# SPDX-License-Identifier: Apache-2.0
"""A store of its own for each test, and short ways to fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.result import Result
from workbench.runs.spec import RunSpec
from workbench.store import RunRecord, Store

Submit = Callable[..., RunRecord]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def submit(store: Store) -> Submit:
    """Submits a run of its own key."""
    numbers = iter(range(10**6))

    def submit(analysis: str = "projection", key: str | None = None, again: bool = False, **about: Any) -> RunRecord:
        preimage = {"analysis": {"name": analysis, "version": "3"}}
        return store.submit(RunSpec(analysis, **about), key or f"{next(numbers):064x}", preimage, again=again)[0]

    return submit


@pytest.fixture
def claimed(store: Store, submit: Submit) -> Submit:
    """Submits a run and claims it."""

    def claimed(**about: Any) -> RunRecord:
        found = store.claim("worker", submit(**about).id)
        assert found is not None
        return found

    return claimed


@pytest.fixture
def done(store: Store, claimed: Submit) -> Submit:
    """A run that has been published."""

    def done(result: Result | None = None, **about: Any) -> RunRecord:
        return store.publish(claimed(**about).id, result or Result(metrics={"stress": 0.25}), {})

    return done
