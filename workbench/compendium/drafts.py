# SPDX-License-Identifier: Apache-2.0
"""A team's own entries: drafted from a template, then approved or refuted, with every earlier version kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from registry.errors import EntryError
from workbench.compendium.entry import NAME, Entry, State, parse_entry, read_entry
from workbench.compendium.phrasings import write_text

EARLIER: Final = "earlier"


def draft(
    folder: Path, name: str, *, title: str = "", area: str = "methodology", symptoms: Sequence[str] = (), by: str = ""
) -> Path:
    """Write a new entry of state ``draft`` into a team's folder; returns its file.

    Raises
    ------
    EntryError
        When ``name`` is no id, the entry is there already, or a field does not hold.
    """
    if re.fullmatch(NAME, name) is None or len(name) > 80:
        raise EntryError(f"'{name[:100]}' is no id of an entry: lower-case words with dashes, as in 'blurry-samples'")
    path = folder / f"{name}.md"
    if path.exists():
        raise EntryError(f"there is an entry '{name}' already: edit {path}")
    fields: dict[str, Any] = {
        "id": name,
        "title": title or name.replace("-", " ").capitalize(),
        "area": area,
        "symptoms": [one for one in symptoms if one.strip()] or ["what one sees, in the words that one would type"],
        "errors": [],
        "cause": "Why it happens.",
        "remedies": [{"text": "What to do first.", "grade": "speculation", "sources": []}],
        "verify": {"text": "How to see that it is gone."},
        "sources": {"own": {"text": "Where this comes from: authors, title, year and section, or a thread"}},
        "tags": [],
        "phrasings": [],
        "state": "draft",
        "history": [{"on": datetime.now(UTC).date(), "by": by or "team", "note": "drafted"}],
    }
    text = f"---\n{_dumped(fields)}---\n"
    parse_entry(text, path.name)
    write_text(path, text)
    return path


def judge(path: Path, state: State, *, by: str, note: str) -> Entry:
    """Approve or refute a team's entry: a line of its history says who and why, and the version before it is kept.

    Earlier versions lie in ``earlier/ID.N.md`` beside the entries.

    Raises
    ------
    EntryError
        When the file is no valid entry, or nobody and no reason is named.
    """
    if not by.strip() or not note.strip():
        raise EntryError(f"say who has {state} the entry '{path.stem}', and why: --by NAME --note TEXT")
    entry = read_entry(path)
    before = path.read_text(encoding="utf-8")
    change: dict[str, Any] = {"on": date.today(), "by": by.strip(), "note": f"{state}: {note.strip()}"}
    if entry.state == state:
        raise EntryError(f"the entry '{entry.id}' is {state} already")
    lines = before.lstrip("\ufeff").splitlines(keepends=True)
    end = [place for place, line in enumerate(lines) if line.rstrip() == "---"][1]
    fields = yaml.safe_load("".join(lines[1:end]))
    fields["state"] = state
    fields["history"] = [*(fields.get("history") or []), change]
    text = f"---\n{_dumped(fields)}---\n" + "".join(lines[end + 1 :])
    changed = parse_entry(text, path.name)
    kept = path.parent / EARLIER
    number = 1 + max(
        (int(one.stem.rpartition(".")[2]) for one in kept.glob(f"{entry.id}.*.md") if one.stem[-1].isdigit()), default=0
    )
    write_text(kept / f"{entry.id}.{number}.md", before)
    write_text(path, text)
    return changed


def _dumped(fields: dict[str, Any]) -> str:
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=110)
