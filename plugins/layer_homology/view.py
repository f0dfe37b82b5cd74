# SPDX-License-Identifier: Apache-2.0
"""The page of a walk by shape: small Betti curves of every step, the fate of each loop, one step in full, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from registry.pictures import styled
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

ALL = "all points"
KINDS = {"pieces": 0, "loops": 1, "voids": 2}
WIDE = 186  # pixels of a step in the strip
DRAWN = 8  # bars of each dimension in a barcode
AROUND = 110  # pixels of title and axis around a barcode
PLAIN = "nothing"
WHY = {
    "constant": "more than half of the pairs are equal",
    "not finite": "NaN or infinity",
    "no direction": "some points are zero: no angles",
}
CHANGES = {
    "what": "What",
    "layer": "At",
    "before": "Not yet at",
    "of": "Of",
    "share": "Share of draws",
    "share_low": "Low",
    "share_high": "High",
    "control": "By chance",
    "control_high": "By chance, high",
    "draws": "Draws",
    "told": "In most draws, beyond chance",
}
LOOPS = {
    "loop": "Loop",
    "group": "Of",
    "layer": "Step",
    "state": "State",
    "followed_from": "Followed from",
    "correlation": "Correlation of angles",
    "correlation_permuted": "Of permuted samples, 95 %",
    "length": "Length",
    "p_value": "p, adjusted",
    "share": "Share of draws",
    "share_low": "Low",
    "share_high": "High",
}
STEPS = {
    "depth": "Step",
    "layer": "Layer",
    "kind": "Kind",
    "width": "Units",
    "pieces": "Pieces",
    "pieces_high": "Pieces, 95 %",
    "loops": "Loops",
    "loops_high": "Loops, 95 %",
    "loops_significant": "Loops of the landmarks",
    "loops_share": "Draws with a loop",
    "longest_loops": "Longest loop",
    "p_loops": "Its p, adjusted",
    "voids": "Voids",
    "rtd": "RTD from the step before",
    "rtd_low": "RTD, low",
    "rtd_high": "RTD, high",
    "rtd_control": "RTD, random order",
    "median_distance": "Median distance",
    "state": "State",
}
SHARES = ("share", "share_low", "share_high", "control", "control_high", "loops_share")


def draw(view: ViewContext) -> None:
    """Draw the result of a walk."""
    layers, shapes = view.result.table("layers"), view.result.table("shapes")
    view.findings()
    if shapes.empty:
        st.info("No step could be measured: the table below says why.", icon=":material/block:")
        view.notes()
        _table(layers, STEPS, "Every step")
        return
    if not view.result.findings:
        st.markdown(
            "**No step is surely seen to change the shape.** None removes or makes a loop"
            f"{', or tears or merges classes,' if view.run.params.get('label') else ''} in most random draws and "
            "beyond chance. That is no proof that none does: what is smaller than the spacing of points is not seen."
        )
    group, kind = _asked(view, shapes)
    _strip(view, layers, shapes, group, kind)
    if "loops" in view.result.charts:
        st.subheader("What becomes of each loop")
        view.chart("loops")
        st.caption(_told_of_draws(layers) + " A loop is followed by the angle that it gives each sample.")
    _one(view, layers, group)
    _charts(view)
    _tables(view, layers)
    view.notes()


def _asked(view: ViewContext, shapes: pd.DataFrame) -> tuple[str, str]:
    """Whose curves are shown, and of what."""
    groups = [str(one) or ALL for one in dict.fromkeys(shapes["group"])]
    kinds = [one for one in KINDS if one in shapes and shapes[one].notna().any()]
    st.subheader(f"Shape step by step through {text.plain(view.run.params['through'], 80)}")
    left, right = view.beside(1, 1)
    with left:
        group = view.choice("group", groups, "Points", default=ALL) if len(groups) > 1 else ALL
    with right:
        default = "loops" if "loops" in kinds else kinds[0]
        kind = view.choice("kind", kinds, "Curves of", default=default) if len(kinds) > 1 else kinds[0]
    return ("" if group == ALL else group), kind


def _strip(view: ViewContext, layers: pd.DataFrame, shapes: pd.DataFrame, group: str, kind: str) -> None:
    """A small Betti curve of each step with what stands out below it, all on one scale."""
    from plugins.layer_homology.charts import reach_of, small_betti

    betti = view.result.table("betti")
    mine = betti[(betti["group"] == group) & (betti["dimension"] == KINDS[kind])]
    across, up = reach_of(mine)
    counts = shapes[shapes["group"] == group].set_index("depth")
    with st.container(horizontal=True, gap="small"):
        for row in layers.to_dict("records"):
            depth, name = int(row["depth"]), text.one_line(row["layer"], 80)
            with st.container(width=WIDE, gap=None):
                if depth in counts.index:
                    words = _in_words(counts.loc[depth])
                    chart = small_betti(mine[mine["depth"] == depth], KINDS[kind], across, up)
                    chart = chart.properties(width=WIDE - 46, height=84)
                    alt = f"Betti curve of {kind} at step {depth}, {name}: {words}"
                    st.vega_lite_chart(None, styled(chart.to_dict()), width="content", alt=alt)
                else:
                    words = WHY[str(row["state"])]
                st.caption(f"**{depth} · {text.plain(row['layer'], 80)}**  \n{text.plain(words)}")
    first = counts.iloc[0]
    st.caption(
        f"{kind.capitalize()} alive at each scale, in median distances of the step: median and 5 % to 95 % of "
        f"{int(first['draws'])} random subsets of {int(first['drawn']):,} among {int(first['points']):,} points, the "
        f"same at every step, seed {view.run.seed}. Below: how many stand out, in the median "
        "and from 5 % to 95 % of them."
    )


def _in_words(row: Any) -> str:
    """What stands out at a step: 1 piece · 1 loop (0 to 1)."""
    parts = []
    for kind in KINDS:
        if kind not in row or row[kind] != row[kind]:
            continue
        value, low, high = (int(row[f"{kind}{end}"]) for end in ("", "_low", "_high"))
        between = "" if low == high else f" ({low} to {high})"
        parts.append(f"{text.counted(value, kind[:-1])}{between}")
    return " · ".join(parts) or "no draws: too few points"


def _told_of_draws(layers: pd.DataFrame) -> str:
    row = layers[layers["state"] == "measured"].iloc[0]
    return (
        f"The larger the mark, the more of {int(row['draws'])} random subsets of {int(row['drawn']):,} points have it."
    )


def _one(view: ViewContext, layers: pd.DataFrame, group: str) -> None:
    """One step: the landmarks on a map, and its barcode with what each bar is worth."""
    st.subheader("One step in full")
    measured = layers[layers["state"] == "measured"]
    names = [
        f"{depth} · {text.one_line(name, 80)}" for depth, name in zip(measured["depth"], measured["layer"], strict=True)
    ]
    left, right = view.beside(2, 2)  # other shares than elsewhere: they name the columns on the page
    with left:
        name = view.choice("layer", names, "Step", default=names[0])
    row = measured.iloc[names.index(name)]
    depth = int(row["depth"])
    with right:
        colour = _colour(view)
    left, right = view.beside(3, 3)
    with left:
        _map(view, row, depth, colour)
    with right:
        _barcode(view, depth, group, row)


def _colour(view: ViewContext) -> str:
    """What colours the map: the angle of a loop, the classes, or nothing."""
    from plugins.layer_homology.charts import named

    options = []
    if "loops" in view.result.tables:
        loops = view.result.table("loops").drop_duplicates("loop")
        options += [f"around {named(int(one), str(of))}" for one, of in zip(loops["loop"], loops["group"], strict=True)]
    if view.run.params.get("label"):
        options.append(str(view.run.params["label"]))
    options.append(PLAIN)
    return view.choice("colour", options, "Colour", default=options[0])


def _map(view: ViewContext, row: Any, depth: int, colour: str) -> None:
    from workbench.app.components.scatter import encode_colour, encode_coordinates

    places = np.asarray(view.result.array("landmarks"))
    rows = np.asarray(view.result.array("rows"))[places]
    maps = np.asarray(view.result.array("layer_maps"))
    columns = view.columns(rows)
    cloud = view.kept(f"cloud {depth}", lambda: encode_coordinates(maps[depth]))

    def tint() -> Any:
        if colour.startswith("around loop "):
            theta = np.asarray(view.result.array(f"theta_{colour.split()[2]}"))[depth]
            return encode_colour(theta, cloud, label="share of a turn", period=1.0)
        if colour in columns.columns:
            return encode_colour(columns[colour], cloud, label=colour, categorical=True)
        return encode_colour(None, cloud)

    seen = view.scatter(
        cloud,
        colour=view.kept(f"tint {depth} {colour}", tint),
        selected=view.starting_selection(rows),
        cards=view.cards(rows, columns),
        key=view.key(f"map.{depth}.{colour}"),
        height=420,
    )
    chosen = np.asarray(seen.points, dtype=np.int64)
    view.keep_selection(rows, chosen)
    told = (
        f"{len(rows):,} landmarks at {text.plain(row['layer'], 80)} on two principal components "
        f"({100 * row['explained']:.0f} % of the variance), turned towards the step before."
    )
    if colour.startswith("around"):
        told += " Where the loop is not there, the angle is that of the step at which it was seen last, or first."
    st.caption(told)
    if len(chosen):
        st.markdown(f"**{len(chosen):,} selected**")
        view.pictures(rows[chosen])
        view.save_slice(rows[chosen])


def _barcode(view: ViewContext, depth: int, group: str, row: Any) -> None:
    from plugins.homology.charts import barcode_chart

    bars = view.result.table("bars")
    mine = bars[(bars["depth"] == depth) & (bars["group"] == group)]
    if mine.empty:
        st.caption("There are no bars: the points are one piece at every scale.")
        return
    chart = barcode_chart(mine, unit="median distances", most=DRAWN, every=False)
    spec = styled(chart.to_dict())
    alt = f"Barcode of {text.one_line(group or ALL, 80)} at step {depth}"
    st.vega_lite_chart(None, spec, width="stretch", height=int(spec["height"]) + AROUND, alt=alt)
    tested = " p: universal null distribution on random points, adjusted." if mine["p_value"].notna().any() else ""
    st.caption(
        f"The longest bars of {text.plain(group or ALL)} at {text.plain(row['layer'], 80)}.{tested} Recurrence: share "
        "of the random subsets in which at least as many bars stand out."
    )


def _charts(view: ViewContext) -> None:
    charts = [one for one in ("loops_counted", "pieces", "voids_counted", "order") if one in view.result.charts]
    if charts:
        st.subheader("From step to step")
        for start in range(0, len(charts), 2):
            for column, name in zip(view.beside(4 + start, 4 + start), charts[start : start + 2], strict=False):
                with column:
                    view.chart(name)
    if "pairs" in view.result.charts:
        st.subheader("Which classes lie apart")
        view.chart("pairs")
        pairs = view.result.table("pairs")
        st.caption(
            f"Median of {int(pairs['draws'].max())} random subsets of each class; with the labels of the two shuffled, "
            f"{pairs['shuffled'].min():.2f} to {pairs['shuffled'].max():.2f}. Of more than 45 pairs, those that change "
            "most."
        )


def _tables(view: ViewContext, layers: pd.DataFrame) -> None:
    changes = view.result.table("changes")
    if len(changes):
        order = changes.sort_values(["told", "share"], ascending=False, kind="stable")
        _table(order, CHANGES, "What steps do, in any of the draws")
    if "loops" in view.result.tables:
        _table(view.result.table("loops"), LOOPS, "Every loop at every step")
    _table(layers, STEPS, "Every step")


def _table(frame: pd.DataFrame, columns: dict[str, str], title: str) -> None:
    st.subheader(title)
    words = {name: label for name, label in columns.items() if name in frame and frame[name].notna().any()}
    if "group" in words:
        frame = frame.assign(group=frame["group"].replace("", ALL))
    shares = [name for name in SHARES if name in words]
    shown = frame[list(words)]
    shown = shown.assign(**{name: 100 * shown[name] for name in shares}).rename(columns=words)
    form: dict[str, Any] = {words[name]: st.column_config.NumberColumn(format="%.0f %%") for name in shares}
    whole = (
        "depth",
        "width",
        "draws",
        "loop",
        "pieces",
        "loops",
        "voids",
        "loops_significant",
        "pieces_high",
        "loops_high",
    )
    for name, label in words.items():
        if name in whole:
            form[label] = st.column_config.NumberColumn(format="localized")
        elif label not in form and frame[name].dtype.kind == "f":
            form[label] = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(shown, hide_index=True, height=min(38 + 35 * len(shown), 420), column_config=form, alt=title)
