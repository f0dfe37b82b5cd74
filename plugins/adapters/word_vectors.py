# SPDX-License-Identifier: Apache-2.0
"""The model over a file of word vectors: a finite space of words and a map that looks vectors up in a memory map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

import workbench as wb
from plugins.adapters.reading import prepared


class WordVectors(wb.Model):
    """Words as points: ``embed: words -> vectors``. The vectors stay on disk; only rows that are asked for are read."""

    def __init__(
        self,
        path: Path,
        words: Path | None = None,
        *,
        device: str = "cpu",
        format: str = "auto",
        array: str | None = None,
        limit: int | None = None,
        metric: str = "cosine",
    ) -> None:
        held = prepared(path, words, format=format, array=array, limit=limit)
        self.table, self.held, self.device = held.table, held, device
        self.add_space("words", wb.items(held.words))
        self.add_space("vectors", wb.vectors(held.table.shape[1], metric=metric))
        self.add_map("embed", self._embed, "words", "vectors")

    def tensors(self) -> Iterator[tuple[str, Any]]:
        """The hash of words and vectors, taken when they were read: a file of gigabytes is not hashed by each run."""
        yield "vectors.sha256", np.frombuffer(bytes.fromhex(self.held.digest), dtype=np.uint8)

    def _embed(self, words: torch.Tensor) -> torch.Tensor:
        places = torch.as_tensor(words).cpu().numpy().astype(np.int64)
        if self.held.rows is not None:
            places = self.held.rows[places]
        return torch.from_numpy(self.table[places].astype(np.float32)).to(self.device)
