# SPDX-License-Identifier: Apache-2.0
"""Kill -9 of the supervisor and the zygote with runs in flight: nothing is left running, and the queue goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from workbench.runs import RunSpec, ensure_supervisor, run, submit, wait
from workbench.runs.places import PATIENCE, Places, ring
from workbench.runs.processes import is_alive, start_of
from workbench.runs.starting import supervisor_of
from workbench.store import RunRecord, Store

pytestmark = pytest.mark.crash

PLUGINS = Path(__file__).parent.parent / "runs" / "plugins_folder"
FAMILY = ("worker", "plain", "own-session", "orphan")
LONG = 60.0


@pytest.fixture
def store(_own_places: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with two slots, and the plugins that make trouble."""
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(PLUGINS))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toy,troubles")
    monkeypatch.setenv("WORKBENCH_SLOTS", "2")
    monkeypatch.setenv("WORKBENCH_THREADS", "1")
    monkeypatch.setenv("WORKBENCH_SUPERVISOR_IDLE", "60")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Store.open(tmp_path / "store") as opened:
        yield opened
        until(lambda: stopped(opened))


def stopped(store: Store) -> bool:
    """Whether the store has no supervisor; one that is there, also one that took over only now, is asked to leave."""
    about = supervisor_of(store)
    if about:
        with suppress(ProcessLookupError):
            os.kill(int(str(about["pid"])), signal.SIGTERM)
    return not about


def until(true: Any) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def trouble(store: Store, kind: str, **params: Any) -> RunRecord:
    return submit(store, RunSpec("trouble", data="toy-data", params={"kind": kind, **params}))


def family_in(folder: Path, names: tuple[str, ...] = FAMILY) -> dict[int, float]:
    until(lambda: all((folder / name).exists() for name in names))
    pids = [int((folder / name).read_text()) for name in names]
    return {pid: start_of(pid) for pid in pids}


def killed(store: Store, who: str) -> None:
    # Submissions in quick succession may start a second supervisor, which waits so long for the first one's lock:
    # it must have given up, or it takes over at once and nothing can be seen of a store without one.
    time.sleep(PATIENCE + 0.5)
    about = supervisor_of(store)
    pid = int(str(about[who]))
    start = start_of(pid)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(pid, start))


def test_a_killed_supervisor_takes_its_runs_along_and_the_next_one_marks_them(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = trouble(store, "forks", folder=str(tmp_path / "a"))
    second = trouble(store, "ignores", folder=str(tmp_path / "b"))
    queued = trouble(store, "nothing")
    until((tmp_path / "a" / "all-there").exists)
    family = family_in(tmp_path / "a")
    worker = family_in(tmp_path / "b", ("worker",))
    killed(store, "pid")
    workers = {**worker, **dict(list(family.items())[:1])}
    until(lambda: not any(is_alive(pid, start) for pid, start in workers.items()))  # by the kernel, with no supervisor
    assert {store.run(one.id).status for one in (first, second)} == {"running"}
    ensure_supervisor(store)
    for one in (first, second):
        ended = wait(store, one.id, timeout=LONG)
        assert ended.status == "failed"
        assert "the worker process is gone" in ended.error
    assert wait(store, queued.id, timeout=LONG).status == "done"
    assert not any(is_alive(pid, start) for pid, start in family.items())  # also those in other sessions
    until(lambda: not list((store.root / "supervisor").glob("*.out")))  # the last goes once its process is reaped


def test_a_killed_zygote_fails_its_runs_and_a_new_one_takes_the_next(store: Store, tmp_path: Path) -> None:
    record = trouble(store, "forks", folder=str(tmp_path))
    until((tmp_path / "all-there").exists)
    family = family_in(tmp_path)
    before = supervisor_of(store)["pid"]
    killed(store, "zygote")
    assert wait(store, record.id, timeout=LONG).status == "failed"
    assert not any(is_alive(pid, start) for pid, start in family.items())
    assert wait(store, trouble(store, "nothing").id, timeout=LONG).status == "done"
    assert supervisor_of(store)["pid"] == before


def test_many_kills_lose_no_run_and_leave_none_running(store: Store) -> None:
    done: list[RunRecord] = []
    for round_ in range(3):
        asked = [trouble(store, "sleeps", seconds=0.3, tag=10 * round_ + row) for row in range(3)]
        until(lambda asked=asked: any(store.run(one.id).status != "queued" for one in asked))
        time.sleep(0.05 * round_)
        if round_ % 2:
            killed(store, "zygote") if supervisor_of(store).get("zygote") else None
        else:
            until(lambda: bool(supervisor_of(store).get("pid")))
            killed(store, "pid")
        supervisor = supervisor_of(store).get("pid") if round_ % 2 else None
        done += [wait(store, one.id, timeout=LONG) for one in asked]
        assert supervisor in (None, supervisor_of(store).get("pid"))  # it has outlived its zygote
    assert {one.status for one in done} <= {"done", "failed"}
    told = [(one.status, one.error) for one in done]
    assert sum(one.status == "done" for one in done) >= 3, told  # those that were only queued are computed
    assert not store.runs(status="running")
    assert store.verify() == []


def test_a_run_of_a_living_program_is_not_touched_by_a_new_supervisor(store: Store) -> None:
    record, _ = store.submit(RunSpec("trouble", data="toy-data", params={"kind": "nothing"}), "0" * 64, {})
    assert store.claim("inline", run_id=record.id) is not None
    store.started(record.id, os.getpid(), start_of(os.getpid()), "cpu")
    ensure_supervisor(store)
    until(lambda: bool(supervisor_of(store)))
    assert run("trouble", data="toy-data", store=store, kind="nothing").numbers()["threads"] == 1
    assert store.run(record.id).status == "running"
    store.fail(record.id, "cancelled", "over")


def test_a_run_whose_program_was_closed_is_marked_by_the_supervisor_that_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys\nfrom workbench.runs import run\n"
        "run('trouble', data='toy-data', store=sys.argv[1], inline=True, kind='sleeps', folder=sys.argv[2])"
    )
    place = store.root.parent
    program = subprocess.Popen([sys.executable, "-c", code, store.location, str(place)])
    family_in(place, ("worker",))
    program.kill()
    program.wait()
    record = store.runs(limit=1)[0]
    assert record.status == "running"
    ended = wait(store, record.id, timeout=LONG)
    assert ended.status == "failed" and "the worker process is gone" in ended.error


