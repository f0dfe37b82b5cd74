# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from the graph and those beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.flat_map import flat_map
from plugins.homology.words import of_source
from plugins.mapper.charts import graph_chart, stability_chart
from plugins.mapper.findings import findings_of
from plugins.mapper.layout import components, layout, on_cycle
from plugins.mapper.measures import Measured, persisting

if TYPE_CHECKING:
    import pandas as pd

    from plugins.mapper.analysis import Mapper
    from plugins.mapper.graph import Graph
    from plugins.modes.sample import Sample

Float64 = NDArray[np.float64]
NONE = "none"  # what a node is called whose samples have no class


def result_of(
    sample: Sample, lens: Float64, words: str, measured: Measured, params: Mapper.Params, seed: int
) -> wb.Result:
    """Metrics, the tables ``nodes``, ``edges`` and ``stability``, who is in which node, charts, findings and notes."""
    import pandas as pd

    graph = measured.graph
    nodes, edges = nodes_of(sample, lens, graph), edges_of(graph)
    trials = pd.DataFrame([vars(one) for one in measured.trials])
    placed, kept = flat_map(sample.values.astype(np.float32), seed)
    held = np.zeros(len(sample), dtype=bool)
    held[np.concatenate(graph.nodes)] = True
    left_out = int((~held).sum())
    charts = {"graph": graph_chart(nodes, edges, colour="lens", title="mean of the lens")}
    if sample.classes is not None:
        charts["graph_by_class"] = graph_chart(nodes, edges, colour="label", title=sample.classes.column)
    charts["stability"] = stability_chart(trials)
    named = {} if sample.classes is None else {"column": np.array([sample.classes.column])}
    return wb.Result(
        metrics=_metrics(measured, left_out, len(sample), kept),
        tables={"nodes": nodes, "edges": edges, "stability": trials},
        arrays={
            "rows": sample.rows,
            "lens": lens,
            "coordinates": placed,
            "node_bounds": np.cumsum([0, *map(len, graph.nodes)]).astype(np.int64),
            "node_members": np.concatenate(graph.nodes),
            **named,
            "left_out": np.flatnonzero(~held).astype(np.int64),
        },
        charts=charts,
        findings=findings_of(measured, left_out, len(sample)),
        notes=_notes(sample, lens, words, graph, params, seed),
    )


def nodes_of(sample: Sample, lens: Float64, graph: Graph) -> pd.DataFrame:
    """One row for each node: samples, interval, lens, place, the sample in its middle, and what most of it is."""
    import pandas as pd

    count = len(graph.nodes)
    places = layout(count, graph.edges)
    frame = pd.DataFrame(
        {
            "node": np.arange(count),
            "size": [len(one) for one in graph.nodes],
            "interval": graph.cells[:, 0],
            "lens": graph.lens[:, 0],
            "lens_low": [float(lens[one].min()) for one in graph.nodes],
            "lens_high": [float(lens[one].max()) for one in graph.nodes],
            "component": components(count, graph.edges),
            "on_cycle": on_cycle(count, graph.edges),
            "middle": [int(sample.rows[_middle(sample.values, one)]) for one in graph.nodes],
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )
    if sample.classes is not None:
        shares = np.array([sample.classes.shares(one) for one in graph.nodes])
        most = shares.argmax(axis=1)
        some = shares.max(axis=1) > 0
        frame["label"] = [sample.classes.names[at] if any_ else NONE for at, any_ in zip(most, some, strict=True)]
        frame["label_share"] = np.where(some, shares.max(axis=1), np.nan)
    return frame


def edges_of(graph: Graph) -> pd.DataFrame:
    """One row for each pair of nodes that share samples: how many, and which share of the smaller node."""
    import pandas as pd

    sizes = np.array([len(one) for one in graph.nodes])
    smaller = np.minimum(sizes[graph.edges[:, 0]], sizes[graph.edges[:, 1]])
    return pd.DataFrame(
        {
            "a": graph.edges[:, 0],
            "b": graph.edges[:, 1],
            "shared": graph.overlaps,
            "share_of_smaller": graph.overlaps / np.maximum(smaller, 1),
        }
    )


def _middle(values: Float64, members: NDArray[np.int64]) -> int:
    """The sample of a node that is nearest to the mean of the node."""
    away = np.square(values[members] - values[members].mean(axis=0)).sum(axis=1)
    return int(members[int(away.argmin())])


def _metrics(measured: Measured, left_out: int, n: int, kept: float) -> dict[str, wb.Metric]:
    graph = measured.graph
    found = {
        "nodes": wb.Metric(len(graph.nodes), n=n, label="Nodes"),
        "edges": wb.Metric(len(graph.edges), n=n, label="Edges", note="Pairs of nodes that share samples."),
    }
    for name, what, value, label in (
        ("components", "pieces", graph.pieces, "Connected components (Betti 0)"),
        ("cycles", "cycles", graph.loops, "Independent cycles (Betti 1)"),
    ):
        drawn = np.array([getattr(one, what) for one in measured.of("halves")])
        stays = persisting(measured, what)
        note = "The interval holds the middle 95 % of random halves of the samples; it is no interval of the number."
        found[name] = wb.Metric(
            value,
            low=float(np.quantile(drawn, 0.025)),
            high=float(np.quantile(drawn, 0.975)),
            n=n,
            label=label,
            note=note,
        )
        found[f"{name}_that_stay"] = wb.Metric(
            stays.count if stays is not None else 0,
            n=n,
            label=f"{label.split(' (')[0]} that stay",
            note="So many are in at least 80 % of the settings of intervals and overlap, and in so many random halves "
            "that the 95 % interval of their share lies above 50 %."
            + (
                f" Of the clouds of normal points {stays.control:.0%} have as many.".replace("%.", " %.")
                if stays
                else ""
            ),
        )
    found["left_out"] = wb.Metric(
        left_out / n, n=n, label="Share of the samples in no node", note="Their pieces are smaller than a node."
    )
    found["radius"] = wb.Metric(graph.radius, n=n, label="Radius", note="Samples no farther apart are joined.")
    found["map_variance"] = wb.Metric(kept, n=n, label="Share of variance on the map of points")
    return found


def _notes(sample: Sample, lens: Float64, words: str, graph: Graph, params: Mapper.Params, seed: int) -> list[str]:
    notes = [
        f"{len(sample):,} {of_source(params.space, sample.points.source)}, seed {seed}. Lens: {words}. "
        f"{params.intervals} intervals of equal {'length' if params.cover == 'length' else 'numbers of samples'}, of "
        f"which neighbours share {100 * params.overlap:.0f} % of their length.",
        "A Mapper graph is a choice of lens, intervals, overlap and radius: another choice gives another graph. What "
        "stays under other intervals and overlaps, on halves of the samples, and is not there in normal points of the "
        "same covariance, is stated; nothing else of it is a result. Other lenses were not tried.",
        "The drawing places nodes so that steps along edges are as long as can be; directions in it mean nothing.",
        *sample.notes,
    ]
    if lens.min() == lens.max():
        notes.append("The lens has one value for all samples: there is one interval, and the graph is one of pieces.")
    elif len(sample) < params.intervals:
        notes.append(f"There are fewer samples ({len(sample):,}) than intervals: many of them are empty.")
    if params.clustering == "average":
        notes.append(
            "Average linkage also cuts what hangs together: cycles in a filled region are usual, as the normal points "
            "beside it show."
        )
    return notes
