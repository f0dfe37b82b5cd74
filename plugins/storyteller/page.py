# SPDX-License-Identifier: Apache-2.0
"""The page: a picture or a caption, its nearest captions averaged, a style added, and the story told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.storyteller import offered, starts, story
from plugins.storyteller.ground import averaged_pictures, ground_of
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import background, errors, links, permalink, text

if TYPE_CHECKING:
    from plugins.storyteller.ground import Ground
    from plugins.storyteller.offered import Painter, Teller
    from workbench.points import Description


def draw() -> None:
    """Draw the page."""
    st.title("Neural storyteller")
    st.markdown(
        "A picture finds the captions nearest to it; their average, less what captions have in common, plus what "
        "stories of a style have in common, is told in words (after Kiros, 2015). Every step is drawn."
    )
    models = _tellers()
    if not models:
        with st.container(border=True):
            st.markdown("**There is no model that reads texts and tells them again.**")
            reason = _why_not(offered.TELLER)
            if reason:
                st.markdown(text.sentence(reason, 400))
            links.link("models", "Models and what they need", icon=":material/deployed_code:")
        return
    asked = permalink.choice("model", models, models[0])
    model = str(asked)
    if len(models) > 1:
        model = str(st.selectbox("Model", models, index=models.index(model), key="story.model", width=320))
    permalink.put(model=None if model == models[0] else model)
    with errors.shown("Describing the model"):
        background.wait_for(
            ("story", engine.store().location, model, subjects.stamp(model)),
            lambda: subjects.describe(model),
            lambda description: _described(model, description),
            saying="Loading the model to see its maps; the first time takes seconds",
        )


def _tellers() -> list[str]:
    found = []
    for name in offered.candidates(offered.TELLER):
        known = offered.described(name)
        if (known is None and name == offered.TELLER) or (known is not None and offered.teller_of(name, known)):
            found.append(name)
    return found


def _why_not(model: str) -> str:
    card = engine.catalogue().models.get(model)
    return (card.missing() or "") if card is not None else ""


def _described(model: str, description: Description) -> None:
    teller = offered.teller_of(model, description)
    if teller is None:
        st.info(f"{text.plain(model)} has no map from texts to vectors and back.", icon=":material/info:")
        return
    painter = offered.PAINTER
    card = engine.catalogue().models.get(painter)
    ready = card is not None and card.missing() is None

    def work() -> Any:
        try:
            ground = ground_of(teller)
        except WorkbenchError as error:
            return str(error)
        return (ground, *_painter(teller, painter if ready else None))

    background.wait_for(
        ("story", engine.store().location, model, subjects.stamp(model), painter if ready else ""),
        work,
        lambda found: _ground(teller, found),
        saying="Loading the models and reading texts of every style; the first time takes up to a minute",
    )


def _painter(teller: Teller, model: str | None) -> tuple[Painter | None, str]:
    """The model of pictures, or why there is none."""
    if model is None:
        reason = _why_not(offered.PAINTER)
        return None, f"stories start from captions only: pictures need the model '{offered.PAINTER}'" + (
            f" ({reason})" if reason else ""
        )
    try:
        painter = offered.painter_of(model, subjects.describe(model))
    except WorkbenchError as error:
        return None, str(error)
    if painter is None:
        return None, f"{model} has no way from pictures to texts"
    differs = offered.one_space(teller, painter)
    return (None, differs) if differs else (painter, "")


def _ground(teller: Teller, found: Any) -> None:
    if isinstance(found, str):
        errors.show(found)
        return
    ground, painter, why_not = found
    left, right = st.columns(2, gap="large")
    with left:
        chosen = starts.choose(ground, painter, why_not)
        if chosen is not None and chosen.pixels is not None:
            st.image(chosen.pixels, width=224, caption=text.one_line(chosen.label, 80))
            if chosen.credit:
                st.caption(text.plain(chosen.credit, 300))
    with right:
        settings = story.settings(ground)
    if chosen is not None:
        story.tell(teller, painter, ground, chosen, settings)
    _averaging(teller, painter, ground, settings.k)


def _averaging(teller: Teller, painter: Painter | None, ground: Ground, k: int) -> None:
    def work() -> Any:
        try:
            found = averaged_pictures(teller, painter, ground) if painter is not None else None
        except WorkbenchError as error:
            return str(error)
        return found or (ground.averaged, "")

    background.wait_for(
        ("story.averaged", engine.store().location, teller.model, "" if painter is None else painter.model),
        work,
        lambda found: story.averaging(found, ground, k),
        saying="Measuring what averaging is worth on held-out pairs",
    )
