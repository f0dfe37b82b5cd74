# SPDX-License-Identifier: Apache-2.0
"""The analysis on a network whose units are known: what excites them, the controls, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.feature_visualisation.analysis import FeatureVisualisation
from plugins.feature_visualisation.scoring import estimated
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
    given = {"through": "look", "steps": 25, "seeds": 2, "diverse": 2, "rate": 0.3, "turn": 0, "scale": 0, **params}
    return FeatureVisualisation().run(job, FeatureVisualisation.Params.read(given))  # type: ignore[arg-type]


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def test_the_picture_of_an_edge_is_an_edge_and_goes_beyond_every_sample(job: Job) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    result = run(job, space="edges", objective="neuron", target="0", jitter=0)
    numbers = result.numbers()
    assert numbers["reached"] > 4  # the most that a picture in -1..1 can give is 6
    assert numbers["reached"] > numbers["data_most"] and numbers["reached"] > numbers["noise"]
    assert result.metrics["reached"].n == 2 and result.metrics["beyond_shuffled"].n == 2
    picture = np.asarray(result.arrays["pictures"])[0, :, :, 0].astype(float)
    assert picture.shape == (12, 12)
    middle = picture[5:8, :]  # rows that the middle unit (5 of 10) sees; columns 5 to 7
    assert middle[:, 7].mean() - middle[:, 5].mean() > 200
    rows = np.asarray(result.arrays["rows"])
    assert np.asarray(result.arrays["values"])[0] == numbers["data_most"] and len(rows) == 10
    assert unchanged(before, job.model)  # type: ignore[arg-type]
    assert any("expected to take about" in one for one in job.logged) and job.shown[0][0].dtype == np.uint8


def test_the_same_seed_gives_the_same_pictures_and_another_one_others() -> None:
    found = []
    for seed in (0, 0, 1):
        torch.manual_seed(0)
        result = run(Job(Bars(), bars(), seed=seed), space="edges", target="1", control=False, steps=5)
        found.append(np.asarray(result.arrays["pictures"]))
    assert np.array_equal(found[0], found[1]) and not np.array_equal(found[0], found[2])


def test_a_unit_that_nothing_opens_is_called_dead_and_one_that_something_opens_is_not(job: Job) -> None:
    dead = run(job, space="open", target="2")  # a bias below 0 and no weights
    assert "feature-visualisation.unit-dead" in codes(dead)
    (finding,) = [one for one in dead.findings if one.code.endswith("unit-dead")]
    assert finding.n == 10 and finding.high == pytest.approx(0.3) and "none of 10 samples opens it" in finding.statement
    alive = run(job, space="open", target="0")  # its mean over a bar is always 0, its positions differ
    assert "feature-visualisation.unit-dead" not in codes(alive)


@pytest.mark.parametrize("parametrisation", ["sigmoid", "pixels"])
def test_other_parametrisations_climb_too(job: Job, parametrisation: str) -> None:
    result = run(job, space="edges", target="0", parametrisation=parametrisation, control=False, diverse=0, rate=0.1)
    assert result.numbers()["reached"] > result.numbers()["noise"] and "set" not in result.images


def test_a_class_by_its_name_a_direction_and_a_whole_layer(job: Job) -> None:
    few = {"steps": 3, "control": False, "diverse": 0}
    named = run(job, target="level", **few)
    assert "class level of score" in str(named.charts["values"])
    same = run(Job(job.model, bars()), space="score", objective="direction", kept=("level-direction",), **few)
    numbered = run(Job(job.model, bars()), target="1", **few)
    assert same.numbers()["data_most"] == pytest.approx(numbered.numbers()["data_most"])
    whole = run(job, space="edges", objective="layer", **few)
    assert whole.numbers()["reached"] > 0


def test_with_a_generator_in_front_its_code_is_searched_within_its_prior(job: Job) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    result = run(job, space="edges", objective="neuron", target="0", decode="decode", diverse=0)
    found = np.asarray(result.arrays["codes_pictures"])
    assert found.shape == (2, 2) and np.all(np.linalg.norm(found, axis=1) <= 3.04)  # 99 % of the draws
    assert np.all(found[:, 0] < -1)  # the left half dark: the edge at column 6 is the brightest that can be had
    assert result.numbers()["reached"] > result.numbers()["draws"]
    assert unchanged(before, job.model)  # type: ignore[arg-type]


def test_codes_alone_are_searched_where_the_map_starts_at_them(job: Job) -> None:
    result = run(Job(job.model, np.zeros((3, 2)), space="z"), through="decode", target="0", diverse=0)
    assert np.asarray(result.arrays["codes_pictures"])[:, 0].min() > 1  # the first pixels are tanh(z0)
    assert np.asarray(result.arrays["pictures"]).shape == (2, 12, 12, 1)


def test_a_scorer_is_raised_by_estimated_gradients(job: Job) -> None:
    codes = Job(job.model, np.zeros((3, 2)), space="z")
    result = run(codes, through="decode", objective="scorer", scorer="brightness", diverse=0)
    assert np.asarray(result.arrays["codes_pictures"])[:, 0].min() > 1  # the left half white
    assert any("16 pairs of near codes" in one for one in result.notes)


def test_estimated_gradients_of_a_linear_score_are_those_of_the_line_on_average() -> None:
    slope = torch.tensor([3.0, -1.0, 0.0])
    codes = torch.zeros(4000, 3, requires_grad=True)
    objective = estimated(lambda one: (one @ slope + 7).numpy(), torch.Generator().manual_seed(0), pairs=4)
    value = objective(codes)
    (gradient,) = torch.autograd.grad(value.sum(), [codes])
    assert value.detach().unique().tolist() == [7.0]
    # each line gives (slope . line) line, of mean slope; deviation at most |slope| sqrt(2 / (4 x 4000)), about 0.035
    assert gradient.mean(dim=0).tolist() == pytest.approx(slope.tolist(), abs=0.15)
    undefined = estimated(lambda one: np.where(one[:, 0] > 0, np.nan, 0.0), torch.Generator().manual_seed(0))
    (none,) = torch.autograd.grad(undefined(codes).sum(), [codes])
    assert not none.any()


def test_without_samples_the_rest_stands(job: Job) -> None:
    result = run(Job(job.model, bars(), space="nothing"), space="edges", target="0", steps=2)
    assert "data_most" not in result.metrics and any("No samples stand beside it" in one for one in result.notes)


def test_pictures_of_one_pixel() -> None:
    class Dot(wb.Model):
        pixels = wb.images(1, 1, 1)
        score = wb.scalars(["twice"])

        def __init__(self, device: str = "cpu") -> None: ...

        @wb.maps(pixels, to=score)
        def look(self, pixels: torch.Tensor) -> torch.Tensor:
            return 2 * pixels.flatten(1)

    job = Job(Dot(), np.full((4, 1, 1, 1), 0.25))
    result = run(job, steps=40)
    assert 1.8 < result.numbers()["reached"] <= 2
    assert any("hardly differs (likeness 1.00)" in one for one in result.notes)


@pytest.mark.parametrize(
    ("params", "kind", "said"),
    [
        ({"target": "9"}, wb.ParameterError, "there is no unit 9: the layer has 3, from 0 to 2"),
        ({"space": "edges", "target": "3"}, wb.ParameterError, "there is no channel 3"),
        ({"target": "leve"}, wb.ParameterError, "neither a number nor a name of 'score'; there are level"),
        ({"space": "z"}, wb.ParameterError, "no layer of the model"),
        ({"objective": "direction"}, wb.ParameterError, "needs one kept direction"),
        ({"objective": "direction", "kept": ("a",), "space": "edges"}, wb.ParameterError, "is of the space 'score'"),
        ({"through": "fixed", "size": 20}, wb.MapError, "cannot take points of 1 x 20 x 20"),
        ({"space": "edges", "size": 2}, wb.MapError, "cannot take points of 1 x 2 x 2"),
        ({"through": "detached"}, wb.MapError, "no gradient by the picture"),
        ({"through": "overflowing", "control": False}, wb.DataError, "NaN or infinite"),
        ({"through": "decode", "size": 12}, wb.ParameterError, "'size' is of pictures"),
        ({"through": "decode", "decode": "decode"}, wb.ParameterError, "no generator stands in front of it"),
        ({"space": "train", "through": "detached"}, wb.MapError, "does not drive it"),
        ({"objective": "scorer"}, wb.ParameterError, "needs a map from codes to pictures"),
        ({"scorer": "brightness"}, wb.ParameterError, "is of no use where the objective is 'channel'"),
        ({"minutes": 1e-6}, wb.ParameterError, "'minutes' allows"),
    ],
)
def test_what_is_refused_is_said_and_leaves_the_model_as_it_was(job: Job, params: Any, kind: Any, said: str) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    with pytest.raises(kind, match=said):
        run(job, **params)
    assert unchanged(before, job.model)  # type: ignore[arg-type]


def test_short_memory_keeps_its_name(job: Job) -> None:
    with pytest.raises(RuntimeError, match="not enough memory"):
        run(job, through="hungry")


def test_pictures_with_nan_are_refused(job: Job) -> None:
    broken = bars()
    broken[3] = np.nan
    with pytest.raises(wb.DataError, match="NaN or infinite at 1 of 10 samples"):
        run(Job(job.model, broken), space="edges")
