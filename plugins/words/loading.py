# SPDX-License-Identifier: Apache-2.0
"""Vocabularies for pages: of a model, through its warm process, or of a stored run; read once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

import workbench as wb
from plugins.words.vocabulary import Vocabulary
from workbench.app import engine

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.points import Description

ROWS: Final = 50_000  # names embedded at a time
PAIRS: Final = 5000


def maps_of(description: Description) -> list[str]:
    """Names of the maps from a finite space to vectors."""
    spaces = description.spaces
    return [
        name
        for name, one in description.maps.items()
        if isinstance(spaces.get(one.source), wb.Items) and isinstance(spaces.get(one.target), wb.Vectors)
    ]


def models() -> list[str]:
    """Models that can be asked: those tagged 'words', then those known to have a map from names to vectors."""
    from workbench.points import Description

    cards = {name: one for name, one in engine.catalogue().models.items() if one.missing() is None}
    found = [name for name, one in cards.items() if "words" in one.tags]
    for name in cards:
        held = engine.store().description(name) if name not in found else None
        if held is not None and held.status == "ready" and held.json:
            try:
                known = Description.from_json(held.json)
            except wb.WorkbenchError:  # of an earlier version: it is described anew where it is opened
                continue
            found += [name] if maps_of(known) else []
    return found


def of_model(model: str, stamp: str, description: Description, embed: str, most: int | None = None) -> Vocabulary:
    """The names of a model and their vectors; a second for 20,000 the first time."""
    return _of_model(engine.store().location, model, stamp, description, embed, most)


@st.cache_resource(show_spinner=False, max_entries=4)
def _of_model(
    location: str, model: str, stamp: str, _description: Description, embed: str, most: int | None
) -> Vocabulary:
    named = _description.spaces[_description.maps[embed].source]
    assert isinstance(named, wb.Items)
    names = named.names[:most]
    live = engine.live(model)
    parts = [
        np.asarray(live.apply(embed, np.arange(start, min(start + ROWS, len(names)))), dtype=np.float32)
        for start in range(0, len(names), ROWS)
    ]
    return _ready(Vocabulary(names, np.concatenate(parts).reshape(len(names), -1)))


def of_run(view: ViewContext) -> Vocabulary:
    """The vocabulary that a run kept: its vectors stay a memory map."""
    return view.kept(
        "vocabulary",
        lambda: _ready(
            Vocabulary(view.result.table("vocabulary")["word"].astype(str).tolist(), view.result.array("vectors"))
        ),
    )


def _ready(vocabulary: Vocabulary) -> Vocabulary:
    """What is made at the first question, made now."""
    _ = vocabulary.positions, vocabulary.units
    return vocabulary


def random_cosines(vocabulary: Vocabulary) -> tuple[float, float]:
    """Cosines between which 95 % of 5,000 random pairs of words lie (seed 0)."""
    rng = np.random.default_rng(0)
    usable = np.flatnonzero(vocabulary.table.answers)
    first = rng.integers(len(usable), size=PAIRS)
    second = (first + rng.integers(1, max(2, len(usable)), size=PAIRS)) % len(usable)
    cosines: Any = (vocabulary.rows(usable[first]) * vocabulary.rows(usable[second])).sum(axis=1)
    return float(np.quantile(cosines, 0.025)), float(np.quantile(cosines, 0.975))
