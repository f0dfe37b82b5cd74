# SPDX-License-Identifier: Apache-2.0
"""The statements of all entries as vectors, and which of each entry is nearest to a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from workbench.compendium.search.statements import Statement, statements_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from workbench.compendium.entry import Entry
    from workbench.compendium.search.vectors import Vectors

#: Entries of which all statements are held in memory (some 12 kB each); of more, only of those that words brought.
HELD: Final = 5000
_QUERIES: Final = 256


class Sentences:
    """Vectors of the statements of entries, in the order of the entries."""

    def __init__(self, entries: Mapping[str, Entry], vectors: Vectors) -> None:
        self._entries, self._vectors = entries, vectors
        self._names: list[str] = []
        self._matrix: npt.NDArray[np.float32] | None = None
        self._starts: list[int] = []
        self._told: list[Statement] = []
        self._best: dict[str, int] = {}
        self._of_query = lru_cache(maxsize=_QUERIES)(lambda text: vectors.encoded(text))
        if len(entries) <= HELD:
            self._load(list(entries))

    def nearest(self, query: str, among: Sequence[str]) -> dict[str, tuple[float, float]]:
        """For each entry the greatest cosine of its statements and that of its gist.

        ``among`` are the entries to compare where there are too many to hold them all.
        """
        import numpy as np

        if len(self._entries) > HELD:
            self._load(list(among))
        self._best = {}
        if self._matrix is None or not self._names:
            return {}
        cosines = self._matrix @ self._of_query(query)
        ends = [*self._starts[1:], len(self._told)]
        found = {}
        for name, start, end in zip(self._names, self._starts, ends, strict=True):
            place = start + int(np.argmax(cosines[start:end]))
            self._best[name] = place
            found[name] = (float(cosines[place]), float(cosines[end - 1]))
        return found

    def statement(self, name: str) -> Statement | None:
        """The statement of an entry that was nearest to the last query."""
        place = self._best.get(name)
        return self._told[place] if place is not None else None

    def _load(self, names: list[str]) -> None:
        self._names, self._told, self._starts = names, [], []
        for name in names:
            self._starts.append(len(self._told))
            self._told += statements_of(self._entries[name])
        self._matrix = self._vectors.of([one.text for one in self._told]) if names else None
