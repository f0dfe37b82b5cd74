# SPDX-License-Identifier: Apache-2.0
"""Patches of 3x3 pixels: of two photographs, of noise as controls, and of the Klein bottle that models them."""

from __future__ import annotations

import workbench as wb

STEPS = (
    "25,000 patches of 3x3 pixels of each of two pictures; logarithm of light, mean taken off, the most contrasty "
    "fifth kept and divided by its contrast (D-norm): points of the unit sphere in R^8, in the discrete cosine basis."
)
LEE = "steps of Lee, Pedersen and Mumford, 2003; cores of Carlsson, Ishkhanov, de Silva and Zomorodian, 2008"
CREDIT = (
    "china.jpg by danielbuechele and flower.jpg by vultilion (Flickr), CC BY 2.0, as scikit-learn ships them; "
    "changed: cut into patches"
)
MADE = "Apache-2.0 (made by the code here)"


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """Cards of the patches; nothing is read or computed."""
    return [
        _card("image-patches", "Photograph patches (10,000)", f"Two photographs. {STEPS}", CREDIT),
        _card(
            "image-patches-half", "Photograph patches, half size (10,000)", f"Two halved photographs. {STEPS}", CREDIT
        ),
        _card(
            "image-patches-x15",
            "Photograph patches, X(15, 30) (3,000)",
            f"The 30 % nearest to their 15th neighbour, of two photographs: three circles, five loops. {STEPS}",
            CREDIT,
        ),
        _card(
            "image-patches-x300",
            "Photograph patches, half size, X(300, 30) (3,000)",
            f"The 30 % nearest to their 300th neighbour, of two halved photographs: one circle. {STEPS}",
            CREDIT,
        ),
        _card("noise-patches", "White-noise patches (10,000)", f"Control: independent random pixels. {STEPS}", MADE),
        _card(
            "noise-patches-x300",
            "White-noise patches, X(300, 30) (3,000)",
            f"Control: the 30 % nearest to their 300th neighbour of white noise; no loop. {STEPS}",
            MADE,
        ),
        _card(
            "blurred-patches",
            "Blurred-noise patches (10,000)",
            f"Control: random pixels under a Gaussian of 2 pixels; smooth, so one circle. {STEPS}",
            MADE,
        ),
        _card(
            "blurred-patches-x15",
            "Blurred-noise patches, X(15, 30) (3,000)",
            f"Control: the 30 % nearest to their 15th neighbour of blurred noise; one circle, never three. {STEPS}",
            MADE,
        ),
        *(
            _card(
                name,
                f"{title} nearest to the Klein bottle ({count})",
                f"{why}: of 50,000 {of}, those nearest to the 288 of 'klein-bottle'. Selected by the model. {STEPS}",
                licence,
            )
            for name, title, count, why, of, licence in (
                ("image-patches-klein", "Photograph patches", 260, "Two photographs", "patches", CREDIT),
                ("noise-patches-klein", "White-noise patches", 125, "Control", "patches of independent pixels", MADE),
                ("blurred-patches-klein", "Blurred-noise patches", 202, "Control", "patches of smooth noise", MADE),
                ("sphere-klein", "Random points of the sphere", 224, "Control", "random points of the sphere", MADE),
            )
        ),
        wb.DatasetCard(
            "klein-bottle",
            "sample_models.patches.datasets:open_klein_bottle",
            title="Klein bottle of patches (288)",
            description=(
                "Patches of the polynomials c (a x + b y)^2 + d (a x + b y) on a grid of 12 x 24 angles, as points of "
                "the unit sphere in R^8. Coefficients Z/2 and Z/3 tell it from a torus."
            ),
            licence=MADE,
            provenance="Carlsson, Ishkhanov, de Silva and Zomorodian, 2008, section 5",
            tags=("vectors", "topology", "exact"),
        ),
        wb.DatasetCard(
            "flat-torus",
            "sample_models.patches.datasets:open_torus",
            title="Flat torus (288)",
            description="A grid of 12 x 24 angles on the torus in R^4: what the Klein bottle is without its twist.",
            licence=MADE,
            provenance="(cos s, sin s, cos t, sin t) / sqrt 2",
            tags=("vectors", "topology", "exact"),
        ),
    ]


@wb.hookimpl
def workbench_pages() -> list[wb.Page]:
    """The page that tells what shape patches have."""
    return [
        wb.Page("image-patches", "Shape of image patches", "sample_models.patches.page:draw", icon=":material/grain:")
    ]


def _card(name: str, title: str, description: str, licence: str) -> wb.DatasetCard:
    return wb.DatasetCard(
        name,
        f"sample_models.patches.datasets:{name.replace('-', '_')}",
        title=title,
        description=description,
        licence=licence,
        provenance=LEE,
        tags=("vectors", "patches", "topology", *(("control",) if licence == MADE else ())),
    )
