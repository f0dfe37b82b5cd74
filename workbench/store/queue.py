# SPDX-License-Identifier: Apache-2.0
"""Runs from submission to their end: one table is the queue, and every change of status is one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa

from registry.errors import ParameterError, StoreError
from workbench.runs.spec import RunSpec
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import now
from workbench.store.encoding import text
from workbench.store.files import remove
from workbench.store.records import RunRecord

_run = schema.run


class Queue(Base):
    """Submitting, claiming, progress, cancelling and failing of runs."""

    def submit(
        self, spec: RunSpec, key: str, preimage: Mapping[str, Any], *, again: bool = False
    ) -> tuple[RunRecord, bool]:
        """Queue a run; returns it, and whether it is new.

        A run of the same key that is done, running or queued is given back instead, unless ``again`` asks for a
        new one. ``preimage`` is what the key was made of, kept to explain it later.
        """
        if not -(2**63) <= spec.seed < 2**63:
            raise ParameterError(f"the seed {spec.seed} does not fit into 64 bits")
        with self._database.write() as connection:
            known = None if again else self._by_key(connection, key)
            if known is not None:
                return known, False
            run_id = secrets.token_hex(6)
            connection.execute(sa.insert(_run).values(_fresh(run_id, spec, key, preimage, again)))
            return self._run(connection, run_id), True

    def by_key(self, key: str) -> RunRecord | None:
        """The newest finished run of this key, else one that is running or queued, else ``None``."""
        with self._database.read() as connection:
            return self._by_key(connection, key)

    def _by_key(self, connection: sa.Connection, key: str) -> RunRecord | None:
        for status in ("done", "running", "queued"):
            query = sa.select(_run).where(_run.c.key == key, _run.c.status == status)
            found = self._records(connection, query.order_by(_run.c.created.desc()).limit(1))
            if found:
                return found[0]
        return None

    def preimage(self, run_id: str) -> dict[str, Any]:
        """What the key of a run was made of."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(_run.c.preimage).where(_run.c.id == run_id)).scalar()
        if found is None:
            raise StoreError(f"there is no run '{run_id}' in the store: 'workbench runs' lists them")
        return dict(found)

    def runs(
        self,
        *,
        model: str | None = None,
        analysis: str | None = None,
        status: str | None = None,
        data: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[RunRecord]:
        """Runs, newest first, of this model, analysis, status and data where given."""
        query = sa.select(_run).where(*_filters(model, analysis, status, data))
        with self._database.read() as connection:
            return self._records(
                connection, query.order_by(_run.c.created.desc(), _run.c.id).limit(limit).offset(offset)
            )

    def count(
        self,
        *,
        model: str | None = None,
        analysis: str | None = None,
        status: str | None = None,
        data: str | None = None,
    ) -> int:
        """How many runs :meth:`runs` would give without a limit."""
        query = sa.select(sa.func.count()).select_from(_run).where(*_filters(model, analysis, status, data))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def claim(self, worker: str, run_id: str | None = None) -> RunRecord | None:
        """Take the oldest queued run (or ``run_id`` if it is queued): it is running then, and nobody else has it."""
        oldest = sa.select(_run.c.id).where(_run.c.status == "queued").order_by(_run.c.created, _run.c.id).limit(1)
        if run_id is not None:
            oldest = oldest.where(_run.c.id == run_id)
        with self._database.read() as connection:  # an idle worker takes no lock
            if connection.execute(oldest).scalar() is None:
                return None
        with self._database.write() as connection:
            taken = connection.execute(oldest).scalar()
            if taken is None:
                return None
            present = now()
            values = {"status": "running", "worker": text(worker), "started": present, "beat": present}
            connection.execute(sa.update(_run).where(_run.c.id == taken).values(values))
            return self._run(connection, taken)

    def started(self, run_id: str, pid: int, pid_start: float, device: str) -> None:
        """The process of a claimed run is up; ``pid_start`` is its start time in seconds since the epoch."""
        values = {"pid": pid, "pid_start": pid_start, "device": device, "started": now(), "beat": now()}
        self._of_running(run_id, {**values, "progress_started": None, "progress_from": None})

    def progress(self, run_id: str, fraction: float, stage: str = "") -> None:
        """Report progress of a running run: ``fraction`` in 0..1, and what is being done. One small update."""
        share = min(max(float(fraction), 0.0), 1.0) if fraction == fraction else 0.0
        present = now()
        self._of_running(
            run_id,
            {
                "fraction": share,
                "stage": text(stage),
                "progressed": present,
                "beat": present,
                "progress_started": sa.func.coalesce(_run.c.progress_started, present),
                "progress_from": sa.func.coalesce(_run.c.progress_from, share),
            },
        )

    def beat(self, run_id: str) -> None:
        """A sign of life of a running run."""
        self._of_running(run_id, {"beat": now()})

    def _of_running(self, run_id: str, values: Mapping[str, Any]) -> None:
        """Set columns of a run; one that is not running any more is left as it is."""
        with self._database.write() as connection:
            connection.execute(sa.update(_run).where(_run.c.id == run_id, _run.c.status == "running").values(values))

    def fail(self, run_id: str, status: Literal["failed", "cancelled"], error: str, traceback: str = "") -> RunRecord:
        """End a run without a result; one that has ended already is left as it is."""
        if status not in ("failed", "cancelled"):
            raise StoreError(f"a run ends as 'failed' or 'cancelled' here, not as '{status}'")
        values = {"status": status, "error": text(error), "traceback": text(traceback), "finished": now()}
        with self._database.write() as connection:
            known = self._run(connection, run_id)
            if known.ended:
                return known
            connection.execute(sa.update(_run).where(_run.c.id == known.id).values(values))
            ended = self._run(connection, known.id)
        remove(self._staging / known.id)
        remove(self._runs / known.id)  # renamed, but its row was never committed
        return ended

    def rekey(self, run_id: str, key: str, preimage: Mapping[str, Any]) -> RunRecord | None:
        """Give a run another key, because what it is made of was not what was described.

        Returns the finished run that already has this key (the key is not changed then), else ``None``. A run that
        was asked for with ``again`` always gets the key.
        """
        with self._database.write() as connection:
            known = self._run(connection, run_id)
            query = sa.select(_run).where(_run.c.key == key, _run.c.status == "done", _run.c.id != known.id)
            found = self._records(connection, query.order_by(_run.c.created.desc()).limit(1))
            if found and not known.again:
                return found[0]
            values = {"key": key, "preimage": dict(preimage), "analysis_version": _version(preimage)}
            connection.execute(sa.update(_run).where(_run.c.id == known.id).values(values))
            return None

    def cancel(self, run_id: str) -> RunRecord:
        """Cancel a queued run at once; ask the supervisor to end a running one. Ended runs are left as they are."""
        with self._database.write() as connection:
            known = self._run(connection, run_id)
            if known.status == "queued":
                values: dict[str, Any] = {"status": "cancelled", "error": "cancelled", "finished": now()}
            elif known.status == "running":
                values = {"cancel_asked": True}
            else:
                return known
            connection.execute(sa.update(_run).where(_run.c.id == known.id).values(values))
            return self._run(connection, known.id)

    def cancel_asked(self) -> list[str]:
        """Ids of the running runs that somebody wants to end."""
        query = sa.select(_run.c.id).where(_run.c.status == "running", _run.c.cancel_asked)
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(_run.c.created)).scalars())


def _filters(model: str | None, analysis: str | None, status: str | None, data: str | None) -> list[Any]:
    wanted = {"model": model, "analysis": analysis, "status": status, "data": data}
    return [_run.c[name] == value for name, value in wanted.items() if value is not None]


def _version(preimage: Mapping[str, Any]) -> str:
    analysis = preimage.get("analysis")
    return str(analysis.get("version", "")) if isinstance(analysis, Mapping) else ""


def _fresh(run_id: str, spec: RunSpec, key: str, preimage: Mapping[str, Any], again: bool) -> dict[str, Any]:
    return {
        "id": run_id,
        "key": key,
        "preimage": dict(preimage),
        "again": again,
        "analysis": spec.analysis,
        "analysis_version": _version(preimage),
        "model": spec.model,
        "data": spec.data,
        "slice": spec.slice,
        "points": spec.points,
        "params": dict(spec.params),
        "seed": spec.seed,
        "device_wanted": spec.device,
        "device": "",
        "time_limit": spec.time_limit,
        "memory_limit": spec.memory_limit,
        "status": "queued",
        "cancel_asked": False,
        "created": now(),
        "fraction": 0.0,
        "stage": "",
        "worker": "",
        "error": "",
        "traceback": "",
    }
