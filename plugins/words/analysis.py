# SPDX-License-Identifier: Apache-2.0
"""The analysis: neighbours, odd one out and arithmetic of named points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

import workbench as wb


class Words(wb.Analysis):
    """What lies near these words, which of them does not belong, and what do they add up to?

    Takes any map from a finite set of names to vectors. Nearness is by angle. Sums of words (king - man + woman) are
    answered by three methods, each twice: with the words of the sum left out of the answers, as is the custom, and with
    none left out. Words that the vocabulary does not have are named with what is spelled alike; the others go on.
    """

    name = "words"
    title = "Words"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("words", "analogies", "embedding", "neighbours")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """Which words are asked for, and how many answers are given."""

        embed: wb.Pick[wb.Map[wb.Items, wb.Vectors]] = Field(description="The map from words to vectors.")
        words: str = Field(
            "",
            max_length=20_000,
            description="Words whose neighbours are wanted, with commas between them; empty: some of the vocabulary.",
        )
        expressions: str = Field(
            "",
            max_length=20_000,
            description="Sums with commas between them, e.g. king - man + woman, 2*good - bad; words with a space "
            "or a sign stand in quotes. Empty: some that the vocabulary knows.",
        )
        odd: str = Field(
            "",
            max_length=20_000,
            description="Groups of words one of which does not belong, with semicolons between groups, e.g. breakfast "
            "cereal lunch dinner; empty: some that the vocabulary knows.",
        )
        count: int = Field(10, ge=1, le=1000, description="Neighbours of each word, and answers to each sum.")
        vocabulary: int | None = Field(
            None, ge=10, description="Words that can be answers: the first so many; empty: all."
        )
        search: Literal["automatic", "exact", "cells"] = Field(
            "automatic",
            description="How neighbours are found: 'exact', or in 'cells' with the recall told; automatic: exact up to "
            "a million words.",
        )

        @field_validator("words", "expressions", "odd", mode="before")
        @classmethod
        def _as_one_text(cls, value: Any, info: Any) -> Any:
            """Lists of words, of expressions or of groups, as one text."""
            from plugins.words.expressions import quoted

            if not isinstance(value, list | tuple):
                return "" if value is None else value
            if info.field_name == "words":
                return ", ".join(quoted(str(one)) for one in value)
            if info.field_name == "expressions":
                return ", ".join(str(one) for one in value)
            return "; ".join(
                one if isinstance(one, str) else " ".join(quoted(str(word)) for word in one) for one in value
            )

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Look words up, then neighbours, groups and sums."""
        from plugins.words.asked import asked_of
        from plugins.words.results import result_of
        from plugins.words.vocabulary import Vocabulary

        embed = job.model.maps[params.embed]
        named = embed.source
        assert isinstance(named, wb.Items)  # what the pick asks for
        names = named.names[: params.vocabulary]
        if len(names) < 2:
            raise wb.DataError(f"the space '{named.name}' has {len(names)} names: at least 2 are needed")
        job.progress(0.05, "vectors")
        points = job.points(embed.target.name, rows=np.arange(len(names)))
        vocabulary = Vocabulary(names, points.flat())
        job.progress(0.3, "answers")
        asked = asked_of(vocabulary, params.words, params.expressions, params.odd)
        return result_of(job, params, vocabulary, asked)
