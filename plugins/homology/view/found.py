# SPDX-License-Identifier: Apache-2.0
"""What a page needs of the result: read once for a run, however often the page is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.homology.results import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

MOST_CATEGORIES = 40
KINDS = {0: "gap between pieces", 1: "loop", 2: "void", 3: "void in 4 dimensions"}


@dataclass(frozen=True, eq=False)
class Found:
    """The result of a run.

    Attributes
    ----------
    bars, betti, groups : its tables
    rows, coordinates, landmarks : int64 ``[n]``, float32 ``[n, 2]``, int64 ``[m]``
    columns : labels and attributes of the rows
    named : the columns that are categories
    unit : of the distances
    """

    bars: pd.DataFrame
    betti: pd.DataFrame
    groups: pd.DataFrame
    rows: Any
    coordinates: Any
    landmarks: Any
    columns: pd.DataFrame
    named: tuple[str, ...]
    unit: str

    @classmethod
    def of(cls, view: ViewContext) -> Found:
        """That of the run of a view."""
        return view.kept("homology", lambda: _read(view))

    def bar(self, number: int) -> Any:
        """The row of a bar."""
        return self.bars.iloc[number]

    def part(self, view: ViewContext, name: str, number: int) -> Any:
        """An array that belongs to a bar, or ``None``."""
        whole = f"{name}_{number}"
        return np.asarray(view.result.array(whole)) if whole in view.result.arrays else None

    def captions(self, positions: Any) -> list[str] | None:
        """What stands below pictures of these points: the first column that is a category."""
        if not self.named:
            return None
        return [str(one) for one in self.columns[self.named[0]].iloc[np.asarray(positions)]]


def p_words(value: float) -> str:
    """A p value as it is read.

    >>> p_words(0.0004), p_words(0.2), p_words(float("nan"))
    ('< 0.001', '0.200', 'not defined')
    """
    if value != value:
        return "not defined"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def share_words(row: Any) -> str:
    """In how many draws, with its interval."""
    if row["recurrence"] != row["recurrence"]:
        return "no draws"
    low, high = 100 * row["recurrence_low"], 100 * row["recurrence_high"]
    return f"{100 * row['recurrence']:.0f} % ({low:.0f} to {high:.0f})"


def verdict(row: Any) -> str:
    """What the three numbers say together."""
    if row["dimension"] == 0 and row["essential"] and row["rank"] == 0:
        return "all points"
    if row["significant"]:
        return "more than noise"
    if row.get("late", False):
        return "of the complex, not of the points"
    if row["recurrence"] != row["recurrence"] and row["p_value"] != row["p_value"]:
        return "not tested"
    return "not told from noise"


def _read(view: ViewContext) -> Found:
    result = view.result
    rows = np.asarray(result.array("rows"), dtype=np.int64)
    columns = view.columns(rows)
    metric = str(view.run.params.get("metric", "auto"))
    if metric == "auto":
        from registry.errors import WorkbenchError

        try:
            metric = str(view.metric_of_points())
        except WorkbenchError:  # the model or its space is gone: the unit alone is not known
            metric = ""
    return Found(
        bars=result.table("bars"),
        betti=result.table("betti"),
        groups=result.table("groups"),
        rows=rows,
        coordinates=np.ascontiguousarray(result.array("coordinates"), dtype=np.float32),
        landmarks=np.asarray(result.array("landmarks"), dtype=np.int64),
        columns=columns,
        named=tuple(str(name) for name in columns.columns if _is_category(columns[name])),
        unit=UNITS.get(metric, "distance"),
    )


def _is_category(column: Any) -> bool:
    import pandas as pd

    return not pd.api.types.is_float_dtype(column.dtype) and 2 <= column.nunique() <= MOST_CATEGORIES
