# SPDX-License-Identifier: Apache-2.0
"""Answers for the search box while somebody types: entries of the compendium as JSON, text only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from workbench.app.served import grants

if TYPE_CHECKING:
    from workbench.compendium.search import Answer

#: Seconds after which the box gets no answer.
SECONDS: Final = 10.0
#: Hits that the box shows.
HITS: Final = 8
_LONGEST: Final = 6000
_TEXT: Final = 2000


def address() -> str | None:
    """Where the page of the current session asks; ``None`` where no server has the routes."""
    return grants.address("search") if grants.session() is not None else None


def read_question(query: str) -> tuple[str, str | None]:
    """What a query string asks, as in ``q=blurry&context=captum``: the text, and the context or nothing.

    Raises
    ------
    ValueError
        When it is too long, not written so, or names anything else; in one sentence.
    """
    if len(query) > _LONGEST:
        raise ValueError(f"The question is longer than {_LONGEST:,} letters.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=4)
    except ValueError:
        raise ValueError("The question is not written as name=value&name=value.") from None
    given = dict(pairs)
    if len(given) != len(pairs) or not set(given) <= {"q", "context"}:
        raise ValueError("A question is q=TEXT, and context=NAME where there is one, each once.")
    return given.get("q", "")[:_TEXT], given.get("context") or None


def make(text: str, context: str | None) -> bytes:
    """The answer as JSON: ``{hits: [{id, title, area, grade, reason}], fits, did_you_mean}``."""
    from workbench.compendium.asking import root_of, search_of

    return encode(search_of(root_of()).search(text, context=context, limit=HITS, typing=True))


def encode(answer: Answer) -> bytes:
    """An answer as the box reads it."""
    from workbench.compendium.entry import AREAS

    plain: dict[str, Any] = {
        "hits": [
            {"id": one.id, "title": one.title, "area": AREAS.get(one.area, one.area), "grade": one.grade,
             "reason": one.reason}
            for one in answer.hits
        ],
        "fits": answer.fits,
        "did_you_mean": answer.did_you_mean,
    }  # fmt: skip
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()
