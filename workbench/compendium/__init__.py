# SPDX-License-Identifier: Apache-2.0
"""The compendium: issues met when interpreting neural networks, and what to do about them, with evidence that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

_HOME = {
    "ask": "workbench.compendium.asking",
    "from_log": "workbench.compendium.asking",
    "Compendium": "workbench.compendium.collection",
    "Entry": "workbench.compendium.entry",
    "Answer": "workbench.compendium.search.answers",
    "SearchBackend": "workbench.compendium.search.answers",
}

__all__ = [*_HOME]  # noqa: PLE0604

if TYPE_CHECKING:
    from workbench.compendium.asking import ask as ask
    from workbench.compendium.asking import from_log as from_log
    from workbench.compendium.collection import Compendium as Compendium
    from workbench.compendium.entry import Entry as Entry
    from workbench.compendium.search.answers import Answer as Answer
    from workbench.compendium.search.answers import SearchBackend as SearchBackend

__getattr__ = imported_when_used(__name__, _HOME)
