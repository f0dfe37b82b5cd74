# SPDX-License-Identifier: Apache-2.0
"""Answers to sums of words, twice: with the words of the sum left out of the answers, and with none left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.words.expressions import Term
from plugins.words.neighbours import DIGITS, Int64
from plugins.words.vocabulary import Vocabulary

Float64 = NDArray[np.float64]
Method = Literal["3cosadd", "3cosmul", "offset"]
METHODS: Final[tuple[Method, ...]] = ("3cosadd", "3cosmul", "offset")
CALLED: Final[dict[Method, str]] = {"3cosadd": "3CosAdd", "3cosmul": "3CosMul", "offset": "offset only"}

SMALL: Final = 1e-3  # keeps the quotient finite; that of the paper
SPARE: Final = 64  # answers beyond those asked for that are scored again in float64
TOGETHER: Final = 1e-4  # a word nearer than this to where the offset begins lies in no direction from it


@dataclass(frozen=True)
class Answers:
    """The best answers to one sum by one method, the best first.

    Attributes
    ----------
    suppressed, suppressed_scores : int64 and float64 ``[k]``, with the words of the sum left out
    plain, plain_scores : the same with none left out
    """

    suppressed: Int64
    suppressed_scores: Float64
    plain: Int64
    plain_scores: Float64


def answer(
    vocabulary: Vocabulary, terms: Sequence[Term], positions: Sequence[int], method: Method, count: int
) -> Answers | None:
    """The ``count`` best words for a sum of words at these positions; ``None`` where the method has no answer.

    ``3cosadd``: the largest cosine with the sum of weighted unit vectors (Mikolov, Yih and Zweig, NAACL 2013, section
    3). ``3cosmul``: the product of (1 + cosine) / 2 over the words that are added, divided by that over those taken
    away plus 0.001, each to the power of its weight (Levy and Goldberg, CoNLL 2014, equation 4). ``offset``: the
    largest cosine of the step from the last word that is added to the answer, and the sum of the others (same paper,
    equation 2): it needs another word that is added and one that is taken away.

    Raises
    ------
    ParameterError
        When the words cancel out, so that nothing is left to look for.
    """
    weights = np.array([one.weight for one in terms])
    places = np.array(positions, dtype=np.int64)
    rows = vocabulary.rows(places)
    wanted = count + len(set(places.tolist()))
    if method == "3cosadd":
        total = weights @ rows
        if np.linalg.norm(total) < 1e-9 * max(1.0, float(np.abs(weights).max())):
            raise wb.ParameterError("the words of the sum cancel out: nothing is left to look for")
        found, _ = vocabulary.table.nearest(total[None], wanted)
        kept = found[0] >= 0
        best = found[0][kept]
        return _twice(best, vocabulary.table.cosines(total, best), places, count)
    if method == "offset" and not _steps(weights):
        return None
    narrow = rows.astype(np.float32)
    cosines = np.stack([np.einsum("ij,j->i", vocabulary.units, one) for one in narrow], axis=1)
    score = _scores(cosines, weights, rows, method)
    score[~vocabulary.table.answers] = -np.inf
    most = min(len(score), wanted + SPARE)
    best = np.argpartition(-score, most - 1)[:most]
    best = best[score[best] > -np.inf]
    again = _scores(vocabulary.rows(best) @ rows.T, weights, rows, method)
    order = np.lexsort((best, -np.round(again, DIGITS)))
    best, again = best[order], again[order]
    sure = np.isfinite(again)
    return _twice(best[sure], again[sure], places, count)


def _steps(weights: Float64) -> bool:
    """Whether the sum is a step (words added and taken away) and a further word from which it is taken."""
    return bool((weights > 0).sum() >= 2 and (weights < 0).any())


def _scores(cosines: NDArray[np.floating], weights: Float64, rows: Float64, method: Method) -> Float64:
    """Scores of words with these cosines ``[n, t]`` to the words of the sum."""
    held = np.clip(np.asarray(cosines, dtype=np.float64), -1, 1)
    if method == "3cosmul":
        moved = (1 + held) / 2
        added, taken = weights > 0, weights < 0
        product = np.prod(moved[:, added] ** weights[added], axis=1)
        return np.asarray(product / (np.prod(moved[:, taken] ** -weights[taken], axis=1) + SMALL))
    start = int(np.flatnonzero(weights > 0)[-1])
    others = np.arange(len(weights)) != start
    step = weights[others] @ rows[others]
    along = held[:, others] @ weights[others] - weights[start] * float(rows[start] @ step)
    away = np.sqrt(np.maximum(1 + weights[start] ** 2 - 2 * weights[start] * held[:, start], 0))
    length = float(np.linalg.norm(step))
    if length < TOGETHER:
        raise wb.ParameterError("the words of the step cancel out: it leads nowhere")
    return np.asarray(np.where(away > TOGETHER, along / np.maximum(away, TOGETHER) / length, -np.inf))


def _twice(best: Int64, scores: Float64, inputs: Int64, count: int) -> Answers:
    other = ~np.isin(best, inputs)
    return Answers(best[other][:count], scores[other][:count], best[:count], scores[:count])
