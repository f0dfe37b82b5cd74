# SPDX-License-Identifier: Apache-2.0
"""What the browser tells of one thing that the user did on the map; nothing of it is trusted to be well formed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

Mode = Literal["initial", "replace", "add", "subtract", "invert", "clear"]
Kind = Literal["polygon", "point", "near", "category", "invert", "clear"]

#: No outline that a hand draws has more corners, once those within half a pixel of it are left out.
MOST_CORNERS = 20_000


@dataclass(frozen=True, eq=False)
class Operation:
    """One thing that the user did.

    Attributes:
        identity: name that the browser gave it.
        kind: what was done; ``near`` is a click in a picture drawn by the server, which knows the point.
        mode: what it does to the selection.
        polygon: float64 [m, 2], outline of a lasso or rectangle.
        view: float64 [3, 4], in 3-D the matrix from data to view coordinates.
        index: row of a click, or code of a category.
        hidden: codes of the categories that are not drawn.
        cloud: fingerprint of the points it was done on, when maps are linked.
        share: 0 to 1, how far the points were moved to their other place.
        limits: the value codes drawn, lowest and highest, when the legend filters.
        place: view coordinates of a ``near`` click, and how far from it a point may be.
    """

    identity: str
    kind: Kind
    mode: Mode
    polygon: npt.NDArray[np.float64] | None
    view: npt.NDArray[np.float64] | None
    index: int
    hidden: npt.NDArray[np.int64]
    cloud: str = ""
    share: float = 0.0
    limits: tuple[int, int] | None = None
    place: tuple[float, float, float] | None = None

    @classmethod
    def read(cls, told: Any) -> Operation:
        """Read what the browser sent.

        Raises:
            ValueError: when it is not an operation.
        """
        try:
            kind, mode = told["kind"], told["mode"]
            if kind not in get_args(Kind) or mode not in get_args(Mode):
                raise ValueError(f"unknown kind {kind!r} or mode {mode!r}")
            polygon = np.asarray(told["polygon"], dtype=np.float64).reshape(-1, 2) if kind == "polygon" else None
            if polygon is not None and (len(polygon) > MOST_CORNERS or not np.isfinite(polygon).all()):
                raise ValueError(f"an outline of {len(polygon):,} corners, or one that is not finite")
            view = np.asarray(told["view"], dtype=np.float64).reshape(3, 4) if told.get("view") else None
            hidden = np.asarray(told.get("hidden") or [], dtype=np.int64).reshape(-1)
            index = int(told.get("index", -1))
            share = float(told.get("t", 0.0))
            if not 0 <= share <= 1:
                raise ValueError(f"a share of {share}")
            limits = _limits(told["range"]) if told.get("range") else None
            place = _place(told["place"]) if kind == "near" else None
            return cls(
                str(told["id"]), cast(Kind, kind), cast(Mode, mode), polygon, view, index, hidden,
                str(told.get("cloud", "")), share, limits, place,
            )  # fmt: skip
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"the point map sent an operation that cannot be read: {error}") from error


def _limits(told: Any) -> tuple[int, int]:
    low, high = (int(one) for one in told)
    if not 0 <= low <= high <= 65534:
        raise ValueError(f"a range of codes from {low} to {high}")
    return low, high


def _place(told: Any) -> tuple[float, float, float]:
    across, up, reach = (float(one) for one in told)
    if not all(map(math.isfinite, (across, up, reach))):
        raise ValueError("a place that is not finite")
    return across, up, reach
