# SPDX-License-Identifier: Apache-2.0
"""A filter of points by one column and by a saved slice: a small form, a text for the address, and a mask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np
import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from registry.arrays import Array

#: A column of numbers with at most as many distinct ones is filtered by them, not by a range.
MOST_CHOICES = 60
NOTHING = "no filter"


@dataclass(frozen=True)
class Condition:
    """What a column must be: one of some values (as text), or a number in a closed range."""

    column: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def written(self) -> str:
        """The condition as text for an address.

        >>> Condition("label", ("4", "9")).written(), Condition("stroke, mm", low=0.5, high=2.0).written()
        ('label:4,9', 'stroke%2C%20mm~0.5,2.0')
        """
        name = quote(self.column, safe="").replace("~", "%7E")  # which is left as it is, and stands for a range here
        if self.low is not None and self.high is not None:
            return f"{name}~{self.low!r},{self.high!r}"
        return f"{name}:{','.join(quote(one, safe='') for one in self.values)}"

    @classmethod
    def read(cls, given: str | None, columns: Sequence[str]) -> Condition | None:
        """The condition in an address; nothing when it is none, or of a column that is not there.

        >>> Condition.read("label:4,9", ["label"])
        Condition(column='label', values=('4', '9'), low=None, high=None)
        >>> Condition.read("label~1,x", ["label"]), Condition.read("other:1", ["label"])
        (None, None)
        """
        for mark in ":~":
            name, found, rest = (given or "").partition(mark)
            if not found or unquote(name) not in columns:
                continue
            parts = rest.split(",")
            if mark == ":":
                return cls(unquote(name), tuple(unquote(one) for one in parts))
            try:
                low, high = (float(one) for one in parts)
            except ValueError:
                return None
            return cls(unquote(name), low=low, high=high) if math.isfinite(low) and math.isfinite(high) else None
        return None

    def mask(self, columns: pd.DataFrame) -> Array:
        """bool ``[n]``: the rows that fulfil it; a missing value never does."""
        column = columns[self.column]
        if self.low is not None and self.high is not None:
            return np.asarray(column.between(self.low, self.high).fillna(False), dtype=np.bool_)
        import pandas as pd

        codes, found = pd.factorize(column)
        wanted = np.array([_named(one) in self.values for one in found] + [False])  # the last one: missing
        return np.asarray(wanted[codes], dtype=np.bool_)

    def words(self) -> str:
        """The condition as it is read."""
        if self.low is not None:
            return f"{self.column} from {self.low:.4g} to {self.high:.4g}"
        return f"{self.column} is {' or '.join(self.values)}"


def draw(columns: pd.DataFrame, current: Condition | None, key: str) -> Condition | None:
    """Column and values to choose; gives the condition as it stands."""
    names = [str(one) for one in columns.columns]
    options = [NOTHING, *names]
    start = options.index(current.column) if current is not None else 0
    name = st.selectbox("Show only points where", options, start, format_func=text.one_line, key=f"{key}.column")
    if name == NOTHING:
        return None
    column = columns[name]
    if not _is_range(column):
        listed = _choices(column)
        begin = [
            one for one in (current.values if current is not None and current.column == name else ()) if one in listed
        ]
        chosen = st.multiselect(
            "is one of", listed, begin, format_func=text.one_line, key=f"{key}.values.{name}", placeholder="any value"
        )
        return Condition(name, tuple(chosen)) if chosen else None
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]  # a slider has no place for infinity
    low, high = float(numbers.min()), float(numbers.max())
    if not low < high:
        st.caption("Every point has the same value.")
        return None
    begun = (low, high)
    if current is not None and current.column == name and current.low is not None and current.high is not None:
        begun = (min(max(current.low, low), high), max(min(current.high, high), low))
    first, last = st.slider("is between", low, high, begun, key=f"{key}.range.{name}")
    return None if (first, last) == (low, high) else Condition(name, low=first, high=last)


def _is_range(column: Any) -> bool:
    import pandas as pd

    kind = column.dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return False
    return bool(column.nunique() > MOST_CHOICES) and bool(
        np.isfinite(column.to_numpy(dtype=np.float64, na_value=np.nan)).any()
    )


def _choices(column: Any) -> list[str]:
    """The values of a column as text, the most frequent 2,000 of them, in their own order."""
    counts = column.value_counts().head(2000)
    try:
        kept = sorted(counts.index)
    except TypeError:  # of mixed kinds: in the order of their number
        kept = list(counts.index)
    return [_named(one) for one in kept]


def _named(value: Any) -> str:
    """A value as text; whole numbers without a point, whatever type holds them."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
