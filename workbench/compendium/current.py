# SPDX-License-Identifier: Apache-2.0
"""The compendium as it is now: what the plugins bring and what a team has, read again when a file has changed.

A team's own entries lie in ``entries/`` under the root of its store and in the folder ``$WORKBENCH_ENTRIES_DIR``. A
file ``phrasings.yaml`` there adds phrasings to entries that others bring, a list by the id of each.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from workbench.compendium.collection import Compendium, Held, files_of, gather

if TYPE_CHECKING:
    from workbench.store import Store

FOLDER: Final = "entries"
VARIABLE: Final = "WORKBENCH_ENTRIES_DIR"
#: File name, size and time of change of everything that a compendium was read from.
Stamp: TypeAlias = tuple[tuple[str, int, int], ...]

_KEPT: Final = 8
_kept: dict[tuple[Path, ...], tuple[Stamp, Compendium]] = {}
_lock = threading.Lock()


def current(store: Store | None = None) -> Compendium:
    """The compendium of this process: entries of the plugins, and those of the team of ``store``."""
    return current_of(team_folders(store.root if store is not None else None))


def team_folders(root: Path | None = None) -> tuple[Path, ...]:
    """Folders of a team's own entries: that under the root of its store, then ``$WORKBENCH_ENTRIES_DIR``."""
    named = os.environ.get(VARIABLE, "")
    own = [root / FOLDER] if root is not None else []
    return (*own, *([Path(named).expanduser().absolute()] if named else []))


def current_of(folders: tuple[Path, ...]) -> Compendium:
    """The compendium of the plugins and of these folders, kept while no file of it changes."""
    from workbench.compendium.phrasings import FILE, read_phrasings
    from workbench.discovered import catalogue

    files = files_of(catalogue(), *folders)
    added = [folder / FILE for folder in folders]
    stamp = stamp_of([*(path for path, _ in files), *added])
    with _lock:
        known = _kept.get(folders)
        if known is not None and known[0] == stamp:
            return known[1]
        found = gather(files)
        for path in added:
            found = _with_phrasings(found, *read_phrasings(path))
        _kept.pop(folders, None)
        _kept[folders] = (stamp, found)
        while len(_kept) > _KEPT:
            del _kept[next(iter(_kept))]
        return found


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """Name, size and time of change of these files; one that is not there is left out."""
    found = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)


def _with_phrasings(found: Compendium, added: Mapping[str, tuple[str, ...]], problems: tuple[str, ...]) -> Compendium:
    held, said = dict(found.held), list(problems)
    for name, phrasings in added.items():
        one = held.get(found.id_of(name) or "")
        if one is None:
            said.append(f"team: phrasings are kept for the entry '{name}', which does not exist")
            continue
        every = tuple(dict.fromkeys((*one.entry.phrasings, *phrasings)))
        held[one.entry.id] = Held(one.entry.model_copy(update={"phrasings": every}), one.path, one.origin)
    return replace(found, held=held, problems=(*found.problems, *said))
