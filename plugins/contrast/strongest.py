# SPDX-License-Identifier: Apache-2.0
"""Which features are drawn: the strongest, with room for every kind, and one of each group that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

GUARANTEED = 3  # places of each kind: thousands of units must not push the columns out


def strongest(features: pd.DataFrame, top: int) -> pd.DataFrame:
    """At most ``top`` rows of a table that is sorted by strength: of each kind up to 3, then the strongest others."""
    place = features.groupby("kind", sort=False).cumcount()
    kinds = max(1, features["kind"].nunique())
    room = min(GUARANTEED, max(1, top // kinds))
    first = features.index[place < room][:top]
    others = features.index.difference(first, sort=False)[: top - len(first)]
    return features.loc[sorted([*first, *others])]


def label(row: pd.Series[Any]) -> str:
    """A feature as people read it: ``digit = 3``, ``z: dimension 4``.

    >>> import pandas as pd
    >>> label(pd.Series({"space": "", "name": "digit", "level": "3"}))
    'digit = 3'
    """
    if row["space"]:
        return f"{row['space']}: {row['name']}"
    return f"{row['name']} = {row['level']}" if row["level"] else str(row["name"])
