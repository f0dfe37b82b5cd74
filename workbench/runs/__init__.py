# SPDX-License-Identifier: Apache-2.0
"""Runs: keys, preparation, the supervisor and its workers. Each name is imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "RunSpec": "spec",
    "cancel": "submission",
    "describe": "descriptions",
    "differences": "key",
    "ensure_supervisor": "starting",
    "preimage_of": "key",
    "prepare": "preparation",
    "run": "submission",
    "run_key": "key",
    "submit": "submission",
    "wait": "submission",
    "why": "explanation",
}

__all__ = [*_HOME]  # noqa: PLE0604

if TYPE_CHECKING:
    from workbench.runs.descriptions import describe as describe
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


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workbench.runs' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"workbench.runs.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
