# SPDX-License-Identifier: Apache-2.0
"""Named things of the store: data sets, and descriptions of models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import moment, now
from workbench.store.encoding import strict, text
from workbench.store.names import check_name
from workbench.store.records import DatasetRecord, DescriptionRecord

_dataset, _description = schema.dataset, schema.description


class Named(Base):
    """Data sets and descriptions."""

    # -- data sets

    def add_dataset(
        self, name: str, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None
    ) -> DatasetRecord:
        """Remember a data set by path under a name; a name that is taken is refused."""
        check_name(name, "data set")
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
