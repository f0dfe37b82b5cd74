# SPDX-License-Identifier: Apache-2.0
"""The analysis: prompts, their layers through the unembedding, one prompt in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator

import workbench as wb


class LogitLens(wb.Analysis):
    """What would each layer of a language model say next, were it the last?

    Takes the residual stream of every layer straight to the last norm and the unembedding (nostalgebraist, 2020):
    the rank and probability of the answer by layer, how far each layer is from what the model says in the end, and
    the most likely token at every layer and position of one prompt. The answers of other prompts are the control of
    ranks, and a guess that does not look at the prompt is the control of distances: early layers write in a basis of
    their own, and a layer that is further off than this guess says nothing in the words of the last.
    """

    name = "logit-lens"
    title = "Logit lens"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("texts", "language model", "layers")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """The two maps of the lens, the prompts, and the one that is shown in full."""

        through: wb.Pick[wb.Map[wb.Texts, wb.Vectors]] = Field(description="The map that runs the layers of a text.")
        unembed: wb.Pick[wb.Map[wb.Vectors, wb.Scalars]] = Field(
            description="The map from the end of these layers to logits of the next token, last norm included."
        )
        prompt: str = Field(
            "When Mary and John went to the store, John gave a drink to",
            min_length=1,
            max_length=100_000,
            description="The text that is shown at every layer and token.",
        )
        answer: wb.Pick[wb.Column] | None = Field(
            None,
            description="Column with the word that follows each text. Empty: the column 'answer', and without one "
            "each text is cut before one of its words.",
        )
        limit: int = Field(64, ge=8, le=2000, description="Most prompts of the data, taken at random.")
        most_tokens: int = Field(16, ge=1, le=64, description="Most tokens of the shown prompt, the last ones.")
        top: int = Field(5, ge=1, le=20, description="Most likely tokens that are listed for each layer.")

        @field_validator("prompt")
        @classmethod
        def _some(cls, value: str) -> str:
            if not value.strip():
                raise ValueError("the prompt is empty: write the beginning of a text")
            return value

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Look at the prompt, then at the data, everything random under the seed of the run."""
        from plugins.logit_lens.prompts import number_of, prompts_of
        from plugins.logit_lens.reading import lens_of, look, read
        from plugins.logit_lens.results import result_of

        job.progress(0.0, "layers")
        lens = lens_of(job.model, params.through, params.unembed, job.device)
        shown = look(
            lens, params.prompt, params.most_tokens, params.top, lambda part: job.progress(0.3 * part, "the prompt")
        )
        if job.data is None:
            raise wb.DoesNotApply("the logit lens is measured on texts: give a data set of them")
        first = number_of(getattr(job.model, "tokens", None), {name: at for at, name in enumerate(lens.names)})
        rows = job.rows(lens.through.source.name)
        prompts = prompts_of(job.data, rows, params.answer, params.limit, first, job.rng)
        seen = read(lens, prompts, job.rng, lambda part: job.progress(0.3 + 0.65 * part, "prompts of the data"))
        job.progress(0.97, "result")
        return result_of(lens, prompts, seen, shown, job.rng)
