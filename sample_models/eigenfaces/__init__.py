# SPDX-License-Identifier: Apache-2.0
"""Eigenfaces: principal components of the ORL faces as a model."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    return [
        wb.ModelCard(
            "eigenfaces",
            "sample_models.eigenfaces.model:Eigenfaces",
            title="Eigenfaces (ORL)",
            description=(
                "A linear generator: a face is the mean face plus a weighted sum of eigenfaces. Encoding is a dot "
                "product with each eigenface; any number of components can be used."
            ),
            licence="Apache-2.0 (code); pictures: credit to AT&T Laboratories Cambridge",
            provenance="Turk and Pentland, 1991; computed exactly from the 320 training pictures of the ORL faces",
            tags=("faces", "linear", "pca"),
            weights=(Path(__file__).parents[1] / "data" / "orl_half.npz",),
            data="orl-faces",
        )
    ]


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page that takes pictures apart into eigenfaces."""
    return [wb.Page("eigenfaces", "Eigenfaces", "sample_models.eigenfaces.page:draw", icon=":material/face:")]
