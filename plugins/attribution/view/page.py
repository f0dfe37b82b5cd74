# SPDX-License-Identifier: Apache-2.0
"""The order of the page: the question, the maps, the baselines, the checks, the methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.attribution.view import checks, maps, methods, region, units
from plugins.attribution.view.shown import Shown
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

MOST_SAMPLES: Final = 200  # in the chooser


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    shown = Shown(view)
    _question(view, shown)
    view.findings()
    sample = _sample(view, shown)
    if shown.pictures:
        maps.draw(view, shown, sample)
    else:
        units.draw(view, shown, sample)
    if shown.of_layer:
        units.layers(view, shown, sample)
    if "outputs" in view.result.arrays:
        region.draw(view, shown, sample)
    if shown.pictures:
        maps.baselines(view, shown, sample)
    checks.draw(view, shown)
    methods.draw(view, shown)
    view.notes()


def _question(view: ViewContext, shown: Shown) -> None:
    metric = view.result.metrics.get("answer")
    sentence = metric.label if metric is not None else view.run.params.get("question", "")
    n, start = len(shown.inputs), shown.baselines[0] if shown.baselines else "nothing"
    st.markdown(f"What drives **{text.plain(sentence)}**?")
    samples = "one sample" if n == 1 else f"{n:,} samples"
    st.caption(f"{samples.capitalize()}, measured from the baseline '{text.plain(start)}'. Seed {view.run.seed}.")


def _sample(view: ViewContext, shown: Shown) -> int:
    """Position of the chosen sample."""
    answers = np.asarray(view.result.array("answers"))
    names = [f"row {int(row):,}: {answer:.3g}" for row, answer in zip(shown.rows, answers, strict=True)][:MOST_SAMPLES]
    if len(names) == 1:
        return 0
    left, _ = view.beside(2, 3)
    with left:
        chosen: Any = view.choice("sample", names, "Sample, and the number that it gives")
    return names.index(chosen)
