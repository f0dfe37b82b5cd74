# SPDX-License-Identifier: Apache-2.0
"""From measured numbers to rows: what passed, what did not, in words that stand by themselves."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.attribution.checks.agreement import Pair
from plugins.attribution.checks.border import Border
from plugins.attribution.checks.deletion import INPUT, RANDOM, Curves
from plugins.attribution.checks.gradients import FLAT, Gradients, unchanging
from plugins.attribution.checks.means import CORRELATION, SHARE, Mean, mean_of
from plugins.attribution.checks.randomisation import Randomised
from plugins.attribution.checks.rows import Row, Verdict, refused, row_of

if TYPE_CHECKING:
    import torch

    from plugins.attribution.questions import Question

GAP: Final = 0.05  # of the change of the answer that may be missing from a sum
ALIKE: Final = 0.7  # rank correlation with the map of a network of random weights
SAME_BASELINE: Final = 0.5  # rank correlation of the maps of two baselines
CONTRADICT: Final = 0.2  # rank correlation of two methods
SATURATED: Final = 0.25  # share of samples
SPEED: Final = {"better": "faster", "worse": "slower"}
OVER_CHANCE: Final = 2.0  # times the area that a border or corner covers


def completeness(name: str, mean: Mean) -> Row:
    """The gap against what may be missing."""
    if not math.isfinite(mean.value):
        return refused(name, "completeness", "inputs and baseline give the same answer: there is nothing to add up to")
    verdict: Verdict = "passed" if mean.value <= GAP else "not passed"
    why = f"{mean.value:.2%} of the change of the answer is missing from the sum, or too much in it"
    return row_of(name, "completeness", verdict, mean, GAP, why, "of the change")


def deletion(name: str, curves: Curves, own: str, other_weights: str | None) -> list[Row]:
    """Areas under the curves, paired, against random order, the distance of the input, and random weights.

    ``own`` is the order that is compared with that of random weights: its own, or that of a map made as that one was.
    """
    rows = []
    for kind, sign, faster in (("deletion", -1, "falls"), ("insertion", 1, "rises")):
        mean = curves.difference(kind, name, RANDOM)
        area = float(np.nanmean(curves.area(kind, name)))
        other = float(np.nanmean(curves.area(kind, RANDOM)))
        verdict, told = _better(mean, sign)
        why = f"area {area:.3f}, random orders {other:.3f}: {told}"
        if told in SPEED:
            why += f" (the answer {faster} {SPEED[told]} than at random)"
        rows.append(row_of(name, kind, verdict, mean, 0.0, why, "of the answer"))
        mean = curves.difference(kind, name, INPUT)
        verdict, told = _better(mean, sign)
        other = float(np.nanmean(curves.area(kind, INPUT)))
        why = f"area {area:.3f}, by the distance from the baseline alone {other:.3f}: {told}"
        rows.append(row_of(name, f"{kind}-input", "told", mean, 0.0, why, "of the answer"))
    if other_weights is not None and other_weights in curves.deletion:
        mean = curves.difference("deletion", own, other_weights)
        verdict, told = _better(mean, -1)
        rows.append(
            row_of(
                name, "deletion-randomised", verdict if verdict == "passed" else "told", mean, 0.0,
                f"the area less that by the map of random weights: {told}", "of the answer",
            )
        )  # fmt: skip
    return rows


def _better(mean: Mean, sign: int) -> tuple[Verdict, str]:
    """Whether a paired difference of areas is on the good side of 0, by its interval."""
    if not math.isfinite(mean.low):
        return "told", "one sample has no interval"
    low, high = sorted((sign * mean.low, sign * mean.high))
    if low > 0:
        return "passed", "better"
    return ("not passed", "worse") if high < 0 else ("told", "not told apart")


def randomisation(name: str, found: Randomised, likeness: Any) -> Row:
    """The likeness that is left when all layers are drawn anew."""
    mean = mean_of(found.spearman[name][found.full], within=CORRELATION)
    if not math.isfinite(mean.value):
        return refused(
            name,
            "randomisation",
            "with random weights the map is the same everywhere, not finite, or of fewer than 3 numbers",
        )
    alike = mean.value > ALIKE if not math.isfinite(mean.low) else mean.low > ALIKE
    why = f"with all weights drawn anew the map keeps a rank correlation of {mean.value:.2f} with itself"
    sizes = mean_of(found.sizes[name][found.full]).value
    if abs(sizes - mean.value) > 1e-9:
        why += f", its sizes without their sign {sizes:.2f}"
    if likeness is not None and np.isfinite(likeness).any():
        why += f"; sizes and the distance of the input from its baseline {float(np.nanmean(likeness)):.2f}"
    return row_of(name, "randomisation", "not passed" if alike else "passed", mean, ALIKE, why, "rank correlation")


def labels(name: str, mean: Mean) -> Row:
    """The likeness to maps of probes of shuffled labels."""
    if not math.isfinite(mean.value):
        return refused(
            name,
            "labels",
            "with shuffled labels the map is the same everywhere, not finite, or of fewer than 3 numbers",
        )
    alike = mean.value > ALIKE if not math.isfinite(mean.low) else mean.low > ALIKE
    why = f"maps of probes of shuffled labels have a rank correlation of {mean.value:.2f} with it"
    return row_of(name, "labels", "not passed" if alike else "passed", mean, ALIKE, why, "rank correlation")


def infidelity(name: str, own: Any, control: Any) -> Row:
    """What is not foretold, against the same values in shuffled places."""
    mean, other = mean_of(own, within=SHARE), mean_of(control)
    pair = mean_of(np.asarray(own) - np.asarray(control))
    if not math.isfinite(mean.value):
        return refused(name, "infidelity", "no change of the input that was tried moves the answer")
    verdict, told = _better(pair, -1)
    why = f"{mean.value:.0%} of what changes do is not foretold; with its values shuffled {other.value:.0%}: {told}"
    return row_of(name, "infidelity", verdict, mean, other.value, why, "share not foretold")


def sensitivity(name: str, mean: Mean, radius: float) -> Row:
    """Told without a verdict: a constant map is the least sensitive."""
    if not math.isfinite(mean.value):
        return refused(name, "sensitivity", "its maps are 0 or not finite")
    why = f"largest change of the map, in its own length, for changes of the input by {radius:.0%} of its range"
    return row_of(name, "sensitivity", "told", mean, math.nan, why, "lengths of the map")


def agreement(pairs: Sequence[Pair], same: Collection[str], titles: Mapping[str, str]) -> Row:
    """The two methods that agree least, of those that answer the ``same`` question: measure from one baseline, signed.

    Where there are no two of them, the pair is told without a verdict: a slope need not agree with a difference.
    """
    known = [one for one in pairs if math.isfinite(one.spearman.value)]
    if not known:
        return refused("", "agreement", "no pair of maps can be ranked")
    judged = [one for one in known if one.first in same and one.second in same]
    least = min(judged or known, key=lambda one: one.spearman.value)
    mean = least.spearman
    first, second = (titles.get(one, one) for one in (least.first, least.second))
    verdict: Verdict = "not passed" if mean.high < CONTRADICT else "passed"
    if not judged or not math.isfinite(mean.high):
        verdict = "told"
    why = f"{first} and {second} agree least{' of those that measure from the baseline' if judged else ''}: rank "
    why += f"correlation {round(mean.value, 2) + 0.0:.2f}"
    if math.isfinite(least.signs.value):
        why += f", one sign in {least.signs.value:.0%} of their common mass"
    return row_of("", "agreement", verdict, mean, CONTRADICT, why, "rank correlation")


def baselines(name: str, pairs: Sequence[Pair]) -> Row:
    """The two baselines whose maps are least alike."""
    known = [one for one in pairs if math.isfinite(one.spearman.value)]
    if not known:
        return refused(name, "baselines", "no pair of maps can be ranked")
    least = known[0]
    mean = least.spearman
    decides = mean.high < SAME_BASELINE if math.isfinite(mean.high) else mean.value < SAME_BASELINE
    why = f"{least.first} and {least.second} give the least alike maps: rank correlation {mean.value:.2f}"
    return row_of(
        name, "baselines", "not passed" if decides else "passed", mean, SAME_BASELINE, why, "rank correlation"
    )


def border(name: str, one: Border) -> list[Row]:
    """Shares of frame and corner against the area they cover."""
    rows = []
    for check, area, mean, control, where in (
        ("border", one.area, one.share, one.control, f"the outer {one.width} pixel{'s' * (one.width > 1)}"),
        ("corner", one.corner_area, one.corner_share, one.corner_control, f"the {one.corner} corner"),
    ):
        if not math.isfinite(mean.value):
            rows.append(refused(name, check, "its maps are 0 or not finite"))
            continue
        limit = limit_of(area)
        over = mean.low > limit if math.isfinite(mean.low) else mean.value > limit
        why = f"{mean.value:.0%} of it lies in {where}, {area:.0%} of the picture"
        if math.isfinite(control.value):
            why += f"; of the input's distance from its baseline {control.value:.0%}"
        rows.append(row_of(name, check, "not passed" if over else "passed", mean, limit, why, "of its mass"))
    return rows


def limit_of(area: float) -> float:
    """The share above which a place holds more than chance: twice its area, or half of the way from it to all.

    >>> limit_of(0.1), limit_of(0.5)
    (0.2, 0.75)
    """
    return min(OVER_CHANCE * area, (1 + area) / 2)


def of_question(gradients: Gradients | None, question: Question, inputs: torch.Tensor) -> list[Row]:
    """Does the answer change at all, does its gradient say anything, does the probe?"""
    rows = []
    answers = gradients.answers if gradients is not None else question.values(inputs)
    spread = float(np.ptp(answers)) if len(answers) else math.nan
    if len(answers) > 1:
        still = unchanging(answers)
        why = f"over {len(answers)} samples it goes from {answers.min():.4g} to {answers.max():.4g}"
        verdict: Verdict = "not passed" if still else "passed"
        rows.append(Row("", "unit", verdict, spread, threshold=0.0, n=len(answers), why=why))
    else:
        rows.append(refused("", "unit", "one sample cannot say whether the answer changes"))
    if gradients is not None:
        rows.append(_saturation(gradients))
    if question.probe is not None:
        probe = question.probe
        good = probe.low > probe.control_high
        why = (
            f"held-out accuracy {probe.accuracy:.2f}; probes of shuffled labels {probe.control:.2f}, at most "
            f"{probe.control_high:.2f}"
        )
        verdict = "passed" if good else "not passed"
        rows.append(
            Row(
                "", "probe", verdict, probe.accuracy, probe.low, probe.high, probe.control_high, probe.held_out, why,
                "held-out accuracy",
            )
        )  # fmt: skip
    return rows


def _saturation(found: Gradients) -> Row:
    """Share of samples whose gradient foretells next to nothing of the change, with Wilson's interval."""
    from plugins.homology.trust import wilson

    known = np.isfinite(found.reach)
    if not known.any():
        return refused("", "saturation", "inputs and baseline give the same answer")
    flat = int((found.reach[known] < FLAT).sum())
    low, high = (float(np.asarray(one).reshape(-1)[0]) for one in wilson(np.array([flat]), int(known.sum())))
    share = flat / int(known.sum())
    over = low > SATURATED / 2 and share >= SATURATED
    why = (
        f"at {share:.0%} of the samples the steepest way of the gradient foretells less than {FLAT:.0%} of the change "
        "to the baseline"
    )
    verdict: Verdict = "not passed" if over else "passed"
    return Row("", "saturation", verdict, share, low, high, SATURATED, int(known.sum()), why, "of the samples")
