# SPDX-License-Identifier: Apache-2.0
"""The complex at a scale: landmarks on the map, joined where they are no farther apart than the slider says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.homology.view.complex_chart import Drawing, chart
from plugins.homology.view.found import KINDS, Found
from registry.pictures import styled
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

MOST_EDGES = 3000
MOST_TRIANGLES = 2000
MOST_TRIMMED = 1500
STEPS = 200
ABOVE = 0.02  # of a bar's length above its birth, where its cycle is


def draw(view: ViewContext, found: Found, number: int | None) -> None:
    """The slider and what it shows; of all points, whatever class is looked at.

    A fragment: a step of the slider draws this part of the page again and no other.
    """
    top = float(found.groups["threshold"].iloc[0])
    edges = view.kept("edges by length", lambda: edges_by_length(np.asarray(view.result.array("distances"))))
    top = top if np.isfinite(top) else float(edges[2][-1]) if len(edges[2]) else 0.0
    if not top > 0:
        return
    st.subheader("The complex at a scale")

    @st.fragment
    def complex_at() -> None:
        _draw(view, found, number, edges, top)

    complex_at()


def _draw(view: ViewContext, found: Found, number: int | None, edges: Any, top: float) -> None:
    scale = _scale(view, found, number, top)
    whole = found.bars[found.bars["group"] == ""]
    alive = whole[(whole["birth"] <= scale) & (whole["death"] > scale)]
    counts = [int((alive["dimension"] == one).sum()) for one in sorted(whole["dimension"].unique())]
    names = ["piece", "loop", "void", "void in 4 dimensions"]
    told = ", ".join(text.counted(count, name) for count, name in zip(counts, names, strict=False))
    joined = int(np.searchsorted(edges[2], scale, side="right"))
    drawn = np.arange(max(0, joined - MOST_EDGES), joined)
    filled = triangles(edges[0][:joined], edges[1][:joined]) if joined <= MOST_EDGES else None
    some = f", {text.counted(len(filled), 'triangle')}" if filled is not None else ""
    st.markdown(f"At {scale:.4g} ({found.unit}): **{told}**, {joined:,} pairs of landmarks joined{some}.")
    marks, lies = found.landmarks, found.coordinates
    shown = filled if filled is not None and len(filled) <= MOST_TRIANGLES else np.empty((0, 3), dtype=np.int64)
    trimmed = view.kept("trimmed, farthest first", lambda: _farthest(view))
    outliers = np.asarray(view.result.array("outliers")) if "outliers" in view.result.arrays else trimmed[:0]
    parts = {name: None if number is None else found.part(view, name, number) for name in ("cycle", "birth", "death")}
    cycle, birth, death = (None if one is None else lies[one] for one in parts.values())
    ends = found.bar(number) if number is not None else None
    drawing = Drawing(
        points=lies[marks],
        edges=lies[np.stack([marks[edges[0][drawn]], marks[edges[1][drawn]]], axis=1)],
        triangles=lies[marks[shown]],
        trimmed=lies[trimmed[:MOST_TRIMMED]],
        outliers=lies[outliers],
        cycle=cycle if ends is not None and ends["birth"] <= scale else None,
        birth=birth if ends is not None and ends["birth"] <= scale else None,
        death=death if ends is not None and ends["death"] <= scale else None,
    )
    left, right = view.beside(13, 6)
    with left:
        st.vega_lite_chart(None, styled(chart(drawing)), width="content", alt=f"The complex at the scale {scale:.4g}")
    with right:
        st.caption(_told(found, joined, filled, ends, scale, (len(trimmed), len(outliers))))


def _farthest(view: ViewContext) -> Any:
    trimmed, away = np.asarray(view.result.array("trimmed")), np.asarray(view.result.array("away"))
    return trimmed[np.argsort(-away[trimmed], kind="stable")]


def edges_by_length(distances: Any) -> tuple[Any, Any, Any]:
    """Pairs of landmarks, the shortest first: positions int64 ``[e]`` twice and lengths ``[e]``; finite ones alone."""
    first, second = np.triu_indices(len(distances), 1)
    lengths = distances[first, second]
    order = np.argsort(lengths, kind="stable")[: int(np.isfinite(lengths).sum())]
    return first[order], second[order], lengths[order]


def triangles(first: Any, second: Any) -> Any:
    """Triples of which every two are joined, rising, int64 ``[t, 3]``; ``first < second`` in every pair.

    >>> triangles(np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])).tolist()
    [[0, 1, 2]]
    """
    size = int(second.max()) + 1 if len(second) else 0
    joined = np.zeros((size, size), dtype=np.bool_)
    joined[first, second] = True
    pair, third = np.nonzero(joined[first] & joined[second])  # beyond both, so that each is met once
    return np.stack([first[pair], second[pair], third], axis=1)


def _told(found: Found, joined: int, filled: Any, ends: Any, scale: float, crosses: tuple[int, int]) -> str:
    """What is drawn and what is not."""
    lines = [f"{len(found.landmarks):,} landmarks (dots) on two principal components of all points, at equal scales."]
    if joined > MOST_EDGES:
        lines.append(f"The longest {MOST_EDGES:,} of {joined:,} edges are drawn, and no triangles.")
    elif filled is not None and len(filled) > MOST_TRIANGLES:
        lines.append(f"Triangles are drawn where there are no more than {MOST_TRIANGLES:,}.")
    trimmed, outliers = crosses
    if trimmed:
        some = f" (the {MOST_TRIMMED:,} farthest)" if trimmed > MOST_TRIMMED else ""
        large = f", large the {text.counted(outliers, 'outlier')} among them" if outliers else ""
        lines.append(f"Crosses: {text.counted(trimmed, 'trimmed point')}{some}{large}; no edge leads there.")
    if ends is not None:
        name = f"{KINDS[int(ends['dimension'])]} {int(ends['rank'])}"
        state = "is not born yet" if scale < ends["birth"] else "is filled" if scale >= ends["death"] else "is alive"
        if not ends["dimension"]:
            state = "is closed" if scale >= ends["death"] else "is open"
        lines.append(f"At this scale the {name} {state}: {ends['birth']:.4g} to {_end(ends)}.")
    lines.append("A loop of the space need not look like one here.")
    return " ".join(lines)


def _end(bar: Any) -> str:
    return "no end" if bar["essential"] else f"{bar['death']:.4g}"


def _scale(view: ViewContext, found: Found, number: int | None, top: float) -> float:
    key = view.key("scale")
    default = top / 4
    if number is not None:
        bar = found.bar(number)
        end = top if bar["essential"] else float(bar["death"])
        default = float(bar["birth"]) + ABOVE * (end - float(bar["birth"]))
    step = top / STEPS
    of_bar = view.key("scale of")
    if key not in st.session_state or st.session_state.get(of_bar) != number:
        given = view.remembered("scale") if key not in st.session_state else None
        try:
            start = float(given) if given else default
        except ValueError:
            start = default
        if not 0 <= start <= top:
            start = default
        st.session_state[key] = float(min(np.ceil(start / step) * step, top))
    st.session_state[of_bar] = number
    chosen = float(st.slider(f"Scale ({found.unit})", 0.0, top, step=step, key=key, format="%.3g"))
    view.remember(scale=f"{chosen:.6g}" if abs(chosen - min(np.ceil(default / step) * step, top)) > step / 2 else None)
    return chosen
