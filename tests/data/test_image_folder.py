# SPDX-License-Identifier: Apache-2.0
"""Folders of images."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import workbench as wb
from registry.arrays import Array
from workbench.data import open_path

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
COLOUR = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def write(path: Path, values: Array) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return path


def test_pixels_labels_and_order(tmp_path: Path) -> None:
    for name in ("b/2.png", "a/1.bmp", "a/0.tif"):
        write(tmp_path / name, COLOUR)
    write(tmp_path / "b/3.png", 255 - COLOUR)
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.png").write_text("no image")
    data = open_path(tmp_path)
    assert data.space == wb.images(3, 6, 8) and len(data) == 4
    assert data.columns["file"].tolist() == ["a/0.tif", "a/1.bmp", "b/2.png", "b/3.png"]
    assert data.columns["folder"].tolist() == ["a", "a", "b", "b"]
    batch = data.batch(np.array([3, 0]))
    assert batch.dtype == np.float32
    assert np.allclose(batch[1], COLOUR.transpose(2, 0, 1) / 255, atol=1e-7)
    assert np.allclose(batch[0], 1 - batch[1], atol=1e-6)
    data.space.validate(batch)


def test_the_mode_of_the_majority_or_the_one_asked_for(tmp_path: Path) -> None:
    for number in range(2):
        write(tmp_path / f"{number}.png", GREY)
    write(tmp_path / "colour.png", COLOUR)
    assert open_path(tmp_path).space == wb.images(1, 6, 8)
    data = open_path(tmp_path, mode="RGB")
    assert data.space == wb.images(3, 6, 8)
    assert np.array_equal(data.batch(np.array([0]))[0, 1], data.batch(np.array([0]))[0, 2])
    with pytest.raises(wb.DataError, match="mode = 'CMYK' is not known"):
        open_path(tmp_path, mode="CMYK")


def test_transparency_palettes_bits_and_deep_grey(tmp_path: Path) -> None:
    Image.fromarray(COLOUR).convert("RGBA").save(tmp_path / "a.png")
    Image.fromarray(COLOUR).quantize(256).save(tmp_path / "b.png")
    Image.fromarray(COLOUR).convert("CMYK").save(tmp_path / "c.jpg", quality=100)
    data = open_path(tmp_path)
    assert data.space == wb.images(3, 6, 8)
    assert np.allclose(data.batch(np.array([0]))[0], COLOUR.transpose(2, 0, 1) / 255, atol=1e-7)
    deep = tmp_path / "deep"
    deep.mkdir()
    values = GREY.astype(np.uint16) * 257
    Image.fromarray(values).save(deep / "d.png")
    Image.fromarray(GREY > 100).save(deep / "e.png")
    data = open_path(deep)
    assert data.space == wb.images(1, 6, 8)
    assert np.allclose(data.batch(np.array([0]))[0, 0], GREY / 255, atol=1e-7)
    assert np.array_equal(data.batch(np.array([1]))[0, 0], (GREY > 100).astype(np.float32))


def test_photographs_stand_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(COLOUR).save(tmp_path / "a.png", exif=exif)
    data = open_path(tmp_path)
    assert data.space == wb.images(3, 8, 6)
    assert np.allclose(data.batch(np.array([0]))[0], np.rot90(COLOUR, -1).transpose(2, 0, 1) / 255, atol=1e-7)


def test_sizes_are_changed_only_when_asked(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write(tmp_path / name, GREY)
    write(tmp_path / "c.png", GREY[:5])
    with pytest.raises(wb.DataError, match="2 sizes: most are 6 x 8, 'c.png' is 5 x 8; give size=6,8"):
        open_path(tmp_path)
    for size in ([4, 3], "4,3", "4x3"):
        assert open_path(tmp_path, size=size).batch(np.arange(3)).shape == (3, 1, 4, 3)
    assert open_path(tmp_path, size=5).space == wb.images(1, 5, 5)
    for wrong in ("a", [1, 2, 3], 0, [0, 4]):
        with pytest.raises(wb.DataError, match="is none: give one number"):
            open_path(tmp_path, size=wrong)


def test_broken_files_are_refused_with_their_names(tmp_path: Path) -> None:
    write(tmp_path / "good.png", COLOUR)
    (tmp_path / "bad.png").write_text("no image at all")
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(wb.DataError, match=r"2 of 3 images are broken .*'bad.png'.*'empty.jpg'"):
        open_path(tmp_path)
    data = open_path(tmp_path, skip_broken=True)
    assert data.columns["file"].tolist() == ["good.png"]


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_file_cut_short_is_told_or_left_out(ending: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = write(tmp_path / f"a.{ending}", noise).read_bytes()
    (tmp_path / f"cut.{ending}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(wb.DataError, match=f"the image 'cut.{ending}' cannot be read"):  # when opened, or when read
        open_path(tmp_path).batch(np.arange(2))
    assert len(open_path(tmp_path, skip_broken=True)) == 1


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.png", COLOUR)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    with pytest.raises(wb.DataError, match="'a.png' is larger than 40 pixels"):
        open_path(tmp_path)


def test_programs_in_disguise_are_not_run(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n")
    with pytest.raises(wb.DataError, match="'a.png' cannot be read"):
        open_path(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(wb.DataError, match="there is no image in the folder"):
        open_path(tmp_path)


def test_the_fingerprint_is_of_names_bytes_and_options(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder / "x" / "a.png", COLOUR)
    one, two = (open_path(tmp_path / folder).fingerprint() for folder in ("one", "two"))
    assert one == two
    assert one != open_path(tmp_path / "one", mode="L").fingerprint()
    write(tmp_path / "two" / "x" / "a.png", 255 - COLOUR)
    assert one != open_path(tmp_path / "two").fingerprint()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "a.png", COLOUR)
    os.mkfifo(tmp_path / "pipe.png")
    assert len(open_path(tmp_path)) == 1
    os.mkfifo(tmp_path / "pipe.npy")
    with pytest.raises(wb.DataError, match="neither a file nor a folder"):
        open_path(tmp_path / "pipe.npy")
