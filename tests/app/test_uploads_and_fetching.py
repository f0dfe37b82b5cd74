# SPDX-License-Identifier: Apache-2.0
"""Points that a reader brings, and files that are fetched only when asked for."""

from __future__ import annotations

import io
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from registry.errors import WorkbenchError
from tests.app.conftest import Open, said
from workbench.app import uploads
from workbench.store import Store


def content(points: np.ndarray) -> bytes:
    """A .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, points)
    return buffer.getvalue()


def test_uploaded_points_become_a_data_set(open_page: Open, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", empty)
    name = uploads.add("My Points (2).npy", content(np.eye(5, 3, dtype=np.float32)))
    assert name == "my-points-2"
    with Store.open(empty) as store:
        [record] = store.datasets()
        assert record.name == name and Path(record.path).parent == Path(empty) / "uploads"
    test = open_page("projection", store=empty, data=name)
    test.segmented_control(key="form.projection..kind").set_value("Data alone")
    test.run()
    assert not test.exception and not test.error
    assert test.selectbox(key="form.projection..data").value == name
    assert next(one for one in test.selectbox if one.label == "Space").options == ["points"]


@pytest.mark.parametrize(
    ("file_name", "given", "name", "words"),
    [
        ("x.npy", b"no array at all", "", "'x.npy' cannot be read"),
        ("x.pkl", b"", "", "ends with"),
        ("x.npy", content(np.eye(3)), "../../etc", "cannot name"),
        ("mnist.npy", content(np.eye(3)), "", "already"),
    ],
)
def test_poor_uploads_are_refused_and_nothing_is_registered(
    file_name: str, given: bytes, name: str, words: str, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", empty)
    with pytest.raises(WorkbenchError, match=words):
        uploads.add(file_name, given, name)
    with Store.open(empty) as store:
        assert store.datasets() == []
    folder = Path(empty) / "uploads"
    assert not folder.exists() or not list(folder.iterdir()), "what cannot be read is not kept"


def test_what_is_missing_is_fetched_only_when_asked(
    open_page: Open, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = tmp_path / "fetched"
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "far.py").write_text(
        textwrap.dedent(
            f"""
            from pathlib import Path
            import workbench as wb

            FLAG = Path({str(flag)!r})

            @wb.hookimpl
            def workbench_models():
                return [wb.ModelCard(
                    "far", "far:Far", licence="CC-BY-4.0", provenance="weights by A. Person, 12 MB",
                    requires=lambda: None if FLAG.exists() else "the weights are not here yet", fetch=FLAG.touch,
                )]
            """
        )
    )
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    test = open_page("models", store=empty, model="far")
    told = said(test).replace("\\", "")
    assert "CC-BY-4.0" in told and "A. Person, 12 MB" in told and "not here yet" in told
    assert not flag.exists(), "looking fetches nothing"
    test.button(key="fetch.far").click()
    for _ in range(50):
        test.run()
        if flag.exists():
            break
        time.sleep(0.05)
    assert flag.exists() and not test.exception
