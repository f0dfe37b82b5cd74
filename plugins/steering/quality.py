# SPDX-License-Identifier: Apache-2.0
"""Signs of broken text: full stops, repeated pairs of words; and means with intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
RESAMPLES: Final = 2000


def parts(text: str) -> list[str]:
    """Words and marks of a text, each mark by itself.

    >>> parts("It rained. . .")
    ['It', 'rained', '.', '.', '.']
    """
    return re.findall(r"\w+|[^\w\s]", text)


def full_stops(texts: Sequence[str]) -> float:
    """Share of full stops among words and marks; NaN for no text at all.

    >>> full_stops(["It rained. . .", ""])
    0.6
    """
    every = [one for text in texts for one in parts(text)]
    return sum(one == "." for one in every) / len(every) if every else float("nan")


def distinct_pairs(texts: Sequence[str]) -> float:
    """Different pairs of neighbours as a share of all pairs (Li and others, 2016, distinct-2); NaN without a pair.

    >>> distinct_pairs(["a b a b a"])
    0.5
    """
    pairs = [pair for text in texts for pair in zip(parts(text), parts(text)[1:], strict=False)]
    return len(set(pairs)) / len(pairs) if pairs else float("nan")


def resampled(changes: Any, rng: np.random.Generator) -> Float:
    """Means of bootstrap samples of one number a text, float64 ``[2000]``."""
    values = np.asarray(changes, dtype=np.float64)
    return np.asarray(values[rng.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1))


def interval(draws: Float) -> tuple[float, float]:
    """The middle 95 % of bootstrap draws."""
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)
