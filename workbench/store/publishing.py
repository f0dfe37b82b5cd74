# SPDX-License-Identifier: Apache-2.0
"""Results in the store: files first, one rename, then the row; so no row is ever without its files."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.errors import StoreError
from registry.result import Finding, Metric, Result
from workbench.store import schema
from workbench.store.clock import moment, now
from workbench.store.encoding import column, text
from workbench.store.files import remove, sync, told
from workbench.store.parts import Part, checked, write_manifest, write_parts
from workbench.store.pictures import Pictures
from workbench.store.records import Artifact, FindingRecord, RunRecord, number
from workbench.store.stored import StoredResult
from workbench.store.tracking import forget_run, track

LOG_BYTES = 4 << 20  # at most this much of a log is read at once


class Publishing(Pictures):
    """Publishing of results, and reading them."""

    def stage(self, run_id: str) -> Path:
        """A fresh, empty folder for what a run writes before it is published; what an earlier try left is removed."""
        folder = self._staging / self._exact(run_id)
        with told(f"the staging folder of run {run_id} cannot be made"):
            remove(folder)
            folder.mkdir(parents=True)
        return folder

    def publish(self, run_id: str, result: Result, manifest: Mapping[str, Any]) -> RunRecord:
        """Store the result of a running run; when this returns, the result survives a crash.

        Every part is written into the staging folder and synced, ``manifest.json`` last; one rename makes it
        ``runs/<id>``, and one commit makes the run done with its metrics, findings and artifacts.

        Raises
        ------
        ResultError
            When a part cannot be stored as it is.
        StoreError
            When the run is not running, or the disk is full or read-only; nothing of the result is visible then.
        """
        whole = checked(result)
        record = self.run(self._exact(run_id))
        _must_run(record.id, record.status)
        staging = self.stage(run_id)
        try:
            with told(f"the result of run {run_id} could not be stored"):
                parts = write_parts(staging, whole)
                parts.append(write_manifest(staging, {**_about(record), **manifest}, parts))
                self._commit(record.id, staging, whole, parts)
        finally:
            remove(staging)  # after the rename there is none
        remove(self._picture_path(record.id))
        return self.run(run_id)

    def _commit(self, run_id: str, staging: Path, result: Result, parts: list[Part]) -> None:
        """Rename, then commit, while no other writer (nor ``gc``) can come between."""
        target = self._runs / run_id
        with self._database.write() as connection:
            query = sa.select(schema.run.c.status).where(schema.run.c.id == run_id)
            _must_run(run_id, str(connection.execute(query).scalar() or "deleted"))
            if target.exists():  # renamed by a try that was killed before its commit
                aside = self._staging / f"{run_id}.{secrets.token_hex(4)}"
                os.rename(target, aside)
                remove(aside)
            os.rename(staging, target)
            sync(self._runs)
            _insert(connection, run_id, result, parts)

    def result(self, run_id: str) -> StoredResult:
        """The stored result of a finished run; raises :class:`StoreError` when the run has none."""
        record = self.run(run_id)
        if record.status != "done":
            why = f" ({record.error})" if record.error else ""
            raise StoreError(f"run {record.id} has no result: it is {record.status}{why}")
        return StoredResult(record.id, self._runs / record.id, self.artifacts(record.id))

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The files of a run, in the order they were written."""
        table = schema.artifact
        query = sa.select(table).where(table.c.run_id == self._exact(run_id)).order_by(table.c.position)
        with self._database.read() as connection:
            return [self._artifact(row) for row in connection.execute(query).mappings()]

    def artifact(self, sha256: str) -> Artifact:
        """A file of this hash; raises :class:`StoreError` when there is none."""
        table = schema.artifact
        query = sa.select(table).where(table.c.sha256 == sha256).order_by(table.c.run_id).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise StoreError(f"there is no file of hash '{sha256}' in the store")
        return self._artifact(row)

    def _artifact(self, row: Mapping[Any, Any]) -> Artifact:
        path = self._runs / row["run_id"] / row["file"]
        return Artifact(row["run_id"], row["name"], row["kind"], path, row["sha256"], row["bytes"])

    def findings(
        self,
        *,
        model: str | None = None,
        analysis: str | None = None,
        severity: str | None = None,
        limit: int = 100,
    ) -> list[FindingRecord]:
        """Findings of finished runs, newest first."""
        run, table = schema.run, schema.finding
        wanted = ((run.c.model, model), (run.c.analysis, analysis), (table.c.severity, severity))
        query = (
            sa.select(table, run.c.analysis, run.c.model, run.c.data)
            .join(run, run.c.id == table.c.run_id)
            .where(*(one == value for one, value in wanted if value is not None))
            .order_by(table.c.created.desc(), table.c.run_id, table.c.position)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_finding(row) for row in connection.execute(query).mappings()]

    def log_path(self, run_id: str) -> Path:
        """Where the log of a run is, or will be."""
        return self._logs / f"{self._exact(run_id)}.log"

    def log(self, run_id: str, offset: int = 0) -> tuple[str, int]:
        """What the log holds from byte ``offset`` on (4 MiB at most), and the offset to go on from."""
        try:
            with self.log_path(run_id).open("rb") as file:
                file.seek(max(0, offset))
                raw = file.read(LOG_BYTES)
        except FileNotFoundError:
            return "", offset
        whole = raw[: len(raw) - _unfinished(raw)]
        return whole.decode("utf-8", "replace"), max(0, offset) + len(whole)

    def delete_run(self, run_id: str) -> None:
        """Delete a run that has ended, with its result and log; raises :class:`StoreError` for one that has not."""
        with self._database.write() as connection:
            known = self._run(connection, run_id)
            if not known.ended:
                raise StoreError(f"run {known.id} is {known.status}: cancel it before deleting it")
            forget_run(connection, known.id, now())
            connection.execute(sa.delete(schema.run).where(schema.run.c.id == known.id))
        for path in (
            self._runs / known.id,
            self._staging / known.id,
            self.log_path(known.id),
            self._picture_path(known.id),
        ):
            remove(path)


