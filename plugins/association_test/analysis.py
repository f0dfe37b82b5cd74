# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, which lists, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

import workbench as wb

Test = Literal[
    "flowers-insects", "instruments-weapons", "names-race", "names-race-letters", "names-race-short", "career-family",
    "maths-arts", "science-arts", "illness", "age", "own",
]  # fmt: skip


class AssociationTest(wb.Analysis):
    """Are the words of one list nearer to one kind of attribute than those of another list?

    The word embedding association test (WEAT): instruments and weapons against pleasant and unpleasant words, and nine
    more tests as published, or lists of your own. Effect size with the words drawn again, permutation p (exact where
    all divisions can be looked at), the words that the effect hangs on, and random lists of words of the same
    frequency: lists that hold together give large effects against many attributes. It measures vectors, not harm and
    not causes.
    """

    name = "association-test"
    title = "Association test (WEAT)"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("words", "embedding", "bias", "WEAT")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Which lists; the four of your own are words parted by commas or spaces."""

        embed: wb.Pick[wb.Map[wb.Items, wb.Vectors]] = Field(description="The map from words to vectors.")
        test: Test = Field("instruments-weapons", description="A published test, or 'own' for the four lists below.")
        first: str = Field("", description="Own first list of target words.")
        second: str = Field("", description="Own second list of target words.")
        attributes_first: str = Field("", description="Own first list of attribute words.")
        attributes_second: str = Field("", description="Own second list of attribute words.")
        draws: int = Field(
            100_000, ge=999, le=2_000_000, description="Random divisions where there are too many to look at all."
        )
        controls: int = Field(500, ge=50, le=5000, description="Random lists of the same frequency.")
        vocabulary: int = Field(
            20_000, ge=500, le=1_000_000, description="Words that random lists are drawn from: the first so many."
        )

        @model_validator(mode="after")
        def _four_lists(self) -> AssociationTest.Params:
            given = (self.first, self.second, self.attributes_first, self.attributes_second)
            if self.test == "own" and not all(one.strip() for one in given):
                raise ValueError("'own' needs four lists: 'first', 'second', 'attributes_first', 'attributes_second'")
            if self.test != "own" and any(one.strip() for one in given):
                raise ValueError(f"the test '{self.test}' brings its lists: choose 'own' for lists of your own")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """The test of the lists, all published ones beside it, and random lists."""
        from plugins.association_test.measures import measure
        from plugins.association_test.results import result_of

        return result_of(measure(job, params), params, job.seed)
