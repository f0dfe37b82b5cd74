# SPDX-License-Identifier: Apache-2.0
"""Maps drawn by the server, for browsers that cannot: makers of pictures, asked for a window at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread
from typing import Final, TypeAlias

from registry.errors import WorkbenchError
from workbench.app.served.drawing import Painter, draw, warm_up
from workbench.app.served.makers import Entry, Makers
from workbench.app.served.view import View

__all__ = ["Painter", "View", "draw", "make", "publish"]

#: Seconds after which a page gets no picture; the first one waits for what is compiled once for each process.
SECONDS: Final = 30.0
RasterMaker: TypeAlias = Callable[[View], bytes]
registry: Final = Makers[RasterMaker]("rasters")
_LOG: Final = logging.getLogger(__name__)
_warm = {"begun": False}


def publish(key: str, maker: RasterMaker, *, warm: bool = True) -> str | None:
    """Let the current page ask for pictures of a map.

    Parameters
    ----------
    key : the map, within the page; publishing again under it replaces the maker
    maker : gives the PNG of a view, as :meth:`Painter.draw` does. It runs in a thread beside the page and must not call
        Streamlit; the sentence of a :class:`registry.errors.WorkbenchError` that it raises is the answer.
    warm : compile in a thread what the first picture needs; False where a picture is hardly ever asked for

    Returns
    -------
    ``/workbench/rasters/ID``, base path in front; ``?low=X,Y&high=X,Y&width=W&height=H`` behind it gives the picture,
    see :class:`View` for what else may stand there. None where no server has the routes.
    """
    path = registry.publish(key, maker)
    if path is not None and warm and not _warm["begun"]:
        _warm["begun"] = True
        Thread(target=warm_up, name="workbench-rasters-warm-up", daemon=True).start()
    return path


def make(entry: Entry[RasterMaker], view: View) -> tuple[int, bytes]:
    """The answer of a maker: HTTP status, and a PNG or one sentence."""
    try:
        return 200, entry.maker(view)
    except WorkbenchError as error:
        return 400, str(error).encode()
    except Exception as error:  # noqa: BLE001 -- a maker may raise anything; the page gets one sentence, the log all
        _LOG.exception("a map could not be drawn")
        return 500, f"The map could not be drawn ({type(error).__name__}).".encode()
