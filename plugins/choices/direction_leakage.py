# SPDX-License-Identifier: Apache-2.0
"""How much of another attribute does a direction move? As found, or with the other's direction projected out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb

Float64 = NDArray[np.float64]


class DirectionLeakage(wb.Analysis):
    """What else does a direction change, and does projecting the other attribute out help?

    Learns a direction for one attribute and one for another by regression on scored pictures, moves other codes along
    the first and reads both attributes. With ``conditional`` the second is taken out of the first, so that a linear
    reading of the other attribute stays where it is.
    """

    name = "direction-leakage"
    title = "Leakage of a direction"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("direction", "editing", "leakage")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Two attributes, and whether the second is projected out of the first."""

        space: wb.Pick[wb.Vectors] = Field(description="The latent space; maps must lead from it to pictures.")
        attribute: wb.Scored = Field(description="What the direction should change.")
        other: wb.Scored = Field(description="What it should leave alone.")
        conditional: bool = Field(False, description="Project the direction of the other attribute out.")
        limit: int = Field(600, ge=100, le=20_000, description="Codes that the directions are learned from.")
        codes: int = Field(48, ge=8, le=1000, description="Other codes that they are measured with.")
        step: float = Field(1.0, gt=0, le=10, description="Way to go on each side, in deviations of the codes.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Both slopes over codes held out, in standard deviations of each attribute for a step."""
        from plugins.directions.analysis import Directions
        from plugins.directions.finding.labelled import regression
        from plugins.directions.ground import stand
        from plugins.directions.measuring.readers import read_all

        if params.attribute == params.other:
            raise wb.ParameterError("'attribute' and 'other' are the same scorer: choose two")
        asked = Directions.Params(
            space=params.space, scorers=(params.attribute, params.other), limit=params.limit, codes=params.codes
        )
        standing = stand(job, asked, lambda fraction: job.progress(0.8 * fraction, "scores"))
        if len(standing.readers) != 2:
            raise wb.DataError(f"only {standing.readers[0].name} varies over the decoded pictures: nothing can leak")
        order = [[one.name for one in standing.readers].index(name) for name in (params.attribute, params.other)]
        codes, scores = standing.codes(standing.finding), standing.scores[:, order]
        first, second = (
            regression(codes, scores[:, at], attribute=name) for at, name in enumerate((params.attribute, params.other))
        )
        vector = np.asarray(first.vectors[0], dtype=np.float64)
        cosine = float(vector @ second.vectors[0])
        if params.conditional:
            vector = without_reading(vector, second.vectors[0], np.asarray(second.extra["weights"]))
        stride = params.step * float((codes @ vector).std())
        others = standing.codes(standing.measuring)
        up, down = (read_all(standing.readers, standing.decode(others + sign * stride * vector)) for sign in (1, -1))
        slopes = (up - down)[:, order] / (2 * params.step * np.nanstd(scores, axis=0))
        slopes = slopes[np.isfinite(slopes).all(axis=1)]
        if len(slopes) < 8:
            raise wb.DataError(
                f"both attributes can be read at only {len(slopes)} of the moved codes: take smaller steps"
            )
        effect, leak = slopes.mean(axis=0)
        draws = job.rng.integers(0, len(slopes), (2000, len(slopes)))
        again = slopes[draws].mean(axis=1)
        shares = np.abs(again[:, 1]) / np.maximum(np.abs(again[:, 0]), 1e-12)
        return wb.Result(
            metrics={
                "leakage": _measured(abs(leak) / max(abs(effect), 1e-12), shares, len(slopes), "lower",
                                     "change of the other attribute as a share of the change of its own"),
                "effect": _measured(effect, again[:, 0], len(slopes), "higher", "deviations of its attribute a step"),
                "leak": _measured(leak, again[:, 1], len(slopes), "", "deviations of the other attribute a step"),
                "cosine": wb.Metric(cosine, n=len(codes), label="cosine of both directions as found"),
            },
            arrays={"direction": vector.astype(np.float32), "slopes": slopes.astype(np.float32)},
            notes=[
                f"Learned from {len(codes):,} codes, measured with {len(slopes)} others; intervals by bootstrap over "
                "those codes, for the direction as it is. A step is one standard deviation of the codes along the "
                "direction. Attributes that depend on each other in the data cannot be parted by any direction.",
                *standing.notes,
            ],
        )  # fmt: skip


def without_reading(vector: Float64, other: Float64, weights: Float64) -> Float64:
    """``vector [d]`` moved along ``other [d]`` until a linear reading with ``weights [d]`` stays put; length 1.

    Where codes vary alike along all axes, weights and direction are parallel and this is the conditional manipulation
    of Shen, Gu, Tang and Zhou, CVPR 2020, section 3.2, equation 4: n1 - (n1 . n2) n2.

    >>> without_reading(np.array([0.8, 0.6]), np.array([0.0, 1.0]), np.array([0.0, 2.0])).tolist()
    [1.0, 0.0]
    """
    crossing = float(weights @ other)
    if crossing == 0:
        raise wb.DataError("the other attribute does not change along its own direction: nothing can be projected out")
    left = vector - float(weights @ vector) / crossing * other
    length = float(np.linalg.norm(left))
    if length < 1e-9:
        raise wb.DataError("both attributes have the same direction: nothing is left once one is projected out")
    return np.asarray(left / length)


def _measured(value: float, draws: Float64, count: int, better: Any, label: str) -> wb.Metric:
    low, high = np.quantile(draws, [0.025, 0.975])
    return wb.Metric(float(value), float(low), float(high), n=count, better=better, label=label)
