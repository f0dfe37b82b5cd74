# SPDX-License-Identifier: Apache-2.0
"""Hover cards: what a point is, in words and a small picture, made when the pointer rests on it."""

from __future__ import annotations

import base64
import json
import logging
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from registry.errors import WorkbenchError
from workbench.app.served.makers import Entry, Makers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Seconds after which a page gets no card.
SECONDS: Final = 5.0
#: A picture is brought to about this many pixels along its longer side.
SIDE: Final = 112
_MOST: Final = 128
_LINES, _LETTERS = 12, 200
_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Card:
    """What stands on a card; text is shown as text, never as markup.

    Attributes
    ----------
    title : one line
    lines : below it, at most 12 are shown
    picture : uint8 ``[height, width]`` or ``[height, width, 1, 3 or 4]``
    """

    title: str
    lines: tuple[str, ...] = ()
    picture: npt.NDArray[np.uint8] | None = None


CardMaker: TypeAlias = Callable[[int], Card]
registry: Final = Makers[CardMaker]("cards")


def publish(key: str, maker: CardMaker, *, length: int | None = None) -> str | None:
    """Let the current page ask for cards, one position at a time.

    Parameters
    ----------
    key : what the cards are of, within the page; publishing again under it replaces the maker
    maker : gives the card of a position. It runs in a thread beside the page and must not call Streamlit; a
        :class:`registry.errors.WorkbenchError` that it raises is shown on the card.
    length : positions from here on are refused

    Returns
    -------
    ``/workbench/cards/ID``, base path in front; ``/POSITION`` behind it gives JSON
    ``{title, lines, image: data address of a PNG or null, error: one sentence or ""}``. None where no server has the
    routes.
    """
    return registry.publish(key, maker, length)


def read_position(text: str, length: int | None) -> int | None:
    """The position that a path names; None when it is not written as one, or too large.

    >>> read_position("12", 13), read_position("13", 13), read_position("012", 13), read_position("1e1", None)
    (12, None, None, None)
    """
    if _POSITION.fullmatch(text) is None:
        return None
    position = int(text)
    return position if length is None or position < length else None


def make(entry: Entry[CardMaker], position: int) -> tuple[int, bytes]:
    """The answer of a maker: HTTP status and JSON."""
    kept = entry.answer(position)
    if kept is not None:
        return 200, kept
    try:
        content = encode(entry.maker(position))
    except WorkbenchError as error:
        return 200, problem(str(error))
    except Exception as error:  # noqa: BLE001 -- a maker may raise anything; the page gets one sentence, the log all
        _LOG.exception("the card of point %d could not be made", position)
        return 500, problem(f"The card of point {position:,} could not be made ({type(error).__name__}).")
    entry.keep(position, content)
    return 200, content


def encode(card: Card) -> bytes:
    """A card as JSON.

    Raises
    ------
    ValueError
        When the picture is no picture.
    """
    image = None
    if card.picture is not None:
        from workbench.app.parts.contact_sheet import png

        image = "data:image/png;base64," + base64.b64encode(png(fit(card.picture))).decode()
    return _json(_text(card.title), [_text(one) for one in card.lines[:_LINES]], image, "")


def problem(sentence: str) -> bytes:
    """A card that says what went wrong."""
    return _json("", [], None, _text(sentence))


def fit(picture: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """A picture at about :data:`SIDE` pixels: larger ones by the mean of whole blocks, smaller ones by whole steps.

    Raises
    ------
    ValueError
        When it is not uint8 ``[height, width]`` or ``[height, width, 1, 3 or 4]``, or has no pixels.
    """
    import numpy as np

    from workbench.app.parts.contact_sheet import enlarge

    given = np.asarray(picture)
    channels = given.shape[2] if given.ndim == 3 else 1
    if given.dtype != np.uint8 or given.ndim not in (2, 3) or channels not in (1, 3, 4) or not given.size:
        raise ValueError(f"a picture is uint8 [height, width(, 1, 3 or 4)], not {given.dtype} {list(given.shape)}")
    longest = max(given.shape[:2])
    if longest <= _MOST:
        return enlarge(given, SIDE)
    from PIL import Image

    plain = given[..., 0] if given.ndim == 3 and channels == 1 else given
    return np.asarray(Image.fromarray(plain).reduce(math.ceil(longest / _MOST)))


def _text(given: str) -> str:
    line = " ".join(str(given).split())
    return line if len(line) <= _LETTERS else line[: _LETTERS - 1] + "…"


def _json(title: str, lines: list[str], image: str | None, error: str) -> bytes:
    plain = {"title": title, "lines": lines, "image": image, "error": error}
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()
