# SPDX-License-Identifier: Apache-2.0
"""Journal: remembers which plugin was being listed when a process died, so that the next start leaves it out.

Each process keeps one file while it lists one outside plugin, named by host and process id, and removes it afterwards.
A file whose process is gone raises a suspicion, and the plugin is tried apart (:mod:`registry.discovery.trial`); only
when that process ends as well, or the same happens again later, is the plugin left out. Files of processes that live,
and of other hosts, accuse nobody.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry.discovery.sources import Candidate

ACQUITTED = "tried apart, it did no harm"


def state_folder() -> Path:
    """``$XDG_STATE_HOME/latent-workbench``, by default under ``~/.local/state``."""
    base = os.environ.get("XDG_STATE_HOME", "").strip()
    return (Path(base) if base else Path.home() / ".local" / "state") / "latent-workbench"


@dataclass(frozen=True)
class Journal:
    """The files of one state folder; where it cannot be written, nothing is remembered and nothing fails."""

    folder: Path

    @contextmanager
    def listing(self, candidate: Candidate) -> Iterator[None]:
        """While the plugin's code runs in this process, a file says so."""
        if candidate.origin == "built-in":
            yield
            return
        path = self.folder / "listing" / f"{_host()}-{os.getpid()}.json"
        note = {
            "key": candidate.key,
            "plugin": candidate.name,
            "source": candidate.source,
            "version": candidate.version,
            "process": os.getpid(),
            "started": _start_of(os.getpid()),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        with contextlib.suppress(OSError):
            _write(path, note)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def settle(self) -> None:
        """Turn the files that dead processes of this host left behind into notes of quarantine."""
        for path in self._files("listing", f"{_host()}-*.json"):
            note = _read(path)
            if note is not None and _lives(note):
                continue
            with contextlib.suppress(OSError):
                if note is None:
                    path.unlink(missing_ok=True)
                    continue
                target = self.quarantine_file(str(note["key"]))
                before = _read(target)
                if before is not None and before.get("verdict") == ACQUITTED:
                    note["verdict"] = "this happened a second time"
                _write(target, note)
                path.unlink(missing_ok=True)

    def quarantined(self, candidate: Candidate, trial: Callable[[], str | None]) -> str | None:
        """Why the plugin is left out, in a sentence; ``None`` when it is not, or was changed since.

        ``trial`` lists it apart and says how that process ended, ``None`` when it did not.
        """
        path = self.quarantine_file(candidate.key)
        note = _read(path)
        if note is None or candidate.origin == "built-in" or note.get("verdict") == ACQUITTED:
            return None
        if note.get("version") != candidate.version or _changed_since(candidate, str(note["at"])):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        if "verdict" not in note:
            end = trial()
            note["verdict"] = ACQUITTED if end is None else f"so did a process that listed it alone: {end}"
            with contextlib.suppress(OSError):
                _write(path, note)
            if end is None:
                return None
        return (
            f"the whole process ended while it was listed ({note['at']}, process {note['process']}; "
            f"{note['verdict']}), so it is left out until its code changes; to try it again as it is, delete {path}"
        )

    def quarantine_file(self, key: str) -> Path:
        """Where the note of quarantine of the plugin with this key lies."""
        return self.folder / "quarantine" / f"{key}.json"

    def _files(self, kind: str, pattern: str) -> list[Path]:
        try:
            return sorted((self.folder / kind).glob(pattern))
        except OSError:
            return []


def _host() -> str:
    return "".join(one if one.isalnum() else "_" for one in platform.node()) or "host"


def _read(path: Path) -> dict[str, Any] | None:
    """The note in a file; ``None`` when it is not one (cut off, or not ours)."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and {"key", "process", "started", "at"} <= set(note) else None


def _start_of(process: int) -> float | None:
    """When the process started (seconds since the epoch); ``None`` when there is none of that id."""
    import psutil

    try:
        return float(psutil.Process(process).create_time())
    except psutil.Error:
        return None


def _write(path: Path, note: dict[str, Any]) -> None:
    """Write whole or not at all: other processes read these files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(note), encoding="utf-8")
    os.replace(part, path)


def _lives(note: dict[str, Any]) -> bool:
    """Whether the process that wrote the note lives; a later process with the same id is another one."""
    started = _start_of(int(note["process"]))
    return started is not None and note["started"] is not None and abs(started - float(note["started"])) < 1.0


def _changed_since(candidate: Candidate, moment: str) -> bool:
    since = datetime.fromisoformat(moment).timestamp()
    with contextlib.suppress(OSError):
        return any(path.stat().st_mtime > since for path in candidate.files())
    return False
