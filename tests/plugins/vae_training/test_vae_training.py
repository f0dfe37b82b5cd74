# SPDX-License-Identifier: Apache-2.0
"""Training of a small VAE: the objective and its measures against what is known exactly, then the whole of it."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.vae_training.findings import findings_of
from plugins.vae_training.measures import Measured, information
from plugins.vae_training.nets import MaskedConvolution, Network, divergences
from plugins.vae_training.training import objective
from registry.errors import DataError, ParameterError

real = st.floats(-3, 3)


@settings(max_examples=30, deadline=None)
@given(real, real)
def test_the_divergence_is_that_of_normal_distributions(mean: float, log_variance: float) -> None:
    one = torch.distributions.Normal(mean, math.exp(log_variance / 2))
    expected = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0))
    assert float(divergences(torch.tensor(mean), torch.tensor(log_variance))) == pytest.approx(
        float(expected), abs=1e-5
    )


def test_what_a_code_tells_of_its_row() -> None:
    generator = torch.Generator().manual_seed(0)
    n, spread = 1000, 1.0
    mean = torch.randn(n, 1, generator=generator, dtype=torch.float64) * 2.0
    codes = mean + spread * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    channel = 0.5 * math.log(1 + 4.0 / spread**2)  # capacity of the Gaussian channel
    assert float(information(codes, mean, torch.zeros(n, 1)).mean()) == pytest.approx(channel, abs=0.06)
    apart = torch.arange(8, dtype=torch.float64)[:, None] * 100
    assert information(apart, apart, torch.zeros(8, 1)).tolist() == pytest.approx([math.log(8)] * 8)


@pytest.mark.parametrize("context", [0, 1])
def test_the_likelihood_of_all_images_is_one(context: int) -> None:
    network = Network(3, 2, 8, context=context)
    network.initialise(torch.Generator().manual_seed(1))
    images = torch.tensor(list(itertools.product((0.0, 1.0), repeat=9))).view(-1, 1, 3, 3)
    code = torch.tensor([[0.3, -1.0]]).expand(len(images), 2)
    with torch.no_grad():
        assert float(torch.exp(-network.nats(images, network.decode(code, images))).sum()) == pytest.approx(
            1.0, abs=1e-5
        )


def test_the_decoder_sees_only_pixels_before_each() -> None:
    layer = MaskedConvolution(1, 2)
    images = torch.zeros(1, 1, 5, 5, requires_grad=True)
    layer(images)[0, :, 2, 2].sum().backward()
    assert images.grad is not None
    seen = {tuple(one) for one in images.grad[0, 0].nonzero().tolist()}
    assert seen == {(1, 1), (1, 2), (1, 3), (2, 1)}


def test_below_the_floor_an_axis_costs_the_floor_and_has_no_gradient() -> None:
    network = Network(4, 2, 8)
    network.initialise(torch.Generator().manual_seed(0))
    images, noise = torch.rand(6, 1, 4, 4), torch.zeros(6, 2)
    with torch.no_grad():
        bare = objective(network, images, noise, weight=0.0, free_bits=0.0)
        by_axis = divergences(*network.encode(images)).mean(0)
        full = objective(network, images, noise, weight=2.0, free_bits=0.0)
    assert float(full - bare) == pytest.approx(2 * float(by_axis.sum()), rel=1e-4)
    floor = float(by_axis.max()) + 0.1
    with torch.no_grad():
        floored = objective(network, images, noise, weight=2.0, free_bits=floor)
    assert float(floored - bare) == pytest.approx(2 * 2 * floor, rel=1e-4)
    gradients = []
    for weight in (0.0, 2.0):
        network.zero_grad()
        objective(network, images, noise, weight=weight, free_bits=floor).backward()  # type: ignore[no-untyped-call]
        gradients.append([one.grad.clone() for one in network.parameters() if one.grad is not None])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


@pytest.mark.parametrize(
    ("active", "low", "high", "severity"),
    [(0, 0, 0, "serious"), (2, 1, 3, "warning"), (4, 3, 5, "info"), (7, 7, 8, None), (8, 8, 8, None)],
)
def test_the_finding_goes_by_the_interval(active: int, low: float, high: float, severity: str | None) -> None:
    flat = np.zeros(30)
    measured = Measured(np.zeros((30, 8)), np.ones((30, 8)), flat, flat, flat, np.zeros(8), active, low, high)
    found = findings_of(measured, 8)
    assert [one.severity for one in found] == ([severity] if severity else [])
    if found:
        assert found[0].value == 1 - active / 8 and found[0].figure == "axes" and found[0].n == 30


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of a bright column at one of four places, with a little noise: one factor, known."""
    rng = np.random.default_rng(0)
    images = rng.normal(0.1, 0.05, size=(400, 1, 8, 8))
    images[np.arange(400), 0, :, 2 * rng.integers(4, size=400)] += 0.8
    path = tmp_path_factory.mktemp("stripes") / "stripes.npy"
    np.save(path, images.clip(0, 1).astype(np.float32))
    return path


