# SPDX-License-Identifier: Apache-2.0
"""What the scores state: what was recovered, entangled, spread or not encoded, and when nothing is above chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

    from plugins.disentanglement.analysis import Sample
    from plugins.disentanglement.information import Float64
    from plugins.disentanglement.measuring import Trials

RECOVERED = 0.2  # gap in information, as a share of the factor's entropy, of an axis that holds a factor by itself
POINTED = 0.5  # below this disentanglement (or completeness) is poor
READABLE = 0.1  # share of the way from chance to certainty
DEPENDENT = 0.05  # share of the smaller entropy that two factors have in common
LEVEL = 0.05


def findings_of(
    sample: Sample, metrics: pd.DataFrame, by_factor: pd.DataFrame, depends: Float64, tried: Trials | None
) -> list[wb.Finding]:
    """In the order of what undoes what."""
    n = len(sample.codes)
    found = _dependent(sample, depends)
    if not len(sample.active):
        return [*found, _collapsed(sample, n)]
    rows = by_factor.to_dict("records")
    found += _above_rotation(metrics, tried, n)
    found += _entangled(metrics, n) if len(sample.active) > 1 else []
    for row in rows:
        found += _not_encoded(row) or [*_spread(row, n), *_recovered(row, n)]
    return found


def _dependent(sample: Sample, depends: Float64) -> list[wb.Finding]:
    apart = depends - np.eye(len(depends))
    i, j = np.unravel_index(int(apart.argmax()), apart.shape)
    if apart[i, j] <= DEPENDENT:
        return []
    first, second = (sample.factors.each[int(at)].name for at in (i, j))
    return [
        wb.Finding(
            "disentanglement.dependent-factors",
            f"The factors {first} and {second} depend on each other in these points: they have {apart[i, j]:.0%} of an "
            "entropy in common. All scores take factors to be independent: an axis that holds one then seems to hold "
            "the other as well.",
            value=float(apart[i, j]),
            threshold=DEPENDENT,
            n=len(sample.codes),
            wrong_if="the slice was chosen by these factors; the data as a whole may have them independent",
            figure="information" if len(sample.active) else "scores",
        )
    ]


def _collapsed(sample: Sample, n: int) -> wb.Finding:
    largest = float(sample.codes.var(axis=0).max(initial=0.0))
    return wb.Finding(
        "disentanglement.collapsed",
        f"No axis varies: the largest variance of a code is {largest:.3g}. The codes do not tell the points apart, "
        "and every score is that of nothing.",
        value=largest,
        threshold=sample.threshold,
        n=n,
        severity="serious",
        wrong_if="the points are all of one kind, or the space has another scale than its prior says",
        figure="scores",
    )


def _above_rotation(metrics: pd.DataFrame, tried: Trials | None, n: int) -> list[wb.Finding]:
    rotated = None if tried is None else tried.rotated.get("mig")
    if rotated is None or len(rotated) < 19:
        return []  # fewer cannot show one in twenty
    rows = {str(row["score"]): row for row in metrics.to_dict("records")}
    value, other = float(rows["mig"]["value"]), rows["dci_disentanglement"]
    chance = (1 + int((rotated >= value).sum())) / (1 + len(rotated))
    above = other["rotated_trials"] and other["low"] > other["rotated_high"]
    if chance <= LEVEL or above:
        return []
    return [
        wb.Finding(
            "disentanglement.no-better-than-rotated",
            f"The axes are no more aligned with the factors than random rotations of them: MIG is {value:.3g}, and "
            f"{rotated.mean():.3g} ({rotated.min():.3g} to {rotated.max():.3g}) under {len(rotated)} rotations.",
            value=chance,
            threshold=LEVEL,
            n=n,
            wrong_if="a factor is held by two copies of an axis, which MIG counts as none",
            figure="scores",
        )
    ]


def _entangled(metrics: pd.DataFrame, n: int) -> list[wb.Finding]:
    row = next(one for one in metrics.to_dict("records") if one["score"] == "dci_disentanglement")
    if not row["high"] < POINTED:
        return []
    return [
        wb.Finding(
            "disentanglement.entangled-latents",
            f"The axes matter for several factors each: DCI disentanglement is {row['value']:.2f}"
            + (f", and {row['rotated']:.2f} for the same codes rotated at random." if row["rotated_trials"] else "."),
            value=float(row["value"]),
            threshold=POINTED,
            low=float(row["low"]),
            high=float(row["high"]),
            n=n,
            wrong_if="factors interact by nature, such as a rotation that looks different for each shape",
            figure="importance",
        )
    ]


def _not_encoded(row: dict[Any, Any]) -> list[wb.Finding]:
    if not row["gain_high"] < READABLE:
        return []
    return [
        wb.Finding(
            "disentanglement.factor-not-encoded",
            f"The codes hold next to nothing of {row['factor']}: its level is predicted for {row['accuracy']:.0%} of "
            f"the points, and always guessing the same is right for {row['chance']:.0%}.",
            value=float(row["gain"]),
            threshold=READABLE,
            low=float(row["gain_low"]),
            high=float(row["gain_high"]),
            n=int(row["tested"]),
            wrong_if="the trees had too few points to learn from",
            figure="information",
        )
    ]


def _spread(row: dict[Any, Any], n: int) -> list[wb.Finding]:
    if not (row["completeness_high"] < POINTED and row["gain_low"] > READABLE):
        return []
    return [
        wb.Finding(
            "disentanglement.factor-spread",
            f"The factor {row['factor']} is spread over several axes (completeness {row['completeness']:.2f}): most of "
            f"its information is on axis {row['strongest']} ({row['strongest_share']:.0%} of its entropy) and axis "
            f"{row['second']} ({row['second_share']:.0%}).",
            value=float(row["completeness"]),
            threshold=POINTED,
            low=max(0.0, float(row["completeness_low"])),
            high=float(row["completeness_high"]),
            n=n,
            wrong_if="the factor goes around in a circle, which no single axis can hold",
            figure="importance",
        )
    ]


def _recovered(row: dict[Any, Any], n: int) -> list[wb.Finding]:
    if math.isnan(row["gap_low"]) or not row["gap_low"] > RECOVERED:
        return []
    return [
        wb.Finding(
            "disentanglement.factor-recovered",
            f"Axis {row['strongest']} holds the factor {row['factor']}: {row['strongest_share']:.0%} of its entropy, "
            f"against {row['second_share']:.0%} on the next axis, {row['second']}.",
            value=float(row["gap"]),
            threshold=RECOVERED,
            low=float(row["gap_low"]),
            high=min(1.0, float(row["gap_high"])),
            n=n,
            severity="info",
            wrong_if="the axis holds other factors too: see its row",
            figure="information",
        )
    ]
