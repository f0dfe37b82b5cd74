# SPDX-License-Identifier: Apache-2.0
"""The parts of the result: both lengths, the table of pairs, charts, findings and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.path_length import charts
from plugins.path_length.lengths import mean_of

if TYPE_CHECKING:
    from plugins.path_length.analysis import PerceptualPathLength
    from plugins.path_length.measuring import Measured

ABRUPT: Final = 0.25  # share of the sum that the top twentieth of the steps makes
STEP: Final = 0.01  # relative error of the step


def result_of(
    found: Measured,
    params: PerceptualPathLength.Params,
    seed: int,
    distance: str,
    map_: wb.Map[Any, Any],
    points: wb.Points,
    double: bool,
) -> wb.Result:
    """Metrics ``ppl_lerp`` and ``ppl_slerp``, their ratio, and the table ``pairs``."""
    import pandas as pd

    n = len(found.t)
    metrics = {}
    for kind, values in found.changes.items():
        value, low, high = mean_of(values, params.trim, seed)
        metrics[f"ppl_{kind}"] = wb.Metric(
            value,
            low=low,
            high=high,
            n=n,
            label=f"Path length, {kind}",
            better="lower",
            note=f"Mean {distance} between outputs at t and t + {params.epsilon:g} of a path, over epsilon squared; "
            f"{'steps anywhere on the path' if params.where == 'full' else 'steps at the start of the path'}"
            f"{', the lowest and highest hundredth left out' if params.trim else ''}.",
        )
    ratio = _ratio(found, seed)
    metrics["slerp_over_lerp"] = wb.Metric(
        ratio[0],
        low=ratio[1],
        high=ratio[2],
        n=n,
        label="Path length, slerp over lerp",
        note="Of the same pairs and places. Above 1: the spherical path, which keeps to the shell, changes more.",
    )
    metrics["step_error"] = wb.Metric(
        max(found.step_error.values()),
        label="Error of the step",
        note="Relative difference of the finite step from the exact derivative, the larger of both kinds of path.",
        better="lower",
    )
    table = pd.DataFrame({"first": found.first, "second": found.second, "t": found.t, **found.changes})
    return wb.Result(
        metrics=metrics,
        tables={"pairs": table},
        arrays={"rows": found.first, **{f"change_{kind}": one for kind, one in found.changes.items()}},
        charts={"changes": charts.changes(found.changes), "along": charts.along(found.t, found.changes, params.where)},
        findings=_findings(found, seed),
        notes=_notes(found, params, distance, map_, points, double),
    )


def _ratio(found: Measured, seed: int) -> tuple[float, float, float]:
    lerp, slerp = found.changes["lerp"], found.changes["slerp"]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(lerp), (1000, len(lerp)))
    below = lerp[drawn].mean(axis=1)
    many = slerp[drawn].mean(axis=1) / np.where(below > 0, below, np.nan)
    low, high = np.nanquantile(many, [0.025, 0.975])
    return float(slerp.mean() / lerp.mean()), float(low), float(high)


def _findings(found: Measured, seed: int) -> list[wb.Finding]:
    told = []
    error = max(found.step_error.values())
    if error > STEP:
        told.append(
            wb.Finding(
                "perceptual-path-length.step-not-small",
                f"The step gives a path length that is {error:.1%} off the exact derivative: it is too long for how "
                "fast the output changes, or so short that rounding makes the difference.",
                value=error,
                threshold=STEP,
                n=min(len(found.t), 32),
                wrong_if="the decoder has jumps, which a derivative does not see",
            )
        )
    share, low, high = _share_of_top(found.changes["lerp"], seed)
    if low > ABRUPT:
        told.append(
            wb.Finding(
                "perceptual-path-length.abrupt",
                f"One step in twenty makes {share:.0%} of the path length: outputs change abruptly at a few places.",
                value=share,
                threshold=ABRUPT,
                low=low,
                high=high,
                n=len(found.t),
                wrong_if="a few pairs are much farther apart than the others: their steps are longer everywhere",
                figure="changes",
            )
        )
    return told


def _share_of_top(values: Any, seed: int) -> tuple[float, float, float]:
    rng = np.random.default_rng(seed)
    top = max(1, round(len(values) / 20))

    def share(one: Any) -> Any:
        ordered = np.sort(one, axis=-1)
        return ordered[..., -top:].sum(axis=-1) / np.maximum(ordered.sum(axis=-1), 1e-300)

    low, high = np.quantile(share(values[rng.integers(0, len(values), (1000, len(values)))]), [0.025, 0.975])
    return float(share(values)), float(low), float(high)


def _notes(
    found: Measured,
    params: PerceptualPathLength.Params,
    distance: str,
    map_: wb.Map[Any, Any],
    points: wb.Points,
    double: bool,
) -> list[str]:
    kind = "float64" if double else "float32 (the model does not take float64)"
    return [
        f"{len(found.t):,} pairs of codes of {points.source} in {map_.source.name}, each code in one pair; decoded in "
        f"{kind}. Relative error of the step of {params.epsilon:g} against the exact derivative: "
        + ", ".join(f"{name} {one:.1g}" for name, one in found.step_error.items())
        + ".",
        f"Distance: {distance}, summed over all its numbers. Published path lengths use features of a network trained "
        "on photographs (LPIPS), whose weights are not here: they cannot be compared with these, and neither can "
        "models whose outputs differ in size or range.",
        "A low path length is no quality by itself: a decoder that gives the same output for every code has 0.",
        "Slerp turns about the centre of the prior in standard deviations of each axis, its length going evenly from "
        "one end to the other.",
    ]
