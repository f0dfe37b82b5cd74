# SPDX-License-Identifier: Apache-2.0
"""The server's own manners: headers on every answer, and no requests by other names or from other sites."""

from __future__ import annotations

import asyncio
import http.client
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from workbench.app.guard import HEADERS, Guard

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "browser")]
from chromium import serve  # noqa: E402  -- the folders of the tests are no packages


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = str(tmp_path_factory.mktemp("guard") / "store")
    with serve(ROOT / "streamlit_app.py", environment={"WORKBENCH_STORE": store}) as url:
        yield urlsplit(url).netloc


def asked(server: str, path: str, host: str | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(server, timeout=20)
    connection.request("GET", path, headers={"Host": host or server, **headers})
    answer = connection.getresponse()
    answer.close()
    connection.close()
    return answer


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.mark.parametrize("path", ["/", "/models", "/_stcore/health", "/media/nothing", "/static/nothing.js", "//evil"])
def test_every_answer_has_the_headers(server: str, path: str) -> None:
    answer = asked(server, path)
    for name, value in HEADERS:
        assert answer.getheader(name) == value, f"{name} of {path}"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil", "["])
def test_another_name_is_refused(server: str, host: str) -> None:
    port = server.rpartition(":")[2]
    assert asked(server, "/", host).status in (400, 403)
    assert asked(server, "/_stcore/stream", host, Origin=f"http://{host}:{port}", **UPGRADE).status in (400, 403)


def test_pages_of_the_app_open_a_socket_and_those_of_other_sites_do_not(server: str) -> None:
    port = server.rpartition(":")[2]
    for host in (server, f"localhost:{port}", f"[::1]:{port}"):
        assert asked(server, "/_stcore/stream", host, Origin=f"http://{host}", **UPGRADE).status == 101
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example"):
        assert asked(server, "/_stcore/stream", Origin=origin, **UPGRADE).status == 403


def answered(guard: Guard, kind: str, method: str = "GET", **headers: str) -> list[Any]:
    """What a guard sends for one request to an application that answers all."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    plain = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(guard({"type": kind, "method": method, "headers": plain}, receive, send))
    return sent


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})


def test_a_proxy_is_let_through_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(Guard(application, "127.0.0.1"), "http", host="lab.example")[0]["status"] == 403
    monkeypatch.setenv("WORKBENCH_HOSTS", "Lab.Example, other")
    guard = Guard(application, "127.0.0.1")
    assert answered(guard, "http", host="lab.example")[0]["status"] == 200
    assert answered(guard, "http", "PUT", host="127.0.0.1:1", origin="https://lab.example")[0]["status"] == 200
    assert answered(guard, "http", "PUT", host="127.0.0.1:1", origin="https://evil.example")[0]["status"] == 403
    assert (b"x-own", b"1") in answered(guard, "http", host="other")[0]["headers"]


def test_a_server_on_the_network_goes_by_any_name_but_serves_no_page_of_another_site() -> None:
    guard = Guard(application, "0.0.0.0")
    assert answered(guard, "http", host="lab.example")[0]["status"] == 200
    refused = answered(guard, "websocket", host="lab.example", origin="http://evil.example")
    assert refused == [{"type": "websocket.close", "code": 1008}]
