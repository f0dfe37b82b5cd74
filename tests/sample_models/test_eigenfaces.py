# SPDX-License-Identifier: Apache-2.0
"""Eigenfaces against numpy's singular value decomposition and the theory of principal components."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import workbench as wb
from sample_models import datasets
from sample_models.eigenfaces import workbench_models
from sample_models.eigenfaces.model import COMPONENTS, Eigenfaces
from workbench.points import fingerprint


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return workbench_models()[0].load("cpu")


@pytest.fixture(scope="module")
def faces() -> dict[str, Tensor]:
    data = datasets.open_orl_faces()
    return {split: torch.from_numpy(data.batch(datasets.split_rows(data, split))) for split in ("train", "test")}


@pytest.fixture(scope="module")
def no_faces() -> Tensor:
    """Pictures that are no faces: a ramp, a disc, a checkerboard, stripes."""
    down, across = torch.meshgrid(torch.linspace(-1, 1, 56), torch.linspace(-1, 1, 46), indexing="ij")
    disc = (down**2 + across**2 < 0.4).float()
    board = ((down * 6).floor() + (across * 5).floor()) % 2
    return torch.stack([(across + 1) / 2, disc, board, (down * 20).sin() / 2 + 0.5])[:, None]


def test_encode_and_decode_are_those_of_numpy(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    flat = faces["train"].flatten(1).double().numpy()
    mean = flat.mean(axis=0)
    left, singular, right = np.linalg.svd(flat - mean, full_matrices=False)
    codes = model.maps["encode"](faces["train"]).numpy()
    signs = np.sign((codes * (left * singular)[:, :COMPONENTS]).sum(axis=0))  # a singular vector has a free sign
    np.testing.assert_allclose(codes * signs, (left * singular)[:, :COMPONENTS], atol=2e-4)
    known = (flat[:4] - mean) @ right[:10].T @ right[:10] + mean
    back = model.maps["decode"](model.maps["encode"](faces["train"][:4]), components=10)
    np.testing.assert_allclose(back.flatten(1).numpy(), known.clip(0, 1), atol=1e-5)


def test_encoding_is_the_dot_product_with_each_eigenface(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    by_hand = ((faces["test"] - model.mean.view(1, 1, 56, 46)) * model.eigenfaces()[7]).sum(dim=(1, 2, 3))
    torch.testing.assert_close(model.encode(faces["test"])[:, 7], by_hand, atol=1e-4, rtol=1e-4)


def test_eigenfaces_are_orthonormal_and_their_largest_entry_is_positive(model: Eigenfaces) -> None:
    basis = model.eigenfaces().flatten(1)
    torch.testing.assert_close(basis @ basis.T, torch.eye(COMPONENTS), atol=2e-6, rtol=0)
    largest = basis.gather(1, basis.abs().argmax(dim=1, keepdim=True))
    assert (largest > 0).all()


def test_training_codes_have_the_mean_and_spread_of_the_prior(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    codes = model.encode(faces["train"])
    prior = model.spaces["z"].prior  # type: ignore[attr-defined]
    assert codes.mean(dim=0).abs().max() < 1e-4
    np.testing.assert_allclose(codes.std(dim=0, correction=0).numpy(), prior.std, rtol=1e-3)
    assert (np.diff(prior.std) <= 0).all()
    draw = prior.sample(4000, COMPONENTS, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(draw.std(dim=0).numpy(), prior.std, rtol=0.08)


@pytest.mark.parametrize("split", ["train", "test"])
def test_error_falls_with_every_component(model: Eigenfaces, faces: dict[str, Tensor], split: str) -> None:
    steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 300, COMPONENTS]
    errors = torch.stack([model.reconstruction_error(faces[split], count)[1] for count in steps])
    assert (errors.diff(dim=0) <= 1e-6).all()  # each picture's L2, step by step
    means = torch.stack([model.reconstruction_error(faces[split], count)[0].mean() for count in steps])
    assert (means.diff() < 0).all()


def test_all_components_give_training_faces_back(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    l1, l2 = model.reconstruction_error(faces["train"], COMPONENTS)
    assert l1.max() < 1e-5
    assert l2.max() < 1e-5
    assert model.reconstruction_error(faces["test"], COMPONENTS)[1].min() > 0.01


def test_error_with_no_component_is_the_distance_to_the_mean_face(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    away = faces["test"].flatten(1) - model.mean
    l1, l2 = model.reconstruction_error(faces["test"], 0)
    torch.testing.assert_close(l1, away.abs().mean(dim=1))
    torch.testing.assert_close(l2, away.square().mean(dim=1).sqrt())


def test_what_is_no_face_comes_back_nearer_to_the_faces(
    model: Eigenfaces, faces: dict[str, Tensor], no_faces: Tensor
) -> None:
    def nearest_face(pictures: Tensor) -> Tensor:
        return torch.cdist(pictures.flatten(1), faces["train"].flatten(1)).min(dim=1).values

    back = model.decode(model.encode(no_faces), components=10)
    model.spaces["pixels"].validate(back)
    assert (nearest_face(back) < 0.8 * nearest_face(no_faces)).all()
    assert (model.reconstruction_error(back, 10)[1] < 0.5 * model.reconstruction_error(no_faces, 10)[1]).all()
    # and faces lie nearer to the space than anything else does
    assert model.reconstruction_error(faces["test"], 10)[1].max() < model.reconstruction_error(no_faces, 10)[1].min()


def test_components_cut_codes_and_pictures_alike(model: Eigenfaces, faces: dict[str, Tensor]) -> None:
    codes = model.encode(faces["test"], components=12)
    assert (codes[:, 12:] == 0).all()
    assert (codes[:, :12] != 0).all()
    torch.testing.assert_close(model.decode(codes), model.decode(model.encode(faces["test"]), components=12))
    for name in ("encode", "decode"):
        (condition,) = model.maps[name].conditions
        assert (condition.name, condition.type, condition.default) == ("components", "int", COMPONENTS)
    with pytest.raises(wb.MapError, match="components is 320: eigenfaces has 0 to 319 of them"):
        model.decode(codes, components=320)


def test_decode_inverts_encode_on_the_face_space(model: Eigenfaces) -> None:
    codes = model.spaces["z"].example(8, torch.Generator().manual_seed(1)) / 4  # near the mean nothing is cut
    torch.testing.assert_close(model.encode(model.decode(codes)), codes, atol=1e-4, rtol=1e-4)


def test_fingerprint_does_not_hang_on_rounding(model: Eigenfaces) -> None:
    before = fingerprint(model)
    kept = model.basis
    model.basis = kept * (1 + 1e-7)  # what another number of threads does to a decomposition
    try:
        assert fingerprint(model) == before
    finally:
        model.basis = kept
    other = Eigenfaces()
    other.training_faces = other.training_faces[::-1].copy()
    assert fingerprint(other) != before


def test_gradients(model: Eigenfaces) -> None:
    code = torch.zeros(1, COMPONENTS, requires_grad=True)
    model.decode(code)[0, 0, 30, 20].backward()  # type: ignore[no-untyped-call]
    assert code.grad is not None
    torch.testing.assert_close(code.grad[0], model.eigenfaces()[:, 0, 30, 20])


def test_eigenfaces_can_be_looked_at(model: Eigenfaces) -> None:
    drawn = model.maps["eigenface"].point(torch.arange(COMPONENTS))
    assert drawn.shape == (COMPONENTS, 1, 56, 46)
    shown = (drawn - 0.5).flatten(1)
    torch.testing.assert_close(shown.abs().amax(dim=1), torch.full((COMPONENTS,), 0.5))
    cosine = torch.nn.functional.cosine_similarity(shown, model.eigenfaces().flatten(1))
    torch.testing.assert_close(cosine, torch.ones(COMPONENTS))


def test_faces_from_the_prior_are_as_near_to_faces_as_held_out_faces_are(
    model: Eigenfaces, faces: dict[str, Tensor]
) -> None:
    codes = model.spaces["z"].example(64, torch.Generator().manual_seed(2))
    drawn = model.maps["decode"].point(codes)
    mean = model.mean.view(1, 1, 56, 46)
    spread = [float((pictures - mean).square().mean().sqrt()) for pictures in (drawn, faces["test"])]
    assert spread[0] == pytest.approx(spread[1], rel=0.15)
