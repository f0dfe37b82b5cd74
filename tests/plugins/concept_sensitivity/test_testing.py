# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the test: its level where there is no concept, its power, and the derivatives it is made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

import workbench as wb
from plugins.concept_sensitivity.decisions import Taps, decided
from plugins.concept_sensitivity.testing import interval, measure, ranked, sets_of, welch

RUNS = 150


def bent(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Gradients of sum tanh(W x) at points: a decision that bends everywhere."""
    return (1 - np.tanh(points @ weights.T) ** 2) @ weights


def test_of_sets_that_are_no_concept_as_many_are_called_one_as_the_level_says() -> None:
    """Rank p is below 0.05 in about one case in twenty; the published t test in many more."""
    random = np.random.default_rng(0)
    weights = 2 * random.standard_normal((30, 16))
    below, published = 0, 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        points, asked = rng.standard_normal((160, 16)), rng.standard_normal((80, 16))
        slopes = bent(asked, weights)
        sets = sets_of(40, 120, 39, 10, rng)
        found = measure(points.astype("f4"), slopes.astype("f4"), 1.0, sets, "mean-difference")
        below += ranked(found.scores[None]).corrected[0] <= 0.05
        published += welch(found) < 0.05
    assert below / RUNS == pytest.approx(0.05, abs=0.045)  # 2.5 standard errors
    assert published / RUNS > 0.2


def test_layers_are_corrected_so_that_all_together_keep_the_level() -> None:
    random = np.random.default_rng(1)
    below = sum(ranked(random.standard_normal((12, 100))).corrected.min() < 0.05 for _ in range(1000))
    alone = sum(ranked(random.standard_normal((12, 100))).alone.min() < 0.05 for _ in range(200))
    assert 0.025 < below / 1000 < 0.065
    assert alone / 200 > 0.25
    same = np.tile(random.standard_normal((1, 100)), (12, 1))
    assert ranked(same).corrected == pytest.approx(ranked(same).alone)  # layers that say the same cost nothing


@given(arrays(np.float64, (3, 21), elements=st.floats(-1e3, 1e3)))
def test_p_is_between_the_smallest_and_one_and_corrected_is_no_smaller(values: np.ndarray) -> None:
    found = ranked(values)
    assert (found.alone >= 1 / 21 - 1e-12).all()
    assert (found.corrected <= 1 + 1e-12).all()
    assert (found.corrected >= found.alone - 1e-12).all()


def test_rows_that_do_not_vary_are_not_significant() -> None:
    assert ranked(np.ones((2, 40))).corrected.tolist() == [1, 1]
    halves = np.tile([0.0, 1.0], 20)[None]
    assert ranked(halves).corrected[0] == 1  # all scores 0 or 1: none stands out


def test_sets_are_of_one_size_and_share_nothing() -> None:
    sets = sets_of(20, 60, 50, 10, np.random.default_rng(0))
    assert sets.concepts.shape == sets.against.shape == (51, 20)
    assert sets.concepts[0].tolist() == list(range(20))
    assert (sets.against[0] >= 20).all()
    for concept, against in zip(sets.concepts, sets.against, strict=True):
        assert len({*concept.tolist(), *against.tolist()}) == 40
    with pytest.raises(wb.DataError, match="20 exemplars and 19 others are too few"):
        sets_of(20, 19, 50, 10, np.random.default_rng(0))


def test_intervals_hold_the_value() -> None:
    assert interval(np.arange(101.0)) == (2.5, 97.5)
    assert interval(np.arange(101.0), 99.0) == (2.5, 99.0)


def test_a_decision_without_derivative_and_points_that_are_all_the_same_are_refused() -> None:
    sets = sets_of(10, 30, 39, 10, np.random.default_rng(0))
    points = np.random.default_rng(0).standard_normal((40, 3)).astype("f4")
    with pytest.raises(wb.DataError, match="0 at every asked point"):
        measure(points, np.zeros((5, 3), "f4"), 1.0, sets, "mean-difference")
    with pytest.raises(wb.DataError, match="all its activations are the same"):
        measure(np.ones((40, 3), "f4"), np.ones((5, 3), "f4"), 1.0, sets, "mean-difference")


def test_taps_give_the_derivative_by_every_layer_of_one_pass_and_leave_nothing_behind() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(inplace=True), nn.Linear(7, 3), nn.Tanh())
    x = torch.randn(6, 5)
    with Taps({"first": net[0], "third": net[2]}, gradients=True) as taps:
        decision = decided(net(x), 1, "net")
        by_first, by_third = torch.autograd.grad(decision.sum(), [taps.seen["first"], taps.seen["third"]])
    third = taps.seen["third"].detach()
    slope = 1 - torch.tanh(third[:, 1]) ** 2
    assert torch.allclose(by_third[:, 1], slope) and not by_third[:, [0, 2]].any()
    first = taps.seen["first"].detach()
    assert torch.allclose(first, x @ net[0].weight.T + net[0].bias)  # not what the in-place layer made of it
    assert torch.allclose(by_first, slope[:, None] * net[2].weight[1] * (first > 0))
    assert not any(one._forward_hooks for one in net.modules())


def test_taps_are_gone_after_an_error() -> None:
    net = nn.Sequential(nn.Linear(5, 7))
    with pytest.raises(RuntimeError), Taps({"first": net[0]}, gradients=True):
        net(torch.randn(2, 4))
    assert not any(one._forward_hooks for one in net.modules())
