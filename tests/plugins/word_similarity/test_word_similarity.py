# SPDX-License-Identifier: Apache-2.0
"""Files of pairs, coverage, the pessimistic figure, corrections, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.word_similarity.correlation import bootstrapped, permuted
from plugins.word_similarity.scoring import alike, places_of
from plugins.word_similarity.sets import read

PAIRS = Path(__file__).parents[2] / "reference" / "word_pairs.tsv"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wb.Store:
    return wb.Store.open(tmp_path_factory.mktemp("words"))


def run(store: wb.Store, **params: Any) -> wb.Result:
    return wb.run("word-similarity", model="glove-words", store=store, inline=True, sets=[], **params)


def test_three_columns_however_they_are_parted() -> None:
    for content in (
        b"tiger\tcat\t7.35\ncar,s\ttrain\t6.5\n",
        b'# head\nfirst;second;rating\ntiger;cat;7.35\n\n"car,s";train;6.5\n',
        b'\xef\xbb\xbffirst,second,x\ntiger,cat,7.35\n"car,s",train,6.5\n',
    ):
        found = read(content, "own", "x")
        assert found.words == (("tiger", "cat"), ("car,s", "train")) and found.ratings.tolist() == [7.35, 6.5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"tiger,cat,7\nlion,cat\n", "line 2 of 'x'"),
        (b"tiger,cat,7\nlion,cat,nan\n", "expected two words and a number"),
        (b"tiger,cat,7\n", "holds 1 pairs"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_lines_that_cannot_be_read_are_named(content: bytes, said: str) -> None:
    with pytest.raises(wb.DataError, match=said):
        read(content, "own", "x")


def test_words_are_found_as_written_then_in_lower_case() -> None:
    found = read(b"Rome,cat,1\nROME,zzz,2\n", "own", "x")
    assert places_of(found, {"rome": 0, "Rome": 1, "cat": 2}).tolist() == [[1, 2], [0, -1]]


def test_likeness_by_hand() -> None:
    first, second = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[3.0, 0.0], [1.0, 0.0]])
    assert alike(first, second, "cosine")[0] == pytest.approx(0.6) and np.isnan(alike(first, second, "cosine")[1])
    assert alike(first, second, "dot").tolist() == [9.0, 0.0]
    assert alike(first, second, "euclidean").tolist() == [-4.0, -1.0]


def test_interval_covers_a_known_correlation() -> None:
    """Normal pairs with Pearson 0.5 have a rank correlation of 6 / pi asin(0.25) = 0.483."""
    true = 6 / np.pi * np.arcsin(0.25)
    inside = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        one = rng.standard_normal(120)
        other = 0.5 * one + np.sqrt(0.75) * rng.standard_normal(120)
        found = bootstrapped(one, other, rng, 200)
        inside += found.low <= true <= found.high
    assert inside >= 34  # 95 % of 40 less three standard errors
    assert np.abs(permuted(one, other, rng, 200)).max() < 0.4


def test_coverage_is_told_and_unknown_pairs_can_be_kept_in(store: wb.Store) -> None:
    result = run(store, file=str(PAIRS))
    metrics = result.metrics
    assert metrics["coverage_own"].value == pytest.approx(26 / 27)
    assert metrics["correlation_own"].n == 26 and metrics["correlation_own_all"].n == 27
    table = result.tables["pairs_own"]
    assert table["known"].sum() == 26 and result.tables["sets"]["unknown_words"][0] == "zzxqq"
    filled = table["likeness"].fillna(table["likeness"].median())
    assert metrics["correlation_own_all"].value == pytest.approx(filled.corr(table["rating"], method="spearman"))
    assert result.tables["sets"]["p"][0] < 0.01
    assert any("26 of 27 pairs" in one for one in result.notes)


def test_corrections_change_the_vectors(store: wb.Store) -> None:
    plain, less = (run(store, file=str(PAIRS), correction=one).tables["pairs_own"] for one in ("none", "top-1"))
    first, second = (one.set_index(["first", "second"])["likeness"].dropna() for one in (plain, less))
    assert second.mean() < first.mean() - 0.05  # what all words share is gone


def test_without_a_set_the_way_out_is_named(store: wb.Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "empty"))
    with pytest.raises(wb.WorkbenchError, match="workbench assets fetch simlex999"):
        wb.run("word-similarity", model="glove-words", store=store, inline=True)
    with pytest.raises(wb.WorkbenchError, match="not here yet"):
        wb.run("word-similarity", model="glove-words", store=store, inline=True, sets=["simlex999"])
    for wrong, why in (
        (str(tmp_path / "none.csv"), "cannot be read"),
        ("/dev/zero", "no ordinary file"),
        ("\0", "pairs"),
    ):
        with pytest.raises(wb.WorkbenchError, match=why):
            run(store, file=wrong)


def test_another_content_is_another_run_and_a_changed_file_is_refused(store: wb.Store, tmp_path: Path) -> None:
    from plugins.word_similarity.analysis import WordSimilarity

    path = tmp_path / "pairs.csv"
    path.write_text("king,queen,1\ncat,dog,2\n")
    before = WordSimilarity.Params.read({"embed": "embed", "file": str(path)})
    path.write_text("king,queen,1\ncat,dog,3\n")
    after = WordSimilarity.Params.read({"embed": "embed", "file": str(path)})
    assert before.file_sha256 != after.file_sha256 and len(after.file_sha256) == 64
    with pytest.raises(wb.WorkbenchError, match="changed since"):
        run(store, file=str(path), file_sha256=before.file_sha256)
    with pytest.raises(wb.WorkbenchError, match="at least 10 are needed"):
        run(store, file=str(path))
