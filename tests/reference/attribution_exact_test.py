# SPDX-License-Identifier: Apache-2.0
"""Attributions whose values are known in closed form: linear functions, monomials, ReLU nets, small games, layers.

Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, 2017 (the pair of networks of its figure 7);
Shapley, A Value for n-Person Games, 1953; Dhamdhere et al., How Important Is a Neuron, 2018; Selvaraju et al.,
Grad-CAM, 2017. Numbers of captum are those of its own tests.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.testing.helpers.basic_models import BasicModel_MultiLayer
from numpy.testing import assert_allclose
from torch import Tensor, nn

from plugins.attribution.methods import attribute
from plugins.attribution.questions import Question, Region, Unit, ask, ask_function
from tests.reference.attribution_models import Decoder, LinearLayers

W = torch.tensor([2.0, -3.0, 0.5, 0.0], dtype=torch.float64)
X = torch.tensor([[1.0, 2.0, -4.0, 5.0]], dtype=torch.float64)
B = torch.tensor([[0.5, -1.0, 2.0, 3.0]], dtype=torch.float64)
Function = Callable[[Tensor], Tensor]


def double(*rows: list[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def values(question: Question | Function, inputs: Tensor, method: str, **more: object) -> np.ndarray:
    asked = question if isinstance(question, Question) else ask_function(question, inputs[:1])
    found = attribute(asked, inputs, method, **more)  # type: ignore[arg-type]
    return np.asarray(found.values, dtype=np.float64)


def linear(x: Tensor) -> Tensor:
    return x @ W + 7.0


class Line(nn.Module):
    """The linear function as a module."""

    def __init__(self, bias: bool = True) -> None:
        super().__init__()
        self.line = nn.Linear(4, 1, bias=bias, dtype=torch.float64)
        self.line.weight.data[:] = W
        if bias:
            self.line.bias.data[:] = 7.0

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.line(x)
        return given


# -- A: linear functions


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("integrated-gradients", {"steps": 1}),
        ("deeplift", {}),
        ("feature-ablation", {}),
        ("occlusion", {"window": 1, "stride": 1}),
        ("shapley-sampling", {"draws": 2}),
        ("kernel-shap", {}),
        ("kernel-shap", {"draws": 1, "segments": 4}),
        ("gradient-shap", {"draws": 3}),
    ],
)
def test_a_line_is_shared_out_as_its_terms(method: str, more: dict[str, int]) -> None:
    function = Line() if method == "deeplift" else linear
    found = values(function, X, method, baseline=B, **more)
    assert_allclose(found, [[1.0, -9.0, -3.0, 0.0]], atol=1e-9)


def test_lime_finds_the_terms_of_a_line_but_for_its_ridge() -> None:
    assert_allclose(values(linear, X, "lime", baseline=B, draws=50), [[1.0, -9.0, -3.0, 0.0]], atol=0.05)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("input-x-gradient", [2.0, -6.0, -2.0, 0.0]),
        ("saliency", [2.0, 3.0, 0.5, 0.0]),
        ("smoothgrad", [2.0, -3.0, 0.5, 0.0]),
        ("smoothgrad-squared", [4.0, 9.0, 0.25, 0.0]),
        ("vargrad", [0.0, 0.0, 0.0, 0.0]),
    ],
)
@pytest.mark.parametrize("noise", [0.1, 3.0])
def test_gradients_of_a_line_are_its_weights(method: str, expected: list[float], noise: float) -> None:
    assert_allclose(values(linear, X, method, noise=noise), [expected], atol=1e-9)


def test_expected_gradients_measure_from_the_mean_of_the_baselines() -> None:
    pool = double([0, 1, 2, 3], [4, -1, 0, 1], [2, 2, 2, 2])
    found = values(linear, X, "gradient-shap", baseline=B, pool=pool, draws=6)
    assert_allclose(found, (W * (X - pool.mean(dim=0))).numpy(), atol=1e-9)


def test_relevance_of_a_line_without_bias_is_weight_times_input() -> None:
    assert_allclose(values(Line(bias=False), X, "lrp"), (W * X).numpy(), atol=1e-6)


# -- B: closed forms


def product(x: Tensor) -> Tensor:
    return x[:, 0] * x[:, 1]


def square_product(x: Tensor) -> Tensor:
    return x[:, 0] ** 2 * x[:, 1]


@pytest.mark.parametrize(
    ("function", "method", "expected"),
    [
        (product, "integrated-gradients", [3, 3]),
        (product, "shapley-sampling", [3, 3]),
        (product, "kernel-shap", [3, 3]),
        (product, "input-x-gradient", [6, 6]),
        (product, "feature-ablation", [6, 6]),
        (square_product, "integrated-gradients", [8, 4]),
        (square_product, "kernel-shap", [6, 6]),
    ],
)
def test_monomials(function: Function, method: str, expected: list[float]) -> None:
    found = values(function, double([2, 3]), method, baseline=torch.zeros(1, 2).double(), steps=2, draws=400)
    # orders of two players drawn at random are near one half each; all else is exact
    tolerance = 0.15 if method == "shapley-sampling" else 1e-9
    assert_allclose(found, [expected], atol=tolerance * 6)


@pytest.mark.parametrize("method", ["integrated-gradients", "kernel-shap", "shapley-sampling", "feature-ablation"])
def test_sums_of_functions_of_one_axis_are_shared_out_as_their_changes(method: str) -> None:
    def function(x: Tensor) -> Tensor:
        return x[:, 0] ** 3 + torch.sin(x[:, 1]) + x[:, 2].exp()

    x, b = double([1.5, 2.0, 0.3]), double([-0.5, 0.1, -1.0])
    expected = [1.5**3 + 0.5**3, np.sin(2.0) - np.sin(0.1), np.exp(0.3) - np.exp(-1.0)]
    assert_allclose(values(function, x, method, baseline=b), [expected], atol=1e-9)


def test_a_gradient_that_is_gone_is_found_on_the_way() -> None:
    def saturated(x: Tensor) -> Tensor:
        return 1 - torch.relu(1 - x[:, 0])

    x, b = double([2.0]), double([0.0])
    assert values(saturated, x, "saliency") == 0
    errors = [abs(values(saturated, x, "integrated-gradients", baseline=b, steps=n).item() - 1) for n in (10, 100, 300)]
    assert max(errors) < 1e-7


class First(nn.Module):
    """relu(relu(x1) - 1 - relu(x2)) (Sundararajan et al., figure 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.other, self.outer = nn.ReLU(), nn.ReLU(), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.outer(self.inner(x[:, 0]) - 1 - self.other(x[:, 1])))


