# SPDX-License-Identifier: Apache-2.0
"""The picture that stands for a run: its points on a map, else its first image; made once, as runs never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import contact_sheet
from workbench.app.parts import thumbnail as draw

if TYPE_CHECKING:
    import pandas as pd

    from registry.arrays import Array
    from workbench.store import RunRecord, StoredResult

_WIDTH, _HEIGHT = 480, 300


def thumbnail(record: RunRecord) -> bytes | None:
    """A PNG file for a finished run; nothing for a run that has no picture or whose files are gone."""
    if record.status != "done":
        return None
    return _thumbnail(engine.store().location, record.id)


@st.cache_data(show_spinner=False, max_entries=256)
def _thumbnail(location: str, run_id: str) -> bytes | None:
    try:
        record = engine.store().run(run_id)
        stored = engine.result_of(record)
        if "coordinates" in stored.arrays:  # first: the words of a picture of a map are too small to read on a card
            return contact_sheet.png(_map(record, stored))
        if stored.images:
            return contact_sheet.png(_fitted(stored.image(stored.images[0])))
    except (WorkbenchError, OSError, ValueError):
        return None
    return None


def _fitted(pixels: contact_sheet.Pixels) -> contact_sheet.Pixels:
    """The top of a picture at the proportions of a card, so that the cards of a row have one height."""
    from PIL import Image

    large = contact_sheet.enlarge(pixels, _WIDTH)
    height = max(1, round(large.shape[0] * _WIDTH / large.shape[1]))
    small = Image.fromarray(large).resize((_WIDTH, height), Image.Resampling.LANCZOS)
    return np.asarray(small)[:_HEIGHT]


def _map(record: RunRecord, stored: StoredResult) -> contact_sheet.Pixels:
    from workbench.app.parts import pictures

    points = stored.array("coordinates")
    codes = None
    columns = engine.columns_of(pictures.source_of(record, stored))
    if columns is not None and len(columns.columns) and "rows" in stored.arrays:
        rows = np.asarray(stored.array("rows"))
        # a map may hold more than the rows, as draws from a prior beside the data: then it has no classes
        codes = _codes(columns.iloc[rows]) if len(rows) == len(points) else None
    return draw.of_points(np.asarray(points), codes, width=_WIDTH, height=_HEIGHT)


def _codes(columns: pd.DataFrame) -> Array | None:
    """Codes of the first column with 2 to 40 categories."""
    for name in columns.columns:
        if 2 <= columns[name].nunique() <= 40:
            found = columns[name].astype("category").cat.codes.to_numpy()
            return np.asarray(found, dtype=np.int64)
    return None
