# SPDX-License-Identifier: Apache-2.0
"""The checks on answers that can be worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

import workbench as wb
from plugins.attribution.checks.agreement import agreement, baseline_sensitivity
from plugins.attribution.checks.border import border_share
from plugins.attribution.checks.deletion import INPUT, RANDOM, deletion_insertion, order_of, parts_of
from plugins.attribution.checks.gradients import gradients_of
from plugins.attribution.checks.means import mean_of, ratio_of, usable, why_unusable
from plugins.attribution.checks.perturbation import infidelity, sensitivity
from plugins.attribution.checks.randomisation import drawn_anew, layers_of, moved_by, randomisation, stages_of
from plugins.attribution.checks.similarity import sign_agreement, spearman, structural_similarity
from plugins.attribution.questions import ask_function

WEIGHTS = torch.tensor([4.0, -2.0, 1.0, 0.0, 3.0])


def linear(inputs: torch.Tensor) -> torch.Tensor:
    """``w . x``; the exact attribution from a baseline b is ``w (x - b)``."""
    return inputs @ WEIGHTS.to(inputs)


def exact(inputs: torch.Tensor, baseline: torch.Tensor | float = 0.0) -> np.ndarray:
    """The exact attribution of :func:`linear`."""
    return np.asarray((WEIGHTS.to(inputs) * (inputs - baseline)).numpy())


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    """Twelve points of five positive numbers."""
    return torch.rand((12, 5), generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


# -- means, and maps that cannot be used


def test_students_interval_of_three_numbers() -> None:
    found = mean_of([1.0, 2.0, 3.0])
    assert found.value == 2 and found.n == 3
    assert found.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-5)  # t of 2 degrees, deviation 1


def test_no_interval_of_one_sample_and_no_mean_of_none() -> None:
    assert mean_of([3.0]).value == 3 and math.isnan(mean_of([3.0]).low)
    assert math.isnan(mean_of([math.nan]).value) and mean_of([math.nan]).n == 0
    assert math.isnan(ratio_of([1.0], [0.0], 0).value)


def test_intervals_are_cut_where_no_mean_can_be() -> None:
    assert mean_of([0.0, 0.9, 1.0], within=(0.0, 1.0)).high == 1.0


def test_maps_that_cannot_be_used_are_told() -> None:
    maps = np.array([[[0.0, 1.0]], [[2.0, 2.0]], [[np.inf, 0.0]]])
    assert usable(maps).tolist() == [True, False, False]
    assert "1 of 3 maps is the same everywhere" in why_unusable(maps) and "not finite" in why_unusable(maps)
    assert why_unusable(maps[:1]) == ""


# -- likeness


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (3, 12), elements=st.integers(-50, 50).map(float)))
def test_rank_correlation_is_scipys_and_knows_no_scale(maps: Any) -> None:
    from scipy.stats import spearmanr

    other = np.roll(maps, 1, axis=1) ** 3
    found = spearman(maps, other)
    for at, value in enumerate(found):
        if np.ptp(maps[at]) > 0 and np.ptp(other[at]) > 0:
            assert value == pytest.approx(spearmanr(maps[at], other[at]).statistic, abs=1e-9)
        else:
            assert math.isnan(value)
    np.testing.assert_allclose(found, spearman(3 * maps + 1, other), equal_nan=True)


def test_structural_similarity_of_a_picture_with_itself_its_negative_and_noise() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.random((4, 16, 16))
    np.testing.assert_allclose(structural_similarity(pictures, 5 * pictures + 2), 1.0)
    assert (structural_similarity(pictures, -pictures) < -0.8).all()
    assert (np.abs(structural_similarity(pictures, rng.random((4, 16, 16)))) < 0.25).all()
    assert np.isnan(structural_similarity(pictures[:, :2, :2], pictures[:, :2, :2])).all()  # smaller than any window
    assert np.isnan(structural_similarity(np.ones((1, 9, 9)), pictures[:1, :9, :9])).all()


def test_signs_agree_by_mass() -> None:
    assert sign_agreement([[1.0, -1.0, 0.0]], [[3.0, 1.0, 9.0]])[0] == 0.75
    assert math.isnan(sign_agreement([[0.0, 0.0]], [[1.0, 1.0]])[0])


def test_agreement_of_equal_opposite_and_unsigned_maps() -> None:
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(6, 30))
    pairs = agreement({"a": maps, "b": -maps, "c": np.abs(maps)}, {"a": True, "b": True, "c": False})
    by_name = {(one.first, one.second): one for one in pairs}
    assert by_name["a", "b"].spearman.value == pytest.approx(-1) and by_name["a", "b"].signs.value == 0
    assert by_name["a", "c"].spearman.value == pytest.approx(1)  # sizes, since c has no sign
    assert math.isnan(by_name["a", "c"].signs.value)


def test_pictures_and_their_sums_over_channels_are_compared() -> None:
    maps = np.random.default_rng(2).normal(size=(3, 3, 5, 5))
    (pair,) = agreement({"a": maps, "b": maps.sum(axis=1, keepdims=True)}, {"a": True, "b": True})
    assert pair.spearman.value == pytest.approx(1)
    assert agreement({"a": maps, "b": np.ones((3, 7))}, {"a": True, "b": True}) == []


def test_the_least_alike_baselines_come_first(inputs: torch.Tensor) -> None:
    maps = {"zero": exact(inputs), "half": exact(inputs, 0.5), "beyond": exact(inputs, 9.0)}
    pairs = baseline_sensitivity({"ig": maps}, {"ig": True})
    assert pairs[0].spearman.value < -0.9 < 0.9 < pairs[-1].spearman.value  # beyond the inputs every sign turns
    assert {pairs[-1].first, pairs[-1].second} == {"zero", "half"}


# -- deletion and insertion


def test_deletion_of_a_linear_answer_is_the_sorted_sum(inputs: torch.Tensor) -> None:
    values = exact(inputs)
    zero = torch.zeros_like(inputs)
    curves = deletion_insertion(linear, inputs, {"exact": values}, zero, steps=5, random_orders=3)
    answers = linear(inputs).numpy()
    left = answers[:, None] - np.cumsum(np.sort(values, axis=1)[:, ::-1], axis=1)
    np.testing.assert_allclose(curves.deletion["exact"][:, 0] * curves.change, answers)
    np.testing.assert_allclose(curves.deletion["exact"][:, 1:] * curves.change, left, atol=1e-9)
    np.testing.assert_allclose(curves.insertion["exact"][:, -1], curves.deletion["exact"][:, 0])
    np.testing.assert_allclose(curves.insertion["exact"][:, 0], 0, atol=1e-12)


def test_no_order_is_better_than_the_exact_one_of_a_linear_answer(inputs: torch.Tensor) -> None:
    zero = torch.zeros_like(inputs)
    maps = {"exact": exact(inputs), "opposite": -exact(inputs), "even": np.ones((12, 5))}
    curves = deletion_insertion(linear, inputs, maps, zero, steps=5, random_orders=4)
    for other in ("opposite", RANDOM, INPUT):
        assert (curves.area("deletion", "exact") <= curves.area("deletion", other) + 1e-12).all()
        assert (curves.area("insertion", "exact") >= curves.area("insertion", other) - 1e-12).all()
    assert curves.difference("deletion", "exact", RANDOM).high < 0
    assert curves.difference("insertion", "exact", RANDOM).low > 0
    assert np.isnan(curves.deletion["even"]).all()  # the same everywhere: no order


def test_answers_that_rise_towards_the_baseline_turn_the_maps(inputs: torch.Tensor) -> None:
    zero = torch.zeros_like(inputs)
    one = deletion_insertion(linear, inputs, {"a": exact(inputs)}, zero, steps=5)
    other = deletion_insertion(lambda x: -linear(x), inputs, {"a": -exact(inputs)}, zero, steps=5)
    np.testing.assert_allclose(one.deletion["a"], other.deletion["a"], atol=1e-12)


def test_ties_come_in_random_order_and_pictures_go_by_places() -> None:
    orders = order_of(np.zeros((200, 4)), np.random.default_rng(0))
    assert (np.bincount(orders[:, 0], minlength=4) > 30).all()
    assert parts_of(np.ones((1, 3, 2, 2))).tolist() == [[3.0] * 4]


def test_deletion_is_refused_where_nothing_can_change(inputs: torch.Tensor) -> None:
    with pytest.raises(wb.DataError, match="same answer"):
        deletion_insertion(linear, inputs, {"a": exact(inputs)}, inputs)
    with pytest.raises(wb.DataError, match="not finite"):
        deletion_insertion(lambda x: linear(x) * math.nan, inputs, {"a": exact(inputs)}, 0 * inputs)


# -- infidelity and sensitivity


def test_the_exact_map_of_a_linear_answer_foretells_everything(inputs: torch.Tensor) -> None:
    zero = torch.zeros_like(inputs)
    assert infidelity(linear, inputs, exact(inputs), zero) == pytest.approx(0, abs=1e-9)
    assert infidelity(linear, inputs, 7 * exact(inputs), zero) == pytest.approx(0, abs=1e-9)  # maps have no scale
    gradients = np.broadcast_to(WEIGHTS.numpy(), inputs.shape)
    assert infidelity(linear, inputs, gradients, zero, local=True) == pytest.approx(0, abs=1e-9)
    assert (infidelity(linear, inputs, gradients[:, ::-1], zero, local=True) > 0.04).all()
    one = infidelity(linear, inputs[:1], exact(inputs[:1]), zero[:1])
    assert one == pytest.approx(0, abs=1e-9)


def test_infidelity_of_an_answer_that_nothing_moves_is_not_defined(inputs: torch.Tensor) -> None:
    assert np.isnan(infidelity(lambda x: 0 * linear(x) + 1, inputs, exact(inputs), 0 * inputs)).all()


def test_a_gradient_of_a_line_does_not_move_and_one_of_a_square_moves_with_the_input(inputs: torch.Tensor) -> None:
    still = sensitivity(lambda x: WEIGHTS.expand(len(x), 5).numpy(), inputs, radius=0.1)
    assert still == pytest.approx(0, abs=1e-12)
    moving = sensitivity(lambda x: 2 * x.numpy(), inputs, radius=0.1, changes=16)
    most = 0.1 * math.sqrt(5) / inputs.norm(dim=1).numpy()
    assert (moving <= most + 1e-6).all() and (moving > 0.3 * most).all()
    assert np.isnan(sensitivity(lambda x: 0 * x.numpy(), inputs)).all()


# -- the border


def test_an_even_map_has_its_area_on_the_border_and_a_frame_has_all() -> None:
    even = np.ones((5, 1, 20, 20))
    found = border_share(even, even)
    assert found.width == 2 and found.area == pytest.approx(1 - 256 / 400) == pytest.approx(found.share.value)
    assert found.corner_area == pytest.approx(16 / 400) == pytest.approx(found.corner_share.value)
    frame = np.ones((5, 1, 20, 20))
    frame[:, :, 2:-2, 2:-2] = 0
    assert border_share(-frame, even).share.value == 1
    mark = np.zeros((5, 1, 20, 20))
    mark[:, :, 17, 18] = 1
    found = border_share(mark, even)
    assert found.corner == "bottom right" and found.corner_share.value == 1


def test_small_pictures_have_no_border() -> None:
    with pytest.raises(wb.DoesNotApply, match="frame"):
        border_share(np.ones((2, 1, 4, 4)), np.ones((2, 1, 4, 4)))
    with pytest.raises(wb.DoesNotApply, match="pictures"):
        border_share(np.ones((2, 9)), np.ones((2, 9)))


# -- gradients


def test_reach_of_a_line_is_at_least_one_and_of_a_plateau_nought(inputs: torch.Tensor) -> None:
    found = gradients_of(linear, inputs, torch.zeros_like(inputs))
    assert (found.reach >= 1 - 1e-9).all() and found.zero == 0 and not found.constant
    plateau = gradients_of(lambda x: torch.tanh(30 * x.sum(dim=1)), inputs, torch.zeros_like(inputs))
    assert (plateau.reach < 0.01).all()
    assert gradients_of(lambda x: x.sum(dim=1) * 0 + 1, inputs, torch.zeros_like(inputs)).constant


def test_gradients_that_are_missing_or_not_finite_are_refused(inputs: torch.Tensor) -> None:
    with pytest.raises(wb.DoesNotApply, match="no gradient"):
        gradients_of(lambda x: x.detach().sum(dim=1), inputs, 0 * inputs)
    with pytest.raises(wb.DoesNotApply, match="not finite"):
        gradients_of(lambda x: (x - x).abs().sqrt().sum(dim=1), inputs, 0 * inputs)


# -- weights drawn anew


class Net(nn.Module):
    """Two layers and a norm, one number out."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.last = nn.Linear(5, 16), nn.BatchNorm1d(16), nn.Linear(16, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """``[n, 5] -> [n]``."""
        return self.last(torch.relu(self.norm(self.first(inputs))))[:, 0]


@pytest.fixture(scope="module")
def question() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return ask_function(Net().eval(), torch.zeros(1, 5))


def test_weights_keep_their_scale_and_lose_their_values() -> None:
    layer = nn.Linear(40, 50)
    before = [one.detach().clone() for one in layer.parameters()]
    drawn_anew(layer, torch.Generator().manual_seed(0))
    weight, bias = layer.parameters()
    assert float(weight.detach().square().mean() / before[0].square().mean()) == pytest.approx(1, abs=0.1)
    assert abs(float(np.corrcoef(weight.detach().flatten(), before[0].flatten())[0, 1])) < 0.1
    assert torch.equal(bias.detach().sort().values, before[1].sort().values)


def test_the_cascade_begins_at_the_top(question: Any) -> None:
    layers = layers_of(question)
    assert [one.rpartition(".")[2] for one in layers] == ["last", "norm", "first"]
    cascade = [one for one in stages_of(layers, 8) if one.cascade]
    assert [len(one.layers) for one in cascade] == [1, 2, 3]
    assert len(stages_of(layers[:1], 8)) == 1


def test_a_map_that_knows_nothing_of_the_network_stays_and_the_original_is_left_alone(question: Any) -> None:
    points = torch.rand((4, 5), generator=torch.Generator().manual_seed(5))
    before = [one.clone() for one in question.module.parameters()]

    def with_(asked: Any, name: str) -> Any:
        here = points.clone().requires_grad_()
        if name == "broken":
            raise wb.MapError("no such gradient")
        return (
            torch.autograd.grad(asked.function(here).sum(), here)[0].numpy() if name == "gradient" else points.numpy()
        )

    values = {name: with_(question, name) for name in ("gradient", "input")} | {"broken": points.numpy()}
    found = randomisation(question, values, with_, seed=1)
    assert np.allclose(found.spearman["input"], 1)
    assert np.nanmean(found.spearman["gradient"][found.full]) < 0.9
    assert "no such gradient" in found.failed["broken"]
    assert all(torch.equal(one, other) for one, other in zip(before, question.module.parameters(), strict=True))
    assert moved_by(question, points, 0)


def test_networks_without_weights_have_no_cascade(inputs: torch.Tensor) -> None:
    asked = ask_function(linear, inputs[:1])
    with pytest.raises(wb.DoesNotApply, match="no layer"):
        randomisation(asked, {"a": exact(inputs)}, lambda question, name: exact(inputs))
