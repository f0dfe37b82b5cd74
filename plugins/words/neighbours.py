# SPDX-License-Identifier: Apache-2.0
"""Nearest rows of a table of vectors, exact: by angle or by distance, in batches, ties by position.

Scores of all rows are taken in float32; every row that its rounding could bring among the answers is taken again in
float64, so that the answers are those of a plain loop in float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float = NDArray[np.floating]
Int64 = NDArray[np.int64]
Metric = Literal["cosine", "euclidean"]
Suppressed = Int64 | Sequence[Sequence[int]]

ROWS: Final = 16_384  # rows of the table taken at a time, so that one on disk is never read whole
SCORES: Final = 16_000_000  # numbers held at a time by default: 64 MB
SAFE: Final = 1e15  # lengths outside 1 / SAFE .. SAFE lose their squares in float32
ROUNDING: Final = 2.0**-24  # of one operation in float32
ROUNDING_WIDE: Final = 2.0**-53  # and in float64
DIGITS: Final = 12  # cosines that agree so far are ties: more is the noise of float64


class Table:
    """Vectors ``[n, d]`` with their lengths, ready to be asked again and again: 400,000 x 50 in about 30 ms.

    Rows of zeros (a word without a vector) and rows with NaN or infinity are never answers. The vectors are not copied:
    a memory map stays one, of any floating type.

    Raises
    ------
    DataError
        When they are not floats ``[n, d]``.
    """

    def __init__(self, vectors: Float, metric: Metric = "cosine") -> None:
        if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.floating):
            raise wb.DataError(f"vectors are {vectors.dtype} of shape {list(vectors.shape)}, expected floats [n, d]")
        self.vectors = vectors
        self.metric: Metric = metric
        self.lengths = np.empty(len(vectors))
        for block in _blocks(len(vectors)):
            self.lengths[block] = _lengths(vectors[block])
        self.answers = np.isfinite(self.lengths) & (self.lengths > 0)
        self.whole = bool(self.answers.all())
        held = self.lengths[self.answers]
        self._safe = len(held) == 0 or bool(held.max() < SAFE and held.min() > 1 / SAFE)
        self._inverse = np.zeros(len(vectors), dtype=np.float32)
        if self._safe:
            np.divide(1, self.lengths, out=self._inverse, where=self.answers, casting="same_kind")

    def __len__(self) -> int:
        return len(self.vectors)

    def nearest(
        self, queries: Float, count: int, *, suppress: Suppressed | None = None, batch: int | None = None
    ) -> tuple[Int64, NDArray[np.float32]]:
        """As :func:`nearest`, of these vectors."""
        asked = np.asarray(queries, dtype=np.float64)
        if asked.ndim != 2 or asked.shape[1] != self.vectors.shape[1]:
            raise wb.DataError(f"queries have shape {list(asked.shape)}, expected [q, {self.vectors.shape[1]}]")
        if count < 1:
            raise wb.DataError(f"{count} neighbours were asked for: at least 1")
        wanted = min(count, len(self))
        positions = np.full((len(asked), wanted), -1, dtype=np.int64)
        values = np.full((len(asked), wanted), np.nan, dtype=np.float32)
        step = batch or max(1, SCORES // max(1, len(self)))
        for start in range(0, len(asked), step):
            part = asked[start : start + step]
            scores, slack = self._scores(part)
            for at, query in enumerate(part):
                row = scores[at]
                if suppress is not None:
                    out = np.asarray(suppress[start + at], dtype=np.int64)
                    row[out[out >= 0]] = -np.inf
                found = _candidates(row, float(slack[at]), wanted)
                best, score = self._ranked(query, found, wanted)
                positions[start + at, : len(best)] = best
                values[start + at, : len(best)] = score
        return positions, values

    def cosines(self, query: Float, positions: Int64) -> NDArray[np.float64]:
        """Cosine of a query ``[d]`` and the rows at these positions, float64; NaN where one of them has no length."""
        rows = np.asarray(self.vectors[positions], dtype=np.float64)
        asked = np.asarray(query, dtype=np.float64)
        rows, asked = unit_rows(rows), unit_rows(asked[None])[0]
        found = (rows * asked).sum(axis=1)
        known = (np.abs(rows).sum(axis=1) > 0) & bool(np.abs(asked).sum() > 0)
        return np.asarray(np.where(known, found, np.nan))

    def _scores(self, queries: NDArray[np.float64]) -> tuple[Float, NDArray[np.float64]]:
        """Scores ``[q, n]``, the larger the nearer, and how far rounding can have moved those of each query ``[q]``."""
        finite: NDArray[np.bool_] = np.asarray(np.isfinite(queries).all(axis=1))
        known = np.where(finite[:, None], queries, 0)
        with np.errstate(all="ignore"):  # rows that are not finite: they are left out below
            scores, slack = self._cosines(known) if self.metric == "cosine" else self._distances(known)
        if not self.whole:
            scores[:, ~self.answers] = -np.inf
        scores[~finite] = -np.inf
        return scores, slack

    def _cosines(self, queries: NDArray[np.float64]) -> tuple[Float, NDArray[np.float64]]:
        scores = np.empty((len(queries), len(self)), dtype=np.float32)
        asked = unit_rows(queries)
        narrow = asked.astype(np.float32)
        for block in _blocks(len(self)):
            rows = self.vectors[block]
            if self._safe:
                rows = rows.astype(np.float32, copy=False)
                if len(queries) == 1:  # as quick as BLAS, whose threads wait for each other on a busy machine
                    np.einsum("ij,j->i", rows, narrow[0], out=scores[0, block])
                else:
                    scores[:, block] = narrow @ rows.T
                scores[:, block] *= self._inverse[block]
            else:
                scores[:, block] = asked @ unit_rows(np.asarray(rows, dtype=np.float64)).T
        scores[~(np.abs(asked) > 0).any(axis=1)] = -np.inf  # nothing lies near a query without a direction
        return scores, np.full(len(queries), 2 * (self.vectors.shape[1] + 8) * ROUNDING)

    def _distances(self, queries: NDArray[np.float64]) -> tuple[Float, NDArray[np.float64]]:
        scores = np.empty((len(queries), len(self)))
        squares = (queries**2).sum(axis=1)[:, None]
        for block in _blocks(len(self)):
            rows = np.asarray(self.vectors[block], dtype=np.float64)
            scores[:, block] = 2 * queries @ rows.T - squares - (rows**2).sum(axis=1)
        ends = self.lengths.max(initial=0, where=self.answers) + np.sqrt(squares[:, 0])
        return scores, 4 * (self.vectors.shape[1] + 8) * ROUNDING_WIDE * ends**2

    def _ranked(self, query: NDArray[np.float64], found: Int64, count: int) -> tuple[Int64, NDArray[np.float64]]:
        """The best of these rows by float64, ties by position."""
        rows = np.asarray(self.vectors[found], dtype=np.float64)
        if self.metric == "cosine":
            value = np.clip((unit_rows(rows) * unit_rows(query[None])).sum(axis=1), -1, 1)
            order = np.lexsort((found, -np.round(value, DIGITS)))[:count]
        else:
            value = np.sqrt(((rows - query) ** 2).sum(axis=1))
            order = np.lexsort((found, value))[:count]
        return found[order], value[order]


def nearest(
    vectors: Float,
    queries: Float,
    count: int,
    *,
    suppress: Suppressed | None = None,
    metric: Metric = "cosine",
    batch: int | None = None,
) -> tuple[Int64, NDArray[np.float32]]:
    """The ``count`` rows of ``vectors [n, d]`` nearest to each of ``queries [q, d]``, nearest first.

    Rows of zeros, and rows that are not finite, are never answers, and neither are the positions in ``suppress`` (a
    sequence for each query; negative ones name nothing). Equal ones come in the order of their positions. Ask a
    :class:`Table` where the same vectors are asked again.

    Returns
    -------
    positions : int64 ``[q, k]``, k = min(count, n); -1 where no more rows can be answers
    values : float32 ``[q, k]``, cosines, or distances where ``metric`` is "euclidean"; NaN where the position is -1

    Raises
    ------
    DataError
        When the shapes do not fit, or count is below 1.

    >>> positions, cosines = nearest(np.eye(3), np.array([[1.0, 0.5, 0.0]]), 2, suppress=[[0]])
    >>> positions.tolist(), f"{cosines[0, 0]:.3f}"
    ([[1, 2]], '0.447')
    """
    return Table(vectors, metric).nearest(queries, count, suppress=suppress, batch=batch)


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + ROWS, rows)) for start in range(0, rows, ROWS))


def _lengths(rows: Float) -> NDArray[np.float64]:
    """Lengths of rows: in float32 where its squares hold, else in float64 of rows brought to scale."""
    narrow = rows.astype(np.float32, copy=False)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", narrow, narrow).astype(np.float64))
    doubtful = np.flatnonzero(~((lengths < SAFE) & (lengths > 1 / SAFE)))
    if len(doubtful):
        wide = np.asarray(rows[doubtful], dtype=np.float64)
        largest = np.abs(wide).max(axis=1, initial=0)
        scale = np.where(np.isfinite(largest) & (largest > 0), largest, 1)
        lengths[doubtful] = np.sqrt(((wide / scale[:, None]) ** 2).sum(axis=1)) * scale
    return np.asarray(lengths)


def unit_rows(vectors: Float) -> NDArray[np.float64]:
    """Rows ``[n, d]`` at length 1, float64; rows without a length, or that are not finite, are zeros.

    Each is brought to scale first, so that squares of very large or small numbers stay finite.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0)
    usable = np.isfinite(largest) & (largest > 0)
    scaled = np.where(usable, rows, 0) / np.where(usable, largest, 1)
    lengths = np.sqrt((scaled**2).sum(axis=1, keepdims=True))
    return np.asarray(scaled / np.where(lengths > 0, lengths, 1))


def _candidates(scores: Float, slack: float, count: int) -> Int64:
    """Positions that may be among the ``count`` best, given that each score is right to ``slack``."""
    kth = scores.max() if count == 1 else np.partition(scores, len(scores) - count)[len(scores) - count]
    least = float(kth) - 2 * slack if np.isfinite(kth) else -np.inf
    return np.flatnonzero((scores >= least) & (scores > -np.inf))
