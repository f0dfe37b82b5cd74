# SPDX-License-Identifier: Apache-2.0
"""Places: the files under the store's root by which apps, supervisor and runs find each other."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PLUGIN_VARIABLES = ("WORKBENCH_PLUGINS_DIR", "WORKBENCH_PLUGINS", "WORKBENCH_DISABLE_PLUGINS")
PLANS_KEPT = 30 * 86400.0  # seconds: a queued run may wait for its machine to be switched on again
PATIENCE = 2.0  # seconds that a new supervisor waits for the lock
PLAIN = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Places:
    """Paths under the root of a store."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the supervisor as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def folder(self) -> Path:
        """What only supervisor and apps use; may be deleted while no supervisor runs."""
        folder = self.root / "supervisor"
        (folder / "plans").mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def state(self) -> Path:
        """Who the supervisor is."""
        return self.folder / "state.json"

    @property
    def bell(self) -> Path:
        """A named pipe: a byte in it wakes the supervisor."""
        return self.folder / "bell"

    def scratch(self, task: str) -> Path:
        """A folder for what an analysis writes to its working directory; gone with the run."""
        folder = self.folder / "scratch" / PLAIN.sub("_", task)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def clear_scratch(self) -> None:
        """Remove the scratch folders that killed runs left; only the supervisor may, before it starts any."""
        shutil.rmtree(self.folder / "scratch", ignore_errors=True)

    @property
    def own_log(self) -> Path:
        """What the supervisor itself has to say."""
        return self.folder / "supervisor.log"

    def output(self, task: str) -> Path:
        """The named pipe that a task writes to."""
        return self.folder / f"{PLAIN.sub('_', task)}.out"

    def log(self, task: str) -> Path:
        """Where the output of a task is kept."""
        folder = self.root / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{PLAIN.sub('_', task)}.log"

    def plan(self, key: str) -> Path:
        """What a run needs of the process that submitted it."""
        return self.folder / "plans" / f"{PLAIN.sub('_', key)}.json"


def ring(places: Places) -> None:
    """Wake the supervisor, if there is one."""
    with contextlib.suppress(OSError):  # nobody listens: it looks by itself when it starts
        bell = os.open(places.bell, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(bell, b"!")
        finally:
            os.close(bell)


def try_lock(path: Path) -> IO[str] | None:
    """The file, open and locked for this process alone, or ``None`` while another has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Whether a process has the lock. Those that only look share it, and so do not take each other for its holder."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def hold(path: Path, patience: float = PATIENCE) -> IO[str] | None:
    """The lock of a store's supervisor, or ``None`` when another one has it.

    Apps that look whether there is a supervisor hold the lock for an instant: hence the patience.
    """
    until = time.monotonic() + patience
    while (lock := try_lock(path)) is None:
        if time.monotonic() > until:
            return None
        time.sleep(0.02)
    return lock


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write in one step, so that a reader sees the old text or the new."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(value))
    fresh.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """What :func:`write_json` wrote, empty where there is nothing."""
    try:
        read: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return read


def leave_plan(places: Places, key: str, useless: Iterable[str] = ()) -> None:
    """Note which plugins this process sees, so that the run sees the same in whichever supervisor's hands it falls.

    ``useless`` are plugins that bring nothing, because they are broken: a run does not wait for them to fail again.
    """
    environment = {name: os.environ.get(name) for name in PLUGIN_VARIABLES}
    unwanted = [one for one in (environment["WORKBENCH_DISABLE_PLUGINS"] or "").split(",") if one.strip()]
    environment["WORKBENCH_DISABLE_PLUGINS"] = ",".join([*unwanted, *useless]) or None
    write_json(places.plan(key), {"environment": environment})


def planned_environment(places: Places, key: str) -> dict[str, str | None]:
    """The environment variables that :func:`leave_plan` noted; ``None`` for one that was not set."""
    found: dict[str, str | None] = read_json(places.plan(key)).get("environment", {})
    return found


def forget_plans(places: Places, older_than: float = PLANS_KEPT) -> None:
    """Remove plans that were left longer than ``older_than`` seconds ago."""
    oldest = time.time() - older_than
    for one in (places.folder / "plans").iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process removed it
            if one.stat().st_mtime < oldest:
                one.unlink()
