# SPDX-License-Identifier: Apache-2.0
"""What stories stand on: texts of all styles as points, their means, probes, the plane, and why averages help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.storyteller import asking
from plugins.style_shift import averaging, charts
from plugins.style_shift.matrix import Probes
from plugins.style_shift.plane import plane_of
from plugins.style_shift.samples import SPLIT, STYLE, TRAIN, Style, choose
from plugins.style_shift.shifting import style_vector
from registry.errors import DataError
from registry.spaces import Texts
from workbench.app import engine

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from plugins.storyteller.offered import Painter, Teller
    from plugins.style_shift.plane import Plane
    from plugins.style_shift.probing import Probe

    Float64 = NDArray[np.float64]

DATA: Final = "styles"
CAPTION: Final = "caption"
LEARNED: Final = 150  # texts of a style that means and probes are learned of
MEASURED: Final = 40
CORPUS: Final = 500  # captions among which the nearest are looked for
SEED: Final = 0


@dataclass(frozen=True)
class Ground:
    """Texts of all styles as points of one space.

    Attributes
    ----------
    source : the style of captions
    corpus, texts : captions for training: points ``[m, d]`` and texts
    styles : means are of ``train``; probes were measured on ``test``
    """

    source: str
    corpus: Float64
    texts: tuple[str, ...]
    styles: Mapping[str, Style]
    notes: tuple[str, ...]

    @cached_property
    def plane(self) -> Plane:
        """The plane of all maps."""
        return plane_of({name: one.train for name, one in self.styles.items()})

    @cached_property
    def behind(self) -> list[dict[str, Any]]:
        """The texts drawn behind a journey."""
        return charts.ground(self.plane, {name: one.train for name, one in self.styles.items()})

    @cached_property
    def _probes(self) -> Probes:
        return Probes(self.styles, SEED)

    @cached_property
    def _known(self) -> dict[tuple[str, str], Probe]:
        return {}

    def probe(self, target: str) -> tuple[str, Probe]:
        """A probe of a style against news (of news: against the style after the captions), and what it is against."""
        others = [one for one in self.styles if one not in (self.source, target)]
        against = "news" if "news" in others else (others[0] if others else self.source)
        if (target, against) not in self._known:
            self._known[target, against] = self._probes(target, against)
        return against, self._known[target, against]

    def vector(self, target: str) -> Float64:
        """Mean of a style less the mean of the captions, ``[d]``."""
        return style_vector(self.styles[self.source].train, self.styles[target].train)

    @cached_property
    def averaged(self) -> pd.DataFrame:
        """How near averages come to held-out captions, which the neighbours were asked with."""
        held = self.styles[self.source].test
        return averaging.curve(held, self.corpus, held, SEED)


def data_of(teller: Teller) -> str:
    """The data of styles: the model's own where it has styles, else ``styles``.

    Raises
    ------
    DataError
        When there is none.
    """
    card = engine.catalogue().models[teller.model]
    for name in dict.fromkeys(one for one in (card.data, DATA) if one is not None):
        if name in engine.dataset_names():
            data = engine.dataset(name)
            if isinstance(data.space, Texts) and STYLE in data.columns:
                return name
    raise DataError("there is no data set of texts with a column 'style' to take means from")


def ground_of(teller: Teller) -> Ground:
    """Read texts of all styles; takes seconds. Raises :class:`DataError` or :class:`ModelError`."""
    data = engine.dataset(data_of(teller))
    columns = data.columns
    rng = np.random.default_rng(SEED)
    chosen = choose(columns, None, None, LEARNED, MEASURED, rng)
    source = CAPTION if CAPTION in chosen.rows else next(iter(chosen.rows))
    texts = columns["text"].astype(str).to_numpy()
    train = columns[SPLIT].astype(str).to_numpy() == TRAIN if SPLIT in columns else np.ones(len(columns), dtype=bool)
    measured = {one for _, held in chosen.rows.values() for one in held.tolist()}
    free = [row for row in np.flatnonzero((columns[STYLE].astype(str) == source) & train) if row not in measured]
    more = rng.permutation(np.setdiff1d(free, chosen.rows[source][0]))[: max(0, CORPUS - LEARNED)]
    wanted = np.unique(np.concatenate([*(part for parts in chosen.rows.values() for part in parts), more]))
    points = asking.read(teller, texts[wanted].tolist())
    styles = {name: _style(name, parts, wanted, points, texts) for name, parts in chosen.rows.items()}
    rows = np.sort(np.concatenate([chosen.rows[source][0], more]).astype(np.int64))
    corpus = points[np.searchsorted(wanted, rows)]
    return Ground(source, corpus, tuple(texts[rows]), styles, chosen.notes)


def _style(name: str, parts: Sequence[Any], wanted: Any, points: Float64, texts: Any) -> Style:
    at = [points[np.searchsorted(wanted, one)] for one in parts]
    learned, held = (tuple(str(one) for one in texts[places]) for places in parts)
    return Style(name, at[0], at[1], learned, held, parts[0], parts[1], tuple(str(one) for one in parts[1]))


def averaged_pictures(teller: Teller, painter: Painter, ground: Ground) -> tuple[pd.DataFrame, str] | None:
    """How near averages come to the text of held-out pictures or classes, and of what; ``None`` where there are none.

    The pairs are the rows of the painter's own data, with their text in the column ``description`` or ``caption``.
    """
    card = engine.catalogue().models[painter.model]
    if card.data is None or card.data not in engine.dataset_names():
        return None
    data = engine.dataset(card.data)
    named = next((one for one in ("description", "caption") if one in data.columns), None)
    maps = {painter.vectors: painter.rest, painter.pixels.name: painter.maps}.get(data.space.name)
    if maps is None and data.space.row_shape == painter.pixels.row_shape:
        maps = painter.maps
    if maps is None and len(data.space.row_shape or ()) == 1:
        maps = painter.rest
    if named is None or maps is None:
        return None
    texts = data.columns[named].astype(str).to_numpy()
    held = np.flatnonzero(~np.isin(texts, ground.texts))
    rows = np.sort(np.random.default_rng(SEED).permutation(held)[:200])
    batch: Any = np.asarray(data.batch(rows), dtype=np.float32)
    for name in maps:
        batch = engine.live(painter.model).apply(name, batch)
    truths = asking.read(teller, texts[rows].tolist())
    return averaging.curve(np.asarray(batch), ground.corpus, truths, SEED), card.data
