# SPDX-License-Identifier: Apache-2.0
"""Photographs with their licences, and the networks of natural images that are looked at with them."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from sample_models import assets, efficientnet, photographs, squeezenet, vgg16
from sample_models.efficientnet.nets import EfficientNetLite0, SamePadded
from sample_models.efficientnet.nets import load_net as load_efficientnet
from sample_models.imagenet import CaffeInput
from sample_models.imagenet_names import class_names
from sample_models.photographs.credits import PHOTOGRAPHS
from sample_models.photographs.datasets import open_photographs, row_of
from sample_models.scripts.make_squeezenet import ArraysOnly, short_names, state_of
from sample_models.squeezenet.nets import SqueezeNet
from sample_models.vgg16.nets import BLOCKS, Vgg16Features, read_weights
from sample_models.vgg16.nets import load_net as load_vgg16

CARDS = [*squeezenet.workbench_models(), *efficientnet.workbench_models(), *vgg16.workbench_models()]
efficientnet_missing = assets.missing(efficientnet.ASSET)
efficientnet_here = pytest.mark.skipif(efficientnet_missing is not None, reason=str(efficientnet_missing))
vgg16_here = pytest.mark.skipif(vgg16.missing() is not None, reason=str(vgg16.missing()))


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    data = open_photographs()
    return torch.from_numpy(data.batch(np.arange(len(data))))


@torch.no_grad()
def likeliest(model: Any, pictures: torch.Tensor, name: str) -> tuple[str, float]:
    share, at = model.classify(pictures[row_of(name)][None]).softmax(dim=1)[0].max(dim=0)
    return model.logits.names[int(at)], float(share)


def test_photographs_are_small_and_each_has_a_licence_and_a_credit() -> None:
    data = open_photographs()
    assert len(data) == len(PHOTOGRAPHS) == 12
    data.space.validate(data.batch(np.arange(12)))
    assert set(data.columns["licence"]) == {"CC0 1.0", "public domain", "CC BY 2.0"}
    assert data.columns[["name", "shows", "licence", "credit"]].map(len).min().min() > 3
    folder = Path(photographs.__file__).parent
    assert sum(one.stat().st_size for one in folder.glob("*.jpg")) < 400_000
    assert {one.stem for one in folder.glob("*.jpg")} == set(data.columns["name"])
    words = (folder / "CARD.md").read_text()
    for one in PHOTOGRAPHS:
        assert f"| {one.name} |" in words and f"| {one.licence} |" in words


def test_names_of_the_classes_differ() -> None:
    assert len(class_names()) == len(set(class_names())) == 1000
    assert short_names({"0": "crane", "1": "tench, Tinca", "2": "Crane, hoist"}) == ["crane (0)", "tench", "Crane (2)"]


def test_input_is_turned_to_caffes_colours() -> None:
    red = torch.zeros(1, 3, 1, 1)
    red[0, 0] = 1.0
    torch.testing.assert_close(CaffeInput((1.0, 2.0, 3.0))(red).flatten(), torch.tensor([-1.0, -2.0, 252.0]))


def test_squeezenet_tells_what_it_should(pictures: torch.Tensor) -> None:
    model = CARDS[0].load("cpu")
    assert likeliest(model, pictures, "chelsea") == ("Egyptian cat", pytest.approx(0.47, abs=0.01))
    assert likeliest(model, pictures, "coffee") == ("espresso", pytest.approx(0.98, abs=0.01))
    assert sum(one.numel() for one in model.net.parameters()) == 1_235_496
    assert squeezenet.WEIGHTS.stat().st_size < 2_500_000
    with torch.no_grad():
        assert model.net(torch.rand(1, 3, 97, 33)).shape == (1, 1000)


def test_squeezenet_is_read_as_numbers_only() -> None:
    state = SqueezeNet().state_dict()
    published = {}
    for name, value in state.items():
        layer, _, tensor = name.partition(".")[2].rpartition(".")
        if tensor == "weight":
            kernel, bias = value.numpy().transpose(2, 3, 1, 0), state[name.replace("weight", "bias")].numpy()
            published[layer.replace(".squeeze", "/squeeze1x1").replace(".", "/")] = [kernel, bias]
    back = state_of(published)
    assert all(torch.equal(back[name].float(), value.half().float()) for name, value in state.items())

    class Bad:
        def __reduce__(self) -> Any:
            return (print, ("run",))

    with pytest.raises(pickle.UnpicklingError, match=r"asks for builtins.print"):
        ArraysOnly(io.BytesIO(pickle.dumps(Bad()))).load()


@efficientnet_here
def test_efficientnet_tells_what_it_should(pictures: torch.Tensor) -> None:
    model = CARDS[1].load("cpu")
    assert likeliest(model, pictures, "coffee") == ("espresso", pytest.approx(0.94, abs=0.01))
    assert likeliest(model, pictures, "chelsea")[0] in ("Egyptian cat", "tiger cat")
    assert sum(one.numel() for one in model.net.parameters()) == 4_652_008
    assert not any(getattr(one, "inplace", False) for one in model.net.modules())


def test_padding_is_that_of_tensorflow() -> None:
    """ "Same" with stride 2 and kernel 3 on an even side pads right and below only: a corner is seen by one place."""
    net = SamePadded(1, 1, 3, 2, bias=False)
    torch.nn.init.ones_(net.weight)
    seen = net(torch.arange(16.0).reshape(1, 1, 4, 4))
    assert seen.flatten().tolist() == [45.0, 39.0, 66.0, 50.0]


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"_fc.weight": torch.zeros(2)}, path)
    with pytest.raises(wb.ModelError, match="'other.pth' holds no EfficientNet-Lite0"):
        load_efficientnet(path)
    (tmp_path / "other.h5").write_bytes(b"nothing")
    pytest.importorskip("h5py")
    with pytest.raises(wb.ModelError, match="'other.h5' holds no convolutions of VGG-16"):
        load_vgg16(tmp_path / "other.h5")
    assert sum(one.numel() for one in EfficientNetLite0().parameters()) == 4_652_008


def test_vgg16_reads_kernels_in_the_right_order(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path, entering = tmp_path / "weights.h5", 3
    with h5py.File(path, "w") as file:
        for block, widths in enumerate(BLOCKS, start=1):
            for number, leaving in enumerate(widths):
                place = f"block{block}/layers/conv2d{f'_{number}' if number else ''}/vars"
                kernel = np.zeros((3, 3, entering, leaving), dtype=np.float32)
                kernel[0, 1, 2, 5] = block + number / 10
                file[f"{place}/0"], file[f"{place}/1"] = kernel, np.full(leaving, number, dtype=np.float32)
                entering = leaving
    state = read_weights(path)
    assert state["features.conv3_2.weight"][5, 2, 0, 1] == pytest.approx(3.1)
    assert state["features.conv5_3.bias"].unique().tolist() == [2.0]


def test_vgg16_halves_and_rounds_up() -> None:
    net = Vgg16Features(((2,), (3,), (4,)))
    assert net(torch.rand(1, 3, 9, 16)).shape == (1, 4, 3, 4)
    assert sum(one.numel() for one in Vgg16Features().parameters()) == 14_714_688


@vgg16_here
def test_vgg16_finds_outlines(pictures: torch.Tensor) -> None:
    """The published side output on the first block is larger where brightness changes."""
    import h5py

    net = load_vgg16(assets.asset(vgg16.ASSET).path)
    with h5py.File(assets.asset(vgg16.ASSET).path) as file:
        side = torch.from_numpy(file["dsn1/vars/0"][()].reshape(1, 64, 1, 1))
    one = pictures[row_of("china")][None]
    with torch.no_grad():
        outlines = torch.nn.functional.conv2d(net.features[:5](one), side)[0, 0].numpy()
    grey = one[0].mean(dim=0).numpy()
    slope = np.hypot(*np.gradient(grey))
    order = [np.argsort(np.argsort(part.ravel()[::7])) for part in (outlines, slope)]
    assert np.corrcoef(*order)[0, 1] > 0.5


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_cards_tell_what_a_user_needs(card: wb.ModelCard) -> None:
    assert all((card.title, card.description, card.licence, card.provenance, card.tags))
    assert card.data == "photographs"
    words = (Path(sys.modules[f"sample_models.{card.name}"].__file__ or "").parent / "CARD.md").read_text()
    for heading in ("## Data", "## Licence", "## How it was made", "## Measured", "## Known limits"):
        assert heading in words


def test_listing_imports_nothing_heavy_and_says_what_is_missing() -> None:
    script = (
        "import sys; from sample_models import squeezenet, efficientnet, vgg16, photographs, spirals, face_expression\n"
        "every = [squeezenet, efficientnet, vgg16, spirals, face_expression]\n"
        "cards = [card for one in every for card in one.workbench_models()]\n"
        "cards += [card for one in (photographs, spirals, face_expression) for card in one.workbench_datasets()]\n"
        "said = [card.missing() for card in cards]\n"
        "print([one for one in ('torch', 'pandas', 'h5py') if one in sys.modules], len(cards))\n"
        "print(sum('workbench assets fetch' in (one or '') for one in said))"
    )
    nowhere = {"WORKBENCH_CACHE": "/nowhere", "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=nowhere)
    assert done.stdout.split("\n")[:2] == ["[] 9", "3"]
