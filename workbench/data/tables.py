# SPDX-License-Identifier: Apache-2.0
"""Tables in files: numeric columns are the points, the other columns stand beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.errors import DataError
from registry.spaces import vectors
from workbench.data.arrays import FileDataset, check_memory

if TYPE_CHECKING:
    import pandas as pd

IN_MEMORY = 4  # a table takes about so many times its file's bytes


def read_table(path: Path) -> pd.DataFrame:
    """The table of a ``.csv`` or ``.parquet`` file; a ``.csv`` whose first line is numbers has no names of columns."""
    import pandas as pd
    import pyarrow

    check_memory(path, path.stat().st_size * IN_MEMORY)
    try:
        if path.suffix.lower() == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = read_separated(path)
            if all(_is_number(str(one)) for one in table.columns):
                table = pd.read_csv(path, header=None)
    except (ValueError, OSError, pyarrow.ArrowException, OverflowError) as error:
        first = str(error).strip().partition("\n")[0]
        raise DataError(f"'{path.name}' cannot be read as a {path.suffix.lower()} file: {first}") from None
    table.columns = [str(one) for one in table.columns]
    if not table.columns.is_unique:
        raise DataError(f"'{path.name}' has two columns of one name: rename one of them")
    return table.reset_index(drop=True)


def read_separated(path: Path, separator: str = ",") -> pd.DataFrame:
    """A table of text; raises :class:`DataError` where its rows have more cells than the first line.

    pandas would take the first cells as names of rows then, and every column for its neighbour.
    """
    import pandas as pd

    table = pd.read_csv(path, sep=separator)
    if not isinstance(table.index, pd.RangeIndex):
        raise DataError(
            f"the rows of '{path.name}' have more cells than its first line: put a text that holds "
            f"{'a tab' if separator == chr(9) else 'commas'} in quotes"
        )
    return table


def table_dataset(
    path: Path, options: dict[str, Any], values: str | Sequence[str] | None, labels: str | Sequence[str] | None
) -> FileDataset:
    """The points in the columns ``values`` (by default every numeric one that is none of ``labels``)."""
    table = read_table(path)
    if len(table) == 0:
        raise DataError(f"'{path.name}' has no rows")
    beside = _names(labels, table, path)
    chosen = _names(values, table, path) if values is not None else _numeric(table, beside)
    if not chosen:
        raise DataError(f"'{path.name}' has no column of numbers to be points: it has {', '.join(table.columns)}")
    if len(chosen) == 1 and table[chosen[0]].dtype == object:
        points, axes = _stacked(table[chosen[0]], path, chosen[0]), None
    else:
        points, axes = _numbers(table, chosen, path), chosen
    rest = table.drop(columns=[one for one in chosen if one not in beside])
    space = vectors(points.shape[1], axes=axes)
    return FileDataset(points, space, rest, files=(path,), options=options)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(given: str | Sequence[str] | None, table: pd.DataFrame, path: Path) -> list[str]:
    if given is None:
        return []
    names = [one.strip() for one in given.split(",")] if isinstance(given, str) else [str(one) for one in given]
    for one in names:
        if one not in table.columns:
            raise DataError(f"'{path.name}' has no column '{one}': it has {', '.join(table.columns)}")
    return names


def _numeric(table: pd.DataFrame, beside: list[str]) -> list[str]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return [
        name
        for name in table.columns
        if name not in beside and is_numeric_dtype(table[name].dtype) and not is_bool_dtype(table[name].dtype)
    ]


def _numbers(table: pd.DataFrame, chosen: list[str], path: Path) -> Array:
    """Columns as float32 ``[n, d]``; raises naming the column and row of what is no finite number."""
    points = np.empty((len(table), len(chosen)), dtype=np.float32)
    for position, name in enumerate(chosen):
        try:
            column = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        except (ValueError, TypeError):
            raise DataError(
                f"column '{name}' of '{path.name}' is not made of numbers: leave it out of values"
            ) from None
        bad = ~(np.abs(column) <= np.finfo(np.float32).max)
        if bad.any():
            raise DataError(
                f"column '{name}' of '{path.name}' is empty, NaN or too large for float32 in {int(bad.sum())} of "
                f"{len(table)} rows (first: row {int(np.argmax(bad))}): "
                f"leave the column out with labels={name}, or mend it"
            )
        points[:, position] = column
    return points


def _stacked(column: pd.Series[Any], path: Path, name: str) -> Array:
    """A column of equally long lists as float32 ``[n, d]``."""
    try:
        lengths = {len(one) for one in column}
    except TypeError:
        raise DataError(f"column '{name}' of '{path.name}' holds neither numbers nor lists of numbers") from None
    if len(lengths) != 1 or 0 in lengths:
        raise DataError(f"column '{name}' of '{path.name}' is ragged: its lists have lengths {sorted(lengths)[:5]}")
    try:
        points = np.stack([np.asarray(one, dtype=np.float32) for one in column])
    except (ValueError, TypeError):
        raise DataError(f"column '{name}' of '{path.name}' holds neither numbers nor lists of numbers") from None
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        raise DataError(f"column '{name}' of '{path.name}' holds NaN or infinity (first: row {int(np.argmax(bad))})")
    return points
