# SPDX-License-Identifier: Apache-2.0
"""The compendium in the app: search and entry by their addresses, text that stays text, and what the box asks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import EVIL, Open, in_address, said
from workbench.app.components.search_box import Wanted, read
from workbench.app.parts import entries
from workbench.app.served import searching
from workbench.compendium.drafts import BLANK, draft
from workbench.compendium.entry import read_entry
from workbench.compendium.search import Answer, Highlight, Hit
from workbench.store import Store


@pytest.fixture(autouse=True)
def _by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compared by meaning: each test has a store of its own, with no vectors yet."""
    monkeypatch.setattr("workbench.compendium.search.meaning.missing", lambda: "switched off")


def test_a_search_has_an_address_and_tells_why_each_entry_matched(open_page: Open, empty: str) -> None:
    page = open_page("compendium", store=empty, q="posterior colapse", context="latent-health")
    words = said(page)
    assert "Did you mean: posterior collapse" in words
    assert "Posterior collapse" in words
    assert "words: collapse, posterior" in words.replace("\\", "")
    assert in_address(page, "q") == "posterior colapse"
    chip = next(one for one in page.button if one.label.startswith("in "))
    chip.click().run()
    assert in_address(page, "context") is None
    page.selectbox[0].select("gan").run()
    assert in_address(page, "area") == "gan"
    assert "latent axes carry no information" not in said(page)


def test_an_entry_of_a_team_is_shown_as_text_and_judged_on_its_page(open_page: Open, empty: str) -> None:
    folder = Path(empty) / "entries"
    path = draft(folder, "evil", title=f"T {EVIL}", symptoms=[EVIL], by=EVIL)
    body = (
        "\n# Evil\n<script>x</script> ![x](https://elsewhere.example/x.png) :material/home: [a](javascript:alert(1))\n"
        "\\![x](https://elsewhere.example/y.png) \\<img src=x>\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + body, encoding="utf-8")
    page = open_page("compendium", store=empty, entry="evil")
    words = said(page)
    assert not re.search(r"(?<!\\)(?:\\\\)*<(?:img|script)", words)
    assert not re.search(r"(?<!\\)(?:\\\\)*!\[", words)
    assert ":red[" not in words.replace("\\:red", "")
    assert "draft" in words
    filled = page.text_area[0].value
    for blank in BLANK.values():
        filled = filled.replace(blank, "ours")
    page.text_area[0].input(filled)
    next(one for one in page.button if one.label == "Keep the text").click().run()
    assert read_entry(path).cause == "ours"
    page.text_input[0].input("ada")
    page.text_input[1].input("seen")
    next(one for one in page.button if one.label == "Keep").click().run()
    assert read_entry(path).state == "approved"
    unknown = open_page("compendium", store=empty, entry="no-such-entry")
    assert "There is no entry" in said(unknown).replace("\\", "")


def test_no_match_is_said_with_the_nearest_kept_when_asked_and_made_a_phrasing(open_page: Open, empty: str) -> None:
    with Store.open(empty) as store:
        (store.root / "search").mkdir(exist_ok=True)
        (store.root / "search" / "keep-missed-searches").touch()
        page = open_page("compendium", store=empty, q="qqzz frobnicates the bread oven")
        assert "No confident match" in said(page) or "No entry has" in said(page)
        assert [one.text for one in store.missed_searches()] == ["qqzz frobnicates the bread oven"]
        store.keep_missed_search("posterior collapse of my qqzz")
        page.run()
        kept = next(one for one in page.button if one.key and one.key.endswith("-posterior-collapse"))
        kept.click().run()
        assert not page.exception
        assert "posterior collapse of my qqzz" not in [one.text for one in store.missed_searches()]
    assert "qqzz" in (Path(empty) / "entries" / "phrasings.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"entry": "a", "text": "b", "context": None}, Wanted("a", "b", None)),
        ({"text": "x" * 5000}, Wanted(None, "x" * 2000, None)),
        ({"text": " "}, None), ({"entry": 3}, None), ("a", None), (None, None), ([], None),
    ],
)  # fmt: skip
def test_what_the_browser_tells_is_checked(told: Any, expected: Wanted | None) -> None:
    assert read(told) == expected


def test_a_question_is_read_and_answered_as_text() -> None:
    assert searching.read_question("q=a+b%3C&context=captum") == ("a b<", "captum")
    assert searching.read_question("") == ("", None)
    for wrong in ("q=a&q=b", "x=1", "q", "q=" + "a" * 7000):
        with pytest.raises(ValueError, match="question"):
            searching.read_question(wrong)
    hit = Hit("a", (), "<b>\u2028", 1.0, "vae", "established", {}, "words: a")
    assert json.loads(searching.encode(Answer("q", (hit,), True)))["hits"][0]["title"] == "<b>\u2028"


def test_marks_stand_on_whole_words_and_nothing_else_is_markup() -> None:
    shown = entries.marked(Highlight("symptoms", "a *b* <i> code", ((10, 14),)))
    assert shown == r"a \*b\* \<i\> **code**"
    assert entries.written("https://a.example/x(1)]") == "https://a.example/x%281%29%5D"
