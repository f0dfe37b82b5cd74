# SPDX-License-Identifier: Apache-2.0
"""The page of the patches is drawn before any run is there, with the analysis and without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGE = "from sample_models.patches import page\npage.draw()\n"


def test_runs_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "loops.py").write_text("from plugins.homology import workbench_analyses\n")
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(tmp_path / "plugins"))  # whether or not it is installed
    monkeypatch.setenv("WORKBENCH_PLUGINS", "loops,image-patches")
    drawn = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not drawn.exception
    assert not drawn.error
    assert drawn.title[0].value == "Shape of image patches"
    assert [one.label for one in drawn.button] == ["Run them"]


def test_without_the_analysis_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DISABLE_PLUGINS", "homology")
    drawn = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not drawn.exception
    assert "homology is not loaded" in drawn.info[0].value
    assert not drawn.button
