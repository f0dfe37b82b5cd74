# SPDX-License-Identifier: Apache-2.0
"""Texts in files: a line, or a column of a table, is a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.data import TextDataset
from registry.errors import DataError
from workbench.data.arrays import check_memory
from workbench.data.digests import files_digest

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("text", "caption", "sentence", "prompt")  # columns that are taken for the texts where none is named
IN_MEMORY = 4  # texts and their columns take about so many times their file's bytes


class FileTexts(TextDataset):
    """Texts from a file, with the fingerprint of the file and of the options it is read with."""

    def __init__(
        self, path: Path, rows: Sequence[str], columns: pd.DataFrame | None, options: Mapping[str, Any]
    ) -> None:
        super().__init__(rows, columns)
        self.path, self.options = path, dict(options)

    def fingerprint(self) -> str:
        """SHA-256 of the file's bytes and the options."""
        return files_digest([(self.path.suffix.lower(), self.path)], self.options)


def lines_dataset(path: Path, options: Mapping[str, Any]) -> FileTexts:
    """A row for each line of a ``.txt`` file that is not blank; the column ``line`` counts from 1."""
    import pandas as pd

    held = [(number, one.strip()) for number, one in enumerate(read_text(path).split("\n"), 1)]
    held = [(number, one) for number, one in held if one]
    if not held:
        raise DataError(f"'{path.name}' has no line with text")
    return FileTexts(path, [one for _, one in held], pd.DataFrame({"line": [number for number, _ in held]}), options)


def texts_of_table(path: Path, table: pd.DataFrame, texts: str | None, options: Mapping[str, Any]) -> FileTexts:
    """The texts in a column of a table, the other columns beside them.

    Raises
    ------
    DataError
        When there is no such column, or a row has no text; naming the row and the way out.
    """
    name = texts if texts is not None else next((one for one in NAMES if one in table.columns), None)
    if name is None or name not in table.columns:
        asked = f"no column '{texts}'" if texts is not None else f"none of the columns {', '.join(NAMES)}"
        raise DataError(f"'{path.name}' has {asked}: name the column of texts with texts=COLUMN, one of "
                        f"{', '.join(str(one) for one in table.columns)}")  # fmt: skip
    held = list(table[name])
    for row, one in enumerate(held):
        if not isinstance(one, str) or not one.strip():
            raise DataError(f"row {row} of '{path.name}' has no text in the column '{name}': fill it or leave it out")
    rest = table.drop(columns=[name])
    if "text" in rest.columns:
        rest = rest.rename(columns={"text": "text (another column)"})
    return FileTexts(path, held, rest, options)


def read_lines_of_json(path: Path) -> pd.DataFrame:
    """The table of a ``.jsonl`` file: an object for each line; raises :class:`DataError` naming the line that is none.

    Cells that are lists or objects stay what they are.
    """
    import pandas as pd

    rows = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = str(error).partition("\n")[0]
            raise DataError(f"line {number} of '{path.name}' is no JSON: {said}") from None
        if not isinstance(row, dict):
            raise DataError(f"line {number} of '{path.name}' is a {type(row).__name__}, expected an object {{...}}")
        rows.append(row)
    if not rows:
        raise DataError(f"'{path.name}' has no rows")
    return pd.DataFrame(rows)


def read_text(path: Path) -> str:
    """The whole text of a UTF-8 file (a byte-order mark is dropped), lines ended by ``\\n``."""
    check_memory(path, path.stat().st_size * IN_MEMORY, "split it into smaller files")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"'{path.name}' is no UTF-8 text (byte {error.start:,}): save it as UTF-8") from None
    except OSError as error:
        raise DataError(f"'{path.name}' cannot be read: {error.strerror or error}") from None
