# SPDX-License-Identifier: Apache-2.0
"""Slices: selections of rows with a name, and new ones made of them by and, or and not."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from functools import reduce
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa

from registry.arrays import Array
from registry.errors import StoreError
from workbench.store import schema
from workbench.store.base import Base
from workbench.store.clock import moment, now
from workbench.store.encoding import text
from workbench.store.files import remove, seal, sync, told
from workbench.store.names import check_name, near
from workbench.store.records import SliceRecord

How = Literal["and", "or", "not"]
_slice = schema.slice_


class Slices(Base):
    """Saved selections of rows."""

    def save_slice(
        self, name: str, data: str, rows: Any, *, note: str = "", origin: str = "", replace: bool = False
    ) -> SliceRecord:
        """Keep a selection of rows under a name.

        Parameters
        ----------
        data : what the rows are of: a data set, or draws from a prior (see :func:`workbench.runs.draws_source`)
        rows : integers, positions in the data set; kept in ascending order, each once
        replace : put it in the place of a slice of the same name; runs keep the hash of the rows that they used

        Raises
        ------
        StoreError
            When the name is taken or cannot be a name, or the rows are not positions.
        """
        check_name(name, "slice")
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

    def combine_slices(
        self,
        name: str,
        how: How,
        names: Sequence[str],
        *,
        length: int | None = None,
        note: str = "",
        replace: bool = False,
    ) -> SliceRecord:
        """Keep what slices of the same data make together as a new slice.

        Parameters
        ----------
        how : ``"and"``: rows that are in all of them; ``"or"``: in any; ``"not"``: in the first and in none of the
            others, or, of one slice alone, every row but its own
        names : two slices or more; for ``"not"`` one will do
        length : how many rows there are in all, for ``"not"`` of one slice

        Raises
        ------
        StoreError
            When they are of different data, no row is left, or a name is not there or is taken.
        """
        check_name(name, "slice")
        chosen = [self.slice(one) for one in names]
        _check_combination(how, chosen, length)
        rows = _combined(how, [one.rows() for one in chosen], length)
        origin = _said(how, [one.name for one in chosen])
        if len(rows) == 0:
            raise StoreError(f"the slice '{name}' would have no rows: there are none in {origin}")
        return self.save_slice(name, chosen[0].data, rows, note=note, origin=origin, replace=replace)

    def slice(self, name: str) -> SliceRecord:
        """The slice of this name; raises :class:`StoreError` with near matches when there is none."""
        found = {one.name: one for one in self.slices()}
        if name not in found:
            raise StoreError(f"there is no slice '{name}': {near(name, found)}")
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


def _positions(rows: Any, name: str) -> Array:
    given = np.asarray(rows)
    if given.size == 0:
        raise StoreError(f"the slice '{name}' has no rows: select at least one")
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer) or given.min() < 0:
        raise StoreError(f"the rows of the slice '{name}' must be one list of positions (whole numbers from 0)")
    return np.unique(given).astype("<i8")


def _check_combination(how: str, chosen: Sequence[SliceRecord], length: int | None) -> None:
    if how not in ("and", "or", "not"):
        raise StoreError(f"slices are combined by 'and', 'or' or 'not', got {how!r}")
    if not chosen or (how != "not" and len(chosen) < 2):
        raise StoreError(f"'{how}' combines at least {'one slice' if how == 'not' else 'two slices'}: name more")
    for one in chosen[1:]:
        if one.data != chosen[0].data:
            raise StoreError(
                f"the slice '{chosen[0].name}' is of '{chosen[0].data}' and '{one.name}' is of '{one.data}': "
                "only slices of the same data can be combined"
            )
    if len(chosen) > 1 or how != "not":
        return
    if length is None:
        raise StoreError(f"all rows but those of '{chosen[0].name}' are known only with the number of rows in all")
    if length < 0:
        raise StoreError(f"there cannot be {length} rows in all")


def _combined(how: str, rows: Sequence[Array], length: int | None) -> Array:
    if how == "and":
        return np.asarray(reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), rows))
    if how == "or":
        return np.unique(np.concatenate(rows))
    if len(rows) > 1:
        return np.asarray(np.setdiff1d(rows[0], np.concatenate(rows[1:])))
    (without,) = rows
    if length is not None and len(without) and int(without[-1]) >= length:
        raise StoreError(f"the slice has the row {without[-1]}, and {length} rows in all were said")
    left = np.ones(length or 0, dtype=bool)
    left[without] = False
    return np.flatnonzero(left)


def _said(how: str, names: Sequence[str]) -> str:
    """How a slice was made, in words.

    >>> _said("and", ["a", "b"]), _said("not", ["a", "b", "c"]), _said("not", ["a"])
    ('a and b', 'a and not b and not c', 'not a')
    """
    if how == "not":
        return " and ".join([*names[:1], *(f"not {one}" for one in names[1:])]) if len(names) > 1 else f"not {names[0]}"
    return f" {how} ".join(names)
