# SPDX-License-Identifier: Apache-2.0
"""Classes as data: rows of the classifier's last layer with words for them; all, or those that were held out."""

from __future__ import annotations

import pandas as pd

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.visual_semantic.classes import NamedClass, classes

FEATURES = 1280


def open_classes() -> wb.ArrayDataset:
    """1,000 rows ``[1000, 1280]`` with columns name, synonyms, description, described, held_out and class_number."""
    return _rows(list(classes()))


def open_held_out() -> wb.ArrayDataset:
    """The 200 rows of each fifth class, which the ridge never saw."""
    return _rows([one for one in classes() if one.held_out])


def _rows(chosen: list[NamedClass]) -> wb.ArrayDataset:
    weight = load_net(assets.fetch(ASSET)).classifier.weight.detach().numpy()
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
