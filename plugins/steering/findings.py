# SPDX-License-Identifier: Apache-2.0
"""What the run states of the direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import workbench as wb
from plugins.steering.measuring import Step, breaking, recommended

if TYPE_CHECKING:
    from plugins.steering.texts import Groups


def findings_of(groups: Groups, steps: Sequence[Step]) -> list[wb.Finding]:
    """A scale that breaks the text; an effect no larger than that of random directions."""
    found = []
    worst, best = breaking(steps), recommended(steps)
    if worst is not None:
        sign = worst.signs(steps[0])[0]
        way = f"at {best.scale:g} the effect stands and the text is whole" if best else "no measured scale is safe"
        found.append(
            wb.Finding(
                "steering.breaks-text",
                f"At scale {worst.scale:g} the direction breaks the text: {worst.broken(steps[0])}; {way}.",
                value=sign.value,
                threshold=sign.threshold,
                low=sign.low,
                high=sign.high,
                n=len(groups.neutral if sign.figure == "perplexity" else groups.openings),
                wrong_if="the neutral texts are themselves of a kind that the model hardly knows",
                figure=sign.figure,
            )
        )
    if not any(one.works() for one in steps[1:]):
        top = max(steps[1:], key=lambda one: one.effect[0])
        found.append(
            wb.Finding(
                "steering.no-better-than-random",
                f"At no scale is it sure that the direction favours {groups.toward} over {groups.away}, and more than "
                f"random directions of its length do (at best {top.effect[0]:+.3f} nats a token, interval "
                f"{top.effect[1]:+.3f} to {top.effect[2]:+.3f}, at scale {top.scale:g}; random ones at most "
                f"{max(top.random_effects, default=0.0):+.3f}).",
                value=top.effect[0],
                threshold=max(0.0, *top.random_effects),
                low=top.effect[1],
                high=top.effect[2],
                n=len(groups.texts_toward) + len(groups.texts_away),
                wrong_if="there are too few texts to show a small effect, or all scales were too small or too large",
                figure="effect",
            )
        )
    return found
