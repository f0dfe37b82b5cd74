# SPDX-License-Identifier: Apache-2.0
"""The page of one run: units against attributes, the samples at both ends of a unit, where it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.attribution.view.colours import bar, drawn, enlarged, scale_of
from plugins.unit_drivers import charts as own
from workbench.app.parts import charts, contact_sheet, style, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

ENDS: Final = 24
LARGE: Final = 84
SIGNED: Final = ("integrated-gradients", "input-x-gradient", "smoothgrad")
COLUMNS: Final = {
    "unit": "Unit", "mean": "Mean", "deviation": "Deviation", "zero": "Share of zeros", "changes": "Changes",
    "attribute": "Follows most", "rho": "Rank correlation", "low": "Low", "high": "High", "p": "p, corrected",
    "class": "Class told apart", "auc": "Above the others", "auc_low": "Low (class)", "auc_high": "High (class)",
    "auc_p": "p, corrected (class)",
}  # fmt: skip


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    units = view.result.table("units")
    n = len(view.result.array("rows"))
    st.markdown(f"What drives the units of **{text.plain(str(view.run.params['space']))}**?")
    st.caption(f"{len(units):,} units over {n:,} samples. Seed {view.run.seed}.")
    view.findings()
    _all(view)
    unit = _chosen(view, units)
    _ends(view, units, unit)
    _maps(view, unit)
    view.notes()
    with st.expander("Every unit as a table", icon=":material/table:"):
        shown = units[[one for one in COLUMNS if one in units]].rename(columns=COLUMNS)
        form = {
            name: st.column_config.NumberColumn(format="%.3g")
            for name in shown.columns
            if shown[name].dtype.kind == "f"
        }
        st.dataframe(shown, hide_index=True, column_config=form, alt="Every unit")


def _all(view: ViewContext) -> None:
    """Units by attributes, and by classes."""
    there = view.result.charts
    if "relations" in there:
        st.subheader("What the units follow")
        view.chart("relations")
        st.caption(
            "Rank correlations of the units that follow something most with the attributes that are followed most; a "
            f"star: beyond the largest of all pairs by chance (p below 0.05 of {int(view.run.params['shuffles'])} "
            "shuffles)."
        )
    if "selectivity" in there:
        left, right = view.beside(3, 2)
        with left:
            st.markdown("**Which class do they tell apart?**")
            view.chart("selectivity")
        with right:
            view.measures()
            st.caption("Dashed: half of the pairs, which is chance. Intervals hold for the best of all classes asked.")
    else:
        view.measures()


def _start(view: ViewContext) -> int:
    return int(view.result.metrics["unit"].value)


def _chosen(view: ViewContext, units: Any) -> int:
    """The unit that is looked at: the run's own first."""
    st.subheader("One unit")
    names = [str(one) for one in units["unit"]]
    left, _ = view.beside(1, 3)
    with left:
        return int(view.choice("unit", names, "Unit", str(_start(view))))


def _ends(view: ViewContext, units: Any, unit: int) -> None:
    """Samples that drive it most and least, what it follows, how its values are spread."""
    at = int(np.flatnonzero(np.asarray(view.result.array("units")) == unit)[0])
    values = np.asarray(view.result.array("values"))[:, at]
    rows = np.asarray(view.result.array("rows"))
    order = np.argsort(values, kind="stable")
    few = min(ENDS, len(order) // 2)
    for title, chosen in (
        (f"The samples that drive unit {unit} most", order[::-1][:few]),
        (f"The samples that drive unit {unit} least", order[:few]),
    ):
        st.markdown(f"**{title}**")
        told = "Below each: its value."
        view.pictures(rows[chosen], [f"{values[one]:.2f}" for one in chosen], limit=few, told=told)
    left, right = view.beside(3, 2)
    with left:
        if "relations" in view.result.tables:
            table = view.result.table("relations")
            chance = view.result.metrics["chance"].value
            charts.draw(own.unit(table[table["unit"] == unit], chance), f"what unit {unit} follows")
            st.caption("Dashed: the largest rank correlation of all pairs by chance.")
    with right:
        charts.draw(own.histogram(values, f"value of unit {unit}"), f"values of unit {unit}")


def _maps(view: ViewContext, unit: int) -> None:
    """Mean maps of the run's unit; of another one they are asked for."""
    st.markdown("**Where it looks, class by class**")
    if unit != _start(view):
        st.caption(f"The maps of this run are of unit {_start(view)}.")
        view.launch("unit-drivers", {**view.run.params, "unit": unit}, f"Make the maps of unit {unit}")
        return
    if "maps" not in view.result.arrays:
        st.caption("There are no maps of this unit: the notes say why.")
    elif np.ndim(view.result.array("maps")) == 4:
        _pictures(view)
    elif "class-values" in view.result.charts:
        view.chart("class-values")
    _attribute(view, unit)


def _pictures(view: ViewContext) -> None:
    maps = np.asarray(view.result.array("maps"), dtype=np.float64).sum(axis=1)
    inputs = np.asarray(view.result.array("inputs"), dtype=np.float64)
    classes = view.result.table("classes")
    method = str(view.run.params["method"])
    dark = style.dark()
    scale = scale_of(list(maps), method in SIGNED)
    low, high = float(inputs.min()), float(inputs.max())
    shown = np.clip((inputs - low) / ((high - low) or 1.0), 0, 1).transpose(0, 2, 3, 1)
    pictures = [np.rint(255 * (one if one.shape[2] == 3 else one[..., :1])).astype(np.uint8) for one in shown]
    cells = [enlarged(one, LARGE) for one in [*pictures, *(drawn(one, scale, dark) for one in maps)]]
    captions = [*(f"{one['class']} (n {one['n']})" for one in classes.to_dict("records")), *[""] * len(maps)]
    sheet = contact_sheet.sheet(cells, captions, columns=len(maps), dark=dark)
    st.image(contact_sheet.png(sheet), width="content", alt="Mean input and mean map of each class")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[{-scale.end:.2g}]" if scale.signed else ":small[0]", width="content")
        st.image(contact_sheet.png(bar(scale, dark, 160)), width=160, alt="Colour scale of the maps")
        st.markdown(f":small[{scale.end:.2g}]", width="content")
    st.caption(
        "Above: the mean input of each class; below: its mean map, all on one scale"
        + (", orange raises the unit and blue lowers it" if scale.signed else "")
        + f" ({scale.beyond:.1%} of the mass lies beyond its ends)."
    )
    metrics = view.result.metrics
    if np.isfinite(metrics["maps_within"].value):
        between = metrics["maps_between"].value
        told = f", of two classes {between:.2f}" if np.isfinite(between) else ""
        st.caption(
            f"Rank correlation of the mean maps of two halves of one class {metrics['maps_within'].value:.2f}{told}."
        )


def _attribute(view: ViewContext, unit: int) -> None:
    """The attribution of this unit with its checks, asked for here."""
    from registry.errors import WorkbenchError
    from registry.spaces import Layer
    from workbench.app import subjects

    space = str(view.run.params["space"])
    try:
        description = subjects.describe(str(view.run.model))
    except WorkbenchError:
        return
    layer = description.layers.get(space)
    if isinstance(layer, Layer):
        kind = "channel" if len(layer.shape) > 1 else "unit"
        asked: dict[str, Any] = {"through": layer.map, "space": space, "question": kind, "unit": unit}
    else:
        leading = [name for name, one in description.maps.items() if one.target == space]
        if not leading:
            return
        asked = {"through": leading[0], "question": "unit", "unit": unit}
    view.launch("attribution", asked, f"Attribute unit {unit} at single samples, with checks")
