# SPDX-License-Identifier: Apache-2.0
"""Text to token numbers and back, by the byte-pair encoding that the file of the weights brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import workbench as wb

NORMAL: Final = 1  # type of a token that is text; the others are marks such as the end of a text
SPLITTERS: Final = ("smollm", "gpt-2", "default")


@cache
def bytes_of_letters() -> dict[str, int]:
    """The byte that each letter of a token's written form stands for (A. Radford and others, 2019, GPT-2).

    >>> bytes_of_letters()["a"] == ord("a"), bytes_of_letters()["Ġ"] == ord(" ")
    (True, True)
    """
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in shown}
    hidden = [byte for byte in range(256) if byte not in shown]
    return letters | {chr(256 + number): byte for number, byte in enumerate(hidden)}


def readable(written: Sequence[str]) -> tuple[str, ...]:
    """Each token as text, a name for each: those that are part of a character keep their written form.

    >>> readable(["Ġthe", "Ã"])
    (' the', 'Ã')
    """
    found: list[str] = []
    taken: set[str] = set()
    for number, one in enumerate(written):
        try:
            text = bytes(bytes_of_letters()[letter] for letter in one).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            text = one
        name = text if text not in taken else f"{text} ({number})"
        taken.add(name)
        found.append(name)
    return tuple(found)


class Tokens:
    """The vocabulary of a language model: ``encode`` and ``decode``; the marks of a file are never read out of text."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        try:
            from tokenizers import Tokenizer, decoders, models, pre_tokenizers
        except ImportError:
            raise wb.ModelError(
                "reading text into tokens needs the package 'tokenizers': pip install 'latent-workbench[language]'"
            ) from None
        written = listed(settings, "tokenizer.ggml.tokens")
        merges = [tuple(one.split(" ", 1)) for one in listed(settings, "tokenizer.ggml.merges")]
        splitter = settings.get("tokenizer.ggml.pre", "default")
        if settings.get("tokenizer.ggml.model") != "gpt2" or splitter not in SPLITTERS:
            raise wb.ModelError(f"its words are split as '{splitter}', known are {', '.join(SPLITTERS)}")
        if len(set(written)) < len(written) or any(len(one) != 2 for one in merges):
            raise wb.ModelError("its vocabulary names a token twice, or a merge that is not one of two tokens")
        kinds = settings.get("tokenizer.ggml.token_type") or [NORMAL] * len(written)
        numbers = {one: number for number, one in enumerate(written)}
        try:
            model = models.BPE(vocab=numbers, merges=[(one[0], one[1]) for one in merges])
        except Exception as error:  # noqa: BLE001 - the library raises a bare Exception for a merge it does not know
            raise wb.ModelError(f"its vocabulary cannot be used: {error}") from None
        self.engine = Tokenizer(model)
        steps: list[Any] = [pre_tokenizers.ByteLevel(add_prefix_space=False)]
        if splitter == "smollm":
            steps.insert(0, pre_tokenizers.Digits(individual_digits=True))
        self.engine.pre_tokenizer = pre_tokenizers.Sequence(steps)
        self.engine.decoder = decoders.ByteLevel()
        self.names = readable(written)
        self.marks = frozenset(number for number, kind in enumerate(kinds) if kind != NORMAL)
        self.start, self.end = (int(settings.get(f"tokenizer.ggml.{one}_token_id", 0)) for one in ("bos", "eos"))

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, text: str) -> list[int]:
        """Token numbers of a text; none for the empty text."""
        return list(self.engine.encode(text, add_special_tokens=False).ids)

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of token numbers; marks are left out."""
        return str(self.engine.decode([one for one in numbers if one not in self.marks]))


def listed(settings: Mapping[str, Any], name: str) -> list[str]:
    """A setting that is a list of texts; raises :class:`workbench.ModelError` where it is anything else."""
    found = settings.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise wb.ModelError(f"the file brings no '{name}'")
    return found
