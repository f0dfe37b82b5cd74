# SPDX-License-Identifier: Apache-2.0
"""The same store on PostgreSQL: run where ``WORKBENCH_TEST_POSTGRESQL`` is the address of a database to write to."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from registry.result import Finding, Result
from workbench.runs.spec import RunSpec
from workbench.store import Store

ADDRESS = os.environ.get("WORKBENCH_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not ADDRESS, reason="WORKBENCH_TEST_POSTGRESQL names no database")


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store on the database, with files in a folder of the test; its runs are deleted at the end."""
    monkeypatch.setenv("WORKBENCH_ARTIFACTS", str(tmp_path))
    with Store.open(ADDRESS) as store:
        yield store
        for run in store.runs(limit=10_000):
            store.fail(run.id, "cancelled", "the test is over")
            store.delete_run(run.id)


def claims(worker: str) -> list[str]:
    with Store.open(ADDRESS) as store:
        found = []
        while (run := store.claim(worker)) is not None:
            found.append(run.id)
        return found


def test_no_run_is_claimed_twice(remote: Store) -> None:
    asked = [remote.submit(RunSpec("a", seed=n), secrets.token_hex(32), {})[0].id for n in range(60)]
    with ThreadPoolExecutor(4) as pool:
        claimed = [one for some in pool.map(claims, "abcd") for one in some]
    assert sorted(claimed) == sorted(asked)


def test_a_run_lives_as_on_sqlite(remote: Store) -> None:
    run, new = remote.submit(
        RunSpec("a", params={"k": [1, "ü"]}), secrets.token_hex(32), {"analysis": {"version": "2"}}
    )
    assert new and remote.claim("w", run.id) is not None
    remote.started(run.id, 1, 1.5, "cpu")
    remote.progress(run.id, 0.5, "half")
    result = Result({"a": math.nan, "b": 1.0}, arrays={"x": np.arange(3)}, findings=[Finding("a.b", "so", 1.0)])
    done = remote.publish(run.id, result, {})
    assert (done.status, done.analysis_version, done.params, done.metrics["b"]) == ("done", "2", {"k": [1, "ü"]}, 1.0)
    assert math.isnan(done.metrics["a"]) and remote.findings()[0].statement == "so"
    assert remote.result(run.id).array("x").tolist() == [0, 1, 2]
    assert remote.verify() == [] and remote.gc().removed == []
    failed, _ = remote.submit(RunSpec("a"), secrets.token_hex(32), {})
    assert remote.fail(failed.id, "failed", "a \x00 byte").error == "a \ufffd byte"
    remote.save_slice("s", "digits", [2, 1], replace=True)
    assert remote.slice("s").rows().tolist() == [1, 2]
    remote.save_slice("t", "digits", [2, 3], replace=True)
    assert remote.combine_slices("both", "and", ["s", "t"], replace=True).rows().tolist() == [2]
    for name in ("s", "t", "both"):
        remote.delete_slice(name)
    kept = remote.save_direction(
        "d", model=None, fingerprint="", space="z", vector=[1.5], how={"n": 1}, card={"ü": [0.5]}, replace=True
    )
    assert kept == remote.direction("d") and kept.vector().tolist() == [1.5] and kept.card == {"ü": [0.5]}
    remote.delete_direction("d")
    remote.want_description("m", "1")
    assert remote.save_description("m", "1", json="{}").status == "ready"
