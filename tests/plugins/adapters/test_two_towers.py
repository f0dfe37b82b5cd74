# SPDX-License-Identifier: Apache-2.0
"""Two encoders become a model: spaces, maps, unit length, and what is noticed of them."""

from __future__ import annotations

import torch
from torch import nn

import workbench as wb
from plugins.adapters.two_towers import two_towers
from workbench.points import fingerprint, trace


class Letters(nn.Module):
    """Counts of a, b and c in a text, weighed."""

    def __init__(self) -> None:
        super().__init__()
        self.weigh = nn.Linear(3, 3, bias=False)
        nn.init.eye_(self.weigh.weight)

    def forward(self, texts: list[str]) -> torch.Tensor:
        counts: torch.Tensor = self.weigh(
            torch.tensor([[float(one.count(letter)) for letter in "abc"] for one in texts])
        )
        return counts


def model(**changes: object) -> wb.Model:
    look = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    torch.manual_seed(0)
    nn.init.normal_(look[1].weight)
    return two_towers(look, Letters(), pictures=wb.images(1, 2, 2), size=3, **changes)  # type: ignore[arg-type]


def test_spaces_maps_and_layers() -> None:
    made = trace(model())
    assert not made.problems
    assert {name: one.kind for name, one in made.spaces.items()} == {
        "pictures": "images", "captions": "texts", "shared": "vectors",
    }  # fmt: skip
    assert made.space("shared").metric == "cosine"  # type: ignore[attr-defined]
    assert {name: (one.source, one.target) for name, one in made.maps.items()} == {
        "look": ("pictures", "shared"),
        "read": ("captions", "shared"),
    }
    assert {"image_encoder.1", "text_encoder.weigh"} <= set(made.layers)


def test_points_have_unit_length_and_nothing_stays_nothing() -> None:
    read = model().maps["read"]
    assert torch.allclose(read.point(["aab", ""]), torch.tensor([[2.0, 1.0, 0.0], [0, 0, 0]]) / 5**0.5)
    assert model(normalise=False).maps["read"].point(["aab"]).tolist() == [[2.0, 1.0, 0.0]]
    assert torch.allclose(model().maps["look"].point(torch.rand(5, 1, 2, 2)).norm(dim=1), torch.ones(5))


def test_networks_of_functions_are_noticed_when_named() -> None:
    inner = Letters()

    def made(**named: nn.Module) -> str:
        return fingerprint(
            two_towers(nn.Flatten(), lambda texts: inner(texts), pictures=wb.images(1, 1, 3), size=3, networks=named)
        )

    before, unnamed = made(inner=inner), made()
    with torch.no_grad():
        inner.weigh.weight.mul_(2)
    assert made(inner=inner) != before
    assert made() == unnamed
