# SPDX-License-Identifier: Apache-2.0
"""What every answer of the app's server says to browsers, and which requests it refuses.

Streamlit itself sends no security headers and takes any ``Host``, so that a page of another site could be resolved to
this machine (DNS rebinding) and then drive the app as if it were its own.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import ipaddress
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
VARIABLE = "WORKBENCH_HOSTS"  # names, with commas, by which a reverse proxy passes the app on
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")


def _own_scripts() -> list[str]:
    """What a policy calls the scripts that stand in Streamlit's own page: by the hash of their text."""
    found = importlib.util.find_spec("streamlit")
    page = Path(found.origin).parent / "static" / "index.html" if found is not None and found.origin else None
    if page is None or not page.is_file():
        return []
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = [hashlib.sha256(one.encode()).digest() for one in scripts]
    return [f"'sha256-{base64.b64encode(one).decode()}'" for one in digests]


#: Everything comes from the app's own origin. Streamlit needs blob: for the scripts of components, its workers and
#: downloads, data: for pictures and fonts, WebAssembly for graphs, and styles in elements; it evaluates no text.
POLICY = (
    ("default-src", "'self'"),
    ("script-src", " ".join(["'self' blob: 'wasm-unsafe-eval'", *_own_scripts()])),
    ("style-src", "'self' 'unsafe-inline'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self' data:"),
    ("media-src", "'self' data: blob:"),
    ("connect-src", "'self' data: blob:"),
    ("worker-src", "'self' blob:"),
    ("object-src", "'none'"),
    ("base-uri", "'self'"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'self'"),
)
HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", "; ".join(f"{name} {value}" for name, value in POLICY)),
)


class Guard:
    """ASGI middleware: headers on every answer, and only requests that are meant for this app.

    ``address`` is what the server listens on. On a loopback address the ``Host`` must be one of this machine, or named
    in ``WORKBENCH_HOSTS``; a server that was opened to the network goes by any name. Web sockets and requests that
    change something must come from a page of the app.
    """

    def __init__(self, app: Application, address: str = "") -> None:
        self.app = app
        named = {one.strip().lower() for one in os.environ.get(VARIABLE, "").split(",") if one.strip()}
        self.named = LOCAL | named
        self.any_name = not is_local(address)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal:
            await (_close(send) if scope["type"] == "websocket" else _refuse(send, refusal))
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_encoded()]}
            await send(message)

        await self.app(scope, receive, with_headers)

    def refusal(self, scope: Message) -> str:
        """Why a request is refused; empty when it is served."""
        given: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = given.get(b"host", ""), given.get(b"origin")
        if not _HOST.fullmatch(host) or not (self.any_name or hostname(f"//{host}") in self.named):
            return f"This app does not go by the name in the address. Name it in {VARIABLE} to let it."
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        own = origin is None or origin.lower().partition("://")[2] == host.lower()
        if changes and not own and hostname(origin or "") not in self.named - LOCAL:
            return "This request comes from a page of another site."
        return ""


def is_local(address: str) -> bool:
    """Whether only this machine reaches an address; an empty one is every interface.

    >>> is_local("127.0.0.2"), is_local("::1"), is_local("localhost"), is_local("0.0.0.0"), is_local("")
    (True, True, True, False, False)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def hostname(address: str) -> str:
    """The name or number of the machine in an address, in lower case; empty when there is none.

    >>> hostname("http://[::1]:8501"), hostname("//LOCALHOST:80"), hostname("null"), hostname("//[")
    ('::1', 'localhost', '', '')
    """
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _encoded() -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in HEADERS]


async def _refuse(send: Send, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_encoded()]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})


async def _close(send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})
