# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

import workbench as wb

FEWEST = 20  # points of a class below which it is left out
MOST = 12  # classes: 66 pairs


class ClassHomology(wb.Analysis):
    """What shape has each class, and which pairs of classes does a loop join?

    Each class by itself: pieces and loops with the three numbers that say whether they can be trusted. Each pair: at
    which scale the two become one piece beside the scales at which each is one; whether a loop runs through both, an
    arc of samples of the one and an arc of the other, that neither has by itself; how far their diagrams are apart.
    Beside each number stands what chance gives: normal clouds of the same means and covariances, and two random halves
    of one class.
    """

    name = "class-homology"
    title = "Shape class by class"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("topology", "persistent homology", "classes", "loops")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Empty classes: all of the column, the twelve largest at most."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(
            description="Whose points are looked at; layers and images count as vectors."
        )
        by: wb.Pick[wb.Column] = Field(description="Column of classes.")
        classes: str = Field(
            "",
            max_length=2000,
            description=f"Classes to look at, separated by commas; empty: all, the {MOST} largest at most.",
        )
        per_class: int = Field(120, ge=10, le=300, description="Points of each class in a draw.")
        draws: int = Field(20, ge=2, le=200, description="Random draws in which what is found must come back.")
        metric: Literal["auto", "euclidean", "cosine", "geodesic", "pull-back"] = Field(
            "auto",
            description="Distance of two points: that of the space (auto), Euclidean, by angle, along the graph of "
            "nearest neighbours, or as far as the decoded points lie apart (pull-back).",
        )
        through: wb.Pick[wb.Map[wb.Vectors, wb.Space]] | None = Field(
            None, description="Only pull-back: the map that decodes; empty: the first that leads to images."
        )
        neighbours: int = Field(10, ge=1, le=500, description="Neighbours of each point in the geodesic graph.")
        max_dim: int = Field(
            1, ge=1, le=2, description="1: loops of each class; 2: voids of each class as well (some minutes)."
        )
        components: int | None = Field(
            None,
            ge=2,
            le=1000,
            description="Principal components that are kept; 2: what a flat map would claim. Empty: the whole space.",
        )
        limit: int = Field(20_000, ge=40, le=2_000_000, description="Most points looked at, taken at random.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Measure each class, then the draws of all pairs, then the strongest loop of each pair."""
        from plugins.class_homology.classes import alone, chosen, cloud_for, wide
        from plugins.class_homology.ground import blobs_of, ground_of
        from plugins.class_homology.measures import trials_of
        from plugins.class_homology.results import result_of
        from plugins.class_homology.strongest import strongest_of

        job.progress(0.0, "points")
        cloud, settings = cloud_for(job, params)
        groups, notes = chosen(cloud, params)
        points = min(params.per_class, min(len(one.positions) for one in groups) // 2)
        job.progress(0.05, "each class by itself")
        single = alone(cloud, groups, settings, job.rng, _part(job, 0.05, 0.25, "each class by itself"))
        job.progress(0.25, "distances")
        ground = ground_of(cloud, [one.positions for one in groups], params.neighbours, job.rng)
        blobs = blobs_of(ground, cloud, params.neighbours, job.rng)
        points = min(points, min(len(one) for one in ground.members) // 2)
        trials = trials_of(
            ground, blobs, points, params.draws, params.max_dim, job.rng, _part(job, 0.3, 0.85, "pairs of classes")
        )
        strongest = strongest_of(
            ground, trials.pairs, wide(params), job.rng, _part(job, 0.85, 0.97, "samples of the strongest loops")
        )
        job.progress(0.97, "result")
        return result_of(cloud, groups, single, ground, trials, strongest, params, notes)


def _part(job: wb.Job, start: float, end: float, stage: str) -> Callable[[float], None]:
    return lambda fraction: job.progress(start + (end - start) * min(max(fraction, 0.0), 1.0), stage)
