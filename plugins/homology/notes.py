# SPDX-License-Identifier: Apache-2.0
"""What must be read with the result: what was left out, what the numbers do not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins.homology.bars import Bar, unmatched

if TYPE_CHECKING:
    from plugins.homology.analysis import Homology
    from plugins.homology.clouds import Cloud
    from plugins.homology.measures import Measured
    from plugins.homology.shapes import Shapes


def notes_of(
    cloud: Cloud,
    measured: Sequence[Measured],
    bars: Sequence[Bar],
    shapes: Shapes,
    params: Homology.Params,
    kept: float,
) -> list[str]:
    """Sentences, the sample first."""
    whole = measured[0]
    n, m = len(cloud), len(whole.chosen)
    notes = list(cloud.notes)
    if m < n:
        how = {
            "trimmed": f"farthest points after the sparsest {params.trim:.0%} were left out",
            "random": "random points",
            "farthest": "farthest points of all, which a few outliers can spoil",
        }[params.how]
        notes.append(f"The barcode is that of {m:,} of {n:,} points: {how}.")
    notes.append(_tests(whole))
    missed = unmatched(whole, bars)
    if missed:
        notes.append(
            f"The random points show {missed} more {'loop' if missed == 1 else 'loops'} with p of 0.05 or less that no "
            "bar of the landmarks stands for."
        )
    if len(whole.barcode.bars) > 2:
        notes.append(
            "Voids near the largest scales are often made by the shape of the complex alone: a regular ring of points "
            "has some. Their p value is not defined with fewer than six."
        )
    if params.field == 2:
        notes.append("Coefficients are those of Z/2; where Z/3 gives other bars the shape is twisted (Klein bottle).")
    else:
        notes.append(f"Coefficients are those of Z/{params.field}.")
    if cloud.metric in ("geodesic", "pull-back"):
        notes.append(
            f"Distances run along the graph of {params.neighbours} nearest neighbours of each landmark; there is no "
            "covering radius in them."
        )
    if cloud.metric == "pull-back":
        notes.append("Decoded distances are costly: there are at most 5 draws, and fewer random points.")
    if shapes.of:
        notes.append(
            "A cycle is a short one of many that go around the same hole. Where counting around a loop begins, and in "
            "which direction it goes, means nothing."
        )
    notes.append(
        f"The map is for the eye: two principal components, {kept:.0%} of the variance. A loop of the space need not "
        "be one on the map, and one on the map need not be one of the space."
    )
    if cloud.sample.source == "prior":
        notes.append("The points were drawn from the model's prior; they have no labels.")
    return [*notes, *dict.fromkeys(shapes.notes)]


def _tests(whole: Measured) -> str:
    told = "A bar counts as more than noise where one of two tests says so and the landmarks are dense enough."
    if whole.tested_size:
        told += (
            f" p: universal null distribution on {whole.tested_size:,} random points, adjusted for all their loops; a "
            "bar has the p value of the loop there that shares most of its scales, and 1 where there is none."
        )
    if whole.draws:
        told += (
            f" Draws: {len(whole.draws)} of {whole.drawn_size:,} random points each; in how many at least as many bars "
            "stand out by a gap in length of more than 2."
        )
    else:
        told += " There were no random draws (too few points, or none asked for), so that nothing says what recurs."
    return told
