# SPDX-License-Identifier: Apache-2.0
"""The data set ``photographs``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

import workbench as wb
from sample_models.photographs import SIDE
from sample_models.photographs.credits import PHOTOGRAPHS

FOLDER = Path(__file__).parent


@cache
def open_photographs() -> wb.ArrayDataset:
    """Twelve pictures ``[12, 3, 224, 224]`` in 0..1, with columns ``name``, ``shows``, ``licence`` and ``credit``."""
    import pandas as pd
    from PIL import Image

    pictures = []
    for one in PHOTOGRAPHS:
        with Image.open(FOLDER / f"{one.name}.jpg") as opened:
            pictures.append(np.asarray(opened.convert("RGB")).transpose(2, 0, 1))
    columns = pd.DataFrame(
        {key: [getattr(one, key) for one in PHOTOGRAPHS] for key in ("name", "shows", "licence", "credit")}
    )
    return wb.ArrayDataset(np.stack(pictures), wb.images(3, SIDE, SIDE), columns, scale=1 / 255)


def row_of(name: str) -> int:
    """The row of a photograph by name."""
    return [one.name for one in PHOTOGRAPHS].index(name)
