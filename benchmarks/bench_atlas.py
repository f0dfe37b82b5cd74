# SPDX-License-Identifier: Apache-2.0
"""The map in a real browser at 100,000 and 1,000,000 points, against two renderers from npm on the same columns.

Run `python -m benchmarks.bench_atlas` (100,000 points), with `--large` for a million as well. The rivals are installed
by npm into a folder of their own, pinned in `benchmarks/rivals`; without npm they are left out and that is said.
Everything is software rendering in headless Chromium where the machine has no graphics card. A first picture is
*visible* when more than one pixel in a hundred of the stage differs from the ground, whoever draws it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks import atlas_page
from benchmarks.atlas_page import INKED, ROOT, Watched, watched

RIVALS = ("embedding_view", "regl_scatterplot")
CLUSTERS, WIDTH = 12, 16


def mixture(count: int) -> tuple[np.ndarray, np.ndarray]:
    """A mixture of Gaussians: float32 ``[count, 16]``, and which cluster each point is of."""
    random = np.random.default_rng(0)
    centres = random.normal(scale=4.0, size=(CLUSTERS, WIDTH))
    label = random.integers(0, CLUSTERS, count)
    return (centres[label] + random.standard_normal((count, WIDTH))).astype(np.float32), label


def built(folder: Path) -> bool:
    """Install and bundle the rivals in ``folder``; whether that could be done."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    source = ROOT / "benchmarks" / "rivals"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    quiet = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([npm, "ci", "--legacy-peer-deps", "--no-audit", "--no-fund"], **quiet)  # type: ignore[call-overload]
    for name in RIVALS:
        stubs = [f"--alias:@uwdata/mosaic-{one}=./nothing.js" for one in ("core", "sql")]
        command = [str(folder / "node_modules/.bin/esbuild"), f"{name}.js", "--bundle", "--format=esm", "--minify"]
        subprocess.run([*command, *stubs, f"--outfile={name}.built.js"], **quiet)  # type: ignore[call-overload]
    return True


def prepared(folder: Path, count: int) -> tuple[str, Path]:
    """A store with a projection of the mixture: the run's id; and the drawn points in a file for the rivals."""
    from workbench.runs import run
    from workbench.store import Store

    points, label = mixture(count)
    path = folder / f"mixture-{count}.npz"
    np.savez(path, points=points, label=label)
    with Store.open(folder / "store") as store:
        store.add_dataset(f"mixture-{count}", path)
        run("projection", data=f"mixture-{count}", space="points", limit=count, seeds=0, store=store, inline=True)
        record = store.runs(analysis="projection", limit=1)[0]
        places = np.asarray(store.result(record.id).array("coordinates"))
        rows = np.asarray(store.result(record.id).array("rows"))
    drawn = folder / f"places-{count}.npz"
    np.savez(drawn, places=places, label=label[rows])
    return record.id, drawn


@contextmanager
def opened(script: Path, path: str, stage: str, **environment: str) -> Iterator[tuple[Watched, float, float, str]]:
    """A server and a page of it: the page, seconds to the first picture, MiB received, and the port."""
    from chromium import serve

    with serve(script, environment=atlas_page.environment(**environment)) as url, watched() as page:
        page.page.goto(f"{url}/_stcore/health")  # the browser itself is up
        begun = time.perf_counter()
        page.page.goto(f"{url}/{path}", wait_until="commit")
        page.page.locator(stage).first.wait_for(timeout=atlas_page.PATIENCE * 1000)
        page.until(lambda: page.ink(stage) > INKED)
        first = time.perf_counter() - begun
        page.settled()
        time.sleep(1)
        yield page, first, page.bytes() / 2**20, str(urlsplit(url).port)


def drag(page: Watched, stage: str, corners: list[tuple[float, float]], key: str | None = None) -> float:
    """Drag along corners (shares of the stage) with the real mouse; seconds from the press to the release."""
    box = page.page.locator(stage).first.bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    mouse = page.page.mouse
    begun = time.perf_counter()
    if key:
        page.page.keyboard.down(key)
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=2)
    mouse.up()
    if key:
        page.page.keyboard.up(key)
    return time.perf_counter() - begun


def around(steps: int = 40) -> list[tuple[float, float]]:
    """An outline around the middle of the stage."""
    turns = np.linspace(0, 2 * np.pi, steps)
    return [(0.5 + 0.22 * np.cos(one), 0.5 + 0.3 * np.sin(one)) for one in turns]


