# SPDX-License-Identifier: Apache-2.0
"""Processes: who they are, what they hold in memory, and how to end one with everything that it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
CLOCK_SLACK = 2.0  # seconds: a start time is computed from the clock, which may be set in between
GONE = (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError, PermissionError, FileNotFoundError)


def start_of(pid: int) -> float:
    """When the process started, seconds since 1970; with the number it names a process for good. 0 when gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except GONE:
        return 0.0


def is_alive(pid: int, start: float) -> bool:
    """Whether the process ``pid`` that started at ``start`` is there and no zombie."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - start) < CLOCK_SLACK
        return same and process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` (the process that forked it) ends; Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def memory_of(pids: list[int], enough: int) -> int:
    """Bytes of main memory that the processes hold together.

    Resident sizes count pages shared with the forked parent once for each process; only when their sum passes
    ``enough`` is the proportional share asked for, which is exact but slower.
    """
    total = 0
    for pid in pids:
        with contextlib.suppress(*GONE):
            total += int(psutil.Process(pid).memory_info().rss)
    if total <= enough or sys.platform != "linux":
        return total
    return sum(_proportional(pid) for pid in pids)


def _proportional(pid: int) -> int:
    with contextlib.suppress(*GONE, OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def group_members(group: int) -> list[int]:
    """Processes of the process group ``group``."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(*GONE):
            if os.getpgid(pid) == group:
                found.append(pid)
    return found


def holders(path: Path) -> list[int]:
    """Processes that have ``path`` open: what a run started holds the run's output, whatever group it is in."""
    found = []
    for pid in psutil.pids():
        folder = f"/proc/{pid}/fd"
        with contextlib.suppress(OSError):
            for number in os.listdir(folder):
                with contextlib.suppress(OSError):
                    if os.readlink(f"{folder}/{number}").removesuffix(" (deleted)") == str(path):
                        found.append(pid)
                        break
    return found


class Tree:
    """A run's process and all that it started, also what has left its group or lost its parent.

    ``output`` is the pipe that the run writes to. A process is of the tree when it is in the leader's group, has been
    seen below one of the tree, or holds the pipe; ``spared`` are those at the other end of it.
    """

    def __init__(self, pid: int, start: float, output: Path, spared: set[int]) -> None:
        self.pid, self.start, self.output, self.spared = pid, start, output, spared | {os.getpid()}
        self._known: dict[int, float] = {pid: start}

    def look(self) -> list[int]:
        """Note what is below the known processes now; returns those that are alive."""
        for pid, start in list(self._known.items()):
            if not is_alive(pid, start):
                if pid != self.pid:
                    del self._known[pid]
                continue
            with contextlib.suppress(*GONE):
                for one in psutil.Process(pid).children(recursive=True):
                    with contextlib.suppress(*GONE):
                        self._known.setdefault(one.pid, one.create_time())
        return self.alive()

    def alive(self) -> list[int]:
        """The known processes that are alive."""
        return [pid for pid, start in self._known.items() if is_alive(pid, start)]

    def search(self) -> list[int]:
        """All that are alive, those found by group and by the pipe included: thorough and slow."""
        self.look()
        stray = holders(self.output)
        if self._has_number():
            stray += group_members(self.pid)
        for pid in stray:
            start = start_of(pid)
            if pid not in self.spared and start:
                self._known.setdefault(pid, start)
        return self.alive()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the group and to every known process outside it."""
        if self._has_number():
            with contextlib.suppress(*GONE):
                os.killpg(self.pid, number)
        for pid in self.alive():
            with contextlib.suppress(*GONE):
                if os.getpgid(pid) != self.pid:
                    os.kill(pid, number)

    def _has_number(self) -> bool:
        """Whether the leader's number is still its own; while its group has members no other process can get it."""
        start = start_of(self.pid)
        return start == 0.0 or abs(start - self.start) < CLOCK_SLACK

    def finish(self, patience: float = 2.0) -> list[int]:
        """Kill whatever is left, until nothing is; returns what could not be ended within ``patience`` seconds."""
        until = time.monotonic() + patience
        while left := self.search():
            self.send(signal.SIGKILL)
            if time.monotonic() > until:
                return left
            time.sleep(0.005)
        return []
