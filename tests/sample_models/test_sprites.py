# SPDX-License-Identifier: Apache-2.0
"""Sprites: drawn as their columns say; the beta-VAE of them: its record, its bound, and what it has recovered."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.distributions import Normal, kl_divergence

import workbench as wb
from sample_models.sprites import workbench_datasets, workbench_models
from sample_models.sprites.datasets import open_sprites, rows_of
from sample_models.sprites.drawing import FACTORS, inside, template
from sample_models.sprites.model import WEIGHTS, SpritesVae
from sample_models.sprites.nets import LATENT, measure, terms
from sample_models.sprites.train import pictures, train

RECORD = json.loads(WEIGHTS.with_name("training.json").read_text())


@pytest.fixture(scope="module")
def data() -> wb.ArrayDataset:
    return open_sprites()


@pytest.fixture(scope="module")
def drawn(data: wb.ArrayDataset) -> Any:
    return np.asarray(data.batch(np.arange(len(data))))[:, 0].astype(np.float64)


def test_every_combination_is_there_once(data: wb.ArrayDataset) -> None:
    columns = data.columns
    assert len(data) == len(columns) == 12_000
    assert not columns[list(FACTORS)].duplicated().any()
    for name, values in FACTORS.items():
        assert set(columns[name]) == set(values)
        assert (np.asarray(values)[columns[f"{name}_index"]] == columns[name]).all()
    assert columns["split"].value_counts().to_dict() == {"train": 9600, "validation": 1200, "test": 1200}
    data.space.validate(data.batch(np.array([0, 6000, 11_999])))


def test_sprites_lie_where_their_columns_say(data: wb.ArrayDataset, drawn: Any) -> None:
    places = np.arange(24) - 11.5
    ink = drawn.sum(axis=(1, 2))
    across, down = (drawn.sum(axis=axis) @ places / ink for axis in (1, 2))
    columns = data.columns
    assert np.abs(across - columns["x"]).max() < 0.1
    assert np.abs(-down - columns["y"]).max() < 0.1


def test_ink_grows_with_the_square_of_the_scale_and_not_with_the_rest(data: wb.ArrayDataset, drawn: Any) -> None:
    ink = drawn.sum(axis=(1, 2)) / data.columns["scale"].to_numpy() ** 2
    of_shape = {name: ink[data.columns["shape"] == name] for name in FACTORS["shape"]}
    for values in of_shape.values():
        assert np.ptp(values) < 0.03 * values.mean()
    assert max(one.mean() for one in of_shape.values()) < 1.2 * min(one.mean() for one in of_shape.values())


def test_rotation_turns_the_long_axis_counter_clockwise(data: wb.ArrayDataset, drawn: Any) -> None:
    columns = data.columns
    rows = np.flatnonzero((columns["shape"] == "ellipse") & (columns["scale"] == 1.0))
    right, down = np.meshgrid(np.arange(24) - 11.5, np.arange(24) - 11.5)
    for row in rows[::37]:
        x, y = right - columns["x"][row], -down - columns["y"][row]
        weight = drawn[row] / drawn[row].sum()
        covariance = np.array([[(weight * a * b).sum() for a in (x, y)] for b in (x, y)])
        long = np.linalg.eigh(covariance)[1][:, 1]
        angle = np.rad2deg(np.arctan2(-long[0], long[1]))  # from upright, to the left
        assert (angle - columns["rotation"][row] + 90) % 180 - 90 == pytest.approx(0, abs=2)


def test_no_sprite_is_cut_at_the_edge(drawn: Any) -> None:
    ink = drawn.sum(axis=(1, 2)).reshape(120, 100)
    assert np.ptp(ink, axis=1).max() < 1e-6  # the same sprite in 100 places


def test_shapes_stay_in_the_unit_disc() -> None:
    x, y = np.meshgrid(np.linspace(-2, 2, 401), np.linspace(-2, 2, 401))
    for shape in FACTORS["shape"]:
        assert (np.hypot(x, y)[inside(shape, x, y)] <= 1.001).all()
    with pytest.raises(ValueError, match="no shape 'star'"):
        template("star", 1.0, 0.0, 24)


def test_opening_twice_draws_once_and_gives_the_same(data: wb.ArrayDataset) -> None:
    assert open_sprites() is data
    assert sorted(np.concatenate([rows_of(one) for one in ("train", "validation", "test")])) == list(range(12_000))


def test_listing_imports_nothing_heavy() -> None:
    script = (
        "import sys; from sample_models import sprites; "
        "cards = [*sprites.workbench_models(), *sprites.workbench_datasets()]; [one.missing() for one in cards]; "
        "print([one for one in ('torch', 'pandas', 'numpy.random') if one in sys.modules], len(cards))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith("[") and done.stdout.strip().endswith("2")
    assert "torch" not in done.stdout and "pandas" not in done.stdout


# -- the model


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return workbench_models()[0].load("cpu")


def test_weights_are_small_and_those_of_the_record(model: SpritesVae) -> None:
    assert WEIGHTS.stat().st_size < 1_500_000
    assert {one.dtype for one in load_file(WEIGHTS).values()} == {torch.float32}
    assert sum(one.numel() for one in model.net.parameters()) == RECORD["parameters"]
    found = measure(model.net, pictures("test"))
    assert found["elbo"] == pytest.approx(RECORD["held_out"]["elbo"], abs=0.02)
    assert found["kl_by_axis"] == pytest.approx(RECORD["held_out"]["kl_by_axis"], abs=1e-3)
    assert found["active_units"] == RECORD["held_out"]["active_units"] == 6


def test_terms_are_those_of_torch_distributions(model: SpritesVae) -> None:
    some = pictures("test")[:5]
    noise = torch.randn(5, LATENT, generator=torch.Generator().manual_seed(0))
    reconstruction, divergence, mean = terms(model.net, some, noise)
    posterior = model.encode(some)
    torch.testing.assert_close(mean, posterior.mean)
    torch.testing.assert_close(divergence, kl_divergence(posterior, Normal(0.0, 1.0)))
    ink = model.decode(posterior.mean + posterior.stddev * noise).double().clamp(1e-12, 1 - 1e-12)
    expected = (some * ink.log() + (1 - some) * (1 - ink).log()).sum(dim=(1, 2, 3))
    torch.testing.assert_close(reconstruction.double(), expected, rtol=1e-3, atol=1e-2)


@torch.no_grad()
def test_the_card_says_which_axis_follows_which_factor(model: SpritesVae, data: wb.ArrayDataset) -> None:
    rows = rows_of("test")
    codes = model.encode(pictures("test")).mean.numpy()
    for name, axis, least in (("x", 7, 0.97), ("y", 2, 0.97), ("scale", 6, 0.94), ("rotation", 5, 0.6)):
        known = data.columns[name].to_numpy()[rows]
        correlations = [abs(np.corrcoef(codes[:, one], known)[0, 1]) for one in range(LATENT)]
        assert int(np.argmax(correlations)) == axis
        assert correlations[axis] > least
    for shape, low, high in (("ellipse", -1.0, -0.9), ("rectangle", -1.0, -0.9), ("heart", 0.4, 0.8)):
        one = (data.columns["shape"].to_numpy() == shape)[rows]
        turned = data.columns["rotation"].to_numpy()[rows][one]
        assert low < np.corrcoef(codes[one, 5], turned)[0, 1] < high


@torch.no_grad()
def test_sprites_come_back(model: SpritesVae) -> None:
    some = pictures("test")
    error = (model.decode(model.encode(some).mean) - some).square().mean().sqrt()
    assert error < 0.08 < 0.24 < (some - some.mean(dim=0)).square().mean().sqrt()


def test_training_is_the_same_under_the_same_seed() -> None:
    first, again, other = (train(beta=4.0, seed=seed, steps=10)[1]["history"] for seed in (0, 0, 1))
    assert first == again != other
    assert first[-1]["elbo"] > first[0]["elbo"]


def test_the_conformance_kit_has_nothing_to_say_against_it(data: wb.ArrayDataset) -> None:
    from registry.conformance import check_model

    card = workbench_models()[0]
    report = check_model(card, data=data)
    assert not report.failed, report
    assert all((card.title, card.description, card.licence, card.provenance, card.tags))
    assert card.data == workbench_datasets()[0].name
    words = WEIGHTS.with_name("CARD.md").read_text()
    for heading in ("## Data", "## Licence", "## How it was made", "## Measured", "## Known limits"):
        assert heading in words
