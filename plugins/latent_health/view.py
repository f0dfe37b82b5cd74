# SPDX-License-Identifier: Apache-2.0
"""The page of a latent space's health: axes and traversals, codes against the prior, draws, every number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.latent_health.charts import MOST_AXES
from plugins.latent_health.effects import steps_of
from workbench.app.parts import contact_sheet, style

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

AXES = {
    "dimension": "Axis",
    "name": "Name",
    "kl": "Divergence (nats)",
    "mean_variance": "Variance of the means",
    "spread": "Mean posterior variance",
    "active": "Active",
    "active_in_resamples": "Active in resamples",
    "delta_active": "Rows it says something of",
    "collapsed": "Collapsed in nearly all rows",
    "effect": "Change of the output",
    "n": "Rows",
}
CLASSES = {"class": "Class", "n": "Points", "coverage": "Covered by draws", "control": "By the other half of the data"}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    _axes(view)
    _codes(view)
    _draws(view)
    view.notes()
    st.subheader("All measures")
    view.measures()


def _axes(view: ViewContext) -> None:
    table = view.result.table("dimensions")
    st.subheader("What each axis carries")
    left, right = view.beside(5, 4)
    with left:
        view.chart("dimensions")
        st.caption(_about_axes(view, table))
    with right:
        _traversals(view, table)
    with st.expander("Every axis as a table", icon=":material/table:"):
        _table(table, AXES, "Every axis")


def _about_axes(view: ViewContext, table: Any) -> str:
    words = "From the most to the least active axis."
    if len(table) > MOST_AXES:
        half = MOST_AXES // 2
        words = f"The {half} most and the {half} least active of {len(table):,} axes."
    if "active" in table:
        words += (
            f" Active: the posterior means vary more than {float(view.run.params['threshold']):g} variances of the "
            f"prior (dashed; smaller ones than a thousandth of it are drawn there). 95 % intervals, "
            f"{int(table['n'].iloc[0]):,} rows."
        )
    else:
        words += " Root mean square change of the output by one deviation of the prior, with 95 % interval."
    return f"{words} Seed {view.run.seed}."


def _traversals(view: ViewContext, table: Any) -> None:
    if "traversals" not in view.result.arrays:
        return
    strips = np.asarray(view.result.array("traversals"))
    axes = np.asarray(view.result.array("traversed"))
    steps = [f"{one:+.1f}" for one in steps_of(strips.shape[1])]
    for at, which in enumerate(("most", "least")):
        st.markdown(f"**The {which} active axis: {table['name'].iloc[int(axes[at])]}**")
        words = f"One code decoded with axis {int(axes[at])} from -3 to 3 deviations of the prior"
        _pictures(view, f"traversal-{at}", list(strips[at]), steps, strips.shape[1], words)
    start = "the code of the first row" if "active" in table else "a draw from the prior"
    st.caption(f"From {start}, with one axis set to each step, in deviations of the prior.")


def _codes(view: ViewContext) -> None:
    there = [one for one in ("aggregate", "norms") if one in view.result.charts]
    if not there:
        return
    st.subheader("Codes against the prior" if "aggregate" in there else "The shell of the prior")
    columns = view.beside(1, 1) if len(there) == 2 else [st.container()]
    for column, name in zip(columns, there, strict=True):
        with column:
            view.chart(name)
            if name == "norms":
                st.caption(
                    "Grey: the chi density that draws from the prior have. Dashed: the shell that holds 99 % of them. "
                    f"Seed {view.run.seed}."
                )
            else:
                _told(view)


def _told(view: ViewContext) -> None:
    metrics = view.result.metrics
    value, p = metrics["mmd2"].value, metrics["mmd_p"].value
    if p == p:
        verdict = "can be told apart" if p < 0.05 else "cannot be told apart"
        control = metrics["mmd_p_control"].value
        st.markdown(
            f"Codes and draws **{verdict}** by their squared maximum mean discrepancy: {value:.3g}, p = {p:.3g} "
            f"(n = {metrics['mmd2'].n:,} of each; draws against draws: p = {control:.3g})."
        )
    st.caption(
        "Shifts are in deviations of the prior, shares of the prior as in `latent-holes`: 0.05 is what equal "
        "distributions give with the default quantile. Codes are posterior samples where the encoder gives a spread."
    )


def _draws(view: ViewContext) -> None:
    if "nearest" not in view.result.charts:
        return
    st.subheader("Draws: repeated, missing, copied")
    left, right = view.beside(7, 6)
    with left:
        view.chart("nearest")
        st.caption(f"Dashed: the distance below which two draws count as near duplicates. Seed {view.run.seed}.")
    with right:
        names = [
            "near_duplicates", "near_duplicates_control", "support_size", "support_size_control", "modes_covered",
            "modes_covered_control", "memorised", "memorised_control",
        ]  # fmt: skip
        view.measures([one for one in names if one in view.result.metrics])
    left, right = view.beside(6, 7)
    with left:
        _pairs(view)
    with right:
        if "classes" in view.result.charts:
            view.chart("classes")
            with st.expander("Every class as a table", icon=":material/table:"):
                _table(view.result.table("classes"), CLASSES, "Every class")


def _pairs(view: ViewContext) -> None:
    arrays = view.result.arrays
    if "twins" in arrays:
        twins = np.asarray(view.result.array("twins"))
        cells = [*twins[:, 0], *twins[:, 1]]
        st.markdown("**The nearest pairs of draws**, one above the other")
        _pictures(view, "twins", cells, None, len(twins), "The nearest pairs of draws, one above the other")
    if "copies" in arrays:
        made, samples = (np.asarray(view.result.array(one)) for one in ("copies", "copied"))
        st.markdown("**Draws nearest to a training sample**, the sample below")
        cells = [*made, *samples]
        _pictures(
            view, "copies", cells, None, len(made), "Draws nearest to a training sample, and the sample below each"
        )


def _pictures(view: ViewContext, name: str, cells: Any, captions: Any, columns: int, words: str) -> None:
    sheet = contact_sheet.sheet(cells, captions, columns=columns, dark=style.dark())
    with st.container(key=f"smooth-{name}-{view.run.id}"):
        st.image(contact_sheet.png(sheet), width="content", alt=words)


def _table(table: Any, columns: dict[str, str], alt: str) -> None:
    shown = table[[one for one in columns if one in table]]
    form = {
        columns[name]: st.column_config.NumberColumn(format="%.3g")
        for name in shown.columns
        if shown[name].dtype.kind == "f"
    }
    st.dataframe(shown.rename(columns=columns), hide_index=True, column_config=form, alt=alt)
