# SPDX-License-Identifier: Apache-2.0
"""Conditions on columns of a data set, as they are typed: ``label=4``, ``age>=30``."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DataError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from registry.arrays import Array

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"\s*(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def rows_where(columns: pd.DataFrame, conditions: Sequence[str]) -> Array:
    """Positions of the rows that meet every condition, int64 in ascending order.

    A condition is a column, one of ``= != < <= > >=``, and a value; numbers are compared as numbers, all else as text
    (for = and != only). A row without a value in the column meets none.

    Raises
    ------
    ParameterError
        For what is no condition, and values that the column cannot have.
    DataError
        When there is no such column.
    """
    chosen = np.ones(len(columns), dtype=bool)
    for one in conditions:
        name, sign, value = _read(one, [str(name) for name in columns.columns])
        chosen &= _meets(columns.iloc[:, [str(other) for other in columns.columns].index(name)], sign, value, one)
    return np.flatnonzero(chosen)


def _read(condition: str, names: list[str]) -> tuple[str, str, str]:
    """Column, sign and value; a column whose own name holds a sign is found too."""
    for name in sorted(names, key=len, reverse=True):
        rest = condition.strip().removeprefix(name).strip() if condition.strip().startswith(name) else ""
        sign = next((one for one in _SIGNS if rest.startswith(one)), None)
        if sign is not None:
            return name, sign, rest.removeprefix(sign).strip()
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise ParameterError(f"'{condition}' is no condition: write a column, one of = != < <= > >=, and a value")
    near = difflib.get_close_matches(found[1], names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names[:12]) or 'none'}"
    raise DataError(f"the data has no column '{found[1]}': {hint}")


def _meets(column: pd.Series[Any], sign: str, value: str, condition: str) -> Array:
    import pandas as pd

    there = column.notna().to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype):
        if value.lower() not in _TRUTH or sign not in ("=", "!="):
            raise ParameterError(f"'{condition}': the column holds true and false: write = or != and one of them")
        truth = column.map(lambda one: one is True or one == 1).to_numpy(dtype=bool)
        return np.asarray(there & _SIGNS[sign](truth, _TRUTH[value.lower()]))
    if pd.api.types.is_numeric_dtype(column.dtype):
        try:
            number = float(value)
        except ValueError:
            raise ParameterError(f"'{condition}': the column holds numbers, and '{value}' is none") from None
        return np.asarray(there & _SIGNS[sign](column.to_numpy(dtype=float, na_value=float("nan")), number))
    if sign not in ("=", "!="):
        raise ParameterError(f"'{condition}': the column holds text, which is compared with = and != only")
    return np.asarray(there & _SIGNS[sign](column.astype(str).to_numpy(dtype=object), value).astype(bool))
