# SPDX-License-Identifier: Apache-2.0
"""How a map is looked at (camera, hidden categories, value range, mode), told by the browser as compact text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

#: The browser writes and reads the parts; here only their alphabet and length are checked, for the text also comes
#: from the address of a page.
_LOOK: Final = re.compile(r"[A-Za-z0-9.,_~-]{1,480}", re.ASCII)


@dataclass(frozen=True)
class Viewing:
    """What one map has told of how it is looked at.

    Attributes:
        cloud: fingerprint of the points.
        start: the look that the map began with; it stays what it was, so that telling a look changes nothing.
        look: the look told last.
        probe: the place on empty map asked about last.
        asked: the place that the map began with, kept like ``start``.
    """

    cloud: str
    start: str
    look: str
    probe: tuple[float, float] | None = None
    asked: tuple[float, float] | None = None

    def hear(self, look: Any, probe: Any) -> Viewing:
        """Take up what the browser reports, as far as it is about these points and well formed."""
        heard = self
        if isinstance(look, Mapping) and look.get("cloud") == self.cloud and (text := clean(look.get("text"))):
            heard = replace(heard, look=text)
        if isinstance(probe, Mapping) and probe.get("cloud") == self.cloud:
            heard = replace(heard, probe=_place(probe.get("place")))
        return heard


def clean(text: Any) -> str:
    """Give a look back when it is one, or else nothing."""
    return text if isinstance(text, str) and _LOOK.fullmatch(text) else ""


def begin(probe: Any) -> tuple[float, float] | None:
    """The place that a map is asked about at first; nothing where it is only allowed to be asked, or is nonsense."""
    return None if isinstance(probe, bool) else _place(probe)


def _place(told: Any) -> tuple[float, float] | None:
    try:
        x, y = (float(one) for one in told)
    except (TypeError, ValueError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None
