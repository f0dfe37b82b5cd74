# SPDX-License-Identifier: Apache-2.0
"""What a map's measures say in words. Each threshold has its reason beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import workbench as wb
from plugins.projection.checks import FloatArray
from plugins.projection.measures import Measure, Quality
from plugins.projection.principal_components import PrincipalComponents
from plugins.projection.seed_strip import SeedStrip

# Where k is small, a neighbour that is none has on average rank (1 - value) n: at 0.9 it comes from beyond the nearest
# tenth of all points, and reading single neighbourhoods off the map is guesswork. A random map has 0.5; 0.75 is halfway
# there.
NO_VARIATION = "projection.no-variation"
KEPT, LOST = 0.9, 0.75
STABLE = 0.5  # below, most of what stands next to a point would not stand there under another seed
SHOWN = 0.5  # below, more of the variance is off the map than on it


def findings_of(
    points: FloatArray,
    measured: Quality,
    k: int,
    components: PrincipalComponents | None,
    strip: SeedStrip | None,
    dimensions: int,
) -> list[wb.Finding]:
    """Findings of one map; those of estimates only where the whole interval is beyond the threshold."""
    if bool((points == points[:1]).all()):
        return [
            wb.Finding(
                NO_VARIATION,
                f"All {len(points)} points of the space are equal: there is nothing to map.",
                value=0.0,
                threshold=0.0,
                n=len(points),
                severity="serious",
                wrong_if="the sample is one point drawn many times, or the map into this space got a constant input",
            )
        ]
    found = [*_neighbourhoods(measured, k, dimensions)]
    if components is not None:
        found += _variance(components, dimensions)
    if strip is not None:
        found += _stability(strip)
    return found


def _neighbourhoods(measured: Quality, k: int, dimensions: int) -> Iterator[wb.Finding]:
    """Low trustworthiness and low continuity."""
    words = {
        "trustworthiness": "neighbours on the map are often none in the space",
        "continuity": "neighbours in the space are often torn apart on the map",
    }
    for name, meaning in words.items():
        each = measured.get(name, k)
        low, high = each.interval or (each.value, each.value)
        if high >= KEPT:
            continue
        yield wb.Finding(
            f"projection.low-{name}",
            f"{name.capitalize()} at {k} neighbours is {each.value:.3f}, below {KEPT}: {meaning}, "
            f"by {_excess_ranks(each):,.0f} of {each.count:,} ranks on average.",
            value=each.value,
            threshold=KEPT,
            low=low if each.interval else None,
            high=high if each.interval else None,
            n=each.anchors,
            severity="serious" if high < LOST else "warning",
            wrong_if="other numbers of neighbours say otherwise (see the curve), or the points have no neighbourhoods "
            f"that {dimensions} dimensions could keep (noise in many dimensions)",
            figure="quality",
        )


def _excess_ranks(measure: Measure) -> float:
    """Mean number of ranks by which a shown neighbour is too far: (1 - value) (2n - 3k - 1) / 2."""
    return (1 - measure.value) * (2 * measure.count - 3 * (measure.k or 0) - 1) / 2


def _variance(components: PrincipalComponents, dimensions: int) -> Iterator[wb.Finding]:
    share = float(components.explained_variance_ratio[:dimensions].sum())
    if share < SHOWN:
        yield wb.Finding(
            "projection.low-explained-variance",
            f"The {dimensions} axes of the map hold {share:.0%} of the variance: most of it is not on the map.",
            value=share,
            threshold=SHOWN,
            n=components.count,
            severity="info",
            wrong_if="coordinates differ in unit, so that variance says little about what matters",
            figure="explained_variance",
        )


def _stability(strip: SeedStrip) -> Iterator[wb.Finding]:
    value, low, high = mean_interval(strip.stability, strip.seeds[0])
    if high < STABLE:
        yield wb.Finding(
            "projection.seed-dependent",
            f"Only {value:.0%} of a point's {strip.k} neighbours on the map stay under another seed "
            f"({strip.chance:.0%} would by chance).",
            value=value,
            threshold=STABLE,
            low=low,
            high=high,
            n=len(strip.rows),
            wrong_if=f"the {len(strip.rows)} points of the strip are too few to stand for all of them",
        )


def mean_interval(values: Any, seed: int, resamples: int = 1000) -> tuple[float, float, float]:
    """Mean and its 95 % percentile bootstrap interval over points.

    >>> mean_interval(np.ones(10), 0)
    (1.0, 1.0, 1.0)
    """
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    low, high = np.percentile(weights @ values / n, [2.5, 97.5])
    return float(values.mean()), float(low), float(high)
