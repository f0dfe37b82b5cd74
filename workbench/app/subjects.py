# SPDX-License-Identifier: Apache-2.0
"""Subjects: what a model and data offer to an analysis, known without loading the model in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from registry.parameters import Subject
from workbench.app import engine

if TYPE_CHECKING:
    from workbench.points import Description
    from workbench.runs.datasets import Opened


def stamp(model: str) -> str:
    """Changes whenever a model's code or weights have changed."""
    from workbench.runs.stamps import stamp_of

    return stamp_of(engine.catalogue(), model)


def describe(model: str) -> Description:
    """The model's description, made in a process of its own when it is not stored; takes seconds the first time."""
    from workbench.runs import describe as made

    return made(engine.store(), model)


def of(description: Description | None, data: str | None) -> Subject:
    """A model and a data set, either of which may be missing, as analyses see them."""
    from workbench.runs.preparation import subject_of

    return subject_of(engine.store(), description, None if data is None else opened(data))


def opened(data: str) -> Opened:
    """A data set as the engine finds it; kept open."""
    return _opened(engine.store().location, data)


@st.cache_resource(show_spinner=False, max_entries=16)
def _opened(location: str, data: str) -> Opened:
    from workbench.runs.datasets import open_data

    return open_data(engine.store(), engine.catalogue(), data)


def forget() -> None:
    """Open data sets afresh when they are next asked for."""
    _opened.clear()


def own_data(model: str) -> str | None:
    """The data set that a model is at home with, when it is all there."""
    catalogue = engine.catalogue()
    name = catalogue.models[model].data
    card = catalogue.datasets.get(name) if name is not None else None
    return None if card is None or card.missing() is not None else name


def slices_of(data: str | None) -> list[str]:
    """Names of the saved slices of a data set."""
    return [] if data is None else [one.name for one in engine.store().slices(data)]
