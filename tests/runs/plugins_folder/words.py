# SPDX-License-Identifier: Apache-2.0
"""A model with three starting spaces: four words, pictures of one pixel, and texts; all are placed on one line."""

from __future__ import annotations

from typing import Any

import workbench as wb


class Words(wb.Model):
    """Places words, pictures and texts; and writes a text for a place."""

    word = wb.items(("ant", "bee", "cat", "ape"))
    pixels = wb.images(1, 1, 1)
    texts = wb.texts()
    places = wb.vectors(2)

    def __init__(self, device: str) -> None:
        pass

    @wb.maps(word, to=places)
    def embed(self, word: Any) -> Any:
        import torch

        return torch.stack([word.float(), word.float() ** 2], dim=1)

    @wb.maps(pixels, to=places)
    def look(self, pixels: Any) -> Any:
        return pixels.reshape(-1, 1).repeat(1, 2)

    @wb.maps(texts, to=places)
    def read(self, texts: list[str]) -> Any:
        import torch

        return torch.tensor([[float(len(one)), float(one.count(" "))] for one in texts])

    @wb.maps(places, to=texts)
    def tell(self, places: Any) -> list[str]:
        return ["x" * round(float(one)) for one in places[:, 0]]


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("word-model", Words, description="Words, pictures and texts.")]
