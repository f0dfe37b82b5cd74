# SPDX-License-Identifier: Apache-2.0
"""What the comparison says in words. Each threshold has its reason beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import workbench as wb
from plugins.contrast.proportions import wilson
from plugins.contrast.strongest import label

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05  # share of false ones among those that are called different, by convention
NEARLY_ALL = 0.9  # a level that nine in ten points of the selection share leaves little else to explain
SMALL = 0.06  # from one half: a small effect (0.56) of Vargha and Delaney, J. Educ. Behav. Stat. 25, 2000


def findings_of(
    features: pd.DataFrame, counts: dict[str, pd.DataFrame], selection: str, level: float
) -> list[wb.Finding]:
    """Findings of one comparison; ``counts`` has for each category the levels inside and outside."""
    if len(features) == 0:
        return []
    found = [*_explained(features, counts, selection, level)]
    different = features[features["q"] < ALPHA]
    strongest = (different if len(different) else features).iloc[0]
    n = int(strongest["n_inside"] + strongest["n_outside"])
    common: dict[str, Any] = {
        "value": float(strongest["effect"]),
        "low": float(strongest["low"]),
        "high": float(strongest["high"]),
        "n": n,
        "severity": "info",
        "figure": "effects",
    }
    if len(different) == 0:
        found.append(
            wb.Finding(
                "contrast.nothing-distinguishes",
                f"None of {len(features):,} features tells the points of '{selection}' from the others: no q value is "
                f"below {ALPHA}.",
                threshold=0.5,
                wrong_if="the selection is too small to tell, or what they share is no single feature but a "
                "combination, a narrower spread, or something that was not measured",
                **common,
            )
        )
    elif abs(strongest["effect"] - 0.5) < SMALL:
        found.append(
            wb.Finding(
                "contrast.only-weak",
                f"{len(different):,} of {len(features):,} features differ beyond chance, but all of them little: the "
                f"strongest is {label(strongest)}, and a point inside is above one outside in "
                f"{100 * strongest['effect']:.0f} of 100 pairs (50: no difference).",
                threshold=0.5 + SMALL if strongest["effect"] > 0.5 else 0.5 - SMALL,
                wrong_if="they differ in spread or in combinations of features rather than in level",
                **common,
            )
        )
    return found


def _explained(
    features: pd.DataFrame, counts: dict[str, pd.DataFrame], selection: str, level: float
) -> list[wb.Finding]:
    """Categories of which one level holds nearly the whole selection, and not as much of the others."""
    found = []
    for name, one in counts.items():
        m, n = int(one["inside"].sum()), int(one["outside"].sum())
        most = int(one["inside"].to_numpy().argmax())
        value, inside, outside = str(one.index[most]), int(one["inside"].iloc[most]), int(one["outside"].iloc[most])
        tests = features[(features["kind"] == "column") & (features["name"] == name)]
        tests = tests[(tests["level"] == value) | (len(one) == 2)]
        if inside < NEARLY_ALL * m or len(tests) == 0 or outside / n >= inside / m or tests["q"].iloc[0] >= ALPHA:
            continue
        low, high = wilson(inside, m, level)
        found.append(
            wb.Finding(
                "contrast.one-label",
                f"{inside / m:.0%} of '{selection}' have {name} = {value}, and {outside / n:.0%} of the others: this "
                "label says nearly all that sets the selection apart.",
                value=inside / m,
                threshold=NEARLY_ALL,
                low=low,
                high=high,
                n=m,
                severity="info",
                wrong_if="the label was itself made from what the map shows, or most points have it anyway",
                figure="effects",
            )
        )
    return found
