# SPDX-License-Identifier: Apache-2.0
"""Classes as data: rows of the classifier's last layer with words for them; all, or those that were held out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.visual_semantic.classes import NamedClass, classes

CLASSES: Final = 1000
FEATURES: Final = 1280


def open_classes() -> wb.ArrayDataset:
    """1,000 rows ``[1000, 1280]`` with columns name, synonyms, description, described, held_out and class_number."""
    return _rows(list(classes()))


def open_held_out() -> wb.ArrayDataset:
    """The 200 rows of each fifth class, which the ridge never saw."""
    return _rows([one for one in classes() if one.held_out])


def _rows(chosen: list[NamedClass]) -> wb.ArrayDataset:
    weight = classifier_rows(assets.fetch(ASSET))
    columns = pd.DataFrame(
        {
            "name": [one.name for one in chosen],
            "synonyms": [one.synonyms for one in chosen],
            "description": [one.description for one in chosen],
            "described": [one.described for one in chosen],
            "held_out": [one.held_out for one in chosen],
            "class_number": [one.number for one in chosen],
        }
    )
    return wb.ArrayDataset(weight[[one.number for one in chosen]].copy(), wb.vectors(FEATURES), columns)


def classifier_rows(path: Path) -> NDArray[np.float32]:
    """The last layer ``[1000, 1280]`` out of the published file, without torch: an app lists the classes without it.

    The file is of torch before 1.6: behind a header, each tensor stands as how many numbers it has (int64) and the
    numbers themselves, here with a column for each class. Only one has as many.

    Raises
    ------
    DataError
        When the file holds no such tensor, or several.
    """
    held, count = path.read_bytes(), CLASSES * FEATURES
    mark = count.to_bytes(8, "little")
    start = held.find(mark) + len(mark)
    if held.count(mark) != 1 or start + 4 * count > len(held):
        raise wb.DataError(f"'{path.name}' holds no last layer of EfficientNet-Lite0: fetch it anew")
    return np.frombuffer(held, "<f4", count, start).reshape(FEATURES, CLASSES).T
