# SPDX-License-Identifier: Apache-2.0
"""The storyteller on a small world of texts: whole journeys, odd texts, pictures; a run that is shown and kept."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import workbench as wb
from plugins.storyteller import asking, offered
from plugins.style_shift.keeping import keep
from tests.app.conftest import EVIL, ROOT, said
from tests.plugins.style_shift.toys import World
from workbench.app import engine
from workbench.points import trace
from workbench.runs import describe

PLUGIN = """
import workbench as wb
from tests.plugins.style_shift.toys import Job, World


def texts():
    return Job(World()).data


@wb.hookimpl
def workbench_models():
    return [wb.ModelCard("toy-teller", lambda device: World(), data="toy-styles")]


@wb.hookimpl
def workbench_datasets():
    return [wb.DatasetCard("toy-styles", texts)]
"""


class Pictures(World):
    """The same world with pictures, whose point is that of the caption 3."""

    pixels = wb.images(3, 8, 8)
    features = wb.vectors(2)

    @wb.maps(pixels, to=features)
    def look(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.mean(dim=(2, 3))[:, :2]

    @wb.maps(features, to=World.points)
    def place(self, features: torch.Tensor) -> torch.Tensor:
        return self.read(["caption 3 0"] * len(features))


class Warm:
    """The maps of a model, in place of its warm process."""

    def __init__(self, model: wb.Model) -> None:
        self.model = model

    def apply(self, name: str, batch: Any, **conditions: Any) -> Any:
        given = torch.from_numpy(batch) if isinstance(batch, np.ndarray) else batch
        found = self.model.maps[name].point(given, **conditions)
        return found if isinstance(found, list) else found.numpy()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A store with a run of the analysis, the folder of the plugin, and the run."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "toy.py").write_text(PLUGIN, encoding="utf-8")
    location = str(tmp_path_factory.mktemp("stories") / "store")
    with pytest.MonkeyPatch.context() as patch, wb.Store.open(location) as store:
        patch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
        patch.setenv("WORKBENCH_PLUGINS", "storyteller,style-shift,toy")
        describe(store, "toy-teller", inline=True)
        wb.run("style-shift", model="toy-teller", decoded=20, draws=20, journeys=2, store=store, inline=True)
        run = store.runs()[0].id
    yield location, str(folder), run


@pytest.fixture
def opened(place: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WORKBENCH_STORE", place[0])
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", place[1])
    monkeypatch.setenv("WORKBENCH_PLUGINS", "storyteller,style-shift,toy")
    monkeypatch.setattr(engine, "live", lambda model, device="cpu": Warm(World()))

    def open_page(page: str = "plugin-storyteller", **query: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
        test._page_hash = calc_hash(page)
        for name, value in query.items():
            test.query_params[name] = value
        return settled(test.run())

    return open_page


def settled(test: AppTest) -> AppTest:
    for _ in range(120):
        assert not test.exception, test.exception
        if "hourglass" not in said(test):
            return test
        time.sleep(0.1)
        test.run()
    raise AssertionError(said(test))


def plain(test: AppTest) -> str:
    return said(test).replace("\\", "")


def test_a_caption_becomes_a_story_and_odd_texts_are_texts(opened: Any) -> None:
    test = opened(strength="20", k="3")
    assert "pictures need the model 'visual-semantic'" in plain(test)
    test.text_area(key="story.text").set_value("caption 7 1").run()
    told = plain(settled(test))
    assert "> romance 7 8" in told and "Without the style: caption 7 8" in told  # quick: eight candidates
    assert "caption 7" in told.partition("nearest captions")[2] or "(cosine" in told
    assert "> caption 0 0" in told  # what the other map says of every point
    assert "stops of this journey" in told and "Why captions are averaged" in told
    test.text_area(key="story.text").set_value(f"{EVIL} מילים 文字 {'wörd ' * 3000}").run()
    told = said(settled(test))
    assert "the first 10,000 were read" in plain(test) and "<img" not in told.replace("\\<", "")
    test.text_area(key="story.text").set_value(" \n ").run()
    assert "an empty text has no point" in plain(settled(test))


def test_the_run_shows_its_journeys_and_its_vector_is_kept_with_its_effect(opened: Any, place: Any) -> None:
    test = opened("runs", run=place[2])
    told = plain(test)
    assert "From caption to romance" in told and "Journeys" in told and "Told by tell" in told
    assert "does not work" not in told
    with wb.Store.open(place[0]) as store:
        record = store.run(place[2])
        kept = keep(store, record, store.result(record.id), "romance-of-toys")
        assert kept.space == "points" and kept.card["effect"]["value"] == kept.card["style_gain"]["value"] > 0.3
        again = store.direction("romance-of-toys")
        assert np.allclose(again.vector(), np.asarray(store.result(record.id).array("difference")))
        store.delete_direction("romance-of-toys")


def test_ways_are_found_by_kind(tmp_path: Path) -> None:
    world, pictures = trace(World()), trace(Pictures())
    teller, painter = offered.teller_of("w", world), offered.painter_of("p", pictures)
    assert teller is not None and (teller.read, teller.back, teller.space) == ("read", ("tell", "mumble"), "points")
    assert teller.conditions == (("candidates",), ())
    assert painter is not None and (painter.maps, painter.rest, painter.read) == (("look", "place"), ("place",), "read")
    assert offered.painter_of("w", world) is None


def test_pictures_are_read_or_refused() -> None:
    buffer = io.BytesIO()
    Image.new("L", (40, 20), 128).save(buffer, "PNG")
    pixels = asking.pixels_of(buffer.getvalue(), wb.images(3, 8, 8))
    assert pixels.shape == (8, 8, 3) and (pixels == 128).all()
    for content in (b"", b"<svg/>", buffer.getvalue()[:30]):
        with pytest.raises(wb.DataError, match="cannot be read as a PNG, JPEG or WebP picture"):
            asking.pixels_of(content, wb.images(3, 8, 8))
