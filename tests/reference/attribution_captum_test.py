# SPDX-License-Identifier: Apache-2.0
"""Where captum is right, our values are its; where it is not, these tests say what it gives, until it is mended.

Each of the second kind names what to change here when it fails.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import (
    DeepLift,
    GuidedBackprop,
    IntegratedGradients,
    InternalInfluence,
    KernelShap,
    LayerConductance,
    LayerGradCam,
    LayerGradientXActivation,
    LayerIntegratedGradients,
    NeuronConductance,
    Occlusion,
)
from numpy.testing import assert_allclose
from torch import Tensor, nn

from plugins.attribution.methods import attribute
from plugins.attribution.questions import Question, ask_function


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Captum warns of hooks and gradients at every call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Net(nn.Module):
    """Two convolutions and two dense layers on 1 x 8 x 8 pictures, one number out, double precision."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.first, self.relu = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU()
        self.second, self.bent = nn.Conv2d(4, 3, 3, padding=1, stride=2), nn.Tanh()
        self.flatten, self.head = nn.Flatten(), nn.Linear(48, 1)
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.head(self.flatten(self.bent(self.second(self.relu(self.first(x))))))
        return given


@pytest.fixture(scope="module")
def net() -> Net:
    return Net()


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(4)).double()


@pytest.fixture(scope="module")
def question(net: Net, pictures: Tensor) -> Question:
    return ask_function(net, pictures)


@pytest.mark.parametrize(
    ("method", "theirs", "more"),
    [
        (
            "integrated-gradients",
            lambda net, x, b: IntegratedGradients(net).attribute(x, b, 0, n_steps=20, method="gausslegendre"),
            {"steps": 20},
        ),
        ("deeplift", lambda net, x, b: DeepLift(net).attribute(x, b, 0), {}),
        ("guided-backprop", lambda net, x, b: GuidedBackprop(net).attribute(x, 0), {}),
        (
            "occlusion",
            lambda net, x, b: Occlusion(net).attribute(x, (1, 4, 4), (1, 2, 2), b, 0),
            {"window": 4, "stride": 2},
        ),
        (
            "layer-gradient-x-activation",
            lambda net, x, b: LayerGradientXActivation(net, net.second).attribute(x, 0),
            {"layer": "net.second"},
        ),
        (
            "layer-integrated-gradients",
            lambda net, x, b: LayerIntegratedGradients(net, net.second).attribute(
                x, b, 0, n_steps=20, method="gausslegendre"
            ),
            {"layer": "net.second", "steps": 20},
        ),
        (
            "internal-influence",
            lambda net, x, b: InternalInfluence(net, net.second).attribute(x, b, 0, n_steps=20, method="gausslegendre"),
            {"layer": "net.second", "steps": 20},
        ),
        (
            "layer-conductance",
            lambda net, x, b: LayerConductance(net, net.second).attribute(
                x, b, 0, n_steps=2000, method="riemann_trapezoid"
            ),
            {"layer": "net.second", "steps": 300},
        ),
    ],
)
def test_values_are_those_of_captum(
    method: str, theirs: Any, more: dict[str, Any], net: Net, pictures: Tensor, question: Question
) -> None:
    start = torch.full_like(pictures, 0.2)
    ours = attribute(question, pictures, method, baseline=start, **more).values
    expected = theirs(net, pictures, start).detach().numpy()
    # captum's places on the way are single precision; conductance is theirs with many steps on the left side of each
    assert_allclose(ours, expected, atol=2e-4 if method == "layer-conductance" else 1e-6)


def test_grad_cam_is_that_of_captum(net: Net, pictures: Tensor, question: Question) -> None:
    ours = attribute(question, pictures, "grad-cam", layer="net.first").values
    assert_allclose(ours, LayerGradCam(net, net.first).attribute(pictures, 0).detach().numpy(), atol=1e-12)


def test_kernel_shap_agrees_with_captum_as_far_as_chance_allows() -> None:
    def game(x: Tensor) -> Tensor:
        return x[:, 0] * x[:, 1] + x[:, 2]

    ones = torch.ones(1, 4)
    torch.manual_seed(0)
    np.random.seed(0)
    theirs = KernelShap(game).attribute(ones, 0 * ones, n_samples=400).numpy()
    ours = attribute(ask_function(game, ones), ones, "kernel-shap", baseline=0 * ones).values
    assert_allclose(ours, [[0.5, 0.5, 1.0, 0.0]], atol=1e-6)
    assert_allclose(ours, theirs, atol=0.05)


# -- captum's errors: a failure of one of these is good news


