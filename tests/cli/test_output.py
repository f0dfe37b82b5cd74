# SPDX-License-Identifier: Apache-2.0
"""What commands print of other people's text, and what they read of other people's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.errors import DataError, StoreError
from workbench.cli.output import complain, print_table, say, visible
from workbench.cli.slices import read_rows
from workbench.store import Store

EVIL = "a\x1b]0;title\x07\x1b[2J\x9b31m\u202eb [bold]c[/nothing]"


def test_nothing_that_is_printed_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    say(EVIL)
    complain(EVIL)
    print_table("Title", ("one",), [(EVIL,)], empty="none")
    out, err = capsys.readouterr()
    for printed in (out, err):
        assert "]0;title" in printed and "[/nothing]" in printed
        assert not {"\x07", "\x9b", "\u202e"} & set(printed)
        assert "\x1b]" not in printed and "\x1b[2J" not in printed


def test_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    say("/folder" * 60)
    assert capsys.readouterr().out == "/folder" * 60 + "\n"
    assert visible("10 %\r20 %\r\n\tdone") == "10 %\n20 %\n\tdone"


def test_files_without_row_numbers_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"nonsense")
    (tmp_path / "words.txt").write_text("1\nabc\n")
    np.save(tmp_path / "objects.npy", np.array([None]), allow_pickle=True)
    for name in ("bad.npy", "words.txt", "objects.npy", "missing.npy"):
        with pytest.raises(DataError, match=f"no row numbers can be read from .*{name}"):
            read_rows(tmp_path / name)


def test_fractions_are_no_row_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.array([1.7, 2.2]))
    with Store.open(tmp_path / "store") as store, pytest.raises(StoreError, match="whole numbers"):
        store.save_slice("some", "data", read_rows(tmp_path / "rows.npy"))
