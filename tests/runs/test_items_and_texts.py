# SPDX-License-Identifier: Apache-2.0
"""Points that start at words, pictures or texts of one model, in runs and in its warm process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.errors import DoesNotApply
from workbench.live import LiveModel
from workbench.runs import run
from workbench.runs.draws import items_of
from workbench.store import Store


def test_items_carry_their_names(store: Store) -> None:
    result = run("mean", model="word-model", space="places", store=store, inline=True)
    assert np.asarray(result.arrays["values"])[:, 0].tolist() == [0, 1, 2, 3]
    assert result.numbers()["columns"] == 2 and result.notes == ["items"]
    record = store.runs(model="word-model")[0]
    assert items_of(record, store.result(record.id)) == "word"


def test_texts_start_where_the_model_reads_them(store: Store, tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("a\nlong ago\n")
    data = str(tmp_path / "said.txt")
    result = run("mean", model="word-model", data=data, space="places", column="line", store=store, inline=True)
    assert np.asarray(result.arrays["values"]).tolist() == [[1, 0], [8, 1]]
    assert np.asarray(result.arrays["column"]).tolist() == [1, 2]
    record = store.runs(model="word-model")[0]
    assert items_of(record, store.result(record.id)) is None


def test_pictures_start_where_the_model_looks_at_them(store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", np.array([[[0]], [[255]]], dtype=np.uint8))
    result = run("mean", model="word-model", data=str(tmp_path / "p.npy"), space="places", store=store, inline=True)
    assert np.asarray(result.arrays["values"]).tolist() == [[0, 0], [1, 1]]


def test_data_that_fits_no_space_is_refused(store: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.zeros((3, 7), dtype=np.float32))
    with pytest.raises(DoesNotApply, match="fits no space of the model"):
        run("mean", model="word-model", data=str(tmp_path / "v.npy"), space="places", store=store, inline=True)


def test_a_warm_model_takes_and_gives_texts(store: Store) -> None:
    live = LiveModel.get(store, "word-model", "cpu")
    placed = live.apply("read", ["a", "long ago", ""])
    assert placed.tolist() == [[1, 0], [8, 1], [0, 0]]
    assert live.apply("tell", placed) == ["x", "xxxxxxxx", ""]


def test_a_run_tells_how_many_points_are_made(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.runs import job

    monkeypatch.setattr(job, "READING_EVERY", 0.0)
    stages: list[tuple[float, str]] = []
    monkeypatch.setattr(store, "progress", lambda run_id, fraction, stage: stages.append((fraction, stage)))
    (tmp_path / "many.txt").write_text("\n".join(f"text {row}" for row in range(3000)))
    run("mean", model="word-model", data=str(tmp_path / "many.txt"), space="places", store=store, inline=True)
    told = [stage for fraction, stage in stages if stage.startswith("points of places") and fraction == 0]
    assert len(told) >= 3 and told[-1] == "points of places: 3,000 of 3,000"
