# SPDX-License-Identifier: Apache-2.0
"""Export of a run: parquet, npy, png and json files, and one self-contained HTML page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import ResultError
from workbench.store.files import told

if TYPE_CHECKING:
    from workbench.store import Artifact, Store

OWN = ("manifest.json", "result.json")  # files that every run has


def export(store: Store, run_id: str, folder: str | Path, *, html: bool = False) -> list[Path]:
    """Write every part of a finished run into ``folder``, which is made if need be.

    Parameters
    ----------
    store
        The store that holds the run.
    run_id
        Id of a run with status ``done``, or its first characters.
    folder
        Target folder; files that are there already under the same names are replaced.
    html
        Also write ``report.html``, one page with the pictures inside and without any script.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ResultError
        When the run is not done.
    StoreError
        When the folder cannot be written, or a file of the run is missing.
    """
    record = store.run(run_id)
    if record.status != "done":
        raise ResultError(f"run {record.id} is {record.status}: only a finished run can be exported")
    target = Path(folder)
    with told(f"run {record.id} could not be exported to '{target}'"):
        target.mkdir(parents=True, exist_ok=True)
        written = []
        for artifact in store.artifacts(record.id):
            copy = target / file_name(artifact)
            shutil.copyfile(artifact.path, copy)
            written.append(copy)
        if html:
            from workbench.report.page import page

            report = target / "report.html"
            report.write_text(page(store, record), encoding="utf-8")
            written.append(report)
    return written


def file_name(artifact: Artifact) -> str:
    """What a part is called in the folder: its name, with its kind before it where a chart has the run's own names."""
    name = Path(artifact.path).name
    return f"chart-{name}" if artifact.kind == "chart" and name in OWN else name
