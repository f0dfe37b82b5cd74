# SPDX-License-Identifier: Apache-2.0
"""Latent arithmetic: sums and differences of means of exemplars, decoded, and how far they can be trusted."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analysis of this plugin; its arithmetic is imported when it runs."""
    from plugins.latent_arithmetic.analysis import LatentArithmetic

    return [LatentArithmetic]


@wb.hookimpl
def workbench_entries() -> list[Path]:
    """What to do about what it finds."""
    return sorted((Path(__file__).parent / "entries").glob("*.md"))


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page on which sums are put together."""
    return [
        wb.Page(
            "latent-arithmetic",
            "Latent arithmetic",
            "plugins.latent_arithmetic.page:draw",
            icon=":material/calculate:",
        )
    ]
