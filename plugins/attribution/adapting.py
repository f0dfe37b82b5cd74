# SPDX-License-Identifier: Apache-2.0
"""A copy of a question that modules can be hooked on: nothing in place, every activation a module used once."""

from __future__ import annotations

from plugins.attribution.questions import Question


def fitted(question: Question) -> tuple[Question, tuple[str, ...]]:
    """A copy made fit for hooks, and what was changed, one sentence each."""
    return question.copied(), ()
