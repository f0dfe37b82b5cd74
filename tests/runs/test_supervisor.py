# SPDX-License-Identifier: Apache-2.0
"""Runs in processes of their own: whatever a plugin does, its run ends, says why, and harms no other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from registry.errors import WorkbenchError
from workbench.runs import RunSpec, cancel, run, submit, wait
from workbench.runs.processes import is_alive, start_of
from workbench.runs.starting import ensure_supervisor, supervisor_of
from workbench.store import RunRecord, Store

FAMILY = ("worker", "plain", "own-session", "orphan")
LONG = 30.0  # seconds until a test gives up; nothing here takes that long


def trouble(kind: str, *, time_limit: float | None = None, memory_limit: int | None = None, **params: Any) -> RunSpec:
    return RunSpec(
        "trouble",
        data="toy-data",
        params={"kind": kind, **params},
        time_limit=time_limit,
        memory_limit=memory_limit,
    )


def pid_in(folder: Path, name: str) -> int:
    """The number that a process has left in a file."""
    until = time.monotonic() + LONG
    while not (folder / name).exists():
        assert time.monotonic() < until, f"{name} never started"
        time.sleep(0.01)
    return int((folder / name).read_text())


def gone(pids: dict[int, float]) -> bool:
    return not any(is_alive(pid, start) for pid, start in pids.items())


def ended(store: Store, spec: RunSpec) -> RunRecord:
    return wait(store, submit(store, spec).id, timeout=LONG)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("raises", "ValueError: the analysis is not well"),
        ("exits", "exit code 3"),
        ("segfaults", "signal SIGSEGV"),
        ("kills-itself", "signal SIGKILL"),
        ("calls-sys-exit", "sys.exit('enough')"),
        ("out-of-memory", "out of memory: Unable to allocate 9 TiB"),
        ("returns-nothing-good", "returned a dict, expected a Result"),
    ],
)
def test_a_crash_is_a_failed_run_that_says_why(store: Store, kind: str, words: str) -> None:
    record = ended(store, trouble(kind))
    assert record.status == "failed"
    assert words in record.error
    assert "trouble: " + kind in store.log(record.id)[0]


def test_an_exception_is_kept_with_its_traceback_and_a_crash_with_its_stack(store: Store) -> None:
    assert "raise ValueError" in ended(store, trouble("raises")).traceback
    assert "Segmentation fault" in ended(store, trouble("segfaults", tag=1)).traceback


def test_a_plugin_that_closes_its_output_is_done_all_the_same(store: Store) -> None:
    assert ended(store, trouble("closes-its-output")).status == "done"


@pytest.mark.parametrize(
    ("kind", "most"),
    [("sleeps", 0.8), ("hangs-in-c", 0.8), ("ignores", 2.5), ("ignores-and-hangs-in-c", 2.5)],
)
def test_cancel_ends_the_process_whatever_it_does(store: Store, tmp_path: Path, kind: str, most: float) -> None:
    record = submit(store, trouble(kind, folder=str(tmp_path)))
    pid = pid_in(tmp_path, "worker")
    time.sleep(0.1)  # into what it does
    start = start_of(pid)
    begun = time.monotonic()
    assert cancel(store, record.id, patience=LONG).status == "cancelled"
    assert time.monotonic() - begun < most + 1.0  # generous for a busy machine; the bench has the figures
    assert not is_alive(pid, start)
    kept = store.picture(record.id)
    assert (kept is not None and kept.told == "asleep") if kind in ("sleeps", "ignores") else kept is None


def test_cancel_ends_all_descendants_also_those_in_sessions_of_their_own(store: Store, tmp_path: Path) -> None:
    record = submit(store, trouble("forks", folder=str(tmp_path)))
    pid_in(tmp_path, "all-there")
    pids = {pid: start_of(pid) for pid in (pid_in(tmp_path, name) for name in FAMILY)}
    assert all(is_alive(pid, start) for pid, start in pids.items())
    assert cancel(store, record.id, patience=LONG).status == "cancelled"
    assert gone(pids)


def test_what_a_crashed_run_leaves_behind_is_ended(store: Store, tmp_path: Path) -> None:
    record = submit(store, trouble("forks", folder=str(tmp_path), tag=1))
    pid_in(tmp_path, "all-there")
    pids = {pid: start_of(pid) for pid in (pid_in(tmp_path, name) for name in FAMILY)}
    os.kill(pid_in(tmp_path, "worker"), 9)
    assert "SIGKILL" in wait(store, record.id, timeout=LONG).error
    assert gone(pids)


def test_a_neighbour_goes_on_while_others_crash(store: Store, tmp_path: Path) -> None:
    neighbour = submit(store, trouble("sleeps", seconds=1.5, folder=str(tmp_path)))
    pid_in(tmp_path, "worker")
    for tag in range(3):
        assert ended(store, trouble("segfaults", tag=10 + tag)).status == "failed"
    assert wait(store, neighbour.id, timeout=LONG).status == "done"


def test_the_time_limit_ends_a_run(store: Store) -> None:
    record = ended(store, trouble("ignores", time_limit=0.5))
    assert (record.status, record.error) == ("failed", "the run passed its time limit of 0.5 s")


def test_the_memory_limit_ends_a_run_near_the_limit(store: Store) -> None:
    limit = 400 * 2**20
    record = ended(store, trouble("eats-memory", memory_limit=limit))
    assert record.status == "failed"
    assert "more than its limit of 400 MiB" in record.error
    held = float(record.error.split("held ")[1].split(" MiB")[0].replace(",", ""))
    assert held * 2**20 < 2 * limit


def test_output_without_end_is_cut_in_the_log_and_stops_nothing(store: Store) -> None:
    record = ended(store, trouble("prints-without-end", time_limit=1.5))
    assert "time limit" in record.error
    size = (store.root / "logs" / f"{record.id}.log").stat().st_size
    assert 4 * 2**20 <= size < 4 * 2**20 + 1000
    assert "output cut here" in (store.root / "logs" / f"{record.id}.log").read_text()


def test_the_same_run_is_computed_once_and_again_when_asked(store: Store) -> None:
    first = ended(store, trouble("nothing"))
    second = submit(store, trouble("nothing"))
    assert (second.id, second.status) == (first.id, "done")
    third = wait(store, submit(store, trouble("nothing"), again=True).id, timeout=LONG)
    assert third.id != first.id and third.key == first.key


def test_two_processes_that_ask_for_the_same_run_get_one(store: Store) -> None:
    code = (
        "import sys\nfrom workbench.store import Store\nfrom workbench.runs import RunSpec, submit, wait\n"
        "store = Store.open(sys.argv[1])\n"
        "record = submit(store, RunSpec('trouble', data='toy-data', params={'kind': 'sleeps', 'seconds': 1.0}))\n"
        "print(wait(store, record.id).id)"
    )
    asking = [
        subprocess.Popen([sys.executable, "-c", code, store.location], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = {one.communicate(timeout=LONG)[0].strip() for one in asking}
    assert len(answers) == 1 and "" not in answers
    assert len([one for one in store.runs(analysis="trouble", limit=1000) if one.params.get("seconds") == 1.0]) == 1


def test_a_queued_run_is_cancelled_at_once(store: Store) -> None:
    blocking = [submit(store, trouble("sleeps", tag=20 + row)) for row in range(3)]
    waiting = submit(store, trouble("nothing", tag=20))
    assert cancel(store, waiting.id).status == "cancelled"
    for one in blocking:
        assert cancel(store, one.id, patience=LONG).status == "cancelled"
    assert store.run(waiting.id).pid is None


def test_progress_is_seen_while_it_runs(store: Store) -> None:
    seen: list[float] = []
    record = submit(store, trouble("sleeps", seconds=1.2))
    done = wait(store, record.id, on_progress=lambda one: seen.append(one.fraction), timeout=LONG)
    assert done.status == "done" and store.picture(done.id) is None
    assert len(seen) > 2 and seen == sorted(seen)


def test_run_gives_the_result_or_raises_why_there_is_none(store: Store) -> None:
    result = run("trouble", data="toy-data", store=store, kind="nothing", tag=30)
    assert result.numbers()["threads"] == 1
    with pytest.raises(WorkbenchError, match=r"failed: ValueError: the analysis is not well"):
        run("trouble", data="toy-data", store=store, kind="raises", tag=30)


def test_an_interrupt_in_run_cancels_it(store: Store, tmp_path: Path) -> None:
    code = (
        "import signal, sys\nfrom workbench.runs import run\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore interrupts
        "run('trouble', data='toy-data', store=sys.argv[1], kind='sleeps', folder=sys.argv[2])"
    )
    command = [sys.executable, "-c", code, store.location, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as asking:
        pid = pid_in(tmp_path, "worker")
        start = start_of(pid)
        asking.send_signal(2)
        asking.communicate(timeout=LONG)
    assert not is_alive(pid, start)
    newest = store.runs(analysis="trouble", limit=1)[0]
    assert newest.status == "cancelled"


def test_there_is_one_supervisor_however_many_ask(store: Store) -> None:
    ensure_supervisor(store)
    first = supervisor_of(store)
    code = "import sys\nfrom workbench.store import Store\nfrom workbench.runs import ensure_supervisor\n"
    code += "ensure_supervisor(Store.open(sys.argv[1]))"
    asking = [subprocess.Popen([sys.executable, "-c", code, store.location]) for _ in range(3)]
    assert [one.wait(timeout=LONG) for one in asking] == [0, 0, 0]
    assert supervisor_of(store)["pid"] == first["pid"]
    named = [
        one.pid
        for one in psutil.process_iter(["cmdline"])
        if store.location in (one.info["cmdline"] or []) and "workbench.runs.supervisor" in one.info["cmdline"]
    ]
    assert named == [first["pid"]]


def test_nothing_is_left_between_runs(store: Store) -> None:
    """The supervisor's only child is the zygote, and that has none."""
    until = time.monotonic() + LONG
    while any(one.status == "running" for one in store.runs(limit=1000)):
        assert time.monotonic() < until
        time.sleep(0.05)
    about = supervisor_of(store)
    below = psutil.Process(int(str(about["pid"]))).children(recursive=True)
    assert [one.pid for one in below] == [about["zygote"]]
    assert not list((store.root / "supervisor").glob("*.out"))


def test_what_an_analysis_writes_where_it_stands_goes_with_the_run(store: Store) -> None:
    assert ended(store, trouble("litters")).status == "done"
    assert list(store.root.rglob("litter.txt")) == []


def test_points_may_be_an_array_of_the_program(store: Store) -> None:
    import numpy as np

    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    np.save(store.root / "same.npy", points)
    asked = {"store": store, "space": "points"}
    assert (
        run("mean", points=points, **asked).numbers() == run("mean", points=store.root / "same.npy", **asked).numbers()
    )
    assert len(list((store.root / "uploads").glob("*.npy"))) == 1
    with pytest.raises(WorkbenchError, match="give an array of numbers"):
        run("mean", points=np.array(["a", "b"]), **asked)
