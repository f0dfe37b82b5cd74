# SPDX-License-Identifier: Apache-2.0
"""The points of a map as its page needs them: read once for a run, however often the page is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

NONE, STRESS, STABILITY, PLACED, ALONE = (
    "nothing",
    "stress of the point",
    "stability under seeds",
    "placed or not",
    "distance to the nearest point",
)

#: What measured values are counted in, as the legend says it.
UNITS = {STRESS: f"{STRESS} (1: average)", STABILITY: f"{STABILITY} (share kept)"}

#: A column of more distinct values than the map has marks for is no category.
MOST_CATEGORIES = 40


@dataclass(frozen=True, eq=False)
class MapPoints:
    """What is known of every point of a map.

    Attributes
    ----------
    coordinates : float32 ``[n, 2 or 3]``
    rows : int64 ``[n]``, rows of the data, or numbers of draws
    columns : labels and attributes of these rows (index 0 .. n-1)
    computed : by name, what the analysis measured at each point (float ``[n]``), or whether it was placed
    default : the name of the colour that says most at first
    named : names of the columns that are categories
    """

    coordinates: Any
    rows: Any
    columns: pd.DataFrame
    computed: dict[str, Any]
    default: str
    named: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, view: ViewContext) -> MapPoints:
        """Those of the run of a view."""
        return view.kept("points", lambda: _read(view))

    def colours(self) -> list[str]:
        """Names of all that the points can be coloured by."""
        return [*(str(one) for one in self.columns.columns), *self.computed, NONE]

    def sizes(self) -> list[str]:
        """Names of all that can be the size of a point: numbers."""
        import pandas as pd

        numbers = [str(name) for name in self.columns.columns if pd.api.types.is_float_dtype(self.columns[name].dtype)]
        return [NONE, *(name for name in self.computed if name != PLACED), *numbers]

    def values(self, name: str) -> Any:
        """One value for each point, of a column or measured; nothing for the name of nothing."""
        if name in self.computed:
            return self.computed[name]
        return None if name == NONE or name not in self.columns.columns else self.columns[name]

    def category(self) -> str | None:
        """Name of the first column with 2 to 40 categories."""
        return next(iter(self.categories()), None)

    def categories(self) -> tuple[str, ...]:
        """Names of the columns with 2 to 40 distinct values that are no fractions."""
        return self.named


def _read(view: ViewContext) -> MapPoints:
    result = view.result
    rows = np.asarray(result.array("rows"))
    coordinates = np.ascontiguousarray(result.array("coordinates"), dtype=np.float32)
    columns = view.columns(rows)
    count = len(rows)
    computed: dict[str, Any] = {STRESS: np.asarray(result.array("stress")) * count}
    if "neighbour_distance" in result.arrays:
        computed[ALONE] = np.asarray(result.array("neighbour_distance"))
    if "stability" in result.arrays:
        spread = np.full(count, np.nan, dtype=np.float32)
        spread[np.asarray(result.array("seed_rows"))] = np.asarray(result.array("stability"))
        computed[STABILITY] = spread
    placed = np.asarray(result.array("placed"))
    named = tuple(str(name) for name in columns.columns if _is_category(columns[name]))
    default = next(iter(named), STRESS)
    if placed.any():
        computed[PLACED] = np.where(placed, "placed", "made the map")
        default = PLACED
    return MapPoints(coordinates, rows, columns, computed, default, named)


def _is_category(column: Any) -> bool:
    import pandas as pd

    return not pd.api.types.is_float_dtype(column.dtype) and 2 <= column.nunique() <= MOST_CATEGORIES
