# SPDX-License-Identifier: Apache-2.0
"""One slice: what it is of, its first pictures, where it can be used, combining and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import DataError, DoesNotApply, WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import background, contact_sheet, errors, links, pictures, slices, style, text, words
from workbench.runs.draws import Draws, in_words, read_draws

if TYPE_CHECKING:
    from registry.arrays import Array
    from workbench.store import SliceRecord

_PICTURES, _ROWS = 48, 200


def draw(one: SliceRecord) -> None:
    """Draw everything that is known of a slice."""
    links.link("slices", "All slices", icon=":material/arrow_back:")
    st.title(text.plain(one.name))
    st.markdown(f"{one.length:,} {text.plain(in_words(one.data), 200)}")
    if one.note:
        st.markdown(text.paragraphs(one.note, 400))
    _facts(one)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        slices.combine(engine.store(), engine.store().slices(one.data), f"slice.{one.name}.combine", first=one.name)
        _deleting(one)
    with errors.shown("The rows of this slice"):
        rows = one.rows()
        st.subheader("What it holds")
        _contents(one, rows)
    st.subheader("Use it")
    _uses(one)


def _facts(one: SliceRecord) -> None:
    """Origin, with a link where it is a run, and time."""
    kind, _, run = one.origin.partition(" ")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(text.plain(f"saved {words.moment(one.created)}"), width="content")
        if kind == "run" and run:
            links.link("runs", f"from run {text.plain(run, 20)}", icon=":material/history:", run=run)
        elif one.origin:
            st.caption(text.plain(f"from {one.origin}", 300), width="content")


def _deleting(one: SliceRecord) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete the slice **{text.plain(one.name)}**? Runs that used it keep their results.")
        if not st.button("Delete it", type="primary", icon=":material/delete:", key=f"slice.{one.name}.delete"):
            return
        try:
            engine.store().delete_slice(one.name)
        except WorkbenchError as error:
            st.error(text.sentence(error, 300))
            return
    links.go("slices", of=one.data if engine.store().slices(one.data) else None)


def _contents(one: SliceRecord, rows: Array) -> None:
    draws = read_draws(one.data)
    if draws is not None:
        _drawn(draws, one, rows)
        return
    try:
        opened = engine.dataset(one.data)
    except DataError as error:
        st.warning(text.sentence(error, 300), icon=":material/link_off:")
        return
    if len(rows) and int(rows[-1]) >= len(opened):
        st.warning(
            f"The slice names row {int(rows[-1]):,}, and the data now has {len(opened):,} rows.",
            icon=":material/warning:",
        )
        return
    if opened.has_pictures:
        some = rows[:_PICTURES]
        try:
            _sheet(one, some, lambda: pictures.of_data(one.data, some))
        except DoesNotApply as error:
            st.caption(text.sentence(error, 300))
        except WorkbenchError as error:
            errors.show(str(error))
    if len(opened.columns.columns):
        table = opened.columns.iloc[rows[:_ROWS]].reset_index(drop=True)
        number = "row (slice)" if "row" in table.columns else "row"  # a table holds no name twice
        table.insert(0, number, rows[:_ROWS])
        with st.expander("Rows as a table", icon=":material/table_rows:", expanded=not opened.has_pictures):
            st.dataframe(table, hide_index=True, alt=f"Rows of the slice {one.name}")
            if len(rows) > _ROWS:
                st.caption(f"The first {_ROWS} of {len(rows):,} rows.")
    elif not opened.has_pictures:
        st.caption("These rows are numbers without pictures or columns.")


def _drawn(draws: Draws, one: SliceRecord, rows: Array) -> None:
    """Pictures that the model makes of the draws."""
    if draws.model not in engine.catalogue().models:
        st.warning(text.plain(f"The model {draws.model} is not here: its plugin may be missing or broken."))
        return
    some = rows[:_PICTURES]

    def make() -> list[contact_sheet.Pixels]:
        description = subjects.describe(draws.model)
        found = pictures.routes(description, draws.space)
        if not found:
            raise DoesNotApply(f"no chain of maps of {draws.model} leads from {draws.space} to pictures")
        return pictures.from_prior(draws.model, description, found[0], some, draws.seed)

    try:
        _sheet(one, some, make)
    except DoesNotApply as error:
        st.caption(text.sentence(error, 300))


def _sheet(one: SliceRecord, rows: Array, make: Any) -> None:
    def show(images: list[contact_sheet.Pixels]) -> None:
        told = [str(int(row)) for row in rows]
        sheet = contact_sheet.sheet(images, told, columns=10, dark=style.dark())  # not scaled down at 900
        st.image(contact_sheet.png(sheet), alt=f"The first {len(images)} pictures of the slice {one.name}")
        if one.length > len(rows):
            st.caption(f"The first {len(rows)} of {one.length:,}, with their numbers.")

    background.wait_for(
        ("slice", engine.store().location, one.data, one.sha256), make, show, saying="Getting the pictures"
    )


def _uses(one: SliceRecord) -> None:
    """A line of analyses for each model that the rows are at home with, and for the data alone."""
    draws = read_draws(one.data)
    models = engine.catalogue().models
    if draws is not None:
        chosen: list[str | None] = [draws.model] if draws.model in models else []
    else:
        chosen = [name for name, card in models.items() if card.data == one.data and card.missing() is None]
        chosen += [None] if one.data in engine.dataset_names() else []
    if not chosen:
        st.caption("No model or data set that it could be used with is here.")
    for model in chosen:
        data = None if model is not None else one.data
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(text.plain(f"On {model}:" if model is not None else "On the data alone:"), width="content")
            for name in _applicable(model, one):
                links.link(
                    "projection" if name == "projection" else "analysis",
                    text.plain(engine.title_of(name)),
                    icon=":material/play_arrow:",
                    analysis=None if name == "projection" else name,
                    model=model,
                    data=data,
                    slice=one.name,
                )


def _applicable(model: str | None, one: SliceRecord) -> list[str]:
    """Names of the analyses that can take the slice; of a model that has not been described, all that may."""
    kept = engine.store().description(model) if model is not None else None
    description = None
    if kept is not None and kept.status == "ready" and kept.json is not None:
        from workbench.points import Description

        description = Description.from_json(kept.json)
    drawn = read_draws(one.data) is not None
    known = description is not None or model is None
    subject = subjects.of(description, None if drawn else one.data, model) if known else None
    return [
        name
        for name, analysis in engine.catalogue().analyses.items()
        if name != "conformance"  # it looks at the model, not at points
        and not (model is None and analysis.needs_model)
        and not (subject is not None and analysis.missing(subject))
    ]
