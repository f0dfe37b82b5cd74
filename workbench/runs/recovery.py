# SPDX-License-Identifier: Apache-2.0
"""Recovery: runs that a store calls running while their process, or their supervisor, is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.runs.places import Places
from workbench.runs.processes import Tree, is_alive

if TYPE_CHECKING:
    from workbench.store import RunRecord, Store

CLAIMED = 60.0  # seconds that a claimed run may be without a process
LEFT_BEHIND = "the worker process is gone: the machine or the supervisor was stopped; run it again"


def recover(store: Store, places: Places, mine: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """(run, sentence) for each run to be marked as failed; what is left of their processes is ended first.

    ``mine`` are runs that are well in hand. A run that goes on inside a program of its user is left alone.
    """
    for record in store.runs(status="running", limit=100_000):
        if record.id in mine or _is_alive_elsewhere(record):
            continue
        if _was_forked(record) and record.pid is not None and record.pid_start is not None:
            Tree(record.pid, record.pid_start, places.output(record.id), set()).finish()
        places.output(record.id).unlink(missing_ok=True)
        yield record.id, LEFT_BEHIND


def _is_alive_elsewhere(record: RunRecord) -> bool:
    """Whether a program of the user computes the run: it says its process a moment after it has claimed the run."""
    if _was_forked(record):
        return False
    if record.pid is None or record.pid_start is None:
        return record.started is not None and (datetime.now(UTC) - record.started).total_seconds() < CLAIMED
    return is_alive(record.pid, record.pid_start)


def _was_forked(record: RunRecord) -> bool:
    """Whether a supervisor had taken the run: then its process group is the run's alone, and may be ended."""
    return record.worker.startswith("supervisor")
