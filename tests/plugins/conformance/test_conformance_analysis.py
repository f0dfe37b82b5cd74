# SPDX-License-Identifier: Apache-2.0
"""The conformance kit as an analysis: its table, its numbers, and a finding for each failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.conformance import workbench_entries
from plugins.conformance.analysis import Conformance
from registry.parameters import Subject
from workbench.compendium.entry import read_entry


class Sound(wb.Model):
    """A linear map there, and its inverse back."""

    x = wb.vectors(2, prior=wb.normal())
    z = wb.vectors(2)

    @wb.maps(x, to=z)
    def there(self, x: torch.Tensor) -> torch.Tensor:
        return 3 * x

    @wb.maps(z, to=x)
    def back(self, z: torch.Tensor) -> torch.Tensor:
        return z / 3


class Unsound(Sound):
    """Gives NaN, and depends on the other rows."""

    @wb.maps(Sound.x, to=Sound.z)
    def there(self, x: torch.Tensor) -> torch.Tensor:
        return x / torch.zeros(2)

    @wb.maps(Sound.z, to=Sound.x)
    def back(self, z: torch.Tensor) -> torch.Tensor:
        return z - z.mean(dim=0)


class Job:
    seed, device, data = 0, "cpu", None

    def __init__(self, model: wb.Model) -> None:
        self.model = model
        self.lines: list[str] = []
        self.stages: list[str] = []

    def progress(self, fraction: float, stage: str = "") -> None:
        self.stages.append(stage)

    def log(self, text: str) -> None:
        self.lines.append(text)


def run(model: wb.Model) -> tuple[wb.Result, Job]:
    job: Any = Job(model)
    return Conformance().run(job, Conformance.Params()), job


def test_sound_model() -> None:
    result, job = run(Sound())
    table, numbers = result.tables["checks"], result.numbers()
    assert numbers["failed"] == 0
    assert numbers["passed"] + numbers["does_not_apply"] == len(table)
    assert numbers["round_trip"] < 1e-6
    assert numbers["gradients"] < 1e-4
    assert result.findings == []
    assert "gradients" in job.stages
    assert len(job.lines) == len(table) + 1


def test_each_failure_is_a_finding_with_its_number() -> None:
    result, _ = run(Unsound())
    table = result.tables["checks"]
    failed = table[table.outcome == "fail"]
    assert len(result.findings) == len(failed) == result.numbers()["failed"]
    assert {"finite", "batch invariance"} <= set(failed.name)
    (finite,) = [one for one in result.findings if "'finite' fails for map there" in one.statement]
    assert (finite.code, finite.value, finite.threshold) == ("conformance.failed-check", 14.0, 0.0)
    assert all(np.isfinite(one.value) and one.wrong_if for one in result.findings)


def test_it_needs_a_model() -> None:
    assert Conformance.missing(Subject()) == ["it needs a model"]
    assert Conformance.missing(Subject(has_model=True)) == []


@pytest.mark.parametrize("entry", workbench_entries(), ids=lambda path: path.stem)
def test_entries_name_the_codes_that_the_analysis_gives(entry: Path) -> None:
    assert {one.code for one in run(Unsound())[0].findings} == set(read_entry(entry).codes)
