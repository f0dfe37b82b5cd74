# SPDX-License-Identifier: Apache-2.0
"""Live models: warm processes that hold a model, for pages that map a few points at a time."""

from __future__ import annotations

from workbench.live.model import LiveModel as LiveModel

__all__ = ["LiveModel"]
