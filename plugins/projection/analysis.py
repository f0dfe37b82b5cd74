# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, the order of the work, and what the result holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

    from plugins.projection.measures import Quality
    from plugins.projection.methods import Projected, Settings
    from plugins.projection.principal_components import PrincipalComponents
    from plugins.projection.seed_strip import SeedStrip

CURVE = (5, 15, 50)  # numbers of neighbours at which quality is drawn
FIT_MOST = 50_000  # points from which t-SNE and UMAP are made at most
STRIP_LIMIT = 1000  # points in the strip of seeds

LABELS = {  # title, which way is good, what the number says
    "trustworthiness": (
        "Trustworthiness",
        "higher",
        "1: neighbours on the map are neighbours in the space; 0.5: chance",
    ),
    "continuity": ("Continuity", "higher", "1: neighbours in the space are neighbours on the map; 0.5: chance"),
    "neighbourhood_preservation": (
        "Neighbourhood preservation",
        "higher",
        "share of the k nearest points that the map keeps",
    ),
    "neighbourhood_preservation_above_chance": (
        "Neighbourhood preservation above chance",
        "higher",
        "the same, with 0 for a random map",
    ),
    "distance_pearson": ("Correlation of distances (Pearson)", "higher", "distances in the space and on the map"),
    "distance_spearman": ("Correlation of distances (Spearman)", "higher", "ranks of these distances"),
    "normalised_stress": (
        "Normalised stress",
        "lower",
        "share of the distances that the map cannot hold, at its best scale",
    ),
}


