# SPDX-License-Identifier: Apache-2.0
"""Named things of the store: slices, data sets, and descriptions of models."""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa

from registry.arrays import Array
from registry.errors import StoreError
from registry.result import ITEM
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import moment, now
from workbench.store.encoding import strict, text
from workbench.store.files import remove, seal, sync, told
from workbench.store.records import DatasetRecord, DescriptionRecord, SliceRecord

_slice, _dataset, _description = schema.slice_, schema.dataset, schema.description


class Named(Base):
    """Slices, data sets and descriptions."""

    # -- slices

    def save_slice(
        self, name: str, data: str, rows: Any, *, note: str = "", origin: str = "", replace: bool = False
    ) -> SliceRecord:
        """Keep a selection of rows of a data set under a name.

        Parameters
        ----------
        rows : integers, positions in the data set; kept in ascending order, each once
        replace : put it in the place of a slice of the same name; runs keep the hash of the rows that they used

        Raises
        ------
        StoreError
            When the name is taken or cannot be a name, or the rows are not positions.
        """
        _check_name(name, "slice")
        chosen = _positions(rows, name)
        with (
            told(f"the slice '{name}' could not be stored"),
            self._database.write() as connection,  # gc cannot come between file and row
        ):
            taken = connection.execute(sa.select(_slice.c.data).where(_slice.c.name == name)).scalar()
            if taken is not None and not replace:
                raise StoreError(f"there is a slice '{name}' (of '{taken}') already: choose another name")
            row = {"name": name, "data": text(data), "sha256": self._write_rows(chosen), "length": len(chosen)}
            words = {"note": text(note), "origin": text(origin), "created": now()}
            connection.execute(sa.delete(_slice).where(_slice.c.name == name))
            connection.execute(sa.insert(_slice).values({**row, **words}))
        return self.slice(name)

    def _write_rows(self, rows: Array) -> str:
        """Write the rows to a file named by its hash; returns the hash."""
        fresh = self._slices / f".{secrets.token_hex(8)}"
        try:
            with fresh.open("wb") as file:
                np.save(file, rows, allow_pickle=False)
            sha256, _ = seal(fresh)
            os.rename(fresh, self._slices / f"{sha256}.npy")
        finally:
            remove(fresh)  # after the rename there is none
        sync(self._slices)
        return sha256

    def slice(self, name: str) -> SliceRecord:
        """The slice of this name; raises :class:`StoreError` with near matches when there is none."""
        found = {one.name: one for one in self.slices()}
        if name not in found:
            raise StoreError(f"there is no slice '{name}': {_near(name, found)}")
        return found[name]

    def slices(self, data: str | None = None) -> list[SliceRecord]:
        """Slices by name, of one data set where given."""
        query = sa.select(_slice).order_by(_slice.c.name)
        with self._database.read() as connection:
            rows = connection.execute(query if data is None else query.where(_slice.c.data == data)).mappings().all()
        return [
            SliceRecord(
                **{**row, "created": moment(row["created"])},
                path=self._slices / f"{row['sha256']}.npy",
            )
            for row in rows
        ]

    def delete_slice(self, name: str) -> None:
        """Forget a slice; its file goes with the next ``gc`` unless another slice has the same rows."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(_slice).where(_slice.c.name == name)).rowcount:
                raise StoreError(f"there is no slice '{name}' to delete")

    # -- data sets

    def add_dataset(
        self, name: str, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None
    ) -> DatasetRecord:
        """Remember a data set by path under a name; a name that is taken is refused."""
        _check_name(name, "data set")
        where = str(Path(path).expanduser().absolute())
        row = {"name": name, "path": where, "options": strict(dict(options or {})), "created": now()}
        with self._database.write() as connection:
            if connection.execute(sa.select(_dataset.c.name).where(_dataset.c.name == name)).scalar() is not None:
                raise StoreError(f"there is a data set '{name}' already: remove it first, or choose another name")
            connection.execute(sa.insert(_dataset).values(row))
        return next(one for one in self.datasets() if one.name == name)

    def datasets(self) -> list[DatasetRecord]:
        """The data sets that were added, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_dataset).order_by(_dataset.c.name)).mappings().all()
        return [DatasetRecord(**{**row, "created": moment(row["created"])}) for row in rows]

    def remove_dataset(self, name: str) -> None:
        """Forget a data set; its files are left alone."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(_dataset).where(_dataset.c.name == name)).rowcount:
                raise StoreError(f"there is no data set '{name}' to remove: 'workbench datasets' lists them")

    # -- descriptions of models

    def want_description(self, model: str, stamp: str) -> DescriptionRecord:
        """Ask for the description of a model as it is at ``stamp``; one that is there is kept."""
        with self._database.write() as connection:
            query = sa.select(_description.c.stamp, _description.c.status).where(_description.c.model == model)
            known = connection.execute(query).first()
            if known is None or known.stamp != stamp or known.status == "failed":
                _put(connection, model, stamp, "wanted", None, "")
        return self._described(model)

    def description(self, model: str) -> DescriptionRecord | None:
        """What is known of a model's description."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(_description).where(_description.c.model == model)).mappings().first()
        return None if row is None else DescriptionRecord(**{**row, "updated": moment(row["updated"])})

    def save_description(
        self,
        model: str,
        stamp: str,
        *,
        status: Literal["ready", "failed"] = "ready",
        json: str | None = None,
        error: str = "",
    ) -> DescriptionRecord:
        """Keep the description of a model as it was at ``stamp``, or why there is none.

        When another stamp is wanted meanwhile, the wish stands and this one is dropped.
        """
        with self._database.write() as connection:
            query = sa.select(_description.c.stamp, _description.c.status).where(_description.c.model == model)
            known = connection.execute(query).first()
            if known is None or known.stamp == stamp or known.status != "wanted":
                _put(connection, model, stamp, status, json, text(error))
        return self._described(model)

    def wanted_descriptions(self) -> list[DescriptionRecord]:
        """Descriptions that were asked for, oldest first."""
        query = sa.select(_description).where(_description.c.status == "wanted").order_by(_description.c.updated)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [DescriptionRecord(**{**row, "updated": moment(row["updated"])}) for row in rows]

    def _described(self, model: str) -> DescriptionRecord:
        found = self.description(model)
        if found is None:
            raise StoreError(f"the description of '{model}' was removed while it was written")
        return found


def _put(connection: sa.Connection, model: str, stamp: str, status: str, json: str | None, error: str) -> None:
    connection.execute(sa.delete(_description).where(_description.c.model == model))
    row = {"model": model, "stamp": stamp, "status": status, "json": json, "error": error, "updated": now()}
    connection.execute(sa.insert(_description).values(row))


def _check_name(name: Any, what: str) -> None:
    if not isinstance(name, str) or not ITEM.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a {what}: use up to 80 lower-case letters, digits, '.', '-' and '_'")


def _positions(rows: Any, name: str) -> Array:
    given = np.asarray(rows)
    if given.size == 0:
        raise StoreError(f"the slice '{name}' has no rows: select at least one")
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer) or given.min() < 0:
        raise StoreError(f"the rows of the slice '{name}' must be one list of positions (whole numbers from 0)")
    return np.unique(given).astype("<i8")


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"there are {', '.join(names[:12])}" if names else "none has been saved yet"
