# SPDX-License-Identifier: Apache-2.0
"""Who is at the page: a name that stands beside each change that is kept."""

from __future__ import annotations

import getpass

import streamlit as st

from workbench.app.parts import text

_NAME = "_workbench_name"
_LONGEST = 80


def name() -> str:
    """The name that was given in this session; before that the one of the account the app runs under."""
    given = st.session_state.get(_NAME)
    return str(given) if given else account()


def account() -> str:
    """Name of the account that this process runs under."""
    try:
        return text.one_line(getpass.getuser(), _LONGEST)
    except (OSError, KeyError):  # an account without a name
        return "somebody"


def ask() -> str:
    """A field for the name; gives it back."""
    given = st.text_input(
        "Your name",
        value=name(),
        max_chars=_LONGEST,
        width=180,
        help="Each change is kept with it; nobody is asked for a password",
        key="people.name",
    )
    st.session_state[_NAME] = given.strip()
    return name()