def run(stripes: Path, tmp_path: Path, **params: Any) -> wb.Result:
    small = {"side": 8, "limit": 400, "steps": 120, "hidden": 32, "axes": 4, "likelihood": "gaussian", "rate": 5e-3}
    return wb.run("vae-training", data=str(stripes), store=tmp_path / "s", inline=True, **{**small, **params})


def test_noise_above_the_variance_of_the_data_collapses_and_free_bits_do_not(stripes: Path, tmp_path: Path) -> None:
    """Lucas et al. 2019, section 4: an axis is worth its divergence only where the data varies more than the noise."""
    collapsed = run(stripes, tmp_path, variance=5.0)
    floored = run(stripes, tmp_path, variance=5.0, free_bits=0.3)
    fitting = run(stripes, tmp_path, variance=0.02)
    active = [one.numbers()["active_units"] for one in (collapsed, floored, fitting)]
    assert active[0] == 0 and active[1] == 4 and active[2] >= 1
    assert [one.severity for one in collapsed.findings] == ["serious"]
    told = [one.numbers()["mutual_information"] for one in (collapsed, fitting)]
    assert abs(told[0]) < 0.05 and told[1] > 1.0  # four places: log 4 is 1.39 nats, and the noise adds some
    for one in (collapsed, fitting):
        numbers = one.numbers()
        assert numbers["elbo"] == pytest.approx(-numbers["reconstruction"] - numbers["divergence"])
        assert set(one.charts) == {"axes", "training"} and one.images["reconstructions"].dtype == np.uint8
    again = run(stripes, tmp_path, variance=5.0)
    assert again.numbers() == collapsed.numbers()


def test_what_cannot_be_trained_is_refused(stripes: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="only the gaussian likelihood"):
        run(stripes, tmp_path, likelihood="bernoulli", learn_variance=True)
    with pytest.raises(ParameterError, match="bernoulli likelihood only"):
        run(stripes, tmp_path, context=1)
    with pytest.raises(wb.WorkbenchError, match="a side of at most 8"):
        run(stripes, tmp_path, side=14)
    np.save(tmp_path / "few.npy", np.random.default_rng(0).random((50, 1, 8, 8), dtype=np.float32))
    with pytest.raises(wb.WorkbenchError, match="at least 200 images"):
        run(tmp_path / "few.npy", tmp_path)
    np.save(tmp_path / "flat.npy", np.full((300, 1, 8, 8), 0.5, dtype=np.float32))
    with pytest.raises((DataError, wb.WorkbenchError), match="of one value"):
        run(tmp_path / "flat.npy", tmp_path)
    with pytest.raises(wb.WorkbenchError, match="not finite at step"):
        run(stripes, tmp_path, variance=1e-38, steps=20)
