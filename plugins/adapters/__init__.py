# SPDX-License-Identifier: Apache-2.0
"""Adapters: models of one's own that need no class, from a file of word vectors or from two encoders."""

from __future__ import annotations

import os
from pathlib import Path

import workbench as wb
from plugins.adapters.cards import cards_of, word_vectors

__all__ = ["word_vectors"]
LISTED = "word-vectors.toml"
"""A file of the plugins folder: each entry names a file of word vectors, no Python is needed."""


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """Models of the files that ``word-vectors.toml`` in the plugins folder names; nothing is read of them."""
    folder = os.environ.get("WORKBENCH_PLUGINS_DIR", "").strip()
    listed = Path(folder).expanduser() / LISTED
    return cards_of(listed) if folder and listed.is_file() else []
