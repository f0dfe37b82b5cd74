# SPDX-License-Identifier: Apache-2.0
"""What breaks a method's conditions is seen before the run, mended on a copy where that is safe, and refused else."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn import functional

import workbench as wb
from plugins.attribution.batching import MEMORY, Passes, rows_of
from plugins.attribution.methods import METHODS, Settings, attribute
from plugins.attribution.methods.choosing import layer_of
from plugins.attribution.pooling import UnfoldedMaxPool, overlaps
from plugins.attribution.questions import Unit, ask, ask_function

X = torch.randn(3, 6, generator=torch.Generator().manual_seed(0)).double()


class Net(nn.Module):
    """Two dense layers with something that bends between them."""

    def __init__(self, bent: Any = None) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.a, self.b, self.c = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.bent = bent if isinstance(bent, nn.Module) else nn.Identity()
        self.function = None if isinstance(bent, nn.Module) else bent
        self.double()

    def bend(self, x: Tensor) -> Tensor:
        given: Tensor = self.bent(x) if self.function is None else self.function(x)
        return given

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.c(self.bend(self.b(self.bend(self.a(x)))))
        return given


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        (nn.ReLU(), "runs 2 times, made 2 modules"),
        (nn.LeakyReLU(0.3), "runs 2 times"),
        (nn.ReLU(inplace=True), "out of place"),
        (torch.relu, "relu made a module"),
        (functional.relu, "relu made a module"),
        (Tensor.relu, "relu made a module"),
        (lambda x: functional.relu(x, inplace=True), "relu made a module"),
        (lambda x: functional.leaky_relu(x, 0.3), "leaky_relu made a module"),
        (torch.sigmoid, "sigmoid made a module"),
        (lambda x: functional.softplus(x, 2.0), "softplus made a module"),
        (functional.elu, "elu made a module"),
    ],
)
def test_deeplift_adds_up_on_a_copy_made_fit(bent: Any, said: str) -> None:
    question = ask_function(Net(bent), X)
    found = attribute(question, X, "deeplift", baseline=torch.zeros_like(X[:1]))
    assert found.relative_gap == pytest.approx(0, abs=1e-9)
    assert said in " ".join(found.adapted)


@pytest.mark.parametrize(
    ("bent", "name"),
    [
        (nn.GELU(), "GELU (net.bent)"),
        (nn.SiLU(), "SiLU"),
        (nn.Mish(), "Mish"),
        (nn.Hardtanh(), "Hardtanh"),
        (nn.PReLU(), "PReLU"),
        (nn.LayerNorm(8), "LayerNorm"),
        (functional.gelu, "the function gelu"),
        (lambda x: x * x.sigmoid(), "the function mul"),
        (lambda x: x.clamp(min=0), "the function clamp"),
    ],
)
def test_deeplift_and_relevance_are_refused_by_name_where_they_have_no_rule(bent: Any, name: str) -> None:
    question = ask_function(Net(bent), X)
    for method in ("deeplift", "lrp"):
        with pytest.raises(wb.DoesNotApply, match="no rule") as told:
            attribute(question, X, method, baseline=0 * X)
        assert name in str(told.value)


@pytest.mark.parametrize("side", [8, 9, 10])
@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(2),
        nn.MaxPool2d(3, 2),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.MaxPool2d(3, 2, padding=1, ceil_mode=True),
        nn.MaxPool2d((3, 2), (1, 2), padding=(1, 0)),
    ],
)
def test_deeplift_adds_up_through_windows_that_overlap(pool: nn.MaxPool2d, side: int) -> None:
    torch.manual_seed(0)
    head = nn.Sequential(nn.Conv2d(1, 3, 3), pool, nn.Flatten())
    x, start = torch.rand(2, 4, 1, side, side)
    net = nn.Sequential(head, nn.Linear(head(x).shape[1], 1))
    question = ask_function(net, x)
    found = attribute(question, x, "deeplift", baseline=start)
    assert found.relative_gap is not None and found.relative_gap < 1e-5
    if overlaps(pool):
        assert "without overlap" in found.adapted[0]
        maps = torch.randn(2, 3, side, side)
        assert torch.equal(UnfoldedMaxPool(pool)(maps), pool(maps))
    gaps = ask_function(nn.Sequential(nn.MaxPool2d(2, dilation=2), nn.Flatten()), x)
    assert "overlap or have gaps" in str(METHODS["deeplift"].refused(gaps))


def test_relevance_is_refused_where_branches_join() -> None:
    class Residual(Net):
        def forward(self, x: Tensor) -> Tensor:
            given: Tensor = self.c(self.a(x) + self.b(self.bent(self.a(x))))
            return given

    assert "the function add" in str(METHODS["lrp"].refused(ask_function(Residual(nn.ReLU()), X)))
    assert METHODS["deeplift"].refused(ask_function(Residual(nn.ReLU()), X)) is None


@pytest.mark.parametrize("method", ["guided-backprop", "deconvolution"])
def test_methods_of_relu_are_refused_without_one_and_take_functions_for_modules(method: str) -> None:
    assert "no ReLU" in str(METHODS[method].refused(ask_function(Net(nn.LeakyReLU()), X)))
    as_module = attribute(ask_function(Net(nn.ReLU()), X), X, method).values
    as_function = attribute(ask_function(Net(torch.relu), X), X, method).values
    plain = attribute(ask_function(Net(nn.ReLU()), X), X, "saliency").values
    np.testing.assert_allclose(as_function, as_module, atol=1e-12)
    assert np.abs(np.abs(as_module) - plain).max() > 1e-3


def test_what_does_not_reach_the_number_breaks_no_condition() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean, self.spread = nn.Linear(6, 1).double(), nn.Linear(6, 1).double()

        def forward(self, x: Tensor) -> Normal:
            return Normal(self.mean(x), self.spread(x).exp())

    class Model(wb.Model):
        x, z = wb.vectors(6), wb.vectors(1)

        def __init__(self) -> None:
            self.net = Two()

        @wb.maps(x, to=z)
        def encode(self, x: Tensor) -> Normal:
            given: Normal = self.net(x)
            return given

    question = ask(Model(), "encode", Unit(0), X, "unit 0 of z")
    assert METHODS["lrp"].refused(question) is None  # exp is of the spread, and the number is the mean
    assert attribute(question, X, "deeplift", baseline=0 * X).relative_gap == pytest.approx(0, abs=1e-9)


def test_the_loaded_model_stays_as_it_was() -> None:
    class Model(wb.Model):
        x, y = wb.vectors(6), wb.scalars()

        def __init__(self) -> None:
            self.net = Net(nn.ReLU(inplace=True)).train()
            self.add_map("also", lambda x: self.net(x), self.x, self.y)

        @wb.maps(x, to=y)
        def run(self, x: Tensor) -> Tensor:
            given: Tensor = self.net(x)
            return given

    model = Model()
    before = copy.deepcopy(model.net.state_dict())
    for through in ("run", "also"):
        ran: list[int] = []
        question = ask(model, through, Unit(0), X, "y")
        handle = model.net.register_forward_hook(lambda *given, ran=ran: ran.append(1))
        for method in ("deeplift", "guided-backprop", "lrp", "layer-conductance", "integrated-gradients"):
            attribute(question, X, method, baseline=0 * X)
        handle.remove()
        assert not ran  # functions over the networks of the model are given the copies as well
    assert model.net.training and model.net.bent.inplace
    assert not any(one._forward_hooks or one._forward_pre_hooks for one in model.net.modules())
    assert all(parameter.grad is None for parameter in model.net.parameters())
    for name, value in model.net.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_map_that_draws_random_numbers_is_asked_with_the_same_ones() -> None:
    def noisy(x: Tensor) -> Tensor:
        return (x + torch.randn_like(x)).square().sum(dim=1)

    question = ask_function(noisy, X)
    assert question.values(X)[1] == question.values(X[1:2])[0]  # whatever stands beside it
    found = [attribute(question, X, "integrated-gradients", baseline=0 * X, steps=4) for _ in range(2)]
    np.testing.assert_array_equal(found[0].values, found[1].values)
    assert np.abs(found[0].gap).max() < 1e-9  # type: ignore[operator]
    assert "random numbers" in question.notes[0]


@pytest.mark.parametrize("way", [lambda x: x.detach().sum(dim=1), lambda x: torch.from_numpy(x.detach().numpy()[:, 0])])
def test_without_gradients_the_other_methods_remain(way: Any) -> None:
    question = ask_function(way, X)
    with pytest.raises(wb.DoesNotApply, match="it needs gradients"):
        attribute(question, X, "saliency")
    assert attribute(question, X, "feature-ablation", baseline=0 * X).values.any()


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda q: attribute(q, X.long(), "saliency"), wb.SpaceError, "expected floating point"),
        (lambda q: attribute(q, X[:, :5], "saliency"), wb.SpaceError, r"shape \[5\], expected \[6\]"),
        (lambda q: attribute(q, X, "integrated-gradients"), wb.ParameterError, "give one"),
        (lambda q: attribute(q, X, "deeplift", baseline=X[:2]), wb.SpaceError, "the baseline has shape"),
        (lambda q: attribute(q, X, "magic"), wb.ParameterError, "there are saliency"),
        (lambda q: attribute(q, X, "layer-conductance", baseline=0 * X, layer="net.z"), wb.ParameterError, "no pass"),
        (lambda q: attribute(q, X, "grad-cam"), wb.DoesNotApply, "the inputs are none"),
    ],
)
def test_wrong_questions_are_told_in_a_sentence(wrong: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        wrong(ask_function(Net(nn.ReLU()), X))


def test_numbers_that_are_not_there_and_gradients_that_are_nan_are_told() -> None:
    question = ask_function(lambda x: (x * 0).sqrt().sum(dim=1), X)
    with pytest.raises(wb.DataError, match="NaN or infinite at 3 of 3 inputs"):
        attribute(question, X, "saliency")
    with pytest.raises(wb.ParameterError, match="there are 1 numbers"):
        Unit(4)(torch.zeros(2, 1))

    class Words(wb.Model):
        words, y = wb.items(["a", "b"]), wb.scalars()

        @wb.maps(words, to=y)
        def run(self, x: Tensor) -> Tensor:
            return x[:, None].float()

    with pytest.raises(wb.SpaceError, match="whole numbers"):
        ask(Words(), "run", Unit(0), torch.tensor([0]), "y")


def test_little_memory_gives_the_same_values_in_smaller_passes() -> None:
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 14 * 14, 1)).double()
    x = torch.rand(2, 1, 16, 16).double()
    seen: list[int] = []
    question = ask_function(net, x)
    question.module.register_forward_pre_hook(lambda module, given: seen.append(len(given[0])))
    for method in ("integrated-gradients", "smoothgrad", "shapley-sampling", "layer-conductance", "gradient-shap"):
        more = {"steps": 12, "draws": 6, "segments": 9}
        whole = attribute(question, x, method, baseline=0 * x, layer=None, **more)
        seen.clear()
        fractions: list[float] = []
        small = attribute(question, x, method, baseline=0 * x, memory=2**19, progress=fractions.append, **more)
        assert max(seen) <= rows_of(question, (1, 16, 16), 2**19, 8) < rows_of(question, (1, 16, 16), MEMORY, 8)
        np.testing.assert_allclose(small.values, whole.values, atol=1e-12, err_msg=method)
        assert fractions == sorted(fractions) and len(fractions) > 4
        assert fractions[-1] > 0.9


def test_running_out_of_memory_halves_the_passes_and_then_says_so() -> None:
    limit = 5

    def greedy(x: Tensor) -> Tensor:
        if len(x) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return x.square().sum(dim=1)

    question = ask_function(greedy, X)
    found = attribute(question, X, "integrated-gradients", baseline=0 * X)
    assert "memory ran out" in found.notes[-1]
    np.testing.assert_allclose(found.values, X.square().numpy(), atol=1e-9)
    limit = 0
    with pytest.raises(wb.DataError, match="does not hold a pass of one point"):
        attribute(question, X, "saliency")
    with pytest.raises(RuntimeError, match="shape"):  # other errors stay what they are
        Passes(4).over(4, lambda part: (_ for _ in ()).throw(RuntimeError("shape")))


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_costs_what_it_says(method: str) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 1))
    x = torch.rand(2, 1, 8, 8)
    question = ask_function(net, x)
    settings = Settings(steps=6, draws=4, segments=9, window=3, stride=3)
    found = attribute(question, x, method, baseline=0 * x, settings=settings)
    forwards, backwards = METHODS[method].cost(9, settings)
    assert found.backwards == backwards * 2
    assert abs(found.forwards - forwards * 2) <= 8  # the number at both ends, asked for the gap
    assert found.values.shape[0] == 2
    if METHODS[method].complete:
        assert found.relative_gap is not None and found.relative_gap < 0.2
    if METHODS[method].layer:
        assert found.layer == layer_of(question, METHODS[method], None) == "net.1"
