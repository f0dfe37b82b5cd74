# SPDX-License-Identifier: Apache-2.0
"""How many runs go on at once, and how many threads each gets."""

from __future__ import annotations

import os

MOST_SLOTS = 4


def slots_and_threads() -> tuple[int, int]:
    """(runs at once, threads for each).

    At least two, so that a long run does not keep a short one waiting; at most four, so that each has threads to
    compute with. ``WORKBENCH_SLOTS`` and ``WORKBENCH_THREADS`` say otherwise. The number of threads is a setting and
    not a matter of what else is going on, because sums over several threads may differ in the last digit.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    slots = int(os.environ.get("WORKBENCH_SLOTS") or min(MOST_SLOTS, max(2, cores // 2)))
    threads = int(os.environ.get("WORKBENCH_THREADS") or max(1, cores // slots))
    return max(1, slots), max(1, threads)
