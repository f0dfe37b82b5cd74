# SPDX-License-Identifier: Apache-2.0
"""Models, maps and conditions: what a class declares, what an instance adds, and what is refused."""

from __future__ import annotations

import sys
import types
from typing import Any, Literal

import numpy as np
import pytest
import torch

import workbench as wb
from registry.arrays import is_tensor
from registry.maps import Condition, MapDescription, conditions_of


class Small(wb.Model):
    """A tiny autoencoder."""

    x = wb.vectors(4)
    z = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.Tanh()).to(device)
        self.heads = [torch.nn.Linear(2, 4), self.net[0]]
        self.named = {"one": torch.nn.Linear(1, 1)}
        self.offset = torch.ones(2)
        self.table = np.arange(3)

    @wb.maps(x, to=z)
    def encode(self, x: torch.Tensor) -> torch.distributions.Normal:
        """Mean and spread of the code."""
        mean = self.net(x)
        return torch.distributions.Normal(mean, torch.full_like(mean, 0.5))

    @wb.maps(z, to=x)
    def decode(
        self, z: torch.Tensor, *, steps: int = 3, gain: float = 1.0, mode: Literal["soft", "hard"] = "soft"
    ) -> torch.Tensor:
        return self.heads[0](z) * gain * steps


def test_spaces_and_maps_of_the_class() -> None:
    model = Small()
    assert list(model.spaces) == ["x", "z"]
    assert {name: (one.source.name, one.target.name) for name, one in model.maps.items()} == {
        "encode": ("x", "z"),
        "decode": ("z", "x"),
    }
    assert model.maps["encode"].description == "Mean and spread of the code."
    assert [one.name for one in model.maps_from("z")] == ["decode"]
    assert model.maps_from("z", "z") == []
    assert model.space("z") is Small.z


def test_a_map_gives_what_the_author_returns_and_point_gives_the_mean() -> None:
    model, batch = Small(), torch.zeros(3, 4)
    out = model.encode(batch)
    assert isinstance(out, torch.distributions.Normal)
    point, spread = model.encode.point_and_spread(batch)
    assert torch.equal(point, out.mean)
    assert torch.equal(spread, out.stddev)
    assert model.decode.point_and_spread(point)[1] is None


def test_conditions_are_read_off_the_signature() -> None:
    assert Small().decode.conditions == (
        Condition("steps", "int", 3),
        Condition("gain", "float", 1.0),
        Condition("mode", "str", "soft", ("soft", "hard")),
    )
    assert Small().encode.conditions == ()
    assert isinstance(Small().decode.describe(), MapDescription)


def test_conditions_are_converted_and_reach_the_function() -> None:
    model, z = Small(), torch.ones(1, 2)
    base = model.decode(z, steps=1)
    assert torch.allclose(model.decode(z, steps="2", gain=2), 4 * base)


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"step": 1}, "map 'decode' has no condition 'step': it has steps, gain, mode"),
        ({"steps": "many"}, "condition 'steps' of map 'decode' wants int, got 'many'"),
        ({"gain": None}, "wants float, got None"),
        ({"mode": "loud"}, r"must be one of \['soft', 'hard'\]"),
    ],
)
def test_wrong_conditions_are_named(conditions: dict[str, Any], words: str) -> None:
    with pytest.raises(wb.MapError, match=words):
        Small().decode(torch.ones(1, 2), **conditions)
    with pytest.raises(wb.MapError, match="it has none"):
        Small().encode(torch.ones(1, 4), steps=1)


def test_conditions_without_hints_take_the_type_of_their_default() -> None:
    def bare(x, *, flag=True, size=0.5):  # type: ignore[no-untyped-def]
        return x

    assert [(one.name, one.type) for one in conditions_of(bare, "bare")] == [("flag", "bool"), ("size", "float")]


def test_condition_of_another_type_is_refused() -> None:
    def odd(x: Any, *, sizes: list[int] = []) -> Any:  # noqa: B006 - what is refused
        return x

    with pytest.raises(wb.MapError, match="must be int, float, bool, str or Literal"):
        conditions_of(odd, "odd")


def returns(value: Any) -> wb.Model:
    class Returns(wb.Model):
        z = wb.vectors(2)

        @wb.maps(z, to=z)
        def f(self, z: torch.Tensor) -> Any:
            return value

    return Returns()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "returned no batch of its target: space 'z' .* got a NoneType"),
        (torch.zeros(3, 5), r"got shape \[3, 5\], expected \[n, 2\]"),
        (torch.full((3, 2), torch.nan), "3 of 3 rows hold NaN"),
        (torch.zeros(2, 2), "took 3 rows and returned 2"),
    ],
    ids=["nothing", "shape", "NaN", "rows"],
)
def test_point_refuses_what_is_no_batch_of_the_target(value: Any, words: str) -> None:
    with pytest.raises(wb.MapError, match=f"map 'f' .*{words}|{words}"):
        returns(value).maps["f"].point(torch.zeros(3, 2))


def test_a_map_wants_spaces() -> None:
    with pytest.raises(wb.MapError, match="target of a map must be a space, got str"):
        wb.maps(wb.vectors(1), to="z")  # type: ignore[arg-type]


def test_a_map_wants_spaces_of_its_class() -> None:
    with pytest.raises(wb.MapError, match="map 'f' of Bad uses a space that is no attribute"):

        class Bad(wb.Model):
            z = wb.vectors(1)

            @wb.maps(wb.vectors(1), to=z)
            def f(self, z: Any) -> Any: ...


