# SPDX-License-Identifier: Apache-2.0
"""Tokens open what their own page published, as long as it is open; and nothing where no server has the routes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from workbench.app.served import cards, columns, grants, rasters


def test_a_token_is_of_its_page_while_that_is_open(site: Any) -> None:
    token = site.page("one")
    assert grants.allowed(token) == "one"
    site.open.clear()
    assert grants.allowed(token) is None


def test_a_token_of_another_process_or_for_another_page_opens_nothing(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = site.page("one"), site.page("two")
    assert grants.allowed(f"one.{other.rpartition('.')[2]}") is None
    monkeypatch.setattr(grants, "_SECRET", b"another process" * 3)
    assert grants.allowed(token) is None


def test_a_token_with_another_letter_opens_nothing(site: Any) -> None:
    token = site.page("one")
    site.open |= {"o", "on", "One", "0ne"}
    for at in range(len(token)):
        for letter in {"0", "a", "A", ".", "\n", ""} - {token[at]}:
            assert grants.allowed(token[:at] + letter + token[at + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "one", "one.", "." + "a" * 64, "one." + "a" * 64, "one." + "A" * 64, "ö.1"])
def test_what_is_no_token_opens_nothing(site: Any, token: str) -> None:
    site.page("one")
    assert grants.allowed(token) is None


@pytest.mark.parametrize("base, expected", [("", "/workbench/x/y"), ("/lab/one/", "/lab/one/workbench/x/y")])
def test_addresses_stand_below_the_base_path(monkeypatch: pytest.MonkeyPatch, base: str, expected: str) -> None:
    monkeypatch.setattr(config, "get_option", lambda name: {"server.baseUrlPath": base}[name])
    assert grants.address("x", "y") == expected


def _script() -> None:
    import numpy as np
    import streamlit as st

    from workbench.app.served import cards, columns, grants, rasters

    made = (
        columns.publish(np.zeros(3)),
        cards.publish("a", lambda position: cards.Card("x")),
        rasters.publish("a", lambda view: b""),
        grants.token(),
        grants.mounted(),
    )
    st.code(repr(made))


@pytest.mark.parametrize("routes", [False, True])
def test_a_page_without_server_publishes_nothing(routes: bool) -> None:
    grants.mount(routes)  # a process that has the routes has no server in AppTest all the same
    try:
        assert AppTest.from_function(_script).run().code[0].value == "(None, None, None, '', False)"
    finally:
        grants.mount(False)


def test_outside_any_page_nothing_is_published() -> None:
    assert columns.publish(np.zeros(3)) is None
    assert cards.publish("a", lambda position: cards.Card("x")) is None
    assert rasters.publish("a", lambda view: b"") is None
    assert grants.token() == ""


def test_a_page_that_was_closed_for_long_is_gone(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(grants.time, "monotonic", lambda: now[0])
    site.page("long")
    assert not grants.gone("long")
    site.open.clear()
    now[0] += grants.GRACE - 1
    assert not grants.gone("long")
    now[0] += 2
    assert grants.gone("long")
