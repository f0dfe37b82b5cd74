# SPDX-License-Identifier: Apache-2.0
"""The look is said once: the file for ``streamlit run`` and the one in the package agree, and so do the palettes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from registry.pictures import CHART_COLOURS
from tests.app.conftest import ROOT
from workbench.app.components.palette import CATEGORY_COLOURS, SEQUENTIAL_RAMP

PACKAGED: dict[str, Any] = tomllib.loads((ROOT / "workbench/app/theme.toml").read_text())
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())


def test_both_files_hold_the_same_theme() -> None:
    assert SETTINGS["theme"] == PACKAGED["theme"]


def test_nothing_is_sent_and_only_this_machine_is_served() -> None:
    assert SETTINGS["server"]["address"] == "127.0.0.1"
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["client"]["toolbarMode"] == "minimal"


def test_charts_have_the_colours_of_the_point_map() -> None:
    assert tuple(PACKAGED["theme"]["chartCategoricalColors"]) == CATEGORY_COLOURS == CHART_COLOURS
    for mode in ("light", "dark"):
        assert tuple(PACKAGED["theme"][mode]["chartSequentialColors"]) == SEQUENTIAL_RAMP[mode]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_is_legible(mode: str) -> None:
    theme = PACKAGED["theme"][mode]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"], *theme["sidebar"].values()]
    for ground in grounds:
        assert contrast(theme["textColor"], ground) >= 7, ground
        assert contrast(theme["grayTextColor"], ground) >= 4.5, ground
        assert contrast(theme["primaryColor"], ground) >= 4.5, ground
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= 4.5
