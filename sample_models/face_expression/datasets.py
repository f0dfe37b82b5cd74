# SPDX-License-Identifier: Apache-2.0
"""The ORL faces as the network of expressions takes them: set into a black square, 112 x 112, three equal colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from sample_models.datasets import open_orl_faces

if TYPE_CHECKING:
    import pandas as pd

    Array = np.ndarray[Any, Any]

SIDE = 112


class FramedFaces(wb.Dataset):
    """400 faces ``[n, 3, 112, 112]`` in 0..1, framed when they are asked for, with the columns of ``orl-faces``."""

    def __init__(self) -> None:
        self.space = wb.images(3, SIDE, SIDE)
        self.faces = open_orl_faces()

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def columns(self) -> pd.DataFrame:
        return self.faces.columns

    def batch(self, rows: Array) -> Array:
        """Faces float32 ``[m, 3, 112, 112]``, by the same framing as that of the scorers."""
        import torch

        from sample_models.face_expression.scoring import framed

        faces = framed(torch.from_numpy(self.faces.batch(rows)))
        return np.ascontiguousarray(faces.clamp(0, 1).numpy())


def open_framed_faces() -> FramedFaces:
    """The data set ``orl-faces-112``."""
    return FramedFaces()
