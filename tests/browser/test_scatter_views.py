# SPDX-License-Identifier: Apache-2.0
"""The point map in a real browser: every back end, linked and morphing maps, filters, looks, keys and cards."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "apps")]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages
from scatter_cases import CASES, MARKUP  # noqa: E402
from scatter_map import PLANE, Map, inside  # noqa: E402

pytestmark = pytest.mark.browser

RENDERERS = ["webgl", "pixels", "server"]
#: An outline with a dent, on the stage.
DENTED = [(300.0, 150.0), (450.0, 250.0), (600.0, 140.0), (620.0, 380.0), (320.0, 400.0)]


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
    assert shared.page.evaluate("window.attacked") is None
    hosts = {
        urlsplit(address).hostname for address in requested(shared.page) if not address.startswith(("data:", "blob:"))
    }
    assert hosts == {"127.0.0.1"}


def rows_of(flags: Any) -> list[int]:
    return np.flatnonzero(flags).tolist()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_every_back_end_selects_exactly_the_enclosed_rows(drawn: Map, renderer: str) -> None:
    points = CASES["clusters"].coordinates.astype(np.float64)
    drawn.columns.clear()
    drawn.open("clusters", f"&renderer={renderer}")
    assert drawn.stage.get_attribute("data-renderer") == renderer
    sent = [120_000, 120_000, 960_000]
    assert sorted(drawn.columns) == ([] if renderer == "server" else sent), "a picture needs no columns"
    drawn.press("l")
    drawn.draw(DENTED)
    found = drawn.told(mode="replace")
    assert found["points"] == rows_of(inside(points, found["polygon"]))
    assert len(found["points"]) > 5_000
    drawn.page.locator(".wb-status", has_text=f"{len(found['points']):,} selected").wait_for()
    # The outline that was drawn is the outline that was resolved, to the pixel.
    width, height = drawn.stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    span = np.nanmax(points, axis=0) - np.nanmin(points, axis=0)
    scale = 0.9 * min(width / span[0], height / span[1])
    middle = (np.nanmax(points, axis=0) + np.nanmin(points, axis=0)) / 2
    on_stage = (np.asarray(found["polygon"]) - middle) * scale * [1, -1] + [width / 2, height / 2]
    assert all(np.linalg.norm(on_stage - corner, axis=1).min() < 1.5 for corner in DENTED)

    drawn.page.locator(".wb-category").nth(1).click()
    drawn.press("i")
    left = np.setdiff1d(np.flatnonzero(np.isfinite(points[:, 0])), found["points"])
    expected = sorted({*left[left % 5 != 1].tolist(), *(row for row in found["points"] if row % 5 == 1)})
    assert drawn.told(mode="invert")["points"] == expected
    drawn.press("Escape")
    assert drawn.told(mode="clear")["points"] == []


@pytest.mark.parametrize("renderer", RENDERERS)
def test_in_space_every_back_end_selects_what_it_shows(drawn: Map, renderer: str) -> None:
    drawn.open("volume", f"&renderer={renderer}")
    drawn.draw([(400, 250), (520, 310)])
    drawn.press("l")
    drawn.draw(DENTED)
    found = drawn.told(mode="replace")
    points = CASES["volume"].coordinates.astype(np.float64)
    step = (np.nanmax(points, axis=0) - np.nanmin(points, axis=0)).max() / 65535
    low = np.nanmin(points, axis=0)
    view = np.asarray(found["view"])
    flat = (low + np.rint((points - low) / step) * step) @ view[:2, :3].T + view[:2, 3]
    assert found["points"] == rows_of(inside(flat, found["polygon"]))
    assert len(found["points"]) > 1_000


@pytest.mark.parametrize("renderer", ["webgl", "server"])
@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("empty", "0 points"),
        ("one", "1 point"),
        ("equal", "20 points"),
        ("flat", "20 points"),
        ("gaps", "47 points · 2 selected · 3 without coordinates"),
        ("many", "6,000 points"),
    ],
)
def test_odd_sets_are_drawn_by_every_back_end(drawn: Map, renderer: str, case: str, status: str) -> None:
    drawn.open(case, f"&renderer={renderer}")
    assert drawn.page.locator(".wb-status").inner_text() == status
    assert drawn.page.locator(".wb-empty").inner_text() == ("No points to show." if case == "empty" else "")
    if case in ("one", "flat"):
        assert drawn.pixel(*(part / 2 for part in drawn.stage.evaluate("s => [s.clientWidth, s.clientHeight]"))) != [
            255,
            255,
            255,
        ]


@pytest.mark.parametrize("renderer", ["webgl", "pixels"])
def test_points_are_where_they_should_be_whatever_draws_them(drawn: Map, renderer: str) -> None:
    drawn.open("plane", f"&renderer={renderer}")
    screen = drawn.screen()
    ground = drawn.pixel(2, 2)
    assert all(drawn.pixel(int(x), int(y)) != ground for x, y in screen[:20])
    drawn.page.locator(".wb-category").first.click()
    drawn.page.wait_for_timeout(200)
    near = np.linalg.norm(screen[:, None] - screen[None], axis=2) + 1e9 * np.eye(len(screen))
    lonely = [row for row in np.argsort(-near.min(axis=1)) if row % 4 == 0][:5]
    assert all(drawn.pixel(int(screen[row, 0]), int(screen[row, 1])) == ground for row in lonely)


def test_a_lost_graphics_card_comes_back_with_all_that_was_drawn(drawn: Map) -> None:
    drawn.open("plane", "&renderer=webgl").press("+")
    drawn.page.wait_for_timeout(400)
    before = drawn.pixels()
    drawn.stage.evaluate(
        """stage => {
            const gl = stage.querySelector("canvas").getContext("webgl2");
            window.card = gl.getExtension("WEBGL_lose_context");
            window.card.loseContext();
        }"""
    )
    drawn.page.wait_for_timeout(200)
    drawn.press("ArrowLeft", "ArrowRight")
    drawn.page.evaluate("window.card.restoreContext()")
    drawn.page.wait_for_timeout(600)
    assert drawn.pixels() == before


def test_linked_maps_share_selection_hidden_categories_and_hover(drawn: Map) -> None:
    drawn.open("pair")
    drawn.page.locator(".wb-stage[data-drawn]").nth(1).wait_for()
    first, second = drawn.page.locator(".wb-stage").all()
    drawn.page.locator(".wb-button[data-action=lasso]").first.click()
    box = first.bounding_box()
    assert box
    corners = [(box["x"] + x, box["y"] + y) for x, y in [(60, 100), (150, 110), (140, 300), (70, 260)]]
    drawn.page.mouse.move(*corners[0])
    drawn.page.mouse.down()
    for corner in corners[1:]:
        drawn.page.mouse.move(*corner, steps=5)
    drawn.page.mouse.up()
    found = drawn.told(mode="replace")
    assert found["points"] == rows_of(inside(PLANE, found["polygon"]))
    assert drawn.told(twin=1, mode="replace")["points"] == found["points"]
    assert [one.get_attribute("data-selected") for one in (first, second)] == [str(len(found["points"]))] * 2

    # Back from the twin, whose places are others.
    second.press("r")
    box = second.bounding_box()
    assert box
    drawn.page.mouse.move(box["x"] + 100, box["y"] + 120)
    drawn.page.keyboard.down("Shift")
    drawn.page.mouse.down()
    drawn.page.mouse.move(box["x"] + 200, box["y"] + 260, steps=5)
    drawn.page.mouse.up()
    drawn.page.keyboard.up("Shift")
    both = drawn.told(twin=1, mode="add")
    expected = set(found["points"]) | set(rows_of(inside(PLANE[:, ::-1], both["polygon"])))
    assert both["points"] == sorted(expected)
    assert drawn.told(mode="add")["points"] == both["points"]

    rows = drawn.page.locator(".wb-category")
    rows.nth(2).click()
    assert [rows.nth(at).get_attribute("aria-pressed") for at in (2, 6)] == ["false", "false"]
    overlay = "stage => stage.querySelectorAll('canvas')[2].toDataURL()"
    drawn.page.mouse.move(5, 5)
    drawn.page.wait_for_timeout(100)
    before = second.evaluate(overlay)
    box = first.bounding_box()
    assert box
    for step in range(40):
        drawn.page.mouse.move(box["x"] + 100 + 3 * step, box["y"] + 200)
        drawn.page.wait_for_timeout(30)
        if second.evaluate(overlay) != before:
            break
    assert second.evaluate(overlay) != before, "the ring stands on the twin too"
    assert drawn.page.locator(".wb-card:visible").count() == 1, "but the card only where the pointer is"


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_morphed_map_selects_where_its_points_are_shown(drawn: Map, renderer: str) -> None:
    drawn.open("morph", f"&renderer={renderer}")
    slider = drawn.page.get_by_label("Share of the way")
    slider.fill("50")
    drawn.press("l")
    drawn.draw(DENTED)
    found = drawn.told(mode="replace")
    places = ((PLANE + PLANE[::-1]) / 2).astype(np.float32).astype(np.float64)
    assert found["points"] == rows_of(inside(places, found["polygon"]))
    assert len(found["points"]) == drawn.number("selected") > 200
    slider.fill("100")
    drawn.look("_t1")
    drawn.draw(DENTED)
    for _ in range(50):
        second = drawn.told(mode="replace")
        if second["points"] != found["points"]:
            break
        drawn.page.wait_for_timeout(50)
    assert second["points"] == rows_of(inside(PLANE[::-1], second["polygon"]))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_range_of_the_legend_narrows_what_is_drawn_and_selected(drawn: Map, renderer: str) -> None:
    drawn.open("large", f"&renderer={renderer}")
    handle = drawn.page.get_by_label("Lowest kind shown")
    handle.focus()
    for _ in range(4):
        handle.press("PageUp")
    assert drawn.page.locator(".wb-range").inner_text() == f"Only {handle.get_attribute('aria-valuetext')} to 1"
    low = int(handle.input_value()) / 200
    assert 0.3 < low < 0.7
    drawn.press("l")
    drawn.draw(DENTED)
    found = drawn.told(mode="replace")
    points = CASES["large"].coordinates.astype(np.float64)
    enclosed = inside(points, found["polygon"])
    # Values rise evenly with the rows; codes are 1/65534 of the range.
    values = np.rint(np.linspace(0, 1, 50_000) * 65534)
    assert found["points"] == rows_of(enclosed & (values >= round(low * 65534)))
    handle.press("Home")
    assert drawn.page.locator(".wb-range").inner_text() == ""


@pytest.mark.parametrize("renderer", RENDERERS)
def test_density_is_drawn_with_its_scale_and_lets_select(drawn: Map, renderer: str) -> None:
    drawn.open("clusters", f"&renderer={renderer}")
    drawn.page.wait_for_timeout(300)
    before = drawn.pixels()
    drawn.press("d")
    assert drawn.page.get_by_role("button", name="Density").get_attribute("aria-pressed") == "true"
    line = drawn.page.locator(".wb-scale-line")
    line.wait_for()
    if renderer == "server":
        for _ in range(60):
            if drawn.pixels() != before:
                break
            drawn.page.wait_for_timeout(100)
        assert drawn.pixels() != before
        assert "points" in line.inner_text()
    else:
        assert "square-root scale" in line.inner_text()
        assert drawn.page.locator(".wb-density").is_visible()
    drawn.press("l")
    drawn.draw(DENTED)
    found = drawn.told(mode="replace")
    assert found["points"] == rows_of(inside(CASES["clusters"].coordinates.astype(np.float64), found["polygon"]))
    drawn.look("_d")
    drawn.press("d")
    assert not line.is_visible()


@pytest.mark.parametrize("case", ["plane", "space"])
def test_the_look_is_told_and_restored_after_a_reload(drawn: Map, case: str) -> None:
    drawn.open(case)
    drawn.press("+", "+", "ArrowLeft", "ArrowUp", "Shift+ArrowLeft")
    if case == "plane":
        drawn.page.locator(".wb-category").nth(2).click()
    look = drawn.look("_h2" if case == "plane" else "")
    drawn.page.wait_for_timeout(600)
    assert drawn.told()["look"] == look
    assert parse_qs(urlsplit(drawn.page.url).query)["look"] == [look]
    drawn.page.mouse.move(5, 5)
    drawn.page.wait_for_timeout(300)
    before = drawn.pixels()
    drawn.page.reload()
    drawn.stage.wait_for()
    assert drawn.pixels() == before
    assert drawn.told()["look"] == look
    if case == "plane":
        assert drawn.page.locator(".wb-category").nth(2).get_attribute("aria-pressed") == "false"
    drawn.press("0")
    assert drawn.pixels() != before


@pytest.mark.parametrize(
    "look",
    ["nonsense", "z1", "z1_c0,0_h99", "z1_c0,0_r5,4", "z1e9_c0,0", "z1_c0,NaN", "z1_c0,0_q1,0,0,0", "<b>", "z1_c,"],
)
def test_a_malformed_look_is_ignored(drawn: Map, look: str) -> None:
    drawn.open("plane")
    drawn.page.mouse.move(5, 5)
    before = drawn.pixels()
    drawn.open("plane", f"&look={quote(look)}")
    assert drawn.pixels() == before


def test_a_filter_is_neither_drawn_nor_selected_nor_hovered(drawn: Map) -> None:
    drawn.open("plane").press("l")
    drawn.draw(DENTED)
    whole = drawn.told(mode="replace")
    drawn.page.get_by_text("filtered").click()
    drawn.page.locator(".wb-status", has_text="of 2,000 points").wait_for()
    kept = [row for row in whole["points"] if PLANE[row, 0] > 0]
    assert drawn.told(points=kept)["mode"] == "replace"
    assert drawn.number("selected") == len(kept) < len(whole["points"])
    screen, ground = drawn.screen(), drawn.pixel(2, 2)
    away = PLANE[:, 0] < -0.2
    assert all(drawn.pixel(int(x), int(y)) == ground for x, y in screen[away][:30])
    drawn.page.get_by_text("filtered").click()
    assert drawn.told(points=whole["points"])


def test_a_click_on_empty_map_asks_about_the_place(drawn: Map) -> None:
    drawn.open("asked")
    points = CASES["asked"].coordinates.astype(np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    width, height = drawn.stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    scale = 0.9 * min((width, height) / (points.max(axis=0) - points.min(axis=0)))
    screen = (points - middle) * scale * [1, -1] + [width / 2, height / 2]
    spots = np.stack(np.meshgrid(np.arange(100, width - 100, 10), np.arange(60, height - 60, 10)), axis=-1).reshape(
        -1, 2
    )
    spot = spots[np.linalg.norm(spots[:, None] - screen[None], axis=2).min(axis=1).argmax()]
    left, top = drawn.origin()
    drawn.page.mouse.click(left + int(spot[0]), top + int(spot[1]))
    expected = middle + (spot - [width / 2, height / 2]) / scale * [1, -1]
    for _ in range(60):
        if drawn.told()["probe"]:
            break
        drawn.page.wait_for_timeout(50)
    found = drawn.told()
    assert np.allclose(found["probe"], expected, atol=1.5 / scale)
    assert found["points"] == []
    drawn.press("x", "ArrowRight", "Shift+ArrowDown", "p")
    placed = middle + np.array([10, -40]) / scale
    for _ in range(60):
        if drawn.told()["probe"] != found["probe"]:
            break
        drawn.page.wait_for_timeout(50)
    assert np.allclose(drawn.told()["probe"], placed, atol=1.5 / scale)
    drawn.press("Escape")
    assert drawn.told(probe=None)["points"] == []
    drawn.press("x")


def test_a_crosshair_does_all_that_a_mouse_does(drawn: Map) -> None:
    drawn.open("plane").press("x")
    assert "Crosshair on" in (drawn.stage.get_attribute("aria-label") or "")
    said = drawn.page.locator(".wb-said")
    assert said.inner_text().startswith("Crosshair on.")
    drawn.press("ArrowRight", "ArrowRight", "ArrowUp")
    width, height = drawn.stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    away = np.linalg.norm(drawn.screen() - [width / 2 + 20, height / 2 - 10], axis=1)
    nearest = int(away.argmin())
    assert away[nearest] < 10
    assert f"{MARKUP} {nearest}" in said.inner_text()
    drawn.press("Enter")
    assert drawn.told(clicked=nearest)["points"] == [nearest]
    drawn.press("Space", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+Space")
    box = drawn.told(mode="add")
    assert set(box["points"]) - {nearest} == set(rows_of(inside(PLANE, box["polygon"]))) - {nearest}
    assert np.ptp(box["polygon"], axis=0)[0] == pytest.approx(2 * np.ptp(box["polygon"], axis=0)[1])
    assert drawn.runs() > 1
    drawn.press("x")
    assert said.inner_text() == "Crosshair off."


def test_the_keys_are_listed_and_the_list_is_accessible(drawn: Map) -> None:
    from axe_playwright_python.sync_playwright import Axe

    drawn.open("clusters").press("?")
    help_ = drawn.page.get_by_role("dialog", name="Keys of the point map")
    assert "invert the selection" in help_.inner_text()
    drawn.page.locator("canvas").first.wait_for()
    found = Axe().run(drawn.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"] if "wb-" in str(node["target"])] == []
    drawn.page.keyboard.press("Escape")
    assert not help_.is_visible()
    assert drawn.stage.evaluate("stage => stage.getRootNode().activeElement === stage")


def test_legend_and_slider_are_accessible(drawn: Map) -> None:
    from axe_playwright_python.sync_playwright import Axe

    drawn.open("morph").press("d", "x")
    found = Axe().run(drawn.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"] if "wb-" in str(node["target"])] == []


def test_names_stand_where_their_points_are_and_none_over_another(drawn: Map) -> None:
    drawn.open("clusters")
    names = drawn.page.locator(".wb-place")
    assert names.count() == 5
    boxes = [box for at in range(5) if names.nth(at).is_visible() and (box := names.nth(at).bounding_box())]
    assert len(boxes) >= 3
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            assert apart or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    assert names.first.inner_text().startswith("<img src=x")
    assert names.locator("img").count() == 0
    drawn.open("plane")
    assert drawn.page.locator(".wb-place").count() == 0, "categories that are spread evenly have no place of their own"


def test_names_of_points_have_room_and_are_those_of_the_selected(drawn: Map) -> None:
    drawn.open("named")
    names = drawn.page.locator(".wb-tag:visible")
    names.first.wait_for()
    boxes = names.evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map((one) => [one.left, one.top, one.right, one.bottom])"
    )
    counted = drawn.number("names")
    assert 30 <= len(boxes) <= 150, len(boxes)
    assert counted == len(boxes)
    for at, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert right <= other[0] + 1 or other[2] <= left + 1 or bottom <= other[1] + 1 or other[3] <= top + 1
    assert drawn.page.locator(".wb-labels img").count() == 0
    drawn.press("r")
    drawn.draw([(300.0, 200.0), (420.0, 320.0)])
    chosen = drawn.told(mode="replace")["points"]
    written = names.all_inner_texts()
    assert chosen and written and {int(one.split()[-1]) for one in written} <= set(chosen)


def hover_a_point(drawn: Map) -> None:
    points = CASES["asked"].coordinates.astype(np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    width, height = drawn.stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
    scale = 0.9 * min((width, height) / (points.max(axis=0) - points.min(axis=0)))
    x, y = (points[5] - middle) * scale * [1, -1] + [width / 2, height / 2]
    left, top = drawn.origin()
    drawn.page.mouse.move(left + 2, top + 2)
    drawn.page.mouse.move(left + x, top + y)


def test_a_card_is_asked_for_when_the_pointer_rests(drawn: Map) -> None:
    drawn.open("asked")
    hover_a_point(drawn)
    card = drawn.page.locator(".wb-card")
    card.get_by_text("line of 5").wait_for()
    assert MARKUP.split("<script>")[0] in card.inner_text()
    assert card.locator("img").count() == 1
    assert (card.locator("img").get_attribute("src") or "").startswith("data:image/png;base64,")
    assert card.locator("img").evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
    assert card.locator("script").count() == 0


@pytest.mark.parametrize("image", ["http://127.0.0.1/x.png", "data:image/svg+xml;base64,AAAA", "javascript:1", 7, None])
def test_a_card_shows_no_picture_but_a_png_within_the_answer(drawn: Map, image: Any) -> None:
    def answer(route: Any) -> None:
        told = {"title": MARKUP, "lines": ["told"], "image": image, "error": "No <b>picture</b> here."}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(told))

    drawn.page.route("**/workbench/cards/**", answer)
    try:
        drawn.open("asked")
        hover_a_point(drawn)
        card = drawn.page.locator(".wb-card")
        card.get_by_text("told").wait_for()
        assert MARKUP in card.inner_text()
        assert "No <b>picture</b> here." in card.inner_text()
        assert card.locator("img").count() == 0
    finally:
        drawn.page.unroute("**/workbench/cards/**")


def test_columns_that_cannot_be_fetched_are_said_and_asked_for_again(drawn: Map) -> None:
    drawn.page.route("**/workbench/columns/**", lambda route: route.fulfill(status=404, body=""))
    drawn.page.goto(f"{drawn.url}/?case=large")
    drawn.page.get_by_text("The points could not be loaded. The server answered 404. Run the page again.").wait_for()
    drawn.page.unroute("**/workbench/columns/**")
    drawn.page.get_by_text("filtered").click()
    drawn.stage.wait_for()
    assert "of 50,000 points" in drawn.page.locator(".wb-status").inner_text()
