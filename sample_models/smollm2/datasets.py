# SPDX-License-Identifier: Apache-2.0
"""The data set ``prompts-with-answers``: beginnings of sentences whose next word is known."""

from __future__ import annotations

import csv
from pathlib import Path

import workbench as wb

PROMPTS = Path(__file__).parent / "prompts.csv"


def open_prompts() -> wb.Dataset:
    """146 prompts with the columns ``task``, ``answer`` and ``other``; both words begin with the space before them."""
    import pandas as pd

    with PROMPTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = pd.DataFrame({name: [one[name] for one in rows] for name in ("task", "answer", "other")})
    return wb.TextDataset([one["prompt"] for one in rows], columns)