class Line(nn.Module):
    """``v . (A x)`` in double precision."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(3, 4, bias=False, dtype=torch.float64)
        self.outer = nn.Linear(4, 1, bias=False, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.outer(self.inner(x))
        return given


X = torch.tensor([[1.0, 2.0, -1.0]], dtype=torch.float64)


@pytest.mark.parametrize("steps", [3, 10, 50])
def test_captums_trapezoid_still_weighs_too_little(steps: int) -> None:
    """Nodes stand 1/(n-1) apart and weigh 1/n. Mended: its rule may be used for integrated gradients again."""
    net = Line()
    found = IntegratedGradients(net).attribute(X, 0 * X, 0, n_steps=steps, method="riemann_trapezoid")
    truth = (net.outer.weight @ net.inner.weight).detach() * X
    assert_allclose(found.detach() / truth, np.full((1, 3), (steps - 1) / steps), atol=1e-5)
    neuron = NeuronConductance(net, net.inner).attribute(X, 1, 0 * X, 0, n_steps=steps)  # by that rule, if not told
    expected = net.outer.weight[0, 1] * net.inner.weight[1] * X
    assert_allclose((neuron / expected).detach(), np.full((1, 3), (steps - 1) / steps), atol=1e-5)


@pytest.mark.parametrize(("steps", "share"), [(3, 0.8607), (10, 0.9779), (50, 0.9989)])
def test_captums_conductance_still_loses_the_ends_of_the_way(steps: int, share: float) -> None:
    """It telescopes between open nodes. Mended: its default may be used for conductance."""
    net = Line()
    truth = (net.outer.weight * (X @ net.inner.weight.T)).detach()
    found = LayerConductance(net, net.inner).attribute(X, 0 * X, 0, n_steps=steps).detach()
    assert_allclose(found / truth, np.full((1, 4), share), atol=1e-3)
    closed = LayerConductance(net, net.inner).attribute(X, 0 * X, 0, n_steps=steps, method="riemann_trapezoid")
    assert_allclose(closed.detach(), truth, atol=1e-6)


class Concepts(nn.Module):
    """A layer that hands on its input."""

    def __init__(self, sign: float = 1.0) -> None:
        super().__init__()
        self.hidden, self.head = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
        self.hidden.weight.data = torch.eye(2)
        self.head.weight.data = sign * torch.tensor([[1.0, 0.0], [-1.0, 0.0]])

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.head(self.hidden(x))
        return given


def _tcav(net: nn.Module, place: Path, experiment: list[Any]) -> Any:
    from captum.concept import TCAV

    return TCAV(net, ["hidden"], model_id="m", save_path=str(place))


def _concept(number: int, name: str, shift: float) -> Any:
    from captum.concept import Concept
    from captum.concept._utils.data_iterator import dataset_to_dataloader

    generator = torch.Generator().manual_seed(number)
    points = torch.randn(60, 2, generator=generator) * 0.1 + torch.tensor([shift, 0.0])
    return Concept(number, name, dataset_to_dataloader(list(points), batch_size=20))  # type: ignore[arg-type]


def test_captums_concept_vectors_still_misjudge_themselves_and_outlive_their_model(tmp_path: Path) -> None:
    """Accuracy by argmax over one column; vectors read from disk whatever the model. Mended: nothing depends on it."""
    torch.manual_seed(0)
    first, second = _concept(0, "right", 2.0), _concept(1, "left", -2.0)
    tcav = _tcav(Concepts(), tmp_path, [first, second])
    cavs = tcav.compute_cavs([[first, second]])
    told = float(cavs["0-1"]["hidden"].stats["accs"])  # the classes lie four apart: the truth is 1
    assert told < 0.9
    before = cavs["0-1"]["hidden"].stats["weights"].clone()
    turned = Concepts()
    turned.hidden.weight.data = -torch.eye(2)
    again = _tcav(turned, tmp_path, [first, second])
    found = again.interpret(torch.randn(4, 2), [[first, second]], target=0)
    after = again.cavs["0-1"]["hidden"].stats["weights"]
    assert found and torch.equal(before, after)


def test_captum_still_loses_contributions_where_windows_of_a_pooling_overlap() -> None:
    """It hands them back by max_unpool. Mended: the pooling need not be laid out (plugins/attribution/pooling.py)."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(9, 1)).double()
    x, start = torch.rand(2, 2, 1, 8, 8).double()
    _, delta = DeepLift(net).attribute(x, start, 0, return_convergence_delta=True)
    assert float(delta.abs().max() / (net(x) - net(start)).detach().abs().max()) > 0.05


class Around(nn.Module):
    """``head(x + inner(relu(x)))``: a branch leads around the activation."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.before, self.inner, self.relu = nn.Linear(5, 5), nn.Linear(5, 5), nn.ReLU()
        self.head = nn.Linear(5, 1)
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        x = self.before(x)
        given: Tensor = self.head(x + self.inner(self.relu(x)))
        return given


def test_captum_still_takes_the_gradient_of_a_branch_for_that_of_the_module() -> None:
    """It hooks the tensor that a module is given. Mended: the copy need not give every module a tensor of its own."""
    net, x = Around(), torch.randn(3, 5, generator=torch.Generator().manual_seed(1)).double()
    _, delta = DeepLift(net).attribute(x, 0 * x, 0, return_convergence_delta=True)
    change = (net(x) - net(0 * x)).detach().abs().max()
    assert float(delta.abs().max() / change) > 0.05
    ours = attribute(ask_function(net, x), x, "deeplift", baseline=0 * x)
    assert ours.relative_gap == pytest.approx(0, abs=1e-9)
