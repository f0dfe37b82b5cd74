# SPDX-License-Identifier: Apache-2.0
"""How notes say which points were looked at."""

from __future__ import annotations


def of_source(space: str, source: str) -> str:
    """Where points are from, to stand behind their number.

    >>> of_source("z", "mnist"), of_source("points", "points"), of_source("z", "points")
    ('points of z from mnist', 'points as given', 'points of z as given')
    """
    of = "points" if space == "points" else f"points of {space}"
    return f"{of} as given" if source == "points" else f"{of} from {source}"
