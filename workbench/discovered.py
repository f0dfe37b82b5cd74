# SPDX-License-Identifier: Apache-2.0
"""The catalogue of this process: what discovery found, looked for again only when something may have changed."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.discovery import Catalogue

FOLDER = "WORKBENCH_PLUGINS_DIR"
CHOICES = ("WORKBENCH_PLUGINS", "WORKBENCH_DISABLE_PLUGINS")

_kept: dict[tuple[object, ...], Catalogue] = {}
_lock = threading.Lock()


def plugins_folder(plugins_dir: Path | str | None = None) -> Path | None:
    """The plugins folder: the one given, else that of ``WORKBENCH_PLUGINS_DIR``, else none."""
    chosen = str(plugins_dir) if plugins_dir is not None else os.environ.get(FOLDER, "")
    return Path(chosen).expanduser().resolve() if chosen else None


def catalogue(plugins_dir: Path | str | None = None) -> Catalogue:
    """Everything that plugins offer, cached for the process.

    Discovery runs again when the plugins folder, a Python or TOML file in it, or a ``WORKBENCH_...PLUGINS`` variable
    has changed.
    """
    from registry.discovery import discover

    folder = plugins_folder(plugins_dir)
    stamp = (folder, *(os.environ.get(one) for one in CHOICES), _files(folder))
    with _lock:
        if stamp not in _kept:
            found = discover(folder)
            _kept.clear()
            _kept[stamp] = found
        return _kept[stamp]


def useless_plugins(found: Catalogue) -> list[str]:
    """Names of the plugins that bring nothing and are broken; never one that a plugin that is well has too."""
    well = {one.name for one in found.plugins if one.status == "ok" or any(one.offers.values())}
    return sorted({one.name for one in found.broken()} - well)


def _files(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Path, size and time of change of each Python and TOML file in the plugins folder."""
    if folder is None or not folder.is_dir():
        return ()
    found = []
    for one in sorted([*folder.rglob("*.py"), *folder.glob("*.toml")]):
        try:
            status = one.stat()
        except OSError:  # gone since it was listed
            continue
        found.append((str(one), status.st_size, status.st_mtime_ns))
    return tuple(found)
