# SPDX-License-Identifier: Apache-2.0
"""Points back to texts, and those texts read again: what a shift leaves of style and content in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson
from plugins.style_shift.measuring import Band, mean_of, resampled
from plugins.style_shift.probing import Probe, probability
from plugins.style_shift.shifting import Corpus, cosines, shifted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from plugins.style_shift.samples import Style

    Float64 = NDArray[np.float64]

BATCH: Final = 32
STRENGTHS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)


class Reader:
    """Texts to points by a map, each text once; those whose points are known already are not read again."""

    def __init__(self, read: Callable[[list[str]], ArrayLike]) -> None:
        self._read, self._known = read, dict[str, "Float64"]()

    def learn(self, texts: Sequence[str], points: Float64) -> None:
        """Take in texts whose points are known."""
        self._known.update(zip(texts, points, strict=True))

    def __call__(self, texts: Sequence[str]) -> Float64:
        """Points of texts, float64 ``[n, d]``."""
        new = [one for one in dict.fromkeys(texts) if one not in self._known]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            self.learn(part, np.asarray(self._read(part), dtype=np.float64))
        return np.stack([self._known[one] for one in texts])

    def knows(self, text: str) -> bool:
        """Whether a text was read before, or was learned of."""
        return text in self._known


@dataclass(frozen=True)
class First:
    """How often the one came before the other: ``count`` of ``of``; ``asked`` could have told."""

    count: int
    of: int
    asked: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share; NaN of none."""
        if not self.of:
            return float("nan"), float("nan")
        low, high = wilson(self.count, self.of)
        return float(low), float(high)


@dataclass(frozen=True)
class InWords:
    """What one map back to text makes of a shift.

    Attributes
    ----------
    gain, kept, retrieved : at the strength of the run; the gain is from the decoded texts without a shift, so that what
        the decoder does to every text is no part of it. ``random`` of each is the mean over random directions of the
        same length, with the middle 95 % of their means where there are at least 20.
    first : of texts whose content is found and whose style is the old one when told without a shift, those that lose
        the content to another text at a lower strength than the one at which the style turns; among those where the
        one comes before the other
    table : rows by strength
    texts : decoded texts by strength, in the order of the points
    """

    name: str
    n: int
    gain: Band
    kept: Band
    retrieved: Band
    first: First
    table: pd.DataFrame
    texts: dict[float, list[str]]


def maps_back(model: wb.Model, space: str) -> list[str]:
    """Maps of a model from a space to texts."""
    return [one.name for one in model.maps_from(space) if isinstance(one.target, wb.Texts)]


def decoder(model: wb.Model, name: str, device: str, effort: Mapping[str, Any]) -> Callable[[Float64], list[str]]:
    """A map from points ``[n, d]`` to texts, in batches; ``effort`` are its conditions, where it has them."""
    known = {one.name for one in model.maps[name].conditions}
    conditions = {one: value for one, value in effort.items() if one in known and value is not None}

    def decode(points: Float64) -> list[str]:
        import torch

        found: list[str] = []
        for start in range(0, len(points), BATCH):
            batch = torch.from_numpy(points[start : start + BATCH].astype(np.float32)).to(device)
            with torch.no_grad():
                found += [str(one) for one in model.maps[name].point(batch, **conditions)]
        return found

    return decode


def reader(model: wb.Model, name: str, device: str, styles: Mapping[str, Style]) -> Reader:
    """The map from texts to points, which knows the texts of the run already."""

    def read(texts: list[str]) -> Any:
        import torch

        from registry.arrays import to_numpy

        with torch.no_grad():
            return to_numpy(model.maps[name].point(texts))

    made = Reader(read)
    for one in styles.values():
        made.learn(one.train_texts, one.train)
        made.learn(one.test_texts, one.test)
    return made


def in_words(
    name: str,
    decode: Callable[[Float64], list[str]],
    read: Reader,
    points: Float64,
    corpus: Corpus,
    vector: Float64,
    probe: Probe,
    turn: Probe,
    strength: float,
    random: Float64,
    documents: Sequence[object],
    rng: np.random.Generator,
) -> InWords:
    """Decode points moved by each strength and by ``random [r, d]`` directions, read the texts, and measure them.

    ``probe`` is that of the gain; ``turn`` tells the new style from the old one.
    """
    import pandas as pd

    drawn = resampled(documents, rng)
    strengths = sorted({*STRENGTHS, strength})
    texts = {one: decode(shifted(points, vector, one)) for one in strengths}
    again = {one: read(said) for one, said in texts.items()}
    measured = {one: _measured(held, points, corpus, probe) for one, held in again.items()}
    start = measured[0.0][0]
    rows = []
    for one, (odds, kept, retrieved) in measured.items():
        values = {"probability": odds, "style_gain": odds - start, "content_kept": kept, "content_retrieved": retrieved}
        for measure, numbers in values.items():
            rows.append({"map": name, "strength": one, "measure": measure, **_plain(mean_of(numbers, drawn))})
    others = [_measured(read(decode(shifted(points, one, strength))), points, corpus, probe) for one in random]
    here = measured[strength]
    return InWords(
        name,
        len(points),
        _beside(here[0] - start, [(one[0] - start).mean() for one in others], drawn),
        _beside(here[1], [one[1].mean() for one in others], drawn),
        _beside(here[2], [one[2].mean() for one in others], drawn),
        _first(
            np.stack([one[2] for one in measured.values()]) > 0,
            np.stack([turn.log_odds(one) > 0 for one in again.values()]),
        ),
        pd.DataFrame(rows),
        texts,
    )


def _first(found: NDArray[np.bool_], turned: NDArray[np.bool_]) -> First:
    """Content or style first, by strength (rows, rising from 0) and text (columns)."""
    asked = found[0] & ~turned[0]
    never = len(found)
    lost = np.where((~found).any(axis=0), (~found).argmax(axis=0), never)[asked]
    turns = np.where(turned.any(axis=0), turned.argmax(axis=0), never)[asked]
    return First(int((lost < turns).sum()), int((lost != turns).sum()), int(asked.sum()))


def _measured(points: Float64, start: Float64, corpus: Corpus, probe: Probe) -> tuple[Float64, Float64, Float64]:
    """Probability of the style, similarity to the original (0 where there is no direction), and whether it is found."""
    return (
        probability(probe.log_odds(points)),
        np.nan_to_num(cosines(points, start), nan=0.0),
        corpus.recovered(points).astype(np.float64),
    )


def _beside(values: Float64, random: Sequence[float], drawn: Float64) -> Band:
    found = mean_of(values, drawn)
    if not random:
        return found
    ends = np.quantile(random, [0.025, 0.975]) if len(random) >= 20 else (np.min(random), np.max(random))
    return Band(found.value, found.low, found.high, float(np.mean(random)), float(ends[0]), float(ends[1]))


def _plain(band: Band) -> dict[str, float]:
    return {"value": band.value, "low": band.low, "high": band.high}
