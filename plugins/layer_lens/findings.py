# SPDX-License-Identifier: Apache-2.0
"""What stands out: units that never fire, units without slope, layers that are not finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson
from plugins.layer_lens.measuring import Measured, never_bound
from plugins.layers.walk import listed

FEWEST = 30  # points below which nothing is said of units that never fire: their rate may be 10 % then
SERIOUS = 0.25  # share of a layer's units


def findings_of(measured: Sequence[Measured], params: Any) -> list[wb.Finding]:
    """Serious ones first."""
    found = [*_broken(measured), *_dead(measured), *_saturated(measured, params)]
    order = {"serious": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda one: order[one.severity])


def _broken(measured: Sequence[Measured]) -> list[wb.Finding]:
    broken = [one for one in measured if one.bad]
    if not broken:
        return []
    first = broken[0]
    rest = f", and so {'do' if len(broken) > 2 else 'does'} {listed([one.step.key for one in broken[1:]])}"
    return [
        wb.Finding(
            "layer-lens.not-finite",
            f"{first.step.key} gives NaN or infinity for {first.bad:,} of {first.n:,} points"
            f"{rest if len(broken) > 1 else ''}; nothing is measured there.",
            value=first.bad / first.n,
            threshold=0.0,
            n=first.n,
            severity="serious",
            wrong_if="the points are of another range than the model was made for",
            figure="walk",
        )
    ]


def _dead(measured: Sequence[Measured]) -> list[wb.Finding]:
    some = [one for one in measured if one.dead is not None and one.dead.any()]
    if not some or some[0].n < FEWEST:
        return []
    worst = max(some, key=lambda one: float(np.mean(one.dead)))  # type: ignore[arg-type]
    count = sum(int(one.dead.sum()) for one in some if one.dead is not None)
    total = sum(one.units for one in measured if one.dead is not None)
    share = float(np.mean(worst.dead))  # type: ignore[arg-type]
    n, bound = worst.n, never_bound(worst.n)
    once = sum(int((np.rint(one.rates * one.n) == 1).sum()) for one in measured if one.rates is not None)
    return [
        wb.Finding(
            "layer-lens.dead-units",
            f"{count:,} of {total:,} units of rectifiers are above zero at none of {n:,} points, in {len(some)} "
            f"{'layer' if len(some) == 1 else 'layers'}: each fires at less than {100 * bound:.2g} % of such points "
            f"(95 %). Most of all in {worst.step.key}: {int(np.sum(worst.dead))} of {worst.units}.",  # type: ignore[arg-type]
            value=count / total,
            threshold=0.0,
            low=max(count - once, 0) / total,
            high=count / total,
            n=n,
            severity="serious" if share > SERIOUS else "warning",
            wrong_if="the points are not those that the model was made for (a dead unit may fire for others), or the "
            f"zeros are meant. More points can only wake units: {once:,} fired at just one, so that about as many may "
            f"at "
            "as many new points (Good and Turing), which is the lower limit",
            figure="units",
        )
    ]


def _saturated(measured: Sequence[Measured], params: Any) -> list[wb.Finding]:
    some = [one for one in measured if one.saturated is not None and one.saturated.any()]
    if not some:
        return []
    worst = max(some, key=lambda one: float(np.mean(one.saturated)))  # type: ignore[arg-type]
    count = sum(int(one.saturated.sum()) for one in some if one.saturated is not None)
    total = sum(one.units for one in measured if one.saturated is not None)
    share = float(np.mean(worst.saturated))  # type: ignore[arg-type]
    maybe = sum(
        int((wilson(one.flat * one.n, one.n)[1] > params.flat_share).sum()) for one in measured if one.flat is not None
    )
    return [
        wb.Finding(
            "layer-lens.saturated-units",
            f"{count:,} of {total:,} units with a bounded activation are saturated: at surely more than "
            f"{100 * params.flat_share:.0f} % of {worst.n:,} points their slope is below {100 * params.flat_below:g} "
            f"% of "
            f"the steepest. Most of all in {worst.step.key}: {int(np.sum(worst.saturated))} of {worst.units}.",  # type: ignore[arg-type]
            value=count / total,
            threshold=0.0,
            low=count / total,
            high=maybe / total,
            n=worst.n,
            severity="warning" if share > SERIOUS else "info",
            wrong_if="the unit is meant as a switch (a gate, the pixels of an output), or the points are not those of "
            "training; the upper limit counts the units that may be (95 %, Wilson)",
            figure="units",
        )
    ]
