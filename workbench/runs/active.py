# SPDX-License-Identifier: Apache-2.0
"""A task in hand: one forked process of the supervisor, watched and ended."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workbench.runs.devices import Lease
from workbench.runs.processes import Tree, memory_of

GRACE = 1.0  # seconds between asking a process to end and ending it
LOOK_EVERY = 0.1  # seconds between two looks at what a run's processes hold


@dataclass
class Task:
    """A run (or the description of a model) that the zygote was asked to fork.

    ``reason`` is why it is being ended: (status, sentence); ``None`` as long as nobody wants that.
    """

    name: str
    kind: str
    subject: str
    output: Path
    lease: Lease | None = None
    time_limit: float | None = None
    memory_limit: int | None = None
    tree: Tree | None = None
    begun: float = field(default_factory=time.monotonic)
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    reason: tuple[str, str] | None = None
    asked: float = 0.0
    killed: bool = False
    looked: float = 0.0

    def started(self, pid: int, start: float, spared: set[int]) -> None:
        """The zygote has forked it."""
        self.tree = Tree(pid, start, self.output, spared)
        self.begun = time.monotonic()

    def end(self, status: str, sentence: str) -> None:
        """Ask it to end; what does not within the grace is killed by :meth:`watch`."""
        if self.reason is None:
            self.reason = (status, sentence)
        if self.tree is not None and not self.asked:
            self.asked = time.monotonic()
            self.tree.look()
            self.tree.send(signal.SIGTERM)

    def watch(self) -> None:
        """Look after its limits; to be called often."""
        if self.tree is None:
            return
        now = time.monotonic()
        if self.reason is not None:
            if not self.asked:
                self.end(*self.reason)
            elif now - self.asked > GRACE and not self.killed:
                self.killed = True
                self.tree.search()
                self.tree.send(signal.SIGKILL)
            return
        if self.time_limit is not None and now - self.begun > self.time_limit:
            self.end("failed", f"the run passed its time limit of {self.time_limit:g} s")
        elif now - self.looked > LOOK_EVERY:
            self.looked = now
            pids = self.tree.look()
            if self.memory_limit is not None:
                held = memory_of(pids, self.memory_limit)
                if held > self.memory_limit:
                    self.reason = ("failed", _too_much(held, self.memory_limit))
                    self.asked, self.killed = now, True  # no grace: it would go on growing
                    self.tree.send(signal.SIGKILL)

    def clear(self) -> list[int]:
        """It has ended: end what it left behind, give its card back; returns what could not be ended."""
        left = self.tree.finish() if self.tree is not None else []
        if self.lease is not None:
            self.lease.release()
        self.output.unlink(missing_ok=True)
        return left


def _too_much(held: int, limit: int) -> str:
    return f"the run held {held / 2**20:,.0f} MiB of memory, more than its limit of {limit / 2**20:,.0f} MiB"


def ending_in_words(code: int) -> str:
    """What an exit code says of a process that ended without a word.

    >>> ending_in_words(-11)
    'the worker process was ended by signal SIGSEGV'
    >>> ending_in_words(3)
    'the worker process ended with exit code 3'
    """
    if code >= 0:
        return f"the worker process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    hint = " (the system may have run out of memory)" if name == "SIGKILL" else ""
    return f"the worker process was ended by signal {name}{hint}"
