# SPDX-License-Identifier: Apache-2.0
"""Names of the 1,000 classes of ImageNet; torch is not imported."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

NAMES = Path(__file__).parent / "data" / "imagenet_names.json"


@cache
def class_names() -> tuple[str, ...]:
    """One short name for each of the 1,000 classes, all different (``data/CREDITS.md`` says from where).

    >>> class_names()[285], class_names()[134], class_names()[517]
    ('Egyptian cat', 'crane (134)', 'crane (517)')
    """
    return tuple(json.loads(NAMES.read_text(encoding="utf-8")))
