# SPDX-License-Identifier: Apache-2.0
"""What can be said of the modes: there are several, there is one though there are classes, a class is split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson
from plugins.modes.measures import Measured
from plugins.modes.peaks import noise_prominence
from plugins.modes.sample import Sample
from registry.priors import Normal

if TYPE_CHECKING:
    from plugins.modes.sample import Classes

FEWEST_OF_CLASS = 30  # samples of a class of which a split is told
SPLIT = 0.2  # share of a class that is in its second mode
OFTEN = 0.5  # share of halves in which a mode comes back


def findings_of(sample: Sample, measured: Measured) -> list[wb.Finding]:
    """Findings; none where a number of modes, or a prominence within noise, was asked for: that is no measurement."""
    noise = noise_prominence(measured.modes.k)
    if not measured.modes.threshold >= noise * (1 - 1e-9):  # NaN included
        return []
    return [*_several(sample, measured), *_one(sample, measured), *_split(sample, measured)]


def _several(sample: Sample, measured: Measured) -> list[wb.Finding]:
    """More than one mode in at least 97.5 % of the halves, and in all samples; normal points have one."""
    count = len(measured.modes.peaks)
    low, high = _range(measured)
    normal = sum(len(one.peaks) > 1 for one in measured.normal)
    if count < 2 or low <= 1 or normal:
        return []
    unimodal = _has_one_mode(sample)
    told = " The prior of this space has one." if unimodal else ""
    return [
        wb.Finding(
            "modes.several",
            f"The density has {count} modes, and more than one on random halves of the samples, too ({low:.0f} to "
            f"{high:.0f}); each is more prominent than noise.{told}",
            value=count,
            threshold=1,
            low=low,
            high=high,
            n=len(sample),
            severity="warning" if unimodal else "info",
            wrong_if="samples between the modes are rare and were not drawn, or the same rows occur many times",
            figure="prominence",
        )
    ]


def _one(sample: Sample, measured: Measured) -> list[wb.Finding]:
    """One mode in all samples and in at least 97.5 % of the halves."""
    low, high = _range(measured)
    if len(measured.modes.peaks) != 1 or high > 1:
        return []
    classes = sample.classes
    told = f" The {len(classes.names)} values of {classes.column} are no peaks of their own." if classes else ""
    return [
        wb.Finding(
            "modes.one",
            f"The density has one mode: no second peak is more prominent than noise.{told}",
            value=1,
            threshold=1,
            low=low,
            high=high,
            n=len(sample),
            severity="info",
            wrong_if="there are too few samples for the dimension, so that valleys are narrower than neighbourhoods",
            figure="prominence",
        )
    ]


def _split(sample: Sample, measured: Measured) -> list[wb.Finding]:
    """The class of which the largest share is in a second mode of its own, where both modes come back in most halves.

    A mode is a class's own when no other class has more samples in it: classes strewn over all modes are not split.
    """
    classes = sample.classes
    if classes is None or len(measured.modes.peaks) < 2:
        return []
    low, _ = wilson(measured.recurs, len(measured.halves))
    sure = low > OFTEN
    worst = max(
        (one for code in range(len(classes.names)) if (one := _second(classes, code, measured, sure)) is not None),
        default=None,
        key=lambda one: one[0],
    )
    if worst is None:
        return []
    share, lowest, highest, size, code, first, second = worst
    return [
        wb.Finding(
            "modes.split-class",
            f"{classes.column} {classes.names[code]} is split: {100 * share:.0f} % of its {size:,} samples are in mode "
            f"{second + 1} and more in mode {first + 1}, with a valley between them; no other class has more samples "
            "in either.",
            value=share,
            threshold=SPLIT,
            low=lowest,
            high=highest,
            n=size,
            severity="info",
            wrong_if="the class holds two kinds by its definition",
            figure="classes",
        )
    ]


def _second(
    classes: Classes, code: int, measured: Measured, sure: np.ndarray
) -> tuple[float, float, float, int, int, int, int] | None:
    """Share of a class in its second mode with its interval, size, class and both modes; ``None`` where it is whole."""
    labels, number = measured.modes.labels, len(measured.modes.peaks)
    mine = labels[classes.codes == code]
    counts = np.bincount(mine, minlength=number)
    each = [np.bincount(labels[classes.codes == one], minlength=number) for one in range(len(classes.names))]
    counts = np.where(counts == np.max(each, axis=0), counts, 0)
    order = np.argsort(-counts, kind="stable")
    first, second = int(order[0]), int(order[1])
    low, high = (float(one) for one in wilson(int(counts[second]), max(len(mine), 1)))
    if len(mine) < FEWEST_OF_CLASS or low <= SPLIT or not (sure[first] and sure[second]):
        return None
    return counts[second] / len(mine), low, high, len(mine), code, first, second


def _range(measured: Measured) -> tuple[float, float]:
    counts = [one.count for one in measured.halves]
    return float(np.quantile(counts, 0.025)), float(np.quantile(counts, 0.975))


def _has_one_mode(sample: Sample) -> bool:
    """Whether the space has a normal prior, whose density has one peak."""
    return isinstance(getattr(sample.points.space, "prior", None), Normal)
