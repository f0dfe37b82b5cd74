# SPDX-License-Identifier: Apache-2.0
"""The page of a Mapper graph: the graph, the samples of the chosen node, the points on a map, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.mapper.charts import SELECTION, graph_chart
from registry.errors import DoesNotApply
from registry.pictures import styled
from workbench.app.parts import pictures as pictures_of
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHEET = 48
AROUND = 24  # pixels around a chart
LENS, CLASS, NOTHING = "mean of the lens", "most frequent class", "nothing"


@dataclass(frozen=True, eq=False)
class Found:
    """What the page needs of the result, read once for a run."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    rows: Any
    lens: Any
    bounds: Any
    members: Any
    columns: pd.DataFrame
    classes: str

    def samples(self, node: int) -> Any:
        """Positions of the samples of a node, by their lens."""
        mine = self.members[self.bounds[node] : self.bounds[node + 1]]
        return mine[np.argsort(self.lens[mine], kind="stable")]


def draw(view: ViewContext) -> None:
    """Draw the result."""
    found = view.kept("mapper", lambda: _read(view))
    view.findings()
    if not view.result.findings:
        st.markdown(
            "**The graph shows nothing that stays.** No cycle and no parting of it came back both under other "
            "intervals and overlaps and in random halves of the samples, and was missing in normal points of the same "
            "covariance. Other lenses were not tried, so that this is no proof that the samples have neither."
        )
    st.subheader(f"The graph of {text.plain(view.run.params['space'], 80)}")
    node = _choose(view, found)
    left, right = view.beside(3, 2)
    with left:
        _graph(view, found, node)
    with right:
        _about(view, found, node)
    _samples(view, found, node)
    _map(view, found, node)
    _stability(view)
    _tables(found)
    st.subheader("All measures")
    view.measures()
    view.notes()


def _read(view: ViewContext) -> Found:
    result = view.result
    nodes = result.table("nodes")
    rows = np.asarray(result.array("rows"), dtype=np.int64)
    return Found(
        nodes=nodes,
        edges=result.table("edges"),
        rows=rows,
        lens=np.asarray(result.array("lens")),
        bounds=np.asarray(result.array("node_bounds")),
        members=np.asarray(result.array("node_members")),
        columns=view.columns(rows),
        classes=str(result.array("column")[0]) if "column" in result.arrays else "",
    )


def _choose(view: ViewContext, found: Found) -> int:
    """The chosen node: of the address, of the list, or clicked in the graph."""
    rows = {int(one["node"]): one for one in found.nodes.to_dict("records")}
    order = found.nodes.sort_values(["component", "lens", "node"])["node"]
    offered = [int(one) for one in order]
    first = int(found.nodes.sort_values(["size", "node"], ascending=[False, True])["node"].iloc[0])
    key = view.key("node")
    if st.session_state.get(key) not in rows:
        given = view.remembered("node") or ""
        st.session_state[key] = int(given) if given.isdecimal() and int(given) in rows else first
    chosen = int(
        st.selectbox(
            "The node whose samples are shown (or click one in the graph)",
            offered,
            key=key,
            format_func=lambda one: _label(rows[one]),
        )
    )
    view.remember(node=None if chosen == first else str(chosen))
    return chosen


def _label(row: Any) -> str:
    told = f"Node {row['node']} · {text.counted(int(row['size']), 'sample')} · lens {row['lens']:.3g}"
    if "label" in row and row["label_share"] == row["label_share"]:
        told += f" · {100 * row['label_share']:.0f} % {text.one_line(row['label'], 40)}"
    return told + (" · on a cycle" if row["on_cycle"] else "")


