# SPDX-License-Identifier: Apache-2.0
"""By which column the points of the page are coloured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.app.components.palette import CATEGORY_COLOURS, NEUTRAL_COLOUR, SEQUENTIAL_RAMP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.app.parts.view_context import ViewContext

MOST: Final = 40  # categories
NONE: Final = "no colour"
PLAIN: Final = ("#0072B2", "#33BBEE")


@dataclass(frozen=True)
class Colouring:
    """A column of the points.

    Attributes
    ----------
    name : of the column
    column : its values, a pandas series
    codes : category numbers (int, -1 for none), or values in 0..1
    """

    name: str
    column: Any
    codes: NDArray[Any]

    @property
    def words(self) -> str:
        """What the colours mean, in a sentence."""
        kind = "" if self.codes.dtype.kind == "i" else " (bright: high)"
        return f"Colours: {self.name}{kind}; their legend stands beside the large plane."

    def colours(self, positions: NDArray[np.int64], *, dark: bool) -> list[str]:
        """A CSS colour for each of some points."""
        codes = self.codes[positions]
        if codes.dtype.kind == "i":
            return [CATEGORY_COLOURS[one % len(CATEGORY_COLOURS)] if one >= 0 else NEUTRAL_COLOUR for one in codes]
        return ramp(codes, dark=dark)


def ramp(shares: NDArray[Any], *, dark: bool) -> list[str]:
    """CSS colours of values in 0..1; grey where they are not finite."""
    stops = SEQUENTIAL_RAMP["dark" if dark else "light"]
    last = len(stops) - 1
    return [stops[round(float(one) * last)] if np.isfinite(one) else NEUTRAL_COLOUR for one in np.clip(shares, 0, 1)]


def colouring_of(view: ViewContext, rows: NDArray[np.int64]) -> Colouring | None:
    """Ask for a column; none where the points have none that can be drawn."""
    columns = view.columns(rows)
    offered = [str(one) for one in columns.columns if _drawable(columns[one])]
    if not offered:
        return None
    first = next((one for one in offered if 2 <= columns[one].nunique() <= MOST), offered[0])
    name = view.choice("colour", [*offered, NONE], "Colour of the points", default=first, width=280)
    if name == NONE:
        return None
    column = columns[name]
    if column.dtype.kind in "iufb" and column.nunique() > MOST:
        values = column.to_numpy(dtype=np.float64)
        low, high = np.nanmin(values), np.nanmax(values)
        return Colouring(name, column, (values - low) / (high - low))
    codes = column.astype("category").cat.codes.to_numpy().astype(np.int64)
    return Colouring(name, column.astype("category"), codes)


def _drawable(column: Any) -> bool:
    count = column.nunique()
    return count >= 2 and (count <= MOST or column.dtype.kind in "iuf")
