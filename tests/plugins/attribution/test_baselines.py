# SPDX-License-Identifier: Apache-2.0
"""Baselines are what they are called, in the units of the space."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import workbench as wb
from plugins.attribution.baselines import BASELINES, baseline, blurred, refused, usual
from plugins.attribution.questions import Mean, Question, ask

DATA = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1


def question(space: wb.Space, few: torch.Tensor) -> Question:
    class Same(wb.Model):
        x = space

        @wb.maps(x, to=x)
        def run(self, points: torch.Tensor) -> torch.Tensor:
            return points

    return ask(Same(), "run", Mean(), few, "mean")


@pytest.fixture(scope="module")
def pictures() -> Question:
    return question(wb.images(1, 8, 8, low=-1, high=1), DATA[:1])


def test_of_pictures(pictures: Question) -> None:
    inputs = DATA[:3]
    assert (baseline("black", pictures, inputs) == -1).all()  # black is the low end, not 0
    torch.testing.assert_close(baseline("mean", pictures, inputs, data=DATA)[0], DATA.mean(dim=0))
    others = baseline("sample", pictures, inputs, data=DATA, seed=3)
    for one, other in zip(inputs, others, strict=True):
        assert not torch.equal(one, other)
        assert any(torch.equal(other, each) for each in DATA)
    noise = baseline("noise", pictures, inputs, seed=1)
    assert noise.min() >= -1 and noise.max() <= 1 and noise.std() > 0.4
    assert torch.equal(noise, baseline("noise", pictures, inputs, seed=1))
    assert usual(pictures.space, DATA) == ("black", "mean", "blurred")
    assert usual(pictures.space, None) == ("black", "blurred")


def test_a_blur_keeps_what_is_even_and_the_mean_of_what_is_not() -> None:
    torch.testing.assert_close(blurred(torch.full((1, 3, 9, 7), 0.3)), torch.full((1, 3, 9, 7), 0.3))
    spot = torch.zeros(1, 1, 33, 33)
    spot[0, 0, 16, 16] = 1
    soft = blurred(spot)
    assert soft.sum() == pytest.approx(1, abs=1e-2)
    assert soft.max() < 0.02 and soft.argmax() == 16 * 33 + 16


def test_of_vectors() -> None:
    asked = question(wb.vectors(2, prior=wb.normal((1.0, -2.0))), torch.zeros(1, 2))
    inputs = torch.zeros(500, 2)
    assert baseline("prior-mean", asked, inputs)[7].tolist() == [1, -2]
    torch.testing.assert_close(
        baseline("noise", asked, inputs, seed=1).mean(dim=0), torch.tensor([1.0, -2.0]), atol=0.2, rtol=0
    )
    assert not baseline("black", asked, inputs).any()
    even = question(wb.vectors(2, prior=wb.uniform(0, 4)), torch.zeros(1, 2))
    assert baseline("prior-mean", even, inputs)[0].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("blurred", None, "only images"),
        ("prior-mean", None, "no prior"),
        ("mean", torch.zeros(1, 2), "two points"),
        ("noise", None, "prior, or points"),
        ("white", None, "no such baseline"),
    ],
)
def test_what_cannot_be_had_is_refused(name: str, data: Any, why: str) -> None:
    space = wb.vectors(2)
    assert why in str(refused(name, space, data))
    with pytest.raises(wb.ParameterError, match=why):
        baseline(name, question(space, torch.zeros(1, 2)), torch.zeros(1, 2), data=data)
    assert len(BASELINES) == 6


def test_a_sample_of_data_that_is_all_the_same_is_refused() -> None:
    with pytest.raises(wb.DataError, match="all points of the data are the same"):
        baseline("sample", question(wb.vectors(2), torch.zeros(1, 2)), torch.zeros(1, 2), data=torch.zeros(5, 2))
