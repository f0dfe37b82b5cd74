# SPDX-License-Identifier: Apache-2.0
"""The main way through the app in a real browser: look at a model, project it, select, keep, come back, cancel."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, requested, serve  # noqa: E402  -- the folders of the tests are no packages

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ROOT = HERE.parents[1]
PATIENCE = 60_000  # milliseconds: a model is loaded in a process of its own, on a machine that may be busy
STAGE = ".wb-stage[data-drawn]"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("pages") / "store")


@pytest.fixture(scope="module")
def server(store: str) -> Iterator[str]:
    with serve(ROOT / "streamlit_app.py", environment={"WORKBENCH_STORE": store}) as url:
        yield url


@pytest.fixture
def page(server: str) -> Iterator[Page]:
    with browser_page(width=1440, height=1000) as opened:
        opened.set_default_timeout(PATIENCE)
        yield opened
        elsewhere = [one for one in requested(opened) if urlsplit(one).hostname not in ("127.0.0.1", None, "")]
        assert not elsewhere, "the app asks for nothing outside this machine"


def settled(page: Page) -> None:
    """Wait until no script of the page runs and nothing is loaded any more."""
    page.wait_for_selector(".stApp[data-test-script-state=notRunning]", state="attached")
    page.wait_for_timeout(300)


def test_a_model_shows_pictures_from_its_prior(page: Page, server: str) -> None:
    page.goto(f"{server}/models")
    page.get_by_role("button", name="Digit VAE (MNIST)").click()
    sheet = page.get_by_role("img", name="24 pictures that mnist-vae makes of draws from its prior")
    sheet.wait_for()
    assert sheet.evaluate("image => image.naturalWidth") > 300
    assert page.locator(".stGraphVizChart svg text").count() >= 4, "spaces and maps are drawn, with their names as text"
    page.get_by_role("spinbutton", name="Seed").fill("7")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    page.get_by_text("seed 7", exact=False).wait_for()
    assert "seed=7" in page.url


def test_a_space_is_projected_selected_kept_and_found_again(page: Page, server: str, store: str) -> None:
    page.goto(f"{server}/projection?model=mnist-vae")
    page.get_by_role("spinbutton", name="Limit").fill("400")
    page.get_by_role("spinbutton", name="Limit").press("Enter")
    settled(page)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator(STAGE).wait_for()
    settled(page)
    run = re.search(r"run=([0-9a-f]{12})", page.url)
    assert run is not None
    assert page.get_by_text("Trustworthiness", exact=True).first.is_visible()

    lasso(page)
    page.get_by_role("img", name=re.compile("Contact sheet of")).wait_for()
    heading = page.get_by_role("heading", name=re.compile(r"^\d+ selected"))
    told = heading.inner_text()
    assert int(told.split()[0]) > 10

    page.get_by_role("button", name="Save as slice").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("left-half")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Every analysis on mnist").wait_for()
    page.wait_for_url(re.compile("slice=left-half"))
    address = urlsplit(page.url)

    with serve(ROOT / "streamlit_app.py", environment={"WORKBENCH_STORE": store}) as other:
        page.goto(f"{other}{address.path}?{address.query}")
        page.locator(STAGE).wait_for()
        page.get_by_role("heading", name=told, exact=True).wait_for()
        page.get_by_role("img", name=re.compile("Contact sheet of")).wait_for()


def lasso(page: Page) -> None:
    """Draw around the left half of the map."""
    stage = page.locator(STAGE)
    stage.scroll_into_view_if_needed()
    stage.press("l")
    box = stage.bounding_box()
    assert box is not None
    corners = [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98), (0.02, 0.05)]
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def test_a_run_is_cancelled_from_its_page(page: Page, server: str, store: str) -> None:
    from workbench.runs import RunSpec, submit
    from workbench.store import Store

    params = {"space": "points", "method": "tsne", "iterations": 10_000, "limit": 10_000}
    with Store.open(store) as opened:
        record = submit(opened, RunSpec("projection", data="mnist", params=params))
        page.goto(f"{server}/runs")
        page.get_by_role("button", name="Projection of a space").first.click()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("cancelled before it was done").wait_for()
        assert opened.run(record.id).status == "cancelled"


EVIL = (
    '<img src=x onerror="window.bad=1"><script>window.bad=1</script>'
    '[x](javascript:window.bad=1)<svg onload="window.bad=1">'
)


def test_text_from_plugins_and_results_runs_nothing(tmp_path: Path) -> None:
    import numpy as np
    import pandas as pd

    from registry.result import Finding, Metric, Result
    from workbench.runs.spec import RunSpec
    from workbench.store import Store

    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "evil.py").write_text(
        f"import workbench as wb\nEVIL = {EVIL!r}\n\n"
        "@wb.hookimpl\ndef workbench_models():\n"
        "    return [wb.ModelCard('evil', 'evil:Evil', title=EVIL, description=EVIL, licence=EVIL, provenance=EVIL,\n"
        "                         tags=(EVIL,), requires=lambda: EVIL)]\n"
    )
    (folder / "worse.py").write_text(f"raise RuntimeError({EVIL!r})\n")
    with Store.open(tmp_path / "store") as store:
        run, _ = store.submit(RunSpec("evil", model="evil", params={"space": EVIL}), "e" * 64, {})
        store.claim("test", run.id)
        store.publish(
            run.id,
            Result(
                metrics={"a": Metric(1.0, label=EVIL, note=EVIL, unit=EVIL)},
                tables={"t": pd.DataFrame({EVIL: [EVIL]})},
                arrays={"x": np.zeros(2)},
                charts={
                    "c": {
                        "mark": "bar",
                        "title": EVIL,
                        "data": {"values": [{"a": EVIL, "b": 1}]},
                        "encoding": {"x": {"field": "a"}, "y": {"field": "b"}, "tooltip": {"field": "a"}},
                    }
                },
                findings=[Finding("evil.text", EVIL, 1.0, severity="serious", wrong_if=EVIL)],
                notes=[EVIL],
            ),
            {"words": EVIL},
        )
        other, _ = store.submit(RunSpec("evil", data=EVIL), "f" * 64, {})
        store.claim("test", other.id)
        store.fail(other.id, "failed", EVIL, EVIL)
    environment = {"WORKBENCH_STORE": str(tmp_path / "store"), "WORKBENCH_PLUGINS_DIR": str(folder)}
    with serve(ROOT / "streamlit_app.py", environment=environment) as url, browser_page() as page:
        views = ("", "models", "models?model=evil", "runs", f"runs?run={run.id}", f"runs?run={other.id}", "plugins")
        for path in (*views, "models?model=%3Cimg%20src%3Dx%20onerror%3D%22window.bad%3D1%22%3E"):
            page.goto(f"{url}/{path}")
            page.wait_for_selector("h1")
            settled(page)
            page.wait_for_timeout(500)
            assert page.evaluate("window.bad") is None, path
            assert page.locator(".stMain img[src=x], .stMain script").count() == 0, path
        assert page.get_by_text("onerror").count() > 0, "the text itself is shown"


def violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds."""
    from axe_playwright_python.sync_playwright import Axe

    tags: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, options=tags).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['html'][:160]}" for one in grave for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(scheme: Literal["light", "dark"], server: str, store: str) -> None:
    from workbench.store import Store

    with Store.open(store) as opened:
        done = opened.runs(analysis="projection", status="done", limit=1)[0].id
    with browser_page(width=1440, height=1000, colour_scheme=scheme) as page:
        page.set_default_timeout(PATIENCE)
        for path in (
            "",
            "models",
            "models?model=mnist-vae",
            f"projection?run={done}",
            "runs",
            f"runs?run={done}",
            "plugins",
        ):
            page.goto(f"{server}/{path}")
            page.wait_for_selector("h1")
            settled(page)
            if "model=" in path:
                page.get_by_role("img", name=re.compile("24 pictures")).wait_for()
            assert violations(page) == [], path


def test_the_keyboard_reaches_the_pages(server: str) -> None:
    with browser_page(width=1200, height=900) as page:
        page.goto(f"{server}/plugins")
        page.wait_for_selector("h1")
        settled(page)
        reached = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.innerText").strip())
        assert any("Models" in one for one in reached) and any("Projection" in one for one in reached), reached
