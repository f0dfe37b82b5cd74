# SPDX-License-Identifier: Apache-2.0
"""What the run states: directions that are worth something, and what keeps them from being used blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.directions.measuring.contract import FAR, LEVEL, Measured

if TYPE_CHECKING:
    import pandas as pd

    from plugins.directions.search import Searched

HALF: Final = 0.5  # of its own effect: a direction that changes another attribute by more is entangled
STABLE: Final = 0.9
UNUSUAL: Final = 0.05  # share of moved codes farther out than one in a hundred
GLOBAL: Final = 0.5  # agreement of local bases with the mean one


def findings_of(table: pd.DataFrame, measured: Measured, searched: Searched) -> list[wb.Finding]:
    """The best first; then, of those better than random, what keeps them from being used blindly."""
    above = table[table["beyond_random"]]
    if above.empty:
        return [_none(table, measured), *_local(searched)]
    return [
        _best(above, measured),
        *_entangled(above, measured),
        *_unstable(above, measured),
        *_leaves(above, measured),
        *_local(searched),
    ]


def _none(table: pd.DataFrame, measured: Measured) -> wb.Finding:
    best = table.iloc[int(table["p_adjusted"].fillna(1.0).argmin())]
    return wb.Finding(
        "directions.no-better-than-random",
        f"None of {len(table)} directions changes its attribute more than random directions do, corrected for their "
        f"number; the best is {best['direction']} on {best['attribute_title']}.",
        value=float(best["p_adjusted"]),
        threshold=LEVEL,
        n=measured.n,
        wrong_if="more codes would show an effect, or what these directions change is told by no scorer",
        figure="effects",
    )


def _best(above: pd.DataFrame, measured: Measured) -> wb.Finding:
    best = above.iloc[0]
    return wb.Finding(
        "directions.better-than-random",
        f"{len(above)} directions are better than random ones. Along {best['direction']}, {best['attribute_title']} "
        "rises "
        f"by {best['effect']:.2f} of its standard deviations each step, {_times(best)} a random direction's change.",
        value=float(best["effect"]),
        threshold=float(best["random_effect"]),
        low=float(best["effect_low"]),
        high=float(best["effect_high"]),
        n=measured.n,
        severity="info",
        wrong_if="the scorer measures something else than its name says: look at the pictures",
        figure="effects",
    )


def _times(row: pd.Series) -> str:
    return f"{row['effect'] / row['random_effect']:.1f} times" if row["random_effect"] > 0 else "more than"


def _entangled(above: pd.DataFrame, measured: Measured) -> list[wb.Finding]:
    """Told directions whose leakage is surely above half of their effect, by the intervals of both."""
    told = above[above["told"] & (above["leak_share"] > HALF)]
    worst = None
    titles = {one.name: one.title for one in measured.readers}
    names = [one.name for one in measured.readers]
    for row in told.to_dict("records"):
        effects = measured.effects[int(row["vector"])]
        at = names.index(row["leaks_into"])
        ends = np.sort(np.abs([effects.low[at], effects.high[at]]))
        low = 0.0 if effects.low[at] * effects.high[at] <= 0 else float(ends[0]) / row["effect_high"]
        high = float(ends[1]) / max(row["effect_low"], 1e-12)
        if low > HALF and (worst is None or row["leak_share"] > worst[0]["leak_share"]):
            worst = row, low, high
    if worst is None:
        return []
    row, low, high = worst
    others = len(told) - 1
    more = f" {others} more are like this, by their means." if others else ""
    return [
        wb.Finding(
            "directions.entangled",
            f"{row['direction']} changes {titles[row['leaks_into']]} as well, by {row['leak_share']:.0%} of what it "
            "does to "
            f"{row['attribute_title']}.{more}",
            value=float(row["leak_share"]),
            threshold=HALF,
            low=low,
            high=high,
            n=measured.n,
            wrong_if="both scorers measure one thing by definition (a thicker stroke is brighter), or the two go "
            "together in the data as well",
            figure="matrix",
        )
    ]


def _unstable(above: pd.DataFrame, measured: Measured) -> list[wb.Finding]:
    shaky = above[above["stability"] < STABLE]
    if shaky.empty:
        return []
    from plugins.directions.search import HALVES

    worst = shaky.iloc[int(shaky["stability"].argmin())]
    return [
        wb.Finding(
            "directions.unstable",
            f"{len(shaky)} of {len(above)} directions come out otherwise on other points; {worst['direction']} the "
            "most, "
            f"with a mean cosine of {worst['stability']:.2f}.",
            value=float(worst["stability"]),
            threshold=STABLE,
            n=HALVES,  # random halves of the points
            wrong_if="halves of the points are too few where all of them are enough",
            figure="effects",
        )
    ]


def _leaves(above: pd.DataFrame, measured: Measured) -> list[wb.Finding]:
    out = above[(above["unusual_low"] > UNUSUAL) & (above["unusual"] > 2 * above["unusual_unmoved"])]
    if out.empty:
        return []
    worst = out.iloc[int(out["unusual"].argmax())]
    return [
        wb.Finding(
            "directions.leaves-the-manifold",
            f"{FAR:g} steps along {worst['direction']}, {worst['unusual']:.0%} of the codes lie where at most one in "
            "a hundred "
            f"does ({worst['unusual_unmoved']:.0%} before they are moved); {len(out)} directions are like this.",
            value=float(worst["unusual"]),
            threshold=UNUSUAL,
            low=float(worst["unusual_low"]),
            high=float(worst["unusual_high"]),
            n=2 * measured.n,
            wrong_if="the model was trained on codes from elsewhere than its prior",
            figure="curves",
        )
    ]


def _local(searched: Searched) -> list[wb.Finding]:
    for found, _ in searched.found:
        agreement = found.extra.get("agreement")
        if agreement is None:
            continue
        n = len(agreement)
        mean, half = float(np.mean(agreement)), float(1.96 * np.std(agreement, ddof=1) / np.sqrt(n))
        if mean + half < GLOBAL:
            return [
                wb.Finding(
                    "directions.local-only",
                    f"What changes pictures most differs from code to code: local bases agree with the mean one by "
                    f"{mean:.2f} (random subspaces: {found.extra['chance']:.2f}).",
                    value=mean,
                    threshold=GLOBAL,
                    low=mean - half,
                    high=mean + half,
                    n=n,
                    severity="info",
                    wrong_if="singular values are nearly equal, so that the basis within their space means nothing",
                )
            ]
    return []
