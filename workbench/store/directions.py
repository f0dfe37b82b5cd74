# SPDX-License-Identifier: Apache-2.0
"""Directions: vectors of a space with a name, how each was found and what was measured of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from registry.arrays import Array
from registry.errors import StoreError
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import moment, now
from workbench.store.encoding import strict, text
from workbench.store.files import remove, seal, sync, told
from workbench.store.names import check_name, near
from workbench.store.records import DirectionRecord

_direction = schema.direction


class Directions(Base):
    """Named directions."""

    def save_direction(
        self,
        name: str,
        *,
        model: str | None,
        fingerprint: str,
        space: str,
        vector: Any,
        how: Mapping[str, Any] | None = None,
        card: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> DirectionRecord:
        """Keep a direction of a space under a name.

        Parameters
        ----------
        model, fingerprint : whose space it is, and of which weights; no model for a direction of bare data
        vector : numbers ``[d]`` in the units of the space, kept as float32; its length is part of it
        how : how it was found (analysis, run, slices, parameters), as JSON can hold it
        card : what was measured of it (held-out effect, leakage, n, seed), as JSON can hold it
        replace : put it in the place of a direction of the same name

        Raises
        ------
        StoreError
            When the name is taken or cannot be a name, or the vector is none: empty, all zero or not finite.
        """
        check_name(name, "direction")
        numbers = _vector(vector, name)
        with (
            told(f"the direction '{name}' could not be stored"),
            self._database.write() as connection,  # gc cannot come between file and row
        ):
            taken = connection.execute(sa.select(_direction.c.name).where(_direction.c.name == name)).scalar()
            if taken is not None and not replace:
                raise StoreError(f"there is a direction '{name}' already: choose another name")
            row = {
                "name": name,
                "model": None if model is None else text(model),
                "fingerprint": text(fingerprint),
                "space": text(space),
                "sha256": self._write_vector(numbers),
                "size": len(numbers),
                "how": strict(dict(how or {})),
                "card": strict(dict(card or {})),
                "created": now(),
            }
            connection.execute(sa.delete(_direction).where(_direction.c.name == name))
            connection.execute(sa.insert(_direction).values(row))
        return self.direction(name)

    def _write_vector(self, vector: Array) -> str:
        """Write the vector to a file named by its hash; returns the hash."""
        from safetensors.numpy import save_file

        fresh = self._directions / f".{secrets.token_hex(8)}"
        try:
            save_file({"vector": vector}, fresh)
            sha256, _ = seal(fresh)
            os.rename(fresh, self._directions / f"{sha256}.safetensors")
        finally:
            remove(fresh)  # after the rename there is none
        sync(self._directions)
        return sha256

    def direction(self, name: str) -> DirectionRecord:
        """The direction of this name; raises :class:`StoreError` with near matches when there is none."""
        found = {one.name: one for one in self.directions()}
        if name not in found:
            raise StoreError(f"there is no direction '{name}': {near(name, found)}")
        return found[name]

    def directions(self, model: str | None = None, space: str | None = None) -> list[DirectionRecord]:
        """Directions by name, of one model and one space where given."""
        query = sa.select(_direction).order_by(_direction.c.name)
        if model is not None:
            query = query.where(_direction.c.model == model)
        if space is not None:
            query = query.where(_direction.c.space == space)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            DirectionRecord(
                **{**row, "created": moment(row["created"])},
                path=self._directions / f"{row['sha256']}.safetensors",
            )
            for row in rows
        ]

    def rename_direction(self, name: str, new: str) -> DirectionRecord:
        """Give a direction another name; what was made of it goes on to name it as it was called then.

        Raises :class:`StoreError` when there is none of the name, or the new one is taken or cannot be a name.
        """
        check_name(new, "direction")
        with self._database.write() as connection:
            taken = {one for (one,) in connection.execute(sa.select(_direction.c.name)).all()}
            if name not in taken:
                raise StoreError(f"there is no direction '{name}' to rename: {near(name, taken)}")
            if new in taken - {name}:
                raise StoreError(f"there is a direction '{new}' already: choose another name")
            connection.execute(sa.update(_direction).where(_direction.c.name == name).values(name=new))
        return self.direction(new)

    def delete_direction(self, name: str) -> None:
        """Forget a direction; its file goes with the next ``gc`` unless another one has the same vector."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(_direction).where(_direction.c.name == name)).rowcount:
                raise StoreError(f"there is no direction '{name}' to delete")


def _vector(vector: Any, name: str) -> Array:
    given = np.asarray(vector)
    if given.ndim != 1 or given.size == 0 or given.dtype.kind not in "fiu":
        raise StoreError(f"the vector of the direction '{name}' must be one list of at least one number")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
        numbers = np.ascontiguousarray(given, dtype="<f4")
    if not np.isfinite(numbers).all():
        raise StoreError(f"the vector of the direction '{name}' holds NaN or infinity")
    if not numbers.any():
        raise StoreError(f"the vector of the direction '{name}' is zero: it leads nowhere")
    return numbers
