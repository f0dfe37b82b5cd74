# SPDX-License-Identifier: Apache-2.0
"""Numbers, pictures, the steps as a table and a chart, findings and notes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from plugins.deep_dream.findings import findings_of
from plugins.interpolation.results import mean_of
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.deep_dream.analysis import DeepDream
    from plugins.deep_dream.dreaming import Dreamed

WIDTH: Final = 400


def result_of(found: Dreamed, params: DeepDream.Params) -> wb.Result:
    """Everything that is kept of a run."""
    steps = steps_of(found)
    images = {"start": _plain(found.start), "dream": _plain(found.picture)}
    if found.guide is not None:
        images["guide"] = _plain(found.guide)
    return wb.Result(
        metrics=_metrics(found),
        tables={"steps": steps},
        arrays={"frames": found.frames, "marks": found.marks},
        images=images,
        charts={"curve": curve(steps, found.words)},
        findings=findings_of(found),
        notes=_notes(found, params),
    )


def _plain(picture: Any) -> Any:
    return picture[..., 0] if picture.shape[2] == 1 else picture


def steps_of(found: Dreamed) -> pd.DataFrame:
    """A row for each step: octave, its size, and the value before it."""
    rows, before = [], 0
    for (height, width), values in zip(found.sizes, found.values, strict=True):
        for step, value in enumerate(values.tolist()):
            rows.append({"step": before + step, "size": f"{width} x {height}", "step_of_size": step, "value": value})
        before += len(values)
    return pd.DataFrame(rows)


def curve(steps: pd.DataFrame, words: str) -> Any:
    """The value before each step, a line for each size."""
    import altair as alt

    sizes = list(dict.fromkeys(steps["size"]))
    shown = steps if len(steps) <= 2000 else steps.iloc[:: -(-len(steps) // 2000)]
    colours = [CHART_COLOURS[at % len(CHART_COLOURS)] for at in range(len(sizes))]
    return (
        alt.Chart(shown)
        .mark_line(strokeWidth=2.2, point=len(shown) <= 100)
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("value:Q", title="value", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "size:N",
                title="pixels",
                sort=sizes,
                scale=alt.Scale(domain=sizes, range=colours),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=["size", "step", alt.Tooltip("value", format=".4g")],
        )
        .properties(width=WIDTH, height=300, title=f"How it grew: {words}")
    )


def _metrics(found: Dreamed) -> dict[str, wb.Metric]:
    value, low, high = mean_of(found.random)
    what = found.words[0].upper() + found.words[1:]
    gain = found.after / found.before if found.before > 0 else float("nan")
    return {
        "after": wb.Metric(found.after, label=f"{what}, after", note="Of the picture as it is shown, without jitter."),
        "before": wb.Metric(found.before, label="Before"),
        "gain": wb.Metric(
            gain, label="After over before", better="higher",
            note="" if found.before > 0 else "Not defined: the value before is not above 0.",
        ),
        "random": wb.Metric(
            value, low, high, n=len(found.random), label="Control: as much change at random",
            note="The same changes of values at shuffled places: what they raise is the size of the change alone.",
        ),
        "change": wb.Metric(found.change, unit="of the range", label="Change of a value, root mean square"),
        "clipped": wb.Metric(
            found.clipped[1], unit="of all values", label="At the ends of the range", better="lower",
            note=f"{found.clipped[0]:.1%} before.",
        ),
    }  # fmt: skip


def _notes(found: Dreamed, params: DeepDream.Params) -> list[str]:
    rolled = "each step rolls the picture by a few pixels, so that a step may lower the value a little"
    steps = f"In the chart the value is that before each step, as that step sees the picture: {rolled}."
    notes = [
        *found.notes,
        "Values at two sizes differ by the size as well: lines of the chart begin anew.",
        *([steps] if params.jitter != 0 else []),
        "The same seed gives the same picture on one machine; sums in another order (threads, a graphics card) make "
        "small differences that the steps can make larger.",
    ]
    if not np.isfinite(found.random).all():
        notes.append("The control gave values that are not finite.")
    return notes
