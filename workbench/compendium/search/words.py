# SPDX-License-Identifier: Apache-2.0
"""Words of a text as the index and a query have them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

_STOPWORDS: Final = """
a about after again all also am an and any are aren as at be because been before being but by can cannot could couldn d
did didn do does doesn doing don done each either else etc even ever every for from get gets getting give gives given go
goes going got had has hasn have haven having he her here hi him his how i if in into is isn it its just know let like
ll m make makes may maybe me might my need now of off on once one only or other our out over own please possible
question re s see seem seems she should so some still such t than thank thanks that the their them then there these
they thing things this those though through to too try trying under up use used using ve very want was way we well were
what when where whether which while who why will with won would yes yet you your
"""
#: Words that say nothing about which entry is meant; "same", "no" and "not" do, in "the same for every code".
STOPWORDS: Final = frozenset(_STOPWORDS.split())

_WORD: Final = re.compile(r"\w+")
_CAMEL: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_HYPHENED: Final = re.compile(r"(?<![\w-])[^\W_]+(?:-[^\W_]+){1,2}(?![\w-])")
_LONGEST: Final = 64


def words_of(text: str) -> list[str]:
    """Words of a text in lower case and in order; parts of ``snake_case`` and ``CamelCase`` follow the whole.

    >>> words_of("weights_only fails in DataParallel (KL -> 0)")
    ['weights_only', 'weights', 'only', 'fails', 'in', 'dataparallel', 'data', 'parallel', 'kl', '0']
    """
    found: list[str] = []
    for word in written_words(text):
        found.append(word.lower())
        found.extend(parts_of(word))
    return found


def parts_of(word: str) -> list[str]:
    """Parts of an identifier, in lower case; none of a plain word.

    >>> parts_of("HookedTransformer"), parts_of("kl_loss"), parts_of("UMAP"), parts_of("w2v")
    (['hooked', 'transformer'], ['kl', 'loss'], [], [])
    """
    pieces = [one for one in word.split("_") if one]
    if len(pieces) == 1 and word.isalpha() and not (word.islower() or word.isupper() or word.istitle()):
        pieces = _CAMEL.findall(word)
    return [one.lower() for one in pieces] if len(pieces) > 1 and all(len(one) > 1 for one in pieces) else []


def joined_of(text: str) -> list[str]:
    """Words with hyphens as many write them, without, in lower case.

    >>> joined_of("t-SNE after Grad-CAM in-place")
    ['tsne', 'gradcam', 'inplace']
    """
    return [one.replace("-", "").lower() for one in _HYPHENED.findall(text) if len(one) <= _LONGEST]


def is_identifier(word: str) -> bool:
    """Whether a word is a name from code, as it was written: it has an underscore, a digit or a capital inside.

    >>> is_identifier("kl_loss"), is_identifier("DataParallel"), is_identifier("Posterior"), is_identifier("GPU")
    (True, True, False, True)
    """
    return not word.isalpha() or not (word.islower() or word.istitle())


def written_words(text: str) -> list[str]:
    """Words of a text as they are written."""
    return [one for one in _WORD.findall(text) if len(one) <= _LONGEST and one.strip("_")]


def telling(words: Iterable[str]) -> list[str]:
    """These words without stopwords, single letters and repetitions."""
    return [one for one in dict.fromkeys(words) if one not in STOPWORDS and (len(one) > 1 or not one.isascii())]


@functools.cache
def english_words() -> frozenset[str]:
    """Common English words of at least five letters: what is among them is no typing error."""
    listed = files("workbench.compendium.search").joinpath("vocabulary.txt").read_text(encoding="utf-8").split()
    return frozenset(one for one in listed if len(one) > 4 and one.isalpha() and one.isascii())
