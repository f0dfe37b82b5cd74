# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.homology.bars import Bar
from plugins.homology.findings import findings_of, outliers_of
from plugins.homology.flat_map import flat_map
from plugins.homology.metrics import metrics_of
from plugins.homology.notes import notes_of
from plugins.homology.summary_tables import summaries_table, vectors_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.homology.analysis import Homology
    from plugins.homology.clouds import Cloud
    from plugins.homology.measures import Measured
    from plugins.homology.shapes import Shapes

STEPS = 160  # scales of a Betti curve
UNITS = {
    "euclidean": "Euclidean distance",
    "cosine": "1 − cosine",
    "geodesic": "distance along the graph",
    "pull-back": "distance of decoded points",
    "precomputed": "given distance",
}
UP = {"type": "quantitative", "title": "loops", "axis": {"format": "d", "tickCount": 4}}


def result_of(
    cloud: Cloud,
    measured: Sequence[Measured],
    bars: Sequence[Bar],
    shapes: Shapes,
    params: Homology.Params,
    seed: int,
) -> wb.Result:
    """Metrics, tables, arrays, charts, findings and notes."""
    whole = measured[0]
    coordinates, kept = flat_map(cloud.values, seed)
    outliers = outliers_of(whole, cloud)
    arrays: dict[str, Any] = {
        "rows": cloud.rows,
        "coordinates": coordinates,
        "landmarks": whole.chosen,
        "trimmed": whole.trimmed,
        "nearest": whole.nearest,
        "away": whole.away.astype(np.float32),
        "distances": whole.distances.astype(np.float32),
    }
    if outliers is not None:
        arrays["outliers"] = outliers.positions
    if shapes.pieces is not None:
        arrays["pieces"] = shapes.pieces
    for number, shape in shapes.of.items():
        for name in ("cycle", "birth", "death", "circular", "gap", "plane"):
            value = getattr(shape, name)
            if value is not None:
                arrays[f"{name}_{number}"] = value
    for dimension in range(1, len(whole.barcode.bars)):
        arrays |= vectors_of(whole, dimension)
    table, betti = bars_table(bars, shapes, measured), betti_table(measured)
    unit = UNITS[cloud.metric] + (", weighted" if whole.weighted else "")
    return wb.Result(
        metrics=metrics_of(cloud, measured, bars, shapes, outliers),
        tables={
            "bars": table,
            "betti": betti,
            "summaries": summaries_table(measured),
            "groups": groups_table(measured),
        },
        arrays=arrays,
        charts=charts_of(table, betti, arrays, whole, unit),
        findings=findings_of(cloud, measured, bars, shapes, outliers),
        notes=notes_of(cloud, measured, bars, shapes, params, kept),
    )


def bars_table(bars: Sequence[Bar], shapes: Shapes, measured: Sequence[Measured] = ()) -> pd.DataFrame:
    """One row for each bar; NaN where something is not defined, infinite deaths of bars that do not end.

    ``p_value`` is that of the universal null, adjusted; ``p_reason`` why there is none. With the options, of all points
    alone: ``beyond_band``, whether a bar is longer than the strict band asks for, and ``gaussian_p`` of loops.
    """
    import pandas as pd

    names = (
        "dimension",
        "birth",
        "death",
        "p_value",
        "recurrence",
        "recurrence_low",
        "recurrence_high",
        "in_covering_radii",
        "length",
        "relative_length",
        "essential",
        "significant",
        "rank",
        "group",
        "late",
        "p_reason",
    )
    frame = pd.DataFrame({name: [getattr(one, name) for one in bars] for name in names})
    frame.insert(0, "bar", np.array([one.number for one in bars], dtype=np.int64))
    found = [shapes.of.get(one.number) for one in bars]
    frame["cycle_samples"] = [0 if one is None or one.cycle is None else len(one.cycle) for one in found]
    frame["cycle_length"] = [float("nan") if one is None else one.cycle_length for one in found]
    frame["gap_distance"] = [float("nan") if one is None else one.gap_distance for one in found]
    if measured and measured[0].fasy is not None:
        frame["beyond_band"] = (frame["group"] == "") & (frame["length"] > measured[0].fasy.length)
    if measured and measured[0].gaussian is not None:
        frame["gaussian_p"] = _gaussian_p(bars, measured[0])
    return frame


