# SPDX-License-Identifier: Apache-2.0
"""A team's own entries: drafted from a template, edited, approved or refuted, with every earlier version kept."""

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
#: What a draft says until somebody fills it in, by the field.
BLANK: Final = {
    "cause": "Why it happens.",
    "remedies": "What to do first.",
    "verify": "How to see that it is gone.",
    "sources": "Where this comes from: authors, title, year and section, or a thread",
    "symptoms": "what one sees, in the words that one would type",
}


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
        "symptoms": [one for one in symptoms if one.strip()] or [BLANK["symptoms"]],
        "errors": [],
        "cause": BLANK["cause"],
        "remedies": [{"text": BLANK["remedies"], "grade": "speculation", "sources": []}],
        "verify": {"text": BLANK["verify"]},
        "sources": {"own": {"text": BLANK["sources"]}},
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
        When the file is no valid entry, nobody and no reason is named, or an entry to approve is not filled in yet.
    """
    if not by.strip() or not note.strip():
        raise EntryError(f"say who has {state} the entry '{path.stem}', and why: --by NAME --note TEXT")
    entry = read_entry(path)
    before = path.read_text(encoding="utf-8")
    change: dict[str, Any] = {"on": date.today(), "by": by.strip(), "note": f"{state}: {note.strip()}"}
    if entry.state == state:
        raise EntryError(f"the entry '{entry.id}' is {state} already")
    if state == "approved" and (left := _blank(entry)):
        raise EntryError(f"the entry '{entry.id}' is not filled in yet: {', '.join(left)} (edit '{path.name}' first)")
    lines = before.lstrip("\ufeff").splitlines(keepends=True)
    end = [place for place, line in enumerate(lines) if line.rstrip() == "---"][1]
    fields = yaml.safe_load("".join(lines[1:end]))
    fields["state"] = state
    fields["history"] = [*(fields.get("history") or []), change]
    text = f"---\n{_dumped(fields)}---\n" + "".join(lines[end + 1 :])
    changed = parse_entry(text, path.name)
    _keep(path, before)
    write_text(path, text)
    return changed


def edit(path: Path, text: str, *, before: str) -> Entry:
    """Write another text of a team's entry; the version before is kept, and the state stays that of the file.

    Parameters
    ----------
    before : the text that was edited: when the file holds another one meanwhile, nothing is written

    Raises
    ------
    EntryError
        When the text is no valid entry, has another id or state, or the file has changed meanwhile.
    """
    known = read_entry(path)
    if path.read_text(encoding="utf-8") != before:
        raise EntryError(f"'{path.name}' has changed meanwhile: open it again, and edit that text")
    changed = parse_entry(text, path.name)
    if changed.id != known.id:
        raise EntryError(f"the id stays '{known.id}': it is the name of the file")
    if (changed.state, changed.history) != (known.state, known.history):
        raise EntryError("'state' and 'history' are changed by approving and refuting, with a name and a reason")
    if text != before:
        _keep(path, before)
        write_text(path, text)
    return changed


def _blank(entry: Entry) -> list[str]:
    """Fields that still say what the template says."""
    said = {
        "cause": [entry.cause],
        "remedies": [one.text for one in entry.remedies],
        "verify": [entry.verify.text],
        "sources": [one.text for one in entry.sources.values()],
        "symptoms": entry.symptoms,
    }
    return [f"'{name}'" for name, texts in said.items() if BLANK[name] in texts]


def _keep(path: Path, before: str) -> None:
    """Keep a version of an entry beside those that came before it."""
    kept = path.parent / EARLIER
    numbers = (one.stem.rpartition(".")[2] for one in kept.glob(f"{path.stem}.*.md"))
    number = 1 + max((int(one) for one in numbers if one.isascii() and one.isdigit()), default=0)
    write_text(kept / f"{path.stem}.{number}.md", before)


def _dumped(fields: dict[str, Any]) -> str:
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=110)
