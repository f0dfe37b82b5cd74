# SPDX-License-Identifier: Apache-2.0
"""The store under ``kill -9`` at random moments, and its speed against the same steps written with plain sqlite3.

``python -m benchmarks store`` does 1,000 kills; ``python benchmarks/bench_store.py --kills 100 --json`` is what the
crash test calls.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from registry.result import Finding, Metric, Result
from workbench.runs.spec import RunSpec
from workbench.store import Store

LONGEST = 0.5  # seconds that a writer lives, about: a few publications
WRITERS = 2  # at once
FUSES = {"os.rename": 3, "os.chmod": 12, "open": 40, "os.mkdir": 8}  # calls that a writer may die at: up to the n-th
LOOK_EVERY = 25  # kills between two looks at the database and two collections of garbage


def result_of(run_id: str) -> Result:
    """A small result that only the run's id decides, so that what is read back can be compared."""
    generator = np.random.default_rng(int(run_id, 16))
    return Result(
        metrics={"mean": Metric(float(generator.random()), low=0.0, high=1.0, n=64)},
        arrays={"points": generator.random((64, 3)), "order": generator.permutation(64)},
        images={"sheet": generator.integers(0, 256, (8, 8), dtype=np.uint8)},
        charts={"map": {"mark": "point", "data": {"values": [{"x": float(generator.random())}]}}},
        findings=[Finding("crash.published", f"run {run_id} was published", 1.0)],
    )


def write_until_killed(location: str, acknowledgements: int, worker: str, adopted: str | None) -> None:
    """Publish one result after the other; write each id down only when ``publish`` has returned."""
    with Store.open(location) as store:
        run_id = adopted
        while True:
            if run_id is None:
                run, _ = store.submit(RunSpec("crash"), os.urandom(32).hex(), {})
                store.claim(worker, run.id)
                run_id = run.id
            store.progress(run_id, 0.5, "half")
            store.publish(run_id, result_of(run_id), {"worker": worker})
            os.write(acknowledgements, f"{run_id}\n".encode())
            run_id = None


def light(fuse: str) -> None:
    """Have this process die, by SIGKILL, right before the n-th call of a kind (``os.rename:2``)."""
    wanted, _, count = fuse.partition(":")
    left = [int(count)]

    def burn(event: str, _: Any) -> None:
        if event == wanted:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(burn)


