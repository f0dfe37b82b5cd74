# SPDX-License-Identifier: Apache-2.0
"""The store: runs and their results, slices, directions, data sets and descriptions of models."""

from __future__ import annotations

from workbench.store.ledger import TrialRecord
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
from workbench.store.searches import MissedSearch
from workbench.store.store import Store
from workbench.store.stored import StoredResult
from workbench.store.triage import FindingEvent, TrackedFinding

__all__ = [
    "Artifact",
    "DatasetRecord",
    "DescriptionRecord",
    "DirectionRecord",
    "FindingEvent",
    "FindingRecord",
    "GarbageReport",
    "MissedSearch",
    "RunRecord",
    "SliceRecord",
    "Store",
    "StoredResult",
    "TrackedFinding",
    "TrialRecord",
]
