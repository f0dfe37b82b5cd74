# SPDX-License-Identifier: Apache-2.0
"""The measurement: every scale with the direction and with random ones of the same length, on the same texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.steering.intervention import steered
from plugins.steering.quality import distinct_pairs, full_stops, interval, resampled

if TYPE_CHECKING:
    import torch

    from plugins.steering.texts import Groups

DOUBLED: Final = 2.0  # perplexity of neutral text beside the unsteered
STOPS: Final = 0.2  # full stops beyond the unsteered, as a share of words and marks
HALVED: Final = 0.5  # pairs of words that are not repeated, beside the unsteered
TEMPERATURE: Final = 0.8


@dataclass(frozen=True)
class Sign:
    """One sign of broken text: the number that went over its threshold, and the chart that shows it."""

    words: str
    value: float
    threshold: float
    figure: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Step:
    """One scale. ``effect``: change of the log-probability a token of toward texts less that of away texts, in nats."""

    scale: float
    effect: tuple[float, float, float]
    ratio: tuple[float, float, float]
    random_effects: tuple[float, ...]
    random_ratios: tuple[float, ...]
    toward: float
    away: float
    stops: float
    distinct: float
    written: tuple[str, ...]

    def signs(self, unsteered: Step) -> list[Sign]:
        """Every sign that the text is broken at this scale; none where it is whole."""
        found = []
        if self.ratio[0] >= DOUBLED:
            words = f"neutral text is {self.ratio[0]:.3g} times as perplexing"
            found.append(Sign(words, self.ratio[0], DOUBLED, "perplexity", self.ratio[1], self.ratio[2]))
        if math.isnan(self.stops):
            found.append(Sign("nothing is written", 1.0, 1.0, "broken"))  # as a share of the beginnings
        if self.stops >= unsteered.stops + STOPS:
            words = f"{self.stops:.0%} of what is written are full stops ({unsteered.stops:.0%} unsteered)"
            found.append(Sign(words, self.stops, unsteered.stops + STOPS, "broken"))
        if self.distinct <= HALVED * unsteered.distinct:
            words = (
                f"{1 - self.distinct:.0%} of the pairs of words are repeats ({1 - unsteered.distinct:.0%} unsteered)"
            )
            found.append(Sign(words, self.distinct, HALVED * unsteered.distinct, "broken"))
        return found

    def broken(self, unsteered: Step) -> str:
        """What is wrong with the text at this scale, in words; empty where nothing is."""
        return " and ".join(one.words for one in self.signs(unsteered))

    def works(self) -> bool:
        """Whether the effect is above 0 with its whole interval, and above that of every random direction."""
        return self.effect[1] > 0 and self.effect[0] > max(self.random_effects, default=0.0)


def measure(
    job: wb.Job,
    maps: tuple[wb.Map[Any, Any], wb.Map[Any, Any]],
    layer: str,
    vector: Any,
    groups: Groups,
    scales: Sequence[float],
    random: int,
    tokens: int,
    progress: Callable[[float], None],
) -> list[Step]:
    """The steps, the unsteered one first.

    Random directions are drawn from the sphere, as long as ``vector`` at each scale.
    """
    import torch

    score, onward = maps
    length = float(np.linalg.norm(vector))
    draws = job.rng.normal(size=(random, len(vector)))
    draws *= length / np.linalg.norm(draws, axis=1, keepdims=True)
    sets = (groups.texts_toward, groups.texts_away, groups.neutral)
    every = [text for one in sets for text in one]
    ends = np.cumsum([len(one) for one in sets])[:-1]
    conditions = known(onward, {"tokens": tokens, "temperature": TEMPERATURE, "seed": job.seed % 2**31})
    total, done = len(scales) * (1 + random) + 1, 0

    def said(vector: torch.Tensor | None) -> list[Any]:
        """Log-probabilities a token of the three sets of texts."""
        nonlocal done
        with torch.no_grad():
            if vector is None:
                found = score.point(every)
            else:
                with steered(job.model, layer, vector):
                    found = score.point(every)
        done += 1
        progress(done / total)
        numbers = found[:, 0].double().cpu().numpy()
        if not np.isfinite(numbers).all():
            raise wb.DataError(f"the map '{score.name}' gives numbers that are not finite: choose smaller scales")
        return np.split(numbers, ends)

    base = said(None)
    with torch.no_grad():
        texts = tuple(onward.point(groups.openings, **conditions))
    steps = [
        Step(0.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (), (), 0.0, 0.0, full_stops(texts), distinct_pairs(texts), texts)
    ]
    for scale in scales:
        moved = as_tensor(vector, scale, job.device)
        changed = [one - before for one, before in zip(said(moved), base, strict=True)]
        others = [
            [one - before for one, before in zip(said(as_tensor(draw, scale, job.device)), base, strict=True)]
            for draw in draws
        ]
        with torch.no_grad(), steered(job.model, layer, moved):
            texts = tuple(onward.point(groups.openings, **conditions))
        effect = resampled(changed[0], job.rng) - resampled(changed[1], job.rng)
        ratio = ratio_of(resampled(changed[2], job.rng))
        steps.append(
            Step(
                float(scale),
                (float(changed[0].mean() - changed[1].mean()), *interval(effect)),
                (float(ratio_of(changed[2].mean())), *interval(ratio)),
                tuple(float(one[0].mean() - one[1].mean()) for one in others),
                tuple(float(ratio_of(one[2].mean())) for one in others),
                float(changed[0].mean()),
                float(changed[1].mean()),
                full_stops(texts),
                distinct_pairs(texts),
                texts,
            )  # fmt: skip
        )
    return steps


def ratio_of(changes: Any) -> Any:
    """Perplexity beside the unsteered, from mean changes of the log-probability a token; kept below 1e304.

    >>> float(ratio_of(-np.log(2.0)).round(6)), bool(np.isfinite(ratio_of(-1e6)))
    (2.0, True)
    """
    return np.exp(np.minimum(-np.asarray(changes), 700.0))


def recommended(steps: Sequence[Step]) -> Step | None:
    """The largest scale that works and breaks nothing, before the first that breaks the text."""
    best = None
    for one in sorted(steps[1:], key=lambda step: abs(step.scale)):
        if one.broken(steps[0]):
            break
        if one.works():
            best = one
    return best


def breaking(steps: Sequence[Step]) -> Step | None:
    """The smallest scale at which the text is broken."""
    return next((one for one in sorted(steps[1:], key=lambda step: abs(step.scale)) if one.broken(steps[0])), None)


def known(onward: wb.Map[Any, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Those of the conditions that the map has."""
    has = {one.name for one in onward.conditions}
    return {name: value for name, value in wanted.items() if name in has}


def as_tensor(vector: Any, scale: float, device: str) -> torch.Tensor:
    """``scale`` times the vector, float32, on the device."""
    import torch

    return torch.from_numpy(np.asarray(vector * scale, dtype=np.float32)).to(device)