def ours(folder: Path, run_id: str, count: int) -> dict[str, float]:
    """Our map on the page of its run."""
    stage = ".wb-stage[data-drawn]"
    place = {"WORKBENCH_STORE": str(folder / "store")}
    script = ROOT / "streamlit_app.py"
    with opened(script, f"projection?run={run_id}&colour=label", stage, **place) as (page, first, sent, port):
        element = page.page.locator(stage).first
        found = {"first picture, s": first, "received, MiB": sent, "script memory, MiB": page.heap()}
        found["columns, bytes a point"] = 8 + 1  # x and y as float32, a category as uint8
        found["pan of 22 moves, s"] = drag(page, stage, around(12))
        page.page.locator(stage).first.press("l")
        begun = time.perf_counter()
        drag(page, stage, around())
        page.until(lambda: int(element.get_attribute("data-selected") or 0) > 0)
        found["lasso drawn, s"] = time.perf_counter() - begun
        page.page.get_by_text(" selected", exact=False).nth(1).wait_for(timeout=atlas_page.PATIENCE * 1000)
        page.settled()
        found["lasso answered by the server, s"] = time.perf_counter() - begun
        frames = int(element.get_attribute("data-frames") or 0)
        begun = time.perf_counter()
        page.page.locator(".wb-category").nth(1).click()
        page.until(lambda: int(element.get_attribute("data-frames") or 0) > frames)
        found["filter by the legend, s"] = time.perf_counter() - begun
        time.sleep(2)
        page.settled()
        page.bytes()
        found["rerun of the page, s"] = page.rerun()
        time.sleep(1)
        found["rerun, kiB received"] = page.bytes() / 2**10
        found |= {"server memory, MiB": atlas_page.server_memory(port), "tab memory, MiB": atlas_page.tab_memory()}
    return found


def rival(folder: Path, name: str, places: Path) -> dict[str, float]:
    """A renderer from npm on a page that holds nothing else."""
    stage = ".rival[data-given]"
    where = {"RIVALS": str(folder / "rivals"), "RIVAL_POINTS": str(places)}
    script = ROOT / "benchmarks" / "rivals" / "app.py"
    with opened(script, f"?renderer={name}", stage, **where) as (page, first, sent, port):
        found = {"first picture, s": first, "received, MiB": sent, "script memory, MiB": page.heap()}
        found["pan of 22 moves, s"] = drag(page, stage, around(12))
        if name == "regl_scatterplot":
            element = page.page.locator(stage).first
            begun = time.perf_counter()
            drag(page, stage, around(), key="Shift")
            page.until(lambda: int(element.get_attribute("data-selected") or 0) > 0)
            found["lasso drawn, s"] = time.perf_counter() - begun
        found |= {"server memory, MiB": atlas_page.server_memory(port), "tab memory, MiB": atlas_page.tab_memory()}
    return found


def table(columns: dict[str, dict[str, float]]) -> Iterator[str]:
    """Rows of measures, a column for each renderer, and how many times ours each rival takes."""
    names = list(columns)
    measures = list(dict.fromkeys(measure for one in columns.values() for measure in one))
    yield "".join(["  " + "measure".ljust(34), *(one.rjust(26) for one in names)])
    for measure in measures:
        cells = []
        for name in names:
            value, own = columns[name].get(measure), columns[names[0]].get(measure)
            if value is None:
                cells.append("-")
            elif name == names[0] or not own:
                cells.append(f"{value:.3g}")
            else:
                cells.append(f"{value:.3g} ({value / own:.2f} x)")
        yield "".join(["  " + measure.ljust(34), *(one.rjust(26) for one in cells)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="a million points as well")
    parser.add_argument("--points", type=int, nargs="*", help="other numbers of points")
    asked = parser.parse_args()
    counts = asked.points or ([100_000, 1_000_000] if asked.large else [100_000])
    with tempfile.TemporaryDirectory(prefix="atlas-") as name:
        folder = Path(name)
        rivals = built(folder / "rivals")
        if not rivals:
            print("npm is not here: the rivals are left out")
        for count in counts:
            run_id, places = prepared(folder, count)
            columns = {"workbench": ours(folder, run_id, count)}
            for one in RIVALS if rivals else ():
                columns[one] = rival(folder, one, places)
            print(f"\n{count:,} points")
            for line in table(columns):
                print(line, flush=True)


if __name__ == "__main__":
    main()
