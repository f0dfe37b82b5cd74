# SPDX-License-Identifier: Apache-2.0
"""Runs: keys, preparation, the supervisor and its workers. Each name is imported when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

_HOME = {
    "RunSpec": "workbench.runs.spec",
    "cancel": "workbench.runs.submission",
    "describe": "workbench.runs.descriptions",
    "differences": "workbench.runs.key",
    "draws_source": "workbench.runs.draws",
    "ensure_supervisor": "workbench.runs.starting",
    "preimage_of": "workbench.runs.key",
    "prepare": "workbench.runs.preparation",
    "read_draws": "workbench.runs.draws",
    "run": "workbench.runs.submission",
    "run_key": "workbench.runs.key",
    "slice_source": "workbench.runs.draws",
    "submit": "workbench.runs.submission",
    "wait": "workbench.runs.submission",
    "why": "workbench.runs.explanation",
}

__all__ = [*_HOME]  # noqa: PLE0604

if TYPE_CHECKING:
    from workbench.runs.descriptions import describe as describe
    from workbench.runs.draws import draws_source as draws_source
    from workbench.runs.draws import read_draws as read_draws
    from workbench.runs.draws import slice_source as slice_source
    from workbench.runs.explanation import why as why
    from workbench.runs.key import differences as differences
    from workbench.runs.key import preimage_of as preimage_of
    from workbench.runs.key import run_key as run_key
    from workbench.runs.preparation import prepare as prepare
    from workbench.runs.spec import RunSpec as RunSpec
    from workbench.runs.starting import ensure_supervisor as ensure_supervisor
    from workbench.runs.submission import cancel as cancel
    from workbench.runs.submission import run as run
    from workbench.runs.submission import submit as submit
    from workbench.runs.submission import wait as wait

__getattr__ = imported_when_used(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
