# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb
from plugins.homology.words import of_source
from plugins.intrinsic_dimension.charts import estimates_chart
from plugins.intrinsic_dimension.estimators import SHARE
from plugins.intrinsic_dimension.findings import findings_of, near_bound
from plugins.intrinsic_dimension.measures import METHODS, Estimates

if TYPE_CHECKING:
    import pandas as pd

    from plugins.intrinsic_dimension.analysis import IntrinsicDimension

LABELS = {
    "two_nn": "TwoNN",
    "mle": "Maximum likelihood",
    "lpca": "Local principal components",
    "ph0": "Persistent homology, degree 0",
}
BIAS = {  # means over four seeds of a thousand points, as the tests hold them to
    "two_nn": "Of a thousand points filling a cube of 2, 5 or 10 dimensions it says 1.9, 4.7 or 8.2.",
    "mle": "Of a thousand points filling a cube of 2, 5 or 10 dimensions it says 2.0, 4.5 or 8.1.",
    "lpca": "Of a thousand points filling a cube of 2, 5 or 10 dimensions it says 2.0, 5.0 or 8.8.",
    "ph0": "Of a thousand points filling a cube of 2, 5 or 10 dimensions it says 2.0, 4.6 or 8.2.",
}


def result_of(
    sample: wb.Points, distinct: int, found: Estimates, control: Estimates, params: IntrinsicDimension.Params
) -> wb.Result:
    """Metrics, the table ``estimates``, the values of the halves, a chart, findings and notes."""
    table = table_of(found, control, distinct, params)
    width = int(sample.flat().shape[1])
    metrics = {
        name: wb.Metric(
            float(found.values[at]),
            low=_or_none(found.low[at]),
            high=_or_none(found.high[at]),
            n=distinct,
            unit="dimensions",
            label=LABELS[name],
            note=f"{_how(name, params)} {BIAS[name]}",
        )
        for at, name in enumerate(METHODS)
    }
    return wb.Result(
        metrics=metrics,
        tables={"estimates": table},
        arrays={"halves": found.halves, "control_halves": control.halves},
        charts={"estimates": estimates_chart(table)},
        findings=findings_of(found, control, distinct, len(sample) - distinct, width, params.neighbourhood),
        notes=[*_notes(sample, distinct, width, params), *_bound(found, params)],
    )


def table_of(found: Estimates, control: Estimates, distinct: int, params: IntrinsicDimension.Params) -> pd.DataFrame:
    """One row for each method: the estimate and that of the Gaussian, with intervals, neighbours and points."""
    import pandas as pd

    neighbours = {"two_nn": 2, "mle": params.neighbours, "lpca": params.neighbourhood, "ph0": 0}
    return pd.DataFrame(
        {
            "method": list(METHODS),
            "label": [LABELS[name] for name in METHODS],
            "dimension": found.values,
            "low": found.low,
            "high": found.high,
            "control": control.values,
            "control_low": control.low,
            "control_high": control.high,
            "neighbours": [neighbours[name] for name in METHODS],
            "n": distinct,
        }
    )


def _how(name: str, params: IntrinsicDimension.Params) -> str:
    return {
        "two_nn": "From the ratio of the distances to the two nearest neighbours; a tenth of the largest left out.",
        "mle": f"From the distances to the {params.neighbours} nearest neighbours, inverses averaged.",
        "lpca": f"Components that hold {SHARE:.0%} of the variance of {params.neighbourhood} neighbours, on average.",
        "ph0": "From the growth of the minimum spanning tree with the number of points, n / 8 to n.",
    }[name]


def _notes(sample: wb.Points, distinct: int, width: int, params: IntrinsicDimension.Params) -> list[str]:
    notes = [
        f"{distinct:,} distinct {of_source(params.space, sample.source)} ({width:,} axes); distances are Euclidean.",
        f"Intervals are of 95 %, from {params.halves} random halves of the points (the jackknife that deletes half). "
        "They say how much another sample would change the number (on bodies of known dimension they are 0.8 to 1.6 "
        "times as wide as fresh samples are spread), and nothing of bias: edges and many dimensions make all four too "
        "low, and curvature makes the components too many.",
        "The Gaussian beside them has the covariance of these points and as many of them: the difference to it is what "
        "is not said by the covariance alone.",
    ]
    if getattr(sample.space, "metric", "euclidean") != "euclidean":
        notes.append("This space compares by angle; the estimates are of its points as they lie, by straight distance.")
    return notes


def _bound(found: Estimates, params: IntrinsicDimension.Params) -> list[str]:
    """Components are at most as many as neighbours."""
    told = float(found.values[METHODS.index("lpca")])
    if not near_bound(told, params.neighbourhood):
        return []
    return [
        f"Neighbourhoods of {params.neighbourhood} points hold at most {params.neighbourhood} components, of which "
        f"{told:.1f} is more than half: with larger neighbourhoods that number would be another one, and it is not "
        "held against the others."
    ]


def _or_none(value: float) -> float | None:
    return float(value) if value == value else None
