# SPDX-License-Identifier: Apache-2.0
"""Twelve photographs whose licences are clear: what networks of natural images are looked at with."""

from __future__ import annotations

import workbench as wb

SIDE = 224


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """The card of the data set; the pictures are read when it is opened."""
    return [
        wb.DatasetCard(
            "photographs",
            "sample_models.photographs.datasets:open_photographs",
            title="Photographs (12)",
            description=(
                "Twelve photographs, 224 x 224 in three colours: a cat, a cup, a rocket, an astronaut, a temple, a "
                "dahlia, galaxies, a retina, and four grey ones. Far too few for statistics: they are for looking."
            ),
            licence="each its own, in the column 'licence': CC0 1.0, public domain, CC BY 2.0 (china, flower)",
            provenance="scikit-image 0.26.0 and scikit-learn 1.9.1 (their sample pictures), cropped and scaled here",
            tags=("images", "photographs"),
        )
    ]
