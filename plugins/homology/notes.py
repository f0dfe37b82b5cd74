# SPDX-License-Identifier: Apache-2.0
"""What must be read with the result: what was left out, what the numbers do not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins.homology.bars import Bar, unmatched
from plugins.homology.estimate import in_words
from plugins.homology.measures import TOLD, most_landmarks

if TYPE_CHECKING:
    from plugins.homology.analysis import Homology
    from plugins.homology.clouds import Cloud
    from plugins.homology.measures import Measured
    from plugins.homology.shapes import Shapes

UNSET = {"landmarks": None}


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
    elif params.landmarks is not None and params.landmarks >= n > most_landmarks(params.model_copy(update=UNSET), n):
        notes.append(
            f"All {n:,} points are landmarks, as 'landmarks' = {params.landmarks:,} asks for; none is left out as "
            "sparse."
        )
    if whole.predicted >= TOLD:
        notes.append(f"Barcode and draws were expected to take up to {in_words(whole.predicted)} of processor time.")
    notes += _complex(params)
    notes.append(_tests(whole))
    notes += _options(whole, bars, params)
    missed = unmatched(whole, bars)
    if missed:
        notes.append(
            f"The random points show {missed} more {'loop' if missed == 1 else 'loops'} with p of 0.05 or less that no "
            "bar of the landmarks stands for."
        )
    notes += _late(bars)
    if params.max_dim >= len(whole.barcode.bars):
        notes.append(
            f"Points with {len(whole.barcode.bars)} coordinates have nothing in dimension {len(whole.barcode.bars)} "
            "and above in the alpha complex."
        )
    without = {bar.p_reason for bar in bars if bar.significant and bar.p_reason}
    notes += [f"A bar that stands out by the draws has no p value: {why}." for why in sorted(without)]
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
    if any(shape.cycle is not None for shape in shapes.of.values()):
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


def _complex(params: Homology.Params) -> list[str]:
    """What is grown, where it is not Rips; scales are comparable."""
    if params.complex == "alpha":
        return [
            "The complex is alpha: the union of the balls itself, computed by CGAL, which is under the GPL v3. Its "
            "scales are diameters of the balls, as those of Rips are distances; a circle of radius 1 is filled at 2, "
            "and at 1.73 by Rips."
        ]
    if params.complex == "dtm":
        return [
            f"The complex is Rips weighted by the distance to measure: a point comes at twice the root mean square of "
            f"its distances to the nearest {params.mass:.3g} of all points, so that outliers come late and make no "
            "bars. No law of noise is known for it, so that there are no p values, and no covering radii."
        ]
    return []


def _options(whole: Measured, bars: Sequence[Bar], params: Homology.Params) -> list[str]:
    """What was asked for besides, and said as what it is."""
    notes = []
    mine = [bar for bar in bars if not bar.group and bar.dimension > 0]
    if params.strict and whole.fasy is not None:
        longer = sum(bar.length > whole.fasy.length for bar in mine)
        notes.append(
            f"Strict band (Fasy and others 2014, by subsampling, at 95 %): {longer} of {len(mine):,} loops and voids "
            f"are longer than the {whole.fasy.length:.3g} it asks for. It holds for all at once and has little power; "
            "half of that length is often read, without a guarantee."
        )
    if params.gaussian and whole.gaussian is not None:
        notes.append(
            f"Gaussian beside it: {len(whole.gaussian.longest)} normal clouds of the same mean and covariance. A loop "
            "that is longer than theirs says that the points differ from a Gaussian blob, and nothing more."
        )
    missing = [
        name
        for name, asked, given in (
            ("strict band", params.strict, whole.fasy),
            ("Gaussian null", params.gaussian, whole.gaussian),
        )
        if asked and given is None
    ]
    if missing:
        notes.append(f"There is no {' and no '.join(missing)} for this metric, complex or dimension; the rest stands.")
    return notes


def _late(bars: Sequence[Bar]) -> list[str]:
    """Voids that are of the complex; those that would have been called voids are counted."""
    late = [bar for bar in bars if bar.late]
    if not late:
        return []
    passed = sum(any(bar.passed) and not bar.in_covering_radii < 1 for bar in late)
    of_them = f" {passed} of them would have passed a test." if passed else ""
    return [
        f"{len(late):,} voids begin only where a longer loop has just been filled: past that scale the complex of any "
        "ring of points is hollow of itself, so that they say nothing of the points and are not called voids." + of_them
    ]


def _tests(whole: Measured) -> str:
    told = "A bar counts as more than noise where one of two tests says so and the landmarks are dense enough."
    if whole.tested_size:
        told += (
            f" p: universal null distribution on {whole.tested_size:,} random points, adjusted for all their loops; a "
            "bar has the p value of the loop there that shares most of its scales, and 1 where there is none."
        )
    elif whole.weighted:
        told += " There is no p value for a weighted complex."
    if whole.draws:
        told += (
            f" Draws: {len(whole.draws)} of {whole.drawn_size:,} random points each; in how many at least as many bars "
            "stand out by a gap in length of more than 2."
        )
    else:
        told += " There were no random draws (too few points, or none asked for), so that nothing says what recurs."
    return told
