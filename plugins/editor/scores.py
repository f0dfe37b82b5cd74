# SPDX-License-Identifier: Apache-2.0
"""What scorers say of the pictures before and after, and how much that is beside what pictures differ anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from registry.errors import DataError
from workbench.app import engine

if TYPE_CHECKING:
    from plugins.editor.decoding import Decoder
    from registry.arrays import Array
    from registry.scorers import Scorer


@dataclass(frozen=True)
class Score:
    """One scorer on two pictures; NaN where a picture has no such number."""

    name: str
    label: str
    unit: str
    before: float
    after: float
    spread: float

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def in_spreads(self) -> float:
        """The change in standard deviations over pictures of the model; NaN where these do not differ."""
        return self.change / self.spread if self.spread > 0 else float("nan")


def applying(decoder: Decoder) -> dict[str, Scorer]:
    """The scorers that apply to the pictures of a decoder."""
    return {name: one for name, one in engine.catalogue().scorers.items() if one.lacks(decoder.pixels) is None}


def networks(decoder: Decoder) -> dict[str, Scorer]:
    """Of these the ones with weights of their own, which take longer than a picture does."""
    return {name: one for name, one in applying(decoder).items() if one.requires is not None}


def quick(decoder: Decoder) -> dict[str, Scorer]:
    """The others."""
    return {name: one for name, one in applying(decoder).items() if one.requires is None}


def measured(decoder: Decoder, images: Array, scorers: Mapping[str, Scorer]) -> tuple[dict[str, Array], dict[str, str]]:
    """Scores ``[n]`` of pictures by scorer, and why others failed."""
    found, failed = {}, {}
    for name, one in scorers.items():
        try:
            found[name] = one(images, low=decoder.pixels.low, high=decoder.pixels.high)
        except DataError as error:
            failed[name] = str(error)
    return found, failed


def spreads(decoder: Decoder, images: Array, scorers: Mapping[str, Scorer]) -> dict[str, float]:
    """Standard deviation of every scorer over pictures; 0 where fewer than two have a number or it is no more than its
    resolution."""
    found = {}
    for name, values in measured(decoder, images, scorers)[0].items():
        finite = values[np.isfinite(values)]
        spread = float(finite.std()) if len(finite) > 1 else 0.0
        found[name] = spread if spread > scorers[name].resolution else 0.0
    return found


def compared(
    decoder: Decoder, images: Array, spread: Mapping[str, float], scorers: Mapping[str, Scorer]
) -> tuple[list[Score], dict[str, str]]:
    """Scores of two pictures (before, after), the largest change first, and why others failed."""
    values, failed = measured(decoder, images, scorers)
    listed = [
        Score(name, scorers[name].label, scorers[name].unit, float(one[0]), float(one[1]), spread.get(name, 0.0))
        for name, one in values.items()
    ]

    def size(one: Score) -> float:
        return abs(one.in_spreads) if np.isfinite(one.in_spreads) else -1.0

    return sorted(listed, key=size, reverse=True), failed
