# SPDX-License-Identifier: Apache-2.0
"""Analogy questions: four words each, by section."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LARGEST = 4_000_000  # letters of somebody's own questions
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


def own(given: str) -> str:
    """Questions that somebody gave: the text itself, or that of a file whose path ends in ``.txt``; ";" ends a line.

    Raises
    ------
    ValueError
        When the file cannot be read or is larger than 4 MB, or when no line has four words.

    >>> own(": family; he she king queen")
    ': family\\nhe she king queen'
    """
    text = given.strip()
    if text.endswith(".txt") and "\n" not in text and len(text) < 1000:
        path = Path(text).expanduser()
        try:
            if not path.is_dir() and path.exists() and not path.is_file():  # a device or a pipe may have no end
                raise ValueError(f"'{path}' is no ordinary file: save the questions in one")
            if path.stat().st_size > LARGEST:
                raise ValueError(f"the file {path.name} is larger than {LARGEST // 10**6} MB")
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise ValueError(f"the file {path.name} cannot be read: {why}") from None
        if not text.strip():  # an empty text stands for the published questions: this was not asked for
            raise ValueError(f"the file {path.name} is empty: write four words a line, under lines ': section'")
    if len(text) > LARGEST:
        raise ValueError(f"the questions are longer than {LARGEST // 10**6} MB")
    lines = [line.strip() for line in text.replace(";", "\n").splitlines()]
    if text and not any(len(line.split()) == 4 and line[0] not in ":#" for line in lines):
        raise ValueError("no line has four words: a question is four words, under a line ': section'")
    return "\n".join(line for line in lines if line)


def read(text: str, vocabulary: Sequence[str]) -> Questions:
    """Questions in lines of four words under lines ``: section``; those with a word that is not known are left out.

    A word that the vocabulary does not have as it is written is looked for in lower case. Lines of other lengths are
    passed over, as are those that begin with ``#``.

    >>> read(": family\\nhe she king queen\\nhe she duke duchess", ["he", "she", "king", "queen"]).words.tolist()
    [[0, 1, 2, 3]]
    """
    place: Mapping[str, int] = {word: at for at, word in reversed(list(enumerate(vocabulary)))}
    found, sections, section, asked = [], [], "", 0
    for line in text.splitlines():
        parts = line.split()
        if line.startswith(":"):
            section = line[1:].strip().lower()
        elif len(parts) == 4 and not line.startswith("#"):
            asked += 1
            places = [place.get(one, place.get(one.lower(), -1)) for one in parts]
            if min(places) >= 0:
                found.append(places)
                sections.append(section)
    return Questions(np.array(found, dtype=np.int64).reshape(-1, 4), tuple(sections), asked)
