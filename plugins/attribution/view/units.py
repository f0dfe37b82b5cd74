# SPDX-License-Identifier: Apache-2.0
"""Values over latent units, and over the units of a layer: bars with intervals over samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.attribution.charts import MOST_UNITS, units
from workbench.app.parts import charts

if TYPE_CHECKING:
    from plugins.attribution.view.shown import Shown
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext, shown: Shown, sample: int) -> None:
    """Methods side by side, over the units of the input."""
    st.subheader("Which units of the input")
    chosen = _pair(view, shown, shown.of_input)
    if not chosen:
        st.caption("No method that answered attributes to the input.")
        return
    for name, place in zip(chosen, view.beside(*[1] * len(chosen)), strict=True):
        with place:
            st.markdown(f"**{shown.title(name)}**")
            charts.draw(units(shown.values(name), None, sample, signed=shown.signed(name)), f"units of {name}")
    _told(shown.values(chosen[0]), len(shown.inputs))


def layers(view: ViewContext, shown: Shown, sample: int) -> None:
    """Methods that attribute to a layer: channels where it has maps."""
    st.subheader("Which units of a layer")
    options = {shown.title(one): one for one in shown.of_layer}
    names = list(options)
    name = options[view.choice("layer-method", names, "Method")] if len(names) > 1 else options[names[0]]
    layer = str(shown.methods.loc[shown.methods["method"] == name, "layer"].iloc[0])
    values = shown.values(name)
    by_channel = values.ndim > 2
    values = values.reshape(len(values), values.shape[1], -1).sum(axis=2) if by_channel else values
    charts.draw(units(values, None, sample, signed=shown.signed(name)), f"units of {layer}")
    st.caption(f"Layer {layer}{', channels summed over their positions' if by_channel else ''}.")
    _told(values, len(shown.inputs))


def _pair(view: ViewContext, shown: Shown, names: list[str]) -> list[str]:
    """Up to two methods, chosen on the page."""
    if len(names) < 2:
        return names
    titles = {shown.title(one): one for one in names}
    left, right = view.beside(1, 1)
    with left:
        one = view.choice("method", list(titles), "Method")
    with right:
        rest = [each for each in titles if each != one]
        other = view.choice("beside", rest, "Beside it")
    return [titles[one], titles[other]]


def _told(values: Any, count: int) -> None:
    some = f" The {MOST_UNITS} units with the largest and smallest means of {values.shape[1]:,}." * (
        np.shape(values)[1] > MOST_UNITS
    )
    st.caption(
        f"Bars: means over {count:,} sample{'s' * (count > 1)}, with 95 % intervals; diamonds: the chosen sample. "
        f"Orange raises the number, blue lowers it; purple has no sign.{some}"
    )
