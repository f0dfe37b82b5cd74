# SPDX-License-Identifier: Apache-2.0
"""What a style vector does to points: how far the probe moves, how much content stays, beside random directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.homology.trust import wilson
from plugins.style_shift.probing import Probe, probability
from plugins.style_shift.shifting import Corpus, flips, kept_cosines

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

RESAMPLES: Final = 1000
FEWEST_DOCUMENTS: Final = 8
STRENGTHS: Final = tuple(round(0.1 * step, 1) for step in range(21))


@dataclass(frozen=True)
class Band:
    """A mean over texts with its interval, and what random directions of the same length give.

    Attributes
    ----------
    value, low, high : mean and its 95 % bootstrap interval over texts
    random, random_low, random_high : mean over random directions, and the middle 95 % of them
    """

    value: float
    low: float
    high: float
    random: float = float("nan")
    random_low: float = float("nan")
    random_high: float = float("nan")


@dataclass(frozen=True)
class Order:
    """Which gives way first as the strength grows: the style (a probe flips) or the content (another text is nearest).

    Attributes
    ----------
    flip, loss : strength at which each happens, float64 ``[n]``, infinite where it never does
    asked : texts that the probe does not take for the new style to begin with, ``[n]``
    count, of, share, low, high : those of them that lose their content first; the interval is the wider of Wilson's
        and that of the bootstrap over documents
    """

    flip: Float64
    loss: Float64
    asked: NDArray[np.bool_]
    count: int
    of: int
    share: float
    low: float
    high: float


class Shift:
    """Texts of one style, the vector to another, and the texts among which content is looked for.

    ``draws`` random directions of the same length are drawn once, uniform on the sphere.
    """

    def __init__(
        self,
        points: Float64,
        vector: Float64,
        corpus: Corpus,
        documents: Sequence[object],
        draws: int,
        rng: np.random.Generator,
    ) -> None:
        self.points, self.vector, self.corpus = points, vector, corpus
        directions = rng.standard_normal((draws, len(vector)))
        self.length = float(np.linalg.norm(vector))
        self.random: Float64 = directions * (self.length / np.linalg.norm(directions, axis=1, keepdims=True))
        self.loss = corpus.losses(vector)
        self.random_loss: Float64 = np.stack([corpus.losses(one) for one in self.random])
        self._drawn = resampled(documents, rng)

    def gain(self, probe: Probe, strength: float) -> Band:
        """Mean change of the probability of the style, from no shift to one of this strength."""
        start = probe.log_odds(self.points)
        before = probability(start)
        gained = probability(start + strength * probe.slope(self.vector)) - before
        slopes = strength * (self.random @ probe.weights)
        random = (probability(start[None, :] + slopes[:, None]) - before).mean(axis=1)
        return self._band(gained, random)

    def share(self, probe: Probe, strength: float) -> float:
        """Share of the moved texts that the probe takes for the style."""
        return float((probe.log_odds(self.points) + strength * probe.slope(self.vector) > 0).mean())

    def similarity(self, strength: float) -> Band:
        """Mean cosine of the moved points and the texts that they came from."""
        kept = kept_cosines(self.points, self.vector, [strength])[0]
        random = np.stack([kept_cosines(self.points, one, [strength])[0].mean() for one in self.random])
        return self._band(kept, random)

    def retrieved(self, strength: float) -> Band:
        """Share of the moved points whose own text is still the nearest of the corpus."""
        kept = (self.loss > strength).astype(np.float64)
        return self._band(kept, (self.random_loss > strength).mean(axis=1))

    def order(self, probe: Probe) -> Order:
        """Style or content first, text by text; both strengths are exact, see :mod:`plugins.style_shift.shifting`."""
        start = probe.log_odds(self.points)
        flip = flips(start, probe.slope(self.vector))
        asked = start < 0
        count, of = int((asked & (self.loss < flip)).sum()), int(asked.sum())
        if not of:
            return Order(flip, self.loss, asked, 0, 0, float("nan"), float("nan"), float("nan"))
        low, high = (float(one) for one in wilson(count, of))
        first = (asked & (self.loss < flip)).astype(np.float64)
        among = np.maximum(self._drawn @ asked, np.finfo(np.float64).tiny)
        ends = np.quantile((self._drawn @ first) / among, [0.025, 0.975])
        return Order(flip, self.loss, asked, count, of, count / of, min(low, float(ends[0])), max(high, float(ends[1])))

    def curve(self, probes: dict[str, Probe]) -> pd.DataFrame:
        """Rows by ``strength`` and ``measure``, with the numbers of a :class:`Band`."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for strength in STRENGTHS:
            found = {f"probability: {name}": self._level(one, strength) for name, one in probes.items()}
            found["similarity to the text"] = self.similarity(strength)
            found["own text still nearest"] = self.retrieved(strength)
            rows += [{"strength": strength, "measure": name, **vars(one)} for name, one in found.items()]
        return pd.DataFrame(rows)

    def _level(self, probe: Probe, strength: float) -> Band:
        start = probe.log_odds(self.points)
        slopes = strength * (self.random @ probe.weights)
        return self._band(
            probability(start + strength * probe.slope(self.vector)),
            probability(start[None, :] + slopes[:, None]).mean(axis=1),
        )

    def _band(self, values: Float64, random: Float64) -> Band:
        low, high = np.quantile(self._drawn @ values, [0.025, 0.975])
        ends = np.quantile(random, [0.025, 0.975])
        return Band(float(values.mean()), float(low), float(high), float(random.mean()), float(ends[0]), float(ends[1]))


def resampled(documents: Sequence[object], rng: np.random.Generator) -> Float64:
    """Weights of texts in bootstrap resamples, float64 ``[1000, n]``; each row sums to 1.

    Whole documents are drawn, as texts of one document are not independent of each other (Davison and Hinkley,
    *Bootstrap Methods and their Application*, 1997, section 3.8); ``documents`` has that of each text. Of fewer than
    eight documents texts are drawn one by one: so few documents say nothing of how documents differ.
    """
    _, place = np.unique(np.asarray(documents, dtype=str), return_inverse=True)
    count = int(place.max()) + 1
    if count < FEWEST_DOCUMENTS:
        count, place = len(place), np.arange(len(place))
    weights = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)[:, place].astype(np.float64)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def mean_of(values: Float64, drawn: Float64) -> Band:
    """A mean over texts with its bootstrap interval, of values that had no random directions beside them."""
    low, high = np.quantile(drawn @ values, [0.025, 0.975])
    return Band(float(values.mean()), float(low), float(high))
