# SPDX-License-Identifier: Apache-2.0
"""An analysis that does whatever a plugin should not do."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np

import workbench as wb

Kind = Literal[
    "nothing",
    "sleeps",
    "ignores",
    "hangs-in-c",
    "ignores-and-hangs-in-c",
    "forks",
    "segfaults",
    "kills-itself",
    "exits",
    "calls-sys-exit",
    "eats-memory",
    "out-of-memory",
    "raises",
    "returns-nothing-good",
    "prints-without-end",
    "closes-its-output",
    "litters",
]


class Trouble(wb.Analysis):
    """Makes trouble."""

    name = "trouble"

    class Params(wb.Params):
        """What trouble; ``folder`` is where processes leave their numbers."""

        kind: Kind
        seconds: float = 300.0
        folder: str = ""
        tag: int = 0

    def run(self, job: wb.Job, params: Any) -> wb.Result:
        folder = Path(params.folder) if params.folder else None
        _leave(folder, "worker")
        job.log(f"trouble: {params.kind}")
        kind = params.kind
        if kind.startswith("ignores"):
            signal.signal(signal.SIGTERM, lambda number, frame: None)
        if kind == "forks":
            _fork(folder, params.seconds)
        if kind in ("sleeps", "ignores", "forks"):
            _sleep(job, params.seconds)
        if kind.endswith("hangs-in-c"):
            re.match(r"(a+)+$", "a" * 60 + "b")
        if kind == "segfaults":
            ctypes.string_at(0)
        if kind == "kills-itself":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "exits":
            os._exit(3)
        if kind == "calls-sys-exit":
            sys.exit("enough")
        if kind == "eats-memory":
            _eat()
        if kind == "out-of-memory":
            raise MemoryError("Unable to allocate 9 TiB")
        if kind == "raises":
            raise ValueError("the analysis is not well")
        if kind == "returns-nothing-good":
            return {"metrics": {}}  # type: ignore[return-value]
        while kind == "prints-without-end":
            print("all work and no play " * 40)
        if kind == "closes-its-output":
            os.close(1)
            os.close(2)
        if kind == "litters":
            Path("litter.txt").write_text("left here")
        return wb.Result(metrics={"pid": os.getpid(), "threads": _threads()})


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _sleep(job: wb.Job, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        job.progress(1 - left / seconds, "sleeping")
        job.picture(lambda: np.zeros((4, 4), np.uint8), "asleep")
        time.sleep(0.05)


def _eat() -> None:
    held = []
    while True:
        held.append(np.ones(2**21))  # 16 MiB, touched
        time.sleep(0.01)


def _fork(folder: Path | None, seconds: float) -> None:
    """Three children: a plain one, one that ignores SIGTERM in a session of its own, and an orphaned program."""
    if os.fork() == 0:
        _leave(folder, "plain")
        time.sleep(seconds)
        os._exit(0)
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _leave(folder, "own-session")
        time.sleep(seconds)
        os._exit(0)
    middle = os.fork()
    if middle == 0:
        child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"], start_new_session=True)
        _leave(folder, "orphan", child.pid)
        os._exit(0)
    os.waitpid(middle, 0)
    _leave(folder, "all-there")


def _leave(folder: Path | None, name: str, pid: int | None = None) -> None:
    if folder is not None:
        fresh = folder / f".{name}"
        fresh.write_text(str(pid or os.getpid()))
        fresh.replace(folder / name)


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    return [Trouble]
