# SPDX-License-Identifier: Apache-2.0
"""Colours for categories and values that read on light and dark ground and for colour-blind eyes."""

from __future__ import annotations

from typing import Final

from registry.pictures import CHART_COLOURS

#: Ten category colours; how they were chosen stands where they are, with the charts that share them.
CATEGORY_COLOURS: Final[tuple[str, ...]] = CHART_COLOURS

#: Past ten categories the colours come round again with the next of these marker shapes: 40 that can be told apart.
CATEGORY_SHAPES: Final[tuple[str, ...]] = ("circle", "square", "triangle", "diamond")

#: The mark of what has no category or value of its own: missing values, and the rest past 40 categories.
NEUTRAL_COLOUR: Final = "#8A8A8A"
NEUTRAL_SHAPE: Final = "cross"

#: As many categories as get a mark of their own.
CATEGORY_LIMIT: Final = len(CATEGORY_COLOURS) * len(CATEGORY_SHAPES)

#: Viridis (van der Walt and Smith, 2015) at eleven even steps; the end that sinks into the ground is cut off.
SEQUENTIAL_RAMP: Final[dict[str, tuple[str, ...]]] = {
    "light": (
        "#440154", "#482475", "#414487", "#355F8D", "#2A788E", "#21918C", "#22A884", "#44BF70", "#7AD151", "#BDDF26",
    ),
    "dark": (
        "#482475", "#414487", "#355F8D", "#2A788E", "#21918C", "#22A884", "#44BF70", "#7AD151", "#BDDF26", "#FDE725",
    ),
}  # fmt: skip

#: Blue below zero, orange above; the middle is a grey that still shows on its ground.
DIVERGING_RAMP: Final[dict[str, tuple[str, ...]]] = {
    "light": ("#08519C", "#3182BD", "#8DB9D8", "#C4C4C4", "#F0A868", "#D9691E", "#8F3A04"),
    "dark": ("#7CC4FF", "#3D93D6", "#3E6A92", "#5C5F66", "#9A6A3C", "#DC7F2E", "#FFC083"),
}

#: A turn: both ends are one colour. Lightness tells near from far for all kinds of sight, blue and orange one half from
#: the other. Places a quarter of a turn apart differ by at least 25 in CIE 1976 units with normal, protan, deutan and
#: tritan vision (full severity, Machado, Oliveira and Fernandes 2009); contrast is at least 2.2 on white, 2.6 on dark.
CYCLIC_RAMP: Final[dict[str, tuple[str, ...]]] = {
    "light": ("#2F1436", "#4B3CA0", "#3F78B8", "#6FA3B5", "#A9AEB0", "#CF9A5B", "#C8652F", "#96273F", "#2F1436"),
    "dark": ("#EADDF0", "#A9C4EA", "#5C9BE0", "#3F6FB0", "#5B5563", "#A4552F", "#E08A45", "#F0BFA5", "#EADDF0"),
}
