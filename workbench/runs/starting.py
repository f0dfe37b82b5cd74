# SPDX-License-Identifier: Apache-2.0
"""Start the supervisor of a store when there is none; several apps may try at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import WorkbenchError
from workbench.runs.places import Places, is_locked, read_json, ring

if TYPE_CHECKING:
    from workbench.store import Store

LOG_CAP = 2**20


def ensure_supervisor(store: Store) -> None:
    """Have a supervisor run for ``store``: starts one, as a process of its own, unless there is one already.

    It does not belong to this process and outlives it. Raises :class:`WorkbenchError` when it cannot be started.
    """
    places = Places(store.root)
    if is_locked(places.lock):
        ring(places)
        return
    if places.own_log.exists() and places.own_log.stat().st_size > LOG_CAP:
        places.own_log.unlink()
    with places.own_log.open("a") as log:
        started = subprocess.run(
            [sys.executable, "-P", "-m", "workbench.runs.supervisor", store.location, "--detach"],
            env=child_environment(),
            cwd=store.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    if started.returncode != 0:
        raise WorkbenchError(f"the supervisor of the store could not be started: see {places.own_log}")


def supervisor_of(store: Store) -> dict[str, object]:
    """Who supervises the store (``pid``, ``start``, ``slots``, ``threads``, ...); empty while nobody does."""
    places = Places(store.root)
    if not is_locked(places.lock):
        return {}
    return dict(read_json(places.state))


def child_environment() -> dict[str, str]:
    """This process's environment, from which a new Python finds the same workbench."""
    import workbench

    room = Path(workbench.__file__).resolve().parent.parent
    if room.name in (
        "site-packages",
        "dist-packages",
    ):  # found without help, and must not come before the standard library
        return dict(os.environ)
    before = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in (str(room), before) if one)}
