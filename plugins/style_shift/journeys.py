# SPDX-License-Identifier: Apache-2.0
"""A journey: a point, the texts nearest to it averaged, the style taken away and another added, and told in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plugins.style_shift.averaging import average
from plugins.style_shift.shifting import cosines, shifted
from plugins.words.neighbours import nearest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Float64 = NDArray[np.float64]
    Decode = Callable[[Float64], list[str]]

START: Final = "start"
CAPTION: Final = "caption"
AVERAGE: Final = "average"
SHIFTED: Final = "shifted"
TOLD: Final = "told"


@dataclass(frozen=True)
class Stop:
    """A place on the way: what it is, the text that stands there ("" where there is none), its place ``[d]``."""

    kind: str
    label: str
    text: str
    point: Float64


@dataclass(frozen=True)
class Telling:
    """What one map back makes of the journey: the text without the shift and with it, and how similar each stays.

    Attributes
    ----------
    plain, styled : the texts
    plain_point, styled_point : the points of these texts, read again, ``[d]``
    to_start, to_shifted : cosine of the styled text's own point with the start, and with the point it was told of
    """

    name: str
    plain: str
    styled: str
    plain_point: Float64
    styled_point: Float64
    to_start: float
    to_shifted: float


@dataclass(frozen=True)
class Journey:
    """All stops, and the texts by map."""

    start: Stop
    captions: tuple[Stop, ...]
    middle: Stop
    end: Stop
    told: tuple[Telling, ...]

    @property
    def stops(self) -> list[Stop]:
        """The stops in order, the told texts' own points last."""
        texts = [Stop(TOLD, one.name, one.styled, one.styled_point) for one in self.told]
        return [self.start, *self.captions, self.middle, self.end, *texts]

    @property
    def legs(self) -> list[tuple[Stop, Stop]]:
        """The arrows: start to average, average to shifted, shifted to each told text."""
        between = [(self.start, self.middle)] if self.captions else []
        ends = [(self.end, one) for one in self.stops if one.kind == TOLD]
        return [*between, (self.middle, self.end), *ends]


def travel(
    start: Stop,
    corpus: ArrayLike,
    texts: Sequence[str],
    k: int,
    vector: ArrayLike,
    strength: float,
    decoders: Mapping[str, Decode],
    read: Callable[[Sequence[str]], Float64],
) -> Journey:
    """Average the ``k`` texts nearest to the start (0: the start itself), shift, and tell.

    Parameters
    ----------
    corpus, texts : points ``[m, d]`` and texts among which the neighbours are; the text of the start is left out
    vector, strength : see :func:`plugins.style_shift.shifting.shifted`
    decoders : maps back to text by name
    """
    points = np.asarray(corpus, dtype=np.float32)
    captions: list[Stop] = []
    middle = Stop(AVERAGE, "no average", start.text, start.point)
    if k > 0:
        itself = [row for row, one in enumerate(texts) if start.text and one == start.text]
        found, likeness = nearest(points, start.point[None], k, suppress=[itself])
        kept = [(int(row), float(one)) for row, one in zip(found[0], likeness[0], strict=True) if row >= 0]
        captions = [Stop(CAPTION, f"cosine {one:.2f}", texts[row], points[row].astype(np.float64)) for row, one in kept]
        if captions:
            label = f"average of {len(captions)}"
            middle = Stop(AVERAGE, label, "", average(points, [row for row, _ in kept]))
    end = Stop(SHIFTED, f"shifted, strength {strength:g}", "", shifted(middle.point, vector, strength))
    told = []
    for name, decode in decoders.items():
        plain, styled = decode(np.stack([middle.point, end.point]))
        own = read([plain, styled])
        told.append(
            Telling(
                name,
                plain,
                styled,
                own[0],
                own[1],
                float(cosines(own[1], start.point)),
                float(cosines(own[1], end.point)),
            )
        )
    return Journey(start, tuple(captions), middle, end, tuple(told))
