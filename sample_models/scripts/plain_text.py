# SPDX-License-Identifier: Apache-2.0
"""Plain sentences out of tagged tokens (Brown) and out of printed lines (Austen)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_CODES = re.compile(r"\*\*[a-z]{2}|[{}]")
_OPENING, _CLOSING = {"(", "``"}, {")", "''", ",", ".", ";", ":", "?", "!"}
_ENDS = re.compile(r"(?<=[.!?])(?:[\"')\]]*)\s+(?=[\"'(]*[A-Z])")
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Esq|Col|Capt|Gen|Rev|Sir|Hon|Messrs|Jr|Sr|No|Vol|etc|viz|i\.e|e\.g)|\b[A-Z])\.$"
)
LETTER = re.compile(r"[A-Za-z]")


def brown_sentences(raw: str) -> Iterator[str]:
    """Sentences of one tagged file of the Brown corpus (form C): headlines left out, punctuation set as in print.

    In the tagged form a mark that ends a line stands twice (``;/. ;/.``), a line ends after a semicolon or a colon, and
    commas and full stops stand after a closing quotation mark.
    """
    begun: list[str] = []
    for line in raw.split("\n"):
        tokens = [one.rsplit("/", 1) for one in line.split()]
        begun += [word for word, tag in tokens if not re.search(r"-hl\b", tag)]
        if begun and begun[-1] in (";", ":"):
            continue
        if begun:
            yield printed(begun)
        begun = []
    if begun:
        yield printed(begun)


def printed(tokens: list[str]) -> str:
    """Tokens as a printed sentence, American style: a comma or a full stop stands inside the quotation marks.

    >>> printed("`` You own this place '' ? ?".split())
    '"You own this place?"'
    >>> printed("He said ( softly ) , `` It's ' Joe ' ; ; no '' .".split())
    'He said (softly), "It\\'s \\'Joe\\'; no."'
    """
    words: list[str] = []
    for one in tokens:
        cleaned = _CODES.sub("", one)
        if cleaned and not (words and cleaned == words[-1] and not cleaned[-1].isalnum()):
            words.append(cleaned)
    for place in range(len(words) - 1):
        if words[place] in ("''", "'") and words[place + 1] in (",", ".", "?", "!") and "".join(words[:place]):
            words[place], words[place + 1] = words[place + 1], words[place]
    text, glued, single = "", True, False
    for one in words:
        opening = one in _OPENING or (one == "'" and not single)
        closing = one in _CLOSING or (one == "'" and single)
        single = (not single) if one == "'" else single
        text += ("" if glued or closing else " ") + {"``": '"', "''": '"'}.get(one, one)
        glued = opening
    return balanced(text.strip())


def balanced(text: str) -> str:
    """``text`` with the partners of quotation marks that stand in the sentences before or after it.

    >>> balanced('Stop," he said.')
    '"Stop," he said.'
    >>> balanced('(It was dark.')
    'It was dark.'
    """
    text = re.sub(r"\s+", " ", text).strip().lstrip(",;:.?!) ")
    if re.match(r'[^"]*[^\s"(]"(?:[\s,.;:?!)-]|$)', text) and not text.startswith('"'):
        text = f'"{text}'
    if text.count('"') % 2:
        text = f'{text}"' if re.search(r'(?:^|[\s(-])"[^"]+$', text) else text.replace('"', "")
    if text.count("(") != text.count(")"):
        text = re.sub(r"[()]", "", text)
    if re.search(r"[.!?]'$", text) and not re.search(r"(?:^|[\s\"])'", text):
        text = text[:-1]
    return re.sub(r"\s+", " ", text).strip()


def paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """Paragraphs of a printed book: blank lines part them; headings of chapters and volumes are left out."""
    held: list[str] = []
    for line in [*lines, ""]:
        stripped = line.strip()
        if stripped:
            held.append(stripped)
            continue
        joined = re.sub(r"\s+", " ", " ".join(held))
        held = []
        if re.search(r"[a-z]", joined) and not re.match(r"(?:CHAPTER|Chapter|VOLUME|Volume)\b", joined):
            yield joined


def prose_sentences(paragraph: str) -> list[str]:
    """Sentences of a paragraph of printed English.

    >>> prose_sentences('"Mr. Bennet, how _can_ you?" She went. "You delight in vexing me."')
    ['"Mr. Bennet, how can you?"', 'She went.', '"You delight in vexing me."']
    """
    plain = re.sub(r"_|\[\w+\]", "", paragraph).replace("--", " -- ").replace("“", '"').replace("”", '"')
    found, start = list[str](), 0
    for match in _ENDS.finditer(plain):
        if _SHORT.search(plain[start : match.start()]):
            continue
        found.append(plain[start : match.end()])
        start = match.end()
    return [one for one in (balanced(part) for part in [*found, plain[start:]]) if one]