def test_a_subclass_inherits_replaces_and_removes() -> None:
    class Sub(Small):
        extra = wb.scalars()
        encode = None  # type: ignore[assignment]

        @wb.maps(Small.z, to=Small.x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return torch.zeros(len(z), 4)

    model = Sub()
    assert list(model.spaces) == ["x", "z", "extra"]
    assert list(model.maps) == ["decode"]
    assert float(model.decode(torch.ones(1, 2)).sum()) == 0
    assert list(Small().maps) == ["encode", "decode"]


def test_spaces_and_maps_added_on_the_instance() -> None:
    model = Small()
    added = model.add_space("w.1", wb.vectors(3))
    model.add_map("lift", lambda z, *, k=1: torch.ones(len(z), 3) * k, "z", added)
    assert added.name == "w.1"
    assert model.maps["lift"].conditions == (Condition("k", "int", 1),)
    assert float(model.maps["lift"].point(torch.zeros(1, 2), k=2)[0, 0]) == 2
    assert "w.1" not in Small().spaces
    for act, words in (
        (lambda: model.add_space("z", wb.vectors(1)), "already has a space 'z'"),
        (lambda: model.add_space("no name", wb.vectors(1)), "cannot name a space"),
        (lambda: model.add_map("lift", lambda x: x, "z", "z"), "already has a map 'lift'"),
        (lambda: model.add_map("m", lambda x: x, "z", "q"), "has no space 'q': it has x, z, w.1"),
    ):
        with pytest.raises(wb.WorkbenchError, match=words):
            act()


def test_a_torch_that_another_thread_is_importing_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(wb.Model):
        x = wb.vectors(2)

        def __init__(self) -> None:
            self.table = np.arange(3)

    begun = types.ModuleType("torch")
    for held in (begun, None):
        monkeypatch.setitem(sys.modules, "torch", held)
        assert Plain().modules() == {} and [name for name, _ in Plain().tensors()] == ["table"]
    begun.nn = types.ModuleType("torch.nn")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", begun)
    assert Plain().modules() == {} and not is_tensor(np.arange(3))


def test_networks_layers_and_tensors_are_found_once() -> None:
    model = Small()
    assert set(model.modules()) == {"net", "heads.0", "heads.1", "named.one"}
    layers = model.layers()
    assert {"net", "net.0", "net.1", "heads.0", "named.one"} == set(layers)  # heads.1 is net.0
    assert len({id(one) for one in layers.values()}) == len(layers)
    names = [name for name, _ in model.tensors()]
    assert names == [name for name, _ in Small().tensors()]
    assert {"net.0.weight", "heads.0.bias", "named.one.weight", "offset", "table"} <= set(names)


def test_card_loads_in_evaluation_mode_and_names_what_is_missing() -> None:
    model = wb.ModelCard("small", Small).load()
    assert not any(layer.training for layer in model.layers().values())
    with pytest.raises(wb.ModelError, match="'small' cannot be loaded: fetch the weights"):
        wb.ModelCard("small", Small, requires=lambda: "fetch the weights").load()
    with pytest.raises(wb.ModelError, match="is a int, expected a workbench.Model"):
        wb.ModelCard("number", lambda device: 3).load()  # type: ignore[arg-type,return-value]
    assert wb.ModelCard("small", Small).description == "A tiny autoencoder."


def test_cards_by_import_string() -> None:
    with pytest.raises(wb.PluginError, match="does not lead to anything that can be called"):
        wb.ModelCard("m", "registry.priors:nothing").load()
    for target in ("registry.priors", ":normal", "registry.priors:"):
        with pytest.raises(wb.PluginError, match="write 'package.module:Name'"):
            wb.ModelCard("m", target)
        with pytest.raises(wb.PluginError, match="write 'package.module:Name'"):
            wb.DatasetCard("d", target)


def test_data_sets() -> None:
    import pandas as pd

    stored = np.arange(12, dtype=np.uint8).reshape(3, 4)
    data = wb.ArrayDataset(stored, wb.vectors(4), pd.DataFrame({"label": [1, 2, 3]}), scale=0.5, offset=1)
    assert data.batch(np.array([2, 0])).tolist() == [[5, 5.5, 6, 6.5], [1, 1.5, 2, 2.5]]
    assert data.batch(np.array([0])).dtype == np.float32
    assert wb.DatasetCard("d", lambda: data).open() is data
    same = wb.ArrayDataset(stored.copy(), wb.vectors(4), data.columns.copy(), scale=0.5, offset=1)
    assert same.fingerprint() == data.fingerprint()
    others = [
        wb.ArrayDataset(stored + 1, wb.vectors(4), data.columns, scale=0.5, offset=1),
        wb.ArrayDataset(stored, wb.vectors(4), data.columns + 1, scale=0.5, offset=1),
        wb.ArrayDataset(stored, wb.vectors(4, metric="cosine"), data.columns, scale=0.5, offset=1),
        wb.ArrayDataset(stored, wb.vectors(4), data.columns, scale=0.25, offset=1),
    ]
    assert len({one.fingerprint() for one in (data, *others)}) == 5
    assert len(wb.ArrayDataset(stored, wb.vectors(4)).columns) == 3
    with pytest.raises(wb.DataError, match="3 rows and its columns 2"):
        wb.ArrayDataset(stored, wb.vectors(4), pd.DataFrame({"a": [1, 2]}))
    with pytest.raises(wb.DataError, match="is a int, expected a workbench.Dataset"):
        wb.DatasetCard("d", lambda: 3).open()  # type: ignore[arg-type,return-value]
