# SPDX-License-Identifier: Apache-2.0
"""The page of a walk: the strip of layers, one layer in full, one dense layer as motion, the measures, the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.layer_lens import moving_view
from plugins.layer_lens.colouring import Colouring, colouring_of
from plugins.layer_lens.pictures import coloured, folded
from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.app.parts.view_context import ViewContext

SMALL = (172, 130)  # pixels of a small plane
COLUMNS = 8  # feature maps side by side
WHY = {
    "constant": "All points are equal here: there is no plane to draw.",
    "one point": "One point has no spread: there is no plane to draw.",
    "not finite": "Some points hold NaN or infinity here: nothing is measured.",
}
TABLE = {
    "step": "Step",
    "layer": "Layer",
    "kind": "Kind",
    "shape": "Shape",
    "units": "Units",
    "mean": "Mean",
    "sd": "Standard deviation",
    "low": "Smallest",
    "high": "Largest",
    "zeros": "Zeros",
    "effective_rank": "Effective rank",
    "effective_rank_half": "Of half the points",
    "explained": "Variance on the plane",
    "still": "Units that never vary",
    "dead": "Dead units",
    "saturated": "Saturated units",
    "state": "State",
}
SHARES = ("zeros", "explained")


def draw(view: ViewContext) -> None:
    """Draw the result of a walk."""
    table = view.result.table("layers")
    planes = np.asarray(view.result.array("planes"))
    rows = np.asarray(view.result.array("rows"))
    view.findings()
    st.subheader(f"Layer by layer through {text.plain(view.run.params['through'], 80)}")
    colouring = colouring_of(view, rows)
    _strip(view, table, planes, colouring)
    st.subheader("One layer in full")
    names = [f"{step} · {text.one_line(layer, 80)}" for step, layer in zip(table["step"], table["layer"], strict=True)]
    at = names.index(view.choice("layer", names, "Layer", default=_first_shown(table, names), width=420))
    _one(view, table.iloc[at], at, planes[at], rows, colouring)
    if "motions" in view.result.tables:
        moving_view.draw(view, colouring)
    else:
        st.caption("No dense layer that takes vectors runs in this map: there is no motion to show.")
    _charts(view)
    view.notes()
    _table(table)


def _first_shown(table: pd.DataFrame, names: list[str]) -> str:
    """The first rectifier or tanh that is measured; else the first layer."""
    for at, kind in enumerate(table["kind"]):
        if kind in ("ReLU", "ReLU6", "Tanh", "LeakyReLU", "GELU", "SiLU") and table["state"].iloc[at] == "measured":
            return names[at]
    return names[0]


def _strip(view: ViewContext, table: pd.DataFrame, planes: NDArray[Any], colouring: Colouring | None) -> None:
    codes = None if colouring is None else colouring.codes
    with st.container(key=f"smooth-strip-{view.run.id}", horizontal=True, gap="small", height=440, border=False):
        for at, row in enumerate(table.to_dict("records")):
            with st.container(width=SMALL[0], gap=None):
                told = _caption(row)
                if row["state"] == "measured":
                    image = view.thumbnail(planes[at], codes, width=SMALL[0], height=SMALL[1])
                    words = f"Step {row['step']}, {text.one_line(row['layer'], 80)}: {told}"
                    st.image(image, width=SMALL[0], alt=words)
                st.caption(f"**{row['step']} · {text.plain(_short(row['layer']), 60)}**  \n{told}")
    n = int(table["n"].iloc[0])
    words = f"Two principal components of {text.counted(n, 'point')} at each layer, seed {view.run.seed}. "
    st.caption(words + (colouring.words if colouring is not None else ""))


def _short(layer: Any) -> str:
    """The last two parts of a layer's path: the rest is the same for most."""
    return ".".join(str(layer).split(".")[-2:])


def _caption(row: Any) -> str:
    if row["state"] not in ("measured", "one point"):
        return {"constant": "all points are equal", "not finite": "NaN or infinity"}[str(row["state"])]
    parts = [str(row["shape"]).replace("x", "×")]
    if row["effective_rank"] == row["effective_rank"]:
        parts.append(f"rank {row['effective_rank']:.1f}")
    if row["dead"] == row["dead"] and row["dead"] > 0:
        parts.append(f"{int(row['dead'])} dead")
    if row["saturated"] == row["saturated"] and row["saturated"] > 0:
        parts.append(f"{int(row['saturated'])} saturated")
    return " · ".join(parts)


def _one(
    view: ViewContext, row: Any, at: int, plane: NDArray[Any], rows: NDArray[np.int64], colouring: Colouring | None
) -> None:
    left, right = view.beside(1, 1)
    with left:
        _maps(view, row, at)
    with right:
        if row["state"] != "measured":
            st.info(WHY[str(row["state"])], icon=":material/block:")
        else:
            view.scatter(
                plane,
                colour=None if colouring is None else colouring.column,
                colour_label="" if colouring is None else colouring.name,
                key=view.key(f"plane.{at}"),
                height=360,
            )
            st.caption(f"{100 * row['explained']:.1f} % of the variance lies on this plane.")
    _numbers(row)