def _graph(view: ViewContext, found: Found, node: int) -> None:
    """The graph; a click chooses a node."""
    colour = LENS
    if found.classes:
        colour = view.choice("colour", [LENS, CLASS], "Colour of the nodes", default=CLASS, width=260)
    by_class = colour == CLASS
    chart = graph_chart(
        found.nodes,
        found.edges,
        colour="label" if by_class else "lens",
        title=text.one_line(found.classes, 40) if by_class else "mean of the lens",
        selected=node,
    )
    spec = styled(chart.to_dict())
    key = view.key(f"graph.{by_class}.{node}")
    st.vega_lite_chart(
        None,
        spec,
        width="stretch",
        height=int(spec["height"]) + AROUND,
        key=key,
        on_select=_taker(key, view.key("node")),
        selection_mode=SELECTION,
        alt=f"Mapper graph: {len(found.nodes)} nodes and {len(found.edges)} edges",
    )
    st.caption(
        f"{text.counted(len(found.nodes), 'node')}, {text.counted(len(found.edges), 'edge')}; a node is larger the "
        f"more samples it has (the largest has {found.nodes['size'].max():,}), an edge thicker the more two nodes "
        "share. The chosen node has an orange rim."
    )


def _taker(key: str, into: str) -> Callable[[], None]:
    """Takes what was clicked in the graph over into the list."""

    def take() -> None:
        picked = dict(st.session_state[key].get("selection", {})).get(SELECTION) or []
        if picked and "node" in picked[0]:
            st.session_state[into] = int(picked[0]["node"])

    return take


def _about(view: ViewContext, found: Found, node: int) -> None:
    """What is known of the node, its neighbours, and its classes."""
    row = found.nodes.iloc[node]
    beside = found.edges[(found.edges["a"] == node) | (found.edges["b"] == node)]
    lines = [
        ("Samples", f"{int(row['size']):,}"),
        ("Lens, mean", f"{row['lens']:.4g}"),
        ("Lens, from and to", f"{row['lens_low']:.4g} to {row['lens_high']:.4g}"),
        ("Interval", str(int(row["interval"]) + 1)),
        ("Component", str(int(row["component"]) + 1)),
        ("On a cycle", "yes" if row["on_cycle"] else "no"),
        (
            "Shares samples with",
            ", ".join(
                f"node {one['b'] if one['a'] == node else one['a']} ({one['shared']:,})"
                for one in beside.to_dict("records")
            )
            or "no node",
        ),
    ]
    st.markdown(f"**Node {node}**")
    st.table(
        {"Measure": [name for name, _ in lines], "Value": [value for _, value in lines]},
        hide_index=True,
        border="horizontal",
    )
    if found.classes in found.columns.columns:
        counts = found.columns[found.classes].iloc[found.samples(node)].value_counts()
        told = ", ".join(f"{text.plain(name, 40)}: {count:,}" for name, count in list(counts.items())[:12])
        st.markdown(f"**{text.plain(found.classes, 80)}** of its samples: {told}")


def _samples(view: ViewContext, found: Found, node: int) -> None:
    """The samples of the node by their lens: a contact sheet, a slice, the map."""
    samples = found.samples(node)
    st.subheader(f"The {text.counted(len(samples), 'sample')} of node {node}")
    shown = samples
    if len(samples) > SHEET:
        shown = samples[np.unique(np.linspace(0, len(samples) - 1, SHEET).round().astype(np.int64))]
    if _has_pictures(view):
        written = None
        if found.classes in found.columns.columns:
            written = [text.one_line(one, 20) for one in found.columns[found.classes].iloc[shown]]
        view.pictures(found.rows[shown], written, limit=SHEET)
        every = "" if len(shown) == len(samples) else f"{len(shown)} of {len(samples):,} samples, evenly taken "
        st.caption(f"{every or 'All of its samples '}in the order of the lens, from {_lens(found, samples)}.")
    frame = found.columns.iloc[samples].reset_index(drop=True)
    frame.insert(0, "lens" if "lens" not in frame.columns else "lens (Mapper)", found.lens[samples])
    frame.insert(0, "row" if "row" not in frame.columns else "row (map)", found.rows[samples])
    with st.expander("Its samples as a table", icon=":material/table:", expanded=not _has_pictures(view)):
        st.dataframe(frame, hide_index=True, height=240, alt=f"The samples of node {node}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Select them on the map", key=view.key("again"), icon=":material/select_all:"):
            view.select(np.sort(samples))
            view.remember(selected=None, selection=None, slice=None)
            st.rerun()
        view.save_slice(found.rows[np.sort(samples)], origin=f"run {view.run.id}, node {node}")


