# SPDX-License-Identifier: Apache-2.0
"""Texts in files, and captions of pictures in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import workbench as wb


def folder_of(tmp_path: Path, *names: str) -> Path:
    for shade, name in enumerate(names):
        Image.new("RGB", (4, 4), (shade, 0, 0)).save(tmp_path / name)
    return tmp_path


def test_each_line_that_is_not_blank_is_a_text(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffA red rose.\r\n\n  Ein Glas Wein — 一杯酒\n".encode())
    opened = wb.open_path(tmp_path / "a.txt")
    assert opened.batch(np.arange(2)) == ["A red rose.", "Ein Glas Wein — 一杯酒"]
    assert opened.columns.to_dict("list") == {"text": ["A red rose.", "Ein Glas Wein — 一杯酒"], "line": [1, 3]}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"\n \n", "no line with text"),
        ("a.txt", b"caf\xe9", "no UTF-8 text"),
        ("a.jsonl", b'{"text": "a"}\nnot json', "line 2"),
        ("a.jsonl", b"[1]", "expected an object"),
        ("a.jsonl", b'{"text": "a"}\n{"text": null}', "row 1"),
        ("a.jsonl", b'{"word": "a"}', "texts=COLUMN"),
        ("a.jsonl", b"[" * 100_000, "no JSON"),
    ],
)
def test_files_that_hold_no_texts_are_told(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(wb.DataError, match=told):
        wb.open_path(tmp_path / name)


def test_a_column_of_a_table_can_be_the_texts(tmp_path):
    pd.DataFrame({"said": ["one", "two"], "text": [1, 2], "kind": ["a", "b"]}).to_csv(tmp_path / "t.csv", index=False)
    opened = wb.open_path(tmp_path / "t.csv", texts="said")
    assert opened.batch(np.array([1, 0])) == ["two", "one"]
    assert list(opened.columns) == ["text", "text (another column)", "kind"]
    with pytest.raises(wb.DataError, match="no column 'sayd'"):
        wb.open_path(tmp_path / "t.csv", texts="sayd")


def test_a_changed_file_of_texts_is_another_data_set(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n")
    before = wb.open_path(path).fingerprint()
    path.write_text("two!\n")
    assert wb.open_path(path).fingerprint() != before


def test_captions_come_from_a_table_in_the_folder(tmp_path):
    folder = folder_of(tmp_path, "a.png", "b.png", "c.png")
    rows = [{"file_name": "b.png", "caption": "a bee"}, {"file_name": "./a.png", "caption": "an ant", "legs": 6},
            {"file_name": "b.png", "caption": "a yellow bee"}]  # fmt: skip
    (folder / "captions.jsonl").write_text("\n".join(json.dumps(one) for one in rows))
    opened = wb.open_path(folder)
    assert opened.columns["file"].tolist() == ["a.png", "b.png"]  # only what the table names
    assert opened.columns["caption"].tolist() == ["an ant", "a bee"]
    assert opened.columns["caption_2"].tolist() == ["", "a yellow bee"]
    assert opened.batch(np.array([1])).max() == pytest.approx(1 / 255)


def test_a_caption_of_a_picture_that_is_missing_is_told_by_its_name(tmp_path):
    folder = folder_of(tmp_path, "a.png")
    (folder / "captions.csv").write_text("file_name,caption\na.png,an ant\n../../etc/passwd,nothing\ngone.png,none\n")
    with pytest.raises(wb.DataError, match=r"2 pictures .*etc/passwd, gone.png.*skip_missing=true"):
        wb.open_path(folder)
    assert wb.open_path(folder, skip_missing=True).columns["caption"].tolist() == ["an ant"]


def test_a_text_beside_each_picture_is_its_caption(tmp_path):
    folder = folder_of(tmp_path, "a.png", "b.png")
    (folder / "a.txt").write_text("\nA happy snail.\nde.utf8=Eine Schnecke\n")
    opened = wb.open_path(folder)
    assert opened.columns["caption"].tolist() == ["A happy snail.", ""]
    before = opened.fingerprint()
    (folder / "a.txt").write_text("A sad snail, it is.")
    assert wb.open_path(folder).fingerprint() != before


def test_a_table_outside_of_the_folder_is_not_read(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    folder_of(inside, "a.png")
    (tmp_path / "captions.csv").write_text("file_name,caption\na.png,an ant\n")
    with pytest.raises(wb.DataError, match="no file"):
        wb.open_path(inside, captions="../captions.csv")


@pytest.mark.parametrize("rows", [[], ["a", " "], ["a", 3], ["a", "b\ud800"]])
def test_texts_that_are_none_are_refused(rows):
    with pytest.raises(wb.DataError, match="text"):
        wb.TextDataset(rows)


def test_commas_outside_of_quotes_do_not_move_columns(tmp_path):
    (tmp_path / "said.csv").write_text("text,kind\nhello, world,a\nwell, yes,b\n")
    with pytest.raises(wb.DataError, match="more cells than its first line: put a text that holds commas in quotes"):
        wb.open_path(tmp_path / "said.csv", texts="text")
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "captions.tsv").write_text("file_name\tcaption\na.png\ta\tcat\n")
    with pytest.raises(wb.DataError, match="holds a tab in quotes"):
        wb.open_path(tmp_path)
