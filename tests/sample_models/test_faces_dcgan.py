# SPDX-License-Identifier: Apache-2.0
"""The face generator: loading tested with small random weights, the published ones where they are in the cache."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import workbench as wb
from sample_models import assets
from sample_models.faces_dcgan import ASSET, workbench_models
from sample_models.faces_dcgan.model import FacesDcgan, Generator, load_generator

here = pytest.mark.skipif(assets.missing(ASSET) is not None, reason=str(assets.missing(ASSET)))


def published_form(latent: int = 5, width: int = 2) -> nn.Sequential:
    """The generator as the published package writes it (numbered steps), with random weights and statistics."""
    torch.manual_seed(0)
    steps: list[nn.Module] = []
    sizes = [latent, width * 8, width * 4, width * 2, width]
    for index, (entering, leaving) in enumerate(zip(sizes, sizes[1:], strict=False)):
        how = (4, 1, 0) if index == 0 else (4, 2, 1)
        steps += [nn.ConvTranspose2d(entering, leaving, *how, bias=False), nn.BatchNorm2d(leaving), nn.ReLU(True)]
    net = nn.Sequential(*steps, nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())
    net.train()
    for _ in range(3):
        net(torch.randn(8, latent, 1, 1))  # gives batch norm statistics that are not the defaults
    return net.eval()


def checkpoint(path: Path, state: dict[str, Tensor], key: str = "netG_state_dict") -> Path:
    torch.save({key: state}, path)
    return path


def numbered(net: nn.Sequential) -> dict[str, Tensor]:
    return {f"main.{key}": value for key, value in net.state_dict().items()}


def test_loaded_weights_draw_what_the_published_form_draws(tmp_path: Path) -> None:
    theirs = published_form()
    ours = load_generator(checkpoint(tmp_path / "weights.tar", numbered(theirs)))
    z = torch.randn(6, 5, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(ours(z), theirs(z[:, :, None, None]))
    assert not ours.training
    assert not any(getattr(one, "inplace", False) for one in ours.modules())


def test_a_state_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    state = numbered(published_form())
    lacking = {key: value for key, value in state.items() if key != "main.4.running_mean"}
    with pytest.raises(wb.ModelError, match="do not fit the DCGAN generator"):
        load_generator(checkpoint(tmp_path / "lacking.tar", lacking))
    with pytest.raises(wb.ModelError, match="do not fit the DCGAN generator"):
        load_generator(checkpoint(tmp_path / "extra.tar", {**state, "main.20.weight": torch.zeros(1)}))
    with pytest.raises(wb.ModelError, match="holds no DCGAN generator"):
        load_generator(checkpoint(tmp_path / "other.tar", state, key="netD_state_dict"))


def test_without_the_weights_the_card_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    (card,) = workbench_models()
    said = card.missing() or ""
    for part in ("13.3 MB", "licence: MIT", "workbench assets fetch dcgan_faces"):
        assert part in said
    with pytest.raises(wb.ModelError, match="'faces-dcgan' cannot be loaded: the asset 'dcgan_faces'"):
        card.load("cpu")


def test_card_credits_the_weights() -> None:
    (card,) = workbench_models()
    assert "DigiFace-1M" in card.licence
    assert "Chien Liu" in card.provenance
    assert assets.asset("dcgan_faces").path in card.weights


def test_architecture_is_that_of_the_paper() -> None:
    net = Generator()
    assert sum(one.numel() for one in net.parameters()) == 3_576_704
    with torch.no_grad():
        assert net.eval()(torch.zeros(2, 100)).shape == (2, 3, 64, 64)


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return workbench_models()[0].load("cpu")


@here
@torch.no_grad()
def test_faces_are_pictures_of_their_own(model: FacesDcgan) -> None:
    z = model.spaces["z"].example(64, torch.Generator().manual_seed(0))
    faces = model.maps["decode"].point(z)
    assert faces.shape == (64, 3, 64, 64)
    assert faces.amin(dim=(1, 2, 3)).max() < 0 < faces.amax(dim=(1, 2, 3)).max()
    flat = faces.flatten(1)
    assert torch.cdist(flat, flat).fill_diagonal_(torch.inf).min() > 5  # no two alike
    neighbours = nn.functional.cosine_similarity(flat[:, 1:], flat[:, :-1]).mean()
    assert neighbours > 0.9  # smooth, not noise


@here
@torch.no_grad()
def test_a_face_depends_on_its_own_code_alone(model: FacesDcgan) -> None:
    z = model.spaces["z"].example(8, torch.Generator().manual_seed(0))
    together = model.decode(z)
    torch.testing.assert_close(together[3:4], model.decode(z[3:4]), atol=1e-5, rtol=1e-4)
    assert torch.equal(together, model.decode(z))


@here
def test_gradients_reach_the_code(model: FacesDcgan) -> None:
    z = torch.randn(2, 100, generator=torch.Generator().manual_seed(0), requires_grad=True)
    model.decode(z).sum().backward()
    assert z.grad is not None
    assert (z.grad.abs().sum(dim=1) > 0).all()