def _lens(found: Found, samples: Any) -> str:
    return f"{found.lens[samples[0]]:.3g} to {found.lens[samples[-1]]:.3g}"


def _map(view: ViewContext, found: Found, node: int) -> None:
    """All points on two principal components; those of the node are selected at first."""
    from workbench.app.components.scatter import encode_colour, encode_coordinates

    st.subheader("Its samples on the map of all points")
    colours = ["lens", *([found.classes] if found.classes in found.columns.columns else []), NOTHING]
    colour = view.choice("tint", colours, "Colour of the points", width=260)
    coordinates = view.result.array("coordinates")
    cloud = view.kept("cloud", lambda: encode_coordinates(np.ascontiguousarray(coordinates, dtype=np.float32)))

    def tint() -> Any:
        if colour == "lens":
            return encode_colour(found.lens, cloud, label="lens")
        if colour == NOTHING:
            return encode_colour(None, cloud)
        return encode_colour(found.columns[colour], cloud, label=colour, categorical=True)

    seen = view.scatter(
        cloud,
        colour=view.kept(f"tint {colour}", tint),
        selected=_start(view, found, node),
        cards=view.cards(found.rows, found.columns),
        key=view.key(f"map.{node}"),
        height=420,
    )
    chosen = np.asarray(seen.points, dtype=np.int64)
    view.keep_selection(found.rows, chosen)
    st.caption(
        f"Two principal components, {100 * view.result.metrics['map_variance'].value:.0f} % of the variance; the graph "
        "was not made from this map."
    )
    if len(chosen) and not np.array_equal(np.sort(chosen), np.sort(found.samples(node))):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"**{text.counted(len(chosen), 'selected point')}** {_in_nodes(found, chosen)}", width="content"
            )
        view.pictures(found.rows[chosen], limit=SHEET)


def _in_nodes(found: Found, chosen: Any) -> str:
    """In which nodes selected points are, the most first."""
    nodes = np.repeat(np.arange(len(found.nodes)), np.diff(found.bounds))
    counts = np.bincount(nodes[np.isin(found.members, chosen)], minlength=len(found.nodes))
    order = np.argsort(-counts, kind="stable")[:5]
    told = ", ".join(f"node {one}: {counts[one]:,}" for one in order if counts[one])
    return f"in {told}" if told else "in no node"


def _start(view: ViewContext, found: Found, node: int) -> Any:
    """What is selected when the map is first drawn: what the address says, else the samples of the node."""
    key = view.key("shown")
    start = view.starting_selection(found.rows)
    before = st.session_state.get(key)
    if before != node and (before is not None or not len(start)):
        view.select(np.sort(found.samples(node)))
        start = view.starting_selection(found.rows)
    st.session_state[key] = node
    return start


def _stability(view: ViewContext) -> None:
    st.subheader("What stays, and what is a choice")
    view.chart("stability")
    st.caption(
        "Components and independent cycles of the graph with other intervals and overlaps, on random halves of the "
        "samples (three quarters of the intervals), and of normal points of the same covariance. What is not apart "
        "from the last row is no shape of these points."
    )


def _tables(found: Found) -> None:
    """Nodes and edges as they are stored."""
    with st.expander("All nodes and edges as tables", icon=":material/table:"):
        st.dataframe(found.nodes, hide_index=True, height=260, alt="Nodes of the graph")
        st.dataframe(found.edges, hide_index=True, height=260, alt="Edges of the graph")


def _has_pictures(view: ViewContext) -> bool:
    try:
        pictures_of.check(view.run, view.result)
    except DoesNotApply:
        return False
    return True
