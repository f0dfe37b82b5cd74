# SPDX-License-Identifier: Apache-2.0
"""Columns of labels and attributes as features: numbers as they are, categories as one feature for each level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.contrast.effects import compare
from plugins.contrast.proportions import compare_shares
from plugins.contrast.sides import FEWEST
from plugins.contrast.table import Rows

if TYPE_CHECKING:
    import pandas as pd

KIND = "column"
FEW = 20  # different whole numbers that still count as names of categories
MOST_LEVELS = 50
MOST_NAMES = 0.5  # more levels than this share of the rows name the rows themselves


@dataclass
class Columns:
    """The rows of the table, and for each category column how often each level is inside and outside."""

    rows: Rows = field(default_factory=Rows)
    counts: dict[str, pd.DataFrame] = field(default_factory=dict)
    numbers: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def compare_columns(inside: pd.DataFrame, outside: pd.DataFrame, level: float) -> Columns:
    """Compare every column that both sides have; missing values are left out, column by column."""
    found = Columns()
    for name in inside.columns:
        if name not in outside.columns:
            continue
        within, beyond = inside[name].dropna(), outside[name].dropna()
        if min(len(within), len(beyond)) < FEWEST:
            found.rows.leave_out(KIND, "", str(name), 1, f"fewer than {FEWEST} values on one side")
        elif "c" in (within.dtype.kind, beyond.dtype.kind):
            found.rows.leave_out(KIND, "", str(name), 1, "complex numbers have no order")
        elif is_category(inside[name], outside[name]):
            _levels(found, str(name), within, beyond, level)
        else:
            _number(found, str(name), within, beyond, level)
    return found


def is_category(inside: pd.Series[Any], outside: pd.Series[Any]) -> bool:
    """Whether a column holds names: text, truth values, categories, or at most 20 different whole numbers."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(inside.dtype) or pd.api.types.is_bool_dtype(inside.dtype):
        return not pd.api.types.is_datetime64_any_dtype(inside.dtype)
    both = pd.concat([inside, outside]).dropna().to_numpy(dtype=np.float64)
    different = np.unique(both)
    return len(different) <= FEW and bool((different == np.round(different)).all())


def _number(found: Columns, name: str, within: Any, beyond: Any, level: float) -> None:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(within.dtype):
        within, beyond = within.astype("int64"), beyond.astype("int64")
    first, second = (one.to_numpy(dtype=np.float64) for one in (within, beyond))
    first, second = first[np.isfinite(first)], second[np.isfinite(second)]
    if min(len(first), len(second)) < FEWEST:
        found.rows.leave_out(KIND, "", name, 1, f"fewer than {FEWEST} finite values on one side")
    elif first.min() == max(first.max(), second.max()) and second.min() == first.min():
        found.rows.leave_out(KIND, "", name, 1, "constant")
    else:
        compared = compare(first[:, None], second[:, None], level)
        found.rows.add_compared(KIND, "", [name], compared, len(first), len(second))
        found.numbers[name] = (first, second)


def _levels(found: Columns, name: str, within: Any, beyond: Any, level: float) -> None:
    """One feature for each level that is not too rare to tell; of two levels that which is more frequent inside."""
    import pandas as pd

    counts = pd.DataFrame({"inside": _counted(within), "outside": _counted(beyond)}).fillna(0).astype(np.int64)
    counts = counts.assign(both=counts.sum(axis=1)).sort_values("both", ascending=False, kind="stable")
    m, n = len(within), len(beyond)
    if len(counts) == 1:
        found.rows.leave_out(KIND, "", name, 1, "constant")
        return
    if len(counts) > max(MOST_NAMES * (m + n), 2):
        found.rows.leave_out(KIND, "", name, 1, f"{len(counts)} different values for {m + n} rows: they name the rows")
        return
    tested = counts[counts["both"] >= FEWEST].head(MOST_LEVELS)
    rare = len(counts) - len(tested)
    if rare:
        found.rows.leave_out(KIND, "", name, rare, f"levels with fewer than {FEWEST} rows, or not among {MOST_LEVELS}")
    found.counts[name] = counts
    if len(counts) == 2:
        tested = tested.loc[[(tested["inside"] / m - tested["outside"] / n).idxmax()]]
    for value, one in tested.iterrows():
        shares = compare_shares(int(one["inside"]), m, int(one["outside"]), n, level)
        found.rows.add_share(KIND, name, str(value), shares, m, n)


def _counted(values: Any) -> Any:
    """How often each level occurs, by its name; levels of a category that do not occur are none."""
    return values.map(_name).astype(object).value_counts()


def _name(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
