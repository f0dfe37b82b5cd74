# SPDX-License-Identifier: Apache-2.0
"""Recovery: runs that a store calls running while their process, or their supervisor, is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil

from workbench.runs.places import Places
from workbench.runs.processes import GONE, Tree, is_alive

if TYPE_CHECKING:
    from workbench.store import Store

LEFT_BEHIND = "the worker process is gone: the machine or the supervisor was stopped; run it again"


def recover(store: Store, places: Places) -> Iterator[tuple[str, str]]:
    """(run, sentence) for each run to be marked as failed; what is left of their processes is ended first.

    A run that goes on inside a program of its user (not below a supervisor) is left alone.
    """
    for record in store.runs(status="running", limit=100_000):
        pid, start = record.pid, record.pid_start
        if pid is not None and start is not None:
            if is_alive(pid, start) and not _is_forked(pid):
                continue
            Tree(pid, start, places.output(record.id), set()).finish()
        places.output(record.id).unlink(missing_ok=True)
        yield record.id, LEFT_BEHIND


def _is_forked(pid: int) -> bool:
    """Whether the process was forked from a zygote (it then has the zygote's command line)."""
    try:
        return "workbench.runs.zygote" in psutil.Process(pid).cmdline()
    except GONE:
        return True
