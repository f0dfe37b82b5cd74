# SPDX-License-Identifier: Apache-2.0
"""From a network of pictures to the space of sentences: the expected row of a classifier, and a ridge with its length.

A picture has no row among the weights of a classifier. Its place there is the row that the classifier expects: the
mean of all rows, weighted by the probabilities that it gives the classes, which is the gradient of its log partition
function by the features. M. Norouzi and others (*Zero-Shot Learning by Convex Combination of Semantic Embeddings*,
2014) average the meanings of classes in this way, equation 2; here the rows are averaged, and the ridge says what
they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

RIDGE: Final = Path(__file__).parent / "ridge.safetensors"


class ExpectedRow(nn.Module):
    """Logits ``[n, classes]`` to ``[n, width]``: the rows of a classifier ``[classes, width]`` by their probability."""

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        self.probabilities = nn.Softmax(dim=1)
        self.rows = nn.Linear(rows.shape[0], rows.shape[1], bias=False)
        self.rows.weight = nn.Parameter(rows.T.contiguous())

    def forward(self, logits: Tensor) -> Tensor:
        expected: Tensor = self.rows(self.probabilities(logits))
        return expected


@dataclass(frozen=True)
class Ridge:
    """A fitted ridge: ``mean + length * unit(points @ weight.T + bias)``, all float32.

    Attributes
    ----------
    weight : ``[384, 1280]``
    bias : ``[384]``, so that the middle of the points that it was fitted on gives 0
    mean : ``[384]``, the mean of the sentences that it was fitted on
    length : how far these lie from their mean, on average
    """

    weight: Tensor
    bias: Tensor
    mean: Tensor
    length: float


def fit(points: Tensor, sentences: Tensor, strength: float) -> Ridge:
    """Ridge from points ``[n, width]`` to unit vectors of sentences ``[n, 384]``, both centred, in float64.

    ``strength`` is counted in mean squared lengths of the centred points, so that it means the same whatever their
    units: with ``K`` their products, the penalty is ``strength * trace(K) / n``.

    A ridge shrinks what it foretells towards the mean of the sentences, where nearest neighbours are the same few
    whoever asks (Y. Shigeto and others, *Ridge Regression, Hubness, and Zero-Shot Learning*, 2015, section 3). So only
    the direction from the mean is taken from it; the length is that of real sentences.

    >>> ridge = fit(torch.eye(3), torch.eye(3), 1e-6)
    >>> Placement(ridge)(torch.eye(3)).argmax(dim=1).tolist()
    [0, 1, 2]
    """
    points, sentences = points.double(), sentences.double()
    middle, mean = points.mean(dim=0), sentences.mean(dim=0)
    centred, apart = points - middle, sentences - mean
    products = centred @ centred.T
    penalty = strength * products.diagonal().mean() * torch.eye(len(points), dtype=torch.float64)
    weight = torch.linalg.solve(products + penalty, apart).T @ centred
    length = float(apart.norm(dim=1).mean())
    return Ridge(weight.float(), (-weight @ middle).float(), mean.float(), length)


def read_ridge(path: Path = RIDGE) -> Ridge:
    """The ridge that is kept beside this module, from float16."""
    held = {name: one.float() for name, one in load_file(path).items()}
    return Ridge(held["weight"], held["bias"], held["mean"], float(held["length"]))


class Placement(nn.Module):
    """The ridge as a network: points ``[n, 1280]`` to unit vectors ``[n, 384]`` of the space of sentences."""

    mean: Tensor
    length: Tensor

    def __init__(self, ridge: Ridge) -> None:
        super().__init__()
        self.ridge = nn.Linear(ridge.weight.shape[1], ridge.weight.shape[0])
        self.ridge.weight = nn.Parameter(ridge.weight.clone())
        self.ridge.bias = nn.Parameter(ridge.bias.clone())
        self.register_buffer("mean", ridge.mean.clone())
        self.register_buffer("length", torch.tensor(ridge.length))

    def forward(self, points: Tensor) -> Tensor:
        direction = functional.normalize(self.ridge(points), dim=1)
        return functional.normalize(self.mean + self.length * direction, dim=1)
