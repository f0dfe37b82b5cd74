# SPDX-License-Identifier: Apache-2.0
"""The 1,000 classes of ImageNet as words: names, written descriptions, and which classes the ridge never saw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sample_models.imagenet_names import class_names
from sample_models.sentences.corpora import documents, split_of

SYNONYMS: Final = Path(__file__).parent / "synonyms.json"
DESCRIBED: Final = Path(__file__).parent / "descriptions.safetensors"
CORPUS: Final = "captions"


@dataclass(frozen=True)
class NamedClass:
    """A class in words.

    Attributes
    ----------
    number : its position among the 1,000
    name : one short name, unlike that of any other class
    synonyms : all of its names in WordNet, with commas between
    description : what was written of it; where nothing was (25 classes), its names
    described : whether something was written of it
    held_out : whether the ridge never saw it: each fifth class, those that are the test split of the captions
    """

    number: int
    name: str
    synonyms: str
    description: str
    described: bool
    held_out: bool


@cache
def classes() -> tuple[NamedClass, ...]:
    """The classes in the order of the classifier.

    >>> one = classes()[285]
    >>> one.name, one.held_out, one.described
    ('Egyptian cat', True, True)
    """
    written, listed = documents(CORPUS), json.loads(SYNONYMS.read_text(encoding="utf-8"))
    return tuple(
        NamedClass(
            number,
            name,
            synonyms,
            " ".join(written.get(str(number), (f"{synonyms}.",))),
            str(number) in written,
            split_of(CORPUS, str(number)) == "test",
        )
        for number, (name, synonyms) in enumerate(zip(class_names(), listed, strict=True))
    )