def _maps(view: ViewContext, row: Any, at: int) -> None:
    maps = np.asarray(view.result.array(f"maps.{at:03d}"))
    units = np.asarray(view.result.array(f"map_units.{at:03d}"))
    shown = int(view.result.table("shown")["row"].iloc[0])
    scale, dark = float(row["scale"]), style.dark()
    where = "row" if view.data else "draw"
    st.markdown(f"**{text.plain(row['layer'], 80)}** for {where} {shown:,}")
    vector = maps.shape[0] == 1 and maps.shape[1] == 1
    if vector:
        picture = coloured(folded(maps[0])[None], scale, dark=dark)[0]
        factor = max(1, min(48, 640 // picture.shape[1]))
        picture = picture.repeat(factor, axis=0).repeat(factor, axis=1)
        what = f"All {len(units):,} units, row by row from 0."
    else:
        tiles = list(coloured(maps, scale, dark=dark))
        picture = contact_sheet.sheet(tiles, [str(one) for one in units], columns=COLUMNS, dark=dark)
        what = f"The {len(units)} strongest of {int(row['units']):,} units (by mean size), with their numbers."
    st.image(contact_sheet.png(picture), alt=f"Feature maps of {text.one_line(row['layer'], 80)}")
    st.image(contact_sheet.png(_bar(dark)), width=240, alt="Colours from the most negative to the most positive number")
    st.caption(f"Colours from {-scale:.3g} (blue) by 0 to {scale:.3g} (orange), one scale for the layer. {what}")


def _bar(dark: bool) -> NDArray[Any]:
    return np.asarray(coloured(np.tile(np.linspace(-1, 1, 240), (1, 12, 1)), 1.0, dark=dark)[0])


def _numbers(row: Any) -> None:
    """What is measured of one layer, in a table with its intervals."""
    lines = [("Kind and shape", f"{text.plain(row['kind'], 40)}, {str(row['shape']).replace('x', '×')}")]
    if row["state"] != "not finite":
        lines += [
            ("Mean", _with_interval(row, "mean", "{:.3g}")),
            ("Standard deviation", f"{row['sd']:.3g} (from {row['low']:.3g} to {row['high']:.3g})"),
            ("Zeros", _with_interval(row, "zeros", "{:.1%}").replace("%", " %")),
            ("Units that never vary", f"{int(row['still']):,} of {int(row['units']):,}"),
        ]
    if row["effective_rank"] == row["effective_rank"]:
        told = f"{row['effective_rank']:.1f}; of half of the points {row['effective_rank_half']:.1f}"
        lines.append(("Effective rank", told))
    if row["dead"] == row["dead"]:
        bound = f"each fires at less than {100 * row['dead_rate_below']:.2g} % of such points"
        lines.append(("Dead units", f"{int(row['dead']):,} of {int(row['units']):,}; {bound}"))
    if row["saturated"] == row["saturated"]:
        lines.append(("Saturated units", f"{int(row['saturated']):,} of {int(row['units']):,}"))
    head = f"| Measured | {text.counted(int(row['n']), 'point')}, 95 % intervals |\n|:--|:--|\n"
    st.markdown(head + "\n".join(f"| {name} | {value} |" for name, value in lines))


def _with_interval(row: Any, name: str, form: str) -> str:
    value, low, high = (row[one] for one in (name, f"{name}_low", f"{name}_high"))
    return form.format(value) + (f" ({form.format(low)} to {form.format(high)})" if low == low else " (one point)")


def _charts(view: ViewContext) -> None:
    st.subheader("From layer to layer")
    first = [one for one in ("spread", "zeros") if one in view.result.charts]
    second = [one for one in ("rank", "units") if one in view.result.charts]
    for shares, names in (((1, 1), first), ((2, 2), second)):
        if names:
            for column, name in zip(view.beside(*shares), names, strict=False):
                with column:
                    view.chart(name)


def _table(table: pd.DataFrame) -> None:
    st.subheader("Every layer")
    idle = {name for name in TABLE if table[name].isna().all()}
    idle |= {"state"} if (table["state"] == "measured").all() else set()
    words = {name: label for name, label in TABLE.items() if name not in idle}
    shares = [name for name in SHARES if name in words]
    shown = table[list(words)].assign(**{name: 100 * table[name] for name in shares})
    form: dict[str, Any] = {words[name]: st.column_config.NumberColumn(format="%.1f %%") for name in shares}
    for name in ("mean", "sd", "low", "high"):
        if name in words:
            form[words[name]] = st.column_config.NumberColumn(format="%.3g")
    for name in ("effective_rank", "effective_rank_half"):
        if name in words:
            form[words[name]] = st.column_config.NumberColumn(format="%.1f")
    form[words["layer"]] = st.column_config.TextColumn(width=220)
    st.dataframe(
        shown.rename(columns=words),
        hide_index=True,
        height=min(38 + 35 * len(shown), 640),
        column_config=form,
        alt="Every layer with its measures",
    )
