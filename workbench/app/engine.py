# SPDX-License-Identifier: Apache-2.0
"""What the pages ask the engine for, opened once for the process; everything that is kept here never changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from registry.analysis import Analysis
    from registry.data import Dataset
    from registry.discovery import Catalogue
    from workbench.store import RunRecord, Store, StoredResult


def store() -> Store:
    """The store of ``$WORKBENCH_STORE``, or the one in the home folder."""
    return _store(os.environ.get("WORKBENCH_STORE", ""))


@st.cache_resource(show_spinner=False)
def _store(location: str) -> Store:
    from workbench.store import Store

    return Store.open(location or None)


def catalogue() -> Catalogue:
    """What the plugins offer; looked for again by :func:`reload`."""
    from workbench.discovered import CHOICES, FOLDER

    return _catalogue(*(os.environ.get(one, "") for one in (FOLDER, *CHOICES)))


@st.cache_resource(show_spinner="Looking for plugins")
def _catalogue(*settings: str) -> Catalogue:
    from workbench.discovered import catalogue as found

    return found()


def reload() -> None:
    """Look for plugins again, and open data sets afresh."""
    from workbench.app import subjects

    _catalogue.clear()
    subjects.forget()


def analysis_of(name: str) -> type[Analysis] | None:
    """The analysis, or nothing when no plugin offers it any more."""
    return catalogue().analyses.get(name)


def title_of(name: str) -> str:
    """What the pages call an analysis."""
    from workbench.app.parts import words

    found = analysis_of(name)
    return (found.title if found is not None else "") or words.label(name)


def result_of(record: RunRecord) -> StoredResult:
    """The stored result of a finished run; its parts are read when they are asked for."""
    return _result(store().location, record.id)


@st.cache_resource(show_spinner=False, max_entries=128)
def _result(location: str, run_id: str) -> StoredResult:
    return store().result(run_id)


@st.cache_resource(show_spinner=False, max_entries=96)
def kept(location: str, run_id: str, name: str, _make: Callable[[], Any]) -> Any:
    """What ``_make`` gives for a finished run, made once: columns for the browser, colours, searches."""
    return _make()


def dataset(name: str) -> Dataset:
    """A data set of a plugin or of the store, or a file, opened; kept open."""
    from workbench.app import subjects

    return subjects.opened(name).dataset


def dataset_names() -> list[str]:
    """Every data set that can be chosen: those of plugins that are all there, then those of the store."""
    cards = [name for name, card in catalogue().datasets.items() if card.missing() is None]
    return [*cards, *(one.name for one in store().datasets() if one.name not in cards)]


def columns_of(name: str | None) -> pd.DataFrame | None:
    """Labels and attributes of a data set; nothing when there is none or it cannot be opened."""
    if name is None:
        return None
    try:
        return dataset(name).columns
    except DataError:
        return None


def live(model: str, device: str = "cpu") -> Any:
    """The warm process of a model."""
    from workbench.live import LiveModel

    return LiveModel.get(store(), model, device)
