# SPDX-License-Identifier: Apache-2.0
"""Perceptual path length: the linear case through the analysis, features, trimming, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.path_length.analysis import PerceptualPathLength
from plugins.path_length.lengths import trimmed
from tests.plugins.geometry.decoders import Broken, Job, Linear, draws


def run(job: Job, **params: Any) -> wb.Result:
    given = PerceptualPathLength.Params.read({"decode": "decode", **params})
    return PerceptualPathLength().run(job, given)  # type: ignore[arg-type]


MATRIX = draws(6, 9, 5)


@pytest.mark.parametrize("where", ["full", "end"])
def test_linear_decoder_gives_twice_the_squared_norm_of_its_matrix(where: str) -> None:
    found = [run(Job(Linear(MATRIX), draws(4000, 6)), where=where, epsilon=epsilon) for epsilon in (1e-4, 1e-2)]
    metric = found[0].metrics["ppl_lerp"]
    expected = 2 * np.square(MATRIX.astype(np.float32)).sum()
    assert metric.n == 2000
    assert metric.low is not None and metric.high is not None
    assert metric.low < metric.value < metric.high
    assert metric.value == pytest.approx(expected, rel=0.05)
    pairs = found[0].tables["pairs"]
    codes = draws(4000, 6).astype(np.float32).astype(np.float64)
    moved = (codes[pairs["first"]] - codes[pairs["second"]]) @ MATRIX.astype(np.float32)
    assert pairs["lerp"].to_numpy() == pytest.approx(np.square(moved).sum(axis=1), rel=1e-6)
    if where == "end":  # the same places: not only the same mean
        assert found[1].numbers()["ppl_lerp"] == pytest.approx(metric.value, rel=1e-6)
    assert found[0].numbers()["step_error"] < 1e-4
    assert "float64" in found[0].notes[0]


def test_slerp_and_lerp_are_measured_on_the_same_pairs() -> None:
    result = run(Job(Linear(MATRIX), draws(800, 6)))
    table = result.tables["pairs"]
    assert len(table) == 400
    assert not set(table["first"]) & set(table["second"])
    assert result.numbers()["slerp_over_lerp"] == pytest.approx(table["slerp"].mean() / table["lerp"].mean())


def test_model_that_takes_no_float64_is_measured_in_float32_and_says_so() -> None:
    class Single(Linear):
        def run(self, z: torch.Tensor) -> torch.Tensor:
            return z.float() @ self.matrix.float()

    result = run(Job(Single(MATRIX), draws(400, 6)), epsilon=1e-7)
    assert "float32" in result.notes[0]
    assert [one.code for one in result.findings] == ["perceptual-path-length.step-not-small"]
    assert run(Job(Single(MATRIX), draws(400, 6)), epsilon=1e-3).findings == []


class Watched(wb.Model):
    """Decodes to x, which is read again by a network: twice as large in ``f``."""

    z = wb.vectors(4, prior=wb.normal())
    x = wb.vectors(4)
    f = wb.vectors(4)

    def __init__(self) -> None:
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 4, bias=False), torch.nn.Linear(4, 4, bias=False))
        for one, scale in zip(self.net, (3.0, 2 / 3), strict=True):
            one.weight.data = scale * torch.eye(4)  # type: ignore[union-attr]

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return z + 0

    @wb.maps(x, to=f)
    def read(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.net(x)
        return found


def test_distance_in_features_and_in_a_layer() -> None:
    plain, space, layer = (
        run(Job(Watched(), draws(400, 4)), features=one).numbers()["ppl_lerp"] for one in (None, "f", "net.0")
    )
    assert space == pytest.approx(4 * plain, rel=1e-5)
    assert layer == pytest.approx(9 * plain, rel=1e-5)
    with pytest.raises(wb.ParameterError, match="cannot be read off x: the maps from there lead to f"):
        run(Job(Watched(), draws(40, 4)), features="z")


def test_weights_are_left_as_they_were() -> None:
    model = Watched()
    before = [one.clone() for one in model.net.parameters()]
    run(Job(model, draws(40, 4)), features="f")
    for one, was in zip(model.net.parameters(), before, strict=True):
        assert one.dtype == torch.float32
        assert torch.equal(one, was)
        assert one.grad is None


def test_a_few_steep_places_are_found() -> None:
    class Seam(wb.Model):
        z = wb.vectors(2, prior=wb.normal())
        x = wb.vectors(2)

        @wb.maps(z, to=x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return z + 10 * torch.tanh(8 * (z[:, :1] - 1))

    result = run(Job(Seam(), draws(1000, 2)))
    assert [one.code for one in result.findings] == ["perceptual-path-length.abrupt"]


def test_trimming_leaves_both_ends_out() -> None:
    values = np.concatenate([np.ones(98), [1e9, 0.0]])
    assert (trimmed(values) == 1).all()
    full, without = (run(Job(Linear(MATRIX), draws(800, 6)), trim=one).numbers()["ppl_lerp"] for one in (False, True))
    assert without < full


def test_what_is_refused() -> None:
    with pytest.raises(wb.DataError, match="both codes of every pair are equal"):
        run(Job(Linear(MATRIX), np.ones((20, 6))))
    with pytest.raises(wb.DoesNotApply, match="'constant'"):
        run(Job(Broken(), draws(40, 3)), decode="constant")
    with pytest.raises(wb.ParameterError, match="epsilon"):
        PerceptualPathLength.Params.read({"decode": "decode", "epsilon": 0})
