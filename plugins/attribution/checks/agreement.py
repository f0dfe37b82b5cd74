# SPDX-License-Identifier: Apache-2.0
"""Do methods agree with each other, and does a method agree with itself under another baseline?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from plugins.attribution.checks.means import CORRELATION, SHARE, Mean, mean_of
from plugins.attribution.checks.similarity import sign_agreement, spearman


@dataclass(frozen=True)
class Pair:
    """Two methods (or one method under two baselines): how alike their maps of the same samples are.

    ``spearman`` is of the values where both are signed, else of their sizes; ``signs`` of signed ones alone: the share
    of the common mass where both have one sign (0.5 for random signs).
    """

    first: str
    second: str
    method: str
    spearman: Mean
    signs: Mean


NONE = Mean(math.nan, math.nan, math.nan, 0)


def agreement(values: Mapping[str, Any], signed: Mapping[str, bool]) -> list[Pair]:
    """Every pair of methods whose maps have one shape."""
    found = []
    for one, other in combinations(values, 2):
        first, second = _alike(np.asarray(values[one]), np.asarray(values[other]))
        if first.shape == second.shape:
            found.append(_pair(one, other, "", first, second, signed[one] and signed[other]))
    return found


def baseline_sensitivity(by_baseline: Mapping[str, Mapping[str, Any]], signed: Mapping[str, bool]) -> list[Pair]:
    """Every pair of baselines of each method, least alike first within a method."""
    found = []
    for method, maps in by_baseline.items():
        pairs = [
            _pair(one, other, method, np.asarray(maps[one]), np.asarray(maps[other]), signed[method])
            for one, other in combinations(maps, 2)
        ]
        found += sorted(pairs, key=lambda one: (math.isnan(one.spearman.value), one.spearman.value))
    return found


def _alike(first: Any, second: Any) -> tuple[Any, Any]:
    """Maps of pictures with other numbers of channels (one layer's, the input's) are compared by their sums."""
    if first.ndim == second.ndim == 4 and first.shape[2:] == second.shape[2:] and first.shape[1] != second.shape[1]:
        return first.sum(axis=1), second.sum(axis=1)
    return first, second


def _pair(one: str, other: str, method: str, first: Any, second: Any, signed: bool) -> Pair:
    if not signed:
        return Pair(one, other, method, mean_of(spearman(np.abs(first), np.abs(second)), within=CORRELATION), NONE)
    ranks = mean_of(spearman(first, second), within=CORRELATION)
    return Pair(one, other, method, ranks, mean_of(sign_agreement(first, second), within=SHARE))
