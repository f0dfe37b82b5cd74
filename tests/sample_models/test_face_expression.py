# SPDX-License-Identifier: Apache-2.0
"""The network of expressions: its port against the published code, and what it says of real and of generated faces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import workbench as wb
from sample_models import assets, face_expression, faces_dcgan
from sample_models.face_expression.net import EXPRESSIONS, MANIFEST, ExpressionNet, load_net, read_weights
from sample_models.face_expression.scoring import framed, happy, probabilities, probabilities_by
from sample_models.faces_dcgan.labels import rows_of

missing = assets.missing(face_expression.ASSET)
here = pytest.mark.skipif(missing is not None, reason=f"the published weights are needed: {missing}")
faces_missing = assets.missing(faces_dcgan.ASSET)
faces_here = pytest.mark.skipif(faces_missing is not None, reason=f"faces are needed: {faces_missing}")

PUBLISHED = (
    (0.9064764976501465, 0.04922734200954437, 0.008101120591163635, 0.014413418248295784, 2.967042860291258e-07),
    (0.9989550113677979, 0.00018077441200148314, 0.00005618735667672352, 0.0007881922647356987, 3.143365776003826e-11),
)
"""First five probabilities that face-api.js 1.7.15 itself gives, on its own CPU backend, for the two pictures below."""


def pictures() -> np.ndarray:
    """Waves, and spots that are shifted by colour: float32 ``[2, 3, 112, 112]`` in 0..1."""
    c, h, w = np.meshgrid(np.arange(3), np.arange(112), np.arange(112), indexing="ij")
    waves = 0.5 + 0.5 * np.sin(0.1 * h * (c + 1) + 0.07 * w)
    spots = np.exp(-((h - 56) ** 2 + (w - 50 - 5 * c) ** 2) / 900)
    return np.stack([waves, spots]).astype(np.float32)


def raw(value: int, bias: float) -> bytes:
    """A file of the published form: one byte in every packed tensor, one number in every bias."""
    parts = []
    for one in json.loads(MANIFEST.read_text())[0]["weights"]:
        count = int(np.prod(one["shape"]))
        packed = "quantization" in one
        parts.append(bytes([value]) * count if packed else np.full(count, bias, "<f4").tobytes())
    return b"".join(parts)


def test_weights_are_unpacked_by_scale_and_least_value() -> None:
    state = read_weights(raw(200, 0.25))
    first = json.loads(MANIFEST.read_text())[0]["weights"][0]["quantization"]
    wanted = 200 * first["scale"] + first["min"]
    torch.testing.assert_close(state["dense0.conv0.filters.weight"], torch.full((32, 3, 3, 3), wanted))
    assert state["dense3.conv0.depthwise.weight"].shape == (128, 1, 3, 3)
    assert state["dense3.conv0.pointwise.weight"].shape == (256, 128, 1, 1)
    assert state["fc.bias"].tolist() == [0.25] * 7
    net = ExpressionNet()
    net.load_state_dict(state, strict=True)
    assert sum(one.numel() for one in net.parameters()) == 323_687


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.bin"
    path.write_bytes(raw(1, 0.0)[:-1])
    with pytest.raises(wb.ModelError, match=r"'short.bin' has 329,467 bytes, the manifest says 329,468"):
        load_net(path)


def test_pictures_are_framed_to_a_square_with_black_added() -> None:
    tall = framed(torch.ones(2, 1, 112, 56))
    assert tall.shape == (2, 3, 112, 112)
    assert tall[:, :, :, 28:84].eq(1).all()
    assert tall.sum() == 2 * 3 * 112 * 56
    torch.testing.assert_close(framed(torch.full((1, 3, 64, 64), 0.3)), torch.full((1, 3, 112, 112), 0.3))


def test_probabilities_by_a_net_add_up_in_any_batch() -> None:
    torch.manual_seed(0)
    net = ExpressionNet().eval()
    many = np.random.default_rng(0).random((70, 3, 48, 48)).astype(np.float32)
    found = probabilities_by(net, many)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found[66:68], probabilities_by(net, many[66:68]), atol=1e-6)
    assert probabilities_by(net, many[:0]).shape == (0, 7)


def test_without_the_weights_the_scorers_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    for scorer in face_expression.workbench_scorers():
        said = scorer.lacks(wb.images(3, 64, 64)) or ""
        for part in ("'face_expression'", "12.7 MB", "MIT", "workbench assets fetch face_expression"):
            assert part in said
        with pytest.raises(wb.DataError, match="the asset 'face_expression'"):
            scorer(np.zeros((1, 3, 64, 64), dtype=np.float32))
    assert list(tmp_path.iterdir()) == []


def test_scorers_take_faces_large_enough_of_one_or_three_channels() -> None:
    smile, surprise = face_expression.workbench_scorers()
    assert (smile.name, surprise.name) == ("smile", "surprise")
    assert "at least 48 pixels" in (smile.lacks(wb.images(3, 32, 32)) or "")
    assert "1 or 3 channels" in (smile.lacks(wb.images(2, 64, 64)) or "")
    assert "not stated" in smile.licence
    assert assets.asset("face_expression").registry == "npm"


@here
def test_the_port_agrees_with_the_published_code() -> None:
    found = probabilities(pictures())
    np.testing.assert_allclose(found[:, :5], PUBLISHED, rtol=1e-3, atol=1e-6)


@here
def test_of_real_faces_about_38_percent_are_happy() -> None:
    held = np.load(Path(assets.__file__).parent / "data" / "orl_half.npz")["images"]
    found = probabilities((held[:, None] / 255).astype(np.float32))
    happier = (found.argmax(axis=1) == EXPRESSIONS.index("happy")).mean()
    assert 0.34 < happier < 0.42  # 36 %; an independent reading of the same weights gave 38 % at full size


@here
@faces_here
def test_smiles_of_generated_faces_agree_with_the_eye_and_follow_the_code() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_score

    from sample_models.faces_dcgan.model import FacesDcgan
    from sample_models.faces_dcgan.train_glasses import drawn
    from workbench.points import sample_prior

    faces = drawn(600)
    codes = sample_prior(FacesDcgan.z, np.arange(600), 0)
    smile = happy(faces)
    yes, no = rows_of("smile", "y"), rows_of("smile", "n")
    by_eye = roc_auc_score(np.repeat([1, 0], [len(yes), len(no)]), smile[np.concatenate([yes, no])])
    assert by_eye > 0.94  # 0.98
    happier = smile > np.median(smile)
    predicted = cross_val_score(LogisticRegression(C=0.01), codes, happier, cv=5).mean()
    assert 0.64 < predicted < 0.78  # 0.69; 0.67 to 0.74 over other seeds, 0.74 in an independent reading


def test_the_model_takes_faces_as_the_scorers_frame_them() -> None:
    (card,) = face_expression.workbench_models()
    (data_card,) = face_expression.workbench_datasets()
    data = data_card.open()
    batch = data.batch(np.array([0, 399]))
    data.space.validate(batch)
    assert (batch.shape, card.data, len(data)) == ((2, 3, 112, 112), data_card.name, 400)
    assert list(data.columns) == ["person", "picture", "split"]
    if missing is None:
        model = card.load("cpu")
        shares = model.classify(torch.from_numpy(batch)).softmax(dim=1)
        faces = data.faces.batch(np.array([0, 399]))
        np.testing.assert_allclose(shares.detach().numpy(), probabilities(faces), atol=1e-4)
        assert model.logits.names == EXPRESSIONS
