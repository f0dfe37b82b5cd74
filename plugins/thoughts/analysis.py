# SPDX-License-Identifier: Apache-2.0
"""The analysis: sentences, sums of sentences and paths between them, among the texts of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

import workbench as wb

BATCH = 64
FEWEST = 20


class Thoughts(wb.Analysis):
    """What lies near a sentence, what do sentences add up to, and what lies on the way from one to another?

    Takes any map from texts to vectors. Neighbours are the texts of the data; nearness is by angle, beside what random
    pairs of texts have. Sums are answered twice: with their own sentences left out and with none left out, and beside
    the answer without the subtraction. Paths are straight (through the ball, so shorter in the middle) and spherical
    (along the surface); at each step the nearest text, and how near it is compared with what texts have to each other.
    Where the model has a map back to texts, sums and paths are told by it too.
    """

    name = "thoughts"
    title = "Thoughts"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("sentences", "embedding", "neighbours", "arithmetic")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """What is asked, and among how many texts."""

        embed: wb.Pick[wb.Map[wb.Texts, wb.Vectors]] = Field(description="The map from texts to vectors.")
        tell: wb.Pick[wb.Map[wb.Vectors, wb.Texts]] | None = Field(
            None, description="The map back to texts; empty: the first of the model's, if it has one."
        )
        sentences: str = Field("", max_length=200_000, description="Sentences whose neighbours are wanted, one a line.")
        expressions: str = Field(
            "",
            max_length=200_000,
            description='Sums, one a line, of sentences in quotes: "A dog runs." - "A dog." + "A horse.".',
        )
        paths: str = Field("", max_length=200_000, description="Pairs to go between, one a line: A dog. -> A cat.")
        count: int = Field(8, ge=1, le=100, description="Neighbours of each sentence, and answers to each sum.")
        steps: int = Field(7, ge=3, le=41, description="Points of a path, ends included.")
        limit: int = Field(2000, ge=FEWEST, description="Most texts of the data that can be answers, taken at random.")

        @field_validator("sentences", "expressions", "paths", mode="before")
        @classmethod
        def _as_lines(cls, value: Any) -> Any:
            """Lists of texts as lines."""
            if isinstance(value, list | tuple):
                if not all(str(one).strip() for one in value):
                    raise ValueError("one of the texts is empty: write a sentence")
                return "\n".join(" ".join(str(one).split()) for one in value)
            return "" if value is None else value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Read what is asked, then neighbours, sums and paths."""
        from plugins.thoughts.asked import asked_of
        from plugins.thoughts.results import result_of

        return result_of(job, params, asked_of(params.sentences, params.expressions, params.paths))


def read_texts(map_: wb.Map[Any, Any], texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors float32 ``[n, d]`` of texts, some at a time.

    Raises
    ------
    DataError
        When the map gives a vector that is not finite or has no length.
    """
    import torch

    parts = []
    with torch.no_grad():
        for start in range(0, len(texts), BATCH):
            found = map_.point(list(texts[start : start + BATCH]))
            parts.append(np.asarray(found.detach().cpu() if torch.is_tensor(found) else found, dtype=np.float32))
    vectors = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    bad = np.flatnonzero(~(np.isfinite(vectors).all(axis=1) & (np.abs(vectors).sum(axis=1) > 0)))
    if len(bad):
        raise wb.DataError(f"the map '{map_.name}' gives no direction for the text '{texts[bad[0]][:60]}'")
    return vectors


def map_back(model: wb.Model, read: wb.Map[Any, Any], name: str | None) -> wb.Map[Any, Any] | None:
    """The map called ``name``, or the first from the vectors of ``read`` to texts, or ``None``.

    Raises
    ------
    ParameterError
        When the named map does not start where ``read`` ends.
    """
    if name is None:
        back = model.maps_from(read.target.name)
        return next((one for one in back if isinstance(one.target, wb.Texts)), None)
    found = model.maps[name]
    if found.source.name != read.target.name:
        raise wb.ParameterError(
            f"the map '{name}' starts at '{found.source.name}', but '{read.name}' leads to '{read.target.name}'"
        )
    return found
