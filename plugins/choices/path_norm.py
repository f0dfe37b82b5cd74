# SPDX-License-Identifier: Apache-2.0
"""Do walks between codes stay where codes are? Straight line and great circle, by distance from the centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb
from plugins.difference_direction.shell import shell_of

Float64 = NDArray[np.float64]
INNER = 0.01  # share of the draws that lie nearer to the centre than the shell begins


class PathNorm(wb.Analysis):
    """Does a walk between two codes stay in the shell where the draws of the prior lie?

    Draws pairs from a normal prior and walks between them along the straight line (lerp) or the great circle (slerp).
    In many axes nearly all draws lie in a thin shell, and the middle of a straight line lies well inside it, where the
    decoder has seen nothing.
    """

    name = "path-norm"
    title = "Norm along a walk"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("interpolation", "prior", "slerp")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """One way of walking."""

        space: wb.Pick[wb.Vectors] = Field(description="A latent space with a normal prior.")
        way: Literal["lerp", "slerp"] = Field("lerp", description="lerp: straight line. slerp: great circle.")
        pairs: int = Field(500, ge=10, le=100_000, description="Pairs of draws.")
        steps: int = Field(11, ge=3, le=101, description="Points along each walk, both ends included.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Distances from the centre, in standard deviations of the prior."""
        import altair as alt
        import pandas as pd

        space = job.model.space(params.space) if params.space in job.model.spaces else None
        shell = shell_of(space) if space is not None else None
        if shell is None:
            raise wb.DoesNotApply(f"'{params.space}' has no normal prior, so that it has no shell to stay in")
        first, second = job.rng.standard_normal((2, params.pairs, shell.size))
        at = np.linspace(0, 1, params.steps)
        norms = np.stack([np.linalg.norm(walked(first, second, one, params.way), axis=1) for one in at], axis=1)
        below = shell.share_below(norms)
        least = below.min(axis=1)
        outside = ((below < INNER) | (below > 1 - INNER)).mean(axis=1)
        middle = norms[:, params.steps // 2] / np.sqrt(shell.size)
        frame = pd.DataFrame(
            {
                "share_of_walk": at,
                "mean_norm": norms.mean(axis=0),
                "low": np.quantile(norms, 0.05, axis=0),
                "high": np.quantile(norms, 0.95, axis=0),
            }
        )
        base = alt.Chart(frame).encode(x=alt.X("share_of_walk:Q", title="share of the walk"))
        chart = base.mark_area(opacity=0.3, color="#0072B2").encode(
            y=alt.Y("low:Q", title="distance from the centre (deviations)", scale=alt.Scale(zero=False)), y2="high:Q"
        ) + base.mark_line(color="#0072B2").encode(y="mean_norm:Q")
        return wb.Result(
            metrics={
                "middle_norm": mean(middle, "norm of the middle, as a share of the root of the number of axes", ""),
                "least_share_below": mean(least, "share of draws nearer to the centre than the walk comes", ""),
                "outside_shell": mean(outside, "share of the walk where at most 1 in 50 draws lies", "lower"),
            },
            tables={"walk": frame},
            arrays={"norms": norms.astype(np.float32)},
            charts={"norms": chart},
            notes=[
                f"{params.pairs:,} pairs of draws of the prior, {shell.size} axes; the band holds 90 % of the walks. "
                "Distances say where codes are likely, not whether the decoder draws well there."
            ],
        )


def walked(first: Float64, second: Float64, share: float, way: str) -> Float64:
    """Points ``[n, d]`` at ``share`` of the way between rows.

    The great circle is that of Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985, as White used it
    in "Sampling generative networks", 2016, section 2.1; rows that point the same way, or opposite, take the line.

    >>> walked(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), 0.5, "slerp").round(4)
    array([[0.7071, 0.7071]])
    """
    straight = (1 - share) * first + share * second
    if way == "lerp":
        return np.asarray(straight)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    angle = np.arccos(np.clip((first * second).sum(axis=1) / np.maximum(lengths, 1e-300), -1, 1))[:, None]
    sine = np.sin(angle)
    turned = np.sin((1 - share) * angle) * first + np.sin(share * angle) * second
    return np.asarray(np.where(sine > 1e-6, turned / np.where(sine > 1e-6, sine, 1), straight))


def mean(values: Float64, label: str, better: Literal["higher", "lower", ""]) -> wb.Metric:
    """The mean of independent measurements with the 95 % interval of the normal approximation."""
    centre, error = float(values.mean()), 1.96 * float(values.std(ddof=1)) / np.sqrt(len(values))
    return wb.Metric(centre, centre - error, centre + error, n=len(values), label=label, better=better)
