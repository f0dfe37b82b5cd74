# SPDX-License-Identifier: Apache-2.0
"""Texts with their thoughts, ready to be asked; and what nearness means among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.thoughts.paths import Float64, unit
from plugins.words.neighbours import Table

PAIRS: Final = 4000
SAMPLE: Final = 500


class Corpus:
    """Texts and their thoughts ``[n, d]``; texts without a direction are never answers.

    Attributes
    ----------
    random : float64, sorted cosines of random pairs of different texts
    nearest_other : float64, sorted; of a sample of texts, the cosine with the nearest text that reads differently
    """

    def __init__(self, texts: Sequence[str], vectors: NDArray[Any], seed: int = 0) -> None:
        self.texts = list(texts)
        self.table = Table(np.asarray(vectors, dtype=np.float32))
        self.read_as = np.array([same(one) for one in self.texts], dtype=object)
        rng = np.random.default_rng(seed)
        usable = np.flatnonzero(self.table.answers)
        first, second = rng.choice(usable, PAIRS), rng.choice(usable, PAIRS)
        different = self.read_as[first] != self.read_as[second]
        pairs = unit(vectors[first[different]]) * unit(vectors[second[different]])
        self.random: Float64 = np.sort(pairs.sum(axis=1))
        sample = rng.choice(usable, min(SAMPLE, len(usable)), replace=False)
        found = [self.nearest(vectors[row], 1, leave_out=[self.texts[row]]) for row in sample]
        self.nearest_other: Float64 = np.sort([cosines[0] for _, cosines in found if len(cosines)])

    def __len__(self) -> int:
        return len(self.texts)

    def nearest(
        self, query: NDArray[Any], count: int, leave_out: Sequence[str] = ()
    ) -> tuple[NDArray[np.int64], Float64]:
        """Rows of the ``count`` texts nearest to a thought ``[d]`` and their cosines; texts left out by how they read.

        Of texts that read alike the first is given.
        """
        out = {same(one) for one in leave_out}
        wanted = count + len(out) + 8
        while True:
            rows, cosines = self.table.nearest(np.asarray(query)[None], wanted)
            kept: list[int] = []
            seen = set(out)
            for place, row in enumerate(rows[0]):
                if row >= 0 and self.read_as[row] not in seen:
                    seen.add(self.read_as[row])
                    kept.append(place)
            if len(kept) >= count or wanted >= len(self):
                return rows[0][kept[:count]], np.asarray(cosines[0][kept[:count]], dtype=np.float64)
            wanted *= 4

    def random_above(self, cosine: float) -> float:
        """Share of random pairs of texts that are at least so near."""
        return float(1 - np.searchsorted(self.random, cosine, side="left") / max(1, len(self.random)))

    def further(self, cosine: float) -> float:
        """Share of the texts whose nearest other text is further away than this."""
        return float(np.searchsorted(self.nearest_other, cosine, side="left") / max(1, len(self.nearest_other)))


def same(text: str) -> str:
    """How a text reads: lower case, without marks and white space, so that copies are known as such.

    >>> same("A dog, running!") == same("a dog running")
    True
    """
    return " ".join("".join(one if one.isalnum() else " " for one in text.lower()).split()) or text.strip()
