# SPDX-License-Identifier: Apache-2.0
"""The editor in a real browser: a slider is moved, and the picture changes; undo brings it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ROOT = HERE.parents[1]
PATIENCE = 120_000  # milliseconds: a machine that may be busy


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = str(tmp_path_factory.mktemp("editor") / "store")
    with serve(ROOT / "streamlit_app.py", environment={"WORKBENCH_STORE": store}) as url:
        yield url


@pytest.fixture
def page(server: str) -> Iterator[Page]:
    with browser_page(width=1440, height=1000) as opened:
        opened.set_default_timeout(PATIENCE)
        failures: list[str] = []
        opened.on("pageerror", lambda error: failures.append(str(error)))
        yield opened
        assert failures == []
        elsewhere = [one for one in requested(opened) if urlsplit(one).hostname not in ("127.0.0.1", None, "")]
        assert not elsewhere, "the app asks for nothing outside this machine"


def picture(page: Page, alt: str) -> str:
    found = page.get_by_alt_text(alt, exact=True)
    found.wait_for()
    return str(found.get_attribute("src"))


def edit(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("edit", [""])[0]


def test_a_slider_changes_the_picture_and_undo_brings_it_back(page: Page, server: str) -> None:
    page.goto(f"{server}/plugin-editor?model=eigenfaces&from=data&row=8&edit=@0:1")
    before, moved = picture(page, "Before the edit"), picture(page, "After the edit")
    assert before != moved, "the address moves the first eigenface"
    slider = page.locator(".st-key-editor-eigenfaces-z-axis-1 input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url(lambda url: "@1:" in parse_qs(urlsplit(url).query).get("edit", [""])[0])
    page.wait_for_function(
        "old => { const one = document.querySelector('img[alt=\"After the edit\"]');"
        " return one && one.getAttribute('src') !== old; }",
        arg=moved,
    )
    assert edit(page) == "@0:1,@1:0.1"
    assert picture(page, "Before the edit") == before
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "old => document.querySelector('img[alt=\"After the edit\"]').getAttribute('src') === old", arg=moved
    )
    assert edit(page) == "@0:1"
