# SPDX-License-Identifier: Apache-2.0
"""No map without its checks: what each method's maps are worth, against controls that know nothing of the network."""

from __future__ import annotations

from plugins.attribution.checks.checked import ALL_CHECKS, Checked, Settings
from plugins.attribution.checks.checking import check
from plugins.attribution.checks.rows import WORDS, Row

__all__ = ["ALL_CHECKS", "WORDS", "Checked", "Row", "Settings", "check"]
