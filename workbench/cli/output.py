# SPDX-License-Identifier: Apache-2.0
"""What commands print: one JSON document with ``--json``, tables for people without it; and the exit codes."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

OK, FAILED, USAGE, CANCELLED = 0, 1, 2, 130
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""``text`` with every character that would steer a terminal written out; lines and tabs stay.

    What plugins, data and logs say is shown to people: it must not move their cursor, set their title or hide itself.

    >>> print(visible("a\x1b[31mb\rc"))
    a\x1b[31mb
    c
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), lines)


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: NaN becomes null, numpy numbers become numbers, records become objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, (datetime, Path)):
        return str(value)
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """Print a table for people; ``empty`` says what to do when there is nothing."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not rows:
        console.print(escape(empty))
        return
    table = Table(
        title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else visible(str(cell))) for cell in row))
    console.print(table)


def say(text: str) -> None:
    """Print a line for people; markup in it is shown, not obeyed."""
    from rich.console import Console

    Console(highlight=False).print(visible(text), markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """Print an error line on standard error."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    console.print(f"workbench: {visible(text)}", markup=False, style="red", soft_wrap=True)
