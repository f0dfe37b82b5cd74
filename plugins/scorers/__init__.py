# SPDX-License-Identifier: Apache-2.0
"""Scorers that need no learning: light, colour, and the shape of what stands out from its ground."""

from __future__ import annotations

import workbench as wb

_DEGREES = "degrees"


@wb.hookimpl
def workbench_scorers() -> list[wb.Scorer]:
    """The scorers of this plugin; numpy arithmetic, nothing is loaded."""
    light, colour, shape = (f"plugins.scorers.{one}" for one in ("light", "colour", "shape"))
    three = (3,)
    return [
        wb.Scorer(
            "brightness",
            f"{light}:brightness",
            title="Brightness",
            unit="share of white",
            description="Mean luminance, of the values as they are (Rec. 709 weights).",
        ),
        wb.Scorer(
            "contrast",
            f"{light}:contrast",
            title="Contrast",
            unit="share of white",
            description="Standard deviation of luminance over the picture.",
            least=2,
        ),
        wb.Scorer(
            "sharpness",
            f"{light}:sharpness",
            title="Sharpness",
            unit="1 / pixel",
            description="Root mean square gradient of luminance, over its standard deviation.",
            least=3,
        ),
        wb.Scorer(
            "mirror-symmetry",
            f"{light}:mirror_symmetry",
            title="Mirror symmetry",
            unit="correlation",
            description="Correlation of the picture with its mirror image, left for right: 1 is symmetric.",
            least=2,
        ),
        wb.Scorer(
            "saturation",
            f"{colour}:saturation",
            title="Saturation",
            unit="share",
            description="Mean of (largest - smallest channel) / largest channel; black counts as 0.",
            channels=three,
        ),
        wb.Scorer(
            "warmth",
            f"{colour}:warmth",
            title="Warmth",
            unit="share of white",
            description="Mean of red less blue: above 0 is warm, below is cold.",
            channels=three,
        ),
        wb.Scorer(
            "stroke-thickness",
            f"{shape}:stroke_thickness",
            title="Stroke thickness",
            unit="pixels",
            description="Twice the ink over the length of its outline, by total variation. For strokes on a plain "
            "ground.",
            least=8,
        ),
        wb.Scorer(
            "slant",
            f"{shape}:slant",
            title="Slant",
            unit=_DEGREES,
            description="Angle of the shear that would set the ink upright, above 0 leaning right. For strokes on a "
            "plain ground.",
            least=8,
        ),
        wb.Scorer(
            "roundness",
            f"{shape}:roundness",
            title="Roundness",
            unit="ratio of axes",
            description="Short over long axis of the ellipse with the same moments as the ink: 1 is round, 0 a line.",
            least=8,
        ),
        wb.Scorer(
            "extent",
            f"{shape}:extent",
            title="Extent",
            unit="share of the picture",
            description="Root mean square distance of the ink from its centre, over half the diagonal.",
            least=8,
        ),
        wb.Scorer(
            "across",
            f"{shape}:across",
            title="Position across",
            unit="share of the width",
            description="Centre of the ink, 0 left to 1 right.",
            least=8,
            resolution=0.02,
        ),
        wb.Scorer(
            "down",
            f"{shape}:down",
            title="Position down",
            unit="share of the height",
            description="Centre of the ink, 0 top to 1 bottom.",
            least=8,
            resolution=0.02,
        ),
    ]
