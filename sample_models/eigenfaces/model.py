# SPDX-License-Identifier: Apache-2.0
"""The eigenface model: exact principal components of the training faces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

import workbench as wb
from sample_models import datasets

HEIGHT, WIDTH = 56, 46
COMPONENTS = 319
"""Rank of the 320 centred training faces: with all of them a training face comes back exactly."""


class Eigenfaces(wb.Model):
    """Faces as the mean face plus a weighted sum of eigenfaces.

    Turk and Pentland, *Eigenfaces for Recognition*, 1991, "Calculating Eigenfaces": the eigenvectors of the small
    matrix of dot products between the centred training faces say how to mix those faces into eigenfaces. These are the
    right singular vectors of the centred faces, orthonormal and in order of variance, each with its largest entry
    positive. The code of a picture is its dot product with each of them, in units of grey value; along axis i the
    training codes have mean 0 and the standard deviation that the prior of ``z`` has there.

    The map ``eigenface`` shows the eigenfaces themselves: grey 0.5 is zero, the largest weight is black or white.
    """

    pixels = wb.images(1, HEIGHT, WIDTH)
    eigenface_number = wb.items([f"eigenface {position + 1}" for position in range(COMPONENTS)])

    def __init__(self, device: str = "cpu") -> None:
        dataset = datasets.open_orl_faces()
        self.training_faces = dataset.batch(datasets.split_rows(dataset, "train"))
        faces = self.training_faces.reshape(-1, HEIGHT * WIDTH).astype(np.float64)
        mean = faces.mean(axis=0)
        variance, mixtures = np.linalg.eigh((faces - mean) @ (faces - mean).T / len(faces))  # ascending; the first is 0
        std = np.sqrt(variance[::-1][:COMPONENTS])
        basis = mixtures.T[::-1][:COMPONENTS] @ (faces - mean) / (std * np.sqrt(len(faces)))[:, None]
        largest = basis[np.arange(COMPONENTS), np.abs(basis).argmax(axis=1)]
        basis = basis * np.sign(largest)[:, None]
        self.mean, self.basis, self.std = (
            torch.tensor(array, dtype=torch.float32, device=device) for array in (mean, basis, std)
        )
        self.z = self.add_space(
            "z", wb.vectors(COMPONENTS, prior=wb.normal(std=std.tolist()), axes=self.eigenface_number.names)
        )
        self.add_map("encode", self.encode, self.pixels, self.z)
        self.add_map("decode", self.decode, self.z, self.pixels)

    def tensors(self) -> Iterator[tuple[str, Any]]:
        """The training faces: they decide everything, and unlike their decomposition they are equal to the last bit
        on every machine and with any number of threads."""
        yield "training_faces", self.training_faces

    def encode(self, pixels: Tensor, *, components: int = COMPONENTS) -> Tensor:
        """Dot products of ``pixels [n, 1, 56, 46]`` minus the mean face with the first ``components`` eigenfaces.

        Gives ``[n, 319]``; the axes after ``components`` are 0.
        """
        codes = (pixels.flatten(1) - self.mean) @ self.basis.T
        return codes * self._used(components)

    def decode(self, z: Tensor, *, components: int = COMPONENTS) -> Tensor:
        """Mean face plus the first ``components`` eigenfaces weighted by ``z [n, 319]``, cut to 0..1."""
        return self.linear(z, components=components).clamp(0.0, 1.0)

    @wb.maps(eigenface_number, to=pixels)
    def eigenface(self, positions: Tensor) -> Tensor:
        """Eigenfaces as pictures ``[n, 1, 56, 46]``: 0.5 is zero, the largest weight of each is 0 or 1."""
        chosen = self.basis[positions.long()]
        drawn = 0.5 + chosen / (2 * chosen.abs().amax(dim=1, keepdim=True))
        return drawn.view(-1, 1, HEIGHT, WIDTH)

    def linear(self, z: Tensor, *, components: int = COMPONENTS) -> Tensor:
        """As :meth:`decode`, not cut to the range of pictures: ``[n, 1, 56, 46]``, exactly linear in ``z``."""
        return (self.mean + (z * self._used(components)) @ self.basis).view(-1, 1, HEIGHT, WIDTH)

    def eigenfaces(self, components: int = COMPONENTS) -> Tensor:
        """The first eigenfaces as unit vectors in the shape of pictures, ``[components, 1, 56, 46]``.

        >>> [round(float(one.norm()), 5) for one in Eigenfaces().eigenfaces(2)]
        [1.0, 1.0]
        """
        self._used(components)
        return self.basis[:components].view(-1, 1, HEIGHT, WIDTH)

    def reconstruction_error(self, pixels: Tensor, components: int) -> tuple[Tensor, Tensor]:
        """How far ``pixels [n, 1, 56, 46]`` are from their reconstruction by the first ``components`` eigenfaces.

        Returns
        -------
        tuple of Tensor
            Mean absolute difference (L1) and root of the mean squared difference (L2) of each picture, ``[n]``, in
            grey values, taken before the reconstruction is cut to 0..1. L2 can only fall as components are added.
        """
        difference = pixels - self.linear(self.encode(pixels), components=components)
        return difference.abs().mean(dim=(1, 2, 3)), difference.square().mean(dim=(1, 2, 3)).sqrt()

    def _used(self, components: int) -> Tensor:
        if not 0 <= components <= COMPONENTS:
            raise wb.MapError(f"components is {components}: eigenfaces has 0 to {COMPONENTS} of them")
        return (torch.arange(COMPONENTS, device=self.mean.device) < components).to(self.mean.dtype)
