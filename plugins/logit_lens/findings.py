# SPDX-License-Identifier: Apache-2.0
"""What the run states of the lens and of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd


def findings_of(layers: pd.DataFrame, n: int) -> list[wb.Finding]:
    """Layers that the lens cannot read; a model that does not know the answers."""
    found = []
    bad = layers[(layers["excess_low"] > 0).to_numpy()]
    if len(bad):
        last = bad.iloc[-1]
        worst = bad.loc[bad["divergence"].idxmax()]
        found.append(
            wb.Finding(
                "logit-lens.unreadable-layers",
                f"At {len(bad)} of {len(layers) - 1} layers, the last of them {last['layer']}, the lens is "
                f"further from what the model says than a guess that does not look at the prompt "
                f"({worst['divergence']:.1f} bits at {worst['layer']} against {worst['without_prompt']:.1f}): their "
                "words mean nothing.",
                value=float(worst["divergence"]),
                threshold=float(worst["without_prompt"]),
                low=float(worst["divergence_low"]),
                high=float(worst["divergence_high"]),
                n=n,
                severity="info",
                wrong_if="the prompts are so alike that their mean already says the answer",
                figure="divergence",
            )
        )
    end = layers.iloc[-1]
    if end["rank_high"] >= end["shuffled_low"]:
        found.append(
            wb.Finding(
                "logit-lens.no-better-than-shuffled",
                f"At the end the answers stand at rank {end['rank']:,.0f} and the answers of other prompts at "
                f"{end['shuffled']:,.0f}: the model does not tell them apart, so there is nothing to follow by layer.",
                value=float(end["rank"]),
                threshold=float(end["shuffled_low"]),
                low=float(end["rank_low"]),
                high=float(end["rank_high"]),
                n=n,
                wrong_if="the answers are all alike, or there are too few prompts to tell",
                figure="rank",
            )
        )
    return found
