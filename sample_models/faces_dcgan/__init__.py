# SPDX-License-Identifier: Apache-2.0
"""A pretrained DCGAN that draws faces; its weights are fetched on demand, never kept here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import workbench as wb
from sample_models import assets

if TYPE_CHECKING:
    from registry.spaces import Images

ASSET = "dcgan_faces"
SIDE = 64


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "faces-dcgan",
            "sample_models.faces_dcgan.model:FacesDcgan",
            title="Face DCGAN (64 x 64)",
            description=(
                "A deep convolutional generative adversarial network with 100 latent axes and a standard normal "
                "prior. It draws colour faces; there is no encoder."
            ),
            licence=one.licence,
            provenance=one.credit,
            tags=("faces", "gan"),
            weights=(one.path,),
            requires=one.missing,
            fetch=one.fetch,
        )
    ]


class OfTheseFaces(wb.Scorer):
    """A scorer that knows where things are in the faces of this generator, so that it takes pictures of their size."""

    def lacks(self, space: Images) -> str | None:
        """Why it does not apply to images of a space, in one clause; ``None`` when it does."""
        size = (space.height, space.width)
        if size != (SIDE, SIDE):
            found = "of any size" if None in size else f"{size[0]} x {size[1]}"
            return f"it takes faces of {SIDE} x {SIDE} pixels, and these images are {found}"
        return super().lacks(space)


@wb.hookimpl
def workbench_scorers() -> list[wb.Scorer]:
    """The scorer of glasses, learned from draws labelled by eye."""
    told = json.loads(Path(__file__).with_name("glasses.json").read_text(encoding="utf-8"))
    learned, held = told["learned_from"], told["held_out"]
    return [
        OfTheseFaces(
            "glasses",
            "sample_models.faces_dcgan.glasses:glasses",
            title="Glasses",
            unit="log-odds",
            description=(
                f"Edges across the eyes, weighed as {sum(learned.values())} generated faces taught it that were "
                f"labelled by eye ({learned['yes']} with glasses): an oracle of the faces of faces-dcgan only. On "
                f"{sum(held.values())} others ({held['yes']} with glasses) its area under the curve is "
                f"{told['auc']:.2f} (95 % interval {told['auc_low']:.2f} to {told['auc_high']:.2f}), over "
                f"five folds of the former {told['auc_of_folds']:.2f}; faces on which the eye was unsure are in none."
            ),
            licence="Apache-2.0",
            provenance="Learned in this project by sample_models/faces_dcgan/train_glasses.py from labels.json",
            channels=(3,),
            least=SIDE,
        )
    ]
