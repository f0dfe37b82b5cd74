# SPDX-License-Identifier: Apache-2.0
"""Every format gives the same words and vectors; what lies, is torn or is a pickle is refused in one sentence."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.adapters.texts import BATCH
from tests.plugins.adapters.conftest import VALUES, WORDS, Open, binary, safetensors, squeezed, text


def npy(values: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, **options)
    return buffer.getvalue()


def words_of(model: wb.Model) -> tuple[str, ...]:
    space = model.space("words")
    assert isinstance(space, wb.Items)
    return space.names


def vectors_of(model: wb.Model) -> Any:
    return model.maps["embed"].point(torch.arange(len(words_of(model)))).numpy()


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.bin", binary(WORDS, VALUES), {}),
        ("a.bin", b"6 7\n" + binary(WORDS, VALUES, line_end=b"")[4:], {"format": "word2vec-binary"}),
        ("a.bin.gz", squeezed(binary(WORDS, VALUES)), {}),
        ("a.txt", text(WORDS, VALUES), {}),
        ("a.vec", text(WORDS, VALUES).replace(b"\n", b" \n").replace(b"7 \n", b"7\n", 1), {}),  # fastText ends so
        ("a.txt", text(WORDS, VALUES).replace(b"\n", b"\r\n"), {}),
        ("a.vec.gz", squeezed(text(WORDS, VALUES)), {"format": "word2vec-text"}),
        ("glove.txt", text(WORDS, VALUES, header=""), {}),
        ("glove.txt", text(WORDS, VALUES, header="")[:-1], {"format": "glove"}),
    ],
)
def test_streamed_formats_agree(opened: Open, name: str, content: bytes, options: dict[str, Any]) -> None:
    model = opened(name, content, **options)
    assert words_of(model) == WORDS
    np.testing.assert_array_equal(vectors_of(model), VALUES)
    space = model.space("vectors")
    assert isinstance(space, wb.Vectors) and space.metric == "cosine"
    assert isinstance(model.table, np.memmap)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.npy", npy(VALUES), {}),
        ("a.npy", npy(VALUES.astype(">f8")), {"metric": "euclidean"}),
        ("a.npy", npy(np.asfortranarray(VALUES)), {}),
        ("a.safetensors", safetensors({"table": VALUES}), {}),
        ("a.safetensors", safetensors({"other": VALUES[:2], "table": VALUES}), {"array": "table"}),
    ],
)
def test_arrays_are_mapped_where_they_lie(
    opened: Open, tmp_path: Path, name: str, content: bytes, options: dict[str, Any]
) -> None:
    (tmp_path / "a.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    model = opened(name, content, **options)
    assert words_of(model) == WORDS
    np.testing.assert_array_equal(vectors_of(model), VALUES)
    assert model.table.filename == tmp_path / name  # type: ignore[attr-defined]
    assert not list((tmp_path / "cache").rglob("*.f32"))


def test_gensim_vectors_are_read_beside_the_pickle_and_never_it(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(wb.ModelError, match=r"never unpickled here: .*save_word2vec_format.*'m.kv.txt'"):
        opened("m.kv", b"\x80\x04cos\nsystem\n.")
    np.save(tmp_path / "m.kv.vectors.npy", VALUES)
    (tmp_path / "m.kv.txt").write_text("\n".join(WORDS), encoding="utf-8")
    assert words_of(opened("m.kv", b"\x80\x04cos\nsystem\n.")) == WORDS
    with pytest.raises(wb.ModelError, match="is a pickle, which is never unpickled"):
        opened("m.model", b"\x80")


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_size_survives_any_format(numbers: int, count: int, seed: int) -> None:
    """Rows of one number, words that are numbers, single words."""
    from plugins.adapters import texts
    from tests.plugins.adapters.collected import collected

    values = np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)
    names = [f"{place}w" for place in range(count)]
    for content in (binary(names, values), text(names, values)):
        words, vectors = collected(texts.read, content)
        assert words == names
        np.testing.assert_array_equal(vectors, values)


def test_more_rows_than_a_batch_keep_their_order_and_a_limit_keeps_the_first(opened: Open) -> None:
    count = 2 * BATCH + 3
    values = np.arange(count, dtype=np.float32)[:, None] + np.zeros((1, 2), dtype=np.float32)
    names = [f"w{place}" for place in range(count)]
    for name, content in (("a.bin", binary(names, values)), ("a.txt", text(names, values, header=""))):
        model = opened(name, content)
        assert list(words_of(model)) == names
        np.testing.assert_array_equal(vectors_of(model), values)
        assert list(words_of(opened(name, content, limit=BATCH + 1))) == names[: BATCH + 1]


@pytest.mark.parametrize("make", [binary, text])
def test_what_cannot_be_a_point_is_left_out_and_told(
    opened: Open, make: Callable[..., bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["a", "b", "a", "c", b"caf\xe9", "zero", "d"]
    values = np.arange(28, dtype=np.float32).reshape(7, 4) + 1
    values[1, 2], values[3, 0], values[5] = np.nan, np.inf, 0
    model = opened("a.bin", make(names, values))
    assert words_of(model) == ("a", "caf\\xe9", "zero", "d")
    np.testing.assert_array_equal(vectors_of(model), values[[0, 4, 5, 6]])
    said = capsys.readouterr().err
    assert "2 words with NaN, infinity or a number beyond float32 are left out, such as 'b', 'c'" in said
    assert "1 words that come again are left out, the first of each is kept, such as 'a'" in said
    assert "1 words that are not UTF-8 have their odd bytes written out" in said
    assert "1 words have a vector of zeros" in said


def test_rows_of_an_array_without_a_word_of_their_own_are_passed_over(opened: Open, tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(4, 3)
    values[1] = np.nan
    (tmp_path / "a.txt").write_text("x\ny\nx\nz")
    model = opened("a.npy", npy(values))
    assert words_of(model) == ("x", "z")
    assert vectors_of(model).tolist() == [[0, 1, 2], [9, 10, 11]]
    assert words_of(opened("a.npy", npy(values), limit=1)) == ("x",)


FIFTY = binary(WORDS, VALUES)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.bin", b"", "'a.bin' is empty"),
        (
            "a.bin",
            FIFTY.replace(b"6 7\n", b"1000000000000 7\n"),
            "room for at most 7: it is torn, or its first line lies",
        ),
        ("a.bin", FIFTY.replace(b"6 7\n", b"6 99999999999\n"), "have room for at most 0"),
        ("a.bin", FIFTY.replace(b"6 7\n", b"6 0\n"), "6 words of 0 numbers: it is damaged"),
        ("a.bin", FIFTY.replace(b"6 7\n", b"7 7\n"), "holds 7 words and ends after 6: .*limit=6 reads what is there"),
        ("a.bin", FIFTY[:-10], "holds 6 words and ends after 5"),
        ("a.bin", b"1 2\n" + b"x" * 5000, "a word of more than 4,096 bytes"),
        ("a.bin.gz", squeezed(FIFTY)[:-12], "is damaged"),
        ("a.bin.gz", squeezed(b"999999999999999 3\na 1 2 3\n"), "needs .* GB of the cache"),
        ("a.txt", text(WORDS, VALUES)[:-60], "numbers after the word, expected 7: the file is torn"),
        ("a.txt", b"2 2\na 1 2\nb 1 x\n", "b'x' is no number"),
        ("a.txt", b"3 2\na 1 2\nb 1 2\n", "holds 3 words and ends after 2"),
        ("a.txt", b"a 1,5 2,5\n", "each line must hold a word and its numbers"),
        ("a.txt", b"just some words\nof a text\n", "each line must hold a word and its numbers"),
        ("a.txt", b"a 1 2\nb 1\n" * 2, "line 2: 1 numbers after the word, expected 2"),
        ("a.bin", binary(["new york", *"abcd"], VALUES[:5]), "out of step from row [123] on: a word holds a space"),
        ("a.txt", b"a nan 2\nb inf 3\n", "holds no word with a vector"),
        ("a.jpg", bytes(range(256)) * 9, "no text of word vectors, nor word2vec's binary"),
        ("a.zip", b"PK\x03\x04xxxx", "is a zip file: unpack it"),
        ("a.bin", b"\xba\x16\x4f\x2fxxxx", "a model of fastText itself: name its .vec"),
        ("a.txt", b"a" * (5 << 20), "more than 4,194,304 bytes|each line must hold"),
        ("b.npy", npy(VALUES), "holds no words: put them, one on each line"),
        ("a.npy", npy(VALUES[:4]), "'a.txt' has more words than 'a.npy' has rows, 4"),
        ("a.npy", npy(np.ones((9, 2))), "'a.txt' has 6 words, and 'a.npy' has 9 rows"),
        ("a.npy", npy(np.ones(3)), r"has shape \[3\] of float64, expected floating"),
        ("a.npy", npy(np.ones((6, 2), dtype=int)), "of int64, expected floating"),
        ("a.npy", npy(np.array([[{}]], dtype=object), allow_pickle=True), "Python objects, which are never unpickled"),
        ("a.npy", npy(VALUES)[:-8], "shorter than its shape"),
        ("a.npy", npy(VALUES).replace(b"(6, 7), }", b"(-6, 7),}"), r"'a.npy' has shape \[-6, 7\]"),
        ("a.npy", b"\x93NUMPY\x01\x00", "no array of numpy"),
        ("a.safetensors", b"\xff" * 8, "header is longer than the file"),
        ("a.safetensors", safetensors({"a": VALUES})[:-4], "shorter than its header says"),
        ("a.safetensors", safetensors({"a": VALUES, "b": VALUES}), "holds 2 arrays: name one, of a, b"),
        ("a.safetensors", safetensors({"a": VALUES.astype(np.int64)}), "is of I64: save it as one of"),
        ("a.safetensors", b"\x02\0\0\0\0\0\0\0[]", "no file of safetensors"),
        (
            "a.safetensors",
            (100_000).to_bytes(8, "little") + b"[" * 100_000,
            "'a.safetensors' is no file of safetensors",
        ),
    ],
)
def test_what_lies_or_is_torn_is_refused_in_one_sentence(
    opened: Open, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    if not name.endswith(".txt"):
        (tmp_path / "a.txt").write_text("\n".join(WORDS), encoding="utf-8")
    with pytest.raises(wb.ModelError, match=said) as caught:
        opened(name, content)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache").rglob("told.json"))
    assert not list((tmp_path / "cache").rglob(".making-*"))


def test_words_of_text_may_hold_spaces_and_be_numbers(opened: Open) -> None:
    names = ("new york", ". . .", "1 2", "3")
    for header in (None, ""):
        model = opened("a.txt", text(names + WORDS, np.vstack([VALUES[:4], VALUES]), header=header))
        assert words_of(model) == (*names, *(one for one in WORDS if one != "3"))
        np.testing.assert_array_equal(vectors_of(model)[:4], VALUES[:4])


def test_a_limit_reads_what_a_torn_file_still_holds(opened: Open) -> None:
    torn = binary(WORDS, VALUES, header="900000 7\n")
    with pytest.raises(wb.ModelError, match="a limit reads what is there"):
        opened("a.bin", torn)
    assert words_of(opened("a.bin", torn, limit=6)) == WORDS
    assert words_of(opened("b.txt", text(WORDS, VALUES, header="")[:-60], limit=5)) == WORDS[:5]
