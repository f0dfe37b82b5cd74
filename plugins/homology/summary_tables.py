# SPDX-License-Identifier: Apache-2.0
"""Summaries of every diagram as a table, and the landscapes and image of the loops, each with its band over draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.summaries import clipped, image, landscape, persistence_entropy, scales, total_persistence
from plugins.homology.trust import seen_lengths, standing_out

if TYPE_CHECKING:
    import pandas as pd

    from plugins.homology.engines import Barcode
    from plugins.homology.measures import Measured

Float64 = NDArray[np.float64]
LANDSCAPES = 3  # that are kept and drawn
STEPS = 160  # scales of a landscape
PIXELS = 24  # of a side of an image
BAND = (0.05, 0.95)
NOT_DEFINED = float("nan")


def _finite(one: Barcode, dimension: int) -> Float64:
    bars = one.dimension(dimension)
    return bars[np.isfinite(bars[:, 1])]


#: Of a barcode and a dimension: name, words, unit (u is that of the distance), and how it is computed.
SUMMARIES: tuple[tuple[str, str, str, Callable[[Barcode, int], float]], ...] = (
    ("bars", "Bars in all", "bars", lambda one, k: float(len(one.dimension(k)))),
    ("betti", "Betti number: bars that stand out by a gap in length", "bars", lambda one, k: _betti(one, k)),
    (
        "entropy",
        "Persistence entropy over the logarithm of the number of bars that end",
        "share of its maximum",
        lambda one, k: persistence_entropy(_finite(one, k)),
    ),
    (
        "total_persistence",
        "Total persistence: lengths of the bars that end, added",
        "u",
        lambda one, k: total_persistence(_finite(one, k)),
    ),
    (
        "total_persistence_squared",
        "Total persistence of order 2: squares of the lengths, added",
        "u²",
        lambda one, k: total_persistence(_finite(one, k), 2.0),
    ),
    (
        "longest",
        "Longest bar, as far as it was followed",
        "u",
        lambda one, k: float(seen_lengths(one.dimension(k), k, one.threshold).max(initial=0.0)),
    ),
)


def _betti(one: Barcode, dimension: int) -> float:
    """Of pieces the one that always stays counts as well."""
    return float(standing_out(one, dimension) + (dimension == 0))


def summaries_table(measured: Sequence[Measured]) -> pd.DataFrame:
    """One row for each group, dimension and summary.

    Columns: ``group``, ``dimension``, ``summary``, ``label``, ``value`` of the landmarks, ``median``, ``low`` and
    ``high`` (5 % and 95 % of the random draws, which cover the points less evenly; NaN without draws), ``unit``,
    ``draws``. NaN where a summary is not defined (the entropy of a single bar).
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for one in measured:
        for dimension in range(len(one.barcode.bars)):
            for name, label, unit, how in SUMMARIES:
                drawn = np.array([how(each, dimension) for each in one.draws])
                drawn = drawn[np.isfinite(drawn)]
                low, high = np.quantile(drawn, BAND, method="inverted_cdf") if len(drawn) else (NOT_DEFINED,) * 2
                rows.append(
                    {
                        "group": one.group.name,
                        "dimension": dimension,
                        "summary": name,
                        "label": label,
                        "value": how(one.barcode, dimension),
                        "median": float(np.median(drawn)) if len(drawn) else NOT_DEFINED,
                        "low": float(low),
                        "high": float(high),
                        "unit": unit,
                        "draws": len(one.draws),
                    }
                )
    return pd.DataFrame(rows)


def vectors_of(whole: Measured, dimension: int = 1) -> dict[str, Float64]:
    """Landscapes and image of a dimension as arrays; bars that do not end count up to the largest scale looked at.

    ``landscape_h1`` ``[3, 160]`` of the landmarks, ``landscape_h1_low``, ``_median`` and ``_high`` ``[3, 160]`` over
    the draws (where there are any), ``landscape_h1_scales`` ``[160]``; ``image_h1`` ``[24, 24]`` (rows by length from 0
    up, columns by birth) with ``image_h1_births`` and ``image_h1_lengths`` ``[25]``, the edges of its pixels, and
    ``image_h1_spread`` and ``image_h1_full`` ``[1]``. Scales, births, lengths and landscapes in units of the distance.
    """
    end = whole.reach
    name = f"h{dimension}"
    grid = scales([whole.barcode, *whole.draws], STEPS)
    bars = clipped(whole.barcode.dimension(dimension), end)
    found: dict[str, Float64] = {
        f"landscape_{name}": landscape(bars, LANDSCAPES, grid),
        f"landscape_{name}_scales": grid,
    }
    if whole.draws:
        drawn = np.stack([landscape(clipped(each.dimension(dimension), end), LANDSCAPES, grid) for each in whole.draws])
        low, median, high = np.quantile(drawn, [BAND[0], 0.5, BAND[1]], axis=0)
        found |= {f"landscape_{name}_{words}": one for words, one in (("low", low), ("median", median), ("high", high))}
    made = image(bars, pixels=PIXELS)
    return found | {
        f"image_{name}": made.values,
        f"image_{name}_births": made.births,
        f"image_{name}_lengths": made.lengths,
        f"image_{name}_spread": np.array([made.spread]),
        f"image_{name}_full": np.array([made.full]),
    }
