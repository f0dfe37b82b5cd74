# SPDX-License-Identifier: Apache-2.0
"""SmolLM2 as a model of the workbench: prompts, the residual stream, the next token, and text that goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import workbench as wb
from sample_models import assets
from sample_models.smollm2 import ASSET
from sample_models.smollm2.generation import generate
from sample_models.smollm2.loading import load

MOST_TOKENS = 2048
"""Longest text that is taken, in tokens. The network was trained on 8,192; this bound is for time and memory."""
AT_ONCE = 4096
"""Tokens that go through the network together, filling included."""
ENOUGH, ALIKE = 256, 0.85
"""Tokens after which a text joins others only where its length is at least this share of theirs: less is filled in."""


class LanguageModel(wb.Model):
    """A language model of the Llama kind, read from a GGUF file.

    The residual stream at the last token is a space; the layers ``net.stream.0`` (after the embedding) to
    ``net.stream.k`` (after block k) are the same stream further up, so that ``predict`` takes points of any of them.
    """

    prompts = wb.texts()

    def __init__(self, path: Path, device: str = "cpu") -> None:
        self.net, self.words = load(path, device)
        self.device = device
        residual = self.add_space("residual", wb.vectors(self.net.shape.width))
        following = self.add_space("next", wb.logits(self.words.names))
        fit = self.add_space("fit", wb.scalars(("log_probability", "tokens")))
        self.add_map("read", self._read, self.prompts, residual)
        self.add_map("predict", self._predict, residual, following)
        self.add_map("score", self._score, self.prompts, fit)
        self.add_map("continue", self._continue, self.prompts, self.prompts)

    # -- maps

    def _read(self, texts: Sequence[str], *, position: int = -1) -> Tensor:
        """The residual stream after the last block, ``[n, width]``, at one token of each text.

        ``position`` counts tokens from the start (0 is the first) or from the end (-1 is the last).
        """
        held = [self.numbers(one) for one in texts]
        for numbers in held:
            if not -len(numbers) <= position < len(numbers):
                raise wb.MapError(f"a text of {len(numbers)} tokens has no position {position}")
        seen = torch.empty(len(self.net.stream), len(held), self.net.shape.width, device=self.device)
        for rows in self._parts([len(one) for one in held]):
            at = torch.tensor([position % len(held[row]) for row in rows], device=self.device)
            places = torch.arange(len(rows), device=self.device)

            def keep(number: int, stream: Tensor, rows: list[int] = rows, where: Any = (places, at)) -> None:
                seen[number, rows] = stream[where]

            self.net.flow(self.filled([held[row] for row in rows]), keep=keep)
        for number, module in enumerate(self.net.stream):  # once each, all rows in the order of the texts
            module(seen[number])
        return seen[-1]

    def _predict(self, residual: Tensor) -> Tensor:
        """Logits ``[n, vocabulary]`` of the next token: the last norm, then the product with the embedding."""
        return self.net.logits(residual)

    def _score(self, texts: Sequence[str]) -> Tensor:
        """How well the model expects each text, ``[n, 2]``.

        The mean natural logarithm of the probability of each token but the first, given those before it, and the
        number of these tokens. The perplexity is ``exp(-log_probability)``. A text of one token has 0 and 0.
        """
        held = [self.numbers(one) for one in texts]
        found = torch.zeros(len(held), 2, device=self.device)
        for rows in self._parts([len(one) for one in held]):
            ids = self.filled([held[row] for row in rows])
            stream = self.net.flow(ids)
            for place, row in enumerate(rows):
                count = len(held[row]) - 1
                if count:
                    said = self.net.logits(stream[place, :count]).log_softmax(dim=-1)
                    found[row, 0] = said.gather(1, ids[place, 1 : count + 1, None]).mean()
                    found[row, 1] = count
        return found

    def _continue(
        self, texts: Sequence[str], *, tokens: int = 12, temperature: float = 0.0, among: int = 0, seed: int = 0
    ) -> list[str]:
        """What the model writes after each text, up to ``tokens`` tokens.

        At ``temperature`` 0 the most likely token is taken; above, one is drawn with its probability to the power of
        1 / temperature, of the ``among`` most likely ones (0: of all). A row's draws depend on its text and ``seed``.
        """
        held = [self.numbers(one) for one in texts]
        if not 1 <= tokens <= MOST_TOKENS:
            raise wb.MapError(f"{tokens} tokens cannot be written: choose from 1 to {MOST_TOKENS:,}")
        if not 0 <= temperature <= 100:
            raise wb.MapError(f"the temperature {temperature} means nothing: choose from 0 to 100")
        found = [""] * len(held)
        for rows in self._parts([len(one) + tokens for one in held]):
            chosen = [held[row] for row in rows]
            written = generate(
                self.net,
                self.filled(chosen),
                [len(one) for one in chosen],
                tokens=tokens,
                temperature=temperature,
                among=among,
                seed=seed,
                end=self.words.end,
            )
            for row, one in zip(rows, written, strict=True):
                found[row] = self.words.decode(one)
        return found

    # -- for analyses of language models

    def tokens(self, text: str) -> list[str]:
        """The text of each token of ``text``, as :attr:`next` names them."""
        return [self.words.names[one] for one in self.numbers(text)]

    @contextmanager
    def steered(self, layer: str, vector: Tensor) -> Iterator[None]:
        """Within it ``vector`` ``[width]`` is added to the residual stream at ``layer``, at every token of all maps."""
        known = {f"net.stream.{number}": number for number in range(len(self.net.stream))}
        if layer not in known:
            raise wb.SpaceError(
                f"there is no stream '{layer}' to add to: choose from net.stream.0 to {list(known)[-1]}"
            )
        if vector.shape != (self.net.shape.width,) or not bool(torch.isfinite(vector).all()):
            raise wb.SpaceError(f"what is added to '{layer}' must be {self.net.shape.width} finite numbers")
        before = self.net.added.copy()
        self.net.added[known[layer]] = vector.to(self.device) + before.get(known[layer], 0)
        try:
            yield
        finally:
            self.net.added = before

    # -- texts and numbers

    def numbers(self, text: str) -> list[int]:
        """Tokens of a text: the mark of the start alone for the empty text, which is no text to go on from.

        Raises
        ------
        workbench.MapError
            For a text of more tokens than are taken.
        """
        most = min(MOST_TOKENS, self.net.shape.context)
        if len(text) > 40 * MOST_TOKENS:
            raise wb.MapError(
                f"a text of {len(text):,} characters is too long: at most {MOST_TOKENS:,} tokens are taken"
            )
        found = self.words.encode(text) or [self.words.start]
        if len(found) > min(MOST_TOKENS, self.net.shape.context):
            most = min(MOST_TOKENS, self.net.shape.context)
            raise wb.MapError(
                f"a text of {len(text):,} characters is {len(found):,} tokens, and at most {most:,} are taken"
            )
        return found

    def filled(self, held: Sequence[Sequence[int]]) -> Tensor:
        """Token numbers as int64 ``[n, tokens]``, filled up at the end with the mark of the end."""
        longest = max(len(one) for one in held)
        return torch.tensor([[*one, *[self.words.end] * (longest - len(one))] for one in held], device=self.device)

    def _parts(self, lengths: Sequence[int]) -> list[list[int]]:
        """Rows that go through together: of similar length, the longest first, ``AT_ONCE`` tokens at most."""
        parts: list[list[int]] = []
        for row in sorted(range(len(lengths)), key=lambda one: (-lengths[one], one)):
            longest = lengths[parts[-1][0]] if parts else 0
            alike = parts and (lengths[row] >= ALIKE * longest or len(parts[-1]) * longest < ENOUGH)
            if alike and (len(parts[-1]) + 1) * longest <= AT_ONCE:
                parts[-1].append(row)
            else:
                parts.append([row])
        return parts


class SmolLM2(LanguageModel):
    """SmolLM2-135M-Instruct (L. Ben Allal and others, 2025), weights of 4 bits unpacked to float32."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(assets.fetch(ASSET), device)