class Second(First):
    """The same function written in another way: relu(relu(x1 - 1) - relu(x2))."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.outer(self.inner(x[:, 0] - 1) - self.other(x[:, 1])))


@pytest.mark.parametrize(
    ("net", "method", "expected"),
    [
        (First, "integrated-gradients", [1.5, -0.5]),
        (Second, "integrated-gradients", [1.5, -0.5]),
        (First, "deeplift", [1.5, -0.5]),
        (Second, "deeplift", [2.0, -1.0]),
    ],
)
def test_equal_functions_get_equal_integrated_gradients_and_other_deeplift(
    net: type[nn.Module], method: str, expected: list[float]
) -> None:
    found = values(net(), double([3, 1]), method, baseline=torch.zeros(1, 2).double(), steps=300)
    assert_allclose(found, [expected], atol=5e-3 if method == "integrated-gradients" else 1e-9)


@pytest.mark.parametrize("method", ["integrated-gradients", "deeplift", "lrp"])
def test_a_relu_net_without_biases_is_gradient_times_input_for_all(method: str) -> None:
    torch.manual_seed(3)
    sizes = (6, 16, 8, 1)
    steps = [one for a, b in zip(sizes, sizes[1:], strict=False) for one in (nn.Linear(a, b, bias=False), nn.ReLU())]
    net = nn.Sequential(*steps[:-1]).double()
    x = torch.randn(4, 6, dtype=torch.float64)
    found = values(net, x, method, baseline=torch.zeros(1, 6).double())
    assert_allclose(found, values(net, x, "input-x-gradient"), atol=1e-6)


# -- C: games


def gloves(x: Tensor) -> Tensor:
    return x[:, 0] * torch.maximum(x[:, 1], x[:, 2])


def majority(x: Tensor) -> Tensor:
    return (x.sum(dim=1) >= 2).to(x)


def unanimity(x: Tensor) -> Tensor:
    return x[:, :3].prod(dim=1)


@pytest.mark.parametrize(
    ("game", "players", "expected"),
    [
        (gloves, 3, [2 / 3, 1 / 6, 1 / 6]),
        (majority, 3, [1 / 3] * 3),
        (unanimity, 5, [1 / 3, 1 / 3, 1 / 3, 0, 0]),
    ],
)
def test_shapley_values_of_games(game: Function, players: int, expected: list[float]) -> None:
    ones, zeros = torch.ones(1, players).double(), torch.zeros(1, players).double()
    assert_allclose(values(game, ones, "kernel-shap", baseline=zeros), [expected], atol=1e-9)
    sampled = attribute(ask_function(game, ones), ones, "shapley-sampling", baseline=zeros, draws=800)
    assert_allclose(sampled.values, [expected], atol=0.06)
    assert sampled.relative_gap == pytest.approx(0, abs=1e-12)


def test_kernel_shap_from_a_draw_of_coalitions_is_near_the_shapley_values() -> None:
    ones, zeros = torch.ones(1, 12).double(), torch.zeros(1, 12).double()
    found = values(unanimity, ones, "kernel-shap", baseline=zeros, draws=100)  # 2,000 of 4,094
    assert_allclose(found, [[1 / 3] * 3 + [0] * 9], atol=0.02)


# -- D: layers and units of layers


@pytest.fixture(scope="module")
def layered() -> LinearLayers:
    return LinearLayers("cpu")


@pytest.mark.parametrize("steps", [1, 3, 10, 50])
def test_layers_of_a_linear_net(layered: LinearLayers, steps: int) -> None:
    x, b = double([1.0, -2.0, 0.5]), double([0.3, 0.2, -1.0])
    a, v = (one.detach().numpy() for one in (layered.net.first.weight, layered.net.second.weight[0]))
    question = ask(layered, "run", Unit(0), x, "v . A x")
    through, inner = (x - b).numpy() @ a.T, x.numpy() @ a.T
    for method, expected in (
        ("layer-conductance", v * through),
        ("layer-integrated-gradients", v * through),
        ("layer-gradient-x-activation", v * inner),
        ("internal-influence", v[None]),
    ):
        found = attribute(question, x, method, baseline=b, layer="net.first", steps=steps)
        assert_allclose(found.values, expected, atol=1e-9, err_msg=method)
        if found.gap is not None:
            assert_allclose(found.gap, 0, atol=1e-9)


def test_a_unit_of_a_layer_is_a_question_of_its_own(layered: LinearLayers) -> None:
    x, b = double([1.0, -2.0, 0.5]), double([0.3, 0.2, -1.0])
    a = layered.net.first.weight.detach().numpy()
    question = ask(layered, "run", Unit(2), x, "unit 2 of net.first", at="net.first")
    assert_allclose(values(question, x, "saliency"), [np.abs(a[2])], atol=1e-12)
    found = values(question, x, "integrated-gradients", baseline=b, steps=1)
    assert_allclose(found, a[2] * (x - b).numpy(), atol=1e-9)
    assert list(question.layers) == ["net.first"]  # the pass stops there


def test_conductance_is_complete_on_every_layer_of_a_smooth_net() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 12), nn.Softplus(), nn.Linear(12, 7), nn.Softplus(), nn.Linear(7, 1)).double()
    x, b = torch.randn(2, 5).double(), torch.randn(1, 5).double()
    question = ask_function(net, x)
    whole = attribute(question, x, "integrated-gradients", baseline=b, steps=40)
    assert np.abs(whole.gap).max() < 1e-9  # type: ignore[operator]
    for layer in ("net.0", "net.1", "net.2", "net.3"):
        found = attribute(question, x, "layer-conductance", baseline=b, layer=layer, steps=200)
        assert found.relative_gap is not None and found.relative_gap < 1e-3


# -- E and F: Grad-CAM and occlusion


class Cam(nn.Module):
    """A convolution of one pixel, ReLU, mean over places, a linear head (Zhou et al., 2016)."""

    def __init__(self, head: Tensor) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.convolution, self.relu = nn.Conv2d(3, 4, 1), nn.ReLU()
        self.head = nn.Linear(4, 1)
        self.head.weight.data[:] = head
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.head(self.relu(self.convolution(x)).mean(dim=(2, 3)))
        return given


def test_grad_cam_of_a_mean_and_a_line_is_the_class_activation_map() -> None:
    net = Cam(torch.tensor([1.0, -2.0, 0.5, 3.0]))
    x = torch.rand(2, 3, 5, 6).double()
    found = values(net, x, "grad-cam")
    maps = torch.relu(net.convolution(x)).detach()
    expected = torch.einsum("nchw,c->nhw", maps, net.head.weight[0].detach())[:, None] / 30
    assert_allclose(found, expected.numpy(), atol=1e-12)
    assert_allclose(found.sum(axis=(1, 2, 3)), (net(x)[:, 0] - net.head.bias).detach().numpy(), atol=1e-12)
    negative = Cam(-torch.ones(4))
    assert (values(negative, x, "grad-cam") <= 0).all()
    assert not values(negative, x, "guided-grad-cam").any()


def test_windows_over_a_sum_of_ones_all_take_nine_away() -> None:
    ones = torch.ones(1, 1, 6, 6).double()
    found = values(lambda x: x.sum(dim=(1, 2, 3)), ones, "occlusion", baseline=0 * ones, window=3, stride=1)
    assert_allclose(found, 9.0, atol=1e-12)


# -- latent questions


def test_which_latent_units_drive_a_region_of_a_linear_decoder() -> None:
    model = Decoder("cpu")
    z = torch.randn(2, 4, dtype=torch.float64)
    question = ask(model, "decode", Region(1, 2, 3, 2), z, "mean of a region")
    weights = model.net.weight.detach().reshape(6, 6, 4)[1:4, 2:4].mean(dim=(0, 1))
    found = attribute(question, z, "integrated-gradients", baseline=torch.zeros(1, 4).double(), steps=3)
    assert_allclose(found.values, (weights * z).numpy(), atol=1e-12)
    assert_allclose(found.gap, 0, atol=1e-12)


def test_which_pixels_drive_a_latent_unit_of_a_linear_encoder() -> None:
    model = Decoder("cpu")
    pixels = torch.rand(2, 1, 6, 6, dtype=torch.float64)
    question = ask(model, "encode", Unit(1), pixels, "unit 1 of z")
    row = model.net.weight.detach().T[1].reshape(1, 6, 6)
    for method in ("integrated-gradients", "feature-ablation", "deeplift"):
        found = attribute(question, pixels, method, baseline=0 * pixels, segments=36)
        assert_allclose(found.values, (row * pixels).numpy(), atol=1e-9, err_msg=method)


# -- numbers of captum's own tests (BSD 3-clause, tests/attr)


def test_published_numbers_of_a_small_net() -> None:
    net = BasicModel_MultiLayer()
    x = torch.tensor([[20.0, 50.0, 30.0]])
    question = ask_function(lambda points: net(points)[:, 0], x)
    zero = torch.zeros(1, 3)
    found = values(question, x, "kernel-shap", baseline=zero)
    assert_allclose(found, [[76.66667, 196.66667, 116.66667]], rtol=1e-5)
    assert_allclose(values(question, x, "feature-ablation", baseline=zero), [[80, 200, 120]], rtol=1e-6)
    assert found.sum() == pytest.approx(390, rel=1e-5)


@pytest.mark.parametrize(("layer", "expected"), [("net.linear0", [0, 390, 0]), ("net.linear1", [90, 100, 100, 100])])
def test_published_conductance_of_a_small_net(layer: str, expected: list[float]) -> None:
    class FirstOutput(BasicModel_MultiLayer):  # type: ignore[misc]
        def forward(self, points: Tensor) -> Tensor:
            given: Tensor = super().forward(points)
            return given[:, :1]

    x = torch.tensor([[0.0, 100.0, 0.0]])
    question = ask_function(FirstOutput(), x)
    found = attribute(question, x, "layer-conductance", baseline=torch.zeros(1, 3), layer=layer, steps=500)
    assert_allclose(found.values, [expected], atol=0.1)
