# SPDX-License-Identifier: Apache-2.0
"""What stands out: estimates that disagree, too few points, thinner than a Gaussian, repeated points."""

from __future__ import annotations

import math

import numpy as np

import workbench as wb
from plugins.intrinsic_dimension.measures import METHODS, Estimates, ratio_interval

DISAGREE = 1.5  # largest over smallest estimate; bodies of known dimension stay below 1.15
THINNER = 0.8  # share of the Gaussian's dimension
REPEATED = 0.05  # share of the points
BY_DISTANCE = ("two_nn", "mle", "ph0")  # that read how room grows with distance
WORDS = {
    "two_nn": "TwoNN",
    "mle": "maximum likelihood",
    "lpca": "local principal components",
    "ph0": "persistent homology",
}


def findings_of(
    found: Estimates, control: Estimates, distinct: int, repeated: int, width: int, neighbourhood: int
) -> list[wb.Finding]:
    """Warnings first; ``neighbourhood`` is what the number of local components cannot exceed."""
    return [
        *_disagree(found, distinct, neighbourhood),
        *_too_few(found, distinct),
        *_repeated(distinct, repeated),
        *_thinner(found, control, distinct, width),
    ]


def most_for(n: int) -> float:
    """The largest dimension that ``n`` points can tell: ``2 log10 n``.

    Source: Eckmann and Ruelle, "Fundamental limitations for estimating dimensions and Lyapunov exponents in dynamical
    systems", Physica D 56, 1992; derived for the correlation dimension, taken as a rule for all.

    >>> most_for(1000)
    6.0
    """
    return 2 * math.log10(n)


def near_bound(components: float, neighbourhood: int) -> bool:
    """Whether a number of local components is held down by the number of neighbours rather than by the points."""
    return components > neighbourhood / 2


def _disagree(found: Estimates, n: int, neighbourhood: int) -> list[wb.Finding]:
    told = found.values.copy()
    components = METHODS.index("lpca")
    if near_bound(told[components], neighbourhood):
        told[components] = np.nan
    if np.isfinite(told).sum() < 2:
        return []
    most, least = int(np.nanargmax(told)), int(np.nanargmin(told))
    ratio, low, high = ratio_interval(found, most, least)
    if not low > DISAGREE:
        return []
    return [
        wb.Finding(
            "intrinsic-dimension.estimates-disagree",
            f"The estimates disagree: {WORDS[METHODS[most]]} says {found.values[most]:.1f} dimensions, "
            f"{WORDS[METHODS[least]]} {found.values[least]:.1f}. There is no one dimension at these scales.",
            value=ratio,
            threshold=DISAGREE,
            low=low,
            high=high,
            n=n,
            wrong_if="the neighbourhoods are too large for the curvature, which raises the number of components alone",
            figure="estimates",
        )
    ]


def _too_few(found: Estimates, n: int) -> list[wb.Finding]:
    told = np.where([name in BY_DISTANCE for name in METHODS], found.values, np.nan)
    if not np.isfinite(told).any():
        return []
    most = int(np.nanargmax(told))
    bound = most_for(n)
    if not found.values[most] > bound:
        return []
    return [
        wb.Finding(
            "intrinsic-dimension.too-few-points",
            f"{n:,} points are too few for the dimension found: {WORDS[METHODS[most]]} says "
            f"{found.values[most]:.1f}, and so many points tell at most about {bound:.1f} reliably. The true number is "
            "rather larger.",
            value=float(found.values[most]),
            threshold=bound,
            low=_number(found.low[most]),
            high=_number(found.high[most]),
            n=n,
            wrong_if="the points fill a body without edges evenly, for which the estimates stay right for longer",
            figure="estimates",
        )
    ]


def _repeated(distinct: int, repeated: int) -> list[wb.Finding]:
    n = distinct + repeated
    if repeated / n <= REPEATED:
        return []
    return [
        wb.Finding(
            "intrinsic-dimension.repeated-points",
            f"{repeated:,} of {n:,} points are equal to another one and were left out: the space is discrete or "
            "collapsed there, and a dimension says little.",
            value=repeated / n,
            threshold=REPEATED,
            n=n,
            wrong_if="the data set itself holds the same rows many times",
            figure="estimates",
        )
    ]


def _thinner(found: Estimates, control: Estimates, n: int, width: int) -> list[wb.Finding]:
    """Each of the three that read the growth of distances is below its own value of the Gaussian."""
    three = [METHODS.index(name) for name in BY_DISTANCE]
    values, beside = found.values[three], control.values[three]
    high, low = found.high[three] / control.low[three], found.low[three] / control.high[three]
    if not (high < THINNER).all():  # false where one is not defined
        return []
    at = int((values / beside).argmax())
    return [
        wb.Finding(
            "intrinsic-dimension.thinner-than-gaussian",
            f"The points fill fewer dimensions than a Gaussian of the same covariance would: {values.min():.1f} to "
            f"{values.max():.1f} by their distances in place of {beside.min():.1f} to {beside.max():.1f}, in "
            f"{width:,} axes. They lie on something curved, or in pieces.",
            value=float(values[at] / beside[at]),
            threshold=THINNER,
            low=float(low[at]),
            high=float(high[at]),
            n=n,
            severity="info",
            wrong_if="the density changes strongly within a neighbourhood, so that the nearest points say less",
            figure="estimates",
        )
    ]


def _number(value: float) -> float | None:
    return float(value) if value == value else None
