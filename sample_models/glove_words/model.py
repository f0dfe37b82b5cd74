# SPDX-License-Identifier: Apache-2.0
"""The words, their vectors, and the map between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

import workbench as wb

VECTORS = Path(__file__).parent / "vectors.npz"


def read_vectors() -> tuple[tuple[str, ...], np.ndarray]:
    """Words, the most frequent first, and their vectors float32 ``[20000, 50]``."""
    with np.load(VECTORS) as held:
        return tuple(held["words"].tobytes().decode().split("\n")), held["vectors"].astype(np.float32)


class GloveWords(wb.Model):
    """Words as points of a space in which nearness is by angle."""

    vectors = wb.vectors(50, metric="cosine")

    def __init__(self, device: str) -> None:
        names, values = read_vectors()
        self.table = torch.from_numpy(values).to(device)
        self.add_space("words", wb.items(names))
        self.add_map("embed", self._embed, "words", "vectors")

    def _embed(self, words: torch.Tensor) -> torch.Tensor:
        return self.table[torch.as_tensor(words, device=self.table.device).long()]
