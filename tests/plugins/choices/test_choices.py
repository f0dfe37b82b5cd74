# SPDX-License-Identifier: Apache-2.0
"""Choices: each measurement shows the difference that it exists for, on planted cases and on a sample model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi

import workbench as wb
from plugins.choices.captured_activations import CapturedActivations
from plugins.choices.difference_components import either_way, first_component
from plugins.choices.direction_leakage import without_reading
from plugins.choices.path_norm import walked


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("choices"))


def measured(analysis: str, store: wb.Store, **parameters: Any) -> dict[str, float]:
    return wb.run(analysis, store=store, inline=True, **parameters).numbers()


def test_a_straight_walk_leaves_the_shell_and_the_great_circle_does_not(store: wb.Store) -> None:
    line, circle = (
        measured("path-norm", store, model="faces-dcgan", space="z", way=way, pairs=400) for way in ("lerp", "slerp")
    )
    # the middle of two draws is normal with half the variance: E|z| / sqrt(d) = E chi_d / sqrt(2 d)
    assert line["middle_norm"] == pytest.approx(chi.mean(100) / np.sqrt(200), abs=0.01)
    assert circle["middle_norm"] == pytest.approx(1.0, abs=0.01)
    assert line["outside_shell"] > 0.5
    assert circle["outside_shell"] < 0.02


@given(st.integers(2, 40), st.floats(0, 1), st.integers(0, 2**16))
def test_walks_begin_and_end_at_their_codes_and_circles_keep_the_length(size: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.standard_normal((5, size))
    second = rng.standard_normal((5, size))
    second *= np.linalg.norm(first, axis=1, keepdims=True) / np.linalg.norm(second, axis=1, keepdims=True)
    for way in ("lerp", "slerp"):
        assert walked(first, second, 0.0, way) == pytest.approx(first)
        assert walked(first, second, 1.0, way) == pytest.approx(second)
    length = np.linalg.norm(first, axis=1)
    assert np.linalg.norm(walked(first, second, share, "slerp"), axis=1) == pytest.approx(length, rel=1e-6)


def test_a_layer_has_no_shell(store: wb.Store) -> None:
    with pytest.raises(wb.WorkbenchError, match="no normal prior"):
        measured("path-norm", store, model="mnist-vae", space="net.encoder.hidden")


def test_centring_takes_away_the_difference_that_is_looked_for(store: wb.Store) -> None:
    whole, centred = (
        measured("difference-components", store, model="mnist-vae", space="z", by="digit", centred=one, limit=1500)
        for one in (False, True)
    )
    assert whole["separation"] > 0.95
    assert whole["cosine_with_mean_difference"] > 0.95
    assert centred["separation"] < whole["separation"] - 0.1
    assert centred["cosine_with_mean_difference"] < 0.5


def test_a_component_is_the_shift_where_pairs_only_shift() -> None:
    rows = np.tile([0.0, 2.0, 0.0], (10, 1)) + np.random.default_rng(0).normal(0, 0.01, (10, 3))
    component, share = first_component(rows, centred=False)
    assert abs(component[1]) == pytest.approx(1.0, abs=1e-3)
    assert share > 0.999
    area = either_way(np.arange(5.0), np.arange(5.0) + 10)
    assert (area.value, area.high) == (1.0, 1.0)
    assert 0.5 < area.low < 1.0, "ten points that are told apart do not prove that all are"


def test_classes_that_are_not_there_are_refused(store: wb.Store) -> None:
    with pytest.raises(wb.WorkbenchError, match="no class 'x'"):
        measured("difference-components", store, model="mnist-vae", space="z", by="digit", first="x", limit=500)


def test_projecting_the_other_attribute_out_lessens_the_leak(store: wb.Store) -> None:
    asked = {"model": "mnist-vae", "space": "z", "attribute": "stroke-thickness", "other": "brightness", "limit": 400}
    plain, clean = (measured("direction-leakage", store, conditional=one, **asked) for one in (False, True))
    assert plain["leakage"] > 0.7
    assert clean["leakage"] < 0.4
    assert 0.1 < clean["effect"] < plain["effect"]
    with pytest.raises(wb.WorkbenchError, match="same scorer"):
        measured("direction-leakage", store, **{**asked, "other": "stroke-thickness"})


def test_what_is_left_is_not_read_and_equal_directions_leave_nothing() -> None:
    rng = np.random.default_rng(1)
    vector, other, weights = rng.standard_normal((3, 7))
    left = without_reading(vector, other, weights)
    assert weights @ left == pytest.approx(0, abs=1e-12)
    assert np.linalg.norm(left) == pytest.approx(1)
    with pytest.raises(wb.DataError, match="same direction"):
        without_reading(other, other, weights)


class _InPlace(wb.Model):
    """Two layers, the second of which writes into the output of the first."""

    x = wb.vectors(3)
    y = wb.vectors(3)

    def __init__(self, device: str) -> None:
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU(inplace=True), torch.nn.Linear(3, 3))

    @wb.maps(x, to=y)
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


class _Job:
    def __init__(self) -> None:
        self.model = _InPlace("cpu")
        self.rng = np.random.default_rng(0)

    def points(self, space: str, *, limit: int | None = None) -> wb.Points:
        values = np.random.default_rng(2).standard_normal((limit or 8, 3)).astype(np.float32)
        rows = np.arange(len(values))
        return wb.Points(values, rows, self.model.space(space), "points", pd.DataFrame(index=rows))


def test_kept_by_reference_activations_are_overwritten_in_place() -> None:
    reference, copy = (
        CapturedActivations().run(_Job(), CapturedActivations.Params(through="forward", keep=keep))  # type: ignore[arg-type]
        for keep in ("reference", "copy")
    )
    layers = reference.tables["layers"].set_index("layer")
    assert reference.numbers()["layers_overwritten"] == 1
    assert layers.loc["net.0", "share_overwritten"] == layers.loc["net.0", "negative_given"] > 0
    assert layers.loc["net.0", "negative_kept"] == 0
    assert [one.code for one in reference.findings] == ["captured-activations.overwritten"]
    assert copy.numbers()["layers_overwritten"] == 0
    assert not copy.findings
