# SPDX-License-Identifier: Apache-2.0
"""The addresses below ``/workbench/``: only reading, only for a page with a token, nothing named but ids and numbers.

Whatever a page may not have answers 404 with one and the same body: what another page has, a wrong, missing or stale
token, an unknown or malformed id. Headers of safety come from :mod:`workbench.app.guard`, which stands before these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from workbench.app.served import cards, columns, grants, searching
from workbench.app.served.lanes import Busy, Lanes, Late, Left

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_IMMUTABLE: Final = "private, max-age=31536000, immutable"
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_ENTRY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)?", re.ASCII)
_CHUNK: Final = 2**18
#: Pictures of maps drawn at the same time for all pages: the largest takes 0.5 GiB.
TOGETHER: Final = 4
_lanes: Final = {"cards": Lanes("cards"), "rasters": Lanes("rasters", together=TOGETHER), "search": Lanes("search")}


def all() -> list[Route]:
    """The routes for ``streamlit.App``; from now on pages of this process publish."""
    grants.mount()
    return [
        Route(grants.address("columns", "{sha256}"), _column, methods=["GET"]),
        Route(grants.address("cards", "{id}", "{position}"), _card, methods=["GET"]),
        Route(grants.address("rasters", "{id}"), _raster, methods=["GET"]),
        Route(grants.address("search"), _search, methods=["GET"]),
        # What people write down: Streamlit's own pages have one name each and no more.
        Route(f"{grants.above()}/compendium/{{entry}}", _entry, methods=["GET"]),
        # Streamlit answers every other address with its page.
        Route(grants.address("{rest:path}"), _nothing, methods=["GET"]),
    ]


def caller(request: Request) -> str | None:
    """The session whose token a request carries; None when there is none that holds."""
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return grants.allowed(token) if scheme.lower() == "bearer" else None


def nothing() -> Response:
    """The answer to whatever a page may not have."""
    return PlainTextResponse("There is nothing here for this page.\n", 404, _NOT_KEPT)


async def _nothing(request: Request) -> Response:
    return nothing()


async def _column(request: Request) -> Response:
    session, sha256 = caller(request), request.path_params["sha256"]
    content = columns.fetch(sha256, session) if session is not None else None
    if content is None:
        return nothing()
    headers = {"ETag": f'"{sha256}"', "Cache-Control": _IMMUTABLE}
    asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in asked or "*" in asked:
        return Response(None, 304, headers)
    return _Block(content, headers)


async def _card(request: Request) -> Response:
    session = caller(request)
    entry = cards.registry.find(request.path_params["id"], session) if session is not None else None
    position = cards.read_position(request.path_params["position"], entry.length) if entry is not None else None
    if session is None or entry is None or position is None:
        return nothing()
    try:
        status, content = await _lanes["cards"].ask(
            session, lambda: cards.make(entry, position), request.receive, cards.SECONDS
        )
    except (Busy, Late, Left) as error:
        status, content = 503, cards.problem(f"The card of point {position:,} is not there yet: {_why(error)}.")
    return Response(content, status, _NOT_KEPT, media_type="application/json")


async def _raster(request: Request) -> Response:
    from workbench.app.served import rasters
    from workbench.app.served.view import read_view

    session = caller(request)
    entry = rasters.registry.find(request.path_params["id"], session) if session is not None else None
    if session is None or entry is None:
        return nothing()
    try:
        view = read_view(request.scope["query_string"].decode("latin-1"))
    except ValueError as error:
        return PlainTextResponse(f"{error}\n", 400, _NOT_KEPT)
    try:
        status, content = await _lanes["rasters"].ask(
            session, lambda: rasters.make(entry, view), request.receive, rasters.SECONDS
        )
    except (Busy, Late, Left) as error:
        status, content = 503, f"The picture of the map is not there yet: {_why(error)}.".encode()
    if status != 200:
        return PlainTextResponse(content + b"\n", status, _NOT_KEPT)
    # A view that has a version never changes: the page counts on when it draws something else.
    headers = {"Cache-Control": "private, max-age=3600"} if view.version else _NOT_KEPT
    return Response(content, 200, headers, media_type="image/png")


async def _search(request: Request) -> Response:
    session = caller(request)
    if session is None:
        return nothing()
    try:
        text, context = searching.read_question(request.scope["query_string"].decode("latin-1"))
    except ValueError as error:
        return PlainTextResponse(f"{error}\n", 400, _NOT_KEPT)
    try:
        content = await _lanes["search"].ask(
            session, lambda: searching.make(text, context), request.receive, searching.SECONDS
        )
    except (Busy, Late, Left) as error:
        return PlainTextResponse(f"The answer is not there yet: {_why(error)}.\n", 503, _NOT_KEPT)
    return Response(content, 200, _NOT_KEPT, media_type="application/json")


async def _entry(request: Request) -> Response:
    """``/compendium/ID`` leads to the page of the entry; what is no id or alias leads nowhere."""
    name = request.path_params["entry"]
    if _ENTRY.fullmatch(name) is None:
        return nothing()
    return RedirectResponse(f"{grants.above()}/compendium?entry={name}", 307, _NOT_KEPT)


def _why(error: Exception) -> str:
    return "too many were asked for at once" if isinstance(error, Busy) else "it takes too long"


class _Block(Response):
    """Bytes sent as they lie in memory, a piece at a time, so that one page never holds a second copy of them."""

    def __init__(self, content: memoryview, headers: dict[str, str]) -> None:
        # Named, the encoding keeps Streamlit from compressing what hardly shrinks: that took longer than sending it.
        named = {"Content-Length": str(content.nbytes), "Content-Encoding": "identity"}
        super().__init__(None, 200, {**headers, **named}, media_type="application/octet-stream")
        self.content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the block, its head alone when that was asked for."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        size = self.content.nbytes if scope["method"] == "GET" else 0
        for start in range(0, size, _CHUNK):
            piece = self.content[start : start + _CHUNK]
            await send({"type": "http.response.body", "body": piece, "more_body": start + _CHUNK < size})
        if size == 0:
            await send({"type": "http.response.body", "body": b""})
