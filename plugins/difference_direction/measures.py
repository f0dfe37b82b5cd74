# SPDX-License-Identifier: Apache-2.0
"""Everything that is measured of a difference of means, and its numbers with their intervals and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.difference_direction import products, resampling
from plugins.difference_direction.difference import Difference
from plugins.difference_direction.resampling import DRAWS, TRIALS, HeldOut, Length, Sides
from plugins.difference_direction.separation import (
    RESAMPLES,
    Estimate,
    interval_of_area,
    share,
    standardised_difference,
)
from plugins.difference_direction.shell import OUTER, Shell, shell_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.difference_direction.groups import Groups
    from plugins.difference_direction.products import FloatArray

MOST_FOR_DIMENSION = 200  # points a side that the effective dimension is measured on


@dataclass(frozen=True)
class Measured:
    """What was measured; see the metrics for what each is.

    Attributes
    ----------
    n, size : points on both sides together, axes of the space
    agreement, settled : cosine between halves, and to the direction of endlessly many examples
    dimension : effective dimension of the points within their groups
    spread : standard deviation of ``toward`` over all axes, divided by that of ``away``
    examples : table by number of examples a side
    outside, outside_unmoved : share of codes outside the shell at the ends of the traversal, and before; else ``None``
    steps : table by step of the traversal
    """

    n: int
    size: int
    held: HeldOut
    cohen: Estimate
    length: Length
    agreement: Estimate
    settled: Estimate
    dimension: float
    spread: Estimate
    examples: pd.DataFrame
    outside: Estimate | None
    outside_unmoved: float
    steps: pd.DataFrame

    @property
    def reach(self) -> float:
        """The last step of the traversal."""
        return float(self.steps["step"].iloc[-1])


def measure(job: wb.Job, groups: Groups, difference: Difference, steps: FloatArray) -> Measured:
    """Measure the difference of the means of ``groups``; ``steps`` are those of the traversal."""
    toward, away = groups.toward.flat(), groups.away.flat()
    sides = Sides(np.concatenate([toward, away]), len(toward))
    rng = job.rng
    job.progress(0.15, "held-out halves")
    held = resampling.held_out(sides, rng)
    cohen = standardised_difference(held.toward, held.away, rng)
    job.progress(0.25, "permuted labels")
    deviations = [products.squared_deviations(one) for one in (toward, away)]
    variances = tuple(float(one.sum() / (len(one) - 1)) for one in deviations)
    length = resampling.length_against_chance(sides, difference.length, (variances[0], variances[1]), rng)
    job.progress(0.35, "agreement of halves")
    cosines = resampling.agreement(sides, rng)
    job.progress(0.45, "fewer examples")
    few = _examples(sides, length, rng)
    within = [rng.choice(one, min(len(one), MOST_FOR_DIMENSION), replace=False) for one in (toward, away)]
    dimension = min(products.effective_dimension(one) for one in within)
    shell = shell_of(groups.toward.space)
    table, outside, before = _steps(shell, sides.values, difference, steps)
    return Measured(
        n=len(sides.values),
        size=sides.values.shape[1],
        held=held,
        cohen=cohen,
        length=length,
        agreement=_middle(cosines),
        settled=_middle(resampling.settled(cosines)),
        dimension=dimension,
        spread=_spread(deviations, rng),
        examples=few,
        outside=outside,
        outside_unmoved=before,
        steps=table,
    )


def _middle(values: FloatArray) -> Estimate:
    """Median and middle 95 % of what resamples gave; those without a direction are left out."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"))
    low, middle, high = np.quantile(known, [0.025, 0.5, 0.975])
    return Estimate(float(middle), float(low), float(high))


