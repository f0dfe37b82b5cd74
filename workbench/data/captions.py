# SPDX-License-Identifier: Apache-2.0
"""Captions and other columns of the pictures in a folder: a table beside them, or a text file beside each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry.errors import DataError
from workbench.data.tables import read_separated, read_table
from workbench.data.texts import read_lines_of_json, read_text

if TYPE_CHECKING:
    import pandas as pd

TABLES: Final = tuple(
    f"{stem}.{ending}" for stem in ("captions", "metadata") for ending in ("csv", "tsv", "jsonl", "parquet")
)
FILE_COLUMNS: Final = ("file_name", "file", "image", "filename")
SHOWN: Final = 5


def table_of(folder: Path, named: str | None) -> Path | None:
    """The table of captions: the one that is named, else the first of the usual names that is there.

    Raises :class:`DataError` when the named one is not there, or lies outside of the folder.
    """
    if named is None:
        return next((folder / one for one in TABLES if (folder / one).is_file()), None)
    path = folder / named
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise DataError(f"there is no file '{named}' in '{folder.name}': give captions=FILE of a file in the folder")
    return path


def captioned(
    folder: Path, files: Sequence[str], named: str | None, skip_missing: bool
) -> tuple[list[str], pd.DataFrame | None, list[Path]]:
    """The pictures to keep, columns for them (index 0 .. n-1), and the files that these were read from.

    With a table the pictures are those that it names, in the order of the folder; several captions of one picture
    become ``caption``, ``caption_2`` and so on. Without one, ``picture.txt`` beside ``picture.png`` is its ``caption``
    (its first line that is not blank; empty where there is none).

    Raises
    ------
    DataError
        When the table names pictures that are not there, unless ``skip_missing``.
    """
    table = table_of(folder, named)
    if table is None:
        return _beside(folder, files)
    listed = _read(table)
    column = next((one for one in FILE_COLUMNS if one in listed.columns), None)
    if column is None:
        raise DataError(f"'{table.name}' has no column of file names: call it {' or '.join(FILE_COLUMNS)}")
    names = [str(one).strip().removeprefix("./") for one in listed[column]]
    there = set(files)
    missing = [one for one in dict.fromkeys(names) if one not in there]
    if missing and not skip_missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DataError(
            f"'{table.name}' names {len(missing)} picture{'s' * (len(missing) > 1)} that "
            f"{'are' if len(missing) > 1 else 'is'} not in the folder ({', '.join(missing[:SHOWN])}{more}): "
            "add them, or give skip_missing=true to leave these rows out"
        )
    kept = [one for one in files if one in set(names)]
    if not kept:
        raise DataError(f"none of the pictures that '{table.name}' names is in the folder '{folder.name}'")
    return kept, _columns(listed.drop(columns=[column]), names, kept), [table]


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".jsonl":
        return read_lines_of_json(path)
    if path.suffix.lower() == ".tsv":
        read_text(path)  # says what is wrong with a file that is no text
        try:
            return read_separated(path, "\t")
        except ValueError as error:
            raise DataError(f"'{path.name}' cannot be read as a table: {str(error).partition(chr(10))[0]}") from None
    return read_table(path)


def _columns(listed: pd.DataFrame, names: list[str], kept: list[str]) -> pd.DataFrame:
    """One row for each picture; further captions of a picture in columns of their own."""
    place = {name: row for row, name in reversed(list(enumerate(names)))}
    found = listed.iloc[[place[one] for one in kept]].reset_index(drop=True)
    if "caption" not in listed.columns or len(set(names)) == len(names):
        return found
    captions: dict[str, list[str]] = {}
    for name, caption in zip(names, listed["caption"], strict=True):
        captions.setdefault(name, []).append(caption)
    for number in range(2, max(len(captions[one]) for one in kept) + 1):
        found[f"caption_{number}"] = [captions[one][number - 1] if len(captions[one]) >= number else "" for one in kept]
    return found


def _beside(folder: Path, files: Sequence[str]) -> tuple[list[str], pd.DataFrame | None, list[Path]]:
    import pandas as pd

    texts = [(folder / one).with_suffix(".txt") for one in files]
    read = [one for one in texts if one.is_file()]
    if not read:
        return list(files), None, []
    lines = {one: next((line.strip() for line in read_text(one).split("\n") if line.strip()), "") for one in read}
    return list(files), pd.DataFrame({"caption": [lines.get(one, "") for one in texts]}), read
