# SPDX-License-Identifier: Apache-2.0
"""Names that people give to what is in the store."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from registry.errors import StoreError
from registry.result import ITEM


def check_name(name: Any, what: str) -> None:
    """Raise :class:`StoreError` when ``name`` cannot name a ``what``."""
    if not isinstance(name, str) or not ITEM.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a {what}: use up to 80 lower-case letters, digits, '.', '-' and '_'")


def near(name: str, known: Iterable[str]) -> str:
    """What may be meant by a name that is not there, as the end of a sentence.

    >>> near("fvies", ["fives", "ones"])
    'did you mean fives?'
    """
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are {', '.join(names[:12])}" if names else "none has been saved yet"
