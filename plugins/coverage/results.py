# SPDX-License-Identifier: Apache-2.0
"""The parts of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.coverage import charts
from plugins.coverage.findings import LEVEL, findings_of
from plugins.coverage.tables import betti_table, classes_table, measures_table, shapes_table
from plugins.coverage.trials import KINDS, Shapes, Tables, Trials
from plugins.homology.flat_map import flat_map

if TYPE_CHECKING:
    import pandas as pd

    from plugins.coverage.analysis import Coverage
    from plugins.coverage.samples import Labels, Pictures, Samples

MEASURES = {
    "precision": ("Precision", "share of the draws that lie in the ball of a real point"),
    "recall": ("Recall", "share of the real points that lie in the ball of a draw"),
    "density": (
        "Density",
        "draws in the ball of a real point, in units of the real points in it, on average; 1 for equal distributions, "
        "and above 1 where draws crowd together",
    ),
    "coverage": ("Coverage", "share of the real points with a draw in their ball"),
}


def result_of(
    both: Samples,
    tables: Tables,
    found: Trials,
    formed: Shapes | None,
    labels: Labels | None,
    shown: Pictures,
    notes: list[str],
    params: Coverage.Params,
) -> wb.Result:
    """Metrics, tables, arrays, charts, pictures, findings and notes."""
    total = len(both.real)
    measures = measures_table(found, params.k, total)
    classes, distances, betti = None, None, None
    if labels is not None:
        classes = classes_table(found, labels, total, 1 - LEVEL / len(labels.names))
    if formed is not None:
        distances = shapes_table(formed, total, 1 - LEVEL / (len(KINDS) * (params.max_dim + 1)))
        betti = betti_table(formed)
    held: dict[str, Any] = {"measures": measures, "real": _real_table(both, found)}
    drawn: dict[str, Any] = {"measures": charts.measures_chart(measures)}
    if classes is not None and labels is not None:
        held["classes"] = classes
        if classes["coverage"].notna().any():
            drawn["classes"] = charts.classes_chart(classes, labels.column)
    if distances is not None and betti is not None:
        held |= {"shapes": distances, "betti": betti}
        drawn |= {kind: charts.distances_chart(distances, kind) for kind in KINDS}
        drawn |= charts.betti_charts(betti)
    column = "" if labels is None else labels.column
    return wb.Result(
        metrics=_metrics(measures, distances, found, params),
        tables=held,
        arrays=_arrays(both, found, shown),
        images=_sheets(shown),
        charts=drawn,
        findings=findings_of(measures, classes, column, distances, both.where),
        notes=[*_notes(both, tables, found, params), *notes],
    )


def _metrics(
    measures: pd.DataFrame, distances: pd.DataFrame | None, found: Trials, params: Coverage.Params
) -> dict[str, wb.Metric]:
    metrics = {}
    for row in measures.to_dict("records"):
        name = str(row["measure"])
        label, words = MEASURES[name]
        expected = f", and {row['expected']:.3g} is expected of equal distributions" if name == "coverage" else ""
        note = (
            f"{words[:1].upper()}{words[1:]}. Mean of {params.trials} random halves of the data, of {found.size:,} "
            f"points each, against as many draws; two halves of the data give {row['control']:.3g}{expected}."
        )
        metrics[name] = _metric(row, "value", found.size, label, note, "" if name == "density" else "higher")
        metrics[f"{name}_control"] = _metric(
            row, "control", found.size, f"{label}, two halves of the data", "What a perfect model would give."
        )
    (coverage,) = [row for row in measures.to_dict("records") if row["measure"] == "coverage"]
    metrics["coverage_expected"] = wb.Metric(
        float(coverage["expected"]),
        n=found.size,
        label="Coverage expected of equal distributions",
        note="1 - prod over i = 1 .. k of (N - i) / (N + M - i): Naeem and others 2020, lemma 2.",
    )
    for row in [] if distances is None else distances.to_dict("records"):
        metrics[f"{row['measure']}_h{row['dimension']}"] = _metric(
            row,
            "real_generated",
            int(row["half"]),
            f"{str(row['measure']).capitalize()} distance of {row['what']}",
            f"Mean of {params.trials} trials. Two halves of the data are {row['halves_of_real']:.3g} apart, two halves "
            f"of the draws {row['halves_of_generated']:.3g}.",
            "lower",
            "median distances",
        )
    return metrics


def _metric(row: Any, name: str, n: int, label: str, note: str, better: Any = "", unit: str = "") -> wb.Metric:
    low, high = (row[f"{name}_{end}"] for end in ("low", "high"))
    return wb.Metric(
        float(row[name]),
        low=float(low) if low == low else None,
        high=float(high) if high == high else None,
        n=n,
        label=label,
        note=note,
        better=better,
        unit=unit,
    )


def _real_table(both: Samples, found: Trials) -> pd.DataFrame:
    """Each real point: how often it was covered, and how far the nearest draw is, in radii of its ball."""
    import pandas as pd

    own = pd.DataFrame({"row": both.rows, "covered": found.real_covered, "distance": _finite(found.real_ratio)})
    columns = both.columns.reset_index(drop=True)
    return own.join(columns[[name for name in columns.columns if name not in own.columns]])


def _arrays(both: Samples, found: Trials, shown: Pictures) -> dict[str, Any]:
    together = np.concatenate([both.real, both.generated])
    coordinates, _ = flat_map(together, 0)
    arrays: dict[str, Any] = {
        "rows": both.rows,
        "coordinates": coordinates,
        "real_distance": _finite(found.real_ratio),
        "generated_distance": _finite(found.generated_ratio),
        "not_covered": shown.missed,
        "off_data": shown.off,
    }
    for name in ("missed_pictures", "missed_nearest", "off_pictures", "off_nearest"):
        value = getattr(shown, name)
        if value is not None:
            arrays[name] = value
    return arrays


def _finite(ratio: Any) -> Any:
    """Distances in radii; NaN where the radius is 0."""
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _sheets(shown: Pictures) -> dict[str, Any]:
    """The pictures for reports: each above the nearest of the other set, side by side, on white."""
    sheets = {}
    pairs = {
        "not_covered": (shown.missed_pictures, shown.missed_nearest),
        "off_data": (shown.off_pictures, shown.off_nearest),
    }
    for name, (above, below) in pairs.items():
        if above is None or below is None:
            continue
        both = [np.pad(one[:12], ((0, 0), (2, 2), (2, 2), (0, 0)), constant_values=255) for one in (above, below)]
        rows = [np.concatenate(list(one), axis=1) for one in both]
        sheet = np.concatenate(rows, axis=0)
        factor = max(1, round(72 / above.shape[1]))
        sheet = sheet.repeat(factor, axis=0).repeat(factor, axis=1)
        sheets[name] = sheet if sheet.shape[2] == 3 else np.repeat(sheet, 3, axis=2)
    return sheets


def _notes(both: Samples, tables: Tables, found: Trials, params: Coverage.Params) -> list[str]:
    notes = [
        f"{len(both.real):,} rows of {both.source} and as many draws from the prior of {both.prior}, compared in "
        f"{both.where} ({both.real.shape[1]:,} axes, {both.metric} distance); each trial takes {found.size:,} of each.",
        "All measures depend on how many points there are: compare numbers of equal counts only. The control is of "
        "equal counts.",
        "A ball reaches the k-th other point of the same set, and holds what lies at its edge. Density divides by the "
        "real points in a ball, which are k but for ties.",
        "Blurred samples lie near the middle of the data and count as precise: precision and density above the control "
        "are no praise.",
        "Intervals are of 95 %, over random halves; they allow for the overlap of the halves (Nadeau and Bengio 2003).",
    ]
    if params.truncation < 1:
        notes.insert(
            1,
            f"Draws are moved to {params.truncation:g} of their distance from the middle of the prior: numbers are of "
            "these, not of what the model draws by itself.",
        )
    zero = int((np.sort(tables.real, axis=1)[:, min(params.k, len(tables.real) - 1)] == 0).sum())
    if zero:
        notes.append(f"{zero:,} real points have more than {params.k} equals: their ball has no size.")
    return notes
