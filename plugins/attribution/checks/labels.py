# SPDX-License-Identifier: Apache-2.0
"""Label randomisation: the maps of a probe that learned shuffled labels.

Adebayo and others, NeurIPS 2018, section 4. Only a probe can be trained again here; for a network that somebody else
trained the check is said not to be applicable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.attribution.checks.means import Float64
from plugins.attribution.checks.similarity import spearman_where_any

if TYPE_CHECKING:
    from plugins.attribution.questions import Question


def label_randomisation(
    question: Question,
    values: Mapping[str, Any],
    attribute_with: Callable[[Question, str], Any],
    *,
    signed: Mapping[str, bool] | None = None,
    draws: int = 3,
    seed: int = 0,
) -> tuple[dict[str, Float64], dict[str, str]]:
    """Rank correlation ``[n]`` of maps with those of probes of shuffled labels (mean over draws); failures.

    Raises
    ------
    DoesNotApply
        When the question is no probe's: nothing was learned that could be learned again.
    """
    if question.relabelled is None:
        raise wb.DoesNotApply("the network was trained elsewhere: only a probe can be trained again on shuffled labels")
    found: dict[str, list[Float64]] = {name: [] for name in values}
    failed: dict[str, str] = {}
    for draw in range(draws):
        other = question.relabelled(seed * 1009 + draw)
        for name, before in values.items():
            if name in failed:
                continue
            try:
                after = np.asarray(attribute_with(other, name), dtype=np.float64)
            except wb.WorkbenchError as error:
                failed[name] = str(error)
                continue
            both = (before, after) if (signed or {}).get(name, False) else (np.abs(before), np.abs(after))
            found[name].append(spearman_where_any(*both))
    return {name: np.mean(one, axis=0) for name, one in found.items() if name not in failed}, failed
