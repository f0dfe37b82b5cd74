# SPDX-License-Identifier: Apache-2.0
"""Models that would give wrong values without a word: shared modules, numbers of a batch, inputs written to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import workbench as wb
from plugins.attribution.checks import check
from plugins.attribution.methods import attribute
from plugins.attribution.questions import Question, Unit, ask

SIDE = 6


class Hostile(wb.Model):
    """One ReLU in three places, two of them in one row of modules; maps that are no functions of one input."""

    pixels = wb.images(1, SIDE, SIDE)
    score = wb.scalars()

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.act = nn.ReLU(inplace=True)
        self.net = nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1, bias=False), self.act, nn.Conv2d(3, 3, 3, padding=1, bias=False), self.act,
            nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 1, bias=False),
        ).eval()  # fmt: skip
        self.passes = 0

    @wb.maps(pixels, to=score)
    def shared(self, x: Tensor) -> Tensor:
        given: Tensor = self.net(x)
        return given

    @wb.maps(pixels, to=score)
    def held(self, x: Tensor) -> Tensor:
        given: Tensor = self.net[5](self.act(self.net[2](self.act(self.net[0](x)))).flatten(1))
        return given

    @wb.maps(pixels, to=score)
    def of_the_batch(self, x: Tensor) -> Tensor:
        given: Tensor = self.net(x - 0.5 * x.mean(dim=0, keepdim=True))
        return given

    @wb.maps(pixels, to=score)
    def random(self, x: Tensor) -> Tensor:
        given: Tensor = self.net(x) + torch.randn(len(x), 1)
        return given

    @wb.maps(pixels, to=score)
    def counting(self, x: Tensor) -> Tensor:
        self.passes += 1
        return x.sum(dim=(1, 2, 3))[:, None] + self.passes

    @wb.maps(pixels, to=score)
    def writing(self, x: Tensor) -> Tensor:
        return x.mul_(2).sum(dim=(1, 2, 3))[:, None]


@pytest.fixture(scope="module")
def inputs() -> Tensor:
    return torch.rand(3, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def asked(through: str, inputs: Tensor) -> Question:
    return ask(Hostile(), through, Unit(0), inputs, "score")


@pytest.mark.parametrize("through", ["shared", "held"])
def test_one_relu_in_many_places_passes_every_rule(through: str, inputs: Tensor) -> None:
    question, zero = asked(through, inputs), torch.zeros_like(inputs[:1])
    wanted = attribute(question, inputs, "input-x-gradient").values  # of a net without biases
    for method in ("deeplift", "lrp"):
        found = attribute(question, inputs, method, baseline=zero)
        assert found.values == pytest.approx(wanted, abs=1e-5), method
    assert np.isfinite(attribute(question, inputs, "guided-backprop").values).all()


def test_a_number_of_a_batch_is_asked_one_by_one_and_said(inputs: Tensor) -> None:
    question = asked("of_the_batch", inputs)
    assert any("other points of its batch" in one for one in question.notes)
    zero = torch.zeros_like(inputs[:1])
    together = attribute(question, inputs, "integrated-gradients", baseline=zero, steps=40)
    alone = attribute(question, inputs[1:2], "integrated-gradients", baseline=zero, steps=40)
    assert together.values[1] == pytest.approx(alone.values[0], abs=1e-6)
    assert together.relative_gap is not None
    assert together.relative_gap < 0.05
    assert not any("batch" in one for one in asked("shared", inputs).notes)


def test_hooks_see_every_row_of_a_map_with_random_numbers(inputs: Tensor) -> None:
    question = asked("random", inputs)
    found = attribute(question, inputs, "grad-cam", layer="net.0")
    assert found.values.shape == (3, 1, SIDE, SIDE)
    assert found.values == pytest.approx(attribute(asked("shared", inputs), inputs, "grad-cam", layer="net.0").values)


def test_a_number_that_changes_from_pass_to_pass_is_refused(inputs: Tensor) -> None:
    with pytest.raises(wb.MapError, match="changes from pass to pass"):
        asked("counting", inputs)


def test_a_map_that_writes_into_its_input_leaves_it_as_it_was(inputs: Tensor) -> None:
    before = inputs.clone()
    question = asked("writing", inputs)
    assert question.differentiable == ""
    assert attribute(question, inputs, "saliency").values == pytest.approx(2.0)
    assert torch.equal(inputs, before)


def test_maps_of_a_layer_as_large_as_the_picture_are_no_maps_of_the_picture(inputs: Tensor) -> None:
    question, zero = asked("shared", inputs), torch.zeros_like(inputs[:1])
    name = "layer-conductance"
    one = attribute(question, inputs, name, baseline=zero, layer="net.0", steps=4)
    assert one.values.shape[2:] == inputs.shape[2:]

    def again(other: Question, some: Tensor, method: str) -> object:
        return attribute(other, some, method, baseline=zero, layer="net.0", steps=4).values

    found = check(question, inputs, {name: one}, attribute_with=again, baseline=zero)
    for what in ("deletion", "infidelity", "border"):
        row = found.row(what, name)
        assert row is not None
        assert "of a layer" in row.why
