# SPDX-License-Identifier: Apache-2.0
"""Three committed corpora of English sentences, and the data sets made of them: ``brown``, ``austen``, ``styles``.

Train and test are parted by document, never by sentence: a section of Brown, a book of Austen, a class of ImageNet.
No sentence stands in two documents, so none stands in both parts.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent
CATEGORIES = {
    "a": "news",
    "b": "editorial",
    "c": "reviews",
    "d": "religion",
    "e": "hobbies",
    "f": "lore",
    "g": "belles_lettres",
    "h": "government",
    "j": "learned",
    "k": "fiction",
    "l": "mystery",
    "m": "science_fiction",
    "n": "adventure",
    "p": "romance",
    "r": "humor",
}
STYLES = ("caption", "romance", "news", "humor", "science_fiction", "austen")
HELD_OUT_BOOK = "Northanger Abbey"
EVERY_SECTION, EVERY_CLASS = 6, 5
WORDS = (4, 30)
AUSTEN_EVERY = 4
SHORT = {"brown": 16, "austen": 16, "captions": 24}  # words; the sentences that the teller learns


@cache
def documents(corpus: str) -> dict[str, tuple[str, ...]]:
    """Sentences by document of ``"brown"`` (sections), ``"austen"`` (books) or ``"captions"`` (classes of ImageNet)."""
    held: dict[str, list[str]] = {}
    for line in lzma.decompress((FOLDER / f"{corpus}.txt.xz").read_bytes()).decode().rstrip("\n").split("\n"):
        if line.startswith("# "):
            held[line[2:]] = []
        else:
            held[next(reversed(held))].append(line)
    return {name: tuple(sentences) for name, sentences in held.items()}


def split_of(corpus: str, document: str) -> str:
    """``"test"`` or ``"train"``: test are each sixth section of a category, one book, and each fifth class.

    >>> split_of("brown", "cp06"), split_of("captions", "3"), split_of("austen", "Northanger Abbey")
    ('test', 'train', 'test')
    """
    if corpus == "brown":
        held_out = int(document[2:]) % EVERY_SECTION == 0
    elif corpus == "captions":
        held_out = int(document) % EVERY_CLASS == 0
    else:
        held_out = document == HELD_OUT_BOOK
    return "test" if held_out else "train"


def table(corpus: str) -> pd.DataFrame:
    """All sentences of a corpus with the columns ``text``, ``document``, ``split``."""
    import pandas as pd

    rows = [(one, name, split_of(corpus, name)) for name, held in documents(corpus).items() for one in held]
    return pd.DataFrame(rows, columns=["text", "document", "split"])


def short_sentences(split: str | None = None) -> pd.DataFrame:
    """Sentences of at most 16 words (captions 24) of all three, with the columns text, document, split, corpus."""
    import pandas as pd

    held = pd.concat([table(one).assign(corpus=one) for one in SHORT], ignore_index=True)
    held = held[held["text"].str.split().map(len) <= held["corpus"].map(SHORT)]
    return (held if split is None else held[held["split"] == split]).reset_index(drop=True)


def open_brown() -> wb.TextDataset:
    """51,079 sentences, with the columns category, section and split."""
    held = table("brown").rename(columns={"document": "section"})
    return _dataset(held.assign(category=held["section"].str[1].map(CATEGORIES)), ["category", "section", "split"])


def open_austen() -> wb.TextDataset:
    """29,195 sentences of six novels, with the columns book and split."""
    return _dataset(table("austen").rename(columns={"document": "book"}), ["book", "split"])


def open_styles() -> wb.TextDataset:
    """Sentences of 4 to 30 words in six styles, with the columns style, document and split.

    Captions are the descriptions of ImageNet's classes; of Austen's novels each fourth sentence is taken.
    """
    import pandas as pd

    brown = table("brown")
    parts = [table("captions").assign(style="caption")]
    for letter, style in CATEGORIES.items():
        if style in STYLES:
            parts.append(brown[brown["document"].str[1] == letter].assign(style=style))
    held = pd.concat([*parts, table("austen").iloc[::AUSTEN_EVERY].assign(style="austen")], ignore_index=True)
    held = held[held["text"].str.split().map(len).between(*WORDS)]
    order = held["style"].map({one: place for place, one in enumerate(STYLES)})
    held = held.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return _dataset(held, ["style", "document", "split"])


def _dataset(held: pd.DataFrame, columns: list[str]) -> wb.TextDataset:
    return wb.TextDataset(held["text"].tolist(), held[columns].reset_index(drop=True))
