# SPDX-License-Identifier: Apache-2.0
"""The route of the search box: only for open pages, answers as text; and the short address of an entry."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.app.served import searching
from workbench.compendium.search import Answer, Hit


def test_only_an_open_page_is_answered(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    def make(text: str, context: str | None) -> bytes:
        asked.append((text, context))
        return searching.encode(Answer(text, (Hit("a", (), "A", 1.0),), True))

    monkeypatch.setattr(searching, "make", make)
    token = site.page("one")
    assert searching.address() == "/workbench/search"
    answer = site.ask("/workbench/search?q=blurry%20samples&context=vae", token)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert [one["id"] for one in json.loads(answer.body)["hits"]] == ["a"]
    assert asked == [("blurry samples", "vae")]
    for path, given in (("q=a", None), ("q=a", token[:-1] + "x")):
        assert site.ask(f"/workbench/search?{path}", given).status == 404
    assert site.ask("/workbench/search?q=a&q=b", token).status == 400
    assert asked == [("blurry samples", "vae")]
    site.open.clear()
    assert site.ask("/workbench/search?q=a", token).status == 404


@pytest.mark.parametrize("name", ["posterior-collapse", "latent-health.posterior-collapse"])
def test_an_entry_has_a_short_address(site: Any, name: str) -> None:
    answer = site.ask(f"/compendium/{name}")
    assert (answer.status, answer.headers["location"]) == (307, f"/compendium?entry={name}")


@pytest.mark.parametrize("name", ["A", "a%0d%0ab", "%2F%2Fevil.example", "a b", "..", "-a"])
def test_what_is_no_id_leads_nowhere(site: Any, name: str) -> None:
    answer = site.ask(f"/compendium/{name}")
    assert answer.status == 404
    assert "location" not in answer.headers
