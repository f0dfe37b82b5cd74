# SPDX-License-Identifier: Apache-2.0
"""Optimised pictures whose end is known by hand: power iteration, single neurons, steps, Gram matrices, dead units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import workbench as wb
from plugins.feature_visualisation.optimising import objectives
from plugins.feature_visualisation.optimising.ascending import Climb, climb, normalised
from plugins.feature_visualisation.optimising.parametrisations import Ball, Fourier, Free, Latent, Pixels, Sigmoid
from plugins.feature_visualisation.optimising.reading import randomised
from plugins.feature_visualisation.optimising.relu import Redirected
from plugins.feature_visualisation.optimising.transformations import Shaking, turned
from plugins.style_transfer.descending import Search, descend
from plugins.style_transfer.losses import Parts, Wanted, Weights, content_loss, gram, style_loss, variation
from plugins.style_transfer.placing import placed


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Such small convolutions are slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


# -- H: style


def test_h1_the_style_loss_of_a_picture_and_itself_is_0() -> None:
    features = drawn(1, 5, 6, 7)
    assert float(style_loss(features, gram(features))) == 0.0
    assert float(content_loss(features, features)) == 0.0


def test_h2_gram_matrices_do_not_change_under_a_circular_shift_of_the_picture() -> None:
    net = nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular").double()
    picture = drawn(1, 3, 9, 11)
    with torch.no_grad():
        one, other = (gram(net(each)) for each in (picture, picture.roll((2, 5), (2, 3))))
    assert float((one - other).abs().max()) < 1e-15


def test_h3_style_does_not_see_layout_and_content_does() -> None:
    features = drawn(1, 4, 5, 6)
    order = torch.randperm(30, generator=generator())
    moved = features.flatten(2)[:, :, order].reshape(features.shape)
    assert float(style_loss(moved, gram(features))) < 1e-28
    assert float(content_loss(moved, features)) > 0.5


@settings(deadline=None, max_examples=25)
@given(st.floats(-10, 10), st.integers(0, 1000))
def test_h4_to_h6_scale_trace_and_sign(scale: float, seed: int) -> None:
    features = drawn(2, 4, 3, 5, seed=seed)
    made = gram(features)
    assert torch.allclose(gram(scale * features), scale**2 * made, rtol=1e-12, atol=1e-14)
    trace = made.diagonal(dim1=1, dim2=2).sum(dim=1)
    assert torch.allclose(trace, features.square().flatten(1).mean(dim=1), rtol=1e-12)
    assert float(torch.linalg.eigvalsh(made).min()) > -1e-12


def test_losses_are_shares_whatever_the_scale_and_the_number_of_channels() -> None:
    features, wanted = drawn(1, 4, 5, 6), drawn(1, 4, 5, 6, seed=1)
    empty = torch.zeros_like(wanted)
    assert float(content_loss(empty, wanted)) == pytest.approx(1) == float(style_loss(empty, gram(wanted)))
    for scaled in (1e-3, 7.0):
        assert float(style_loss(scaled * features, gram(scaled * wanted))) == pytest.approx(
            float(style_loss(features, gram(wanted)))
        )


def test_variation_of_flat_pictures_stripes_and_single_pixels() -> None:
    assert float(variation(torch.ones(1, 3, 4, 4), 1.0)) == 0.0
    assert float(variation(torch.ones(1, 3, 1, 1), 1.0)) == 0.0
    stripes = torch.tensor([0.0, 2.0]).repeat(3).expand(1, 1, 4, 6)
    assert float(variation(stripes, 2.0)) == 1.0


def wanted_of(net: nn.Module, content: Tensor, style: Tensor, weights: Weights) -> Any:
    with torch.no_grad():
        wanted = Wanted("a", net(content), {"a": gram(net(style))}, weights, 1.0)
    return lambda picture: wanted.losses({"a": net(picture)}, picture)


@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_both_searches_lower_the_style_loss_and_stay_in_range_without_nan(optimiser: Any) -> None:
    torch.manual_seed(0)
    net = nn.Conv2d(3, 6, 3).requires_grad_(False)
    content, style = (torch.rand(1, 3, 12, 12, generator=generator()) ** power for power in (1, 3))
    seen: list[Parts] = []
    losses = wanted_of(net, content, style, Weights(0.0, 1.0))
    ended = descend(
        content, (0.0, 1.0), losses, Search(optimiser, 60, 0.02), lambda step, at, parts: seen.append(parts)
    )
    assert bool(torch.isfinite(ended).all()) and float(ended.min()) >= 0 and float(ended.max()) <= 1
    totals = [float(one.total.detach()) for one in seen]
    first, last = totals[0], float(losses(ended).total)
    assert last < 0.05 * first
    if optimiser == "lbfgs":  # a line search does not step up
        assert all(b <= a for a, b in zip(totals, totals[1:], strict=False))


def test_at_the_content_picture_the_content_and_its_gradient_are_0_so_the_first_step_is_style_alone() -> None:
    torch.manual_seed(0)
    net = nn.Conv2d(3, 4, 3).double().requires_grad_(False)
    content, style = drawn(1, 3, 8, 8), drawn(1, 3, 8, 8, seed=1)
    gradients = []
    for weight in (0.0, 5.0):
        moving = content.clone().requires_grad_(True)
        parts = wanted_of(net, content, style, Weights(weight, 1.0))(moving)
        gradients.append(torch.autograd.grad(parts.total, [moving])[0])
        assert float(parts.content.detach()) == 0.0
    assert torch.equal(*gradients)


def test_places_keep_distances_in_two_dimensions_and_say_what_they_lose() -> None:
    points = np.random.default_rng(0).normal(size=(7, 2)) @ np.random.default_rng(1).normal(size=(2, 500))
    found = placed(points)
    true = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert found.distances == pytest.approx(true, abs=1e-6)
    assert np.linalg.norm(found.plane[:, None] - found.plane[None], axis=2) == pytest.approx(true, abs=1e-6)
    assert sum(found.shares) == pytest.approx(1)
    deep = placed(np.eye(5))
    assert deep.shares == pytest.approx((0.25, 0.25))  # a simplex has no better plane than any other


# -- I: dreams and single units


def linear(matrix: Tensor) -> Any:
    return lambda points: points @ matrix.T


def test_i1_to_i3_a_whole_linear_layer_on_the_sphere_is_power_iteration() -> None:
    matrix = drawn(6, 9)
    _, sizes, right = torch.linalg.svd(matrix)
    form = Ball(drawn(1, 9, seed=3), sphere=True)
    # the gradient is W'W x: with a step that drowns x, each step is one of power iteration
    how = Climb(400, "raw", 1e6)
    found = climb(form, linear(matrix), objectives.whole_layer, how, generator())
    assert np.all(np.diff(found.values[:, 0]) >= -1e-12)
    assert found.values[-1, 0] == pytest.approx(float(sizes[0] ** 2 / 2), rel=1e-9)
    assert abs(float(found.points[0] @ right[0])) == pytest.approx(1, abs=1e-9)


def test_i4_a_single_neuron_in_the_unit_ball_ends_at_its_own_weights() -> None:
    matrix = drawn(4, 7)
    form = Ball(0.01 * drawn(1, 7, seed=2))
    found = climb(form, linear(matrix), objectives.neuron(2), Climb(200, "length", 0.1), generator())
    row = matrix[2]
    assert torch.allclose(found.points[0], row / row.norm(), atol=1e-9)
    assert float((found.points @ row)[0]) == pytest.approx(float(row.norm()))


def test_i5_one_plain_step_of_a_whole_linear_layer() -> None:
    matrix, start, rate = drawn(5, 8), drawn(1, 8, seed=4), 0.03
    left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
    found = climb(Free(start), linear(matrix), objectives.whole_layer, Climb(1, "raw", rate), generator())
    along = right @ start[0]
    expected = 0.5 * (sizes * (1 + rate * sizes**2) * along).square().sum()
    assert float(objectives.whole_layer(found.points @ matrix.T)) == pytest.approx(float(expected), rel=1e-12)


def test_the_raw_gradient_of_a_mean_moves_nothing_and_a_normalised_one_does() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)).requires_grad_(False)
    start = torch.rand(1, 3, 24, 24, generator=generator())
    gains = {}
    for rule, rate in (("raw", 1.0), ("mean", 0.01), ("length", 1.0)):
        mean_square = lambda one: one.flatten(1).square().mean(dim=1)  # noqa: E731
        found = climb(Free(start), net, mean_square, Climb(40, rule, rate), generator())  # type: ignore[arg-type]
        gains[rule] = found.values[-1, 0] / found.values[0, 0]
        assert np.all(np.diff(found.values[:, 0]) > 0)  # without jitter every step rises
    assert gains["raw"] < 1.2 < 2 < min(gains["mean"], gains["length"])


def test_the_gradient_of_half_the_sum_of_squares_is_the_activation() -> None:
    activations = drawn(2, 3, 4).requires_grad_(True)
    (gradient,) = torch.autograd.grad(objectives.whole_layer(activations).sum(), [activations])
    assert torch.equal(gradient, activations)


def test_a_guide_pulls_each_position_towards_the_feature_that_matches_it_best() -> None:
    here = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]]]], requires_grad=True)  # positions (1, 0) and (0, 2)
    there = torch.tensor([[[[3.0, 0.5]], [[0.0, 1.0]]]])  # features (3, 0) and (0.5, 1)
    value = objectives.guide(there)(here)
    assert value.tolist() == [3.0 + 2.0]
    (gradient,) = torch.autograd.grad(value.sum(), [here])
    assert gradient[0, :, 0, 0].tolist() == [3.0, 0.0] and gradient[0, :, 0, 1].tolist() == [0.5, 1.0]


def test_a_direction_ends_at_itself() -> None:
    vector = drawn(6, seed=9)
    found = climb(Ball(drawn(2, 6)), lambda one: one, objectives.direction(5 * vector), Climb(300, "length", 0.1),
                  generator())  # fmt: skip
    assert torch.allclose(found.points, (vector / vector.norm()).expand(2, 6), atol=1e-9)


# -- dead units


def test_a_unit_that_is_shut_has_no_gradient_after_its_rectifier_and_one_before_it() -> None:
    torch.manual_seed(0)
    first = nn.Conv2d(1, 2, 3).requires_grad_(False)
    first.bias.fill_(-50.0)
    start = torch.rand(1, 1, 8, 8, generator=generator())
    unit = objectives.channel(1)
    dead = climb(Free(start), lambda one: first(one).relu(), unit, Climb(5, "mean", 1.0), generator())
    assert dead.flat.tolist() == [True] and torch.equal(dead.points, start)
    before = climb(Free(start), first, unit, Climb(5, "mean", 1.0), generator())
    assert before.flat.tolist() == [False] and np.all(np.diff(before.values[:, 0]) > 0)
    opened = climb(Free(start), lambda one: first(one).relu(), unit, Climb(40, "mean", 5.0, redirected=40), generator())
    assert opened.flat.tolist() == [False] and opened.values[-1, 0] > 0


@pytest.mark.parametrize("inplace", [False, True])
def test_redirected_rectifiers_change_no_value_and_no_gradient_that_is_there(inplace: bool) -> None:
    torch.manual_seed(0)
    points = drawn(4, 5).requires_grad_(True)
    net = nn.Sequential(nn.Linear(5, 6), nn.ReLU(inplace=inplace), nn.Linear(6, 3), nn.ReLU6(inplace=inplace)).double()
    plain = net(points)
    (gradient,) = torch.autograd.grad(plain.sum(), [points])
    with Redirected():
        same = net(points)
        (redirected,) = torch.autograd.grad(same.sum(), [points])
    assert torch.equal(plain, same)
    lively = (gradient != 0).any(dim=1)
    assert bool(lively.any()) and torch.allclose(gradient[lively], redirected[lively])


def test_a_redirected_rectifier_does_not_push_shut_units_further_down() -> None:
    shut = torch.tensor([[-1.0, -2.0]], requires_grad=True)
    with Redirected():
        (gradient,) = torch.autograd.grad((torch.relu(shut) * torch.tensor([[1.0, -1.0]])).sum(), [shut])
    assert gradient.tolist() == [[1.0, 0.0]]


# -- NaN


def test_nan_is_said_with_its_step() -> None:
    def overflow(one: Tensor) -> Tensor:
        return one + torch.where(one > 1.5, float("nan"), 0.0)

    with pytest.raises(wb.DataError, match=r"objective is NaN or infinite at step 3"):
        climb(Free(torch.zeros(1, 2)), overflow, objectives.neuron(0), Climb(5, "length", 1.0), generator())
    with pytest.raises(wb.DataError, match=r"gradient is NaN or infinite at step 1"):
        climb(Free(torch.zeros(1, 2)), torch.sqrt, objectives.neuron(0), Climb(5, "mean", 1.0), generator())


def test_what_has_no_gradient_is_said() -> None:
    with pytest.raises(wb.MapError, match="no gradient by the picture"):
        climb(Free(torch.ones(1, 2)), lambda one: one.detach(), objectives.neuron(0), Climb(1), generator())
    with pytest.raises(wb.MapError, match="does not hang on the picture"):
        other = torch.ones(1, 2, requires_grad=True)
        climb(Free(torch.ones(1, 2)), lambda one: other * 2, objectives.neuron(0), Climb(1), generator())


# -- parametrisations and transformations


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (7, 5), (8, 8)])
def test_spectra_make_pictures_of_any_size_in_range_with_a_gradient_everywhere(size: tuple[int, int]) -> None:
    form = Fourier((2, 3, *size), -1.0, 1.0, generator(), spread=1.0)
    made = form.points()
    seen = made.detach()
    assert seen.shape == (2, 3, *size) and float(seen.min()) >= -1 and float(seen.max()) <= 1
    (gradient,) = torch.autograd.grad(made.sum(), [form.numbers])
    assert bool(torch.isfinite(gradient).all()) and bool((gradient != 0).any())


def test_the_spectrum_of_a_start_falls_as_1_over_f() -> None:
    form = Fourier((200, 1, 64, 64), 0.0, 1.0, generator(), spread=0.01)
    with torch.no_grad():
        power = torch.fft.rfft2(torch.logit(form.points())).abs().square().mean(dim=(0, 1))
    assert float(power[0, 4] / power[0, 16]) == pytest.approx(16, rel=0.5)


def test_settled_pixels_stay_in_range_and_sigmoids_are_there_by_construction() -> None:
    pixels = Pixels(torch.tensor([[[[-3.0, 0.2, 9.0]]]]), -1.0, 1.0)
    pixels.settle()
    assert pixels.points().detach().flatten().tolist() == pytest.approx([-1.0, 0.2, 1.0])
    sigmoid = Sigmoid(torch.tensor([[[[-1.0, 0.2, 1.0]]]]), -1.0, 1.0)
    assert sigmoid.points().detach().flatten().tolist() == pytest.approx([-0.998, 0.2, 0.998])


def test_codes_stay_where_their_prior_puts_them() -> None:
    far = 100 * torch.ones(2, 50)
    normal = Latent(wb.vectors(50, prior=wb.normal(3.0, 2.0)), far, None)
    length = float(((normal.codes().detach() - 3) / 2).norm(dim=1)[0])
    assert normal.shell is not None and length == pytest.approx(normal.shell[1])
    assert float(Latent(wb.vectors(50, prior=wb.uniform(-1, 1)), far, None).codes().detach().max()) == 1.0
    assert float(
        Latent(wb.vectors(50, prior=wb.sphere(2.0)), far, None).codes().detach().norm(dim=1)[0]
    ) == pytest.approx(2.0)
    assert torch.equal(Latent(wb.vectors(50), far, None).codes(), far)


def test_rolls_lose_nothing_and_turns_by_nothing_change_nothing() -> None:
    pictures = torch.rand(2, 3, 8, 10, generator=generator())
    rolled = Shaking(jitter=3)(pictures, generator())
    assert torch.equal(rolled.flatten(2).sort(dim=2).values, pictures.flatten(2).sort(dim=2).values)
    assert not torch.equal(rolled, pictures)
    assert torch.allclose(turned(pictures, 1.0, 0.0), pictures, atol=1e-5)
    assert torch.allclose(turned(pictures, 1.0, torch.pi), pictures.flip((2, 3)), atol=1e-4)
    assert torch.equal(Shaking(jitter=5)(pictures[:, :, :1, :1], generator()), pictures[:, :, :1, :1])


def test_a_set_that_must_differ_differs_more() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 6, 3)).requires_grad_(False)
    alike = []
    for diversity in (0.0, 3.0):
        form = Free(0.1 * torch.randn(3, 1, 12, 12, generator=generator()))
        found = climb(form, net, objectives.channel(0), Climb(60, "adam", 0.1, diversity=diversity), generator())
        alike.append(float(objectives.likeness(net(found.points))))
    assert alike[1] < alike[0] - 0.05
    same = drawn(1, 3, 4, 4).expand(4, 3, 4, 4)
    assert float(objectives.likeness(same)) == pytest.approx(1) and float(objectives.likeness(same[:1])) == 0.0


def test_steps_of_points_do_not_depend_on_each_other() -> None:
    gradients = drawn(3, 4)
    for rule in ("mean", "length"):
        whole = normalised(gradients, rule)  # type: ignore[arg-type]
        assert torch.equal(whole[1:2], normalised(gradients[1:2], rule))  # type: ignore[arg-type]


def test_shuffled_weights_are_the_same_numbers_in_another_order_and_come_back() -> None:
    class One(wb.Model):
        x = wb.vectors(6)

        def __init__(self) -> None:
            self.net = nn.Linear(6, 5)

    model = One()
    before = {name: value.clone() for name, value in model.net.state_dict().items()}
    with pytest.raises(RuntimeError, match="stop"), randomised(model, 3):
        weight = model.net.weight.detach()
        assert torch.equal(weight.flatten().sort().values, before["weight"].flatten().sort().values)
        assert not torch.equal(weight, before["weight"])
        raise RuntimeError("stop")
    assert all(torch.equal(value, before[name]) for name, value in model.net.state_dict().items())
