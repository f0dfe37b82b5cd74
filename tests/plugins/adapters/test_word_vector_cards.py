# SPDX-License-Identifier: Apache-2.0
"""Cards of word vectors: read once, noticed when changed, listed by a line of Python or an entry of a TOML file."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from plugins.adapters import reading, texts, word_vectors
from tests.plugins.adapters.conftest import VALUES, WORDS, Open, binary, text
from workbench.points import fingerprint, trace
from workbench.points.fingerprints import parameter_count
from workbench.runs.stamps import stamp_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.bin"
    path.write_bytes(binary(WORDS, VALUES))
    return path


def test_a_file_is_read_once_and_again_when_it_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    original = texts.read

    def counted(path: Path, *rest: object) -> None:
        read.append(path)
        original(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(texts, "read", counted)
    card = word_vectors("acme", file)
    prints = {fingerprint(card.load()) for _ in range(3)}
    assert (len(prints), len(read)) == (1, 1)
    other = VALUES.copy()
    other[3, 3] += 1
    file.write_bytes(binary(WORDS, other))
    os.utime(file, ns=(5, 5))
    assert fingerprint(card.load()) not in prints
    assert fingerprint(word_vectors("acme", file, limit=2).load()) not in prints
    kept = [one for one in reading._folder().iterdir() if one.is_dir()]
    assert len(read) == 3 and len(kept) == 2, "the outdated copy is gone, that of other options stays"


def test_the_hash_knows_words_as_well_as_vectors(opened: Open) -> None:
    one = opened("a.txt", text(WORDS, VALUES))
    other = opened("b.txt", text(WORDS[::-1], VALUES))
    same = opened("c.bin", binary(WORDS, VALUES))
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
    assert parameter_count(one) == VALUES.size


def test_a_model_is_described_and_its_points_are_those_of_the_file(file: Path) -> None:
    made = trace(word_vectors("acme", file, metric="euclidean").load())
    assert not made.problems
    assert made.maps["embed"].source == "words"
    space = made.space("vectors")
    assert isinstance(space, wb.Vectors) and (space.size, space.metric) == (7, "euclidean")


def test_a_card_reads_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    card = word_vectors("acme", tmp_path / "none.bin", licence="internal")
    assert "there is no file" in (card.missing() or "")
    assert not (tmp_path / "cache").exists()
    for wrong in ({"format": "w2v"}, {"limit": 0}, {"limit": True}):
        with pytest.raises(wb.ModelError, match=r"not known: use one of|whole number above 0"):
            word_vectors("acme", tmp_path / "none.bin", **wrong)  # type: ignore[arg-type]


def test_a_full_disk_is_told_and_leaves_nothing(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))  # type: ignore[attr-defined]
        with pytest.raises(wb.ModelError, match=r"needs 0.0 GB of the cache, and the disk of .* has 0.0 GB left"):
            word_vectors("acme", file).load()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(texts, "read", full)
    with pytest.raises(wb.ModelError, match=r"disk of .* is full while 'vectors.bin' is read: .*WORKBENCH_CACHE"):
        word_vectors("acme", file).load()
    assert not list((tmp_path / "cache").rglob("*.f32"))


def test_a_kept_copy_that_is_damaged_is_named(file: Path) -> None:
    card = word_vectors("acme", file)
    card.load()
    (words,) = reading._folder().rglob("names.txt")
    words.write_text("the")
    with pytest.raises(wb.ModelError, match="is damaged: remove that folder"):
        card.load()


def test_a_toml_file_of_the_plugins_folder_makes_models(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    listed = folder / "word-vectors.toml"
    listed.write_text('[acme-words]\nfile = "../vectors.bin"\nlimit = 3\nlicence = "internal"\n')
    monkeypatch.setenv("WORKBENCH_PLUGINS", "adapters")
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    found = wb.catalogue()
    card = found.model("acme-words")
    assert card.licence == "internal"
    space = card.load().space("words")
    assert isinstance(space, wb.Items) and space.names == WORDS[:3]
    before = stamp_of(found, "acme-words")
    listed.write_text('[acme-words]\nfile = "../vectors.bin"\nlimit = 2\n')
    assert stamp_of(wb.catalogue(), "acme-words") != before, "another limit is another model"
    for content, said in (
        ("[torn", "cannot be read"),
        ("acme = 3", 'write [acme] and below it file = "vectors.bin"'),
        ('[a]\nfile = "x"\nsize = 3', "there is no option 'size'"),
        ('[a]\nfile = "x"\nlimit = -3', "give a whole number above 0"),
        ('[A]\nfile = "x"', "cannot name a model"),
    ):
        listed.write_text(content)
        (record,) = wb.catalogue().plugins
        assert record.status == "broken" and "word-vectors.toml'" in record.error and said in record.error


def test_half_precision_arrays_stay_small(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", VALUES.astype(np.float16))
    (tmp_path / "a.txt").write_text("\n".join(WORDS), encoding="utf-8")
    model = word_vectors("acme", tmp_path / "a.npy").load()
    assert model.table.dtype == np.float16  # type: ignore[attr-defined]
    assert model.maps["embed"].point(np.array([1])).dtype.is_floating_point
