# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.layer_homology.changes import Change, class_changes, loop_changes
from plugins.layer_homology.charts import betti_chart, counts_chart, loops_chart, order_chart, pairs_chart
from plugins.layer_homology.findings import findings_of
from plugins.layer_homology.follow import Track, follow
from plugins.layer_homology.frames import (
    bars_table,
    betti_table,
    changes_table,
    layers_table,
    loops_table,
    pairs_table,
    shapes_table,
)
from plugins.layer_homology.notes import notes_of
from plugins.layer_homology.order import orders_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.layer_homology.analysis import LayerHomology
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped


def result_of(
    sample: wb.Points,
    through: wb.Map[Any, Any],
    rows: Rows,
    shaped: Sequence[Shaped],
    params: LayerHomology.Params,
    seed: int,
    notes: Sequence[str],
) -> wb.Result:
    """Follow loops and classes from step to step, and put everything in tables."""
    tracks = follow(shaped, rows)
    changes = [*loop_changes(shaped, tracks), *class_changes(shaped, rows)]
    layers = layers_table(shaped, orders_of(shaped, rows), len(rows))
    tables: dict[str, Any] = {
        "layers": layers,
        "shapes": shapes_table(shaped, rows),
        "bars": bars_table(shaped, tracks),
        "betti": betti_table(shaped, rows),
        "changes": changes_table(shaped, rows, changes),
    }
    if tracks:
        tables["loops"] = loops_table(shaped, rows, tracks)
    if any(one.joins for one in shaped):
        tables["pairs"] = pairs_table(shaped, rows)
    return wb.Result(
        metrics=_metrics(layers, changes, len(rows)),
        tables=tables,
        arrays=_arrays(shaped, rows, tracks),
        charts=_charts(tables, params.max_dim),
        findings=findings_of(shaped, rows, tracks, changes),
        notes=notes_of(sample, through, rows, shaped, tracks, changes, params, notes),
    )


def _arrays(shaped: Sequence[Shaped], rows: Rows, tracks: Sequence[Track]) -> dict[str, Any]:
    """Rows of the sample; landmarks among them, their map at each step, and the angles that loops give them."""
    found: dict[str, Any] = {"rows": np.asarray(rows.sample.rows, dtype=np.int64)}
    first = next((one for one in shaped if one.state == "measured"), None)
    if first is None:
        return found
    landmarks = first.chosen[0].positions
    found["landmarks"] = landmarks
    nothing = np.full((len(landmarks), 2), np.nan)
    found["layer_maps"] = np.stack([nothing if one.coordinates is None else one.coordinates for one in shaped]).astype(
        np.float32
    )
    for track in tracks:
        angles = np.full((len(shaped), len(landmarks)), np.nan, dtype=np.float32)
        for at, step in enumerate(shaped):
            if step.state == "measured":
                angles[at] = _on_landmarks(track, at, shaped, rows, landmarks)
        found[f"theta_{track.number}"] = angles
    return found


def _on_landmarks(track: Track, at: int, shaped: Sequence[Shaped], rows: Rows, landmarks: np.ndarray) -> np.ndarray:
    """The angle of a loop as of a step, or where it is not there as of the step that says what it is."""
    known = track.reference(at)
    nearest = shaped[known].groups[track.group].measured.nearest
    every = np.full(len(rows), np.nan)
    every[rows.groups[track.group].group.positions] = track.seen[known].theta[nearest]
    return np.asarray(every[landmarks], dtype=np.float32)


def _charts(tables: Mapping[str, pd.DataFrame], max_dim: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if len(tables["betti"]):
        shapes = tables["shapes"]
        found["betti"] = betti_chart(tables["betti"], min(max_dim, 1))
        found["pieces"] = counts_chart(shapes, "pieces")
        for dimension, kind in ((1, "loops"), (2, "voids")):
            if max_dim >= dimension:
                found[f"{kind}_counted"] = counts_chart(shapes, kind)
    if "loops" in tables:
        found["loops"] = loops_chart(tables["loops"])
    if tables["layers"]["rtd"].notna().any():
        found["order"] = order_chart(tables["layers"])
    if "pairs" in tables:
        found["pairs"] = pairs_chart(tables["pairs"])
    return found


def _metrics(layers: pd.DataFrame, changes: Sequence[Change], n: int) -> dict[str, float | wb.Metric]:
    """Shape at the first and at the last step, and how much happens between."""
    measured = layers[layers["state"] == "measured"]
    found: dict[str, float | wb.Metric] = {}
    if measured.empty:
        return found
    kinds = [kind for kind in ("pieces", "loops", "voids") if kind in layers]
    for name, row in (("first", measured.iloc[0]), ("last", measured.iloc[-1])):
        for kind in kinds:
            value, low, high = (float(row[f"{kind}{end}"]) for end in ("", "_low", "_high"))
            if value != value:
                continue
            found[f"{kind}_{name}"] = wb.Metric(
                value,
                low,
                high,
                level=0.9,
                n=n,
                label=f"{kind.capitalize()} at {row['layer']}",
                note=f"that stand out in the median of {int(row['draws'])} random subsets of {int(row['drawn']):,} "
                "points; 5 % to 95 % of them",
                better="",
            )
    for name, what in (
        ("loops_removed", "loop removed"),
        ("loops_made", "loop made"),
        ("classes_torn", "class torn"),
        ("classes_merged", "classes merged"),
    ):
        found[name] = float(sum(one.told for one in changes if one.what == what))
    return found
