# SPDX-License-Identifier: Apache-2.0
"""The desk: a sentence, a sum or a pair of sentences is typed, and the live model answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

import workbench as wb
from plugins.thoughts.asked import LONGEST, PATHS, SENTENCES, SUMS, Sum, checked, read_path, read_sum
from plugins.thoughts.corpus import Corpus
from plugins.thoughts.measuring import path_table, total
from plugins.thoughts.paths import Float64, spherical, unit
from workbench.app import engine
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

STEPS: Final = 7
COUNT: Final = 8
NEAREST: Final = {
    "rank": st.column_config.NumberColumn("Nearest", width=80),
    "neighbour": st.column_config.TextColumn("Text", width=430),
    "cosine": st.column_config.ProgressColumn("Cosine", format="%.3f", min_value=0.0, max_value=1.0, width=170),
    "random_above": st.column_config.NumberColumn("Random pairs", format="percent", width=110),
    "asked": st.column_config.CheckboxColumn("Of the sum", width=90),
}


def draw(view: ViewContext) -> None:
    """Both boxes; nothing where the run's model is no longer there."""
    model = view.run.model
    card = engine.catalogue().models.get(model or "")
    if card is None or card.missing() is not None:
        st.info(
            "The model of this run is not there, so that nothing new can be asked of it.", icon=":material/cloud_off:"
        )
        return

    @st.fragment
    def one() -> None:
        _ask(view)

    @st.fragment
    def way() -> None:
        _way(view)

    one()
    way()


def _corpus(view: ViewContext) -> Corpus:
    def make() -> Corpus:
        columns = view.columns(view.result.array("rows"))
        if "text" not in columns:
            raise wb.DataError("the texts of this run are not there any more")
        return Corpus(list(columns["text"].astype(str)), np.asarray(view.result.array("vectors"), np.float32), 0)

    return view.kept("corpus", make)


def _read(view: ViewContext, texts: Sequence[str]) -> dict[str, Float64]:
    asked = list(dict.fromkeys(texts))
    vectors = engine.live(str(view.run.model)).apply(str(view.run.params["embed"]), asked)
    return dict(zip(asked, unit(np.asarray(vectors)), strict=True))


def _back(view: ViewContext) -> str | None:
    from workbench.points import Description

    if view.run.params.get("tell"):
        return str(view.run.params["tell"])
    held = view.store.description(str(view.run.model))
    if held is None or not held.json:
        return None
    description = Description.from_json(held.json)
    start = description.maps[str(view.run.params["embed"])].target
    ends = description.spaces
    back = [name for name, one in description.maps.items()
            if one.source == start and isinstance(ends.get(one.target), wb.Texts)]  # fmt: skip
    return back[0] if back else None


