# SPDX-License-Identifier: Apache-2.0
"""The page of one run: the prompt as a grid, the answer's rank by layer, the layers' distance from the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

TOP: Final = {"step": "Layer", "layer": "Name", "place": "Place", "token": "Token", "probability": "Probability"}
PROMPTS: Final = {
    "row": "Row",
    "prompt": "Prompt",
    "answer": "Answer",
    "rank": "Rank at the end",
    "probability": "Probability at the end",
    "settled": "Last word stands from layer",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    st.markdown(f"What would each layer say after **{text.plain(str(view.run.params['prompt'])[-300:])}** ?")
    view.findings()
    view.chart("grid")
    st.caption(
        "Each cell: the most likely next token when the residual stream at this layer and token goes straight to the "
        "last norm and the unembedding. The top row is what the model says. Spaces at the start are not written."
    )
    _another(view)
    prompts = view.result.table("prompts")
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Where does the answer stand?**")
        view.chart("rank")
        st.caption(
            f"Geometric mean over {len(prompts):,} prompts of the data, 95 % bootstrap; seed {view.run.seed}. Dashed: "
            "answers of other prompts in the same place."
        )
    with right:
        st.markdown("**How far is the layer from what the model says?**")
        view.chart("divergence")
        st.caption(
            "Kullback-Leibler divergence of the layer's words from the end's. Above the dashed line the lens reads "
            "less than a guess that does not look at the prompt at all."
        )
    view.measures()
    view.notes()
    _tables(view)


def _another(view: ViewContext) -> None:
    prompt = st.text_area(
        "Another prompt", value="", max_chars=2000, height=80, key=view.key("prompt"),
        placeholder="The keys to the cabinet",
    )  # fmt: skip
    params = {**view.run.params, "prompt": prompt}
    view.launch("logit-lens", params, "Look at this prompt", icon=":material/search:", disabled=not prompt.strip())


def _tables(view: ViewContext) -> None:
    best = view.result.table("top")[list(TOP)]
    best["token"] = [repr(str(one)) for one in best["token"]]
    prompts = view.result.table("prompts")[list(PROMPTS)]
    for title, table, names in (
        ("The most likely tokens of every layer after the prompt", best, TOP),
        ("Every prompt of the data", prompts, PROMPTS),
    ):
        with st.expander(title, icon=":material/table:"):
            shown = table.rename(columns=names)
            numbers = {
                name: st.column_config.NumberColumn(format="%.3g")
                for name in shown.columns
                if shown[name].dtype.kind == "f"
            }
            st.dataframe(shown, hide_index=True, column_config=numbers, alt=title)
