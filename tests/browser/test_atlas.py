# SPDX-License-Identifier: Apache-2.0
"""From a lasso on the map back to the model, in a real browser on a real run: ids, pictures, directions, gaps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

import numpy as np
import numpy.typing as npt
import pytest

from workbench.store import Store

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ROOT = HERE.parents[1]
PATIENCE = 90_000  # milliseconds: jobs run in processes of their own, on a machine that may be busy
STAGE = ".wb-stage[data-drawn]"
FILL = 0.9  # of the tighter side of the stage, the map at its start
LASSO = [(0.30, 0.20), (0.62, 0.15), (0.70, 0.55), (0.40, 0.70)]
OTHER = [(0.45, 0.40), (0.85, 0.45), (0.80, 0.92), (0.48, 0.88)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    location = tmp_path_factory.mktemp("atlas") / "store"
    made = (
        "import sys, workbench as wb\n"
        "wb.run('projection', model='eigenfaces', space='z', limit=320, seeds=0, k=5, store=sys.argv[1], inline=True)\n"
    )
    subprocess.run([sys.executable, "-c", made, str(location)], check=True, cwd=ROOT)
    return Store.open(location)


@pytest.fixture(scope="module")
def run(store: Store) -> str:
    return store.runs(analysis="projection")[0].id


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[str]:
    with serve(ROOT / "streamlit_app.py", environment={"WORKBENCH_STORE": store.location}) as url:
        yield url


@pytest.fixture
def page(server: str) -> Iterator[Page]:
    with browser_page(width=1440, height=1000) as opened:
        opened.set_default_timeout(PATIENCE)
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        yield opened
        assert wrong == []
        assert {urlsplit(one).hostname for one in requested(opened)} <= {"127.0.0.1", None, ""}


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    page.locator(STAGE).first.wait_for()
    settled(page)
    return page


def settled(page: Page) -> None:
    page.wait_for_timeout(400)
    page.wait_for_selector(".stApp[data-test-script-state=notRunning]", state="attached")


def in_address(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def until_in_address(page: Page, name: str, *, other_than: str | None = None) -> str:
    for _ in range(PATIENCE // 100):
        found = in_address(page, name)
        if found is not None and found != other_than:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{name} did not come into {page.url}")


def draw(page: Page, corners: list[tuple[float, float]]) -> npt.NDArray[np.float64]:
    """Draw an outline with the mouse, given as shares of the stage; gives it in pixels inside the stage."""
    stage = page.locator(STAGE).first
    stage.press("l")
    box = stage.bounding_box()
    assert box is not None
    pixels = [(box["x"] + 1 + x * (box["width"] - 2), box["y"] + 1 + y * (box["height"] - 2)) for x, y in corners]
    page.mouse.move(*pixels[0])
    page.mouse.down()
    for place in pixels[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    return np.array(pixels) - [box["x"] + 1, box["y"] + 1]


def depth(coordinates: Any, outline: npt.NDArray[np.float64], page: Page) -> npt.NDArray[np.float64]:
    """How many pixels inside a convex outline each point of the map at its start lies; negative outside."""
    width, height = page.locator(STAGE).first.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    places = np.asarray(coordinates, dtype=np.float64)
    low, high = places.min(axis=0), places.max(axis=0)
    scale = FILL * min(width / (high[0] - low[0]), height / (high[1] - low[1]))
    screen = (places - (low + high) / 2) * scale * [1, -1] + [width / 2, height / 2]
    edges = np.roll(outline, -1, axis=0) - outline
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / np.linalg.norm(edges, axis=1, keepdims=True)
    away = np.einsum("nmk,mk->nm", screen[:, None] - outline, normals)
    return (away * np.sign(np.linalg.det(edges[:2]))).min(axis=1)


def selected(store: Store, page: Page, count: int) -> list[int]:
    named = in_address(page, "selection")
    if named is not None:
        found = store.kept_selection(named)
        assert found is not None
        return found.tolist()
    given = in_address(page, "selected")
    assert given is not None, f"nothing of {count} points is selected in {page.url}"
    return [int(one) for one in given.split(".")]


def test_a_lasso_selects_the_very_points_that_numpy_finds_inside_and_a_reload_loses_nothing(
    page: Page, server: str, store: Store, run: str
) -> None:
    opened(page, f"{server}/projection?run={run}&size=stress%20of%20the%20point")
    coordinates = np.asarray(store.result(run).array("coordinates"))
    inside = depth(coordinates, draw(page, LASSO), page)
    until_in_address(page, "selection")
    settled(page)
    found = selected(store, page, len(coordinates))
    chosen = np.zeros(len(coordinates), dtype=bool)
    chosen[found] = True
    assert 60 < len(found) < 260
    assert chosen[inside > 1].all() and not chosen[inside < -1].any()
    page.get_by_role("img", name="Contact sheet of 48 points").wait_for()
    assert page.get_by_text(f"{len(found)} selected", exact=True).is_visible()

    page.locator(STAGE).first.press("+")
    page.locator(".wb-category").nth(2).click()  # hides one person
    look = until_in_address(page, "look")
    settled(page)
    look = in_address(page, "look") or look
    before = page.locator(STAGE).first.evaluate("stage => stage.querySelector('canvas').toDataURL()")
    page.reload()
    page.locator(STAGE).first.wait_for()
    settled(page)
    assert selected(store, page, len(coordinates)) == found
    assert (in_address(page, "look"), in_address(page, "size")) == (look, "stress of the point")
    assert page.locator(".wb-category").nth(2).get_attribute("aria-pressed") == "false"
    page.mouse.move(5, 5)
    after = page.locator(STAGE).first.evaluate("stage => stage.querySelector('canvas').toDataURL()")
    assert after == before


def test_a_filter_of_the_address_leaves_only_its_points_to_the_lasso(
    page: Page, server: str, store: Store, run: str
) -> None:
    columns_of_run = store.result(run)
    opened(page, f"{server}/projection?run={run}&where=person~1,8")
    opened(page, f"{server}/projection?run={run}&where=person%3A3,7")
    page.get_by_text("The filter leaves").wait_for()
    draw(page, [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    until_in_address(page, "selected")
    settled(page)
    rows = np.asarray(columns_of_run.array("rows"))[selected(store, page, 320)]
    from sample_models.datasets import workbench_datasets

    card = next(one for one in workbench_datasets() if one.name == "orl-faces")
    people = card.open().columns["person"].to_numpy()
    assert set(people[rows].astype(str)) == {"3", "7"}
    assert len(rows) == np.isin(people[np.asarray(columns_of_run.array("rows"))].astype(str), ["3", "7"]).sum()


def test_a_gap_of_the_map_is_looked_into(page: Page, server: str, store: Store, run: str) -> None:
    opened(page, f"{server}/projection?run={run}")
    box = page.locator(STAGE).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    page.get_by_role("img", name="The point of the space at this place, decoded").wait_for()
    assert not page.get_by_text("Among real points.").is_visible()
    place = [float(one) for one in (in_address(page, "place") or "").split(",")]
    result = store.result(run)
    point = np.asarray(result.array("mean")) + np.array(place) @ np.asarray(result.array("components"))
    away = np.linalg.norm(np.asarray(result.array("points")) - point, axis=1).min()
    assert page.get_by_text(f"{away:.3g} from the nearest real point in the space").is_visible()
    assert page.get_by_text("PCA is inverted exactly").is_visible()
    assert in_address(page, "panel") == "place" and in_address(page, "place")

    address = page.url
    page.reload()
    page.get_by_text("PCA is inverted exactly").wait_for()
    settled(page)
    assert page.url == address
    page.locator(STAGE).first.press("Escape")  # takes the question back, also one that came with the address
    page.get_by_text("Click where there is no point").wait_for()
    assert in_address(page, "place") is None


def test_a_selection_is_tested_and_two_groups_give_a_direction(page: Page, server: str, store: Store, run: str) -> None:
    opened(page, f"{server}/projection?run={run}&panel=groups")
    draw(page, LASSO)
    first = until_in_address(page, "selection")
    page.get_by_role("button", name="Keep the selection as A").click()
    until_in_address(page, "a")
    settled(page)
    draw(page, OTHER)
    until_in_address(page, "selection", other_than=first)
    settled(page)
    page.get_by_role("button", name="Keep the selection as B").click()
    until_in_address(page, "b")
    page.get_by_role("button", name="Direction from B to A").click()
    direction = until_in_address(page, "difference-direction")
    page.get_by_text("Keep this direction").wait_for()
    record = store.run(direction)
    assert record.status == "done" and record.analysis == "difference-direction"
    a, b = (store.kept_selection(in_address(page, name) or "") for name in "ab")
    assert a is not None and b is not None
    rows = np.asarray(store.result(run).array("rows"))
    assert store.slice(record.params["toward"]).rows().tolist() == rows[a].tolist()
    assert store.slice(record.params["away"]).rows().tolist() == rows[b].tolist()

    page.get_by_text("What distinguishes them").click()
    page.get_by_role("button", name="Test them against the others").click()
    contrast = until_in_address(page, "contrast")
    page.get_by_text("What sets them apart").first.wait_for()
    assert store.run(contrast).status == "done"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("panel", ["points", "distinction", "groups", "place"])
def test_nothing_serious_is_wrong_with_the_accessibility_of_a_selection(
    page: Page, server: str, store: Store, run: str, panel: str, theme: Literal["light", "dark"]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    group = store.keep_selection(320, np.arange(20))
    page.emulate_media(color_scheme=theme)
    opened(page, f"{server}/projection?run={run}&selected=1.2.3.4.5.6.7&panel={panel}&a={group}&place=0,0")
    shown = {
        "points": page.get_by_role("img", name="Contact sheet of 7 points"),
        "distinction": page.get_by_role("button", name="Test them against the others"),
        "groups": page.get_by_role("img", name="Contact sheet of 20 points"),
        "place": page.get_by_text("PCA is inverted exactly"),
    }
    shown[panel].wait_for()
    settled(page)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"]] == []
