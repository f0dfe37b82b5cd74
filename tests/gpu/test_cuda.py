# SPDX-License-Identifier: Apache-2.0
"""What only a CUDA device can show: ``make gpu-check``. Skipped, and named as skipped, where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import workbench as wb

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


class Squares(wb.Model):
    """z -> relu(z W + b), with W and b drawn once."""

    z = wb.vectors(32, prior=wb.normal())
    code = wb.vectors(64)

    def __init__(self, device: str) -> None:
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU()).to(device)

    @wb.maps(z, to=code)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return self.net(z)


def test_capture_on_the_device_equals_capture_on_the_cpu() -> None:
    batches = [torch.randn(256, 32, generator=torch.Generator().manual_seed(row)) for row in range(4)]
    captured = {
        device: np.concatenate(
            [
                one["net.0"].cpu().numpy()
                for one in wb.capture(Squares(device), "decode", batches, ["net.0"], device=device)
            ]
        )
        for device in ("cpu", "cuda:0")
    }
    np.testing.assert_allclose(captured["cuda:0"], captured["cpu"], rtol=1e-4, atol=1e-5)


def test_conformance_holds_on_the_device() -> None:
    report = wb.check_model(wb.ModelCard("squares", Squares), device="cuda:0")
    assert report.passed, report.frame()


def test_principal_components_are_summed_on_the_device_as_on_the_processor() -> None:
    from plugins.projection.principal_components import principal_components

    points = (np.random.default_rng(0).standard_normal((20_000, 64)) * np.linspace(3, 1, 64) + 100).astype("float32")
    before = torch.cuda.max_memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    found = principal_components(lambda: np.array_split(points, 7), device="cuda:0")
    assert torch.cuda.max_memory_allocated() > before  # it has been there
    expected = principal_components(points)
    np.testing.assert_allclose(found.explained_variance, expected.explained_variance, rtol=1e-10)
    np.testing.assert_allclose(found.components[:5], expected.components[:5], atol=1e-8)


def test_neighbours_of_many_points_are_exact_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.projection import search
    from plugins.projection.neighbours import nearest_neighbours

    monkeypatch.setattr(search, "EXACT_PAIRS", 1000)
    points = np.random.default_rng(0).standard_normal((5000, 16)).astype("float32")
    on_device = search.Search(points, device="cuda:0")
    found, expected = on_device.among(15), nearest_neighbours(points, 15)
    assert found.exact
    assert on_device.recall is None
    np.testing.assert_array_equal(found.indices, expected.indices)
    others = on_device.of(points[:50] + 0.1, 5)
    np.testing.assert_array_equal(others.indices, nearest_neighbours(points, 5, queries=points[:50] + 0.1).indices)


def test_a_run_leaves_no_memory_on_the_device(tmp_path: object) -> None:
    before = torch.cuda.mem_get_info()[0]
    points = np.random.default_rng(0).normal(size=(2000, 16)).astype("float32")
    np.save(f"{tmp_path}/points.npy", points)
    result = wb.run("projection", points=f"{tmp_path}/points.npy", device="cuda:0")
    assert 0 <= result.numbers()["trustworthiness"] <= 1
    assert abs(torch.cuda.mem_get_info()[0] - before) < 64 << 20
