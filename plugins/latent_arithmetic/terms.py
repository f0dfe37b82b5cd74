# SPDX-License-Identifier: Apache-2.0
"""The terms of a sum as people write them: a sign, and conditions that say which points are its exemplars.

``+smiling`` is the slice of that name; ``-class:digit=7`` the rows with 7 in the column; ``+rows:3.14.20-25`` exactly
these rows (or draws); ``+items:king`` a named item of a finite space; ``+high:slant`` and ``-low:slant`` the points
with the highest or lowest score. Conditions joined by ``&`` hold together, scores among what the others leave:
``+class:digit=7&high:slant``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

import workbench as wb

Kind = Literal["slice", "class", "rows", "items", "high", "low"]
KINDS: Final = ("slice", "class", "rows", "items", "high", "low")
MOST_ROWS: Final = 100_000
_RANGE: Final = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")


@dataclass(frozen=True)
class Condition:
    """One condition: ``what`` is a slice, ``column=value``, row numbers, names of items, or a scorer."""

    kind: Kind
    what: str

    @property
    def label(self) -> str:
        """The condition in words."""
        if self.kind == "class":
            column, _, value = self.what.partition("=")
            return f"{column} {value}"
        if self.kind == "rows":
            count = len(rows_written(self.what))
            return f"row {self.what}" if count == 1 else f"{count:,} rows"
        if self.kind in ("high", "low"):
            return f"{self.kind} {self.what.replace('-', ' ')}"
        return self.what.replace("|", ", ") if self.kind == "items" else self.what

    def __str__(self) -> str:
        return self.what if self.kind == "slice" else f"{self.kind}:{self.what}"


@dataclass(frozen=True)
class Term:
    """A sign and the conditions on its exemplars."""

    sign: int
    conditions: tuple[Condition, ...]

    @property
    def label(self) -> str:
        """What it is called, without its sign."""
        return ", ".join(one.label for one in self.conditions)

    @property
    def listed(self) -> bool:
        """Whether the exemplars are named one by one, so that all of them are used."""
        return len(self.conditions) == 1 and self.conditions[0].kind in ("rows", "items")

    def __str__(self) -> str:
        return ("+" if self.sign > 0 else "-") + "&".join(str(one) for one in self.conditions)


def read_term(written: str) -> Term:
    """A term from its words.

    Raises
    ------
    ParameterError
        When there is no sign, a condition is empty or of no known kind.

    Examples
    --------
    >>> read_term("- class:digit=7 & high:slant").label
    'digit 7, high slant'
    >>> str(read_term("+ smiling"))
    '+smiling'
    """
    text = str(written).strip()
    if text[:1] not in ("+", "-") or not text[1:].strip():
        raise wb.ParameterError(
            f"the term '{written}' must be a sign and a group, as in '+smiling' or '-class:digit=7'"
        )
    return Term(1 if text[0] == "+" else -1, tuple(_condition(one, text) for one in text[1:].split("&")))


def _condition(written: str, term: str) -> Condition:
    text = written.strip()
    kind, colon, what = text.partition(":")
    if not colon:
        kind, what = "slice", text
    what = what.strip()
    if kind not in KINDS:
        raise wb.ParameterError(f"'{kind}' in the term '{term}' is no kind of group: use {', '.join(KINDS)}")
    if not what:
        raise wb.ParameterError(f"a condition of the term '{term}' is empty: name a {kind} or take the '&' away")
    if kind == "class" and "=" not in what:
        raise wb.ParameterError(f"'{text}' must be a column and a value, as in 'class:digit=7'")
    if kind == "rows":
        rows_written(what)
    return Condition(kind, what)  # type: ignore[arg-type]


def rows_written(text: str) -> list[int]:
    """Row numbers, rising, each once.

    >>> rows_written("3.14 20-22")
    [3, 14, 20, 21, 22]
    """
    found: set[int] = set()
    for one in re.split(r"[.\s;]+", text.strip()):
        match = _RANGE.fullmatch(one)
        if match is None:
            raise wb.ParameterError(f"'{text}' must be row numbers, as in 'rows:3.14.20-25'; '{one}' is none")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first >= MOST_ROWS:
            raise wb.ParameterError(f"'{one}' is no range of rows: write the lower number first, {MOST_ROWS:,} at most")
        found.update(range(first, last + 1))
    return sorted(found)


def check_terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    """The terms as they are kept; the same group twice with the same sign or opposite ones is refused.

    Raises
    ------
    ParameterError
        When there is none, or a group stands twice.
    """
    if not terms:
        raise wb.ParameterError("a sum needs at least one term, as in '+smiling'")
    read = [read_term(one) for one in terms]
    seen: set[str] = set()
    for one in read:
        name = str(one)[1:]
        if name in seen:
            raise wb.ParameterError(f"the group '{one.label}' stands in the sum twice: leave one of the two out")
        seen.add(name)
    return tuple(str(one) for one in read)


def listed(terms: Any) -> Any:
    """Terms that were written as one text with commas between them, one by one; anything else as it is.

    >>> listed("+smiling, -plain")
    ['+smiling', '-plain']
    """
    return [one.strip() for one in terms.split(",") if one.strip()] if isinstance(terms, str) else terms


def slices_in(terms: Any) -> dict[str, str]:
    """The slices that terms name, by their place; what is no term names none (it is refused elsewhere)."""
    found: dict[str, str] = {}
    given = listed(terms)
    for place, written in enumerate(given if isinstance(given, list | tuple) else ()):
        try:
            term = read_term(str(written))
        except wb.ParameterError:
            continue
        for number, one in enumerate(term.conditions):
            if one.kind == "slice":
                found[f"terms.{place}.{number}"] = one.what
    return found
