# SPDX-License-Identifier: Apache-2.0
"""Times and peak memory of a call, in a process of its own where memory counts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil


def seconds(call: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """The least time of some calls, and what the last gave."""
    least, given = np.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        given = call()
        least = min(least, time.perf_counter() - start)
    return least, given


def apart(module: str, *arguments: str) -> dict[str, Any]:
    """What `python -m module arguments` prints as JSON in its last line."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(call: Callable[[], dict[str, Any]]) -> None:
    """Print what the call gives, its seconds and how far it raised the peak of this process' memory (MiB), as JSON."""
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    given = call()
    took = time.perf_counter() - start
    print(json.dumps({**given, "seconds": took, "memory": max(0.0, (_peak() - before) / 2**20)}))


def _peak() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
