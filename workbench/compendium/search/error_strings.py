# SPDX-License-Identifier: Apache-2.0
"""Error messages: the last one of a pasted log, the library it comes from, and whether an entry quotes it.

Messages are compared as phrases of words; numbers, paths and addresses are one and the same word whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workbench.compendium.search.words import telling

_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_HEXADECIMAL: Final = re.compile(r"\b0x[0-9a-f]+\b")
_PATH: Final = re.compile(
    r"(?<![\w.])(?:[a-z]:|~|\.{1,2})?[\\/][\w.+@-]+(?:[\\/][\w.+@-]*)*"
    r"|(?<![\w.+@-])(?:[\w.+@-]+[\\/]){2,}[\w.+@-]*"
)
_OPEN: Final = re.compile(r"\.\.\.|…|<[a-z_ ]{1,30}>|%[sdrfg]|\{[a-z_]{0,30}\}")
_NUMBER: Final = re.compile(r"(?<![a-z_])[-+]?\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?(?![a-z_])")
_TOKEN: Final = re.compile(r"[^\W_](?:[\w']*[^\W_])?|_\w+|\x01|\x02")
_NUMBERS: Final = re.compile(r"\x01(?: \x01)+")
_KINDS: Final = "Error|Exception|Warning|Interrupt|Exit|NotFound|Failure"
_LINE: Final = re.compile(rf"^[\s|+>-]*((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:{_KINDS}))(?::|\s*$)(.*)")
_CLASS: Final = re.compile(rf"^\s*(?:\w+\.)*\w+(?:{_KINDS}):\s*")
_MARKS: Final = {1: None, 2: None}
_FRAME: Final = re.compile(r'File "([^"]+)", line \d+')
_INSTALLED: Final = re.compile(r"(?:site|dist)-packages[\\/]([A-Za-z_]\w*)")
_START: Final = re.compile(r"Traceback \(most recent call last\)|^\s*File \"[^\"]+\", line \d+", re.MULTILINE)
_LONGEST: Final = 200_000
_LIBRARY_OF: Final = {
    "sklearn": "scikit-learn",
    "pil": "pillow",
    "cv2": "opencv",
    "umap": "umap-learn",
    "transformer_lens": "transformer-lens",
}
_MOST_LETTERS: Final = 4000
#: Words that an entry's message must have besides numbers and gaps, to be looked for inside longer text.
_FEWEST: Final = 2


@dataclass(frozen=True)
class Problem:
    """The error that a log ends with: its message on one line, and the library that raised it, where it is known."""

    message: str
    library: str | None = None


def is_log(text: str) -> bool:
    """Whether a text is a traceback or a log rather than a question.

    >>> is_log("why is my map different each time?"), is_log("Traceback (most recent call last):\\n  ...")
    (False, True)
    """
    return _START.search(text[:_LONGEST]) is not None or text.count("\n") >= 8


def is_error(text: str) -> bool:
    """Whether a text is an error message rather than prose: it names a class of errors.

    >>> is_error("ValueError: out of memory"), is_error("why is there an error in my map")
    (True, False)
    """
    return re.search(rf"[A-Za-z]\w*(?:{_KINDS})\b\s*:|^[A-Z]\w*[a-z](?:{_KINDS})\b", text) is not None


def last_error(log: str) -> Problem | None:
    """The last error line of a log, with the lines that continue it; ``None`` where no line is one.

    >>> last_error('File "/x/site-packages/captum/attr/a.py", line 3, in f\\nAssertionError: Cannot choose target')
    Problem(message='AssertionError: Cannot choose target', library='captum')
    """
    lines = [_COLOUR.sub("", one) for one in log[-_LONGEST:].splitlines()]
    places = [place for place, line in enumerate(lines) if _LINE.match(line)]
    if not places:
        return None
    hard = [place for place in places if not _matched(lines[place])[0].endswith("Warning")]
    place = (hard or places)[-1]
    kind, said = _matched(lines[place])
    parts = [said.strip()]
    for line in lines[place + 1 : place + 6]:
        if not line.strip() or _LINE.match(line) or _FRAME.search(line) or line.startswith("Traceback"):
            break
        parts.append(line.strip())
    message = " ".join(one for one in parts if one)
    short = kind.rpartition(".")[2]
    return Problem(f"{short}: {message}" if message else short, _library(lines[:place], kind))


def normalised(message: str) -> str:
    """Words of a message with a blank between; each number is ``\\x01``, each path, address or gap ``\\x02``.

    >>> normalised("Expected size [4, 16] at 0x7f01, got 3.5").replace("\\x01", "N").replace("\\x02", "*")
    'expected size N at * got N'
    """
    text = (
        _COLOUR.sub("", message[:_MOST_LETTERS]).replace("\x00", " ").replace("\x01", " ").replace("\x02", " ").lower()
    )
    text = _HEXADECIMAL.sub(" \x02 ", text)
    text = _OPEN.sub(" \x02 ", text)
    text = _PATH.sub(" \x02 ", text)
    text = _NUMBER.sub(" \x01 ", text)
    return _NUMBERS.sub("\x01", " ".join(_TOKEN.findall(text)))


def quotes(problem: str, errors: Iterable[str]) -> tuple[float, str]:
    """How far a normalised problem is one of these messages, 0 to 1, and which.

    1: one of the messages stands in the problem whole, or the problem (four words or more) in it. Less: they share
    most of their words in order.
    """
    from rapidfuzz import fuzz

    best, which = 0.0, ""
    words = problem.split()
    for message in errors:
        pattern, count, plain = _pattern(message)
        whole = count >= _FEWEST and pattern.search(f" {problem} ") is not None
        if whole or (len(words) >= 4 and f" {problem} " in f" {plain} "):
            found = 1.0
        elif count >= 4 and len(words) >= 4:
            share = fuzz.partial_ratio(problem, plain, score_cutoff=90) / 100
            found = 0.8 * share
        else:
            found = 0.0
        if found > best:
            best, which = found, message
    return best, which


def errors_of(errors: Iterable[str], phrasings: Iterable[str]) -> tuple[str, ...]:
    """Messages that an entry quotes: its errors, and those of its phrasings that name a class of errors."""
    return (*errors, *(one for one in phrasings if is_error(one)))


@lru_cache(maxsize=8192)
def _pattern(message: str) -> tuple[re.Pattern[str], int, str]:
    """A message as a pattern in normalised text, how many plain words it has, and the whole of it normalised.

    The class in front of a message is left out where three words or more come after it, for many paste the rest alone,
    and two of them say something: "out of memory" alone stands in too many messages.
    """
    bare = normalised(_CLASS.sub("", message))
    whole = normalised(message)
    plain = bare.translate(_MARKS).split()
    words = (bare if len(plain) >= 3 and len(telling(plain)) >= 2 else whole).split()
    said = [one for one in words if one not in ("\x01", "\x02")]
    while words and words[-1] in ("\x01", "\x02"):
        words.pop()
    parts = [
        r"(?:\S+ ){0,4}?" if one == "\x02" else r"\S+ " if one == "\x01" else re.escape(one) + " " for one in words
    ]
    return re.compile(" " + "".join(parts)), len(said), whole


def _matched(line: str) -> tuple[str, str]:
    found = _LINE.match(line)
    return (found[1], found[2]) if found is not None else ("", "")


def _library(frames: Iterable[str], kind: str) -> str | None:
    installed = [found[1] for line in frames if _FRAME.search(line) for found in _INSTALLED.finditer(line)]
    name = installed[-1] if installed else kind.partition(".")[0] if "." in kind else None
    return _LIBRARY_OF.get(name.lower(), name.replace("_", "-").lower()) if name is not None else None
