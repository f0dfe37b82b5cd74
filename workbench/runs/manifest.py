# SPDX-License-Identifier: Apache-2.0
"""Manifest: what a reader needs to trust a result and to compute it again."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.runs.key import NUMERICS, installed

if TYPE_CHECKING:
    from workbench.runs.assembly import Assembled
    from workbench.store import RunRecord

PACKAGES = ("latent-workbench", "pandas", *NUMERICS)


def manifest_of(
    record: RunRecord,
    assembled: Assembled,
    device: str,
    threads: int,
    timings: dict[str, float],
    unsteady: list[str],
) -> dict[str, Any]:
    """Everything about a run but its result, as JSON values.

    ``unsteady`` are operations of which torch says that they may give other numbers when repeated.
    """
    plugin = assembled.plugin
    return {
        "run": record.id,
        "key": assembled.key,
        "preimage": assembled.preimage,
        "analysis": record.analysis,
        "model": record.model,
        "data": record.data,
        "points": record.points,
        "slice": record.slice,
        "params": dict(record.params),  # as asked for: the analysis may have changed what it was given
        "seed": record.seed,
        "samples": assembled.job.samples,
        "versions": {
            "python": platform.python_version(),
            **{name: version for name in PACKAGES if (version := installed(name))},
        },
        "plugin": {"name": plugin.name, "version": plugin.version, "origin": plugin.origin, "source": plugin.source},
        "device": {"wanted": record.device_wanted, "used": device, "name": device_name(device), "threads": threads},
        "platform": platform.platform(),
        "seconds": {name: round(value, 6) for name, value in timings.items()},
        "not_deterministic": unsteady,
        "started": None if record.started is None else record.started.isoformat(),
    }


def device_name(device: str) -> str:
    """What the device is called by its maker."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name(device))
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@contextmanager
def deterministic(device: str) -> Iterator[set[str]]:
    """Have torch choose repeatable algorithms on a graphics card; gives the names of operations that have none.

    On the processor, with a fixed number of threads, its algorithms are repeatable as they are.
    """
    unsteady: set[str] = set()
    if not device.startswith("cuda"):
        yield unsteady
        return
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it matrix products are not repeatable
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    with warnings.catch_warnings():
        show = warnings.showwarning

        def note(message: Warning | str, *about: Any, **more: Any) -> None:
            text = str(message)
            if "deterministic" in text:
                unsteady.add(text.partition(" ")[0])
            else:
                show(message, *about, **more)

        warnings.filterwarnings("always", message=".*deterministic.*")
        warnings.showwarning = note
        try:
            yield unsteady
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
