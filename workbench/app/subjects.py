# SPDX-License-Identifier: Apache-2.0
"""Subjects: what a model and data offer to an analysis, known without loading the model in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import streamlit as st

from registry.parameters import Subject
from workbench.app import engine

if TYPE_CHECKING:
    from registry.data import Dataset
    from workbench.points import Description
    from workbench.runs.datasets import Opened
    from workbench.store import SliceRecord

Stamps: TypeAlias = "tuple[tuple[int, int] | None, ...]"
_FEW: Final = 8


def stamp(model: str) -> str:
    """Changes whenever a model's code or weights have changed."""
    from workbench.runs.stamps import stamp_of

    return stamp_of(engine.catalogue(), model)


def describe(model: str) -> Description:
    """The model's description, made in a process of its own when it is not stored; takes seconds the first time."""
    from workbench.runs import describe as made

    return made(engine.store(), model)


def of(description: Description | None, data: str | None, model: str | None = None) -> Subject:
    """A model and a data set, either of which may be missing, as analyses see them.

    ``model`` is given where nobody asked for the data: slices of draws from its priors are then offered as well.
    """
    from workbench.runs.preparation import subject_of

    found = None if data is None else opened(data)
    if found is not None and model is not None:
        found = replace(found, is_default=True)
    return subject_of(engine.store(), description, found, model)


def opened(data: str) -> Opened:
    """A data set as the engine finds it; kept open until its files change."""
    location = engine.store().location
    found, state = _opened(location, data)
    if state != stamps(found.dataset):
        _opened.clear(location, data)
        found, _ = _opened(location, data)
    return found


@st.cache_resource(show_spinner=False, max_entries=16)
def _opened(location: str, data: str) -> tuple[Opened, Stamps]:
    from workbench.runs.datasets import open_data

    found = open_data(engine.store(), engine.catalogue(), data)
    return found, stamps(found.dataset)


def files_of(dataset: Dataset) -> tuple[Path, ...]:
    """The files that a data set is read from; none where a plugin makes it."""
    folder = getattr(dataset, "path", None)  # of images, whose files are named within it
    named = getattr(dataset, "files", ())
    return tuple(Path(folder) / one if folder is not None else Path(one) for one in named)


def stamps(dataset: Dataset) -> Stamps:
    """Size and time of change of its files, of the first few: nothing where they are gone."""
    found: list[tuple[int, int] | None] = []
    for one in files_of(dataset)[:_FEW]:
        try:
            state = one.stat()
        except OSError:
            found.append(None)
        else:
            found.append((state.st_size, state.st_mtime_ns))
    return tuple(found)


def forget() -> None:
    """Open data sets afresh when they are next asked for."""
    _opened.clear()


def own_data(model: str) -> str | None:
    """The data set that a model is at home with, when it is all there."""
    catalogue = engine.catalogue()
    name = catalogue.models[model].data
    card = catalogue.datasets.get(name) if name is not None else None
    return None if card is None or card.missing() is not None else name


def slices_of(data: str | None, model: str | None = None) -> list[SliceRecord]:
    """The saved slices of a data set, and of draws from the priors of a model (give it where no data is asked for)."""
    from workbench.runs import read_draws

    found = [(one, read_draws(one.data)) for one in engine.store().slices()]
    return [
        one
        for one, draws in found
        if (one.data == data if draws is None else model is not None and draws.model == model)
    ]
