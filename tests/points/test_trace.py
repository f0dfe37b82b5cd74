# SPDX-License-Identifier: Apache-2.0
"""What tracing finds out, and that it survives JSON."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

import workbench as wb
from tests.points.models import Doubler, Energy, Odd, Pictures, WordVectors
from workbench.points import Description, fingerprint, trace


def hooks_on(model: wb.Model) -> int:
    return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.layers().values())


def test_layers_have_the_shape_and_the_map_that_drives_them() -> None:
    found = trace(Pictures())
    sizes = {name: (one.shape, one.size, one.map) for name, one in found.layers.items()}
    assert sizes == {
        "net": ((4, 1, 1), 4, "classify"),
        "net.conv": ((4, 8, 8), 256, "classify"),
        "net.act": ((4, 8, 8), 256, "classify"),
        "net.pool": ((4, 1, 1), 4, "classify"),
        "head": ((3,), 3, "classify"),
        "head.0": ((4,), 4, "classify"),
        "head.1": ((3,), 3, "classify"),
    }
    assert found.problems == []
    assert found.parameters == 4 * 9 + 4 + 4 * 3 + 3


def test_a_layer_that_no_map_drives_is_left_out() -> None:
    found = trace(Doubler())
    assert list(found.layers) == ["encoder", "decoder", "decoder.0", "decoder.1", "decoder.2"]
    assert found.drivers["decoder.0"] == ("decode",)
    assert found.spaces["z"] == Doubler.z


@pytest.mark.parametrize("model", [Doubler, Pictures, Odd, WordVectors, Energy])
def test_a_description_survives_json_and_leaves_no_hook(model: type[wb.Model]) -> None:
    one = model()  # type: ignore[call-arg]
    before = torch.get_rng_state()
    found = trace(one)
    assert Description.from_json(found.to_json()) == found
    assert hooks_on(one) == 0
    assert torch.equal(before, torch.get_rng_state())


def test_hard_layers_are_reported_in_words() -> None:
    found = trace(Odd())
    assert set(found.layers) == {"pair", "twice"}
    assert found.calls == {"twice": 2}
    text = "\n".join(found.problems)
    assert "layer 'twice' is called 2 times" in text
    assert "layer 'whole' (map 'go') gives shape [4] for 3 points" in text
    assert "layer 'words' (map 'go') gives a str" in text


def test_a_failing_map_does_not_stop_the_others() -> None:
    class Broken(Doubler):
        @wb.maps(Doubler.x, to=Doubler.z)
        def encode(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no weights")

        @wb.maps(Doubler.z, to=Doubler.w)
        def move(self, z: torch.Tensor) -> torch.Tensor:
            return z[:, :1]

    found = trace(Broken())
    assert "decoder.0" in found.layers and "encoder" not in found.layers
    assert found.problems[0] == "map 'encode' failed on example points: RuntimeError: no weights"
    assert "map 'move' returned no batch of its target" in found.problems[1]


def test_a_source_without_examples_uses_points_that_other_maps_reach() -> None:
    class Sheets(wb.Model):
        hidden = wb.table(["a"])
        never = wb.table(["b"])
        z = wb.vectors(2)

        @wb.maps(hidden, to=z)
        def read(self, sheet: Any) -> torch.Tensor:
            return torch.tensor(sheet[["a", "a"]].to_numpy(), dtype=torch.float32)

        @wb.maps(never, to=z)
        def other(self, sheet: Any) -> torch.Tensor:
            raise AssertionError("is not called")

        @wb.maps(z, to=hidden)
        def write(self, z: torch.Tensor) -> Any:
            import pandas as pd

            return pd.DataFrame({"a": z[:, 0].numpy()})

    found = trace(Sheets())
    assert len(found.problems) == 1
    assert found.problems[0].startswith("map 'other' was not traced: its source space 'never' (table)")


def test_the_first_map_that_drives_a_layer_wins_and_the_others_are_told() -> None:
    class Twin(wb.Model):
        x = wb.vectors(2)
        y = wb.vectors(2)

        def __init__(self) -> None:
            self.net = nn.Linear(2, 2)

        @wb.maps(x, to=y)
        def one(self, x: torch.Tensor) -> torch.Tensor:
            return self.net(x)

        @wb.maps(x, to=y)
        def two(self, x: torch.Tensor) -> torch.Tensor:
            return self.net(-x)

    found = trace(Twin())
    assert found.layers["net"].map == "one"
    assert found.drivers["net"] == ("one", "two")


def test_free_image_sizes_are_told() -> None:
    class Free(wb.Model):
        pixels = wb.images(1)
        score = wb.scalars(["mean"])

        def __init__(self) -> None:
            self.net = nn.Conv2d(1, 1, 1)

        @wb.maps(pixels, to=score)
        def mean(self, x: torch.Tensor) -> torch.Tensor:
            return self.net(x).mean(dim=(1, 2, 3))[:, None]

    assert "have the shapes they take at 64 x 64" in trace(Free()).problems[0]


def test_maps_that_differentiate_inside_are_traced() -> None:
    assert trace(Energy()).problems == []


def test_the_subject_offers_spaces_and_layers() -> None:
    subject = trace(Doubler()).subject(["digit"], ["ones"])
    assert list(subject.spaces)[:4] == ["x", "z", "w", "encoder"]
    assert subject.columns == ("digit",) and subject.slices == ("ones",) and subject.has_model


class TestFingerprint:
    def test_equal_models_have_equal_fingerprints_and_a_changed_weight_shows(self) -> None:
        one, two = Doubler(), Doubler()
        two.unused.load_state_dict(one.unused.state_dict())
        assert fingerprint(one) == fingerprint(two)
        with torch.no_grad():
            two.encoder.bias[0] = 1e-30
        assert fingerprint(one) != fingerprint(two)

    def test_an_array_a_dtype_or_a_layer_without_weights_shows(self) -> None:
        first = fingerprint(WordVectors())
        changed = WordVectors()
        changed.table = changed.table.to(torch.bfloat16)
        assert fingerprint(changed) != first
        swapped, plain = Pictures(), Pictures()
        swapped.net.act = nn.Tanh()
        assert fingerprint(swapped) != fingerprint(plain)

    def test_the_source_of_the_class_counts(self) -> None:
        class Same(WordVectors):
            """Another class with the same weights."""

        assert fingerprint(Same()) != fingerprint(WordVectors())

    def test_it_is_the_same_in_another_process(self) -> None:
        code = (
            "from tests.points.models import Pictures; import workbench.points as p; print(p.fingerprint(Pictures()))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == fingerprint(Pictures())
