# SPDX-License-Identifier: Apache-2.0
"""A team's own: drafts, approval with history, phrasings beside shipped entries; and the commands on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from registry.errors import EntryError
from workbench.cli.application import application
from workbench.compendium.asking import from_log, search_of
from workbench.compendium.current import current_of, team_folders
from workbench.compendium.drafts import BLANK, draft, edit, judge
from workbench.compendium.entry import read_entry
from workbench.compendium.phrasings import FILE, add_phrasing


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a store that has no database yet; only the shipped entries of one plugin."""
    monkeypatch.setenv("WORKBENCH_PLUGINS", "latent-health,reconstruction")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("workbench.compendium.search.meaning.missing", lambda: "switched off")
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def command(*arguments: str, stdin: str | bytes = "", code: int = 0) -> str:
    """What a command prints on standard output."""
    done = CliRunner().invoke(application, arguments, input=stdin)
    if code == 2:
        assert isinstance(done.exception, EntryError)
        return str(done.exception)
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


def fill(path: Path) -> None:
    """Words in place of those of the template."""
    text = path.read_text(encoding="utf-8")
    for words in BLANK.values():
        text = text.replace(words, "ours")
    path.write_text(text, encoding="utf-8")


def test_a_draft_is_approved_and_refuted_and_every_version_is_kept(root: Path) -> None:
    folder = root / "entries"
    path = draft(folder, "grey-samples", title="Grey: samples #1", area="gan", symptoms=["all grey"], by="ada")
    with pytest.raises(EntryError, match="not filled in yet: 'cause', 'remedies', 'verify', 'sources'"):
        judge(path, "approved", by="ben", note="seen twice")
    fill(path)
    first = path.read_text(encoding="utf-8")
    assert (read_entry(path).state, read_entry(path).title) == ("draft", "Grey: samples #1")
    assert judge(path, "approved", by="ben", note="seen twice").history[-1].note == "approved: seen twice"
    judge(path, "refuted", by="ben", note="was the viewer")
    kept = folder / "earlier"
    assert (kept / "grey-samples.1.md").read_text(encoding="utf-8") == first
    assert read_entry(path).state == "refuted"
    assert [one.by for one in read_entry(path).history] == ["ada", "ben", "ben"]
    assert sorted(one.name for one in kept.iterdir()) == ["grey-samples.1.md", "grey-samples.2.md"]
    for wrong, message in (
        (lambda: judge(path, "refuted", by="ben", note="x"), "is refuted already"),
        (lambda: judge(path, "approved", by=" ", note="x"), "--by NAME"),
        (lambda: draft(folder, "grey-samples"), "already"),
        (lambda: draft(folder, "../x"), "is no id"),
        (lambda: draft(folder, "other", area="nowhere"), "no such area"),
    ):
        with pytest.raises(EntryError, match=message):
            wrong()
    assert not (folder / "other.md").exists()


def test_an_edited_entry_keeps_the_version_before_and_neither_id_nor_state_changes(root: Path) -> None:
    path = draft(root / "entries", "grey-samples", symptoms=["all grey"])
    before = path.read_text(encoding="utf-8")
    changed = edit(path, before.replace(BLANK["cause"], "The last layer is linear."), before=before)
    assert changed.cause == read_entry(path).cause == "The last layer is linear."
    assert (path.parent / "earlier" / "grey-samples.1.md").read_text(encoding="utf-8") == before
    now = path.read_text(encoding="utf-8")
    for text, known, message in (
        (before, before, "changed meanwhile"),
        (now.replace("grey-samples", "other"), now, "the id stays"),
        (now.replace("state: draft", "state: approved"), now, "by approving"),
        (now.replace("area: methodology", "area: nowhere"), now, "no such area"),
    ):
        with pytest.raises(EntryError, match=message):
            edit(path, text, before=known)
    assert path.read_text(encoding="utf-8") == now


def test_files_that_change_are_read_again_and_phrasings_stand_beside_shipped_entries(root: Path) -> None:
    folders = team_folders(root)
    before = current_of(folders)
    assert current_of(folders) is before
    assert "posterior-collapse" in before.held
    assert not search_of(root).search("zquux frobnicates").hits
    add_phrasing(root / "entries", "posterior-collapse", "zquux\n frobnicates")
    add_phrasing(root / "entries", "posterior-collapse", "zquux frobnicates")
    add_phrasing(root / "entries", "posterior-collapse", "---")
    assert not any(search_of(root).search(marks).hits for marks in ("", "???", "---"))
    answer = search_of(root).search("zquux frobnicates")
    assert (answer.hits[0].id, answer.hits[0].reason) == ("posterior-collapse", "put just so")
    assert current_of(folders).held["posterior-collapse"].entry.phrasings.count("zquux frobnicates") == 1
    with pytest.raises(EntryError, match="1 to 400"):
        add_phrasing(root / "entries", "posterior-collapse", "x" * 401)
    (root / "entries" / FILE).write_text("no-such: [a]\nposterior-collapse: {a: b}\n", encoding="utf-8")
    problems = " ".join(current_of(folders).problems)
    assert "'no-such', which does not exist" in problems
    assert "must have a list" in problems
    with pytest.raises(EntryError, match="while it is wrong"):
        add_phrasing(root / "entries", "posterior-collapse", "another")
    (root / "entries" / FILE).write_text("[", encoding="utf-8")
    assert "cannot be read as YAML" in " ".join(current_of(folders).problems)


