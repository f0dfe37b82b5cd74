# SPDX-License-Identifier: Apache-2.0
"""Text from plugins, data and addresses is data: what is shown through Markdown is escaped here."""

from __future__ import annotations

import re
from typing import Any, Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'/@])")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def one_line(value: Any, limit: int = 200) -> str:
    """``value`` as one line of at most ``limit`` characters, without control and direction-changing characters.

    >>> one_line("a\\nb" + "c" * 10, limit=6)
    'a bcc…'
    """
    text = _CONTROL.sub(" ", str(value)).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(value: Any, limit: int = 200) -> str:
    """``value`` such that Markdown shows exactly its characters: no HTML, link, picture, formula, icon or colour.

    >>> plain("<b>*x*</b>")
    '\\\\<b\\\\>\\\\*x\\\\*\\\\<\\\\/b\\\\>'
    """
    return _MARKDOWN.sub(r"\\\1", one_line(value, limit))


def sentence(value: Any, limit: int = 800) -> str:
    """An error's message as a sentence of a page, escaped.

    >>> sentence("there is no run 'ab12'")
    "There is no run \\\\'ab12\\\\'\\\\."
    """
    told = one_line(value, limit)
    told = told[:1].upper() + told[1:]
    return plain(told if told[-1:] in (".", "!", "?", "…", "") else f"{told}.", limit + 1)


def paragraphs(value: Any, limit: int = 6000) -> str:
    """Longer text for Markdown: lines and paragraphs are kept, every mark of Markdown is escaped."""
    text = str(value)[:limit]
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return "\n\n".join(plain(block, limit) for block in blocks if block)


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun.

    >>> counted(1, "run"), counted(1200, "run"), counted(2, "analysis", "analyses")
    ('1 run', '1,200 runs', '2 analyses')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
