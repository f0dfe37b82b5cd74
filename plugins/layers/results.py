# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.layers.charts import charts
from plugins.layers.classes import Labels
from plugins.layers.findings import findings_of
from plugins.layers.measures import Measured
from plugins.layers.separability import COMPONENTS, WEIGHT, wilson
from plugins.layers.strip import strip_picture

if TYPE_CHECKING:
    import pandas as pd

    from plugins.layers.analysis import Layers

NOTHING = float("nan")


def result_of(
    sample: wb.Points,
    through: wb.Map[Any, Any],
    measured: Sequence[Measured],
    labels: Labels | None,
    notes: Sequence[str],
    params: Layers.Params,
    seed: int,
) -> wb.Result:
    """Metrics, table, arrays, charts, strip, findings and notes."""
    table = table_of(measured, labels, len(sample))
    tables = {"layers": table}
    arrays: dict[str, np.ndarray] = {
        "layer_maps": np.stack([one.coordinates for one in measured]).astype(np.float32),
        "rows": np.asarray(sample.rows, dtype=np.int64),
    }
    if labels is not None:
        arrays["codes"] = labels.codes
        tables["classes"] = classes_of(labels)
    title = f"{through.name}: {len(sample):,} points of {through.source.name}"
    return wb.Result(
        metrics=metrics_of(table, labels, len(sample)),
        tables=tables,
        arrays=arrays,
        images={"strip": strip_picture(measured, table, labels, title)},
        charts=charts(table, labels),
        findings=findings_of(measured, table, labels, seed),
        notes=[*_sampled(sample, through), *notes, *_method_notes(measured, labels, params)],
    )


def table_of(measured: Sequence[Measured], labels: Labels | None, n: int) -> pd.DataFrame:
    """One row for each step, in order; NaN where something is not defined."""
    import pandas as pd

    return pd.DataFrame([_row(depth, one, labels, n) for depth, one in enumerate(measured)])


def _row(depth: int, one: Measured, labels: Labels | None, n: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "depth": depth,
        "layer": one.step.name,
        "kind": one.step.kind,
        "width": one.step.width,
        "units": one.units,
        "state": one.state,
        "explained": one.explained,
        "still": one.still,
        "distinct": one.distinct,
    }
    probed, found = one.separability, one.dimension
    if probed is not None and labels is not None:
        m = len(probed.correct)
        right, chance = int(probed.correct.sum()), int(probed.control.sum())
        (low, high), (control_low, control_high) = wilson(right, m), wilson(chance, m)
        row |= {"accuracy": right / m, "accuracy_low": low, "accuracy_high": high, "majority": labels.majority}
        row |= {"control": chance / m, "control_low": control_low, "control_high": control_high}
        row |= {"selectivity": (right - chance) / m, "components": probed.components}
        row["standardised"] = probed.standardised
    else:
        names = ("accuracy", "accuracy_low", "accuracy_high", "majority", "control", "control_low", "control_high")
        row |= dict.fromkeys((*names, "selectivity", "components", "standardised"), NOTHING)
    row |= {
        "dimension": NOTHING if found is None else found.value,
        "dimension_low": NOTHING if found is None else found.low,
        "dimension_high": NOTHING if found is None else found.high,
        "dimension_by_line": NOTHING if found is None else found.fit,
    }
    silhouette = one.silhouette or (NOTHING, NOTHING, NOTHING)
    row |= dict(zip(("silhouette", "silhouette_low", "silhouette_high"), silhouette, strict=True))
    return row | {"labelled": len(labels.used) if labels is not None else 0, "n": n}


def classes_of(labels: Labels) -> pd.DataFrame:
    """One row for each class, in the order of the codes."""
    import pandas as pd

    counts = np.bincount(labels.codes[labels.codes >= 0], minlength=len(labels.names))
    measured = np.bincount(labels.codes[labels.used], minlength=len(labels.names)) > 0
    return pd.DataFrame({"column": labels.column, "class": labels.names, "points": counts, "measured": measured})


def metrics_of(table: pd.DataFrame, labels: Labels | None, n: int) -> dict[str, wb.Metric]:
    """The first, the best and the last step."""
    found: dict[str, wb.Metric] = {}
    whole = table[table["state"] == "measured"]
    if len(whole) == 0:
        return found
    first, last = whole.iloc[0], whole.iloc[-1]
    if labels is not None and whole["accuracy"].notna().any():
        best = whole.iloc[int(np.nanargmax(whole["accuracy"].to_numpy()))]
        note = f"share of held-out points whose {labels.column} a linear probe tells; 95 % interval by Wilson's score"
        for name, label, row in (
            ("accuracy_first", f"Linear probe at {first['layer']}", first),
            ("accuracy_best", f"Best linear probe, at {best['layer']}", best),
            ("accuracy_last", f"Linear probe at {last['layer']}", last),
        ):
            told = f"{note}; the best of {len(whole)} steps, so a little too high" if name == "accuracy_best" else note
            found[name] = _metric(row, "accuracy", label, int(row["labelled"]), told, "higher")
        found["majority"] = wb.Metric(
            labels.majority,
            n=len(labels.used),
            label="Majority rate",
            note=f"share of the most frequent {labels.column}: what always naming it gets right",
        )
    for name, row in (("dimension_first", first), ("dimension_last", last)):
        note = "TwoNN; the interval is one of chance alone: edges and many dimensions make the number too low"
        found[name] = _metric(row, "dimension", f"Dimension at {row['layer']}", n, note, "")
    return found


def _metric(row: Any, name: str, label: str, n: int, note: str, better: Any) -> wb.Metric:
    value, low, high = (float(row[one]) for one in (name, f"{name}_low", f"{name}_high"))
    if value != value:
        return wb.Metric(value, n=n, label=label, note=f"not defined here: {note}", better=better)
    return wb.Metric(value, low, high, n=n, label=label, note=note, better=better)


def _sampled(sample: wb.Points, through: wb.Map[Any, Any]) -> list[str]:
    if sample.source != "prior":
        return []
    return [f"The points of {through.source.name} were made by the model itself from its prior; they have no labels."]


def _method_notes(measured: Sequence[Measured], labels: Labels | None, params: Layers.Params) -> list[str]:
    notes = [
        "Each map is turned, and mirrored where that helps, towards the map before it, so that the eye can follow; its "
        "axes are no longer principal components, its distances are. Each is drawn at its own scale.",
        "Dimension by TwoNN: a tenth of the ratios, the largest, left out; equal points counted once. Above about ten "
        "dimensions it is too low, the more so the fewer points there are.",
    ]
    wide = [one for one in measured if one.units < one.step.width]
    if wide:
        notes.append(
            f"Of {len(wide)} layers wider than {params.most_units:,} units that many were drawn at random, the same "
            "for all points; all that is said of them holds for these."
        )
    probed = [one.separability for one in measured if one.separability is not None]
    if probed and labels is not None:
        notes.append(
            f"Probe: multinomial logistic regression on at most {COMPONENTS} principal components, of the units as they"
            " are or standardised (whichever tells more of a quarter of the training part), L2 penalty with"
            f" C = {WEIGHT} fixed; all learned inside the training part of each of {params.folds} stratified folds. The"
            f" interval (Wilson, 95 %) is that of the {len(labels.used):,} points asked, not of other training sets."
            " Control: the same with shuffled labels."
        )
        if not all(one.converged for one in probed):
            notes.append("Some fits of the probe ended before they had converged: their accuracy may be too low.")
    return notes
