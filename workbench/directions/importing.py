# SPDX-License-Identifier: Apache-2.0
"""Directions from files: published boundaries, ``[d]``, ``[1, d]`` or several as ``[k, d]``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from registry.arrays import Array
from registry.errors import DataError, ParameterError, SpaceError, StoreError
from registry.spaces import Vectors
from workbench.store.names import check_name

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

MOST = 1000  # directions of one file
ENDINGS = (".npy", ".npz", ".safetensors")


def import_file(
    store: Store,
    path: str | Path,
    names: Sequence[str],
    *,
    model: str,
    space: str,
    array: str | None = None,
    note: str = "",
    called: str | None = None,
) -> list[DirectionRecord]:
    """Keep the directions of a file under names; either all of them are kept, or none.

    Parameters
    ----------
    path : ``.npy``, ``.npz`` or ``.safetensors``; never unpickled
    names : one for each direction, or one for all: of several they are then ``NAME-0``, ``NAME-1``, ...
    model, space : what they are directions of; they are kept with the weights that the model has now
    array : which array of the file, where it holds several
    called : what the file is called, where that is not the name of ``path``

    Raises
    ------
    DataError
        When the file cannot be read, or holds no directions of the width of the space: another width, NaN, a zero
        vector.
    StoreError, ParameterError
        When a name is taken or cannot be one; when there are not as many names as directions.
    ModelError, SpaceError
        When there is no such model or space.
    """
    from workbench.runs import describe

    location = Path(path).expanduser()
    file = called or location.name
    vectors = read_vectors(location, array, file)
    chosen = _names(list(names), len(vectors), file)
    for one in chosen:
        check_name(one, "direction")
    taken = {one.name for one in store.directions()}.intersection(chosen)
    if taken:
        raise StoreError(f"there is a direction '{min(taken)}' already: choose another name")
    description = describe(store, model)
    found = description.space(space)
    if not isinstance(found, Vectors):
        raise SpaceError(f"'{space}' of '{model}' is no space of vectors: it has no directions")
    width = found.row_shape[0]
    if width is not None and vectors.shape[1] != width:
        raise DataError(
            f"'{file}' holds directions of {vectors.shape[1]:,} numbers, and points of '{space}' of '{model}' have "
            f"{width:,}: they are of another space or model"
        )
    sha256 = hashlib.sha256(location.read_bytes()).hexdigest()
    kept: list[DirectionRecord] = []
    try:
        for row, (name, vector) in enumerate(zip(chosen, vectors, strict=True)):
            how = {"made": "import", "file": file, "file_sha256": sha256, "array": array, "row": row, "note": note}
            kept.append(
                store.save_direction(
                    name,
                    model=model,
                    fingerprint=description.fingerprint,
                    space=space,
                    vector=vector,
                    how={what: told for what, told in how.items() if told not in (None, "")},
                )
            )
    except BaseException:
        for saved in kept:
            store.delete_direction(saved.name)
        raise
    return kept


def read_vectors(path: Path, array: str | None = None, called: str | None = None) -> Array:
    """The directions of a file ``[k, d]``; raises :class:`DataError` for what is none."""
    from workbench.data.arrays import read_npy, read_npz, read_safetensors

    file = called or path.name
    if not path.is_file():
        raise DataError(f"there is no file '{file}'")
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DataError(f"'{file}' is no file of directions: give one that ends with {', '.join(ENDINGS)}")
    try:
        if ending == ".npy":
            if array is not None:
                raise DataError(f"'{path.name}' holds one array without a name: leave out '{array}'")
            values = read_npy(path)
        else:
            values = _chosen(read_npz(path) if ending == ".npz" else read_safetensors(path), path, array)
    except DataError as error:
        raise DataError(str(error).replace(path.name, file)) from error
    return _checked(values, file)


def _chosen(arrays: dict[str, Array], path: Path, array: str | None) -> Array:
    there = ", ".join(f"{name} {list(one.shape)}" for name, one in arrays.items()) or "no array"
    if array is None and len(arrays) != 1:
        raise DataError(f"'{path.name}' holds {there}: say which array the directions are in")
    chosen = next(iter(arrays)) if array is None else array
    if chosen not in arrays:
        raise DataError(f"'{path.name}' has no array '{chosen}': it holds {there}")
    return arrays[chosen]


def _checked(values: Array, file: str) -> Array:
    shape = list(values.shape)
    if values.dtype.kind not in "fiu":
        raise DataError(f"'{file}' holds {values.dtype}, not plain numbers: save it as float32")
    if values.ndim not in (1, 2) or 0 in shape:
        raise DataError(f"'{file}' has shape {shape}: directions are [numbers], or [directions, numbers]")
    rows = np.atleast_2d(np.asarray(values))
    if len(rows) > MOST:
        raise DataError(f"'{file}' has shape {shape}: more than {MOST:,} directions are more likely points")
    with np.errstate(over="ignore"):
        numbers = np.asarray(rows, dtype=np.float32)
    for row, one in enumerate(numbers):
        which = f"direction {row} of '{file}'" if len(rows) > 1 else f"the direction in '{file}'"
        if not np.isfinite(one).all():
            raise DataError(f"{which} holds NaN, infinity or numbers beyond float32")
        if not one.any():
            raise DataError(f"{which} is zero: it leads nowhere")
    return numbers


def _names(names: list[str], count: int, file: str) -> list[str]:
    if len(names) == 1 and count > 1:
        return [f"{names[0]}-{row}" for row in range(count)]
    if len(names) != count:
        raise ParameterError(
            f"'{file}' holds {count} directions, and {len(names)} names are given: give one, or {count}"
        )
    if len(set(names)) != count:
        raise ParameterError("two directions cannot have one name: give each its own")
    return names
