# SPDX-License-Identifier: Apache-2.0
"""What the parts of the store share: the folders, the database, and looking up a run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store import schema
from workbench.store.database import Database
from workbench.store.records import RunRecord, number, run_record

RUN_ID = re.compile(r"[0-9a-f]{12}")
PREFIX = re.compile(r"[0-9a-f]{1,12}")


class Base:
    """Folders and database of a store.

    Attributes
    ----------
    root : folder of the files
    location : what :meth:`Store.open` takes to open the same store in another process
    """

    def __init__(self, root: Path, location: str, database: Database) -> None:
        self.root, self.location, self._database = root, location, database
        self._runs, self._staging = root / "runs", root / "staging"
        self._slices, self._logs = root / "slices", root / "logs"
        self._selections, self._directions = root / "selections", root / "directions"
        self._pictures = root / "pictures"

    def run(self, run_id: str) -> RunRecord:
        """The run of this id, or of the one id that begins so.

        Raises
        ------
        StoreError
            When there is no such run, or several begin so.
        """
        with self._database.read() as connection:
            return self._run(connection, run_id)

    def _run(self, connection: sa.Connection, run_id: str) -> RunRecord:
        if not isinstance(run_id, str) or not PREFIX.fullmatch(run_id):
            raise StoreError(f"{str(run_id)!r} is no id of a run: an id has 12 characters of 0-9 and a-f")
        column = schema.run.c.id
        condition = column.between(run_id, f"{run_id}g")  # a range, which the index serves; 'g' comes after every digit
        found = self._records(connection, sa.select(schema.run).where(condition).limit(2))
        if not found:
            raise StoreError(f"there is no run '{run_id}' in the store: 'workbench runs' lists them")
        if len(found) > 1:
            raise StoreError(f"several runs begin with '{run_id}': give more characters of the id")
        return found[0]

    def _records(self, connection: sa.Connection, query: sa.Select[Any]) -> list[RunRecord]:
        rows = connection.execute(query).mappings().all()
        metrics = _metrics(connection, [row["id"] for row in rows if row["status"] == "done"])
        return [run_record(dict(row), metrics.get(row["id"], {})) for row in rows]

    def _exact(self, run_id: str) -> str:
        """The id, checked, since it becomes part of a path."""
        if not isinstance(run_id, str) or not RUN_ID.fullmatch(run_id):
            raise StoreError(f"{str(run_id)!r} is no id of a run: an id has 12 characters of 0-9 and a-f")
        return run_id


def _metrics(connection: sa.Connection, runs: list[str]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    table = schema.run_metric
    for some in _chunks(runs, 500):
        query = sa.select(table.c.run_id, table.c.name, table.c.value).where(table.c.run_id.in_(some))
        for run_id, name, value in connection.execute(query.order_by(table.c.run_id, table.c.position)):
            found.setdefault(run_id, {})[name] = number(value)
    return found


def _chunks(values: list[str], size: int) -> Iterable[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
