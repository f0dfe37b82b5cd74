# SPDX-License-Identifier: Apache-2.0
"""What checks may cost: less is asked of a model that is slow, the estimate is the same everywhere, and it is said."""

from __future__ import annotations

import torch
from torch import nn

from plugins.attribution.checks import check
from plugins.attribution.checks.deletion import deletion_insertion
from plugins.attribution.checks.spending import again, seconds_of_a_row, suited
from plugins.attribution.methods import METHODS, Settings, attribute
from plugins.attribution.questions import Question, ask_function


def question(channels: int = 4) -> Question:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, channels, 3), nn.ReLU(), nn.Flatten(), nn.Linear(channels * 36, 1))
    return ask_function(net, torch.rand(1, 1, 8, 8))


def costs(*names: str) -> dict[str, object]:
    return {name: lambda settings, one=METHODS[name]: one.cost(49, settings) for name in names}


def test_the_cost_of_a_row_grows_with_the_model() -> None:
    assert 2 < seconds_of_a_row(question(64)) / seconds_of_a_row(question(4)) < 16


def test_what_cannot_be_afforded_is_asked_with_less_and_said() -> None:
    given = Settings(steps=50, draws=25)
    methods = costs("saliency", "integrated-gradients", "smoothgrad", "occlusion")
    plenty = suited(question(), 8, methods, given)  # type: ignore[arg-type]
    assert plenty.words(8) == ""
    assert again(given, plenty.settings) == given
    middle = suited(question(), 8, methods, given, afforded=plenty.seconds / 2)  # type: ignore[arg-type]
    least = suited(question(), 8, methods, given, afforded=0.0)  # type: ignore[arg-type]
    assert plenty.seconds > middle.seconds > least.seconds
    assert set(least.settings.fewer) == {"integrated-gradients", "smoothgrad"}
    assert least.settings.checks == plenty.settings.checks  # none is dropped
    assert again(given, least.settings).steps == least.settings.steps == 16
    assert "16 steps" in least.words(8)
    assert "3 stages" in least.words(8)


def test_maps_made_again_with_less_are_compared_with_maps_made_with_less() -> None:
    asked, inputs, start = question(), torch.rand(3, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    given = Settings(steps=50)
    spending = suited(asked, 3, costs("integrated-gradients"), given, afforded=0.0)  # type: ignore[arg-type]
    made: list[tuple[bool, int]] = []

    def attribute_with(other: Question, some: torch.Tensor, name: str) -> object:
        made.append((other is asked, len(some)))
        return attribute(other, some, name, baseline=start, settings=again(given, spending.settings)).values

    found = check(
        asked,
        inputs,
        {"integrated-gradients": attribute(asked, inputs, "integrated-gradients", baseline=start, settings=given)},
        attribute_with=attribute_with,
        baseline=start,
        settings=spending.settings,
        spent=spending.words(3),
    )
    assert made[0] == (True, 3)  # the trained network first, with less
    row = found.row("deletion-randomised", "integrated-gradients")
    assert row is not None
    assert row.n == 3
    assert found.curves is not None
    assert set(found.curves.deletion) == {"integrated-gradients", "distance from the baseline", "random order"}


def test_ends_of_a_curve_are_known_and_samples_without_an_order_are_not_asked() -> None:
    rows = []

    def number(inputs: torch.Tensor) -> torch.Tensor:
        rows.append(len(inputs))
        return inputs.sum(dim=1)

    inputs = torch.rand(4, 6, dtype=torch.float64)
    maps = inputs.numpy().copy()
    maps[1] = float("nan")
    found = deletion_insertion(number, inputs, {"map": maps}, 0 * inputs, steps=3, random_orders=1)
    assert sum(rows) == 2 * 4 + 2 * 2 * (3 + 4 + 4)  # both ends once; two places between of three orders
    assert found.deletion["map"][:, 0].tolist()[1] != found.deletion["map"][:, 0].tolist()[1]  # NaN
    assert abs(found.deletion["map"][0, -1]) < 1e-12
    assert (found.insertion["map"][0, 1:] > found.insertion["map"][0, :-1]).all()
