# SPDX-License-Identifier: Apache-2.0
"""Remake ``sample_models/photographs/*.jpg`` from the wheels of scikit-image and scikit-learn, read as archives::

    pip download --no-deps --only-binary=:all: scikit-image==0.26.0 scikit-learn==1.9.1
    python -m sample_models.scripts.make_photographs scikit_image-*.whl scikit_learn-*.whl

The middle square of each picture, scaled to 224 x 224; grey ones get three equal colours.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

from PIL import Image

from sample_models.photographs import SIDE
from sample_models.photographs.credits import PHOTOGRAPHS

FOLDER = Path(__file__).resolve().parents[1] / "photographs"


def framed(raw: bytes) -> Image.Image:
    """The middle square of an encoded picture, RGB, ``SIDE`` x ``SIDE``."""
    picture = Image.open(io.BytesIO(raw)).convert("RGB")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return square.resize((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)


def main() -> None:
    """Write every photograph that one of the archives holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", type=Path, nargs="+", help="the wheels")
    for path in parser.parse_args().archives:
        with zipfile.ZipFile(path) as archive:
            held = set(archive.namelist())
            for one in PHOTOGRAPHS:
                if one.member in held:
                    target = FOLDER / f"{one.name}.jpg"
                    framed(archive.read(one.member)).save(target, quality=92, subsampling=0, optimize=True)
                    print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
