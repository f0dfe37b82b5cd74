# SPDX-License-Identifier: Apache-2.0
"""How alike two maps are, in numbers and charts, and which points changed most from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

import workbench as wb
from plugins.projection import compare_runs
from plugins.projection.compare_charts import by_group_chart, histogram_chart
from plugins.projection.comparing import GroupMean, by_group, most_changed
from registry.errors import DoesNotApply
from workbench.app import engine
from workbench.app.parts import background, charts, metrics, text

if TYPE_CHECKING:
    import pandas as pd

    from plugins.projection.compare_view import Compared, PairView
    from plugins.projection.comparing import Overlap

MOST, PICTURED = 50, 24
CAUTION = (
    "On a map by {methods} near neighbours are kept, but the places, sizes and distances of clusters mean little, and "
    "each cluster may be turned or mirrored by itself. Displacement and disparity then say more about the drawing than "
    "about the points: trust the share of neighbours kept."
)
FARTHEST, FEWEST_KEPT = "Moved farthest", "Kept the fewest neighbours"


def headline(found: Compared) -> None:
    """The answer in a sentence or two."""
    overlap = found.overlap
    if overlap.anchors == 0:
        st.markdown(
            f"**Neighbours cannot be compared**: every point shares its place on one of the maps with more than "
            f"{overlap.k} others."
        )
        return
    between = f"{percent(overlap.low)} to {percent(overlap.high)}"
    count = f"n = {overlap.anchors:,}".replace(" ", "\N{NO-BREAK SPACE}")
    st.markdown(
        f"Of its {overlap.k} nearest neighbours on one map, a point keeps **{percent(overlap.mean)}** on the other "
        f"(95 % interval {between}, {count}); maps that have nothing to do with each other would give "
        f"{percent(overlap.chance)}."
    )
    if overlap.undefined:
        st.caption(
            f"{text.counted(overlap.undefined, 'point')} left out: in one place with more than {overlap.k} others, so "
            "that none of these are nearest."
        )
    if overlap.anchors + overlap.undefined < overlap.count:
        st.caption(
            f"Looked up at {overlap.anchors + overlap.undefined:,} random points of {overlap.count:,} "
            f"(seed {overlap.seed}), each among all."
        )


def draw(view: PairView, found: Compared) -> None:
    """The numbers, what holds in the spaces themselves, and the charts."""
    st.subheader("How alike the two maps are")
    sides = (found.left, found.right)
    methods = list(dict.fromkeys(one.method for one in sides if one.record.params.get("method") != "pca"))
    if methods and found.pair.moved is not None:
        st.info(CAUTION.format(methods=text.plain(" or ".join(methods))), icon=":material/warning:")
    numbers, drawn = view.beside(2, 3)
    with numbers:
        metrics.draw_table(_metrics(found))
        _in_spaces(view, found)
    with drawn:
        _charts(view, found)


def _metrics(found: Compared) -> dict[str, wb.Metric]:
    overlap, moved = found.overlap, found.pair.moved
    listed = {
        "overlap": wb.Metric(
            overlap.mean,
            low=overlap.low if overlap.anchors else None,
            high=overlap.high if overlap.anchors else None,
            n=overlap.anchors,
            label=f"Neighbours kept, k = {overlap.k}",
            note=f"mean share of a point's {overlap.k} nearest neighbours on the one map that are among its "
            f"{overlap.k} nearest on the other, both among the {overlap.count:,} common points; 95 % bootstrap "
            f"interval over points, seed {overlap.seed}",
        ),
        "chance": wb.Metric(
            overlap.chance,
            label="The same for unrelated maps",
            note=f"k / (n - 1) with n = {overlap.count:,}",
        ),
    }
    if moved is None:
        return listed
    listed["disparity"] = wb.Metric(
        moved.disparity,
        label="Disparity",
        note="0: the same map; 1: nothing in common. What is left of the squared spread when the right map is laid "
        "over the left by rotation or reflection, shift and one factor (Procrustes). Exact for these points",
    )
    listed["displacement"] = wb.Metric(
        moved.median,
        label="Median displacement",
        note="how far a point then is from its place on the left map, in units of that map's radius (root-mean-square "
        "distance from its middle)",
    )
    return listed


def _in_spaces(view: PairView, found: Compared) -> None:
    """Neighbours in the spaces that were projected, where both runs have the points; found in the background."""
    if compare_runs.same_space(found.left, found.right):
        st.caption(
            "Both are maps of the same space, where the neighbours are the same: all of the difference is made by "
            "the maps."
        )
        return
    k = found.overlap.k

    def show(answer: Overlap | str) -> None:
        if isinstance(answer, str):
            st.caption(f"Neighbours in the spaces themselves are not compared: {text.plain(answer, 400)}.")
            return
        st.markdown(
            f"In the spaces themselves a point keeps **{percent(answer.mean)}** of its {k} neighbours (95 % interval "
            f"{percent(answer.low)} to {percent(answer.high)}, at {answer.anchors:,} of {answer.count:,} points, seed "
            f"{answer.seed}): {_compared_with(answer, found.overlap)}."
        )

    background.wait_for(
        ("compare spaces", engine.store().location, found.left.id, found.right.id, k),
        lambda: _spaces(found, k),
        show,
        saying="Looking up neighbours in the two spaces",
    )


def _spaces(found: Compared, k: int) -> Overlap | str:
    try:
        return compare_runs.spaces_overlap(found.left, found.right, found.pair, k)
    except DoesNotApply as error:
        return str(error)


def _compared_with(space: Overlap, maps: Overlap) -> str:
    if space.low > maps.high:
        return "the maps differ more than what they are maps of"
    if space.high < maps.low:
        return "the maps differ less than what they are maps of"
    return "the maps differ as much as what they are maps of"


def _charts(view: PairView, found: Compared) -> None:
    if found.overlap.anchors == 0:
        return
    charts.draw(view.kept(f"histogram {found.overlap.k}", lambda: histogram_chart(found.overlap)), "neighbours kept")
    name = found.category
    if name is None:
        return
    groups: list[GroupMean] = view.kept(
        f"groups {found.overlap.k}", lambda: by_group(found.overlap.values, found.columns[name].tolist())
    )
    if len(groups) > 1:
        charts.draw(by_group_chart(groups, found.overlap, text.one_line(name, 60)), "neighbours kept by group")


def changed(view: PairView, found: Compared) -> None:
    """The points that changed most, as pictures and as a table."""
    st.subheader("What changed most")
    ways = [FEWEST_KEPT] if found.pair.moved is None else [FEWEST_KEPT, FARTHEST]
    way = FEWEST_KEPT
    if len(ways) > 1:
        start = FARTHEST if view.remembered("most") == "moved" else FEWEST_KEPT
        way = str(st.segmented_control("Order", ways, default=start, key=view.key("most")) or start)
        view.remember(most="moved" if way == FARTHEST else None)
    by: Literal["displacement", "overlap"] = "displacement" if way == FARTHEST else "overlap"
    top = view.kept(
        f"most {by} {found.overlap.k}", lambda: most_changed(found.overlap.values, found.displacement, by, MOST)
    )
    if len(top) == 0:
        st.caption("No point has a number to order by.")
        return
    least = view.kept(f"least {found.overlap.k}", lambda: _least(found.overlap.values))
    if by == "overlap" and least[1] > len(top):
        rest = "the first of them" if found.pair.moved is None else "those of them that moved farthest"
        kept = least[0] or "none"
        st.caption(f"{least[1]:,} points keep {kept} of their {found.overlap.k} neighbours; shown are {rest}.")
    pictures(view, found, top, limit=PICTURED)
    table(found.frame(top), f"The {len(top)} points that changed most", height=320)


def _least(values: Any) -> tuple[str, int]:
    """The smallest share kept (nothing for none), and how many points have it."""
    least = np.nanmin(values)
    return ("" if least == 0 else percent(float(least))), int((values == least).sum())


def pictures(view: PairView, found: Compared, positions: Any, *, limit: int) -> None:
    """A contact sheet of points, each with its neighbours kept and its displacement."""
    shown, k = positions[:limit], found.overlap.k
    kept = ["–" if np.isnan(one) else f"{round(one * k)}/{k}" for one in found.overlap.values[shown].tolist()]
    told = f"Below each point: how many of its {k} neighbours it keeps"
    if found.pair.moved is not None:
        kept = [f"{one} · {far:.2f}" for one, far in zip(kept, found.displacement[shown].tolist(), strict=True)]
        told += ", and its displacement"
    st.caption(f"{told}.")
    view.pictures(found.pair.rows[positions], kept, limit=limit)


def table(frame: pd.DataFrame, alt: str, *, height: int) -> None:
    """Points as a table, numbers with three digits."""
    digits = {
        name: st.column_config.NumberColumn(format="%.3g") for name in frame.columns if frame[name].dtype.kind == "f"
    }
    height = min(height, 38 + 35 * len(frame))
    st.dataframe(frame, hide_index=True, height=height, column_config=digits, alt=alt)


def percent(share: float) -> str:
    """A share as the pages write it.

    >>> percent(0.038).split(), percent(0.00177).split()
    (['3.8', '%'], ['0.177', '%'])
    """
    number = f"{100 * share:.1f}" if share == 0 or share >= 0.01 else f"{100 * share:.3g}"
    return f"{number}\N{NO-BREAK SPACE}%"
