# SPDX-License-Identifier: Apache-2.0
"""What stands out: units that nothing opens, pictures far beyond the data, searches that fail, and controls as far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.interpolation.results import mean_of

if TYPE_CHECKING:
    from plugins.feature_visualisation.visualising import Found

FAR: Final = 2.0  # times as far from the mean of the data as the strongest sample


def findings_of(found: Found) -> list[wb.Finding]:
    """With number, threshold, interval and sample."""
    told = [*_dead(found)]
    samples, first = found.samples.values, found.groups[0]
    if len(samples) < 2 or samples.max() <= samples.mean() or first.flat.all():
        return told
    reach = (first.values - samples.mean()) / (samples.max() - samples.mean())
    value, low, high = mean_of(reach)
    if high is not None and high < 1:
        told.append(
            wb.Finding(
                "feature-visualisation.below-data",
                f"The search reached {value:.0%} of the distance from the mean of the data to its strongest sample: it "
                "has not found what excites the unit most.",
                value=value,
                threshold=1.0,
                low=low,
                high=high,
                n=len(reach),
                wrong_if="the strongest sample is itself an outlier that no picture of the search's kind comes near",
                figure="values",
            )
        )
    elif value > FAR and (low is None or low > FAR):
        told.append(
            wb.Finding(
                "feature-visualisation.beyond-data",
                f"The pictures excite it {value:.1f} times as far above the mean as the strongest of {len(samples):,} "
                f"samples of {found.samples.source}: they lie beyond anything that these reach.",
                value=value,
                threshold=FAR,
                low=low,
                high=high,
                n=len(reach),
                severity="info",
                wrong_if="the samples are too few to hold the strongest that the network will meet",
                figure="values",
            )
        )
    return [*told, *_control(found)]


def _dead(found: Found) -> list[wb.Finding]:
    samples, first = found.samples, found.groups[0]
    count = len(samples.values)
    constant = count > 1 and np.ptp(samples.extents) == 0
    shut = found.rectified and count > 0 and samples.extents.max() <= 0
    if not (constant or shut or first.flat.all()):
        return []
    opened = found.rectified and bool((first.values > 0).any())
    parts = []
    if shut:
        parts.append(f"none of {count:,} samples opens it")
    elif constant:
        parts.append(f"all {count:,} samples give the same value")
    if first.flat.all():
        parts.append("its gradient was 0 at every step of the search")
    elif shut:
        parts.append("the search found a picture that does" if opened else "and the search found no picture that does")
    return [
        wb.Finding(
            "feature-visualisation.unit-dead",
            f"The unit looks dead: {', '.join(parts)}.",
            value=0.0,
            threshold=0.0,
            low=0.0,
            high=min(1.0, 3 / count) if count else None,
            n=count or len(first.values),
            severity="info" if opened else "warning",
            wrong_if="samples of another kind, or another start of the search, open it",
            figure="values",
        )
    ]


def _control(found: Found) -> list[wb.Finding]:
    from plugins.feature_visualisation.results import beyond

    if found.shuffled is None or len(found.shuffled_samples) < 2:
        return []
    learnt = beyond(found.groups[0].values, found.samples.values)
    shuffled = beyond(found.shuffled.values, found.shuffled_samples)
    if not (np.isfinite(learnt).all() and np.isfinite(shuffled).all()) or learnt.mean() <= 0:
        return []
    value = float(shuffled.mean() / learnt.mean())
    if value < 1:
        return []
    return [
        wb.Finding(
            "feature-visualisation.no-further-than-shuffled",
            f"With its weights in random order the network's unit is driven {shuffled.mean():.1f} standard deviations "
            f"above its samples, and as trained {learnt.mean():.1f}: the distance says nothing of what was learnt.",
            value=value,
            threshold=1.0,
            low=float(shuffled.min() / learnt.max()) if learnt.max() > 0 else None,
            high=float(shuffled.max() / learnt.min()) if learnt.min() > 0 else None,
            n=len(learnt) + len(shuffled),
            severity="info",
            wrong_if="few pictures were searched: the interval is the range of all pairs of them",
            figure="values",
        )
    ]
