# SPDX-License-Identifier: Apache-2.0
"""Dreams of a network whose units are known: what grows, the sizes, the control, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.deep_dream.analysis import DeepDream
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
    given = {"through": "look", "layer": "edges", "steps": 8, "octaves": 2, "rate": 0.01, **params}
    return DeepDream().run(job, DeepDream.Params.read(given))  # type: ignore[arg-type]


def test_without_jitter_a_small_step_of_a_convex_objective_always_rises(job: Job) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    result = run(job, jitter=0, rate=0.001, octaves=1, steps=20)
    assert np.all(np.diff(result.tables["steps"]["value"]) > 0)
    numbers = result.numbers()
    assert numbers["after"] > numbers["before"] and numbers["after"] > numbers["random"]
    assert result.findings == [] and result.metrics["random"].n == 8
    assert unchanged(before, job.model)  # type: ignore[arg-type]


def test_sizes_go_from_coarse_to_fine_and_frames_show_the_way(job: Job) -> None:
    result = run(job, octaves=3, ratio=1.5, frames=6, size=24)
    assert list(dict.fromkeys(result.tables["steps"]["size"])) == ["11 x 11", "16 x 16", "24 x 24"]
    assert len(result.tables["steps"]) == 3 * 8
    frames, marks = np.asarray(result.arrays["frames"]), np.asarray(result.arrays["marks"])
    assert frames.shape == (6, 24, 24, 1) and marks[0] == 0 and marks[-1] == 24
    assert np.array_equal(frames[-1, :, :, 0], result.images["dream"])
    assert any("declared for pictures of 12 x 12, and run on 24 x 24" in one for one in result.notes)
    assert [told for _, told in job.shown][-1].endswith("24 x 24 pixels, step 8 of 8")


def test_a_channel_grows_where_it_is_asked_for(job: Job) -> None:
    upright = run(job, goal="channel", channel=0, row=1, jitter=0, steps=20)
    assert upright.numbers()["after"] > upright.numbers()["before"] + 0.1


def test_a_guide_draws_a_picture_to_its_own_features(job: Job) -> None:
    result = run(job, goal="guide", guide=3, row=0, steps=20)  # level bars for an upright one
    assert result.numbers()["gain"] > 1.1 and "guide" in result.images


def test_noise_is_a_start_too_and_a_layer_is_found_where_none_is_named(job: Job) -> None:
    result = run(job, start="noise", layer=None)
    assert result.images["start"].shape == (12, 12) and result.numbers()["gain"] > 1


def test_a_layer_that_is_shut_gives_no_dream_and_says_so(job: Job) -> None:
    with torch.no_grad():
        job.model.edges.bias.fill_(-100.0)  # type: ignore[attr-defined]
    result = run(job, layer="open", steps=1)  # no redirected steps
    (finding,) = result.findings
    assert finding.code == "deep-dream.not-raised" and "the gradient was 0 at every step" in finding.statement
    assert np.isnan(result.numbers()["gain"])


def test_steps_that_are_too_large_end_at_black_and_white(job: Job) -> None:
    assert "deep-dream.clipped" in [one.code for one in run(job, rate=0.3, steps=20).findings]


@pytest.mark.parametrize(
    ("params", "kind", "said"),
    [
        ({"goal": "channel", "channel": 3}, wb.ParameterError, "there is no channel 3: the layer has 3"),
        ({"goal": "channel"}, wb.ParameterError, "'channel' is needed for this goal"),
        ({"guide": 2}, wb.ParameterError, "'guide' is of no use where the goal is 'layer'"),
        ({"row": 77}, wb.ParameterError, "there is no row 77: the pictures have rows 0 to 9"),
        ({"size": 1000}, wb.ParameterError, "less than or equal to 512"),
        ({"size": 2}, wb.MapError, "cannot take points of 1 x 2 x 2"),
        ({"through": "fixed", "layer": None}, wb.DoesNotApply, "no layer of the map 'fixed' gives feature maps"),
        ({"through": "detached"}, wb.MapError, "no gradient by the picture"),
        ({"layer": "nothing"}, wb.SpaceError, "no layer 'nothing'"),
        (
            {"goal": "guide", "guide": 1, "layer": "head", "through": "headed"},
            wb.ParameterError,
            "a guide needs a layer with positions",
        ),
        ({"through": "broken", "layer": None}, wb.MapError, "'broken' cannot take points of .*: KeyError: 'lost'"),
        ({"minutes": 1e-6}, wb.ParameterError, "'minutes' allows"),
    ],
)
def test_what_is_refused_is_said_and_leaves_the_model_as_it_was(job: Job, params: Any, kind: Any, said: str) -> None:
    before = state(job.model)  # type: ignore[arg-type]
    with pytest.raises(kind, match=said):
        run(job, **params)
    assert unchanged(before, job.model)  # type: ignore[arg-type]


def test_a_picture_with_nan_is_refused_and_one_of_one_pixel_is_said(job: Job) -> None:
    broken = bars()
    broken[0, 0, 3, 3] = np.nan
    with pytest.raises(wb.DataError, match="row 0 holds NaN"):
        run(Job(job.model, broken))
    with pytest.raises(wb.MapError, match="cannot take points of 1 x 1 x 1"):
        run(Job(job.model, np.zeros((2, 1, 1, 1))))


def test_a_model_without_pictures_does_not_apply() -> None:
    from registry.parameters import Subject, missing_for

    lacking = missing_for(DeepDream.Params, Subject(spaces={"z": wb.vectors(3)}, has_model=True))
    assert lacking == ["'through' needs a map from a space of images to a space"]