def _ask(view: ViewContext) -> None:
    key = view.key("ask")
    if key not in st.session_state:
        st.session_state[key] = view.remembered("ask") or SENTENCES[0]
    given = st.text_input(
        "A sentence, or a sum of sentences",
        key=key,
        max_chars=LONGEST,
        help='She smiled. Or a sum, each sentence in quotes: "A dog runs." - "A dog." + "A horse."',
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("For example", width="content")
        for at, one in enumerate((SENTENCES[2], SUMS[0])):
            st.button(text.plain(one, 70), key=f"{key}.{at}", type="tertiary", on_click=_put, args=(key, one))
    view.remember(ask=given[:300] if given != SENTENCES[0] else None)
    try:
        asked = sum_of(given)
        with st.spinner("Reading", show_time=True):
            known = _read(view, [one.word for one in asked.terms])
            query = unit(total(asked, known)[None])[0]
            _nearest(view, asked, known, query)
    except wb.WorkbenchError as error:
        st.warning(text.sentence(error, 300), icon=":material/edit:")


def sum_of(given: str) -> Sum:
    """What is typed as a sum: of one sentence, unless it begins with a quotation mark and has further terms.

    >>> [one.word for one in sum_of("A dog, in quotes.").terms]
    ['A dog, in quotes.']
    """
    from plugins.words.expressions import Term

    plain = checked(given)
    if plain[0] in "\"“'" and any(f"{quote} {sign}" in plain for quote in "\"”'" for sign in "+-−–"):
        return read_sum(plain)
    return Sum(plain, (Term(1.0, plain),))


def _nearest(view: ViewContext, asked: Sum, known: dict[str, Float64], query: Float64) -> None:
    import pandas as pd

    corpus = _corpus(view)
    inputs = [one.word for one in asked.terms]
    rows, cosines = corpus.nearest(query, COUNT, leave_out=inputs)
    frame = [(corpus.texts[row], float(one), corpus.random_above(float(one)), False)
             for row, one in zip(rows, cosines, strict=True)]  # fmt: skip
    if len(inputs) > 1:
        frame += [(one, float(known[one] @ query), corpus.random_above(float(known[one] @ query)), True)
                  for one in dict.fromkeys(inputs)]  # fmt: skip
    frame.sort(key=lambda one: -one[1])
    table = pd.DataFrame(frame, columns=["neighbour", "cosine", "random_above", "asked"])
    table.insert(0, "rank", range(1, len(table) + 1))
    back = _back(view)
    if back is not None:
        told = engine.live(str(view.run.model)).apply(back, query[None].astype(np.float32))[0]
        again = float(_read(view, [told or "."])[told or "."] @ query)
        st.markdown(f"Told by '{text.plain(back, 40)}': **{text.plain(told, 300)}** (cosine {again:.2f})")
    st.dataframe(
        table if len(inputs) > 1 else table.drop(columns="asked"), hide_index=True, column_config=NEAREST,
        key=view.key("nearest"),
    )  # fmt: skip
    st.caption(
        f"Nearest of {len(corpus):,} texts of the data, copies of what was asked left out. Random pairs: share of "
        "random pairs of texts that are at least so near."
    )


def _way(view: ViewContext) -> None:
    st.markdown("**From one sentence to another**, along the sphere")
    with st.form(view.key("way"), border=False):
        left, right, go = st.columns([5, 5, 1], vertical_alignment="bottom")
        first_end, second_end = read_path(PATHS[0])
        first = left.text_input("From", first_end, max_chars=LONGEST, key=view.key("way.first"))
        second = right.text_input("To", second_end, max_chars=LONGEST, key=view.key("way.second"))
        asked = go.form_submit_button("Go")
    if not asked:
        return
    try:
        ends = (checked(first), checked(second))
        with st.spinner("Going", show_time=True):
            known = _read(view, ends)
            points = {"spherical": spherical(known[ends[0]], known[ends[1]], STEPS)}
            back = _back(view)
            live = engine.live(str(view.run.model))

            def tell(places: Any) -> list[str]:
                return list(live.apply(back, places))

            def read(texts: Sequence[str]) -> Any:
                found = _read(view, [one or "." for one in texts])
                return np.stack([found[one or "."] for one in texts])

            path_rows(path_table(_corpus(view), ends, points, None if back is None else tell, read))
    except wb.WorkbenchError as error:
        st.warning(text.sentence(error, 300), icon=":material/edit:")


def path_rows(path: pd.DataFrame) -> None:
    """The steps of one way as a table."""
    shown = ["angle", "length", *(["told", "told_cosine"] if "told" in path else []), "nearest", "cosine", "further"]
    st.dataframe(
        path[shown],
        hide_index=True,
        column_config={
            "angle": st.column_config.NumberColumn("Degrees", format="%.0f", width=75),
            "length": st.column_config.NumberColumn("Length", format="%.2f", width=70),
            "told": st.column_config.TextColumn("Told"),
            "told_cosine": st.column_config.NumberColumn("cosine", format="%.2f", width=70),
            "nearest": st.column_config.TextColumn("Nearest text, neither end"),
            "cosine": st.column_config.NumberColumn("cosine ", format="%.2f", width=70),
            "further": st.column_config.NumberColumn(
                "Texts further", format="percent", width=105, help="Texts whose nearest other lies further away."
            ),
        },
    )


def _put(key: str, value: str) -> None:
    st.session_state[key] = value
