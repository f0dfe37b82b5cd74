# SPDX-License-Identifier: Apache-2.0
"""Answers to analogies by vector arithmetic, over a whole vocabulary at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Method = Literal["3cosadd", "3cosmul", "offset"]

BATCH: Final = 256
SMALL: Final = 1e-3  # keeps the quotient finite; that of the paper


@dataclass(frozen=True)
class Answers:
    """For each question the best word, with the three words of the question left out and with none left out.

    Attributes
    ----------
    suppressed, found : int64 ``[q]``, positions in the vocabulary
    """

    suppressed: Int64
    found: Int64


def unit_rows(vectors: NDArray[np.floating]) -> Float32:
    """Rows ``[n, d]`` at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def answer(vectors: NDArray[np.floating], questions: Int64, method: Method = "3cosadd") -> Answers:
    """Answer ``a : b = c : ?`` for rows ``[q, 4]`` of positions in ``vectors [n, d]``.

    ``3cosadd`` takes the word nearest to b - a + c by angle, of vectors of length 1 (Mikolov, Yih and Zweig, NAACL
    2013, section 3). ``3cosmul`` the largest cos(x, b) cos(x, c) / (cos(x, a) + 0.001), cosines moved to 0..1, and
    ``offset`` the largest cosine of x - c and b - a (Levy and Goldberg, "Linguistic regularities in sparse and explicit
    word representations", CoNLL 2014, equations 4 and 2).
    """
    table = unit_rows(vectors)
    suppressed, found = [], []
    for start in range(0, len(questions), BATCH):
        part = questions[start : start + BATCH]
        a, b, c = (table[part[:, column]] for column in range(3))
        if method == "3cosadd":
            score = unit_rows(b - a + c) @ table.T
        elif method == "3cosmul":
            moved = [(1 + one @ table.T) / 2 for one in (a, b, c)]
            score = moved[1] * moved[2] / (moved[0] + SMALL)
        else:
            step = unit_rows(b - a)
            along = step @ table.T - (step * c).sum(axis=1)[:, None]
            length = np.sqrt(np.maximum(2 - 2 * (c @ table.T), 0))  # of x - c, both of length 1
            score = np.where(length > 1e-4, along / np.maximum(length, 1e-4), -np.inf)
        found.append(score.argmax(axis=1))
        score[np.arange(len(part))[:, None], part[:, :3]] = -np.inf
        suppressed.append(score.argmax(axis=1))
    return Answers(np.concatenate(suppressed), np.concatenate(found))
