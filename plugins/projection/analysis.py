# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator

import workbench as wb

if TYPE_CHECKING:
    from plugins.projection.measures import Measure
    from plugins.projection.sample import Mapped

CURVE = (5, 15, 50)  # numbers of neighbours at which quality is drawn
FIT_MOST = 200_000  # points from which t-SNE and UMAP are made at most
STRIP_LIMIT = 1000  # points in the strip of seeds


class Projection(wb.Analysis):
    """What do the points of this space look like on a map, and how far can the map be trusted?

    Draws the points of any space in two or three dimensions by PCA, t-SNE or UMAP, and measures what the map keeps:
    near neighbours (trustworthiness, continuity, neighbourhood preservation) and distances (correlation, stress, stress
    of each point). The same map under several seeds shows what of it is chance.
    """

    name = "projection"
    title = "Projection of a space"
    version = "4"
    tags: ClassVar[tuple[str, ...]] = ("map", "PCA", "t-SNE", "UMAP")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({"method": "pca"}, {"method": "tsne"})

    class Params(wb.Params):
        """Fields that name a method are ignored by the others."""

        space: wb.Pick[wb.Vectors | wb.Images] = Field(
            description="The space to draw; layers and images count as vectors."
        )
        method: Literal["pca", "tsne", "umap"] = Field(
            "pca",
            description="PCA keeps directions of largest variance and is exact; t-SNE and UMAP keep near neighbours. "
            'UMAP is an extra: pip install "latent-workbench[umap]".',
        )
        dimensions: int = Field(2, ge=2, le=3, description="Dimensions of the map.")
        limit: int = Field(5000, ge=10, le=1_000_000, description="Most points drawn, taken at random.")
        fit_limit: int | None = Field(
            None, ge=10, description="Make the map from at most so many of them and place the rest without refitting."
        )
        place: wb.Pick[wb.Slice] | None = Field(
            None,
            description="Place the points of this saved slice, all of them, on the map that the other points make; "
            "they have no part in making it.",
        )
        k: int = Field(15, ge=1, le=1000, description="Neighbours that the measures look at.")
        perplexity: float | None = Field(
            None,
            ge=1,
            le=1000,
            description="Only t-SNE: effective number of neighbours; empty: 30, or what is possible.",
        )
        iterations: int = Field(
            500, ge=50, le=10_000, description="Only t-SNE: steps after the 250 of early exaggeration."
        )
        umap_neighbours: int | None = Field(
            None, ge=2, le=500, description="Only UMAP: neighbours of each point; empty: 15, or what is possible."
        )
        min_dist: float = Field(0.1, ge=0, le=1, description="Only UMAP: least distance of points on the map.")
        initialisation: Literal["pca", "random"] = Field(
            "pca", description="Only t-SNE and UMAP: where the map begins; PCA keeps the large-scale arrangement."
        )
        seeds: int = Field(
            4, ge=0, le=8, description="Maps in the strip of seeds (none below 2); PCA is drawn on resampled points."
        )

        @model_validator(mode="after")
        def _within_reach(self) -> Projection.Params:
            if self.method != "pca" and min(self.fit_limit or self.limit, self.limit) > FIT_MOST:
                raise ValueError(
                    f"t-SNE and UMAP are made from at most {FIT_MOST} points: set fit_limit to {FIT_MOST} or less, "
                    "and the rest is placed"
                )
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Make the map, measure it, and say what is wrong with it."""
        from plugins.projection.findings import NO_VARIATION, findings_of
        from plugins.projection.measures import quality
        from plugins.projection.methods import Settings
        from plugins.projection.results import arrays, charts, images, metrics, strip_notes, tables, undefined
        from plugins.projection.sample import Wanted, map_in_memory, too_large
        from plugins.projection.seed_strip import seed_strip
        from plugins.projection.streamed import map_streamed

        job.progress(0.0, "points")
        wanted = Wanted(params.space, params.limit, params.fit_limit, params.place)
        settings = Settings(
            method=params.method,
            dimensions=params.dimensions,
            perplexity=params.perplexity,
            iterations=params.iterations,
            neighbours=params.umap_neighbours,
            min_dist=params.min_dist,
            initialisation=params.initialisation,
        )
        if params.method == "pca" and too_large(job, wanted):
            mapped = map_streamed(job, wanted, settings, _part(job, 0.0, 0.6))
        else:
            mapped = map_in_memory(job, wanted, settings, max(params.k, *CURVE), _part(job, 0.0, 0.6))
        notes = list(mapped.notes)
        coordinates = mapped.projected.coordinates[mapped.positions]
        n = len(mapped.points)
        k = min(params.k, (n - 1) // 2)
        if k < params.k:
            notes.append(f"{n} points allow measures with up to {k} neighbours; {params.k} were asked for.")
        ks = sorted({k, *(each for each in CURVE if each < n / 2)})
        job.progress(0.6, "measures")
        measured = quality(
            mapped.points,
            coordinates,
            ks,
            neighbours=mapped.neighbours,
            seed=job.seed,
            progress=lambda fraction: job.progress(0.6 + 0.15 * fraction, "measures"),
        )
        newcomers = _placed_quality(mapped, k, job.seed, notes)
        strip = None
        if params.seeds >= 2:
            fixed = ~mapped.held[mapped.positions]
            strip = seed_strip(
                mapped.points if fixed.all() else mapped.points[fixed],
                settings,
                params.seeds,
                k=k,
                limit=STRIP_LIMIT,
                seed=job.seed,
                progress=_part(job, 0.75, 0.97),
            )
            strip = replace(strip, rows=mapped.positions[fixed][strip.rows])
        components = mapped.projected.fitted.components
        job.progress(0.97, "result")
        findings = findings_of(mapped.points, measured, k, components, strip, params.dimensions)
        numbers = metrics(measured, newcomers, k, components, strip, mapped, params.dimensions, job.seed)
        if any(one.code == NO_VARIATION for one in findings):
            numbers = undefined(numbers, "not defined: all points are equal, so none is nearer than another")
        return wb.Result(
            metrics=numbers,
            tables=tables((*measured.measures, *newcomers), components),
            arrays=arrays(mapped, measured, strip),
            images=images(mapped, params.space, params.method),
            charts=charts(measured, components),
            findings=findings,
            notes=[*notes, *mapped.projected.notes, *strip_notes(strip, params.method)],
        )


def _placed_quality(mapped: Mapped, k: int, seed: int, notes: list[str]) -> tuple[Measure, ...]:
    """How well placed points stand among those that made the map; nothing where none were placed."""
    from plugins.projection.placing import placed_quality

    placed = mapped.projected.placed[mapped.positions]
    if not placed.any():
        return ()
    coordinates = mapped.projected.coordinates[mapped.positions]
    made = int((~placed).sum())
    k = min(k, (made - 1) // 2)
    if k < 1:
        notes.append(f"Placed points are not measured: the map was made from {made} points.")
        return ()
    return placed_quality(
        (mapped.points[~placed], coordinates[~placed]), (mapped.points[placed], coordinates[placed]), k, seed
    )


def _part(job: wb.Job, start: float, stop: float) -> Callable[[float, str], None]:
    """Progress of a part of the work."""
    return lambda fraction, stage: job.progress(start + (stop - start) * fraction, stage)
