# SPDX-License-Identifier: Apache-2.0
"""Numbers, pictures, tables, charts, findings and notes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import workbench as wb
from plugins.feature_visualisation import charts
from plugins.feature_visualisation.findings import findings_of
from plugins.feature_visualisation.optimising.pictures import sheet
from plugins.feature_visualisation.scoring import PAIRS
from plugins.interpolation.results import mean_of

if TYPE_CHECKING:
    from plugins.feature_visualisation.analysis import FeatureVisualisation
    from plugins.feature_visualisation.visualising import Found

Float64 = NDArray[np.float64]

SAME: Final = 0.95  # likeness beyond which a set is not said to differ


def beyond(values: Float64, samples: Float64) -> Float64:
    """How far values lie above the mean of samples, in standard deviations of theirs; NaN where they do not vary.

    >>> beyond(np.array([5.0]), np.array([0.0, 2.0])).tolist()
    [2.82842712474619]
    """
    spread = float(samples.std(ddof=1)) if len(samples) > 1 else 0.0
    if spread <= 0:
        return np.full(len(values), np.nan)
    return np.asarray((values - samples.mean()) / spread, dtype=np.float64)


def result_of(found: Found, params: FeatureVisualisation.Params) -> wb.Result:
    """Everything that is kept of a run."""
    groups = [*found.groups, *([found.shuffled] if found.shuffled is not None else [])]
    images = {
        name: sheet(one.pictures, columns=4)
        for name, one in zip(("pictures", "set"), found.groups, strict=False)
        if one.pictures is not None
    }
    if found.shuffled is not None and found.shuffled.pictures is not None:
        images["shuffled"] = sheet(found.shuffled.pictures, columns=4)
    if found.samples.pictures is not None:
        images["samples"] = sheet(found.samples.pictures, columns=4)
    best = found.samples.best
    arrays: dict[str, Any] = {"rows": found.samples.rows[best], "values": found.samples.values[best]}
    for name, group in zip(("pictures", "set"), found.groups, strict=False):
        if group.pictures is not None:
            arrays[name] = group.pictures
        if group.codes is not None:
            arrays[f"codes_{name}"] = group.codes
    reached = pd.DataFrame(
        [
            {"of": found.words, "group": one.title, "number": at, "value": value, "flat": bool(flat)}
            for one in groups
            for at, (value, flat) in enumerate(zip(one.values.tolist(), one.flat, strict=True))
        ]
    )
    return wb.Result(
        metrics=_metrics(found),
        tables={"reached": reached, "compared": compared(found)},
        arrays=arrays,
        images=images,
        charts={"values": charts.values(found), "curve": charts.curve(groups, found.words)},
        findings=findings_of(found),
        notes=_notes(found, params),
    )


def compared(found: Found) -> pd.DataFrame:
    """Numbers of what was searched, of the data and of what nobody searched: n, mean, smallest, largest."""
    rows = [(f"searched: {one.title}", one.values) for one in found.groups]
    if len(found.samples.values):
        rows.append((f"samples of {found.samples.source}", found.samples.values))
    rows += list(found.others.items())
    return pd.DataFrame(
        [
            {
                "what": name,
                "n": len(one),
                "mean": one.mean(),
                "least": one.min(),
                "most": one.max(),
                "deviations": beyond(np.array([one.mean()]), found.samples.values)[0],
            }
            for name, one in rows
        ]
    )


def _metrics(found: Found) -> dict[str, wb.Metric]:
    first, samples = found.groups[0], found.samples.values
    value, low, high = mean_of(first.values)
    metrics = {
        "reached": wb.Metric(
            value, low, high, n=len(first.values), label="Reached", better="higher",
            note=f"{found.words}, mean over pictures from different starts, each as it is shown (256 steps of grey).",
        )
    }  # fmt: skip
    if len(samples):
        metrics["data_most"] = wb.Metric(
            float(samples.max()), n=len(samples), label="Strongest sample",
            note=f"Of {len(samples):,} samples of {found.samples.source}; more samples may hold a stronger one.",
        )  # fmt: skip
        value, low, high = mean_of(beyond(first.values, samples))
        metrics["beyond"] = wb.Metric(
            value, low, high, n=len(first.values), unit="standard deviations", label="Above the mean of the data",
            note="Of the samples; a normal law would put one in a thousand beyond 3.1.",
        )  # fmt: skip
        if found.shuffled is not None:
            value, low, high = mean_of(beyond(found.shuffled.values, found.shuffled_samples))
            metrics["beyond_shuffled"] = wb.Metric(
                value, low, high, n=len(found.shuffled.values), unit="standard deviations",
                label="The same with shuffled weights",
                note="The same search and samples in a copy whose weights are in random order: what it gives as well "
                "was not learnt.",
            )  # fmt: skip
    for name, one in found.others.items():
        value, low, high = mean_of(one)
        key = "noise" if name.startswith("noise, pixel") else "noise_coarse" if name.startswith("noise") else "draws"
        metrics[key] = wb.Metric(value, low, high, n=len(one), label=name[0].upper() + name[1:])
    for key, group in zip(("alike", "alike_set"), found.groups, strict=False):
        if np.isfinite(group.alike):
            metrics[key] = wb.Metric(
                group.alike, n=len(group.values), label=f"Likeness: {group.title}",
                note="Mean cosine between the Gram matrices of two pictures, at a layer with positions where there is "
                "one; 1: the same textures.",
            )  # fmt: skip
    return metrics


def _notes(found: Found, params: FeatureVisualisation.Params) -> list[str]:
    notes = [
        "A picture from a search shows what raises the unit under this search and its priors on pictures, not what the "
        "unit is for: compare it with the samples beside it."
    ]
    notes += found.notes
    if found.rectified:
        notes.append("What enters the rectifier is read: 0 is where the unit shuts, and below it has a gradient too.")
    if params.objective == "scorer":
        notes.append(f"A scorer gives no gradient: it is estimated in each step from {PAIRS} pairs of near codes.")
    if found.shell is not None:
        low, high = found.shell
        notes.append(
            f"Codes are kept at a length of {low:.1f} to {high:.1f} standard deviations, where 98 % of the draws of "
            "the prior lie."
        )
    if len(found.groups) > 1 and found.groups[1].alike > SAME:
        notes.append(
            f"The set that was made to differ hardly differs (likeness {found.groups[1].alike:.2f}): try a larger "
            "diversity, or a layer whose maps have positions."
        )
    if not len(found.samples.values):
        notes.append(f"No samples stand beside it: {found.samples.why}.")
    notes.append(
        "The same seed gives the same pictures on one machine; sums in another order (threads, a graphics card) make "
        "small differences that the search can make larger."
    )
    return notes
