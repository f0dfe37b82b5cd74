# SPDX-License-Identifier: Apache-2.0
"""Analogy questions: four words each, by section."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).parent / "questions-words.txt.gz"


@dataclass(frozen=True)
class Questions:
    """Questions that a vocabulary can be asked.

    Attributes
    ----------
    words : int64 ``[q, 4]``, positions in the vocabulary: a is to b as c is to d
    sections : the section of each question
    asked : all questions that there were, those with unknown words too
    """

    words: NDArray[np.int64]
    sections: tuple[str, ...]
    asked: int


def shipped() -> str:
    """The 19,544 questions of Mikolov, Chen, Corrado and Dean, "Efficient estimation of word representations in vector
    space", 2013, section 4.1 (Apache-2.0)."""
    return gzip.decompress(SHIPPED.read_bytes()).decode()


def read(text: str, vocabulary: Sequence[str]) -> Questions:
    """Questions in lines of four words under lines ``: section``; those with a word that is not known are left out.

    >>> read(": family\\nhe she king queen\\nhe she duke duchess", ["he", "she", "king", "queen"]).words.tolist()
    [[0, 1, 2, 3]]
    """
    place: Mapping[str, int] = {word: at for at, word in reversed(list(enumerate(vocabulary)))}
    found, sections, section, asked = [], [], "", 0
    for line in text.lower().splitlines():
        parts = line.split()
        if line.startswith(":"):
            section = line[1:].strip()
        elif len(parts) == 4:
            asked += 1
            if all(one in place for one in parts):
                found.append([place[one] for one in parts])
                sections.append(section)
    return Questions(np.array(found, dtype=np.int64).reshape(-1, 4), tuple(sections), asked)
