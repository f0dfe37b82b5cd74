# SPDX-License-Identifier: Apache-2.0
"""The routes behind the guard, without a server: pages that are open or closed, and requests as ASGI messages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from workbench.app.guard import Guard
from workbench.app.served import cards, columns, grants, rasters, routes
from workbench.app.served.makers import Makers


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """The routes, the pages that are open, and the one whose script runs."""

    app: Any
    open: set[str] = field(default_factory=set)
    current: str | None = None

    def page(self, name: str) -> str:
        """Open a page, run its script from now on, and give its token."""
        self.open.add(name)
        self.current = name
        return grants.token()

    def ask(self, path: str, token: str | None = None, method: str = "GET", **headers: str) -> Answer:
        """One request, as a server hands it to the application."""
        return asyncio.run(self._ask(path, token, method, headers))

    def ask_all(self, paths: list[str], token: str) -> list[Answer]:
        """Requests at the same time."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self._ask(path, token, "GET", {}) for path in paths))

        return asyncio.run(together())

    async def _ask(self, path: str, token: str | None, method: str, headers: dict[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        given = {"host": "127.0.0.1", **{name.replace("_", "-").lower(): text for name, text in headers.items()}}
        if token is not None:
            given.setdefault("authorization", f"Bearer {token}")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(plain),
            "raw_path": plain.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode("latin-1")) for name, text in given.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        sent: list[Any] = []
        asked, answered = False, asyncio.Event()

        async def receive() -> Any:
            nonlocal asked
            if asked:
                await answered.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await self.app(scope, receive, send)
        found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(bytes(one.get("body", b"")) for one in sent[1:]))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The routes with nothing published; what decides whether a page is open is the site's own list."""
    # Streamlit compresses what comes out of the routes, so the site does.
    middleware = [Middleware(Guard, address="127.0.0.1"), Middleware(GZipMiddleware, minimum_size=1000)]
    site = Site(Starlette(routes=routes.all(), middleware=middleware))
    monkeypatch.setattr(grants, "alive", lambda session: session in site.open)
    monkeypatch.setattr(grants, "session", lambda: site.current)
    monkeypatch.setattr(columns, "_blocks", type(columns._blocks)())
    monkeypatch.setattr(cards, "registry", Makers("cards"))
    monkeypatch.setattr(rasters, "registry", Makers("rasters"))
    yield site
    grants.mount(False)