class Projection(wb.Analysis):
    """What do the points of this space look like on a map, and how far can the map be trusted?

    Draws the points of any space in two or three dimensions by PCA, t-SNE or UMAP, and measures what the map keeps:
    near neighbours (trustworthiness, continuity, neighbourhood preservation) and distances (correlation, stress, stress
    of each point). The same map under several seeds shows what of it is chance.
    """

    name = "projection"
    title = "Projection of a space"
    version = "1"
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
        from plugins.projection.checks import as_points
        from plugins.projection.findings import findings_of
        from plugins.projection.measures import quality
        from plugins.projection.methods import Settings, project
        from plugins.projection.seed_strip import seed_strip

        job.progress(0.0, "points")
        sample = job.points(params.space, limit=params.limit)
        points, notes = _in_metric(as_points(sample.flat(), f"points of {params.space}"), sample.space)
        n = len(points)
        if n < 4:
            raise ValueError(f"A projection needs at least 4 points, but '{params.space}' has {n} here.")
        settings = Settings(
            method=params.method,
            dimensions=params.dimensions,
            perplexity=params.perplexity,
            iterations=params.iterations,
            neighbours=params.umap_neighbours,
            min_dist=params.min_dist,
            initialisation=params.initialisation,
        )
        k = min(params.k, (n - 1) // 2)
        if k < params.k:
            notes.append(f"{n} points allow measures with up to {k} neighbours; {params.k} were asked for.")
        ks = sorted({k, *(each for each in CURVE if each < n / 2)})
        whole = params.fit_limit is None or params.fit_limit >= n
        job.progress(0.1, "nearest neighbours")
        neighbours = _shared_neighbours(job, points, settings, ks) if whole else None
        projected = project(
            points,
            settings,
            fit_limit=params.fit_limit,
            neighbours=neighbours,
            seed=job.seed,
            progress=_part(job, 0.2, 0.6),
        )
        job.progress(0.6, "measures")
        measured = quality(
            points,
            projected.coordinates,
            ks,
            neighbours=neighbours,
            seed=job.seed,
            progress=lambda fraction: job.progress(0.6 + 0.15 * fraction, "measures"),
        )
        strip = None
        if params.seeds >= 2:
            strip = seed_strip(
                points,
                settings,
                params.seeds,
                k=k,
                limit=STRIP_LIMIT,
                seed=job.seed,
                progress=_part(job, 0.75, 0.97),
            )
        components = projected.fitted.components
        job.progress(0.97, "result")
        return wb.Result(
            metrics=_metrics(measured, k, components, strip, params.dimensions, job.seed),
            tables=_tables(measured, components),
            arrays=_arrays(sample.rows, projected, measured, strip),
            charts=_charts(sample, projected, measured, components, job.seed),
            findings=findings_of(points, measured, k, components, strip, params.dimensions),
            notes=[*notes, *projected.notes, *_strip_notes(strip, params.method)],
        )


def _in_metric(points: Any, space: wb.Space) -> tuple[Any, list[str]]:
    """Points such that Euclidean distance means what the metric of their space means."""
    if getattr(space, "metric", "") != "cosine":
        return points, []
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    notes = ["Distances are between directions: points were brought to length 1 for the cosine metric of the space."]
    zeros = int((norms == 0).sum())
    if zeros:
        notes.append(f"{zeros} zero vectors have no direction and stay at the origin.")
    return points / np.where(norms > 0, norms, 1), notes


def _shared_neighbours(job: wb.Job, points: Any, settings: Settings, ks: list[int]) -> Any:
    """Neighbours of all points, once, for the map and for the measures; None where neither needs them."""
    import torch

    from plugins.projection.neighbours import nearest_neighbours

    needed = settings.needed_neighbours(len(points))
    if not needed:
        return None
    # exact distances are in float64, which not every accelerator has
    device = job.device if job.device.startswith("cuda") else "cpu"
    table = torch.from_numpy(np.array(points)).to(device)
    return nearest_neighbours(table, max(needed, *ks))


def _part(job: wb.Job, start: float, stop: float) -> Callable[[float, str], None]:
    """Progress of a part of the work."""
    return lambda fraction, stage: job.progress(start + (stop - start) * fraction, stage)


def _metrics(
    measured: Quality,
    k: int,
    components: PrincipalComponents | None,
    strip: SeedStrip | None,
    dimensions: int,
    seed: int,
) -> dict[str, wb.Metric]:
    """Every measure at the chosen k, the variance shown, and the stability."""
    metrics: dict[str, wb.Metric] = {}
    for each in measured.measures:
        if each.k not in (None, k):
            continue
        label, better, words = LABELS[each.name]
        low, high = each.interval or (None, None)
        basis = f"all {each.count} points" if each.interval is None else f"{each.anchors} of {each.count} points"
        about = f"{words}. At {basis}" + (f", k = {each.k}" if each.k else "") + f", seed {each.seed}."
        metrics[each.name] = wb.Metric(
            each.value,
            low=low,
            high=high,
            n=each.anchors,
            label=label,
            note=about,
            better="higher" if better == "higher" else "lower",
        )
    if components is not None:
        metrics["explained_variance"] = wb.Metric(
            float(components.explained_variance_ratio[:dimensions].sum()),
            n=components.count,
            label="Variance on the map",
            note=f"share of the total variance along the {dimensions} axes of the map",
            better="higher",
        )
    if strip is not None:
        from plugins.projection.findings import mean_interval

        value, low, high = mean_interval(strip.stability, seed)
        metrics["stability"] = wb.Metric(
            value,
            low=low,
            high=high,
            n=len(strip.rows),
            label="Stability under seeds",
            note=f"share of a point's {strip.k} neighbours on the map that stay from seed to seed, over "
            f"{len(strip.seeds)} seeds; unrelated maps: {strip.chance:.3f}",
            better="higher",
        )
    return metrics


def _tables(measured: Quality, components: PrincipalComponents | None) -> dict[str, pd.DataFrame]:
    """`quality`: each measure at each k; `explained_variance`: each component."""
    import pandas as pd

    rows = [
        {
            "measure": each.name,
            "k": each.k,
            "value": each.value,
            "low": None if each.interval is None else each.interval[0],
            "high": None if each.interval is None else each.interval[1],
            "points": each.count,
            "anchors": each.anchors,
            "seed": each.seed,
        }
        for each in measured.measures
    ]
    types = {"k": "Int64", "low": "float64", "high": "float64"}
    tables = {"quality": pd.DataFrame(rows).astype(types)}
    if components is not None:
        tables["explained_variance"] = pd.DataFrame(
            {
                "component": np.arange(1, len(components.components) + 1),
                "variance": components.explained_variance,
                "share": components.explained_variance_ratio,
                "cumulative": np.cumsum(components.explained_variance_ratio),
            }
        )
    return tables


def _arrays(rows: Any, projected: Projected, measured: Quality, strip: SeedStrip | None) -> dict[str, Any]:
    """Arrays of the result; `seed_rows` are positions in `coordinates`, `rows` positions in the data."""
    arrays = {
        "coordinates": projected.coordinates,
        "stress": measured.stress.astype(np.float32),
        "rows": np.asarray(rows, dtype=np.int64),
        "placed": projected.placed,
    }
    if strip is not None:
        arrays |= {
            "seed_maps": strip.maps,
            "seed_rows": strip.rows,
            "seeds": np.array(strip.seeds, dtype=np.int64),
            "seed_disparity": strip.disparity,
            "stability": strip.stability,
        }
    return arrays


def _charts(
    sample: wb.Points, projected: Projected, measured: Quality, components: PrincipalComponents | None, seed: int
) -> dict[str, Any]:
    from plugins.projection.charts import explained_variance_chart, map_chart, quality_chart

    charts = {
        "map": map_chart(projected.coordinates, measured.stress, sample.columns, seed),
        "quality": quality_chart(measured),
    }
    if components is not None:
        charts["explained_variance"] = explained_variance_chart(components)
    return charts


def _strip_notes(strip: SeedStrip | None, method: str) -> list[str]:
    if strip is None:
        return []
    how = "on resampled points" if method == "pca" else "from other random starts"
    return [
        f"The strip shows {len(strip.rows)} of the points, drawn {len(strip.seeds)} times {how}, laid over the first."
    ]
