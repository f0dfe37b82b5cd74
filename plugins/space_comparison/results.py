# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from the trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.space_comparison.charts import distances_chart, divergence_chart
from plugins.space_comparison.diagrams import RELATIVE
from plugins.space_comparison.findings import findings_of
from plugins.space_comparison.measures import KINDS, Trials
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.space_comparison.analysis import SpaceComparison

WORDS = ("pieces (H0)", "loops (H1)", "voids (H2)")
UNIT = "median distances"


def result_of(
    first: wb.Points, second: wb.Points, kept: Any, different: int, found: Trials, params: SpaceComparison.Params
) -> wb.Result:
    """Metrics, the tables ``distances`` and ``divergence``, all trials, charts, findings and notes.

    ``kept`` are the positions of the points compared, of the ``different`` ones that there were.
    """
    n = len(kept)
    divergence = divergence_table(found, n)
    distances = distances_table(found, n, params)
    return wb.Result(
        metrics=_metrics(divergence, distances, found, params),
        tables={"divergence": divergence, "distances": distances},
        arrays={
            "rows": np.asarray(first.rows, dtype=np.int64)[kept],
            "rtd": found.rtd,
            "rtd_unpaired": found.unpaired,
            "same_points": found.same,
            "other_points": found.apart,
            "halves_of_first": found.first,
            "halves_of_second": found.second,
        },
        charts={
            "divergence": divergence_chart(divergence),
            **{kind: distances_chart(distances, kind) for kind in KINDS},
        },
        findings=findings_of(divergence, distances, found, n, params),
        notes=_notes(first, second, n, different, found, params),
    )


def divergence_table(found: Trials, n: int) -> pd.DataFrame:
    """RTD as the points are, and with those of the second space in random order."""
    import pandas as pd

    rows = [
        {"points": name, **_columns("rtd", mean_of(values, found.batch, n)), "batch": found.batch, "n": n}
        for name, values in (("paired", found.rtd), ("random order", found.unpaired))
    ]
    return pd.DataFrame(rows)


def distances_table(found: Trials, n: int, params: SpaceComparison.Params) -> pd.DataFrame:
    """One row for each distance and dimension of homology, with both controls."""
    import pandas as pd

    used = 2 * found.half
    rows = []
    for at, kind in enumerate(KINDS):
        for dimension in range(found.same.shape[2]):
            row: dict[str, Any] = {"measure": kind, "dimension": dimension, "what": WORDS[dimension]}
            for name, values in (
                ("same_points", found.same),
                ("other_points", found.apart),
                ("halves_of_first", found.first),
                ("halves_of_second", found.second),
            ):
                row |= _columns(name, mean_of(values[:, at, dimension], used, n))
            rows.append(row | {"half": found.half, "n": n, "trials": params.trials})
    return pd.DataFrame(rows)


def _columns(name: str, mean: Mean) -> dict[str, float]:
    return {name: mean.value, f"{name}_low": mean.low, f"{name}_high": mean.high}


def _metrics(
    divergence: pd.DataFrame, distances: pd.DataFrame, found: Trials, params: SpaceComparison.Params
) -> dict[str, wb.Metric]:
    rtd = divergence.iloc[0]
    metrics = {
        "rtd": wb.Metric(
            float(rtd["rtd"]),
            low=_or_none(rtd["rtd_low"]),
            high=_or_none(rtd["rtd_high"]),
            n=found.batch,
            label="RTD",
            better="lower",
            note=f"Mean of {params.trials} random subsets of {found.batch:,} points, and of both orders. 0 is the same "
            f"order of connection; with the points in random order it is {divergence['rtd'].iloc[1]:.3g}. It grows "
            "with the size of the subsets: compare equal sizes only.",
        )
    }
    for row in distances.to_dict("records"):
        metrics[f"{row['measure']}_h{row['dimension']}"] = wb.Metric(
            float(row["same_points"]),
            low=_or_none(row["same_points_low"]),
            high=_or_none(row["same_points_high"]),
            n=found.half,
            unit=UNIT,
            label=f"{str(row['measure']).capitalize()} distance of {row['what']}",
            better="lower",
            note=f"The same {found.half:,} points in both spaces; mean of {params.trials} trials. Two halves of one "
            f"space are {row['halves_of_first']:.3g} ({params.first}) and {row['halves_of_second']:.3g} "
            f"({params.second}) apart.",
        )
    return metrics


def _notes(
    first: wb.Points, second: wb.Points, n: int, different: int, found: Trials, params: SpaceComparison.Params
) -> list[str]:
    from plugins.space_comparison.analysis import metric_of

    kinds = [metric_of(one, params) for one in (first, second)]
    of = "as given" if first.source == "points" else f"of {first.source}"
    notes = [
        f"{n:,} points {of} in {params.first} ({first.flat().shape[1]:,} axes, {kinds[0]} distance) and "
        f"{params.second} ({second.flat().shape[1]:,} axes, {kinds[1]} distance).",
        "Distances in each space are divided by their median for the diagrams, and by their 0.9 quantile for RTD: two "
        "spaces that differ in size alone are the same.",
        "Intervals are of 95 %, for the mean over subsets of other points of the same kind; they allow for the overlap "
        "of the subsets (Nadeau and Bengio 2003).",
        f"Diagrams are of the Vietoris-Rips complex over Z/2. Bottleneck distances have a relative error of at most "
        f"{RELATIVE:g}; Wasserstein distances are of order 1, both by the largest coordinate.",
        "Diagrams do not know which points make a bar: distances of 0 do not say that the same points form the loop. "
        "RTD does know.",
    ]
    if different < len(first):
        notes.append(
            f"Only {different:,} of {len(first):,} points are different; of points that are equal in both spaces "
            "one was taken, for repeated ones would come back in every subset."
        )
    if n < different:
        notes.append(
            f"{different - n:,} of {different:,} points lie in the sparsest places of one of the spaces and were "
            "left out of both."
        )
    if params.first == params.second:
        notes.append("Both are one space: of the same points every number is 0 by definition.")
    if found.batch >= n or 2 * found.half >= n:
        what = "RTD" if found.batch >= n else "the distances of diagrams"
        both = found.batch >= n and 2 * found.half >= n
        notes.append(
            f"Each subset is the whole sample, so that there is no interval for {'any number' if both else what}: take "
            "more points or smaller subsets."
        )
    return notes


def _or_none(value: Any) -> float | None:
    return float(value) if value == value else None