def _gaussian_p(bars: Sequence[Bar], whole: Measured) -> list[float]:
    """That of each loop of all points; NaN for all else."""
    given = whole.barcode.dimension(1)
    if whole.gaussian is None:
        return []
    known = {(float(birth), float(death)): float(p) for (birth, death), p in zip(given, whole.gaussian.p, strict=True)}
    nothing = float("nan")
    return [
        known.get((one.birth, one.death), nothing) if not one.group and one.dimension == 1 else nothing for one in bars
    ]


def betti_table(measured: Sequence[Measured]) -> pd.DataFrame:
    """Bars alive at each scale: of the landmarks (``count``), and median and 5 to 95 % of the random draws."""
    import pandas as pd

    from plugins.homology.summaries import betti_band, betti_curve, scales

    parts = []
    for one in measured:
        grid = scales([one.barcode, *one.draws], STEPS)
        for dimension in range(len(one.barcode.bars)):
            count = betti_curve(one.barcode.dimension(dimension), grid)
            band = betti_band(one.draws, dimension, grid) if one.draws else None
            nothing = np.full(len(grid), np.nan)
            parts.append(
                pd.DataFrame(
                    {
                        "group": one.group.name,
                        "dimension": dimension,
                        "scale": grid,
                        "count": count,
                        "median": count.astype(np.float64) if band is None else band.median,
                        "low": nothing if band is None else band.low,
                        "high": nothing if band is None else band.high,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def groups_table(measured: Sequence[Measured]) -> pd.DataFrame:
    """What each barcode was made of."""
    import pandas as pd

    return pd.DataFrame(
        {
            "group": [one.group.name for one in measured],
            "points": [len(one.group.positions) for one in measured],
            "landmarks": [len(one.chosen) for one in measured],
            "trimmed": [len(one.trimmed) for one in measured],
            "covering_radius": [one.covering_radius for one in measured],
            "median_distance": [one.median_distance for one in measured],
            "threshold": [one.barcode.threshold for one in measured],
            "draws": [len(one.draws) for one in measured],
            "drawn": [one.drawn_size for one in measured],
            "tested": [one.tested_size for one in measured],
        }
    )


def charts_of(
    table: pd.DataFrame, betti: pd.DataFrame, arrays: Mapping[str, Any], whole: Measured, unit: str
) -> dict[str, Any]:
    """Barcode and diagram of all points, their Betti curves with the band of the draws, landscapes and image."""
    from plugins.homology.charts import barcode_chart, betti_chart, diagram_chart
    from plugins.homology.summary_charts import image_chart, landscape_chart

    bars = table[table["group"] == ""]
    band = None if whole.fasy is None else whole.fasy.length
    found = {
        "barcode": barcode_chart(bars, unit=unit),
        "diagram": diagram_chart(bars, unit=unit, band=band),
        "betti": betti_chart(betti[betti["group"] == ""], unit=unit, draws=len(whole.draws)),
    }
    if len(whole.barcode.dimension(1)):
        found["landscape"] = landscape_chart(arrays, unit=unit, draws=len(whole.draws))
        found["image"] = image_chart(arrays, unit=unit)
    loops = betti[(betti["group"] != "") & (betti["dimension"] == 1)]
    return found if loops.empty else {**found, "betti_by_class": by_class(loops, unit)}


def by_class(loops: pd.DataFrame, unit: str) -> dict[str, Any]:
    """The Betti curves of loops of all classes beside each other, on one scale."""
    from registry.pictures import CHART_COLOURS

    across = {"field": "scale", "type": "quantitative", "title": unit, "axis": {"tickCount": 4}}
    step = {"interpolate": "step-after", "color": CHART_COLOURS[1]}
    tips = [{"field": name, "type": "quantitative", "format": ".4~g"} for name in ("scale", "median", "low", "high")]
    rows = loops[["group", "scale", "count", "median", "low", "high"]].round(6)
    values = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": "Loops alive at each scale, class by class",
        "data": {"values": values},
        "facet": {"field": "group", "type": "nominal", "title": None, "sort": list(dict.fromkeys(rows["group"]))},
        "columns": 3,  # as many as fit a narrow page
        "spec": {
            "width": 190,
            "height": 90,
            "layer": [
                {
                    "mark": {"type": "area", "opacity": 0.3, **step},
                    "encoding": {"x": across, "y": {"field": "low", **UP}, "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 2, **step},
                    "encoding": {"x": across, "y": {"field": "median", **UP}, "tooltip": tips},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 1, "strokeDash": [3, 3], **step},
                    "encoding": {"x": across, "y": {"field": "count", **UP}},
                },
            ],
        },
    }
