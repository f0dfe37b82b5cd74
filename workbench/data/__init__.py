# SPDX-License-Identifier: Apache-2.0
"""Data sets from files, and their fitting to the spaces of a model. Names are imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {"fit": "fitting", "open_path": "opening"}

__all__ = ["fit", "open_path"]

if TYPE_CHECKING:
    from workbench.data.fitting import fit as fit
    from workbench.data.opening import open_path as open_path


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workbench.data' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"workbench.data.{_HOME[name]}"), name)
    globals()[name] = value
    return value
