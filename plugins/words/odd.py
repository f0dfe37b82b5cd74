# SPDX-License-Identifier: Apache-2.0
"""The word that does not belong, and whether random words would have one that stands out as much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.words.neighbours import Int64
from plugins.words.vocabulary import Vocabulary

Float64 = NDArray[np.float64]
RANDOM: Final = 499
FEWEST: Final = 3


@dataclass(frozen=True)
class Odd:
    """How each word of a group lies to the mean of all of them.

    Attributes
    ----------
    cosines : float64 ``[k]``, to the mean of the unit vectors
    odd : place in the group of the word farthest from the mean
    margin : by how much its cosine is below that of the next
    chance : share of groups of as many random words whose odd one has at least this margin, it counted among them
    random : how many random groups
    """

    cosines: Float64
    odd: int
    margin: float
    chance: float
    random: int


def odd_one_out(vocabulary: Vocabulary, positions: Int64, rng: np.random.Generator, random: int = RANDOM) -> Odd:
    """The word whose vector is farthest by angle from the mean of the group's unit vectors, ties by place.

    This is gensim's ``KeyedVectors.doesnt_match``. The word itself is part of the mean, and some word always is the
    farthest: the margin says whether it stands out, and groups of random words what margin to expect of nothing.

    Raises
    ------
    ParameterError
        When there are fewer than 3 words.
    """
    if len(positions) < FEWEST:
        raise wb.ParameterError(f"{len(positions)} words were given to find the odd one of: at least {FEWEST}")
    cosines, margin = _margins(vocabulary.rows(positions)[None])
    usable = np.flatnonzero(vocabulary.table.answers)
    size = min(len(positions), len(usable))
    drawn = np.stack([rng.choice(usable, size, replace=False) for _ in range(random)]) if random else None
    if drawn is None:
        return Odd(cosines[0], int(np.argmin(cosines[0])), float(margin[0]), float("nan"), 0)
    rows = vocabulary.rows(drawn.reshape(-1)).reshape(random, size, -1)
    above = int((_margins(rows)[1] >= margin[0]).sum())
    return Odd(cosines[0], int(np.argmin(cosines[0])), float(margin[0]), (1 + above) / (1 + random), random)


def _margins(groups: Float64) -> tuple[Float64, Float64]:
    """Cosines ``[g, k]`` to the mean of each group ``[g, k, d]`` of unit vectors, and margins ``[g]``."""
    mean = groups.mean(axis=1, keepdims=True)
    length = np.linalg.norm(mean, axis=2)
    cosines = (groups * mean).sum(axis=2) / np.where(length > 0, length, 1)
    least = np.sort(cosines, axis=1)
    return cosines, least[:, 1] - least[:, 0]
