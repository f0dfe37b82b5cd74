# SPDX-License-Identifier: Apache-2.0
"""Two spirals: as they are described, told apart by the deep network and not by the shallow one; the record is true."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import workbench as wb
from sample_models.spirals import DEPTHS, HERE, weights, workbench_datasets, workbench_models
from sample_models.spirals.datasets import TURNS, open_spirals, positions
from sample_models.spirals.train import TRAIN, data, forward, train

RECORD = json.loads((HERE / "training.json").read_text())


def test_points_lie_on_their_spiral() -> None:
    opened = open_spirals()
    points, columns = opened.batch(np.arange(len(opened))).astype(float), opened.columns
    radius = np.hypot(points[:, 0], points[:, 1])
    along = columns["along"].to_numpy()
    assert radius == pytest.approx(0.1 + 0.9 * along, abs=1e-6)
    turned = np.arctan2(points[:, 1], points[:, 0]) - 2 * np.pi * TURNS * along
    half = np.where(columns["spiral"] == "second", np.pi, 0.0)
    assert np.exp(1j * (turned - half)) == pytest.approx(np.ones(1000), abs=1e-4)
    assert columns["split"].value_counts().to_dict() == {"train": 800, "test": 200}


def test_the_second_spiral_is_the_first_after_half_a_turn() -> None:
    along = np.linspace(0, 1, 7)
    assert positions(along, np.ones(7)) == pytest.approx(-positions(along, np.zeros(7)))


@pytest.mark.parametrize("card", workbench_models(), ids=lambda card: card.name)
def test_networks_are_those_of_the_record(card: wb.ModelCard) -> None:
    model = card.load("cpu")
    points, labels = data()
    with torch.no_grad():
        right = model.classify(points).argmax(dim=1) == labels
    record = RECORD[card.name]
    assert float(right[:TRAIN].double().mean()) == pytest.approx(record["accuracy"])
    assert float(right[TRAIN:].double().mean()) == pytest.approx(record["held_out_accuracy"])
    layers = [one for one in model.net if isinstance(one, torch.nn.Linear)]
    assert [tuple(one.weight.shape) for one in layers] == [(2, 2)] * (DEPTHS[card.name] + 1)
    assert card.data == workbench_datasets()[0].name
    words = (HERE / "CARD.md").read_text()
    for heading in ("## Data", "## Licence", "## How it was made", "## Measured", "## Known limits"):
        assert heading in words


def test_deep_tells_all_and_shallow_does_not() -> None:
    assert RECORD["spirals"]["held_out_accuracy"] == 1.0
    assert RECORD["spirals-shallow"]["largest_accuracy"] < 0.97


def test_training_side_by_side_is_the_same_network() -> None:
    state = load_file(weights("spirals"))
    model = workbench_models()[0].load("cpu")
    tensors = [
        one[None] if one.ndim == 2 else one[None, None] for one in (state[key] for key in model.net.state_dict())
    ]
    points, _ = data()
    with torch.no_grad():
        torch.testing.assert_close(forward(tensors, points)[0], model.net(points), rtol=1e-4, atol=1e-4)


def test_training_is_the_same_under_the_same_seed() -> None:
    first, again, other = (train("spirals-shallow", starts=3, steps=20, seed=seed)[1] for seed in (0, 0, 1))
    assert first == again
    assert first["loss"] != other["loss"]


def test_the_conformance_kit_has_nothing_to_say_against_it() -> None:
    from registry.conformance import check_model

    report = check_model(workbench_models()[0], data=open_spirals())
    assert not report.failed, report
