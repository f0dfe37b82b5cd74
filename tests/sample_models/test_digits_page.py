# SPDX-License-Identifier: Apache-2.0
"""The page of the digits: drawn before any run is there and without the analysis; its sentences follow the numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sample_models.mnist_vae import story

PAGE = "from sample_models.mnist_vae import page\npage.draw()\n"


def only(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "plugins").mkdir(exist_ok=True)
    (folder / "plugins" / "pairs.py").write_text("from plugins.class_homology import workbench_analyses\n")
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder / "plugins"))  # whether or not it is installed
    monkeypatch.setenv("WORKBENCH_PLUGINS", "pairs,mnist-vae,sample-data")


def test_runs_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, tmp_path)
    drawn = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not drawn.exception
    assert not drawn.error
    assert drawn.title[0].value == "Do loops join the digits?"
    assert [one.label for one in drawn.button] == ["Run z, all 16 axes", "Run them all"]


def test_without_the_analysis_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DISABLE_PLUGINS", "class-homology")
    drawn = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not drawn.exception
    assert "class-homology is not loaded" in drawn.info[0].value
    assert not drawn.button


def pair(first: str, second: str, **numbers: Any) -> dict[str, Any]:
    base = {
        "first": first, "second": second, "joined_by_loop": False,
        "loop_share": 0.0, "loop_share_low": 0.0, "loop_share_high": 0.16, "blob_share": 0.0,
        "stretch": 1.3, "stretch_low": 1.28, "stretch_high": 1.32,
        "blob_stretch": 1.25, "blob_stretch_low": 1.23, "blob_stretch_high": 1.27,
        "join": 1.0, "join_low": 0.98, "join_high": 1.02,
    }  # fmt: skip
    return {**base, **numbers}


def test_the_answer_follows_what_was_measured() -> None:
    none = pd.DataFrame([pair("4", "9"), pair("6", "7")])
    assert story.answer(none, 20).startswith("**No two digits are joined by a loop.** In none of 20")
    some = pd.DataFrame([pair("4", "9", loop_share=0.1, loop_share_low=0.03, loop_share_high=0.3), pair("6", "7")])
    assert "1 of 2 pairs show one in some of 20 draws, at most 4 and 9: 10% (3% to 30%)" in story.answer(some, 20)
    joined = pd.DataFrame([
        pair("4", "9", joined_by_loop=True, loop_share=0.95, loop_share_low=0.76, loop_share_high=0.99),
        pair("6", "7"),
    ])  # fmt: skip
    assert story.answer(joined, 20) == (
        "**1 of 2 pairs of digits are joined by a loop:** 4 and 9 (95% of 20 draws, 76% to 99%)."
    )


def test_gaps_and_touching_pairs_are_counted() -> None:
    pairs = pd.DataFrame([pair("4", "9"), pair("6", "7", join=1.45, join_low=1.32, join_high=1.57)])
    told = story.touching(pairs)
    assert "1 of 2 pairs touch" in told and "1 pair is apart" in told and "6 and 7" in told
    assert "1.45, 1.32 to 1.57" in told
    assert "No pair is surely apart" in story.touching(pairs.head(1))


def test_loops_beyond_those_of_normal_clouds_are_counted() -> None:
    told = story.stretched(pd.DataFrame([pair("4", "9"), pair("1", "8", stretch=1.4, stretch_low=1.2)]))
    assert "surely so in 1 of 2 pairs" in told
    assert "1 and 8 (1.40 against 1.25)" in told


def test_digits_by_themselves() -> None:
    whole = pd.DataFrame({"class": ["0", "1"], "pieces": [1, 1], "loops": [0, 0]})
    assert story.alone(whole) == "Each digit is one piece, and none has a loop that is more than noise."
    torn = pd.DataFrame({"class": ["0", "1"], "pieces": [2, 1], "loops": [1, 1]})
    assert story.alone(torn) == "0 falls into pieces, and 0 and 1 have loops of their own more than noise."


def test_a_run_belongs_to_one_chapter_only() -> None:
    def record(status: str = "done", **params: Any) -> Any:
        given = {
            "space": "z",
            "by": "digit",
            "metric": "auto",
            "components": None,
            "classes": "",
            "per_class": 120,
            "draws": 20,
        }
        return SimpleNamespace(model="mnist-vae", data="mnist", slice=None, status=status, params={**given, **params})

    graph, flat, z = record(metric="geodesic"), record(components=2), record()
    chapters = {one.key: one for one in story.CHAPTERS}
    records = [record("failed"), record(draws=2), graph, flat, z, record("running")]
    assert story.found(chapters["z"], records) is z
    assert story.found(chapters["graph"], records) is graph
    assert story.found(chapters["flat"], records) is flat
    assert story.found(chapters["pixels"], records) is None


def test_the_strongest_loop_is_told_with_its_numbers() -> None:
    row = {
        "first": "4", "second": "9", "samples_of_first": 5, "samples_of_second": 7, "joins": True,
        "joined_by_loop": False, "relative_length": 0.234, "p_value": 1.0, "recurrence": 0.0,
        "recurrence_low": 0.0, "recurrence_high": 0.161,
    }  # fmt: skip
    weaker = {**row, "first": "1", "joins": False, "relative_length": 0.9}
    loops = pd.DataFrame([weaker, row])
    found = story.strongest(loops)
    assert found is not None and found["first"] == "4"
    told = story.of_strongest(found)
    assert "5 samples of a 4 and 7 of a 9" in told and "p for all pairs is 1.00" in told and "0% (0% to 16%)" in told
    assert story.strongest(loops.head(0)) is None
