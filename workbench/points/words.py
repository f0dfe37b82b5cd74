# SPDX-License-Identifier: Apache-2.0
"""Sentences that several parts of this folder say."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from registry.errors import SpaceError


def near(name: str, known: Sequence[str], most: int = 5) -> str:
    """The names among ``known`` that are most like ``name``, else the first few.

    >>> near("encoder.o", ["encoder.0", "decoder", "z"], most=1)
    'encoder.0 ...'
    """
    close = difflib.get_close_matches(name, known, n=most, cutoff=0.5) or list(known[:most])
    return ", ".join(close) + (" ..." if len(known) > len(close) == most else "")


def no_such_space(name: str, known: Sequence[str], owner: str) -> SpaceError:
    """The error for a space or layer that ``owner`` does not have."""
    there = f"did you mean {near(name, known)}?" if known else "it has none"
    return SpaceError(f"{owner} has no space or layer '{name}': {there}")
