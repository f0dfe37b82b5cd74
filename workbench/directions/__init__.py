# SPDX-License-Identifier: Apache-2.0
"""Directions that were kept under a name: compared, combined, read from files and written to them.

Each name is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import imported_when_used

_HOME = {
    "Comparison": "workbench.directions.comparing",
    "cap": "workbench.directions.making",
    "code_of": "workbench.directions.code",
    "combination": "workbench.directions.arithmetic",
    "combine": "workbench.directions.making",
    "compare": "workbench.directions.comparing",
    "cosines": "workbench.directions.arithmetic",
    "document": "workbench.directions.exporting",
    "export_files": "workbench.directions.exporting",
    "import_file": "workbench.directions.importing",
    "orthogonalise": "workbench.directions.making",
    "principal_angles": "workbench.directions.arithmetic",
    "random_angles": "workbench.directions.chance",
    "random_cosine": "workbench.directions.chance",
    "scaled": "workbench.directions.arithmetic",
    "step_within": "workbench.directions.arithmetic",
    "unit": "workbench.directions.arithmetic",
    "without": "workbench.directions.arithmetic",
}

__all__ = [*_HOME]  # noqa: PLE0604

if TYPE_CHECKING:
    from workbench.directions.arithmetic import combination as combination
    from workbench.directions.arithmetic import cosines as cosines
    from workbench.directions.arithmetic import principal_angles as principal_angles
    from workbench.directions.arithmetic import scaled as scaled
    from workbench.directions.arithmetic import step_within as step_within
    from workbench.directions.arithmetic import unit as unit
    from workbench.directions.arithmetic import without as without
    from workbench.directions.chance import random_angles as random_angles
    from workbench.directions.chance import random_cosine as random_cosine
    from workbench.directions.code import code_of as code_of
    from workbench.directions.comparing import Comparison as Comparison
    from workbench.directions.comparing import compare as compare
    from workbench.directions.exporting import document as document
    from workbench.directions.exporting import export_files as export_files
    from workbench.directions.importing import import_file as import_file
    from workbench.directions.making import cap as cap
    from workbench.directions.making import combine as combine
    from workbench.directions.making import orthogonalise as orthogonalise

__getattr__ = imported_when_used(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
