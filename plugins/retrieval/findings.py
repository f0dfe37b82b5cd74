# SPDX-License-Identifier: Apache-2.0
"""What stands out: a way in which the pairs are found no more often than shuffled ones."""

from __future__ import annotations

import workbench as wb
from plugins.retrieval.measures import Way, main_k
from plugins.retrieval.pairs import Pairs

LEVEL = 0.05


def findings_of(pairs: Pairs, ways: tuple[Way, Way], draws: int) -> list[wb.Finding]:
    """One for each way whose recall could come of shuffled pairs."""
    told = []
    n, k = len(pairs), main_k(len(pairs))
    for way, (query, answer) in zip(ways, (pairs.names, pairs.names[::-1]), strict=True):
        p = way.p_value(k)
        if p <= LEVEL:
            continue
        found, control = way.recall(k), way.by_shuffling(k)
        told.append(
            wb.Finding(
                "retrieval.no-better-than-shuffled",
                f"{query} → {answer}: {found.value:.1%} of the queries have their own answer among the first {k} of "
                f"{n:,}, no more than shuffled pairs give ({control.low:.1%} to {control.high:.1%}, "
                f"p = {p:.2f}).".replace("%", " %"),
                value=found.value,
                threshold=control.high,
                low=found.low,
                high=found.high,
                n=n,
                severity="serious",
                wrong_if=f"there are too few pairs to tell: of {n:,} a recall up to {control.high:.3f} is within the "
                f"control ({draws:,} permutations); or many answers are the same thing, which counts as wrong",
                figure="curve",
            )
        )
    return told
