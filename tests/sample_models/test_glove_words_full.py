# SPDX-License-Identifier: Apache-2.0
"""The full vocabulary of GloVe: on a file of the same form with three words, and as published where that is here."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import workbench as wb
from sample_models import assets
from sample_models.glove_words import ASSET, workbench_models
from sample_models.glove_words.full import VECTORS, WORDS, GloveWordsFull
from workbench.assets import packed
from workbench.points import fingerprint, trace

NAMES = ("the", "naïve", "null")
missing = assets.missing(ASSET)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """An asset with three words in the cache; gives their vectors."""
    import pandas as pd

    values = np.arange(150, dtype=np.float32).reshape(3, 50)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(wb.assets.Asset, "is_present", lambda self: True)
    table, frame = io.BytesIO(), io.BytesIO()
    np.save(table, values)
    pd.DataFrame({"index": list(NAMES)}).to_parquet(frame)
    path = assets.asset(ASSET).path
    path.parent.mkdir()
    with path.open("wb") as file, zipfile.ZipFile(file, "w") as held:
        for name, content in ((VECTORS, table), (WORDS, frame)):
            with held.open(packed.entry(name, file.tell()), "w", force_zip64=True) as sink:
                sink.write(content.getvalue())
    return values


def test_words_and_vectors_are_those_of_the_file(small: np.ndarray) -> None:
    model = GloveWordsFull("cpu")
    made = trace(model)
    assert not made.problems and made.parameters == 150
    space = model.space("words")
    assert isinstance(space, wb.Items) and space.names == NAMES
    assert isinstance(model.table, np.memmap)
    np.testing.assert_array_equal(model.maps["embed"].point(torch.tensor([2, 0])).numpy(), small[[2, 0]])


def test_without_the_file_the_card_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    card = workbench_models()[1]
    assert "76.1 MB, licence: PDDL-1.0" in (card.missing() or "")
    with pytest.raises(wb.ModelError, match="workbench assets fetch glove"):
        card.load()


@pytest.mark.skipif(missing is not None, reason=str(missing))
def test_the_published_file_begins_as_the_small_model_does() -> None:
    small, full = (card.load() for card in workbench_models())
    words = [one.space("words") for one in (small, full)]
    assert all(isinstance(one, wb.Items) for one in words)
    assert words[1].names[:20_000] == words[0].names and len(words[1].names) == 400_000  # type: ignore[attr-defined]
    rows = torch.tensor([0, 77, 19_999])
    found = [one.maps["embed"].point(rows) for one in (small, full)]
    assert torch.allclose(found[0], found[1], atol=2e-3)  # the small one is kept as float16
    assert fingerprint(small) != fingerprint(full)