def nursery(location: str, acknowledged: str) -> None:
    """A process with everything imported that forks a writer for each line it is given, and says its pid."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    acknowledgements = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for line in sys.stdin:
        worker, fuse, adopted = line.rstrip("\n").split(" ")
        child = os.fork()
        if child == 0:
            try:
                if fuse:
                    light(fuse)
                write_until_killed(location, acknowledgements, worker, adopted or None)
            finally:
                os._exit(3)  # a writer only ends by being killed; anything else is seen by its number of kills
        print(child, flush=True)


class Trial:
    """Kills of writers, half at random moments and half at random calls, and the count of what went wrong."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.store = Store.open(folder / "store")
        self.acknowledged = folder / "acknowledged"
        self.random = random.Random(seed)
        self.workers = 0
        self.left: list[str] = []  # runs that a killed writer left running, for another one to adopt
        self.counts = dict.fromkeys(
            (
                "kills",
                "at_a_call",
                "in_staging",
                "between_rename_and_commit",
                "adopted",
                "not_intact",
                "died_by_themselves",
            ),
            0,
        )
        command = [sys.executable, str(Path(__file__).resolve()), "--nursery", self.store.location]
        self.nursery = subprocess.Popen(
            [*command, str(self.acknowledged)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, kills: int) -> dict[str, Any]:
        """Kill so many writers; then compare everything that was acknowledged with what is stored."""
        started = time.perf_counter()
        alive = [self._start() for _ in range(WRITERS)]
        for number in range(kills):
            time.sleep(self.random.random() * LONGEST / WRITERS)
            gone = [one for one in alive if not Path(f"/proc/{one[0]}").exists()]
            chosen = gone[0] if gone else self.random.choice(alive)
            alive.remove(chosen)
            self._kill(*chosen)
            if number % LOOK_EVERY == LOOK_EVERY - 1:
                self._look()
            alive.append(self._start())
        for one in alive:
            self._kill(*one)
        self._pipe(self.nursery.stdin).close()
        self.nursery.wait(timeout=60)
        self._pipe(self.nursery.stdout).close()
        self._look()
        report = {**self.counts, **self._compare(), "seconds": round(time.perf_counter() - started, 1)}
        self.store.close()
        return report

    def _start(self) -> tuple[int, str, str]:
        self.workers += 1
        worker = f"w{self.workers}"
        adopted = self.left.pop() if self.left and self.random.random() < 0.5 else ""
        self.counts["adopted"] += bool(adopted)
        if adopted:  # as a supervisor does that gives the run to another worker
            with self.store._database.write() as connection:
                connection.exec_driver_sql("UPDATE run SET worker = ? WHERE id = ?", (worker, adopted))
        order = self._pipe(self.nursery.stdin)
        call = self.random.choice(list(FUSES))
        fuse = f"{call}:{self.random.randint(1, FUSES[call])}" if self.random.random() < 0.5 else ""
        order.write(f"{worker} {fuse} {adopted}\n")
        order.flush()
        return int(self._pipe(self.nursery.stdout).readline()), worker, fuse

    def _kill(self, pid: int, worker: str, fuse: str) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            self.counts["at_a_call" if fuse else "died_by_themselves"] += 1
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.0005)
        self.counts["kills"] += 1
        for run in self.store.runs(status="running"):
            if run.worker == worker:
                self.counts["in_staging"] += (self.store.root / "staging" / run.id).exists()
                self.counts["between_rename_and_commit"] += (self.store.root / "runs" / run.id).exists()
                self.left.append(run.id)

    def _look(self) -> None:
        """Integrity of the database, and garbage collected while writers live."""
        with self.store._database.read() as connection:
            intact = connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        self.counts["not_intact"] += not intact
        self.store.gc()

    def _compare(self) -> dict[str, int]:
        with (
            self.store._database.write() as connection
        ):  # not by fail(), which clears up at once; some orphans are left for gc
            connection.exec_driver_sql("UPDATE run SET status = 'failed' WHERE status = 'running'")
        orphans = self.store.gc().removed
        acknowledged = self.acknowledged.read_text().split()
        done = {run.id for run in self.store.runs(status="done", limit=10**6)}
        return {
            "acknowledged": len(acknowledged),
            "committed": len(done),
            "acknowledged_lost": sum(one not in done for one in acknowledged),
            "done_but_wrong": sum(not self._is_right(one) for one in done),
            "problems": len(self.store.verify()),
            "orphans_before_gc": len(orphans),
            "orphans_after_gc": len(self.store.gc(dry_run=True).removed),
            "folders_too_many": len({one.name for one in (self.store.root / "runs").iterdir()} ^ done)
            + len(list((self.store.root / "staging").iterdir())),
        }

    def _is_right(self, run_id: str) -> bool:
        stored, wanted = self.store.result(run_id), result_of(run_id)
        if stored.verify():
            return False
        return (
            stored.metrics == wanted.metrics
            and stored.findings == wanted.findings
            and len(self.store.artifacts(run_id)) == 6
            and all(np.array_equal(stored.array(name), one) for name, one in wanted.arrays.items())
            and np.array_equal(stored.image("sheet"), wanted.images["sheet"])
            and stored.chart("map") == wanted.charts["map"]
        )

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def milliseconds(call: Callable[[int], Any], repeats: int) -> float:
    """Median time of ``call(number)``."""
    taken = []
    for number in range(repeats):
        begun = time.perf_counter()
        call(number)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken)) * 1e3


def lifecycle(folder: Path, repeats: int = 100) -> dict[str, float]:
    """Median milliseconds of each step of a run's life in the store."""
    points = np.zeros((64, 3))
    result = Result(metrics={"a": 1.0, "b": 2.0}, arrays={"points": points})
    with Store.open(folder / "ours") as store:
        ids: list[str] = []

        def submit(number: int) -> None:
            ids.append(store.submit(RunSpec("a", "m", params={"k": number}), f"{number:064x}", {"k": number})[0].id)

        return {
            "submit": milliseconds(submit, repeats),
            "claim": milliseconds(lambda number: store.claim("w"), repeats),
            "progress": milliseconds(lambda number: store.progress(ids[number], 0.5, "half"), repeats),
            "publish": milliseconds(lambda number: store.publish(ids[number], result, {"k": number}), repeats),
            "by key": milliseconds(lambda number: store.by_key(f"{number:064x}"), repeats),
        }


