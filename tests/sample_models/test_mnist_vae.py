# SPDX-License-Identifier: Apache-2.0
"""The digit VAE: its weights, the number it was published with here, and what its latent space knows."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal, kl_divergence

import workbench as wb
from sample_models import datasets
from sample_models.mnist_vae import workbench_models
from sample_models.mnist_vae.model import WEIGHTS, MnistVae
from sample_models.mnist_vae.nets import LATENT, ConvolutionalVae, bound_terms, measure
from sample_models.mnist_vae.train import pictures, train, warp

RECORD = json.loads(WEIGHTS.with_name("training.json").read_text())


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return workbench_models()[0].load("cpu")


@pytest.fixture(scope="module")
def held_out() -> Tensor:
    return pictures(datasets.open_mnist(), "test")


def test_weights_are_small_and_fit_strictly() -> None:
    assert WEIGHTS.stat().st_size < 1_500_000
    state = load_file(WEIGHTS)
    assert {one.dtype for one in state.values()} == {torch.float32}
    net = ConvolutionalVae()
    net.load_state_dict(state, strict=True)
    assert sum(one.numel() for one in net.parameters()) == RECORD["parameters"]


def test_held_out_bound_is_the_recorded_one(model: MnistVae, held_out: Tensor) -> None:
    found = measure(model.net, held_out, draws=1)
    assert found["elbo"] == pytest.approx(RECORD["history"][-1]["held_out"], abs=0.02)  # the same draw
    assert found["elbo"] == pytest.approx(RECORD["held_out"]["elbo"], abs=0.5)  # the mean of ten
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"], abs=1e-3)
    assert found["active_units"] == RECORD["held_out"]["active_units"] == 12


def test_bound_terms_are_those_of_torch_distributions(model: MnistVae, held_out: Tensor) -> None:
    some = held_out[:5]
    noise = torch.randn(5, LATENT, generator=torch.Generator().manual_seed(0))
    reconstruction, divergence, mean = bound_terms(model.net, some, noise)
    posterior = model.encode(some)
    torch.testing.assert_close(mean, posterior.mean)
    torch.testing.assert_close(divergence, kl_divergence(posterior, Normal(0.0, 1.0)).sum(dim=1))
    likelihood = Bernoulli(model.decode(posterior.mean + posterior.stddev * noise), validate_args=False)
    log_prob = likelihood.log_prob(some)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(reconstruction, log_prob.sum(dim=(1, 2, 3)), atol=0.02, rtol=1e-4)


def test_record_tells_of_every_epoch() -> None:
    assert [line["epoch"] for line in RECORD["history"]] == list(range(1, RECORD["epochs"] + 1))
    assert set(RECORD["history"][0]) == {"epoch", "elbo", "reconstruction", "kl", "held_out"}
    held_out = RECORD["held_out"]
    assert held_out["elbo"] == pytest.approx(held_out["reconstruction"] - held_out["kl"], abs=1e-3)


def test_encode_gives_a_distribution_and_decode_probabilities(model: MnistVae, held_out: Tensor) -> None:
    mean, spread = model.maps["encode"].point_and_spread(held_out[:7])
    assert mean.shape == spread.shape == (7, LATENT)
    assert (spread > 0).all()
    assert (spread < 1.5).all()
    drawn = model.maps["decode"].point(model.spaces["z"].example(7, torch.Generator().manual_seed(0)))
    assert drawn.shape == (7, 1, 28, 28)


@torch.no_grad()
def test_digits_come_back(model: MnistVae, held_out: Tensor) -> None:
    back = model.decode(model.encode(held_out).mean)
    error = (back - held_out).square().mean()
    assert error < 0.2 * held_out.var()


@torch.no_grad()
def test_classes_are_visible_in_the_latent_space(model: MnistVae, held_out: Tensor) -> None:
    data = datasets.open_mnist()
    digits = torch.from_numpy(data.columns["digit"].to_numpy().copy())
    known, asked = (torch.from_numpy(datasets.split_rows(data, split)) for split in ("train", "test"))
    codes = model.encode(pictures(data, "train")).mean
    nearest = torch.cdist(model.encode(held_out).mean, codes).topk(5, largest=False).indices
    voted = digits[known][nearest].mode(dim=1).values
    assert (voted == digits[asked]).float().mean() > 0.93


@torch.no_grad()
def test_prior_draws_have_the_ink_of_digits(model: MnistVae, held_out: Tensor) -> None:
    drawn = model.decode(model.spaces["z"].example(500, torch.Generator().manual_seed(0)))
    assert float(drawn.mean()) == pytest.approx(float(held_out.mean()), rel=0.15)


@torch.no_grad()
def test_a_code_does_not_depend_on_its_batch(model: MnistVae, held_out: Tensor) -> None:
    together = model.encode(held_out[:32]).mean
    alone = torch.cat([model.encode(held_out[row : row + 1]).mean for row in range(32)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
    assert torch.equal(together, model.encode(held_out[:32]).mean)


def test_every_step_is_its_own_module_and_none_is_in_place(model: MnistVae) -> None:
    steps = [*model.net.encoder, *model.net.decoder]
    assert len(set(map(id, steps))) == len(steps)
    assert not any(getattr(one, "inplace", False) for one in steps)
    assert "net.encoder.conv2" in model.layers()
    assert isinstance(model.layers()["net.decoder.spread"], nn.Linear)


def test_training_is_the_same_under_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = datasets.open_mnist()
    columns = whole.columns.iloc[8_800:9_040].reset_index(drop=True)
    few = wb.ArrayDataset(whole.values[8_800:9_040], whole.space, columns, scale=whole.scale)
    monkeypatch.setattr(datasets, "open_mnist", lambda: few)
    first, again, other = (
        train(seed=seed, epochs=2, batch=20, rate=1e-3, augment=0.5)[1]["history"] for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
    assert first[1]["elbo"] > first[0]["elbo"]


def test_warp_is_light(held_out: Tensor) -> None:
    bent = warp(held_out, torch.Generator().manual_seed(0))
    assert bent.shape == held_out.shape
    assert 0 <= float(bent.min()) <= float(bent.max()) <= 1
    assert not torch.equal(bent, held_out)
    kept = torch.nn.functional.cosine_similarity(bent.flatten(1), held_out.flatten(1))
    assert kept.mean() > 0.6
    assert bent.sum() == pytest.approx(float(held_out.sum()), rel=0.05)
