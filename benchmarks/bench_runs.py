# SPDX-License-Identifier: Apache-2.0
"""Starting and ending runs: against a fresh interpreter that imports torch, and against a process pool.

A run here is everything from ``submit`` to a published result; the rivals only get as far as having torch imported
(the interpreter) or calling an empty function (the pool, which cannot end a task at all).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from workbench.runs import RunSpec, cancel, submit
from workbench.runs.processes import is_alive, start_of
from workbench.store import Store

PLUGINS = Path(__file__).parent.parent / "tests" / "runs" / "plugins_folder"
ROUNDS = 12


def main() -> None:
    """Print medians and ratios."""
    folder = Path(tempfile.mkdtemp(prefix="bench-runs-"))
    os.environ.update(
        WORKBENCH_PLUGINS_DIR=str(PLUGINS),
        WORKBENCH_PLUGINS="toy,troubles",
        WORKBENCH_SUPERVISOR_IDLE="5",
        XDG_STATE_HOME=str(folder / "state"),
    )
    try:
        with Store.open(folder / "store") as store:
            _starts(store)
            _ends(store, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _starts(store: Store) -> None:
    first = _seconds(lambda: _done(store, -1))
    later = [_seconds(lambda row=row: _done(store, row)) for row in range(ROUNDS)]  # type: ignore[misc]
    fresh = [_seconds(_interpreter) for _ in range(3)]
    pool_first, pool_later = _pool()
    median, rival = statistics.median(later), statistics.median(fresh)
    print(f"first run of a supervisor (it imports torch once)  {first:8.3f} s")
    print(f"later run, submit to published result, median      {median:8.3f} s   (worst {max(later):.3f})")
    print(f"python -c 'import torch', median                   {rival:8.3f} s   {rival / median:5.1f} x a later run")
    print(f"process pool: first task that imports torch        {pool_first:8.3f} s   {pool_first / median:5.1f} x")
    print(f"process pool: later task, shares its process       {pool_later:8.4f} s   {pool_later / median:5.2f} x")


def _ends(store: Store, folder: Path) -> None:
    for kind in ("sleeps", "hangs-in-c", "ignores", "forks"):
        taken = []
        for row in range(5):
            place = folder / f"{kind}-{row}"
            place.mkdir()
            params = {"kind": kind, "folder": str(place)}
            record = submit(store, RunSpec("trouble", data="toy-data", params=params))
            waited = place / ("all-there" if kind == "forks" else "worker")
            while not waited.exists():
                time.sleep(0.005)
            time.sleep(0.2)
            pids = {int(one.read_text()): 0.0 for one in place.iterdir() if not one.name.startswith(".")}
            pids = {pid: start_of(pid) for pid in pids}
            begun = time.perf_counter()
            cancel(store, record.id)
            while any(is_alive(pid, start) for pid, start in pids.items()):
                time.sleep(0.001)
            taken.append(time.perf_counter() - begun)
        median, worst = statistics.median(taken), max(taken)
        print(f"cancel, the run {kind:<11}: all processes gone in  {median:.3f} s   (worst {worst:.3f})")


def _done(store: Store, tag: int) -> None:
    record = submit(store, RunSpec("trouble", data="toy-data", params={"kind": "nothing", "tag": tag}))
    while store.run(record.id).status in ("queued", "running"):
        time.sleep(0.002)
    if store.run(record.id).status != "done":
        raise RuntimeError(store.run(record.id).error)


def _interpreter() -> None:
    subprocess.run([sys.executable, "-c", "import torch"], check=True)


def _import_torch() -> str:
    import torch

    return torch.__version__


def _pool() -> tuple[float, float]:
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        first = _seconds(lambda: pool.submit(_import_torch).result())
        later = [_seconds(lambda: pool.submit(_import_torch).result()) for _ in range(ROUNDS)]
    return first, statistics.median(later)


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
