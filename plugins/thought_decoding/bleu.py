# SPDX-License-Identifier: Apache-2.0
"""BLEU of a corpus, and its interval: how many runs of one to four words two texts share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
ORDER: Final = 4
VARIANT: Final = (
    "corpus BLEU of one to four words, 0 to 100, one reference, lower case, words and marks as tokens, orders without "
    "a match smoothed by halves (NIST)"
)
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")


def tokens(text: str) -> list[str]:
    """Words and marks in lower case.

    >>> tokens("He'd come, he said.")
    ['he', "'", 'd', 'come', ',', 'he', 'said', '.']
    """
    return _TOKEN.findall(text.lower())


def counts(told: str, original: str) -> Float64:
    """Of one pair: matches of order 1 to 4, possible ones, words told, words of the original; float64 ``[10]``."""
    ours, theirs = tokens(told), tokens(original)
    matches, possible = [], []
    for order in range(1, ORDER + 1):
        mine, other = _runs(ours, order), _runs(theirs, order)
        matches.append(sum((mine & other).values()))
        possible.append(max(0, len(ours) - order + 1))
    return np.array([*matches, *possible, len(ours), len(theirs)], dtype=np.float64)


def _runs(words: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + order]) for start in range(len(words) - order + 1))


def bleu(sums: Float64) -> Float64:
    """BLEU (Papineni and others, ACL 2002, section 2.3) from summed counts ``[..., 10]``, 0 to 100.

    An order without a match has the precision 1 / (2^k possible), k counting such orders (Chen and Cherry, WMT 2014,
    smoothing 3). Without any match of one word it is 0.

    >>> float(bleu(counts("the cat sat on the mat", "the cat sat on the mat")).round(6))
    100.0
    """
    matches, possible = sums[..., :ORDER], sums[..., ORDER : 2 * ORDER]
    missed = (matches == 0) & (possible > 0)
    halves = 2.0 ** -np.cumsum(missed, axis=-1)
    there = np.maximum(possible, 1)
    precision = np.where(missed, halves / there, matches / there)
    with np.errstate(divide="ignore"):
        log = np.where(possible > 0, np.log(precision), -np.inf).mean(axis=-1)
    told, original = sums[..., -2], sums[..., -1]
    brevity = np.where(told < original, np.exp(1 - original / np.maximum(told, 1)), 1.0)
    return np.asarray(np.where(matches[..., 0] > 0, 100 * brevity * np.exp(log), 0.0))


def resampled(counted: Float64, draws: NDArray[np.int64]) -> Float64:
    """BLEU of corpora of pairs drawn with replacement: ``counted [n, 10]``, ``draws [resamples, n]`` positions."""
    return bleu(np.stack([counted[one].sum(axis=0) for one in draws]))
