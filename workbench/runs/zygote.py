# SPDX-License-Identifier: Apache-2.0
"""Zygote: a process that has torch imported and forks each run, so that a run starts in milliseconds.

It never touches a graphics card (a process that has done so cannot be forked) and runs no plugin code. It speaks with
the supervisor in JSON lines over a socket::

    -> {"task": ID, "kind": "run", "output": PATH, "log": PATH, "log_cap": BYTES, "threads": N, ...}
    <- {"started": ID, "pid": PID, "start": SECONDS}
    <- {"ended": ID, "code": EXIT STATUS, negative for a signal}

When the supervisor ends, by whatever cause, the kernel ends the zygote and every run with it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from workbench.runs.processes import die_with_parent, start_of

PRELOAD = (
    "torch",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "scipy.sparse",
    "sqlalchemy.dialects.sqlite",
    "registry.discovery",
    "registry.analysis",
    "alembic.command",
    "workbench.store",
    "workbench.points.activations",
    "workbench.points.capturing",
    "workbench.points.fingerprints",
    "workbench.points.tracing",
    "workbench.data.opening",
    "workbench.runs.worker",
    "workbench.runs.assembly",
    "workbench.runs.manifest",
)
CUT = "\n[output cut here: the log may hold {} bytes]\n"


@dataclass
class Child:
    """A forked run: its pipe, and its log with the bytes that may still go there."""

    task: str
    pipe: int
    log: int
    left: int
    cap: int


class Zygote:
    """The loop: fork on demand, copy output to logs, report ends."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.buffer = b""
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(channel, selectors.EVENT_READ, self._read_tasks)
        self.woken, wake = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.wake = wake
        self.selector.register(self.woken, selectors.EVENT_READ, self._reap)

    def serve(self) -> NoReturn:
        """Until the supervisor closes its end."""
        while True:
            for event, _ in self.selector.select():
                event.data(event)

    def send(self, **message: Any) -> None:
        """One line to the supervisor."""
        self.channel.sendall(json.dumps(message).encode() + b"\n")

    def _read_tasks(self, event: selectors.SelectorKey) -> None:
        more = self.channel.recv(65536)
        if not more:
            for pid in self.children:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            os._exit(0)
        *lines, self.buffer = (self.buffer + more).split(b"\n")
        for line in lines:
            self._fork(json.loads(line))

    def _fork(self, task: dict[str, Any]) -> None:
        """Start a task; where the system refuses (no memory, no processes, no space) the others go on."""
        opened: list[int] = []
        try:
            output = Path(task["output"])
            output.unlink(missing_ok=True)
            os.mkfifo(output, 0o600)
            opened.append(os.open(output, os.O_RDONLY | os.O_NONBLOCK))
            opened.append(os.open(output, os.O_WRONLY))
            opened.append(os.open(task["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600))
            parent = os.getpid()
            pid = os.fork()
        except OSError as error:
            for one in opened:
                os.close(one)
            self.send(ended=task["task"], code=1, error=f"the worker process could not be started: {error.strerror}")
            return
        reading, writing, log = opened
        if pid == 0:
            os.close(reading)
            os.close(log)
            self._become(task, parent, writing)
        os.close(writing)
        cap = int(task["log_cap"])
        self.children[pid] = Child(task["task"], reading, log, cap, cap)
        self.selector.register(reading, selectors.EVENT_READ, self._copy)
        self.send(started=task["task"], pid=pid, start=start_of(pid))

    def _become(self, task: dict[str, Any], parent: int, writing: int) -> NoReturn:
        """What the forked child does: leave everything of the zygote behind, then work."""
        code = 1
        try:
            os.setsid()
            die_with_parent(parent)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self.selector.close()
            for one in (self.channel.detach(), self.woken, self.wake):
                os.close(one)
            for child in self.children.values():
                os.close(child.pipe)
                os.close(child.log)
            null = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((null, 0), (writing, 1), (writing, 2)):
                os.dup2(source, target)
            os.close(null)
            os.close(writing)
            sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            faulthandler.enable()
            gc.unfreeze()
            for name, value in task["environment"].items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            from workbench.runs.worker import work

            work(task)
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
            if isinstance(ending.code, str):
                print(ending.code, file=sys.stderr)
        except BaseException:  # noqa: BLE001 - the last edge of the process: it is written to the log
            import traceback

            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _copy(self, event: selectors.SelectorKey) -> None:
        """Move waiting output to its log."""
        child = next((one for one in self.children.values() if one.pipe == event.fd), None)
        if child is None or not self._drain(child):
            self.selector.unregister(event.fd)

    def _drain(self, child: Child) -> bool:
        """Copy what one read gives; ``False`` at the end of the pipe."""
        try:
            chunk = os.read(child.pipe, 65536)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        if child.left > 0:
            with contextlib.suppress(OSError):  # a full disk costs the log, not the run
                os.write(child.log, chunk[: child.left])
                if len(chunk) > child.left:
                    os.write(child.log, CUT.format(child.cap).encode())
        child.left -= len(chunk)
        return True

    def _reap(self, event: selectors.SelectorKey) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.woken, 4096)
        for pid in list(self.children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._forget(pid, os.waitstatus_to_exitcode(status))

    def _forget(self, pid: int, code: int) -> None:
        child = self.children.pop(pid)
        for _ in range(64):  # what is still in the pipe: 64 KiB or so, unless something left behind goes on writing
            waiting = selectors.DefaultSelector()
            waiting.register(child.pipe, selectors.EVENT_READ)
            ready = waiting.select(0)
            waiting.close()
            if not ready or not self._drain(child):
                break
        with contextlib.suppress(KeyError):
            self.selector.unregister(child.pipe)
        os.close(child.pipe)
        os.close(child.log)
        self.send(ended=child.task, code=code)


def preload() -> tuple[float, list[str]]:
    """Import what every run needs; seconds it took, and what could not be imported (a run then says why)."""
    start, missing = time.perf_counter(), []
    for name in PRELOAD:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    gc.collect()
    gc.freeze()  # keeps the pages of what is imported shared with the runs
    return time.perf_counter() - start, missing


def main(channel: int, parent: int) -> NoReturn:
    """Serve on the inherited socket ``channel`` until the supervisor, process ``parent``, ends."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # one thread beside this one is known: that of arrow's allocator (jemalloc), which handles forks itself
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    zygote = Zygote(socket.socket(fileno=channel))
    seconds, missing = preload()
    zygote.send(ready=os.getpid(), seconds=seconds, missing=missing)
    zygote.serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