def _must_run(run_id: str, status: str) -> None:
    if status != "running":
        raise StoreError(f"the result of run {run_id} was not stored: the run is {status}, not running")


def _about(record: RunRecord) -> dict[str, Any]:
    names = ("key", "analysis", "analysis_version", "model", "data", "slice", "points", "params", "seed", "device")
    times = {name: getattr(record, name) for name in ("created", "started")}
    return {"run": record.id, **{name: getattr(record, name) for name in names}, **times, "published": now()}


def _insert(connection: sa.Connection, run_id: str, result: Result, parts: list[Part]) -> None:
    present = now()
    metrics = [one for one in result.metrics.items() if isinstance(one[1], Metric)]
    rows = [_metric_row(run_id, position, name, one) for position, (name, one) in enumerate(metrics)]  # type: ignore[arg-type]
    if rows:
        connection.execute(sa.insert(schema.run_metric), rows)
    found = [_finding_row(run_id, position, one, present) for position, one in enumerate(result.findings)]
    track(connection, run_id, found, present)
    if found:
        connection.execute(sa.insert(schema.finding), found)
    connection.execute(
        sa.insert(schema.artifact),
        [{"run_id": run_id, "position": place, **vars(one)} for place, one in enumerate(parts)],
    )
    values = {"status": "done", "finished": present, "fraction": 1.0, "error": "", "traceback": ""}
    connection.execute(sa.update(schema.run).where(schema.run.c.id == run_id).values(values))


def _metric_row(run_id: str, position: int, name: str, one: Metric) -> dict[str, Any]:
    numbers = {key: column(getattr(one, key)) for key in ("value", "low", "high", "level")}
    words = {key: text(getattr(one, key)) for key in ("unit", "label", "note", "better")}
    n = None if one.n is None else int(one.n)
    return {"run_id": run_id, "position": position, "name": name, "n": n, **numbers, **words}


_WORDS = ("code", "statement", "severity", "wrong_if", "figure", "entry")


def _finding_row(run_id: str, position: int, one: Finding, created: str) -> dict[str, Any]:
    numbers = {key: column(getattr(one, key)) for key in ("value", "threshold", "low", "high")}
    words = {key: text(getattr(one, key)) for key in _WORDS}
    n = None if one.n is None else int(one.n)
    return {"run_id": run_id, "position": position, "n": n, "created": created, **numbers, **words}


def _finding(row: Mapping[Any, Any]) -> FindingRecord:
    plain = {name: row[name] for name in (*_WORDS, "threshold", "low", "high", "n")}
    created = moment(row["created"])
    assert created is not None  # the column is never NULL
    about = (row["run_id"], row["analysis"], row["model"], row["data"], created)
    return FindingRecord(*about, Finding(value=number(row["value"]), **plain))


def _unfinished(raw: bytes) -> int:
    """How many bytes at the end begin a character that is not all there yet.

    >>> _unfinished("é".encode()[:1]), _unfinished("é".encode())
    (1, 0)
    """
    for back in range(1, min(3, len(raw)) + 1):
        byte = raw[-back]
        if byte & 0xC0 != 0x80:  # where a character begins
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return back if needed > back else 0
    return 0
