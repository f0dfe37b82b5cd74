# SPDX-License-Identifier: Apache-2.0
"""What pages fetch by HTTP, from a real server and by real pages of it."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, serve  # noqa: E402  -- the folders of the tests are no packages

from workbench.app.guard import HEADERS  # noqa: E402

pytestmark = pytest.mark.browser

SCRIPT = HERE / "apps" / "served.py"
VIEW = "low=0,0&high=4,2&width=4&height=2&size=1"
FETCH = """async ([path, token]) => {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return [answer.status, answer.headers.get("content-type"), bytes.length, Array.from(bytes.slice(0, 2000))];
}"""


@pytest.fixture(scope="module", params=["", "lab/one"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with serve(SCRIPT, base_path=request.param) as url:
        yield url


def published(page: Any, url: str, name: str) -> dict[str, str]:
    """Open the page and read what it published."""
    page.goto(f"{url}/?name={name}")
    code = page.locator("code").first
    code.wait_for()
    found: dict[str, str] = json.loads(code.inner_text())
    return found


def ask(url: str, path: str, token: str = "", method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """One request, its path as it is."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True, skip_host="Host" in headers)
        for name, text in {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip", **headers}.items():
            connection.putheader(name, text)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): text for name, text in answer.getheaders()}
    finally:
        connection.close()


def test_a_page_fetches_what_it_published_and_no_other_does(server: str) -> None:
    base = urlsplit(server).path
    with browser_page() as page:
        own = published(page, server, "one")
        assert own["column"].startswith(f"{base}/workbench/columns/")
        status, kind, size, start = page.evaluate(FETCH, [own["column"], own["token"]])
        assert (status, kind, size) == (200, "application/octet-stream", 200_000)
        assert np.frombuffer(bytes(start), dtype="<f4").tolist() == list(range(500))
        status, kind, _, content = page.evaluate(FETCH, [f"{own['cards']}/7", own["token"]])
        assert (status, kind) == (200, "application/json")
        assert json.loads(bytes(content)) == {"title": "<b>one</b>", "lines": ["7"], "image": None, "error": ""}
        status, kind, _, content = page.evaluate(FETCH, [f"{own['raster']}?{VIEW}", own["token"]])
        assert (status, kind, bytes(content[1:4])) == (200, "image/png", b"PNG")

        with_page = page.context.new_page()
        other = published(with_page, server, "two")
        assert other["cards"] != own["cards"] and other["column"] == own["column"]
        things = [f"{own['cards']}/7", f"{own['raster']}?{VIEW}"]
        for path in things:
            assert with_page.evaluate(FETCH, [path, other["token"]])[0] == 404
            assert with_page.evaluate(FETCH, [path, ""])[0] == 404
            assert with_page.evaluate(FETCH, [path, own["token"]])[0] == 200
        # The socket goes on beside the routes.
        page.get_by_role("button", name="Run again").click()
        page.get_by_text("ran again").wait_for()
        # Closed, a page can no longer be taken for open.
        page.goto("about:blank")
        with_page.wait_for_function(
            f"async (given) => (await ({FETCH})(given))[0] === 404",
            arg=[things[0], own["token"]],
        )
        for path in (own["column"], *things):
            assert ask(server, path, own["token"])[0] == 404
        assert ask(server, other["column"], other["token"])[0] == 200


def test_nothing_is_reached_by_other_paths_methods_names_or_sites(server: str) -> None:
    base = urlsplit(server).path
    with browser_page() as page:
        own = published(page, server, "one")
        token = own["token"]
        status, content, headers = ask(server, own["column"], token)
        assert (status, len(content)) == (200, 200_000)
        assert [headers[name] for name, _ in HEADERS] == [text for _, text in HEADERS]
        assert not [name for name in headers if name.startswith("access-control")]

        missing = ask(server, f"{base}/workbench/columns/{'0' * 64}", token)[:2]
        assert missing[0] == 404
        for kind in ("columns", "cards", "rasters"):
            front = f"{base}/workbench/{kind}"
            for rest in (
                "", "/", "/x", "/.", "/..", "/../", "/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%2e%2e%2fx",
                "/..%5c..%5cx", "/%252e%252e%252fx", "/%00", "/%0a", "/a%00b", "//etc/passwd", "/%2fetc%2fpasswd",
                "/C:%5cx", "/%5c%5chost%5cshare", "/~root", "/" + "a" * 5000, "/%c0%ae%c0%ae/", "/%ff", "/;x",
                "/" + "a" * 64 + "%0a", "/" + "a" * 32 + "/-1", "/" + "a" * 32 + "/0/..", "/*", "/<script>", "/{}",
                "/?x=../..",
            ):  # fmt: skip
                status, content, headers = ask(server, front + rest, token)
                assert status in (400, 404) and "location" not in headers, rest
                assert content in (missing[1], b"Bad Request", b"Invalid HTTP request received."), rest
        for path in (own["column"], f"{own['cards']}/1", own["raster"]):
            for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                status, content, headers = ask(server, path, token, method, **{"Content-Length": "0"})
                assert status in (403, 405)
                assert not [name for name in headers if name.startswith("access-control")]
            assert ask(server, path, token, Host="evil.example")[0] == 403
        for query in (
            "",
            "low=1",
            f"{VIEW}&x=1",
            f"{VIEW}&width=4",
            VIEW.replace("width=4", "width=99999"),
            "a" * 9000,
        ):
            status, content, _ = ask(server, f"{own['raster']}?{query}", token)
            assert status == 400 and content.count(b"\n") == 1 and b"Traceback" not in content


def test_the_app_itself_has_the_routes(tmp_path: Path) -> None:
    environment = {"WORKBENCH_STORE": str(tmp_path / "store")}
    with serve(HERE.parents[1] / "streamlit_app.py", environment=environment) as url:
        status, content, headers = ask(url, "/workbench/columns/" + "0" * 64)
        assert (status, content) == (404, b"There is nothing here for this page.\n")
        assert [headers[name] for name, _ in HEADERS] == [text for _, text in HEADERS]
