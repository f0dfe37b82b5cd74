# SPDX-License-Identifier: Apache-2.0
"""Tables of the result: the four measures, coverage by class, distances of diagrams, Betti curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.coverage.manifolds import NAMES, expected_coverage
from plugins.coverage.trials import KINDS, Shapes, Trials
from plugins.homology.summaries import betti_band, scales
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.coverage.samples import Labels

FIRM = 30  # real points of a class below which its coverage is not judged
STEPS = 120  # scales of a Betti curve
WHAT = ("pieces (H0)", "loops (H1)", "voids (H2)")


def measures_table(found: Trials, k: int, total: int) -> pd.DataFrame:
    """One row for each measure: against the draws, between halves of the data, and how much is lacking.

    ``shortfall`` is the control less the measure in the same trials. ``expected`` is the closed form for coverage of
    equal distributions; 1 for density; NaN where there is none.
    """
    import pandas as pd

    expected = {"coverage": expected_coverage(found.size, found.size, k), "density": 1.0}
    rows = []
    for at, name in enumerate(NAMES):
        row: dict[str, Any] = {"measure": name}
        top = float("inf") if name == "density" else 1.0
        row |= columns_of("value", within(mean_of(found.numbers[:, at], found.size, total), top))
        row |= columns_of("control", within(mean_of(found.control[:, at], found.size, total), top))
        lacking = mean_of(found.control[:, at] - found.numbers[:, at], found.size, total)
        row |= columns_of("shortfall", within(lacking, top, -top))
        rows.append(
            row | {"expected": expected.get(name, np.nan), "n": found.size, "k": k, "trials": len(found.numbers)}
        )
    return pd.DataFrame(rows)


def classes_table(found: Trials, labels: Labels, total: int, level: float) -> pd.DataFrame:
    """Coverage of each class, of halves of the data, and how much more a class lacks than the others do.

    ``lacking`` is the shortfall of the class less that of all other classes in the same trials, with an interval of
    ``level``; NaN where a class is too small to be judged.
    """
    import pandas as pd

    counts = np.bincount(labels.codes[labels.codes >= 0], minlength=len(labels.names))
    short = found.control_by_class - found.by_class
    rows = []
    for at, name in enumerate(labels.names):
        row: dict[str, Any] = {"class": name, "n": int(counts[at])}
        firm = counts[at] >= FIRM and np.isfinite(short[:, at]).all()
        nothing = Mean(np.nan, np.nan, np.nan)
        for what, values in (("coverage", found.by_class), ("control", found.control_by_class)):
            row |= columns_of(what, within(mean_of(values[:, at], found.size, total)) if firm else nothing)
        others = np.arange(len(labels.names)) != at
        weights = np.where(np.isfinite(short), counts[None, :], 0) * others
        rest = (np.nan_to_num(short) * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
        more = mean_of(short[:, at] - rest, found.size, total, level) if firm and others.any() else nothing
        rows.append(row | columns_of("lacking", more))
    return pd.DataFrame(rows)


def shapes_table(formed: Shapes, total: int, level: float) -> pd.DataFrame:
    """One row for each distance and dimension: real against generated, and two halves of each.

    ``excess`` is the distance less that of the two halves that are less alike, with an interval of ``level``.
    """
    import pandas as pd

    rows = []
    used = 2 * formed.half
    for at, kind in enumerate(KINDS):
        for dimension in range(formed.apart.shape[2]):
            apart, real, made = (one[:, at, dimension] for one in (formed.apart, formed.real, formed.generated))
            control = real if real.mean() >= made.mean() else made
            row: dict[str, Any] = {"measure": kind, "dimension": dimension, "what": WHAT[dimension]}
            for name, values in (("real_generated", apart), ("halves_of_real", real), ("halves_of_generated", made)):
                row |= columns_of(name, mean_of(values, used, total))
            row |= columns_of("excess", mean_of(apart - control, used, total, level))
            rows.append(row | {"half": formed.half, "n": total, "trials": len(apart)})
    return pd.DataFrame(rows)


def betti_table(formed: Shapes) -> pd.DataFrame:
    """Bars alive at each scale, in median distances of the real points: median and 5 to 95 % over the trials."""
    import pandas as pd

    grid = scales([*formed.real_bars, *formed.generated_bars], STEPS)
    parts = []
    for name, barcodes in (("real", formed.real_bars), ("generated", formed.generated_bars)):
        for dimension in range(len(barcodes[0].bars)):
            band = betti_band(barcodes, dimension, grid)
            parts.append(
                pd.DataFrame(
                    {
                        "points": name,
                        "dimension": dimension,
                        "scale": grid,
                        "median": band.median,
                        "low": band.low,
                        "high": band.high,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def within(mean: Mean, top: float = 1.0, bottom: float = 0.0) -> Mean:
    """A mean of shares, its interval cut to what a share can be."""
    if mean.low != mean.low:
        return mean
    return Mean(mean.value, max(mean.low, bottom), min(mean.high, top))


def columns_of(name: str, mean: Mean) -> dict[str, float]:
    """A mean as three columns."""
    return {name: mean.value, f"{name}_low": mean.low, f"{name}_high": mean.high}