def test_a_store_that_is_out_of_reach_for_a_moment_ends_no_run(store: Store, tmp_path: Path) -> None:
    """The database is out of reach for a while: the run goes on, and its end is written when that is possible."""
    (tmp_path / "a").mkdir()
    record = trouble(store, "sleeps", seconds=3.0, folder=str(tmp_path / "a"))
    family_in(tmp_path / "a", ("worker",))
    before = supervisor_of(store)["pid"]
    with sqlite3.connect(store.root / "store.sqlite", isolation_level=None) as blocking:
        blocking.execute("BEGIN EXCLUSIVE")
        time.sleep(1.0)
        blocking.execute("ROLLBACK")
    blocking.close()
    assert wait(store, record.id, timeout=LONG).status == "done"
    assert supervisor_of(store)["pid"] == before


def test_an_idle_supervisor_leaves_and_the_next_run_starts_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_SUPERVISOR_IDLE", "0.3")
    assert wait(store, trouble(store, "nothing").id, timeout=LONG).status == "done"
    ring(Places(store.root))
    until(lambda: not supervisor_of(store))
    assert wait(store, trouble(store, "nothing", tag=1).id, timeout=LONG).status == "done"


def test_plugins_that_bring_nothing_are_not_listed_again_by_every_run(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    shutil.copytree(PLUGINS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    counted = tmp_path / "listed"
    text = f"import pathlib, time\nwith open({str(counted)!r}, 'a') as file: file.write('x')\ntime.sleep(60)\n"
    (folder / "slow.py").write_text(text)
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    monkeypatch.setenv("WORKBENCH_PLUGINS", "toy,troubles,slow")
    monkeypatch.setenv("WORKBENCH_PLUGIN_TIMEOUT", "0.5")
    assert wait(store, trouble(store, "nothing").id, timeout=LONG).status == "done"
    assert counted.read_text() == "x"


def test_changed_code_of_a_plugin_is_what_the_next_run_computes_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    shutil.copytree(PLUGINS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    first = run("mean", model="toy", space="z", store=store)
    text = (folder / "toy.py").read_text()
    (folder / "toy.py").write_text(text.replace('metrics = {"mean": float(', 'metrics = {"mean": 1000 + float('))
    second = run("mean", model="toy", space="z", store=store)
    assert second.numbers()["mean"] == pytest.approx(first.numbers()["mean"] + 1000)
