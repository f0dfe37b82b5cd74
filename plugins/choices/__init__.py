# SPDX-License-Identifier: Apache-2.0
"""Choices: short measurements of one thing done in one of two ways, so that the two can be set against each other."""

from __future__ import annotations

import workbench as wb


@wb.hookimpl
def workbench_analyses() -> list[type[wb.Analysis]]:
    """The analyses of this plugin; what is heavy is imported when one runs."""
    from plugins.choices.captured_activations import CapturedActivations
    from plugins.choices.difference_components import DifferenceComponents
    from plugins.choices.direction_leakage import DirectionLeakage
    from plugins.choices.path_norm import PathNorm

    return [CapturedActivations, DifferenceComponents, DirectionLeakage, PathNorm]
