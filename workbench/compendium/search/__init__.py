# SPDX-License-Identifier: Apache-2.0
"""Search over the compendium: ``SearchBackend`` is the one door, ``EntrySearch`` the engine behind it here."""

from __future__ import annotations

from workbench.compendium.search.answers import Answer, Facets, Highlight, Hit, SearchBackend
from workbench.compendium.search.engine import EntrySearch

__all__ = ["Answer", "EntrySearch", "Facets", "Highlight", "Hit", "SearchBackend"]
