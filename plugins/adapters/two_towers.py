# SPDX-License-Identifier: Apache-2.0
"""Two towers: two encoders of one's own, of pictures and of texts, as maps into one space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

import workbench as wb


class TwoTowers(wb.Model):
    """Pictures and captions as points of one space in which nearness is by angle, as in CLIP-like models."""

    def __init__(
        self,
        look: Callable[[Tensor], Tensor],
        read: Callable[[list[str]], Tensor],
        pictures: wb.Images,
        size: int,
        normalise: bool,
        networks: Mapping[str, nn.Module],
    ) -> None:
        self.image_encoder, self.text_encoder, self.networks = look, read, dict(networks)
        self.normalise = normalise
        self.add_space("pictures", pictures)
        self.add_space("captions", wb.texts())
        self.add_space("shared", wb.vectors(size, metric="cosine"))
        self.add_map("look", self._look, "pictures", "shared")
        self.add_map("read", self._read, "captions", "shared")

    def _look(self, pictures: Tensor) -> Tensor:
        return self._placed(self.image_encoder(pictures))

    def _read(self, captions: Sequence[str]) -> Tensor:
        return self._placed(self.text_encoder(list(captions)))

    def _placed(self, points: Tensor) -> Tensor:
        points = points.float()
        return torch.nn.functional.normalize(points, dim=-1) if self.normalise else points


def two_towers(
    look: Callable[[Tensor], Tensor],
    read: Callable[[list[str]], Tensor],
    *,
    pictures: wb.Images,
    size: int,
    normalise: bool = True,
    networks: Mapping[str, nn.Module] | None = None,
) -> wb.Model:
    """A model of two maps into one space: ``look: pictures -> shared`` and ``read: captions -> shared``.

    Parameters
    ----------
    look : network or function, float ``[n, channels, height, width]`` in the range of ``pictures`` to ``[n, size]``
    read : network or function, a list of ``n`` texts to ``[n, size]``
    pictures : the space of pictures, such as ``wb.images(3, 224, 224)``
    size : numbers of a point of the shared space
    normalise : bring points to unit length (a point of length 0 stays where it is)
    networks : those that a function uses without being one, by name: only so do their layers become spaces, and only
        so is a change of their weights noticed

    In a plugin of one's own::

        from plugins.adapters.two_towers import two_towers


        def load(device):
            clip, preprocess, tokenise = acme.load_clip("weights.safetensors", device)
            return two_towers(
                lambda pictures: clip.encode_image(preprocess(pictures)),
                lambda captions: clip.encode_text(tokenise(captions).to(device)),
                pictures=wb.images(3, 224, 224),
                size=512,
                networks={"clip": clip},
            )


        @wb.hookimpl
        def workbench_models():
            return [wb.ModelCard("acme-clip", load, licence="internal", weights=(Path("weights.safetensors"),))]

    >>> import workbench as wb
    >>> model = two_towers(nn.Flatten(), lambda texts: torch.ones(len(texts), 4), pictures=wb.images(1, 2, 2), size=4)
    >>> model.maps["read"].point(["a boat"]).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    """
    return TwoTowers(look, read, pictures, size, normalise, networks or {})
