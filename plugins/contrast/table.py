# SPDX-License-Identifier: Apache-2.0
"""The table of features: one row for each test, with q values over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from plugins.contrast.effects import Compared
    from plugins.contrast.proportions import Shares

Correction = Literal["benjamini-hochberg", "benjamini-yekutieli"]
METHODS = {"benjamini-hochberg": "bh", "benjamini-yekutieli": "by"}
COLUMNS = (
    "kind",
    "space",
    "name",
    "level",
    "effect",
    "low",
    "high",
    "g",
    "g_low",
    "g_high",
    "p",
    "inside",
    "outside",
    "difference",
    "difference_low",
    "difference_high",
    "spread_ratio",
    "n_inside",
    "n_outside",
    "test",
)
NUMBERS = tuple(one for one in COLUMNS if one not in ("kind", "space", "name", "level", "test"))


@dataclass
class Rows:
    """Features compared so far, column by column, and those left out: (kind, space, name, how many, why)."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[tuple[str, str, str, int, str]] = field(default_factory=list)

    def add_compared(
        self, kind: str, space: str, names: Sequence[str], compared: Compared, n_inside: int, n_outside: int
    ) -> None:
        """Numeric features of one space."""
        self.parts.append(
            {
                "kind": kind,
                "space": space,
                "name": list(names),
                "level": "",
                "effect": compared.auc,
                "low": compared.low,
                "high": compared.high,
                "g": compared.g,
                "g_low": compared.g_low,
                "g_high": compared.g_high,
                "p": compared.p,
                "inside": compared.inside,
                "outside": compared.outside,
                "spread_ratio": compared.spread_ratio,
                "n_inside": n_inside,
                "n_outside": n_outside,
                "test": "Mann-Whitney",
            }
        )

    def add_share(self, kind: str, column: str, level: str, shares: Shares, n_inside: int, n_outside: int) -> None:
        """One level of a category; the effect is that of its indicator, (1 + difference of shares) / 2."""
        self.parts.append(
            {
                "kind": kind,
                "space": "",
                "name": [column],
                "level": level,
                "effect": (1 + shares.difference) / 2,
                "low": (1 + shares.low) / 2,
                "high": (1 + shares.high) / 2,
                "p": shares.p,
                "inside": shares.inside,
                "outside": shares.outside,
                "difference": shares.difference,
                "difference_low": shares.low,
                "difference_high": shares.high,
                "n_inside": n_inside,
                "n_outside": n_outside,
                "test": shares.test,
            }
        )

    def leave_out(self, kind: str, space: str, name: str, count: int, why: str) -> None:
        """Features that are not tested, and why."""
        if count:
            self.left_out.append((kind, space, name, int(count), why))

    def extend(self, other: Rows) -> None:
        """Add all of another part."""
        self.parts += other.parts
        self.left_out += other.left_out

    def features(self, correction: Correction) -> pd.DataFrame:
        """All features with their q values, the strongest first; equally strong ones as they came."""
        import pandas as pd

        frames = [pd.DataFrame(one) for one in self.parts]
        whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        whole = whole.reindex(columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, "float64"))
        whole = whole.astype({"n_inside": "int64", "n_outside": "int64"})
        whole.insert(COLUMNS.index("p") + 1, "q", q_values(whole["p"], whole["kind"], correction))
        strength = -(whole["effect"] - 0.5).abs()
        return whole.iloc[np.argsort(strength, kind="stable")].reset_index(drop=True)

    def untested(self) -> pd.DataFrame:
        """What was left out: kind, space, name, how many features, and why."""
        import pandas as pd

        return pd.DataFrame(self.left_out, columns=["kind", "space", "name", "features", "why"])


def q_values(p: Any, kind: Any, correction: Correction = "benjamini-hochberg") -> Any:
    """Adjusted p values, ``[k]``: the larger of those over all tests, and over the columns or the spaces alone.

    Benjamini and Hochberg, *Journal of the Royal Statistical Society* B 57 (1995): the expected share of false ones
    among the features with q below a limit is at most that limit, for independent tests and for positively dependent
    ones; that of Benjamini and Yekutieli, *Annals of Statistics* 29 (2001), for any dependence. The larger of two,
    since thousands of units that differ would loosen the limit for a column, and few that do would tighten none.
    """
    from scipy.stats import false_discovery_control

    p, of_column = np.asarray(p, dtype=np.float64), np.asarray(kind) == "column"
    found = np.zeros(len(p))
    for family in (np.ones(len(p), dtype=bool), of_column, ~of_column):
        if family.any():
            found[family] = np.maximum(found[family], false_discovery_control(p[family], method=METHODS[correction]))
    return found
