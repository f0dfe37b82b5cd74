# SPDX-License-Identifier: Apache-2.0
"""What killed processes left behind, and whether what is stored is still whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from workbench.store import schema
from workbench.store.files import remove, sha256_of, size_of
from workbench.store.publishing import Publishing
from workbench.store.records import GarbageReport
from workbench.store.selections import SELECTION, unused, whole
from workbench.store.stored import StoredResult


class Garbage(Publishing):
    """Reclaiming orphans, and checking hashes."""

    def gc(self, *, dry_run: bool = False) -> GarbageReport:
        """Remove what belongs to nothing: staging folders of runs that are not running, run folders, files of slices
        and directions, logs and pictures without rows, and selections unused for 90 days. ``dry_run`` only says what
        would go.
        """
        with self._database.write() as connection:  # no publication is between its rename and its commit now
            orphans = sorted(self._orphans(connection))
            names, total = [str(one.relative_to(self.root)) for one in orphans], sum(map(size_of, orphans))
            if not dry_run:
                for one in orphans:
                    remove(one)
        return GarbageReport(names, total, dry_run)

    def _orphans(self, connection: sa.Connection) -> Iterator[Path]:
        status = {row.id: row.status for row in connection.execute(sa.select(schema.run.c.id, schema.run.c.status))}
        hashes = set(connection.execute(sa.select(schema.slice_.c.sha256)).scalars())
        vectors = set(connection.execute(sa.select(schema.direction.c.sha256)).scalars())
        for folder in self._staging.iterdir():
            if status.get(folder.name) != "running":
                yield folder
        for folder in self._runs.iterdir():
            if status.get(folder.name) not in ("done", "running"):
                yield folder
        for file in self._slices.iterdir():
            if file.stem not in hashes:
                yield file
        for file in self._directions.iterdir():
            if file.stem not in vectors:
                yield file
        for file in self._selections.iterdir():
            if unused(file):
                yield file
        for file in self._pictures.iterdir():
            if status.get(file.name.partition(".")[0], "done") == "done":
                yield file
        for file in self._logs.glob("????????????.log"):
            if file.stem not in status:
                yield file

    def verify(self) -> list[str]:
        """Read every stored file; one sentence for each that is missing or changed. Empty when all is well."""
        problems = []
        with self._database.read() as connection:
            if self._database.is_sqlite:
                found = [str(one) for one in connection.exec_driver_sql("PRAGMA integrity_check").scalars()]
                problems += [f"the database is damaged: {one}" for one in found if one != "ok"]
            query = sa.select(schema.run.c.id).where(schema.run.c.status == "done").order_by(schema.run.c.created)
            done = list(connection.execute(query).scalars())
            slices = connection.execute(sa.select(schema.slice_.c.name, schema.slice_.c.sha256)).all()
            directions = connection.execute(sa.select(schema.direction.c.name, schema.direction.c.sha256)).all()
        for run_id in done:
            stored = StoredResult(run_id, self._runs / run_id, self.artifacts(run_id))
            problems += stored.verify() if stored.folder.is_dir() else [f"the folder of run {run_id} is missing"]
        for name, sha256 in slices:
            what = f"the rows of the slice '{name}'"
            problems += _changed(self._slices / f"{sha256}.npy", sha256, f"{what} are", f"{what} have", "they were")
        for name, sha256 in directions:
            what = f"the vector of the direction '{name}'"
            problems += _changed(self._directions / f"{sha256}.safetensors", sha256, f"{what} is", f"{what} has")
        kept = sorted(one for one in self._selections.iterdir() if SELECTION.fullmatch(one.name))
        problems += [f"the selection {one.name} has changed since it was stored" for one in kept if not whole(one)]
        return problems


def _changed(path: Path, sha256: str, is_: str, has: str, since: str = "it was") -> list[str]:
    """A sentence when a file is missing or is not what it was."""
    if not path.is_file():
        return [f"{is_} missing"]
    return [] if sha256_of(path) == sha256 else [f"{has} changed since {since} stored"]
