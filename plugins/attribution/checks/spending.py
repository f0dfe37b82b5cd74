# SPDX-License-Identifier: Apache-2.0
"""How much the checks of a run may spend, by an estimate that is the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from plugins.attribution.batching import numbers_of
from plugins.attribution.checks.checked import Settings

if TYPE_CHECKING:
    from plugins.attribution.methods import Settings as MethodSettings
    from plugins.attribution.questions import Question

AFFORDED: Final = 60.0  # seconds of one core
OPERATIONS: Final = 4e10  # floating point operations of one core in a second
NUMBERS: Final = 4e8  # numbers of activations that one core writes in a second
BACKWARDS: Final = 1.3  # of a pass forwards

SPARING: Final = Settings(
    most=8, random_orders=3, deletion_steps=12, randomised_samples=4, stages=4, alone=False, changes=16,
    moved_samples=3, moves=2, draws=2, steps=25, noises=12,
)  # fmt: skip
LEAST: Final = replace(
    SPARING, most=4, deletion_steps=8, randomised_samples=3, stages=3, moved_samples=2, steps=16, noises=8
)
LEVELS: Final = (Settings(), SPARING, LEAST)


@dataclass(frozen=True)
class Spending:
    """Settings that can be afforded, and what a run has to be told of it.

    Attributes
    ----------
    settings : of the checks
    seconds : what they are estimated to cost, of one core
    pass_seconds : what one row forwards is estimated to cost
    """

    settings: Settings
    seconds: float
    pass_seconds: float

    def words(self, n: int) -> str:
        """What is left out for its cost, in a sentence; empty where nothing is. ``n`` samples were asked."""
        one = self.settings
        if one in LEVELS[:1]:
            return ""
        layers = f"{one.stages} stages of drawing weights anew with {min(n, one.randomised_samples)} samples"
        again = ""
        if one.fewer:
            again = (
                f"; where maps are made again, at most {one.steps} steps and {one.noises} draws, and they are compared "
                "with maps made in the same way"
            )
        return (
            f"One row of this model takes about {1000 * self.pass_seconds:.2g} ms of a core, so that the checks are "
            f"made with less: {layers}, {one.deletion_steps} steps of deletion with {min(n, one.most)} samples, "
            f"{one.moves} moves of {min(n, one.moved_samples)} samples for sensitivity{again}."
        )


def seconds_of_a_row(question: Question) -> float:
    """Estimate of one row forwards on one core: operations, and numbers that are written."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counted, torch.no_grad():
        question.module(question.few)
    return counted.get_total_flops() / OPERATIONS + numbers_of(question, question.shape) / NUMBERS


def rows_of_checks(settings: Settings, n: int, methods: Mapping[str, float]) -> float:
    """Passes forwards that the checks make, about; ``methods`` are those that each needs for one sample."""
    each, few = sum(methods.values()), min(n, settings.randomised_samples)
    layers = settings.stages * (2 if settings.alone else 1)
    remade = sum(methods[name] for name in settings.fewer)
    orders = len(methods) + 1 + settings.random_orders
    return (
        few * (layers * each + remade)
        + min(n, settings.moved_samples) * (1 + settings.moves) * each
        + 2 * (settings.deletion_steps - 1) * (orders * min(n, settings.most) + len(methods) * few)
        + settings.changes * min(n, settings.most)
    )


def suited(
    question: Question,
    n: int,
    costs: Mapping[str, Callable[[MethodSettings], tuple[int, int]]],
    given: MethodSettings,
    afforded: float = AFFORDED,
) -> Spending:
    """The most that can be afforded, and the least where nothing can.

    Parameters
    ----------
    n : samples
    costs : by method, rows forwards and backwards of one sample
    given : the settings of the methods
    """
    row = seconds_of_a_row(question)
    found = Spending(LEVELS[0], 0.0, row)
    for level in LEVELS:
        lesser = again(given, level)
        fewer = tuple(name for name, one in costs.items() if one(lesser) != one(given))
        settings = replace(level, fewer=fewer)
        methods = {name: _passes(one(lesser)) for name, one in costs.items()}
        found = Spending(settings, row * rows_of_checks(settings, n, methods), row)
        if found.seconds <= afforded:
            return found
    return found


def again(given: MethodSettings, settings: Settings) -> MethodSettings:
    """Settings of the methods where a check asks them again."""
    return replace(
        given,
        steps=min(given.steps, settings.steps or given.steps),
        draws=min(given.draws, settings.noises or given.draws),
    )


def _passes(rows: tuple[int, int]) -> float:
    return rows[0] + BACKWARDS * rows[1]