def test_ask_answers_people_programs_and_files(root: Path, tmp_path: Path) -> None:
    told: Any = json.loads(command("ask", "decoder ignores z", "--json", "--limit", "2", "--context", "latent-health"))
    assert (told["hits"][0]["id"], told["context"], len(told["hits"])) == ("posterior-collapse", "latent-health", 2)
    assert "posterior-collapse" in command("ask", "posterior colapse")
    assert "Did you mean: posterior collapse" in command("ask", "posterior colapse")
    queries = ["posterior collapse", "", 'quote " and \\ and ü', "latent-health.posterior-collapse", "x" * 100_000]
    (tmp_path / "queries.txt").write_text("\n".join(queries) + "\n", encoding="utf-8")
    lines = [json.loads(one) for one in command("ask", "--batch", str(tmp_path / "queries.txt")).splitlines()]
    assert [one["query"] for one in lines] == queries
    assert all(set(one) == {"query", "fits", "hits"} for one in lines)
    assert set(lines[0]["hits"][0]) == {"id", "aliases", "title", "score"}
    assert [lines[place]["hits"][0]["id"] for place in (0, 3)] == ["posterior-collapse"] * 2
    assert (lines[0]["fits"], lines[1]["fits"], lines[1]["hits"]) == (True, False, [])
    (root / "entries").mkdir()
    team = draft(root / "entries", "own-error", title="Our own")
    team.write_text(
        team.read_text(encoding="utf-8").replace("errors: []", "errors: ['FrobError: no frob at 0x1']"),
        encoding="utf-8",
    )
    log = 'Traceback (most recent call last):\n  File "a.py", line 1\nacme.FrobError: no frob at 0xabc\n'
    logged: Any = json.loads(command("ask", "--log", "-", "--json", stdin=log.encode() + b"\xff"))
    assert (logged["hits"][0]["id"], logged["searched"][:9]) == ("own-error", "FrobError")
    assert from_log(log, store=root).hits[0].id == "own-error"


def test_check_finds_what_is_wrong_and_list_and_show_tell_entries(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    path = draft(folder, "fine")
    assert "1 entries, no problem" in command("compendium", "check", str(folder))
    (folder / "broken.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    (folder / "twice.md").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "astray.md").write_text(
        path.read_text(encoding="utf-8")
        .replace("id: fine", "id: astray")
        .replace("tags: []", "analyses: [nowhere]\nsee_also: [posterior-collapse, no-such-entry]"),
        encoding="utf-8",
    )
    told = command("compendium", "check", str(folder), code=1)
    for words in ("'broken.md'", "'twice.md'", "names the analysis 'nowhere'", "refers to 'no-such-entry'"):
        assert words in told
    assert "posterior-collapse" not in told  # which is shipped
    assert "neither a file nor a folder" in command("compendium", "check", str(tmp_path / "none"), code=2)

    command("compendium", "new", "own-one", "--title", "Ours", "--by", "ada")
    assert "taken" in command("compendium", "new", "posterior-collapse", code=2)
    assert "not filled in yet" in command("compendium", "approve", "own-one", "--by", "a", "--note", "b", code=2)
    fill(root / "entries" / "own-one.md")
    command("compendium", "approve", "own-one", "--by", "ada", "--note", "tried")
    assert "only a team's own" in command(
        "compendium", "refute", "posterior-collapse", "--by", "a", "--note", "b", code=2
    )
    listed: Any = json.loads(command("compendium", "list", "--json"))
    own = [one for one in listed["entries"] if one["origin"] == "team"]
    assert [(one["id"], one["state"]) for one in own] == [("own-one", "approved")]
    shown: Any = json.loads(command("compendium", "show", "latent-health.posterior-collapse", "--json"))
    assert (shown["id"], shown["origin"]) == ("posterior-collapse", "latent-health")
    assert "(established)" in command("compendium", "show", "posterior-collapse")
