# SPDX-License-Identifier: Apache-2.0
"""Pictures and sentences in one space, as a model of the workbench."""

from __future__ import annotations

from collections.abc import Sequence

from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.sentences.decoder import CANDIDATES, ROUNDS, TEMPERATURE, Decoder
from sample_models.sentences.encoder import WIDTH, MiniLM
from sample_models.visual_semantic.classes import DESCRIBED, classes
from sample_models.visual_semantic.placement import ExpectedRow, Placement, read_ridge


class VisualSemantic(wb.Model):
    """A classifier of pictures and an encoder of sentences, joined by a ridge that was fitted on 778 classes.

    ``net`` gives the logits of a picture, ``expected`` the row of the classifier that they stand for, ``placement`` its
    place among sentences; ``encoder`` reads sentences, ``teller`` writes some.
    """

    pixels = wb.images(3, 224, 224)
    features = wb.vectors(1280)
    captions = wb.texts()
    thoughts = wb.vectors(WIDTH, metric="cosine")

    def __init__(self, device: str = "cpu") -> None:
        self.net = load_net(assets.fetch(ASSET)).to(device)
        self.expected = ExpectedRow(self.net.classifier.weight.detach()).to(device).eval()
        self.placement = Placement(read_ridge()).to(device).eval()
        self.encoder = MiniLM.load(device)
        self.decoder = Decoder(self.encoder, device)
        self.teller = self.decoder.teller
        self.described = load_file(DESCRIBED)["vectors"].float().to(device)

    def layers(self) -> dict[str, nn.Module]:
        """Those of the network of pictures and of the ridge, and the means over the tokens between blocks of MiniLM.

        Inside these blocks, and in what writes sentences, the number of tokens varies.
        """
        parts = ("net.", "expected.", "placement.", "encoder.means.")
        return {name: one for name, one in super().layers().items() if name.startswith(parts)}

    @wb.maps(pixels, to=features)
    def look(self, pixels: Tensor) -> Tensor:
        """The row of the classifier ``[n, 1280]`` that it expects of pictures ``[n, 3, 224, 224]`` in 0..1."""
        expected: Tensor = self.expected(self.net(pixels))
        return expected

    @wb.maps(features, to=thoughts)
    def place(self, features: Tensor) -> Tensor:
        """Where rows of the classifier ``[n, 1280]`` lie among sentences: unit vectors ``[n, 384]``."""
        placed: Tensor = self.placement(features)
        return placed

    @wb.maps(captions, to=thoughts)
    def read(self, captions: Sequence[str]) -> Tensor:
        """Unit vectors ``[n, 384]`` of sentences; what is longer than 256 word pieces is cut."""
        read: Tensor = self.encoder(*self.encoder.tokenize(list(captions)))
        return read

    @wb.maps(thoughts, to=captions)
    def recall(self, thoughts: Tensor) -> list[str]:
        """The nearest of the 1,000 descriptions to each point, those of classes that were held out among them."""
        nearest = (functional.normalize(thoughts, dim=1) @ self.described.to(thoughts).T).argmax(dim=1)
        return [classes()[int(one)].description for one in nearest]

    @wb.maps(thoughts, to=captions)
    def tell(
        self,
        thoughts: Tensor,
        *,
        candidates: int = CANDIDATES,
        rounds: int = ROUNDS,
        temperature: float = TEMPERATURE,
        seed: int = 0,
    ) -> list[str]:
        """Sentences written by a small network, read again, and the nearest kept, as of ``sentence-thoughts``."""
        return self.decoder.tell(thoughts, candidates, rounds, temperature, seed)
