# SPDX-License-Identifier: Apache-2.0
"""Slices that nobody named: kept for an analysis of a selection, under what they are for and a hash of their rows."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from registry.arrays import Array

#: What such slices are kept for, and what people read for it.
STEMS: Final = {"selection": "the selection", "rest": "the rest", "group-a": "group A", "group-b": "group B"}
_NAME: Final = re.compile(f"({'|'.join(STEMS)})-[0-9a-f]{{10}}")


def name_of(source: str, rows: Array, stem: str) -> str:
    """The name of a slice with these rows of a source: the same rows have the same name.

    >>> import numpy as np
    >>> name_of("mnist", np.array([3, 1]), "rest") == name_of("mnist", np.array([1, 3, 3]), "rest")
    True
    """
    import numpy as np

    chosen = np.unique(np.asarray(rows, dtype=np.int64))
    digest = hashlib.sha256(source.encode() + b"\n" + chosen.astype("<i8").tobytes()).hexdigest()
    return f"{stem}-{digest[:10]}"


def is_automatic(name: str) -> bool:
    """Whether nobody named a slice.

    >>> is_automatic("group-a-fc5233111a"), is_automatic("mixed-up-fours")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def called(name: str) -> str:
    """What people read for a slice that nobody named; a name that somebody gave as it is.

    >>> called("group-a-fc5233111a"), called("rest-77fc0182a2"), called("mixed-up-fours")
    ('group A', 'the rest', 'mixed-up-fours')
    """
    found = _NAME.fullmatch(name)
    return name if found is None else STEMS[found[1]]