def lifecycle_by_hand(folder: Path, repeats: int = 100) -> dict[str, float]:
    """The rival: the same steps with the same files and syncs, written with plain sqlite3 for this one purpose."""
    folder = folder / "rival"
    (folder / "runs").mkdir(parents=True)
    database = sqlite3.connect(folder / "db", isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "CREATE TABLE run (id TEXT PRIMARY KEY, key TEXT, params TEXT, status TEXT, fraction REAL, created TEXT);"
        "CREATE TABLE metric (run TEXT REFERENCES run, name TEXT, value REAL, PRIMARY KEY (run, name));"
        "CREATE TABLE artifact (run TEXT REFERENCES run, file TEXT, sha256 TEXT, bytes INT, PRIMARY KEY (run, file));"
        "CREATE INDEX by_key ON run (key); CREATE INDEX by_status ON run (status, created)"
    )

    def write(*statements: tuple[str, tuple[Any, ...]]) -> None:
        database.execute("BEGIN IMMEDIATE")
        for statement, values in statements:
            database.execute(statement, values)
        database.execute("COMMIT")

    def sync(path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    def publish(number: int) -> None:
        staging, target = folder / f"s{number}", folder / "runs" / str(number)
        (staging / "arrays").mkdir(parents=True)
        np.save(staging / "arrays" / "points.npy", np.zeros((64, 3)))
        (staging / "result.json").write_text(json.dumps({"metrics": {"a": 1.0, "b": 2.0}}))
        (staging / "manifest.json").write_text(json.dumps({"k": number}))
        files = [one for one in staging.rglob("*") if one.is_file()]
        rows = [(str(number), one.name, hashlib.sha256(one.read_bytes()).hexdigest(), 1) for one in files]
        for one in (*files, staging / "arrays", staging):
            sync(one)
        os.rename(staging, target)
        sync(folder / "runs")
        write(
            *(("INSERT INTO artifact VALUES (?, ?, ?, ?)", row) for row in rows),
            *(("INSERT INTO metric VALUES (?, ?, 1.0)", (str(number), name)) for name in "ab"),
            ("UPDATE run SET status = 'done' WHERE id = ?", (str(number),)),
        )

    insert = "INSERT INTO run VALUES (?, ?, '{}', 'queued', 0, ?)"
    oldest = "UPDATE run SET status = 'running' WHERE id = (SELECT id FROM run WHERE status = 'queued' LIMIT 1)"
    found = "SELECT * FROM run WHERE key = ? AND status = 'done'"
    steps: dict[str, Callable[[int], Any]] = {
        "submit": lambda number: write((insert, (str(number), f"{number:064x}", time.time()))),
        "claim": lambda number: write((oldest, ())),
        "progress": lambda number: write(("UPDATE run SET fraction = 0.5 WHERE id = ?", (str(number),))),
        "publish": publish,
        "by key": lambda number: database.execute(found, (f"{number:064x}",)).fetchall(),
    }
    times = {name: milliseconds(step, repeats) for name, step in steps.items()}
    database.close()
    return times


def many_runs(folder: Path, runs: int = 10_000) -> dict[str, float]:
    """Median milliseconds of what pages ask, with so many runs in the store."""
    with Store.open(folder / "many") as store:
        for number in range(4):
            store.submit(RunSpec("a"), f"{number:064x}", {})
        run = store.claim("w")
        assert run is not None
        found = [Finding("a.b", "so it is", 1.0)]
        store.publish(run.id, Result(metrics={"a": 1.0, "b": 2.0}, findings=found), {})
        copies = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO {table} SELECT {columns} FROM {table}, n WHERE {table}.{id} = ?"
        )
        with store._database.write() as connection:
            for table, key in (("run", "id"), ("run_metric", "run_id"), ("finding", "run_id"), ("artifact", "run_id")):
                names = [str(row[1]) for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
                other = {
                    key: "printf('%012x', i)",
                    "key": "printf('%064x', i + 10)",
                    "model": "'m' || (i % 10)",
                    "created": "printf('2026-01-01T%02d:%02d:%02d.000000+00:00', i / 3600, i / 60 % 60, i % 60)",
                }
                columns = ", ".join(other.get(name, f"{table}.{name}") for name in names)
                statement = copies.format(table=table, columns=columns, id=key)
                connection.exec_driver_sql(statement, (runs, run.id))
        asked: dict[str, Callable[[int], Any]] = {
            "newest 100 runs": lambda _: store.runs(),
            "newest 100 of a model": lambda _: store.runs(model="m3"),
            "100 done, page 50": lambda _: store.runs(status="done", offset=5000),
            "running runs": lambda _: store.runs(status="running"),
            "one run": lambda number: store.run(f"{number + 100:012x}"),
            "by key": lambda number: store.by_key(f"{number + 100:064x}"),
            "6 newest serious findings": lambda _: store.findings(severity="serious", limit=6),
            "100 newest findings": lambda _: store.findings(),
            "count of a model": lambda _: store.count(model="m3"),
        }
        return {name: milliseconds(call, 20) for name, call in asked.items()}


def crash(kills: int, seed: int = 0) -> dict[str, Any]:
    """A trial in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="store-crash-"))
    try:
        return Trial(folder, seed).run(kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(kills: int = 1000) -> None:
    """Print the crash trial, and times against plain sqlite3 and with 10,000 runs."""
    print(f"{kills} kills of writers at random moments")
    for name, value in crash(kills).items():
        print(f"  {name.replace('_', ' '):<28}{value:>10}")
    folder = Path(tempfile.mkdtemp(prefix="store-bench-"))
    try:
        ours, theirs = lifecycle(folder), lifecycle_by_hand(folder)
        print("one run, median ms       store   plain sqlite3   ratio")
        for name in (*ours, "whole"):
            one, other = (sum(some.values()) if name == "whole" else some[name] for some in (ours, theirs))
            print(f"  {name:<20}{one:>8.2f}{other:>16.2f}{one / other:>8.2f}")
        print("with 10,000 runs, median ms")
        for name, value in many_runs(folder).items():
            print(f"  {name:<28}{value:>8.2f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="only the crash trial, as one JSON document")
    parser.add_argument("--nursery", nargs=2, metavar=("STORE", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.nursery:
        nursery(*chosen.nursery)
    elif chosen.json:
        print(json.dumps(crash(chosen.kills, chosen.seed)))
    else:
        main(chosen.kills)
