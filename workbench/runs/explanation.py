# SPDX-License-Identifier: Apache-2.0
"""Why a run is not in the store: what differs from the nearest one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.runs.key import differences
from workbench.runs.preparation import complete

if TYPE_CHECKING:
    from workbench.runs.spec import RunSpec
    from workbench.store import Store

LOOKED_AT = 500  # of the newest runs of the same analysis


def why(store: Store, spec: RunSpec) -> list[str]:
    """What differs from the nearest finished run of the same analysis, one sentence each.

    Empty when a finished run has this very key; one sentence that says so when there is nothing to compare with.
    """
    prepared = complete(store, spec)
    best: list[str] | None = None
    nearest = ""
    for record in store.runs(analysis=spec.analysis, status="done", limit=LOOKED_AT):
        found = differences(store.preimage(record.id), prepared.preimage)
        if best is None or len(found) < len(best):
            best, nearest = found, record.id
        if not best:
            return []
    if best is None:
        return [f"no run of '{spec.analysis}' is stored yet"]
    return [f"compared with run {nearest}: {one}" for one in best]
