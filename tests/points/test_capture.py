# SPDX-License-Identifier: Apache-2.0
"""Capture: right numbers, copies, and no hook left whatever happens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

import workbench as wb
from tests.points.models import Doubler, Odd, Pictures
from workbench.points import capture

BATCHES = [torch.tensor([[-4.0, 2.0], [6.0, -8.0]]), torch.tensor([[0.0, 1.0]])]


def hooks_on(model: wb.Model) -> int:
    return sum(len(one._forward_hooks) for one in model.layers().values())


def test_any_set_of_layers_in_one_pass_with_the_output() -> None:
    model = Doubler()
    calls: list[int] = []
    handle = model.decoder.register_forward_pre_hook(lambda *_: calls.append(1))
    got = list(capture(model, "decode", BATCHES, ["decoder.0", "decoder.1", "decoder"]))
    handle.remove()
    assert len(calls) == len(got) == 2
    z = BATCHES[0]
    assert torch.equal(got[0]["decoder.0"], z / 2 + 1)  # though the relu after it wrote into the same memory
    assert torch.equal(got[0]["decoder.1"], (z / 2 + 1).clamp(min=0))
    assert torch.equal(got[0]["decoder"], got[0][""])
    assert list(got[0]) == ["decoder.0", "decoder.1", "decoder", ""]


def test_what_is_captured_shares_no_memory_with_the_model() -> None:
    model = Doubler()
    first, second = [one["decoder.2"] for one in capture(model, "decode", [BATCHES[0], BATCHES[0]], ["decoder.2"])]
    first.zero_()
    assert torch.equal(second, model.decode(BATCHES[0]).detach())
    assert not second.requires_grad and not second.is_inference()


def test_a_distribution_gives_its_mean_and_conditions_pass_through() -> None:
    model = Doubler()
    assert torch.equal(next(capture(model, "encode", BATCHES, []))[""], 2 * BATCHES[0])
    plain, shifted = (next(capture(model, "decode", BATCHES, [], shift=one))[""] for one in (0.0, 3.0))
    assert torch.allclose(shifted, plain + 3)


def test_numpy_batches_are_taken_and_several_calls_keep_the_last() -> None:
    frozen = np.ones((2, 4))
    frozen.flags.writeable = False
    got = next(capture(Odd(), "go", [frozen], ["pair", "twice"]))
    assert torch.equal(got["pair"], torch.full((2, 4), 2.0))
    assert torch.equal(got["twice"], torch.full((2, 4), 6.0))


def test_wrong_names_are_told_at_once_with_near_ones() -> None:
    with pytest.raises(wb.SpaceError, match=r"Doubler has no space or layer 'decoder.o': did you mean decoder"):
        capture(Doubler(), "decode", BATCHES, ["decoder.o"])
    with pytest.raises(wb.MapError, match="has no map 'decod': it has decode"):
        capture(Doubler(), "decod", BATCHES, [])
    with pytest.raises(wb.MapError, match="has no condition 'steps'"):
        capture(Doubler(), "decode", BATCHES, [], steps=2)


def test_a_layer_that_the_map_does_not_drive_is_an_error() -> None:
    with pytest.raises(wb.MapError, match="map 'decode' does not drive layer 'encoder'"):
        next(capture(Doubler(), "decode", BATCHES, ["encoder"]))
    with pytest.raises(wb.SpaceError, match="layer 'words' gives a str without a tensor"):
        next(capture(Odd(), "go", [torch.ones(2, 4)], ["words"]))


class Failing(nn.Module):
    """Raises what it is told to."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_no_hook_is_left_after_an_error_or_interrupt(error: BaseException) -> None:
    model = Doubler()
    model.decoder[1] = Failing(error)
    with pytest.raises(type(error)):
        list(capture(model, "decode", BATCHES, ["decoder.0", "decoder.1", "decoder.2"]))
    assert hooks_on(model) == 0


def test_no_hook_is_left_after_success_between_batches_or_after_an_early_close() -> None:
    model = Pictures()
    batches: Iterator[torch.Tensor] = (torch.zeros(1, 1, 8, 8) for _ in range(3))
    layers = list(model.layers())
    capturing = capture(model, "classify", batches, layers)
    next(capturing)
    assert hooks_on(model) == 0
    capturing.close()  # type: ignore[attr-defined]
    assert hooks_on(model) == 0
    list(capture(model, "classify", [torch.zeros(1, 1, 8, 8)], layers))
    assert hooks_on(model) == 0


def test_the_batches_may_fail_too() -> None:
    def batches() -> Iterator[torch.Tensor]:
        yield BATCHES[0]
        raise OSError("disk gone")

    model = Doubler()
    with pytest.raises(OSError, match="disk gone"):
        list(capture(model, "decode", batches(), ["decoder"]))
    assert hooks_on(model) == 0


def test_hooks_of_others_stay_and_the_output_is_not_changed() -> None:
    model, seen = Pictures(), []
    model.net.conv.register_forward_hook(lambda *_: seen.append(1))
    x = torch.rand(4, 1, 8, 8)
    plain = model.classify(x)
    got = next(capture(model, "classify", [x], ["net.conv", "head"]))
    assert torch.equal(got[""], plain.detach())
    assert hooks_on(model) == 1 and len(seen) == 2


def test_every_layer_that_the_map_drives_where_none_is_named() -> None:
    model = Doubler()
    (one, _) = capture(model, "decode", BATCHES, None)
    named = next(capture(model, "decode", BATCHES, [name for name in one if name]))
    assert {"decoder", "decoder.0", "decoder.1", "decoder.2"} <= set(one)
    assert all(torch.equal(one[name], named[name]) for name in one)
    assert not [name for name in one if name.startswith("encoder")]
    assert hooks_on(model) == 0
