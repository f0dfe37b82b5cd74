# SPDX-License-Identifier: Apache-2.0
"""The app under test: a store with a few runs, a store without any, and a way to open a page by its address."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from registry.result import Finding, Metric, Result
from workbench.runs.spec import RunSpec
from workbench.store import Store

ROOT = Path(__file__).resolve().parents[2]
EVIL = '<img src=x onerror="window.bad=1"> [x](javascript:alert(1)) **b** $y$ :red[z]'


@dataclass(frozen=True)
class Filled:
    """A store and the runs in it."""

    location: str
    projection: str
    other: str
    evil: str
    failed: str
    cancelled: str
    broken_files: str
    deleted: str


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A store with a real projection, another to compare with, and runs in every other state."""
    location = tmp_path_factory.mktemp("app") / "store"
    with Store.open(location) as store:
        # In a process of its own: the analysis imports torch, and this process is to stand for the app's.
        made = (
            "import sys, workbench as wb\n"
            "for seed in (0, 1):\n"
            "    wb.run('projection', model='eigenfaces', space='z', limit=120, seeds=2, k=5, seed=seed,\n"
            "           store=sys.argv[1], inline=True)\n"
        )
        subprocess.run([sys.executable, "-c", made, str(location)], check=True, cwd=ROOT)
        newest, oldest = store.runs(analysis="projection")
        evil = _published(store, "evil", evil_result(), params={"space": EVIL})
        failed = _claimed(store, "failed")
        store.fail(
            failed, "failed", f"the model ran out of memory {EVIL}", "Traceback (most recent call last):\nMemoryError"
        )
        cancelled = _claimed(store, "cancelled")
        store.fail(cancelled, "cancelled", "cancelled")
        gone = _published(store, "gone", Result(metrics={"a": 1.0}, tables={"t": pd.DataFrame({"x": [1]})}))
        for file in (location / "runs" / gone).rglob("*.parquet"):
            file.unlink()
        deleted = _published(store, "deleted", Result(metrics={"a": 1.0}))
        store.delete_run(deleted)
        return Filled(str(location), oldest.id, newest.id, evil, failed, cancelled, gone, deleted)


def evil_result() -> Result:
    """A result of every kind of part, with text that would run if it were taken for more than text."""
    return Result(
        metrics={"error": Metric(0.123, low=0.1, high=0.15, n=500, label=EVIL, note=EVIL, unit="<b>")},
        tables={"rows": pd.DataFrame({EVIL: [EVIL, "y"]})},
        arrays={"mean": np.zeros((3, 4), dtype=np.float32)},
        images={"picture": np.arange(48, dtype=np.uint8).reshape(4, 4, 3)},
        charts={"chart": {"mark": "bar", "data": {"values": [{"a": EVIL, "b": 1}]}, "encoding": {}}},
        findings=[Finding("test.evil", EVIL, 0.3, threshold=0.2, severity="serious", wrong_if=EVIL)],
        notes=[EVIL],
    )


def _claimed(store: Store, name: str, **spec: Any) -> str:
    run, _ = store.submit(RunSpec("projection", data="orl-faces", **spec), name.ljust(64, "0"), {})
    store.claim("test", run.id)
    return run.id


def _published(store: Store, name: str, result: Result, **spec: Any) -> str:
    run, _ = store.submit(RunSpec("unknown-analysis", model="no-such-model", **spec), name.ljust(64, "0"), {})
    store.claim("test", run.id)
    store.publish(run.id, result, {"seed": 0, "words": EVIL})
    return run.id


Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, filled: Filled) -> Iterator[Open]:
    """Opens a page of the app by its address, in the filled store unless another is named; fails on an exception."""

    def opened(page: str = "", store: str | None = None, **query: str) -> AppTest:
        monkeypatch.setenv("WORKBENCH_STORE", store or filled.location)
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        test._page_hash = calc_hash(page)
        for name, one in query.items():
            test.query_params[name] = one
        test.run()
        assert not test.exception, test.exception
        return test

    yield opened


@pytest.fixture
def empty(tmp_path: Path) -> str:
    """The location of a store with nothing in it."""
    return str(tmp_path / "empty")


def in_address(test: AppTest, name: str) -> str | None:
    """One parameter of the address as the page left it."""
    found = test.query_params.get(name)
    return found[0] if isinstance(found, list) else found


def said(test: AppTest) -> str:
    """All text of a page, Markdown as it was sent."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "code",
        "error",
        "warning",
        "info",
        "success",
    )
    parts = [str(one.value) for kind in kinds for one in getattr(test, kind)]
    parts += [f"{one.label} {one.value}" for one in test.metric]
    parts += [one.label for one in test.expander] + [f"{one.label} {one.key}" for one in test.button]
    parts += [str(one.proto) for kind in ("page_link", "badge") for one in test.get(kind)]
    return "\n".join(parts)
