# SPDX-License-Identifier: Apache-2.0
"""Data sets from files, and their fitting to the spaces of a model. Names are imported when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

_HOME = {"fit": "workbench.data.fitting", "open_path": "workbench.data.opening"}

__all__ = ["fit", "open_path"]

if TYPE_CHECKING:
    from workbench.data.fitting import fit as fit
    from workbench.data.opening import open_path as open_path

__getattr__ = imported_when_used(__name__, _HOME)
