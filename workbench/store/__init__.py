# SPDX-License-Identifier: Apache-2.0
"""The store: runs and their results, slices, directions, data sets and descriptions of models."""

from __future__ import annotations

from workbench.store.records import (
    Artifact,
    DatasetRecord,
    DescriptionRecord,
    DirectionRecord,
    FindingRecord,
    GarbageReport,
    RunRecord,
    SliceRecord,
)
from workbench.store.store import Store
from workbench.store.stored import StoredResult

__all__ = [
    "Artifact",
    "DatasetRecord",
    "DescriptionRecord",
    "DirectionRecord",
    "FindingRecord",
    "GarbageReport",
    "RunRecord",
    "SliceRecord",
    "Store",
    "StoredResult",
]
