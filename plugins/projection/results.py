# SPDX-License-Identifier: Apache-2.0
"""The parts of the result of a projection, from what was computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

    from plugins.projection.measures import Measure, Quality
    from plugins.projection.principal_components import PrincipalComponents
    from plugins.projection.sample import Mapped
    from plugins.projection.seed_strip import SeedStrip

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
    "placed_trustworthiness": (
        "Trustworthiness of placed points",
        "higher",
        "1: those that made the map and stand next to a placed point are its neighbours in the space; 0.5: chance",
    ),
    "placed_continuity": (
        "Continuity of placed points",
        "higher",
        "1: neighbours in the space of a placed point, of those that made the map, stand next to it; 0.5: chance",
    ),
}
METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}


def metrics(
    measured: Quality,
    newcomers: tuple[Measure, ...],
    k: int,
    components: PrincipalComponents | None,
    strip: SeedStrip | None,
    mapped: Mapped,
    dimensions: int,
    seed: int,
) -> dict[str, wb.Metric]:
    """Every measure at the chosen k, the variance shown, the stability, and how far apart the points stand."""
    found: dict[str, wb.Metric] = {}
    for each in measured.measures:
        if each.k in (None, k):
            basis = (
                f"all {each.count} points" if each.anchors == each.count else f"{each.anchors} of {each.count} points"
            )
            found[each.name] = _metric(each, basis)
    for each in newcomers:
        found[each.name] = _metric(each, f"{each.anchors} placed points, among {each.count} that made the map")
    if components is not None:
        found["explained_variance"] = wb.Metric(
            float(components.explained_variance_ratio[:dimensions].sum()),
            n=components.count,
            label="Variance on the map",
            note=f"share of the total variance along the {dimensions} axes of the map",
            better="higher",
        )
    if strip is not None:
        from plugins.projection.findings import mean_interval

        value, low, high = mean_interval(strip.stability, seed)
        found["stability"] = wb.Metric(
            value,
            low=low,
            high=high,
            n=len(strip.rows),
            label="Stability under seeds",
            note=f"share of a point's {strip.k} neighbours on the map that stay from seed to seed, over "
            f"{len(strip.seeds)} seeds; unrelated maps: {strip.chance:.3f}",
            better="higher",
        )
    spacing, recall = mapped.spacing, mapped.projected.recall
    n = len(spacing.distances)
    interval = spacing.interval or (None, None)
    found["neighbour_distance"] = wb.Metric(
        spacing.median,
        low=interval[0],
        high=interval[1],
        n=spacing.rows,
        label="Distance to the nearest other point",
        note="median, in the space (the yardstick for gaps of the map), at "
        + (f"all {n:,} points" if spacing.rows == n else f"{spacing.rows:,} of {n:,} points, seed {seed}"),
    )
    if recall is not None:
        found["neighbour_recall"] = wb.Metric(
            recall.value,
            low=recall.low,
            high=recall.high,
            n=recall.rows,
            label="Neighbours found",
            note=f"share of the true {recall.k} nearest neighbours among those that the map was made from, which were "
            f"searched approximately; at {recall.rows} random points, seed {seed}",
            better="higher",
        )
    return found


def undefined(numbers: dict[str, wb.Metric], why: str) -> dict[str, wb.Metric]:
    """The same metrics as NaN, with the reason: a perfect score of nothing would be believed."""
    return {name: replace(one, value=float("nan"), low=None, high=None, note=why) for name, one in numbers.items()}


def _metric(measure: Measure, basis: str) -> wb.Metric:
    label, better, words = LABELS[measure.name]
    low, high = measure.interval or (None, None)
    about = f"{words}. At {basis}"
    about += f", over {measure.pairs:,} random pairs" if measure.pairs else ""
    about += f", k = {measure.k}" if measure.k else ""
    return wb.Metric(
        measure.value,
        low=low,
        high=high,
        n=measure.anchors,
        label=label,
        note=f"{about}, seed {measure.seed}.",
        better="higher" if better == "higher" else "lower",
    )


def tables(measures: tuple[Measure, ...], components: PrincipalComponents | None) -> dict[str, pd.DataFrame]:
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
            "pairs": each.pairs,
            "seed": each.seed,
        }
        for each in measures
    ]
    types = {"k": "Int64", "pairs": "Int64", "low": "float64", "high": "float64"}
    found = {"quality": pd.DataFrame(rows).astype(types)}
    if components is not None:
        found["explained_variance"] = pd.DataFrame(
            {
                "component": np.arange(1, len(components.components) + 1),
                "variance": components.explained_variance,
                "share": components.explained_variance_ratio,
                "cumulative": np.cumsum(components.explained_variance_ratio),
            }
        )
    return found


def arrays(mapped: Mapped, measured: Quality, strip: SeedStrip | None) -> dict[str, Any]:
    """Arrays of the result; `seed_rows` are positions in `coordinates`, `rows` positions in the data.

    `points`, where kept, are those of the space as they are; `mean` and `components` (PCA) and `neighbour_distance` are
    in its metric: for cosine, of points brought to length 1.

    The stress of points that were not measured is not a number; that of the others is their share of n / m, so that 1
    is the average of n times it in any case.
    """
    n, m = len(mapped.rows), len(mapped.positions)
    stress = np.full(n, np.nan, dtype=np.float32)
    stress[mapped.positions] = measured.stress * (m / n)
    found = {
        "coordinates": mapped.projected.coordinates,
        "stress": stress,
        "rows": mapped.rows,
        "placed": mapped.projected.placed,
        "neighbour_distance": mapped.spacing.distances,
    }
    if mapped.kept is not None:
        found["points"] = mapped.kept
    components = mapped.projected.fitted.components
    if components is not None:
        dimensions = mapped.projected.coordinates.shape[1]
        axes = np.zeros((dimensions, len(components.mean)), dtype=np.float32)
        axes[: len(components.components)] = components.components[:dimensions]
        found |= {"mean": components.mean.astype(np.float32), "components": axes}
    if strip is not None:
        found |= {
            "seed_maps": strip.maps,
            "seed_rows": strip.rows,
            "seeds": np.array(strip.seeds, dtype=np.int64),
            "seed_disparity": strip.disparity,
            "stability": strip.stability,
        }
    return found


def images(mapped: Mapped, space: str, method: str) -> dict[str, Any]:
    """`map`: all points."""
    from plugins.projection.picture import map_picture

    title = f"{space} by {METHOD_NAMES[method]}: {len(mapped.rows):,} points"
    if mapped.projected.coordinates.shape[1] > 2:
        title += ", the first two of three dimensions"
    return {"map": map_picture(mapped.projected.coordinates, mapped.columns, title, mapped.held)}


def charts(measured: Quality, components: PrincipalComponents | None) -> dict[str, Any]:
    """`quality` by number of neighbours, `explained_variance` by component."""
    from plugins.projection.charts import explained_variance_chart, quality_chart

    found = {"quality": quality_chart(measured)}
    if components is not None:
        found["explained_variance"] = explained_variance_chart(components)
    return found


def strip_notes(strip: SeedStrip | None, method: str) -> list[str]:
    """What the strip of seeds shows."""
    if strip is None:
        return []
    how = "on resampled points" if method == "pca" else "from other random starts"
    return [
        f"The strip shows {len(strip.rows):,} of the points, drawn {len(strip.seeds)} times {how}, laid over the first."
    ]
