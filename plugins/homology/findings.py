# SPDX-License-Identifier: Apache-2.0
"""What the run states: loops and voids that are more than noise, pieces that do not join, outliers, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.bars import LEVEL, RECURS, Bar
from plugins.homology.trust import wilson

if TYPE_CHECKING:
    from plugins.homology.clouds import Cloud
    from plugins.homology.measures import Measured
    from plugins.homology.shapes import Shapes

KINDS = {1: "loop", 2: "void", 3: "void"}
SEVERAL = 6  # bars that are stated one by one
FAR = 2.0  # covering radii beyond which a point belongs to no landmark
SPOILT = 0.01  # share of outliers from which farthest points alone would be chosen among them
RARE = 0.001  # share of outliers below which they are not worth a statement
WITHOUT_HOLES = ("normal", "uniform")  # priors that fill their space


@dataclass(frozen=True)
class Outliers:
    """Points far from every landmark: their positions, and their share with its interval."""

    positions: NDArray[np.int64]
    share: float
    low: float
    high: float
    n: int


def outliers_of(whole: Measured, cloud: Cloud) -> Outliers | None:
    """Points more than two covering radii from every landmark, farthest first; ``None`` where that is not measured."""
    if not whole.covering_radius > 0 or not len(whole.trimmed):
        return None
    far = np.flatnonzero(whole.away > FAR * whole.covering_radius)
    far = far[np.argsort(-whole.away[far], kind="stable")]
    low, high = wilson(len(far), len(cloud))
    return Outliers(far.astype(np.int64), len(far) / len(cloud), float(low), float(high), len(cloud))


def findings_of(
    cloud: Cloud, measured: Sequence[Measured], bars: Sequence[Bar], shapes: Shapes, outliers: Outliers | None
) -> list[wb.Finding]:
    """Of all points first, then of the classes; nothing but noise only where it was tested."""
    significant = [bar for bar in bars if bar.significant and bar.dimension in KINDS]
    whole = [bar for bar in significant if not bar.group]
    found = [_hole(cloud, measured[0], bar) for bar in whole[:SEVERAL]]
    found += _pieces(measured[0], bars, shapes)
    if not found:
        found += _noise(measured[0], bars)
    for one in measured[1:]:
        mine = [bar for bar in significant if bar.group == one.group.name]
        found += [_hole(cloud, one, bar) for bar in mine[:1]]
    return found + _outliers(outliers)


def should_be_filled(cloud: Cloud) -> bool:
    """Whether the space has a prior that leaves no hole."""
    return getattr(getattr(cloud.sample.space, "prior", None), "kind", "") in WITHOUT_HOLES


def _hole(cloud: Cloud, one: Measured, bar: Bar) -> wb.Finding:
    kind = KINDS[bar.dimension]
    where = f"The points of {bar.group}" if bar.group else "The points"
    whole = not bar.group and should_be_filled(cloud)
    by_p, by_draws = bar.passed
    told = (
        f"{where} leave a {kind} open, born at {bar.birth:.3g} and "
        + ("never filled at the scales looked at" if bar.essential else f"filled at {bar.death:.3g}")
        + f" ({bar.relative_length:.2g} median distances long)"
    )
    evidence = []
    if bar.recurrence == bar.recurrence:
        evidence.append(
            f"{bar.recurrence:.0%} of {len(one.draws)} random draws show "
            + (f"{bar.rank} or more" if bar.rank > 1 else "one")
        )
    if bar.p_value == bar.p_value:
        evidence.append(f"p {'< 0.001' if bar.p_value < 0.001 else f'= {bar.p_value:.3f}'} against noise")
    elif bar.p_reason:
        evidence.append(f"no p value ({bar.p_reason})")
    told += f": {', '.join(evidence)}."
    if by_p != by_draws and bar.p_value == bar.p_value and bar.recurrence == bar.recurrence:
        told += " Only one of the two tests calls it more than noise."
    if whole:
        told += " The prior of this space has no such hole."
    severity: Literal["info", "warning"] = "warning" if whole and by_draws else "info"
    by_share = bar.recurrence == bar.recurrence
    return wb.Finding(
        f"homology.{kind}",
        told,
        value=bar.recurrence if by_share else bar.p_value,
        threshold=RECURS if by_share else LEVEL,
        low=bar.recurrence_low if by_share else None,
        high=bar.recurrence_high if by_share else None,
        n=len(one.group.positions),
        severity=severity,
        wrong_if="the points lie along a thin curve that nearly closes, are few, or the distance is not one in which "
        "the space is meant to be read",
        figure="barcode",
    )


def _pieces(whole: Measured, bars: Sequence[Bar], shapes: Shapes) -> list[wb.Finding]:
    """Pieces that hold more than a hundredth of the points each, and come back in random draws."""
    if len(shapes.sizes) < 2:
        return []
    last = next(bar for bar in bars if not bar.group and bar.dimension == 0 and bar.rank == len(shapes.sizes) - 1)
    if last.recurrence == last.recurrence and not last.passed[1]:
        return []
    n = len(whole.group.positions)
    share = shapes.sizes[1] / n
    draws = (
        f"{last.recurrence:.0%} of {len(whole.draws)} random draws show as many."
        if last.recurrence == last.recurrence
        else "No random draws say whether they come back."
    )
    by_draws = last.recurrence == last.recurrence
    lengths = whole.lengths(0)
    following = lengths[last.rank] if last.rank < len(lengths) else float("nan")
    return [
        wb.Finding(
            "homology.pieces",
            f"The points fall into {len(shapes.sizes)} pieces that do not join below a distance of {last.death:.3g}, "
            f"where within pieces {following:.3g} is enough; the second largest holds {share:.1%} of the points. "
            f"{draws}",
            value=last.recurrence if by_draws else float(len(shapes.sizes)),
            threshold=RECURS if by_draws else 1.0,
            low=last.recurrence_low if by_draws else None,
            high=last.recurrence_high if by_draws else None,
            n=n,
            severity="warning" if by_draws else "info",
            wrong_if="the sample leaves out what lies between the pieces, or the data itself is of separate kinds",
            figure="barcode",
        )
    ]


def _noise(whole: Measured, bars: Sequence[Bar]) -> list[wb.Finding]:
    first = next((bar for bar in bars if not bar.group and bar.dimension == 1 and bar.rank == 1), None)
    by_draws = bool(whole.draws)
    if first is None or not (by_draws or first.p_value == first.p_value):
        return []
    told = f"p = {first.p_value:.2f} against noise" if first.p_value == first.p_value else ""
    if by_draws:
        told = f"{first.recurrence:.0%} of {len(whole.draws)} random draws show one" + (f", {told}" if told else "")
    kinds = " or void" if len(whole.barcode.bars) > 2 else ""
    return [
        wb.Finding(
            "homology.noise",
            f"No loop{kinds} can be told from noise, and the points are one piece; of the longest loop, {told}.",
            value=first.recurrence if by_draws else first.p_value,
            threshold=RECURS if by_draws else LEVEL,
            low=first.recurrence_low if by_draws else None,
            high=first.recurrence_high if by_draws else None,
            n=len(whole.group.positions),
            severity="info",
            wrong_if="there is a hole smaller than the spacing of the landmarks, or one seen by more points only",
            figure="barcode",
        )
    ]


def _outliers(outliers: Outliers | None) -> list[wb.Finding]:
    if outliers is None or outliers.low <= RARE:
        return []
    many = outliers.share > SPOILT
    return [
        wb.Finding(
            "homology.outliers",
            f"{len(outliers.positions):,} of {outliers.n:,} points lie more than {FAR:g} covering radii from every "
            "landmark: they were trimmed before landmarks were chosen, and have no part in the barcode.",
            value=outliers.share,
            threshold=SPOILT,
            low=outliers.low,
            high=outliers.high,
            n=outliers.n,
            severity="warning" if many else "info",
            wrong_if="what is trimmed is not noise but a rare kind of point: look at the samples",
            figure="diagram",
        )
    ]
