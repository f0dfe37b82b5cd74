# SPDX-License-Identifier: Apache-2.0
"""What is asked for: subject, parameters and seed of a run, in the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.directions import kept_fields
from registry.errors import WorkbenchError
from registry.parameters import Offer, offers
from workbench.app import engine, subjects, uploads
from workbench.app.parts import background, errors, form, permalink, text
from workbench.gallery import first_picks
from workbench.runs.automatic import is_automatic
from workbench.runs.draws import in_words, read_draws

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from workbench.points import Description
    from workbench.store import RunRecord, SliceRecord

_MODEL, _DATA = "A model", "Data alone"


def draw(analysis: type[Analysis], base: RunRecord | None) -> None:
    """The form; it begins with what ``base`` was asked for. Submitting puts the new run into the address."""
    key = f"form.{analysis.name}.{base.id if base is not None else ''}"
    with st.sidebar:
        st.header("What to look at")
        model, data = _subject(analysis, base, key)
        if model is None and data is None:
            return
        if model is None:
            with errors.shown("Opening the data"):
                _rest(analysis, base, f"{key}.{data}", model, data, None)
            return
        with errors.shown("Describing the model"):
            background.wait_for(
                ("description", engine.store().location, model, subjects.stamp(model)),
                lambda: subjects.describe(model),
                lambda described: _rest(analysis, base, f"{key}.{model}", model, data, described),
                saying="Loading the model once to see its spaces",
            )


def _subject(analysis: type[Analysis], base: RunRecord | None, key: str) -> tuple[str | None, str | None]:
    models = [name for name, card in engine.catalogue().models.items() if card.missing() is None]
    datasets = engine.dataset_names()
    kinds = [one for one, there in ((_MODEL, models), (_DATA, not analysis.needs_model)) if there]
    if not kinds:
        st.caption("There is no model to run this on: plug one in first.")
        return None, None
    bare = base is not None and base.model is None
    data_alone = permalink.choice("data", datasets) is not None
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            "Points come from",
            kinds,
            default=_DATA if (bare or (base is None and data_alone)) and not permalink.get("model") else kinds[0],
            required=True,
            key=f"{key}.kind",
        )
    if kind == _DATA:
        name = _choose(
            "Data",
            datasets,
            base.data if bare and base is not None else permalink.choice("data", datasets),
            f"{key}.data",
        )
        uploads.draw(key)
        return None, name
    wanted = base.model if base is not None else permalink.choice("model", models)
    model = _choose("Model", models, wanted, f"{key}.model")
    if model is None:
        return None, None
    own = subjects.own_data(model)
    choices: list[str | None] = [None, *datasets]
    start = (base.data if base.model == model else None) if base is not None else permalink.choice("data", datasets)
    start = None if start == own else start
    data = st.selectbox(
        "Data",
        choices,
        index=choices.index(start) if start in choices else 0,
        format_func=lambda one: text.one_line(one or (f"its own, {own}" if own else "draws from its prior")),
        key=f"{key}.{model}.data",
        help="The model maps these rows to its spaces. Without data, points are drawn from the prior.",
    )
    return model, data


def _choose(label: str, options: list[str], start: str | None, key: str) -> str | None:
    if not options:
        st.caption("There is no data set yet: upload points below.")
        return None
    index = options.index(start) if start in options else 0
    return st.selectbox(label, options, index=index, format_func=text.one_line, key=key)


def _rest(
    analysis: type[Analysis],
    base: RunRecord | None,
    key: str,
    model: str | None,
    data: str | None,
    description: Description | None,
) -> None:
    """Slice, parameters, seed and the button."""
    by_itself = model if data is None else None  # nobody asked for data: the model's own, or draws from its prior
    effective = data or (subjects.own_data(model) if model is not None else None)
    chosen_slice = _slice(subjects.slices_of(effective, by_itself), base, key)
    if chosen_slice is not None and read_draws(chosen_slice.data) is not None:
        effective = None
    subject = subjects.of(description, effective, by_itself)
    lacking = analysis.missing(subject)
    if lacking:
        st.warning(
            text.plain(f"This analysis does not apply here: {'; '.join(lacking)}.", 500), icon=":material/block:"
        )
        return
    start = base.params if base is not None else first_picks(analysis, subject)
    offered = {**offers(analysis.Params, subject), **_kept(analysis, model, description)}
    values = form.draw(analysis.Params, offered, key=key, initial=start)
    seed = int(st.number_input("Seed", 0, 2**31 - 1, base.seed if base is not None else 0, key=f"{key}.seed"))
    params, wrong = form.read(analysis.Params, values)
    if params is None:
        st.warning(text.plain(wrong, 500), icon=":material/edit:")
    if st.button(
        "Run", type="primary", width="stretch", icon=":material/play_arrow:", disabled=params is None, key=f"{key}.run"
    ):
        _submit(analysis, model, data, None if chosen_slice is None else chosen_slice.name, values, seed)


def _kept(analysis: type[Analysis], model: str | None, description: Description | None) -> dict[str, Offer]:
    """The kept directions that parameters can name: those of the model, with the weights that it has now."""
    fields = kept_fields(analysis.Params)
    if not fields:
        return {}
    fingerprint = description.fingerprint if description is not None else None
    found = [one for one in engine.store().directions() if one.model == model]
    names = tuple(one.name for one in found if fingerprint in (None, one.fingerprint))
    return {name: Offer(names, "a kept direction", required=False) for name in fields}


def _slice(found: list[SliceRecord], base: RunRecord | None, key: str) -> SliceRecord | None:
    start = base.slice if base is not None else permalink.get("slice")
    found = [one for one in found if one.name == start or not is_automatic(one.name)]
    if not found:
        return None
    names: list[str | None] = [None, *(one.name for one in found)]
    chosen = st.selectbox(
        "Rows",
        names,
        index=names.index(start) if start in names else 0,
        format_func=lambda one: text.one_line(one or "all"),
        key=f"{key}.slice",
        help="A slice is a saved selection of rows, or of draws from a prior.",
    )
    picked = next((one for one in found if one.name == chosen), None)
    if picked is not None:
        st.caption(f"{picked.length:,} {text.plain(in_words(picked.data))}")
    return picked


def _submit(
    analysis: type[Analysis], model: str | None, data: str | None, chosen: str | None, values: dict[str, Any], seed: int
) -> None:
    from workbench.runs import RunSpec, submit

    try:
        record = submit(engine.store(), RunSpec(analysis.name, model, data, slice=chosen, params=values, seed=seed))
    except WorkbenchError as error:
        errors.show(str(error))
        return
    keep = {"run": record.id, "colour": st.query_params.get("colour"), "analysis": st.query_params.get("analysis")}
    st.query_params.from_dict({name: one for name, one in keep.items() if one})
    st.rerun()
