# SPDX-License-Identifier: Apache-2.0
"""Which features are drawn: the strongest, with room for every kind, and few of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

GUARANTEED = 3  # places of each kind: thousands of units must not push the columns out
OF_ONE = 3  # of one layer, space or column, as long as there are others: they mostly say the same


def strongest(features: pd.DataFrame, top: int) -> pd.DataFrame:
    """At most ``top`` rows of a table that is sorted by strength.

    Of each kind up to 3, then the strongest others; of one layer, space or column more than 3 only to fill up.
    """
    groups = features["space"].where(features["space"] != "", features["name"])
    in_group = features.groupby([features["kind"], groups], sort=False).cumcount()
    spread = features.index[in_group < OF_ONE]
    in_kind = features.loc[spread].groupby("kind", sort=False).cumcount()
    room = min(GUARANTEED, max(1, top // max(1, features["kind"].nunique())))
    chosen = list(spread[in_kind < room][:top])
    for candidates in (spread, features.index):
        chosen += list(candidates.difference(chosen, sort=False)[: top - len(chosen)])
    return features.loc[sorted(chosen)]


def label(row: pd.Series[Any]) -> str:
    """A feature as people read it: ``digit = 3``, ``z: dimension 4``.

    >>> import pandas as pd
    >>> label(pd.Series({"space": "", "name": "digit", "level": "3"}))
    'digit = 3'
    """
    if row["space"]:
        return f"{row['space']}: {row['name']}"
    return f"{row['name']} = {row['level']}" if row["level"] else str(row["name"])
