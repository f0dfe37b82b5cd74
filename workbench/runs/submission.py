# SPDX-License-Identifier: Apache-2.0
"""Submit a run, wait for it, cancel it, or do all of that in one call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.errors import WorkbenchError
from workbench.discovered import catalogue, useless_plugins
from workbench.runs.places import Places, leave_plan, ring
from workbench.runs.preparation import Prepared, complete
from workbench.runs.spec import RunSpec
from workbench.runs.starting import ensure_supervisor, supervisor_of

if TYPE_CHECKING:
    from registry.arrays import Batch
    from registry.result import Result
    from workbench.store import RunRecord, Store

UNFINISHED = ("queued", "running")
POLL = (0.01, 0.1)  # seconds between two looks at a run: at first, and at most
LOOK_AFTER = 2.0  # seconds between two looks whether there is a supervisor


def submit(store: Store, spec: RunSpec, *, again: bool = False) -> RunRecord:
    """Queue a run, or give back the one that has the same key (``again`` computes it anew).

    Errors in names, parameters and picks are raised here, before anything is queued.
    """
    return _submit(store, spec, again)[0]


def _submit(store: Store, spec: RunSpec, again: bool) -> tuple[RunRecord, bool]:
    """The run, and whether it is new."""
    return submit_prepared(store, complete(store, spec), again=again)


def submit_prepared(store: Store, prepared: Prepared, *, again: bool = False) -> tuple[RunRecord, bool]:
    """Queue what was prepared, as :func:`submit` does; the run, and whether it is new."""
    leave_plan(Places(store.root), prepared.key, useless_plugins(catalogue()))
    record, is_new = store.submit(prepared.spec, prepared.key, prepared.preimage, again=again)
    if record.status in UNFINISHED:
        ensure_supervisor(store)
    return record, is_new


def wait(
    store: Store,
    run_id: str,
    *,
    on_progress: Callable[[RunRecord], None] | None = None,
    timeout: float | None = None,
) -> RunRecord:
    """The run once it has ended, however it ended; ``on_progress`` is called whenever something changed.

    Raises :class:`TimeoutError` when it has not ended after ``timeout`` seconds (it goes on).
    """
    begun = looked = time.monotonic()
    pause, seen = POLL[0], None
    while True:
        record = store.run(run_id)
        state = (record.status, record.fraction, record.stage)
        if on_progress is not None and state != seen:
            seen = state
            on_progress(record)
        if record.status not in UNFINISHED:
            return record
        now = time.monotonic()
        if timeout is not None and now - begun > timeout:
            raise TimeoutError(f"the run {run_id} is still {record.status} after {timeout:g} s; it goes on")
        if now - looked > LOOK_AFTER:
            looked = now
            ensure_supervisor(store)
        time.sleep(pause)
        pause = min(POLL[1], pause * 1.3)


def cancel(store: Store, run_id: str, *, patience: float = 3.0) -> RunRecord:
    """End a run with all its processes: at once, or within about a second where they resist.

    Returns the run as it is after that; at most ``patience`` seconds are waited for it.
    """
    store.cancel(run_id)
    places = Places(store.root)
    ring(places)
    until = time.monotonic() + patience
    while (record := store.run(run_id)).status in UNFINISHED and time.monotonic() < until:
        if record.status == "running" and not supervisor_of(store):
            ensure_supervisor(store)  # it finds the run and marks it
        time.sleep(0.02)
    return record


def run(
    analysis: str,
    *,
    model: str | None = None,
    data: str | None = None,
    points: str | os.PathLike[str] | Batch | None = None,
    slice: str | None = None,
    seed: int = 0,
    device: str = "auto",
    store: Store | str | os.PathLike[str] | None = None,
    again: bool = False,
    inline: bool = False,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    **params: Any,
) -> Result:
    """Run an analysis and give back its result; one that has been computed before is read from the store.

    Parameters
    ----------
    analysis, model, data, slice
        Names; ``data`` may be a path. Without ``data`` the model's own is taken where the analysis can use it.
    points
        Bare points in place of a model: a file (``.npy``, ``.npz``, ``.parquet``, ``.csv``, ``.safetensors``), or an
        array ``[n, d]``, which is kept under the store.
    store
        A store, or where it is; by default ``WORKBENCH_STORE``, else the user's own.
    again
        Compute it even if there is a result.
    inline
        Compute it in this process (for debugging): the same code and the same numbers, no limits, no cancelling.
    params
        The parameters of the analysis.

    Raises
    ------
    WorkbenchError
        When a name or parameter is wrong, or the run failed or was cancelled; the message says why.

    Examples
    --------
    ``wb.run("projection", model="mnist-vae", space="z", seed=0)``
    """
    used, is_mine = _opened(store)
    try:
        spec = RunSpec(
            analysis=analysis,
            model=model,
            data=data,
            points=None if points is None else _path_of(points, used),
            slice=slice,
            params=params,
            seed=seed,
            device=device,
            time_limit=time_limit,
            memory_limit=memory_limit,
        )
        record = _inline(used, spec, again) if inline else _outside(used, spec, again)
        if record.status == "cancelled":
            record = _twin(used, spec, inline) or record
        if record.status != "done":
            raise WorkbenchError(f"the run {record.id} of '{record.analysis}' {record.status}: {record.error}")
        return used.result(record.id).result()
    finally:
        if is_mine:
            used.close()


def _path_of(points: Any, store: Store) -> str:
    """The file of bare points; an array of a program is kept under the store first."""
    if isinstance(points, (str, os.PathLike)):
        return str(Path(points))
    from workbench.data.keeping import keep_array

    return str(keep_array(store.root / "uploads", points))


def _outside(store: Store, spec: RunSpec, again: bool) -> RunRecord:
    record, is_new = _submit(store, spec, again)
    try:
        return wait(store, record.id)
    except KeyboardInterrupt:
        if is_new:  # a run that somebody else asked for goes on
            cancel(store, record.id)
        raise


def _twin(store: Store, spec: RunSpec, inline: bool) -> RunRecord | None:
    """The finished run that a run gave way to, because the model was not what had been described; else ``None``."""
    found = store.by_key(complete(store, spec, inline=inline).key)
    return found if found is not None and found.status == "done" else None


def _inline(store: Store, spec: RunSpec, again: bool) -> RunRecord:
    from workbench.runs.worker import run_here

    prepared = complete(store, spec, inline=True)
    return run_here(store, prepared, again=again)


def _opened(store: Store | str | os.PathLike[str] | None) -> tuple[Store, bool]:
    """A store, and whether it was opened here."""
    from workbench.store import Store

    if isinstance(store, Store):
        return store, False
    return Store.open(None if store is None else os.fspath(store)), True
