# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

import workbench as wb

if TYPE_CHECKING:
    from plugins.homology.measures import Measured

LANDMARKS: Mapping[int, int] = {0: 500, 1: 500, 2: 200, 3: 80}  # by the highest dimension asked for
FEW: Mapping[int, int] = {2: 300}  # points of which all are landmarks, as so many voids still fit
LARGEST_FIELD = 97  # primes beyond it tell no torsion that occurs


class Homology(wb.Analysis):
    """What shape do the points make: how many pieces, loops and voids, and can that be trusted?

    Grows balls around landmarks of the sample (Vietoris-Rips, or another complex) and notes at which distance each
    piece, loop and void appears and vanishes. Beside each such bar stand three numbers: a p value against the universal
    law of noise, in how many random draws of landmarks it comes back, and its length in units of the landmarks'
    spacing. A chosen loop shows the samples around it, in order.
    """

    name = "homology"
    title = "Pieces, loops and voids"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = ("topology", "persistent homology", "barcode", "Betti numbers")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Empty landmarks: as many as the highest dimension can bear."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(
            description="Whose points are looked at; layers and images count as vectors."
        )
        max_dim: int = Field(1, ge=0, le=3, description="0: pieces; 1: loops as well; 2: voids as well.")
        by: wb.Pick[wb.Column] | None = Field(
            None, description="Column of classes: the shape of each class as well, by itself."
        )
        landmarks: int | None = Field(
            None,
            ge=3,
            description="Points that the shape is made of; empty: 500 for loops, 200 for voids (of up to 300, all).",
        )
        complex: Literal["rips", "alpha", "dtm"] = Field(
            "rips",
            description="What is grown over the points. rips: Vietoris-Rips, of any distances. alpha: the balls "
            "themselves, exact, of points in the plane or in space; computed by CGAL, which is under the GPL v3. dtm: "
            "Rips weighted by how sparse it is around each point (distance to measure), for noise and outliers. All "
            "scales are distances, so that barcodes can be compared.",
        )
        mass: float = Field(
            0.1, gt=0, le=1, description="Only dtm: share of the points whose distance says how sparse it is."
        )
        metric: Literal["auto", "euclidean", "cosine", "geodesic", "pull-back", "precomputed"] = Field(
            "auto",
            description="Distance of two points: that of the space (auto), Euclidean, by angle, along the graph of "
            "nearest neighbours, as far as the decoded points lie apart (pull-back), or given: the points are a square "
            "table of distances (precomputed).",
        )
        through: wb.Pick[wb.Map[wb.Vectors, wb.Space]] | None = Field(
            None, description="Only pull-back: the map that decodes; empty: the first that leads to images."
        )
        field: int = Field(
            2, ge=2, le=LARGEST_FIELD, description="Coefficients, a prime: 2 and 3 differ where the shape is twisted."
        )
        limit: int = Field(20_000, ge=3, le=2_000_000, description="Most points looked at, taken at random.")
        how: Literal["trimmed", "random", "farthest"] = Field(
            "trimmed",
            description="How landmarks are chosen of more points: farthest points after the sparsest share is left "
            "out; at random; or farthest points of all, which outliers spoil.",
        )
        trim: float = Field(
            0.2, ge=0, le=0.9, description="Share of the points, those in the sparsest places, that give no landmarks."
        )
        neighbours: int = Field(
            10, ge=1, le=500, description="Neighbours by which sparse places are told, and of the geodesic graph."
        )
        draws: int = Field(20, ge=0, le=200, description="Random draws of landmarks on which the shape must come back.")
        threshold: float | None = Field(
            None, gt=0, description="Largest distance looked at; empty: the enclosing radius, beyond which nothing is."
        )
        cycles: int = Field(6, ge=0, le=30, description="Longest loops and voids whose samples are found.")
        strict: bool = Field(
            False, description="Also the confidence band of Fasy and others, which only very clear loops pass."
        )
        gaussian: bool = Field(
            False, description="Also the longest loops of normal points of the same covariance: differs it from a blob?"
        )

        @field_validator("field")
        @classmethod
        def _prime(cls, value: int) -> int:
            if any(value % one == 0 for one in range(2, int(value**0.5) + 1)):
                raise ValueError("choose a prime: 2, 3, 5, 7, 11, ...")
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure all points, then each class, and say what stands out."""

        from plugins.homology.bars import bars_of
        from plugins.homology.clouds import cloud_of
        from plugins.homology.filtration import check_complex
        from plugins.homology.measures import measure
        from plugins.homology.results import result_of
        from plugins.homology.shapes import shapes_of

        job.progress(0.0, "points")
        cloud = cloud_of(job, params)
        check_complex(cloud, params)
        measured: list[Measured] = []
        for at, group in enumerate(cloud.groups):
            start, end = (0.05 + 0.75 * one / len(cloud.groups) for one in (at, at + 1))
            part = _Part(job, start, end, group.words)
            measured.append(measure(cloud, group, params, job.rng, part, part.tell))
        job.progress(0.82, "samples of loops and voids")
        bars = bars_of(measured)
        shapes = shapes_of(cloud, measured, bars, params, _Part(job, 0.82, 0.97, "samples of loops and voids"))
        job.progress(0.97, "result")
        return result_of(cloud, measured, bars, shapes, params, job.seed)


class _Part:
    """Progress of a stage that is a part of the run."""

    def __init__(self, job: wb.Job, start: float, end: float, stage: str) -> None:
        self.job, self.start, self.end, self.stage = job, start, end, stage

    def __call__(self, fraction: float) -> None:
        self.job.progress(self.start + (self.end - self.start) * min(max(fraction, 0.0), 1.0), self.stage)

    def tell(self, more: str) -> None:
        """Say more of the stage, from now on and in the log."""
        self.job.log(f"{self.stage}: {more}")
        self.stage = f"{self.stage}: {more}"
