# SPDX-License-Identifier: Apache-2.0
"""The point map in a real browser, with real mouse and keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "apps")]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages
from scatter_cases import CASES, MARKUP  # noqa: E402
from scatter_map import Map, agrees, inside_convex  # noqa: E402

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve(HERE / "apps" / "scatter_app.py") as url:
        yield url


@pytest.fixture(scope="module")
def shared(server: str) -> Iterator[Map]:
    with browser_page(width=1200, height=900) as page:
        yield Map(page, server)


@pytest.fixture
def drawn(shared: Map) -> Iterator[Map]:
    shared.errors.clear()
    yield shared
    assert shared.errors == []
    hosts = {
        urlsplit(address).hostname for address in requested(shared.page) if not address.startswith(("data:", "blob:"))
    }
    assert hosts == {"127.0.0.1"}


LASSO = [(330.0, 120.0), (520.0, 150.0), (560.0, 330.0), (370.0, 380.0)]
BOX = [(250.0, 300.0), (420.0, 300.0), (420.0, 460.0), (250.0, 460.0)]


def test_lasso_add_subtract_invert_and_clear_give_the_rows_that_were_enclosed(drawn: Map) -> None:
    drawn.open("plane").press("l")
    screen = drawn.screen()
    drawn.draw(LASSO)
    first = drawn.told(mode="replace")
    lasso = inside_convex(screen, LASSO)
    assert len(first["points"]) > 50
    assert agrees(first["points"], lasso)
    assert first["points"] == sorted(first["points"])
    assert drawn.number("selected") == len(first["points"])

    drawn.press("r")
    drawn.draw([BOX[0], BOX[2]], key="Shift")
    both = drawn.told(mode="add")
    box = inside_convex(screen, BOX)
    assert agrees(both["points"], np.maximum(lasso, box))
    assert drawn.number("selected") == len(both["points"]) > len(first["points"])

    drawn.draw([BOX[0], BOX[2]], key="Alt")
    less = drawn.told(mode="subtract")
    assert agrees(less["points"], np.minimum(lasso, -box))

    drawn.press("i")
    assert sorted(drawn.told(mode="invert")["points"] + less["points"]) == list(range(2000))
    drawn.press("Escape")
    assert drawn.told(mode="clear")["points"] == []
    assert drawn.page.get_by_role("button", name="Clear the selection").is_disabled()


def test_click_takes_the_nearest_point_and_reports_it(drawn: Map) -> None:
    drawn.open("plane")
    screen = drawn.screen()
    gaps = np.linalg.norm(screen[:, None] - screen[None], axis=2) + np.eye(len(screen)) * 1e9
    lonely = int(np.argmax(gaps.min(axis=1) * (np.abs(screen - screen.mean(axis=0)).max(axis=1) < 150)))
    left, top = drawn.origin()
    drawn.page.mouse.click(left + screen[lonely, 0] + 2, top + screen[lonely, 1] - 2)
    assert drawn.told(clicked=lonely)["points"] == [lonely]
    drawn.again()
    assert drawn.told(clicked=lonely)["mode"] == "replace"
    drawn.page.mouse.click(left + 3, top + 3)  # no point there: nothing happens
    assert drawn.number("selected") == 1


def test_hidden_categories_are_not_selected_and_categories_can_be_chosen_by_key(drawn: Map) -> None:
    drawn.open("plane")
    rows = drawn.page.locator(".wb-category")
    rows.nth(1).click()
    assert rows.nth(1).get_attribute("aria-pressed") == "false"
    drawn.press("l")
    drawn.draw(LASSO)
    found = drawn.told(mode="replace")["points"]
    assert {row % 4 for row in found} == {0, 2, 3}
    drawn.press("Escape")
    drawn.told(mode="clear")
    rows.nth(2).press("Shift+Enter")
    assert drawn.told(mode="add")["points"] == list(range(2, 2000, 4))


def test_keys_choose_tools_and_move_and_the_camera_survives_a_rerun_and_a_remount(drawn: Map) -> None:
    drawn.open("plane")
    for key, name in (("l", "Lasso (L)"), ("r", "Rectangle (R)"), ("h", "Pan (H)")):
        drawn.press(key)
        pressed = drawn.page.locator(".wb-button[aria-pressed=true]")
        assert pressed.get_attribute("aria-label") == name
    assert drawn.runs() == 1, "R must not reach Streamlit's own key for running the page again"
    seen = [drawn.pixels()]
    for key in ("+", "ArrowLeft", "ArrowUp", "-"):
        drawn.press(key)
        seen.append(drawn.pixels())
    assert len(set(seen)) == len(seen)
    drawn.press("l")
    drawn.draw(LASSO)
    chosen = drawn.told(mode="replace")["points"]
    drawn.page.mouse.move(5, 5)
    look, frames = drawn.pixels(), drawn.number("frames")
    drawn.again()
    assert (drawn.pixels(), drawn.number("frames")) == (look, frames), "a rerun with the same data draws nothing"
    drawn.page.get_by_text("shown").click()
    drawn.stage.wait_for(state="detached")
    drawn.page.get_by_text("shown").click()
    drawn.stage.wait_for()
    assert drawn.told()["points"] == chosen
    assert drawn.pixels() == look
    assert drawn.number("selected") == len(chosen)
    drawn.press("0", "Escape")
    assert drawn.pixels() == seen[0]


def test_wheel_zooms_about_the_pointer_and_drag_pans(drawn: Map) -> None:
    drawn.open("plane")
    screen = drawn.screen()
    at = int(np.argmin(np.linalg.norm(screen - screen.mean(axis=0), axis=1)))
    left, top = drawn.origin()
    x, y = (round(value) for value in screen[at])
    before = drawn.pixels()
    drawn.page.mouse.move(left + x, top + y)
    for _ in range(4):
        drawn.page.mouse.wheel(0, -120)
    drawn.page.wait_for_timeout(200)
    assert drawn.pixels() != before
    drawn.draw([(x, y - 30), (x + 60, y - 30)])
    drawn.page.mouse.click(left + x + 60, top + y)
    assert drawn.told(clicked=at)["points"] == [at]


def test_labels_are_text_and_never_run(drawn: Map) -> None:
    drawn.open("plane")
    screen = drawn.screen()
    left, top = drawn.origin()
    drawn.page.mouse.move(left + screen[5, 0], top + screen[5, 1])
    card = drawn.page.locator(".wb-card")
    card.wait_for()
    assert MARKUP in card.inner_text()
    assert card.locator("img, script").count() == 0
    drawn.open("many")
    assert "<b>class 0</b>" in drawn.page.locator(".wb-category").first.inner_text()
    assert drawn.page.evaluate("window.attacked") is None


def test_in_space_the_server_selects_exactly_what_the_browser_shows(drawn: Map) -> None:
    drawn.open("space")
    drawn.draw([(400, 250), (520, 310)])  # turns the cloud
    drawn.press("l")
    drawn.draw([(300, 150), (500, 170), (480, 400), (390, 250)])
    found = drawn.told(mode="replace")
    assert len(found["points"]) == drawn.number("selected") > 20
    view = np.asarray(found["view"])
    assert np.allclose(view[:, :3] @ view[:, :3].T, np.eye(3) * (view[0, :3] @ view[0, :3]), atol=1e-12)
    flat = CASES["space"].coordinates @ view[:2, :3].T + view[:2, 3]
    low, high = np.min(found["polygon"], axis=0) - 1e-3, np.max(found["polygon"], axis=0) + 1e-3
    assert ((flat[found["points"]] >= low) & (flat[found["points"]] <= high)).all()
    assert drawn.page.locator(".wb-tick").all_inner_texts() == ["−2", "−1", "0", "1", "2"]


def test_unchanged_points_are_not_sent_again(drawn: Map) -> None:
    drawn.columns.clear()
    drawn.received.clear()
    drawn.open("large")
    assert sorted(drawn.columns) == [50_000 * 2, 50_000 * 8], "colours and coordinates came by HTTP"
    assert sum(drawn.received) < 300_000
    drawn.received.clear()
    drawn.again()
    assert 0 < sum(drawn.received) < 20_000
    drawn.page.get_by_text("filtered").click()
    drawn.page.get_by_text("of 50,000 points").wait_for()
    drawn.page.get_by_text("filtered").click()
    drawn.page.locator(".wb-status", has_text="50,000 points").wait_for()
    assert len(drawn.columns) == 2, "a filter fetches nothing again"


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("empty", "0 points"),
        ("one", "1 point"),
        ("equal", "20 points"),
        ("gaps", "47 points · 2 selected · 3 without coordinates"),
        ("many", "6,000 points"),
    ],
)
def test_odd_sets_are_drawn_and_summed_up(drawn: Map, case: str, status: str) -> None:
    drawn.open(case)
    assert drawn.page.locator(".wb-status").inner_text() == status
    label = drawn.stage.get_attribute("aria-label") or ""
    assert label.startswith(f"Point map: {status.split(' ·')[0]}")
    assert drawn.page.locator(".wb-empty").is_visible() == (case == "empty")
    if case == "gaps":
        assert drawn.told()["points"] == [1, 2]
    if case == "many":
        assert drawn.page.locator(".wb-category").count() == 40
        assert drawn.page.locator(".wb-title").inner_text() == "kind 60 categories"
        assert drawn.page.locator(".wb-category").last.inner_text().split("\n") == ["21 smaller categories", "2,100"]


def test_the_map_follows_the_theme(drawn: Map) -> None:
    drawn.open("plane")
    corner = "stage => [...stage.querySelector('canvas').getContext('2d').getImageData(2, 2, 1, 1).data]"
    assert min(drawn.stage.evaluate(corner)[:3]) > 230
    drawn.page.emulate_media(color_scheme="dark")
    try:
        for _ in range(60):
            if max(drawn.stage.evaluate(corner)[:3]) < 60:
                break
            drawn.page.wait_for_timeout(50)
        assert max(drawn.stage.evaluate(corner)[:3]) < 60
    finally:
        drawn.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_wrong_with_its_accessibility(drawn: Map, theme: Literal["light", "dark"]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    drawn.page.emulate_media(color_scheme=theme)
    try:
        drawn.open("many")
        found = Axe().run(drawn.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    finally:
        drawn.page.emulate_media(color_scheme="light")
    own = [(one["id"], node["html"]) for one in found for node in one["nodes"] if "wb-" in str(node["target"])]
    assert own == []


def test_two_fingers_zoom(drawn: Map) -> None:
    drawn.open("plane")
    before = drawn.pixels()
    left, top = drawn.origin()
    session = drawn.page.context.new_cdp_session(drawn.page)

    def touch(kind: str, *spread: float) -> None:
        points = (
            [{"x": left + 400 + side * spread[0], "y": top + 250, "id": side} for side in (-1, 1)] if spread else []
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    for spread in range(50, 130, 10):
        touch("touchMove", spread)
    touch("touchEnd")
    drawn.press("l")
    assert drawn.pixels() != before
    assert drawn.number("selected") == 0
    # Three times as close: the same outline takes about a ninth of the points.
    drawn.draw([(300, 150), (500, 150), (500, 350), (300, 350)])
    share = (
        len(drawn.told(mode="replace")["points"])
        / (inside_convex(drawn.screen(), [(300, 150), (500, 150), (500, 350), (300, 350)]) > 0).sum()
    )
    assert 0.05 < share < 0.2
