# SPDX-License-Identifier: Apache-2.0
"""The page of one run: scores beside random concepts, the exemplars, and the samples at both ends of the vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.concept_sensitivity import keeping
from plugins.concept_sensitivity.charts import derivatives
from plugins.concept_sensitivity.results import decision_in_words
from workbench.app.parts import charts, text
from workbench.runs.automatic import called

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

ENDS: Final = 24  # samples shown at each end
EXEMPLARS: Final = 36

COLUMNS: Final = {
    "layer": "Layer",
    "width": "Units",
    "score": "Score",
    "low": "Score, low",
    "high": "Score, high",
    "control": "Random concepts",
    "control_low": "Random, low",
    "control_high": "Random, high",
    "p": "p, corrected",
    "p_alone": "p, this layer alone",
    "p_welch": "p as published (Welch)",
    "slope": "Mean derivative",
    "slope_low": "Derivative, low",
    "slope_high": "Derivative, high",
    "p_slope": "p of the derivative, corrected",
    "extreme": "Random at 0 or 1",
    "agreement": "Agreement of halves",
    "random_agreement": "Agreement, random",
    "accuracy": "Held-out accuracy",
    "random_accuracy": "Accuracy, random",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    layers = view.result.table("layers")
    _question(view, layers)
    view.findings()
    left, right = view.beside(3, 2)
    with left:
        st.markdown("**At how many points does the decision rise along the concept?**")
        view.chart("scores")
        st.caption(
            f"Points: all exemplars; lines: the middle 95 % of halves of them; grey ticks: {int(layers['random'][0])} "
            f"random concepts of {int(layers['exemplars'][0])} points; dashed: half of the points. p is a rank among "
            f"the ticks{', corrected for the layers' if len(layers) > 1 else ''}. Seed {view.run.seed}."
        )
        st.markdown("**By how much does it rise?**")
        view.chart("slopes")
        st.caption(
            "Mean derivative along the concept, beside the same random concepts. Where the decision is nearly a line "
            "in the layer, scores are 0 or 1 for all concepts, and this tells them apart."
        )
    with right:
        st.markdown(f"**{text.plain(_best(layers)['layer'])}**")
        view.measures()
    row = _chosen(view, layers)
    _ends(view, row)
    first, second = view.beside(4, 3)
    with first:
        st.markdown("**Derivative at every asked point**")
        at = int(row["vector"])
        rows = np.asarray(view.result.array("asked"))
        along, slope = (np.asarray(view.result.array(name))[at] for name in ("projections", "derivatives"))
        charts.draw(derivatives(along, slope, rows), "derivatives")
        st.caption("Points that differ in derivative are what gives a score between 0 and 1.")
    with second:
        keeping.form(view, row)
    view.notes()
    _tables(view, layers)


def _question(view: ViewContext, layers: Any) -> None:
    params = view.run.params
    concept = called(str(params["concept"])) if params["concept"] else f"{params['by']} = {params['value']}"
    where = f"at {layers['layer'][0]}" if len(layers) == 1 else f"at {len(layers)} layers"
    st.markdown(
        f"Does **{text.plain(decision_in_words(params))}** rise along the concept **{text.plain(concept)}**, {where}?"
    )
    exemplars = np.asarray(view.result.array("exemplars"))
    st.markdown(f"**Exemplars of the concept** ({len(exemplars):,})")
    view.pictures(exemplars, limit=EXEMPLARS)


def _best(layers: Any) -> Any:
    """The row that the metrics are of."""
    return layers[layers["shown"]].iloc[0]


def _chosen(view: ViewContext, layers: Any) -> Any:
    best = str(_best(layers)["layer"])
    if len(layers) == 1:
        return layers.iloc[0]
    name = view.choice("layer", layers["layer"].tolist(), "Layer", best)
    return layers[layers["layer"] == name].iloc[0]


def _ends(view: ViewContext, row: Any) -> None:
    """The asked points that lie farthest along the vector, and farthest against it."""
    rows = np.asarray(view.result.array("asked"))
    along = np.asarray(view.result.array("projections"))[int(row["vector"])]
    order = np.argsort(along, kind="stable")
    few = min(ENDS, len(order) // 2)
    deviations = (along - along.mean()) / (along.std() or 1.0)
    told = "Below each: standard deviations from the mean of the asked points."
    for title, chosen in (
        (f"Most along the concept at {row['layer']}", order[::-1][:few]),
        (f"Least along the concept at {row['layer']}", order[:few]),
    ):
        st.markdown(f"**{text.plain(title)}**")
        view.pictures(rows[chosen], [f"{deviations[one]:+.1f}" for one in chosen], limit=few, told=told)


def _tables(view: ViewContext, layers: Any) -> None:
    shown = layers[list(COLUMNS)].rename(columns=COLUMNS)
    numbers = {
        name: st.column_config.NumberColumn(format="%.3g") for name in shown.columns if shown[name].dtype.kind == "f"
    }
    with st.expander("Every number of every layer", icon=":material/table:"):
        st.dataframe(shown, hide_index=True, column_config=numbers, alt="Every number of every layer")
    with st.expander("Every halving of the exemplars", icon=":material/table:"):
        table = view.result.table("repetitions")
        table = table.rename(columns=lambda one: one.replace("_", " "))
        st.dataframe(table, hide_index=True, alt="Every halving of the exemplars")
