# SPDX-License-Identifier: Apache-2.0
"""Worlds of texts whose styles and contents are known: a text is ``style content number``, and so is its point."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb
from plugins.style_shift.analysis import StyleShift

STYLES = ("caption", "romance", "news")
CONTENTS = 20


class World(wb.Model):
    """Style and content on axes of their own: unit vectors that ``tell`` turns back, and ``mumble`` does not.

    The first three numbers are the style's, the others the content's; a little noise hangs on the text alone.
    """

    texts = wb.texts()
    points = wb.vectors(3 + CONTENTS, metric="cosine")
    tells = True

    @wb.maps(texts, to=points)
    def read(self, texts: list[str]) -> torch.Tensor:
        found = np.stack([self.point(one) for one in texts])
        return torch.from_numpy(found / np.linalg.norm(found, axis=1, keepdims=True)).float()

    @wb.maps(points, to=texts)
    def tell(self, points: torch.Tensor, *, candidates: int = 99) -> list[str]:
        style, content = points[:, :3].argmax(dim=1), points[:, 3:].argmax(dim=1)
        return [f"{STYLES[int(a)]} {int(b)} {candidates}" for a, b in zip(style, content, strict=True)]

    @wb.maps(points, to=texts)
    def mumble(self, points: torch.Tensor) -> list[str]:
        return ["caption 0 0"] * len(points)

    def point(self, text: str) -> Any:
        rng = np.random.default_rng(zlib.crc32(text.encode()))
        found = 0.08 * rng.standard_normal(3 + CONTENTS)
        words = (text.split() + ["", ""])[:2]
        if words[0] in STYLES and words[1].isdigit():
            found[STYLES.index(words[0])] += 1
            found[3 + int(words[1]) % CONTENTS] += 1
        return found


class Line(wb.Model):
    """Content runs along the very line that leads from captions to romance, in steps of 0.01 of its length."""

    texts = wb.texts()
    points = wb.vectors(3)

    @wb.maps(texts, to=points)
    def read(self, texts: list[str]) -> torch.Tensor:
        rows = []
        for one in texts:
            style, content, number = one.split()
            place = STYLES.index(style)
            along = (int(content) + int(number) / 10) / CONTENTS  # every text has a place of its own, 0 .. 1
            rows.append([along + (10 if place == 1 else 0), 10.0 if place == 2 else 0.0, 0.0])
        return torch.tensor(rows)


class Job:
    """A job on all texts of a world: six numbers of each content, the last two for measuring."""

    device = "cpu"

    def __init__(self, model: wb.Model, *, seed: int = 0, columns: Any = None, splits: bool = True) -> None:
        rows = [(s, c, n) for s in STYLES for c in range(CONTENTS) for n in range(6)]
        texts = [f"{s} {c} {n}" for s, c, n in rows]
        table = pd.DataFrame({"style": [one[0] for one in rows]})
        table["document"] = [f"{one[0]} {one[1]}" for one in rows]
        if splits:
            table["split"] = ["test" if one[2] > 3 else "train" for one in rows]
        self.model, self.seed, self.rng = model, seed, np.random.default_rng(seed)
        self.data = wb.TextDataset(texts, table if columns is None else columns(table))

    def points(self, space: str, *, rows: Any) -> wb.Points:
        columns = self.data.columns.iloc[rows].reset_index(drop=True)
        values = self.model.maps["read"].point(self.data.batch(rows)).numpy()
        return wb.Points(values, rows, self.model.space(space), "texts", columns)

    def progress(self, fraction: float, stage: str = "") -> None: ...


def run(job: Job, **params: Any) -> wb.Result:
    given = {"embed": "read", "draws": 40, "decoded": 30, "decoded_draws": 2, "journeys": 2, **params}
    return StyleShift().run(job, StyleShift.Params.read(given))  # type: ignore[arg-type]
