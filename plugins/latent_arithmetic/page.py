# SPDX-License-Identifier: Apache-2.0
"""The page on which sums are put together: model and space, a card for each term, and the result below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from plugins.latent_arithmetic import builder, places, stories
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import background, errors, launching, permalink, text

if TYPE_CHECKING:
    from plugins.latent_arithmetic.places import Place
    from workbench.points import Description

ANALYSIS: Final = "latent-arithmetic"
RUN: Final = "sum"
K: Final = 3
MOST_K: Final = 100


def draw() -> None:
    """Draw the page."""
    st.title("Latent arithmetic")
    st.markdown(
        "The mean of these, minus the mean of those, plus the mean of these others: what does the sum look like, and "
        "would any exemplars have given it?"
    )
    models = [name for name, card in engine.catalogue().models.items() if card.missing() is None]
    if not models:
        st.info("There is no model to add in: plug one in first.", icon=":material/info:")
        return
    with st.sidebar:
        st.header("Where to add")
        start = permalink.choice("model", models, models[0])
        model = st.selectbox("Model", models, index=models.index(str(start)), key="arithmetic.model")
    if st.session_state.get("arithmetic.of", model) != model:
        builder.put([])
        permalink.put(**{RUN: None, "space": None})
    st.session_state["arithmetic.of"] = model
    permalink.put(model=model)
    with errors.shown("Describing the model"):
        background.wait_for(
            ("description", engine.store().location, model, subjects.stamp(model)),
            lambda: subjects.describe(model),
            lambda described: _page(model, described),
            saying="Loading the model once to see its spaces",
        )


def _page(model: str, description: Description) -> None:
    spaces = places.spaces_of(description)
    if not spaces:
        st.info(f"{text.plain(model)} has no space of vectors, so there is nothing to add.", icon=":material/info:")
        return
    with st.sidebar:
        start = permalink.choice("space", spaces, spaces[0])
        space = st.selectbox("Space", spaces, index=spaces.index(str(start)), key=f"arithmetic.space.{model}")
        seed = int(
            st.number_input(
                "Seed", 0, 2**31, permalink.whole("seed", 0, 2**31, 0), key="arithmetic.seed",
                help="Of the choice of exemplars, of the controls, and of draws that no slice names.",
            )
        )  # fmt: skip
    permalink.put(space=space, seed=seed or None)
    try:
        place = places.place_of(model, space, description)
    except WorkbenchError as error:
        st.info(text.sentence(error, 400), icon=":material/info:")
        return
    _first(place)
    terms = builder.draw(place, seed)
    params = _settings(place)
    permalink.put(**builder.address(terms))
    _compute(place, terms, params, seed)
    launching.show(RUN, ANALYSIS, f"{RUN}-", lambda asked: _about(asked, place, terms, params))


def _first(place: Place) -> None:
    """Sums to begin with, and labelled draws that can be saved as slices."""
    try:
        labels = stories.labels_of(engine.catalogue().models[place.model])
    except WorkbenchError as error:
        st.caption(text.sentence(error, 300))
        labels = None
    found = stories.stories_of(place, labels)
    unsaved = labels is not None and len(stories.saved(place.slices, place.model, labels)) < len(labels.groups)
    if not found and not unsaved:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Begin with")
        for number, one in enumerate(found[:4]):
            if st.button(one.title, help=one.about, key=f"arithmetic.story.{place.model}.{number}"):
                builder.put(list(one.terms))
                permalink.put(**{RUN: None})
                st.rerun()
        if unsaved and labels is not None and st.button(
            "Save the labelled draws as slices", icon=":material/bookmark_add:", key=f"arithmetic.labels.{place.model}",
            help=text.one_line(labels.about, 300) or None,
        ):  # fmt: skip
            with errors.shown("Saving the slices"):
                stories.save(engine.store(), place.model, labels)
                st.rerun()


def _settings(place: Place) -> dict[str, Any]:
    """How many exemplars, and what is done to the sum."""
    scorers = place.scorers
    attribute = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        k = st.slider(
            "Exemplars of each group, k", 1, MOST_K, permalink.whole("k", 1, MOST_K, K), key="arithmetic.k", width=320,
            disabled=bool(st.session_state.get("arithmetic.all", permalink.get("all"))),
            help="Radford, Metz and Chintala, 2016, section 6.3.2, average three. Rows that are listed all count.",
        )  # fmt: skip
        every = st.toggle("Use all", bool(permalink.get("all")), key="arithmetic.all")
        rescale = st.toggle(
            "Bring to the shell", bool(permalink.get("shell")), key="arithmetic.shell",
            help="Give the sum the length that draws of a normal prior have.",
        )  # fmt: skip
        if scorers:
            names = ["", *scorers]
            start = permalink.choice("score", scorers, "")
            attribute = st.selectbox(
                "Should change", names, index=names.index(start or ""), key=f"arithmetic.score.{place.model}",
                format_func=lambda one: text.one_line(scorers[one]) if one else "what tells the groups apart",
                width=260,
            )  # fmt: skip
    permalink.put(
        k=None if k == K else k, all="1" if every else None, shell="1" if rescale else None, score=attribute or None
    )
    return {"space": place.space, "k": None if every else int(k), "rescale": rescale, "attribute": attribute or None}


def _compute(place: Place, terms: list[str], params: dict[str, Any], seed: int) -> None:
    ready = builder.complete(terms)
    if st.button(
        "Compute", type="primary", icon=":material/calculate:", disabled=not ready, key="arithmetic.compute",
        help=None if ready else "Choose every group first.",
    ):  # fmt: skip
        from workbench.runs import RunSpec, submit

        try:
            spec = RunSpec(ANALYSIS, place.model, params={**params, "terms": terms}, seed=seed)
            record = submit(engine.store(), spec)
        except WorkbenchError as error:
            errors.show(str(error))
            return
        permalink.put(**{RUN: record.id})


def _about(asked: Any, place: Place, terms: list[str], params: dict[str, Any]) -> str:
    """That the result below is the answer to an earlier question, where it is."""
    now = {**params, "terms": terms}
    if all(
        list(asked.get(name) or []) == one if name == "terms" else asked.get(name) == one for name, one in now.items()
    ):
        return ""
    sum_shown = text.plain(" ".join(map(str, asked.get("terms") or ())))
    return f"Below is another sum or setting than above, {sum_shown}: press Compute for this one."
