# SPDX-License-Identifier: Apache-2.0
"""Transfers on a small network: both pulls, the places, the findings, and what is refused."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import workbench as wb
from plugins.style_transfer.analysis import StyleTransfer
from tests.plugins.feature_visualisation.planted import Bars, Job, bars, state, unchanged


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Such small convolutions are slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job() -> Job:
    torch.manual_seed(0)
    return Job(Bars(), bars())


def run(job: Job, **params: Any) -> wb.Result:
    given = {"through": "look", "content_layer": "wide", "style_layers": ["edges", "open"], "steps": 30, "others": 5}
    read = StyleTransfer.Params.read({**given, "variation_weight": 0, **params})
    return StyleTransfer().run(job, read)  # type: ignore[arg-type]


def test_the_picture_takes_on_the_style_and_every_number_agrees_with_the_places(job: Job) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    result = run(job, style_weight=100)
    numbers = result.numbers()
    assert numbers["style_after"] < 0.2 * numbers["style_before"] and numbers["content_before"] == 0.0
    distances = result.tables["distances"].set_index("picture")
    assert distances.loc["result", "style_to_style"] ** 2 == pytest.approx(numbers["style_after"], rel=1e-4)
    assert distances.loc["result", "content_to_content"] ** 2 == pytest.approx(numbers["content_after"], rel=1e-4)
    assert distances.loc["start", "style_to_content"] == pytest.approx(0, abs=1e-9)
    assert distances.loc["content", "content_to_content"] == 0.0
    assert len([one for one in distances.index if one.startswith("row ")]) == 5
    assert result.metrics["others_style"].n == 5 and result.metrics["style_after"].n == 2
    assert unchanged(before, job.model)  # type: ignore[arg-type]
    assert {"pulls", "losses", "styles", "contents"} == set(result.charts)
    frames = np.asarray(result.arrays["frames"])
    assert np.array_equal(frames[-1, :, :, 0], result.images["result"])
    assert job.shown and "style" in job.shown[-1][1]


def test_the_style_alone_gives_up_the_content_and_the_content_alone_the_style(job: Job) -> None:
    style = run(job, content_weight=0, start="noise", steps=60)
    content = run(Job(job.model, bars()), style_weight=0, steps=5)
    assert content.images["result"].tolist() == content.images["content"].tolist()
    assert style.numbers()["content_after"] > content.numbers()["content_after"] == pytest.approx(0, abs=1e-3)
    codes = [one.code for one in run(Job(job.model, bars()), style_weight=1e-6).findings]
    assert "style-transfer.style-not-reached" in codes


def test_lbfgs_lowers_the_weighted_sum_at_every_look(job: Job) -> None:
    result = run(job, optimiser="lbfgs", style_weight=100, steps=20)
    total = result.tables["curves"]["total"].to_numpy()
    assert np.all(np.diff(total[:-1]) <= 0) and np.isfinite(total).all()
    assert list(result.tables["curves"]["step"]) == [0, 5, 10, 15, 20]


def test_layers_are_found_where_none_are_named(job: Job) -> None:
    result = run(job, content_layer=None, style_layers=[], steps=3, size=16, variation_weight=10)
    assert result.images["result"].shape == (16, 16)
    assert "variation x 10" in str(result.charts["pulls"])


class Small(wb.Model):
    """Convolutions called as those of VGG, two at each of five sizes; ``shared``: one activation after each of them."""

    pixels = wb.images(1, 12, 12, low=-1.0, high=1.0)
    features = wb.vectors(8)

    def __init__(self, shared: bool = False) -> None:
        one, steps = nn.ReLU(), OrderedDict[str, nn.Module]()
        for block, number in itertools.product(range(1, 6), (1, 2)):
            entering = 1 if (block, number) == (1, 1) else 8
            steps[f"conv{block}_{number}"] = nn.Conv2d(entering, 8, 3, padding=1)
            steps[f"relu{block}_{number}"] = one if shared else nn.ReLU()
            if number == 2 and block < 5:
                steps[f"pool{block}"] = nn.MaxPool2d(2, ceil_mode=True)
        self.net = nn.Sequential(steps)

    @wb.maps(pixels, to=features)
    def look(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.net(pixels).mean(dim=(2, 3))


@pytest.mark.parametrize(("shared", "kind"), [(False, "relu"), (True, "conv")])
def test_layers_are_those_of_gatys_where_maps_have_as_many_sizes(shared: bool, kind: str) -> None:
    torch.manual_seed(0)
    model = Small(shared)
    small = Job(model, bars())  # type: ignore[arg-type]
    result = StyleTransfer().run(small, StyleTransfer.Params.read({"through": "look", "steps": 1, "others": 0}))  # type: ignore[arg-type]
    styles = [one for one in result.tables["curves"] if one.startswith("style: ")]
    assert styles == [f"style: net.{kind}{block}_1" for block in range(1, 6)]
    assert f"At net.{kind}4_2" in str(result.metrics["content_after"].note)


@pytest.mark.parametrize(
    ("params", "kind", "said"),
    [
        ({"style_row": 0}, wb.ParameterError, "are the same picture: name two"),
        ({"style_row": 50}, wb.ParameterError, "there is no row 50"),
        ({"style_layers": ["nothing"]}, wb.ParameterError, "the model has no such layer"),
        ({"content_weight": 0, "style_weight": 0}, wb.ParameterError, "nothing pulls"),
        ({"size": 2}, wb.MapError, "cannot take points of 1 x 2 x 2"),
        ({"through": "detached", "content_layer": None}, wb.MapError, "no gradient by the picture"),
        ({"minutes": 1e-6}, wb.ParameterError, "'minutes' allows"),
    ],
)
def test_what_is_refused_is_said_and_leaves_the_model_as_it_was(job: Job, params: Any, kind: Any, said: str) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    with pytest.raises(kind, match=said):
        run(job, **params)
    assert unchanged(before, job.model)  # type: ignore[arg-type]


def test_a_layer_that_is_shut_has_no_style(job: Job) -> None:
    with torch.no_grad():
        job.model.edges.bias.fill_(-100.0)  # type: ignore[attr-defined]
    with pytest.raises(wb.DataError, match="'open' is 0 everywhere at the style picture"):
        run(job)
