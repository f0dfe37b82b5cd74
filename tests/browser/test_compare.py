# SPDX-License-Identifier: Apache-2.0
"""Two maps side by side in a real browser: what is drawn around on one is selected on both."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages

from plugins.projection.comparing import common_points, movement  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

ROOT = HERE.parents[1]
PATIENCE = 60_000  # milliseconds: a machine that may be busy
MADE = """
import sys, workbench as wb
for method, limit in (("pca", 400), ("tsne", 300)):
    wb.run("projection", model="eigenfaces", space="z", method=method, limit=limit, iterations=100, k=5, seeds=0,
           store=sys.argv[1], inline=True)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    location = str(tmp_path_factory.mktemp("compare") / "store")
    subprocess.run([sys.executable, "-c", MADE, location], check=True, cwd=ROOT)
    return location


@pytest.fixture(scope="module")
def server(store: str) -> Iterator[str]:
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


def settled(page: Page) -> None:
    """Wait until no script of the page runs any more."""
    page.wait_for_timeout(300)
    page.wait_for_selector(".stApp[data-test-script-state=notRunning]", state="attached")
    page.wait_for_timeout(300)


def maps(page: Page, count: int) -> list[Locator]:
    stages = page.locator(".wb-stage[data-drawn]")
    stages.nth(count - 1).wait_for()
    settled(page)
    assert stages.count() == count
    return [stages.nth(at) for at in range(count)]


def on_screen(stage: Locator, places: Any) -> Any:
    """Pixels on a stage before any pan or zoom: the points fill nine tenths of the tighter side."""
    width, height = stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    middle, half = (places.min(axis=0) + places.max(axis=0)) / 2, (places.max(axis=0) - places.min(axis=0)) / 2
    return (places - middle) * 0.45 * min(width / half[0], height / half[1]) * [1, -1] + [width / 2, height / 2]


def lasso(page: Page, stage: Locator, corners: list[tuple[float, float]], key: str | None = None) -> None:
    stage.scroll_into_view_if_needed()
    stage.press("l")
    box = stage.bounding_box()
    assert box is not None
    if key:
        page.keyboard.down(key)
    page.mouse.move(box["x"] + 1 + corners[0][0], box["y"] + 1 + corners[0][1])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + 1 + x, box["y"] + 1 + y, steps=8)
    page.mouse.up()
    if key:
        page.keyboard.up(key)


def depth(screen: Any, corners: list[tuple[float, float]]) -> Any:
    """How many pixels each point lies inside a convex outline, in the order of the clock; negative outside."""
    ends = np.array(corners)
    sides = np.roll(ends, -1, axis=0) - ends
    away = screen[:, None] - ends[None]
    return ((sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0]) / np.linalg.norm(sides, axis=1)).min(axis=1)


def of_address(page: Page, store: str) -> Any:
    """The positions that the address selects."""
    from workbench.store import Store

    query = parse_qs(urlsplit(page.url).query)
    if "selected" in query:
        return np.array([int(one) for one in query["selected"][0].split(".")])
    with Store.open(store) as opened:
        kept = opened.kept_selection(query["selection"][0])
        assert kept is not None
        return kept


def test_a_lasso_on_either_map_selects_the_same_rows_on_both(page: Page, server: str, store: str) -> None:
    from workbench.store import Store

    with Store.open(store) as opened:
        tsne, pca = opened.runs(analysis="projection")
        results = [opened.result(one.id) for one in (pca, tsne)]
        here, there = common_points(*(one.array("rows") for one in results))
        left = np.asarray(results[0].array("coordinates"), dtype=np.float64)[here]
        right = movement(left, np.asarray(results[1].array("coordinates"))[there]).coordinates.astype(np.float64)
    assert len(here) == 300
    page.goto(f"{server}/plugin-compare?left={pca.id}&right={tsne.id}")
    stages = maps(page, 2)

    corners = [(60.0, 40.0), (230.0, 40.0), (230.0, 330.0), (60.0, 330.0)]
    lasso(page, stages[0], corners)
    page.get_by_role("heading", name=re.compile(r"^\d+ selected")).wait_for()
    settled(page)
    first = of_address(page, store)
    inside = depth(on_screen(stages[0], left), corners)
    taken = np.isin(np.arange(300), first)
    assert taken[inside > 1.5].all() and not taken[inside < -1.5].any() and 20 < len(first) < 280
    assert [stage.get_attribute("data-selected") for stage in stages] == [str(len(first))] * 2

    lasso(page, stages[1], corners, key="Shift")
    page.get_by_role("heading", name=f"{len(first)} selected", exact=True).wait_for(state="detached")
    settled(page)
    both = of_address(page, store)
    more = np.isin(np.arange(300), both)
    inside_too = depth(on_screen(stages[1], right), corners)
    assert set(first) <= set(both) and more[inside_too > 1.5].all() and not (more & ~taken)[inside_too < -1.5].any()
    assert [stage.get_attribute("data-selected") for stage in stages] == [str(len(both))] * 2

    page.get_by_role("radio", name="One into the other").click()
    morph = maps(page, 1)[0]
    page.get_by_role("heading", name=f"{len(both)} selected", exact=True).wait_for()
    assert morph.get_attribute("data-selected") == str(len(both))
    address = page.url

    page.goto("about:blank")
    page.goto(address)
    again = maps(page, 1)[0]
    page.get_by_role("heading", name=f"{len(both)} selected", exact=True).wait_for()
    assert again.get_attribute("data-selected") == str(len(both)), "the address opens the same selection and layout"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(scheme: Literal["light", "dark"], server: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tags: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    with browser_page(width=1440, height=1000, colour_scheme=scheme) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server}/plugin-compare?selected=1.2.3")
        maps(page, 2)
        page.get_by_role("img", name=re.compile("Contact sheet of")).nth(1).wait_for()
        settled(page)
        found = Axe().run(page, options=tags).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [f"{one['id']}: {node['html'][:160]}" for one in grave for node in one["nodes"]] == []
