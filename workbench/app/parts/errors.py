# SPDX-License-Identifier: Apache-2.0
"""Errors on a page: one sentence, and the traceback for whom it helps."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app.parts import text


def show(sentence: str, details: str = "", *, title: str = "Traceback") -> None:
    """An error in one sentence, with an expander for what lies behind it."""
    st.error(text.sentence(sentence), icon=":material/error:")
    if details.strip():
        with st.expander(title):
            st.code(details, language=None, wrap_lines=True)


@contextmanager
def shown(doing: str) -> Iterator[None]:
    """Show an error of the block instead of ending the page; ``doing`` says what was tried.

    What users can mend speaks for itself. Anything else is a fault of a plugin or of the app, and is shown with its
    traceback: one broken view must not take the page with it.
    """
    try:
        yield
    except WorkbenchError as error:
        show(str(error))
    except Exception as error:  # noqa: BLE001  a plugin's code may raise anything; it is shown, with its traceback
        show(f"{doing} failed: {type(error).__name__}: {error}", traceback.format_exc())
