# SPDX-License-Identifier: Apache-2.0
"""A page with the point map in a real browser, as a user handles it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scatter_cases import CASES

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PLANE = CASES["plane"].coordinates.astype(np.float64)


class Map:
    """A page with the map, as a user handles it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        self.received: list[int] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", lambda link: link.on("framereceived", lambda data: self.received.append(len(data))))
        self.columns: list[int] = []
        page.on(
            "response", lambda answer: self.columns.append(len(answer.body())) if "/columns/" in answer.url else None
        )

    @property
    def stage(self) -> Locator:
        return self.page.locator(".wb-stage[data-drawn]")

    def open(self, case: str, query: str = "") -> Map:
        self.page.goto(f"{self.url}/?case={case}{query}")
        self.stage.first.wait_for()
        self.page.get_by_text("run 1", exact=True).wait_for()
        return self

    def told(self, twin: int = 0, **expected: Any) -> dict[str, Any]:
        """What Python got from the map, or from its twin, once it has these values."""
        found: dict[str, Any] = {}
        for _ in range(100):
            found = json.loads(self.page.get_by_text('{"points"').nth(twin).inner_text())
            if all(found[name] == value for name, value in expected.items()):
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"expected {expected}, Python has {str(found)[:400]}")

    def look(self, end: str) -> str:
        """The look that Python got, once it ends so; it is told half a second after the last movement."""
        found = ""
        for _ in range(100):
            found = self.told()["look"]
            if found and found.endswith(end):
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"expected a look that ends with {end!r}, Python has {found!r}")

    def runs(self) -> int:
        return int(self.page.get_by_text("run ").last.inner_text().split()[1])

    def again(self) -> None:
        before = self.runs()
        self.page.get_by_role("button", name="again").click()
        for _ in range(200):
            if self.runs() > before:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("the page did not run again")

    def number(self, name: str) -> int:
        return int(self.stage.get_attribute(f"data-{name}") or -1)

    def origin(self) -> tuple[float, float]:
        box = self.stage.bounding_box()
        assert box
        return box["x"] + 1, box["y"] + 1  # inside the border of one pixel

    def screen(self) -> npt.NDArray[np.float64]:
        """Pixels on the stage of the points of the plane before any pan or zoom: nine tenths of the tighter side."""
        width, height = self.stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
        middle = (PLANE.min(axis=0) + PLANE.max(axis=0)) / 2
        half = (PLANE.max(axis=0) - PLANE.min(axis=0)) / 2
        scale = 0.45 * min(width / half[0], height / half[1])
        return (PLANE - middle) * scale * [1, -1] + [width / 2, height / 2]

    def draw(self, corners: list[tuple[float, float]], key: str | None = None) -> None:
        left, top = self.origin()
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.move(left + corners[0][0], top + corners[0][1])
        self.page.mouse.down()
        for x, y in corners[1:]:
            self.page.mouse.move(left + x, top + y, steps=6)
        self.page.mouse.up()
        if key:
            self.page.keyboard.up(key)

    def pixels(self) -> str:
        """The drawing, as an address of its data."""
        found: str = self.stage.evaluate("stage => stage.querySelector('canvas').toDataURL()")
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.stage.press(key)
        # Keys draw in the next frame.
        self.page.evaluate("() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")

    def pixel(self, x: float, y: float) -> list[int]:
        """Red, green and blue of a pixel of the drawing, whatever drew it."""
        found: list[int] = self.stage.evaluate(
            """async (stage, [x, y]) => {
                const drawing = stage.querySelector("canvas");
                const copy = document.createElement("canvas");
                [copy.width, copy.height] = [drawing.width, drawing.height];
                const pen = copy.getContext("2d");
                pen.drawImage(drawing, 0, 0);
                return [...pen.getImageData(x, y, 1, 1).data].slice(0, 3);
            }""",
            [x, y],
        )
        return found


def inside(points: npt.NDArray[np.float64], polygon: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a ray to the right crosses the outline an odd number of times: for outlines that do not cross."""
    corners = np.asarray(polygon, dtype=np.float64)
    x, y = points[:, 0], points[:, 1]
    odd = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        odd ^= spans & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def inside_convex(points: npt.NDArray[np.float64], corners: list[tuple[float, float]]) -> npt.NDArray[np.float64]:
    """Signed distance in pixels to the border of a convex outline, positive inside."""
    outline = np.asarray(corners, dtype=np.float64)
    edges = np.roll(outline, -1, axis=0) - outline
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / np.linalg.norm(edges, axis=1, keepdims=True)
    distances = np.einsum("nmk,mk->nm", points[:, None] - outline, normals)
    turn = np.sign(np.linalg.det([edges[0], edges[1]]))
    return (distances * turn).min(axis=1)


def agrees(rows: list[int], away: npt.NDArray[np.float64]) -> bool:
    """Whether all rows deeper inside than a pixel are there, and none farther outside."""
    flags = np.zeros(len(away), dtype=bool)
    flags[rows] = True
    return bool(flags[away > 1].all() and not flags[away < -1].any())
