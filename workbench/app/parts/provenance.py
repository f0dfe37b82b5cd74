# SPDX-License-Identifier: Apache-2.0
"""Whether the data of a run is still what the run looked at: row 7 of changed files is another point.

A run knows the fingerprint of its data. Where the files have changed since, no label, picture or slice of their rows
may be put beside the run's results.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.errors import DataError, WorkbenchError
from workbench.app import engine, subjects

if TYPE_CHECKING:
    from registry.data import Dataset
    from workbench.store import RunRecord, StoredResult

#: Files that are read again for it; of more, and of data that a plugin makes, only the number of rows is looked at.
MOST_FILES, MOST_BYTES = 2_000, 2**30


def data_of(run: RunRecord, result: StoredResult) -> str | None:
    """The data set whose rows the run looked at, as it was then; ``None`` for draws from a prior and bare points."""
    if run.data is None:
        return None
    from workbench.runs import read_draws, slice_source

    return run.data if read_draws(slice_source(run, result) or "") is None else None


def changed(run: RunRecord, result: StoredResult) -> str:
    """Why the rows of the data are not those of the run, in a sentence; empty where they are, or it cannot be told."""
    name = data_of(run, result)
    if name is None:
        return ""
    try:
        opened = subjects.opened(name)
    except DataError:
        return ""  # whoever asks for the rows is told so
    state = subjects.stamps(opened.dataset)
    told: str = engine.kept(
        engine.store().location, run.id, f"changed {len(opened.dataset)} {state}", lambda: _changed(run, result, opened)
    )
    return told


def _changed(run: RunRecord, result: StoredResult, opened: Any) -> str:
    told = (
        f"the data '{opened.label}' has changed since this run: its labels, pictures and slices belong to other points "
        "now and are not shown here; run the analysis again, or bring the old files back"
    )
    if "rows" in result.arrays:
        try:
            rows = np.asarray(result.array("rows"))
        except WorkbenchError:
            return ""  # the file is gone: whoever asks for it is told so
        if len(rows) and int(rows.max()) >= len(opened.dataset):
            return told
    before = ((result.manifest.get("preimage") or {}).get("data") or {}).get("fingerprint")
    if not before or not _readable(opened.dataset):
        return ""
    try:
        return "" if opened.dataset.fingerprint() == before else told
    except OSError:
        return ""  # gone meanwhile: whoever asks for the rows is told so


def _readable(dataset: Dataset) -> bool:
    """Whether its fingerprint is that of few enough files."""
    files = subjects.files_of(dataset)
    if not files or len(files) > MOST_FILES:
        return False
    try:
        return sum(Path(one).stat().st_size for one in files) <= MOST_BYTES
    except OSError:
        return False
