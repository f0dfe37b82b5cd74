# SPDX-License-Identifier: Apache-2.0
"""What ``workbench doctor`` looks at."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.discovery import Catalogue
    from workbench.store import Store

LEAST_FREE = 1 << 30  # a projection of 50,000 points with its cache takes a few hundred MiB


@dataclass(frozen=True)
class Point:
    """One thing looked at: whether it is well, what was found, and the way out if not."""

    what: str
    well: bool
    found: str
    way_out: str = ""


def examine(store: Store, catalogue: Catalogue, *, verify: bool = False) -> list[Point]:
    """Look at Python, torch, the devices, the disk, the store, the plugins and the models."""
    return [
        Point("python", sys.version_info >= (3, 11), platform.python_version(), "use Python 3.11 or newer"),
        *_torch(),
        *_extras(),
        _disk(store),
        *_stored(store, verify=verify),
        *_plugins(catalogue),
    ]


def _torch() -> list[Point]:
    import torch

    count = torch.cuda.device_count()
    devices = ", ".join(torch.cuda.get_device_name(one) for one in range(count)) or "cpu only"
    return [Point("torch", True, torch.__version__), Point("devices", True, devices)]


def _extras() -> list[Point]:
    extras = {"umap": "umap", "postgres": "psycopg"}
    found = [name for name, module in extras.items() if importlib.util.find_spec(module) is not None]
    return [Point("extras", True, ", ".join(found) or "none")]


def _disk(store: Store) -> Point:
    free = shutil.disk_usage(store.root).free
    way_out = "free some space, or `workbench gc`, or move the store with --store"
    return Point("disk", free > LEAST_FREE, f"{free / 2**30:.1f} GiB free at {store.root}", way_out)


def _stored(store: Store, *, verify: bool) -> list[Point]:
    garbage = store.gc(dry_run=True)
    points = [
        Point("store", True, f"{len(store.runs(limit=1_000_000))} runs at {store.location}"),
        Point(
            "orphans", not garbage.removed, f"{len(garbage.removed)} ({garbage.bytes / 2**20:.1f} MiB)", "workbench gc"
        ),
    ]
    if verify:
        problems = store.verify()
        way_out = "delete the run and compute it again: workbench run ... --again"
        points.append(Point("files", not problems, "; ".join(problems) or "every hash is right", way_out))
    return points


def _plugins(catalogue: Catalogue) -> list[Point]:
    broken = [one for one in catalogue.plugins if one.status == "broken"]
    points = [Point("plugins", True, f"{len(catalogue.plugins) - len(broken)} work")]
    for one in broken:
        points.append(Point(f"plugin {one.name}", False, one.error or "broken", "workbench plugins --broken"))
    for card in catalogue.models.values():
        lacking = card.missing()
        points.append(Point(f"model {card.name}", True, lacking or "ready"))
    version = importlib.metadata.version("latent-workbench")
    return [Point("latent workbench", True, version), *points]
