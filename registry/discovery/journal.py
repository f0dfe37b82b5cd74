# SPDX-License-Identifier: Apache-2.0
"""Journal: remembers which plugin was being listed when a process died, so that the next start leaves it out.

Each process keeps one file while it lists one outside plugin, named by host, process id and start time of the process,
and removes it afterwards. A file whose process is gone is evidence that listing ended the process; it becomes a note of
quarantine for that plugin. Files of processes that live, and of other hosts, accuse nobody.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry.discovery.sources import Candidate


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
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(note), encoding="utf-8")
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
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)

    def quarantined(self, candidate: Candidate) -> str | None:
        """Why the plugin is left out, in a sentence; ``None`` when it is not, or was changed since."""
        path = self.quarantine_file(candidate.key)
        note = _read(path) if path.is_file() else None
        if note is None or candidate.origin == "built-in":
            return None
        if note.get("version") != candidate.version or _changed_since(candidate, str(note["at"])):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        return (
            f"the whole process ended while it was listed ({note['at']}, process {note['process']}), so it is left out "
            f"until its code changes; to try it again as it is, delete {path}"
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


def _lives(note: dict[str, Any]) -> bool:
    """Whether the process that wrote the note lives; a later process with the same id is another one."""
    started = _start_of(int(note["process"]))
    return started is not None and note["started"] is not None and abs(started - float(note["started"])) < 1.0


def _changed_since(candidate: Candidate, moment: str) -> bool:
    since = datetime.fromisoformat(moment).timestamp()
    with contextlib.suppress(OSError):
        return any(path.stat().st_mtime > since for path in candidate.files())
    return False
