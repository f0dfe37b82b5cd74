# SPDX-License-Identifier: Apache-2.0
"""Several processes at one store, and a disk that takes no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from registry.errors import StoreError
from registry.result import Result
from workbench.runs.spec import RunSpec
from workbench.store import Store

WORKER = """
import sys
from registry.result import Result
from workbench.store import Store
with Store.open(sys.argv[1]) as store:
    while (run := store.claim(sys.argv[2])) is not None:
        print(run.id, flush=True)
        if int(run.id, 16) % 8 == 0:
            store.publish(run.id, Result(metrics={"seed": run.seed}), {})
"""
OPENER = "import sys; from workbench.store import Store; store = Store.open(sys.argv[1]); print(len(store.runs()))"
SUBMITTER = """
import sys
from workbench.runs.spec import RunSpec
from workbench.store import Store
with Store.open(sys.argv[1]) as store:
    print(*(store.submit(RunSpec("a"), f"{n:064x}", {})[0].id for n in range(20)))
"""
LIMITED = """
import resource, sys
import numpy as np
from registry.errors import StoreError
from registry.result import Result
from workbench.store import Store
store = Store.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
try:
    store.publish(sys.argv[2], Result(arrays={"big": np.zeros(2**20)}), {})
except StoreError as error:
    print(error)
    print(store.fail(sys.argv[2], "failed", str(error)).status)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def said(processes: list[subprocess.Popen[str]]) -> list[str]:
    given = [one.communicate(timeout=120)[0] for one in processes]
    assert [one.returncode for one in processes] == [0] * len(processes)
    return given


def test_no_run_is_claimed_twice(store: Store) -> None:
    asked = {store.submit(RunSpec("a", seed=n), f"{n:064x}", {})[0].id for n in range(200)}
    claimed = [given.split() for given in said([start(WORKER, store.location, f"w{n}") for n in range(4)])]
    assert sorted(one for some in claimed for one in some) == sorted(asked)
    for number, some in enumerate(claimed):
        assert {store.run(one).worker for one in some} <= {f"w{number}"}
    done = store.runs(status="done", limit=200)
    assert {one.id for one in done} == {one for one in asked if int(one, 16) % 8 == 0}
    assert all(one.metrics == {"seed": one.seed} for one in done) and store.verify() == []


def test_processes_that_open_a_new_store_at_once_make_it_once(tmp_path: Path) -> None:
    location = str(tmp_path / "store")
    assert said([start(OPENER, location) for _ in range(4)]) == ["0\n"] * 4
    with Store.open(location) as store:
        assert store.verify() == [] and not list(store.root.glob("store-*.sqlite"))


def test_the_same_run_submitted_at_once_is_one_run(store: Store) -> None:
    first, *others = said([start(SUBMITTER, store.location) for _ in range(3)])
    assert others == [first] * 2 and store.count() == 20


def left(store: Store) -> list[str]:
    return [one.name for name in ("runs", "staging") for one in (store.root / name).iterdir()]


def test_a_file_that_cannot_grow_fails_the_publication_whole(store: Store, claimed: Any) -> None:
    run = claimed()
    (given,) = said([start(LIMITED, store.location, run.id)])
    sentence, status = given.splitlines()
    assert f"the result of run {run.id} could not be stored" in sentence and status == "failed"
    assert store.run(run.id).error == sentence and left(store) == []


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own, where this machine lets tests make one."""
    folder.mkdir()
    made = (
        os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]).returncode == 0
    )
    if not made:
        pytest.skip("a disk of its own needs root and the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_half_visible(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "size=4m") as folder, Store.open(folder / "store") as store:
        first, second = (store.submit(RunSpec("a"), f"{n:064x}", {})[0] for n in range(2))
        store.claim("w"), store.claim("w")
        store.publish(first.id, Result(arrays={"small": np.arange(1000)}), {})
        with pytest.raises(StoreError, match=r"could not be stored.*: .*disk has space"):
            store.publish(second.id, Result(arrays={"big": np.zeros(2**20)}), {})
        assert left(store) == [first.id] and store.run(second.id).status == "running"
        assert store.fail(second.id, "failed", "the disk is full").status == "failed"
        assert store.verify() == [] and store.gc().removed == []


def test_a_database_that_cannot_grow_is_said(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "size=2m") as folder, Store.open(folder / "store") as store:
        run = store.submit(RunSpec("a"), "0" * 64, {})[0]
        store.claim("w")
        (folder / "ballast").write_bytes(b"x" * 2**16)
        with (folder / "ballast").open("ab", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(b"x" * 4096)
        with pytest.raises(StoreError, match="full|disk"):
            for number in range(1000):
                store.submit(RunSpec("a", params={"text": "y" * 4096}), f"{number:064x}", {"text": "y" * 4096})
        with pytest.raises(StoreError, match="disk has space|is full"):
            store.publish(run.id, Result(metrics={"m": 1.0}), {})
        (folder / "ballast").unlink()
        assert store.publish(run.id, Result(metrics={"m": 1.0}), {}).status == "done"
        assert store.verify() == []


def test_a_read_only_disk_is_said(store: Store, claimed: Any, tmp_path: Path) -> None:
    run = claimed()
    with disk(tmp_path / "disk", "ro") as folder:
        with pytest.raises(StoreError, match="cannot be made.*Read-only"):
            Store.open(folder / "store")
        (store.root / "staging").rmdir()
        (store.root / "staging").symlink_to(folder)
        with pytest.raises(StoreError, match="Read-only"):
            store.publish(run.id, Result(metrics={"m": 1.0}), {})
        assert store.fail(run.id, "failed", "the disk is read-only").status == "failed"
