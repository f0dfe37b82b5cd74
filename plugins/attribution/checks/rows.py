# SPDX-License-Identifier: Apache-2.0
"""One row of the table of checks: what was measured of a method, against what, and what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from plugins.attribution.checks.means import Mean

Verdict = Literal["passed", "not passed", "told", "not applicable"]

#: What each check asks, as the page says it.
WORDS: Final = {
    "completeness": "Do its values add up to the change of the answer?",
    "deletion": "Does the answer fall faster when its parts go first than in random order?",
    "deletion-input": "Faster than when those farthest from the baseline go first?",
    "deletion-randomised": "Faster than by the map of a network with random weights?",
    "insertion": "Does the answer rise faster when its parts come first than in random order?",
    "insertion-input": "Faster than when those farthest from the baseline come first?",
    "randomisation": "Does the map change when all weights are drawn anew?",
    "labels": "Does the map change when the probe is trained on shuffled labels?",
    "infidelity": "Does it foretell what changes of the input do to the answer?",
    "sensitivity": "By how much does the map change when the input hardly does?",
    "baselines": "Is the map the same whatever the baseline?",
    "border": "How much of it lies on the border of the picture?",
    "corner": "How much of it lies in one corner?",
    "agreement": "Do the methods agree?",
    "saturation": "Does the gradient say anything of the answer?",
    "unit": "Does the answer change from sample to sample at all?",
    "probe": "Does the probe tell more than one of shuffled labels?",
}


@dataclass(frozen=True)
class Row:
    """One check of one method; ``method`` is empty where it is of the question, ``why`` says what the verdict means."""

    method: str
    check: str
    verdict: Verdict
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    threshold: float = math.nan
    n: int = 0
    why: str = ""
    unit: str = ""

    @property
    def words(self) -> str:
        """The question that the check asks."""
        return WORDS[self.check]


def row_of(method: str, check: str, verdict: Verdict, mean: Mean, threshold: float, why: str, unit: str = "") -> Row:
    """A row of a mean with its interval."""
    return Row(method, check, verdict, mean.value, mean.low, mean.high, threshold, mean.n, why, unit)


def refused(method: str, check: str, why: str) -> Row:
    """A check that says nothing here, and why."""
    return Row(method, check, "not applicable", why=why)