def _examples(sides: Sides, length: Length, rng: np.random.Generator) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for count in resampling.numbers_of_examples(sides.smaller // 2):
        one = _middle(resampling.with_few_examples(sides, count, rng))
        expected = resampling.expected_cosine(np.array([float(count)]), length.unbiased, length.noise)[0]
        rows.append((count, one.value, one.low, one.high, float(expected), DRAWS))
    return pd.DataFrame(rows, columns=["examples", "cosine", "low", "high", "expected", "draws"])


def _spread(deviations: list[FloatArray], rng: np.random.Generator) -> Estimate:
    """Ratio of the standard deviations over all axes; the interval resamples the points of each group."""
    totals = [float(one.sum() / (len(one) - 1)) for one in deviations]
    if not totals[1] > 0 or not totals[0] > 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    drawn = [rng.multinomial(len(one), np.full(len(one), 1 / len(one)), size=RESAMPLES) @ one for one in deviations]
    ratios = drawn[0] / (len(deviations[0]) - 1) / np.where(drawn[1] > 0, drawn[1], np.nan) * (len(deviations[1]) - 1)
    low, high = np.nanquantile(np.sqrt(ratios), [0.025, 0.975])
    return Estimate(float(np.sqrt(totals[0] / totals[1])), float(low), float(high))


def _steps(
    shell: Shell | None, values: Any, difference: Difference, steps: FloatArray
) -> tuple[pd.DataFrame, Estimate | None, float]:
    """The steps in units of the space, and where a normal prior has a shell, how the moved points lie in it."""
    import pandas as pd

    table = pd.DataFrame({"step": steps, "moved": steps * difference.length})
    if shell is None:
        return table, None, float("nan")
    moved = shell.moved(values, difference.vector, steps)
    middle = shell.moved(difference.middle[None], difference.vector, steps)[0]
    outside = (moved > shell.outer).sum(axis=0)
    table["distance_of_middle"] = middle
    table["middle_percentile"] = 100 * shell.share_below(middle)
    table["median_distance"] = np.median(moved, axis=0)
    table["outside"] = outside / len(moved)
    return table, share(int(max(outside[0], outside[-1])), len(moved)), float(outside[len(steps) // 2] / len(moved))


def metrics_of(measured: Measured, difference: Difference) -> dict[str, wb.Metric]:
    """The numbers with their intervals and what each says."""
    held, n, length = measured.held, measured.n, measured.length
    half = len(held.toward) + len(held.away)
    area = interval_of_area(held.area, len(held.toward), len(held.away))
    chance = 1 / np.sqrt(measured.dimension)
    along = "half of each group gave the direction, the other half is measured along it"
    found = {
        "auc": _metric(
            area, half, "Separation, held out (AUC)", "",
            f"chance that a point of the one group lies further along than one of the other; {along}; interval of "
            "Newcombe 2006 with the direction held fixed",
        ),
        "cohens_d": _metric(
            measured.cohen, half, "Separation, held out (Cohen's d)", "",
            f"difference of the means along the direction in pooled standard deviations; {along}; bootstrap of "
            f"{RESAMPLES:,} resamples with the direction held fixed",
        ),
        "distance": wb.Metric(
            difference.length, n=n, label="Length of the difference",
            note="between the two sample means, in the units of the space; it holds what sampling adds, and has no "
            "interval for that reason: see the next number",
        ),
        "true_distance": _metric(
            Estimate(length.unbiased, length.low, length.high), n, "Distance between the true means", "",
            f"without what sampling adds to the length; bootstrap of {TRIALS} resamples",
        ),
        "p_permutation": wb.Metric(
            length.p, n=n, label="p, permuted labels", better="lower",
            note=f"share of {TRIALS} permutations of the labels (these included) with a difference as long; permuted "
            f"labels gave {np.median(length.permuted):.3g} in the middle and {length.permuted.max():.3g} at most. It "
            "says that the groups differ, not why",
        ),
    }  # fmt: skip
    if measured.size > 1:
        found["p_random"] = wb.Metric(
            held.p_random, n=half, label="p, random directions", better="lower",
            note=f"share of {TRIALS} random directions (this one included) that separate the held-out points as well",
        )  # fmt: skip
    found |= {
        "stability": _metric(
            measured.agreement, n, "Agreement of halves (cosine)", "higher",
            f"cosine between the directions of two random halves: median and middle 95 % of {TRIALS} splits. Without "
            f"any difference it would be 0, give or take {chance:.2g} (1 over the square root of the "
            f"{measured.dimension:.3g} axes that the points fill evenly)",
        ),
        "settled": _metric(
            measured.settled, n, "Agreement with endless examples", "higher",
            "cosine of this direction to that of endlessly many examples, from the agreement of the halves c: "
            "sqrt(2c / (1 + c))",
        ),
        "examples_for_90": wb.Metric(
            resampling.examples_for(0.9, length.unbiased, length.noise), n=n, label="Examples a side for cosine 0.9",
            note="to the true direction, expected from the distance between the true means and the spread; not "
            "defined where they do not differ",
        ),
        "spread_ratio": _metric(
            measured.spread, n, "Spread, toward / away", "",
            "ratio of the standard deviations over all axes: a difference of means cannot see it; bootstrap of "
            f"{RESAMPLES:,} resamples",
        ),
    }  # fmt: skip
    if measured.outside is not None:
        found["outside_shell"] = _metric(
            measured.outside, n, "Outside the shell at the ends", "lower",
            f"share of all points that, moved by {measured.reach:g} steps to the worse side, lie further out than "
            f"{OUTER:.0%} of the draws from the prior ({measured.outside_unmoved:.1%} before); interval of Wilson",
        )  # fmt: skip
    return found


def _metric(one: Estimate, n: int, label: str, better: Any, note: str) -> wb.Metric:
    known = np.isfinite(one.low) and np.isfinite(one.high)
    return wb.Metric(
        one.value, one.low if known else None, one.high if known else None, n=n, label=label, better=better, note=note
    )
