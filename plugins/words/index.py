# SPDX-License-Identifier: Apache-2.0
"""Neighbours among more vectors than an exact search is quick for: found in cells, with the recall measured.

The exact search takes 8 ms for one query of 400,000 x 50 on one processor core, and grows with n times d; below a
million it is always taken. Cells cost a minute and more to make and pay only where many queries follow.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plugins.projection.search import EXACT_PAIRS, Recall, Search
from plugins.words.neighbours import ROWS, Float, Int64, Suppressed, Table

EXACT: Final = 1_000_000  # vectors up to which the search is exact
ASKED: Final = 700  # random rows the cells are tuned and judged at
MORE: Final = 8  # found beyond those asked for, so that words left out leave no gap


class Index:
    """Cells (faiss, inverted file) over rows that have a length, for up to ``count`` neighbours by angle.

    ``recall`` says which share of the true neighbours is found, measured at random rows of the table; cosines of what
    is found are those of :class:`plugins.words.neighbours.Table`, in float64.
    """

    def __init__(self, table: Table, count: int, seed: int = 0) -> None:
        self.table, self.count = table, count
        self.rows = np.flatnonzero(table.answers)
        units = np.empty((len(self.rows), table.vectors.shape[1]), dtype=np.float32)
        for start in range(0, len(units), ROWS):
            part = self.rows[start : start + ROWS]
            units[start : start + ROWS] = table.vectors[part] / table.lengths[part, None]
        self._wanted = min(count + MORE, len(units))
        self._search = Search(units, seed=seed, asked=EXACT_PAIRS)
        drawn = np.sort(np.random.default_rng(seed).choice(len(units), min(ASKED, len(units)), replace=False))
        self._search.of(units[drawn], self._wanted)
        assert self._search.recall_of_others is not None
        self.recall: Recall = self._search.recall_of_others

    def nearest(
        self, queries: Float, count: int, *, suppress: Suppressed | None = None
    ) -> tuple[Int64, NDArray[np.float32]]:
        """As :func:`plugins.words.neighbours.nearest` gives them, but for what the cells miss.

        Queries without a direction, more neighbours than the index was made for and more words left out than it keeps
        in hand are answered exactly.
        """
        asked = np.asarray(queries, dtype=np.float64)
        lengths = np.linalg.norm(asked, axis=1, keepdims=True)
        most = 0 if suppress is None else max((len(one) for one in suppress), default=0)
        if count + most > self._wanted or not (np.isfinite(lengths) & (lengths > 0)).all():
            return self.table.nearest(asked, count, suppress=suppress)
        found = self.rows[self._search.of((asked / lengths).astype(np.float32), self._wanted).indices]
        positions = np.full((len(asked), min(count, len(self.table))), -1, dtype=np.int64)
        values = np.full(positions.shape, np.nan, dtype=np.float32)
        for at, query in enumerate(asked):
            left = found[at] if suppress is None else found[at][~np.isin(found[at], np.asarray(suppress[at]))]
            cosines = self.table.cosines(query, left)
            order = np.lexsort((left, -np.round(cosines, 12)))[:count]
            positions[at, : len(order)] = left[order]
            values[at, : len(order)] = cosines[order]
        return positions, values
